SELECT id, process, starting_at, operator, requested_at FROM replays WHERE finished_at IS NULL ORDER BY id
