-- name: sources
SELECT source, count(*)::integer AS tracklists, count(*) FILTER (WHERE counted)::integer AS counted,
       min(set_date) FILTER (WHERE set_date_precision = 'day') AS first_day,
       max(set_date) FILTER (WHERE set_date_precision = 'day') AS last_day,
       max(last_observed_at) AS last_observed_at
FROM silver_enriched_playlists
GROUP BY source
ORDER BY source COLLATE "C"
