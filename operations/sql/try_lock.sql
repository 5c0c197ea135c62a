-- The lock is released when the connection ends, for whatever reason.
SELECT pg_try_advisory_lock(hashtextextended(current_database() || %s, 0))
