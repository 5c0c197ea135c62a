-- What the sinks and refresh keep for themselves.

-- Where each sink stands, written with its rows in one transaction: the truth about offsets.
CREATE TABLE sink_offsets (
    sink                  text NOT NULL,
    topic                 text NOT NULL,         -- its name on the broker
    part                  integer NOT NULL,
    next_offset           bigint NOT NULL CHECK (next_offset >= 0),
    topic_id              text NOT NULL,         -- tells a topic that was deleted and made again
    updated_at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sink, topic, part)
);

-- The version at which a row went, so that an older record cannot bring it back.
CREATE TABLE gone_versions (
    relation              text NOT NULL,
    id                    text NOT NULL,
    version               bigint NOT NULL,
    pipeline_version      text NOT NULL,
    gone_at               timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (relation, id)
);

-- Ids whose refresh-owned columns may be out of date. Appended in the transaction of the change; refresh
-- deletes before it reads, so what it misses is still here for the next time.
CREATE TABLE refresh_queue (
    seq                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind                  text NOT NULL CHECK (kind IN ('track', 'artist', 'playlist')),
    id                    text NOT NULL
);

-- The day that scores are of, and when all of them were last made anew. One row.
CREATE TABLE refresh_state (
    singleton             boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    as_of                 date NOT NULL,
    pinned                boolean NOT NULL,      -- set by hand: midnight does not move it
    whole_at              timestamptz,
    whole_seconds         double precision
);

-- Half-saturation of the trending level per tick: by primary genre, '' for all tracks.
CREATE TABLE trending_kappa (
    subject               text NOT NULL CHECK (subject IN ('track', 'artist')),
    genre                 text NOT NULL,
    kappa                 double precision NOT NULL,
    active                integer NOT NULL,      -- tracks it was taken over
    PRIMARY KEY (subject, genre)
);

-- Every replay that was asked for: who, what, why, and what the counts were before and after.
CREATE TABLE replays (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    process               text NOT NULL,         -- stage or sink
    starting_at           text NOT NULL,         -- earliest, an offset or a time, as asked
    plan                  jsonb NOT NULL,        -- per topic and partition: from, to
    reason                text NOT NULL DEFAULT '',
    operator              text NOT NULL DEFAULT '',
    counts_before         jsonb,
    counts_after          jsonb,
    requested_at          timestamptz NOT NULL DEFAULT now(),
    finished_at           timestamptz
);
