INSERT INTO replays (process, starting_at, plan, reason, operator, counts_before)
VALUES (%s, %s, %s, %s, %s, %s)
RETURNING id
