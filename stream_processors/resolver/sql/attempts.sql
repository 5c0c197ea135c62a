-- name: known
SELECT topic, part, record_offset, single, attempts, error FROM record_attempts WHERE process = 'resolver';

-- name: record
INSERT INTO record_attempts (process, topic, part, record_offset, single, attempts, error)
SELECT 'resolver', topic, part, record_offset, single, attempts, error
FROM jsonb_to_recordset(%(rows)s) AS given (
    topic text, part integer, record_offset bigint, single boolean, attempts integer, error text
)
ON CONFLICT (process, topic, part) DO UPDATE SET
    record_offset = excluded.record_offset,
    single = excluded.single,
    attempts = excluded.attempts,
    error = excluded.error,
    attempted_at = now();

-- name: forget
DELETE FROM record_attempts WHERE process = 'resolver' AND topic = %(topic)s;

-- name: set_aside
INSERT INTO set_aside AS held (process, kind, id, attempts, is_set_aside, error)
VALUES ('resolver', %(kind)s, %(id)s, 1, %(is_set_aside)s, %(error)s)
ON CONFLICT (process, kind, id) DO UPDATE SET
    attempts = held.attempts + 1,
    is_set_aside = excluded.is_set_aside,
    error = excluded.error,
    last_at = now();

-- name: failed_marks
SELECT kind, id, attempts, error FROM set_aside WHERE process = 'resolver' AND kind <> 'record';

-- name: recovered
DELETE FROM set_aside WHERE process = 'resolver' AND kind = %(kind)s AND id = %(id)s;

-- name: marked_again
SELECT failed.kind, failed.id
FROM set_aside AS failed JOIN resolver_marks AS mark ON mark.kind = failed.kind AND mark.name = failed.id
WHERE failed.process = 'resolver';

-- name: first_mark
-- The mark that is handled first: those of claims and ids before those of playlists.
SELECT kind, name FROM resolver_marks ORDER BY kind = 'playlist', kind, name LIMIT 1;

-- name: drop_mark
DELETE FROM resolver_marks WHERE kind = %(kind)s AND name = %(id)s;
