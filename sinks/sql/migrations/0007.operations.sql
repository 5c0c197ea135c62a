-- What operators did with dead letters. Appended, never changed: a letter may be taken up again. Kafka keeps
-- the letters themselves; a row here only says that somebody dealt with one.
CREATE TABLE dead_letter_actions (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic                 text NOT NULL,         -- the dead-letter topic's name on the broker
    topic_id              text NOT NULL,         -- tells a topic that was deleted and made again
    part                  integer NOT NULL,
    letter_offset         bigint NOT NULL CHECK (letter_offset >= 0),
    action                text NOT NULL CHECK (action IN ('reinserted', 'dropped')),
    at                    timestamptz NOT NULL DEFAULT now(),
    who                   text NOT NULL,
    note                  text NOT NULL DEFAULT ''
);
CREATE INDEX dead_letter_actions_letter ON dead_letter_actions (topic, topic_id, part, letter_offset);
