-- name: observe
INSERT INTO drift_observations (source, kind, parser_version, page_id, sha256, failure, kept, fields, structure)
VALUES (%(source)s, %(kind)s, %(parser_version)s, %(page_id)s, %(sha256)s, %(failure)s,
        %(kept)s, %(fields)s, %(structure)s)
ON CONFLICT DO NOTHING
RETURNING seq;

-- name: seq_of
SELECT seq FROM drift_observations
WHERE page_id = %(page_id)s AND sha256 = %(sha256)s AND parser_version = %(parser_version)s;

-- name: recent
-- What was seen since the last release: before it another form of the site was the usual one.
SELECT page_id, sha256, failure, kept, fields, structure
FROM drift_observations
WHERE source = %(source)s AND kind = %(kind)s AND parser_version = %(parser_version)s
  AND seq >= coalesce((
      SELECT max(since) FROM drift_alarms
      WHERE source = %(source)s AND kind = %(kind)s AND parser_version = %(parser_version)s
        AND released_at IS NOT NULL), 0)
ORDER BY seq DESC
LIMIT %(most)s;

-- name: forget
DELETE FROM drift_observations
WHERE source = %(source)s AND kind = %(kind)s AND parser_version = %(parser_version)s
  AND seq < (
      SELECT min(seq) FROM (
          SELECT seq FROM drift_observations
          WHERE source = %(source)s AND kind = %(kind)s AND parser_version = %(parser_version)s
          ORDER BY seq DESC
          LIMIT %(most)s) AS kept);

-- name: alarm
INSERT INTO drift_alarms (id, source, kind, parser_version, measure, since, holds, evidence, raised_at)
VALUES (%(id)s, %(source)s, %(kind)s, %(parser_version)s, %(measure)s, %(since)s, %(holds)s, %(evidence)s,
        %(raised_at)s)
ON CONFLICT DO NOTHING;

-- name: alarms
SELECT id, source, kind, parser_version, measure, since, holds, evidence, raised_at, announced_at,
       released_at, released_by, release_reason
FROM drift_alarms
ORDER BY raised_at, id;

-- name: announced
UPDATE drift_alarms SET announced_at = %(at)s WHERE id = %(id)s AND announced_at IS NULL;

-- name: release
UPDATE drift_alarms
SET released_at = %(at)s, released_by = %(who)s, release_reason = %(reason)s
WHERE id = %(id)s AND released_at IS NULL;

-- name: holding
SELECT id FROM drift_alarms
WHERE source = %(source)s AND kind = %(kind)s AND parser_version = %(parser_version)s
  AND holds AND released_at IS NULL
ORDER BY raised_at, id;

-- name: positions
SELECT part, next_offset FROM drift_positions WHERE topic = %(topic)s;

-- name: move
INSERT INTO drift_positions (topic, part, next_offset)
VALUES (%(topic)s, %(part)s, %(next_offset)s)
ON CONFLICT (topic, part) DO UPDATE SET next_offset = excluded.next_offset;

-- name: take_turn
-- One watch at a time; given back when the connection ends, however it ends.
SELECT pg_try_advisory_lock(hashtextextended(current_database() || 'drift', 0));

-- name: accept
-- Observations from this place on are the usual form: for tables that were filled again.
UPDATE drift_alarms SET since = greatest(since, %(since)s)
WHERE source = %(source)s AND kind = %(kind)s AND parser_version = %(parser_version)s
  AND released_at IS NOT NULL;
