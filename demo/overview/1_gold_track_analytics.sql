-- gold_track_analytics: the most supported tracks
SELECT popularity_rank AS rank, primary_artist || ' - ' || track_name AS track, play_count AS plays,
       playlist_appearances AS sets, dj_support AS djs, trending_score AS trending,
       bpm, camelot, last_seen_date AS last_seen
FROM gold_track_analytics
ORDER BY popularity_rank
LIMIT 10
