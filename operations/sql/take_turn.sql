-- Given back when the connection ends, however it ends.
SELECT pg_try_advisory_lock(hashtextextended(current_database() || %s, 0))
