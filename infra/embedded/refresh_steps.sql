-- The steps of refresh.
SELECT step, succeeded_at, seconds, began_at, done, waiting, failures, error
FROM refresh_steps
ORDER BY step COLLATE "C"
