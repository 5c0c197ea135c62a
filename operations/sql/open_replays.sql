-- Return replays without an end that were not repeated.
SELECT id, process, starting_at, operator, requested_at
FROM replays AS begun
WHERE finished_at IS NULL
  AND NOT EXISTS (
      SELECT FROM replays AS later
      WHERE later.process = begun.process AND later.id > begun.id AND later.finished_at IS NOT NULL
  )
ORDER BY id
