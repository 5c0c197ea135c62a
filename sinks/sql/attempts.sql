-- name: known
SELECT part, record_offset, single, attempts, error FROM record_attempts WHERE process = $1 AND topic = $2;

-- name: record
INSERT INTO record_attempts (process, topic, part, record_offset, single, attempts, error)
SELECT $1, $2, part, record_offset, $5, attempts, $7
FROM unnest($3::integer[], $4::bigint[], $6::integer[]) AS attempt (part, record_offset, attempts)
ON CONFLICT (process, topic, part) DO UPDATE SET
    record_offset = excluded.record_offset,
    single = excluded.single,
    attempts = excluded.attempts,
    error = excluded.error,
    attempted_at = now();

-- name: set_aside
INSERT INTO set_aside AS held (process, kind, id, attempts, is_set_aside, error)
SELECT $1, $2, id, 1, $4, $5 FROM unnest($3::text[]) AS id
ON CONFLICT (process, kind, id) DO UPDATE SET
    attempts = held.attempts + 1,
    is_set_aside = excluded.is_set_aside,
    error = excluded.error,
    last_at = now();

-- name: failed
SELECT id, attempts, error FROM set_aside WHERE process = $1 AND kind = $2 AND id = ANY ($3::text[]);

-- name: recovered
DELETE FROM set_aside WHERE process = $1 AND kind = $2 AND id = ANY ($3::text[]);

-- name: mark
UPDATE set_aside SET is_set_aside = true, last_at = now() WHERE process = $1 AND kind = $2 AND id = $3;

-- name: any
SELECT EXISTS (SELECT FROM set_aside WHERE process = $1);
