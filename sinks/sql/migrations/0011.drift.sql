-- Knowing when a site changed. Nothing here is needed to compute silver or gold: a hold is a header of the page
-- it holds. Losing these tables loses what was learned of the sites; alarms come back from bronze.decisions.

-- What the newest pages of each source, kind and parser version showed, in the order in which they were seen.
CREATE TABLE drift_observations (
    seq              bigint GENERATED ALWAYS AS IDENTITY,
    source           text NOT NULL,
    kind             text NOT NULL,
    parser_version   integer NOT NULL,
    page_id          text NOT NULL,
    sha256           text NOT NULL,
    failure          text,                       -- reason of the poison, where the page gave nothing
    kept             jsonb NOT NULL,             -- contract -> whether all records kept it
    fields           jsonb NOT NULL,             -- field -> [filled places, all places]
    structure        text[] NOT NULL,            -- the form of the row containers
    seen_at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (page_id, sha256, parser_version)
);
CREATE INDEX drift_observations_subject ON drift_observations (source, kind, parser_version, seq);

CREATE TABLE drift_alarms (
    id               text PRIMARY KEY,           -- source:kind:vVERSION:measure:NUMBER
    source           text NOT NULL,
    kind             text NOT NULL,
    parser_version   integer NOT NULL,
    measure          text NOT NULL,
    since            bigint NOT NULL,            -- seq of the oldest page of the window that gave it away
    holds            boolean NOT NULL,
    evidence         jsonb NOT NULL,
    raised_at        timestamptz NOT NULL,
    announced_at     timestamptz,                -- when bronze.decisions had it
    released_at      timestamptz,
    released_by      text,
    release_reason   text
);
CREATE INDEX drift_alarms_open ON drift_alarms (source, kind, parser_version) WHERE released_at IS NULL;

-- Where the watch stands in bronze.pages, moved in the transaction of the observations.
CREATE TABLE drift_positions (
    topic            text NOT NULL,              -- its name on the broker
    part             integer NOT NULL,
    next_offset      bigint NOT NULL,
    PRIMARY KEY (topic, part)
);

-- A page that a newer parser read again needs no reinsertion.
ALTER TABLE dead_letter_actions DROP CONSTRAINT dead_letter_actions_action_check;
ALTER TABLE dead_letter_actions ADD CONSTRAINT dead_letter_actions_action_check
    CHECK (action IN ('reinserted', 'dropped', 'reparsed'));
