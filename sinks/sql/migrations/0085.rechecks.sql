-- Schedule of the look-ups that follow a miss. Its times derive from the archived attempts; the worker writes a row when it
-- has finished a request, and `songnodes replay enrich --from earliest` writes all of them again.

CREATE TABLE enrichment_rechecks (
    subject               text PRIMARY KEY,
    is_artist             boolean NOT NULL,
    part                  smallint NOT NULL,
    worth_level           smallint NOT NULL,
    due_at                timestamptz NOT NULL,
    requested_at          timestamptz NOT NULL,
    request               bytea NOT NULL
);

CREATE INDEX enrichment_rechecks_due ON enrichment_rechecks (is_artist, part, worth_level, due_at);

COMMENT ON TABLE enrichment_rechecks IS
    'Tracks and artists with calls that are sent again without a new request: misses after 1 day, doubling to 32, and profiles of artists after 180 days.';
COMMENT ON COLUMN enrichment_rechecks.subject IS
    'first part of the key of the answers: track_id, or artist_id|artist';
COMMENT ON COLUMN enrichment_rechecks.is_artist IS 'true: the request is for an artist';
COMMENT ON COLUMN enrichment_rechecks.part IS
    'partition of the request: the worker that has the partition looks the track or artist up';
COMMENT ON COLUMN enrichment_rechecks.worth_level IS
    'worth at the time that is due, as the power of two below it; the highest goes first';
COMMENT ON COLUMN enrichment_rechecks.due_at IS
    'earliest time at which one of its calls is sent again';
COMMENT ON COLUMN enrichment_rechecks.requested_at IS 'time of the request';
COMMENT ON COLUMN enrichment_rechecks.request IS
    'newest request as in enrichment.requests or enrichment.artist_requests';
