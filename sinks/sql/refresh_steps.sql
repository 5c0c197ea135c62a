-- name: began
INSERT INTO refresh_steps (step, began_at, done) VALUES ($1, now(), 0)
ON CONFLICT (step) DO UPDATE SET began_at = now(), done = 0;

-- name: progress
INSERT INTO refresh_steps (step, done, waiting) VALUES ($1, $2, $3)
ON CONFLICT (step) DO UPDATE SET done = excluded.done, waiting = excluded.waiting;

-- name: succeeded
UPDATE refresh_steps
SET succeeded_at = now(), seconds = $2, began_at = NULL, failures = 0, error = NULL
WHERE step = $1;

-- name: failed
UPDATE refresh_steps
SET began_at = NULL, failures = failures + 1, error = $2, failed_at = now()
WHERE step = $1;

-- name: unfinished
SELECT began_at FROM refresh_steps WHERE step = $1;

-- name: ended
UPDATE refresh_steps
SET succeeded_at = now(), seconds = extract(epoch FROM now() - began_at), began_at = NULL, failures = 0, error = NULL
WHERE step = $1;
