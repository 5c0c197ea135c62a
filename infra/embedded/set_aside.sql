-- What was set aside, the latest first; no more than an operator looks at.
SELECT process, kind, id, attempts, is_set_aside, error, last_at
FROM set_aside
ORDER BY last_at DESC, process, kind, id
LIMIT 100
