-- Records and entities whose handling ended a process, so that a restart does not end the same way for ever.

-- The last attempt per partition. Written once when a partition is assigned, and per record only after a
-- start that made no progress; a row whose offset is not the stored position is out of date.
CREATE TABLE record_attempts (
    process               text NOT NULL,         -- sink TOPIC, resolver
    topic                 text NOT NULL,         -- its name on the broker
    part                  integer NOT NULL,
    record_offset         bigint NOT NULL,       -- of the record, or of the first one of the batch
    single                boolean NOT NULL,      -- the record was handled alone
    attempts              integer NOT NULL CHECK (attempts > 0),
    error                 text,                  -- NULL: the process ended without one (killed, out of memory)
    attempted_at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (process, topic, part)
);

-- What was passed over so that the rest could go on: records (dead letters) and entities of refresh and the
-- resolver. An entity is deleted here when it is handled successfully again.
CREATE TABLE set_aside (
    process               text NOT NULL,
    kind                  text NOT NULL,         -- record, or the kind of entity: track, artist, playlist, claim, id
    id                    text NOT NULL,         -- of the entity, or TOPIC[PARTITION]@OFFSET
    attempts              integer NOT NULL CHECK (attempts > 0),
    is_set_aside          boolean NOT NULL,      -- false: failed, and is tried again
    error                 text NOT NULL,
    first_at              timestamptz NOT NULL DEFAULT now(),
    last_at               timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (process, kind, id)
);
