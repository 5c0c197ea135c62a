-- What was set aside, the latest first.
SELECT process, kind, id, attempts, is_set_aside, error, last_at
FROM set_aside
ORDER BY last_at DESC, process, kind, id
LIMIT %s
