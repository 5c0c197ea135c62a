-- gold_playlist_analytics: the newest sets
SELECT set_date, title, analytics.row_count AS rows, analytics.identified_count AS identified,
       identified_share AS share, bpm_min, bpm_max
FROM gold_playlist_analytics AS analytics
JOIN silver_enriched_playlists USING (playlist_id)
ORDER BY set_date DESC, playlist_id
LIMIT 8
