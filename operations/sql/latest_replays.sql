-- Return the latest replays, the newest first.
SELECT id, process, starting_at, operator, requested_at, finished_at
FROM replays
ORDER BY id DESC
LIMIT %s
