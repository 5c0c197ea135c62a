-- Tracks and artists whose misses are looked up again, those that are due by now, and the next time.
SELECT
    CASE WHEN is_artist THEN 'artists' ELSE 'tracks' END AS kind,
    count(*) AS scheduled,
    count(*) FILTER (WHERE due_at <= now()) AS due,
    min(due_at) AS next_at
FROM enrichment_rechecks
GROUP BY is_artist
ORDER BY is_artist;
