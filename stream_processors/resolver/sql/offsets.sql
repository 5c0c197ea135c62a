-- name: known
SELECT topic, part, next_offset, topic_id FROM resolver_offsets;

-- name: begin
INSERT INTO resolver_offsets (topic, part, next_offset, topic_id)
SELECT topic, part, next_offset, topic_id
FROM jsonb_to_recordset(%(rows)s) AS given (topic text, part integer, next_offset bigint, topic_id text)
ON CONFLICT (topic, part) DO NOTHING;

-- name: advance
UPDATE resolver_offsets AS held
SET next_offset = given.next_offset
FROM jsonb_to_recordset(%(rows)s) AS given (topic text, part integer, expected bigint, next_offset bigint)
WHERE held.topic = given.topic AND held.part = given.part AND held.next_offset = given.expected
RETURNING held.part;

-- name: progress
SELECT coalesce(sum(next_offset), 0)::bigint FROM resolver_offsets;

-- name: forget
TRUNCATE resolver_offsets, resolver_playlists, resolver_sightings, resolver_answers, resolver_claims, resolver_decisions,
    resolver_events, resolver_marks, track_canonical, track_links, set_links;

-- name: try_lock
SELECT pg_try_advisory_lock(%(key)s);
