-- gold_artist_analytics: the most supported artists
SELECT popularity_rank AS rank, name, play_count AS plays, playlist_appearances AS sets,
       dj_support AS djs, sets_played, trending_score AS trending
FROM gold_artist_analytics
ORDER BY popularity_rank
LIMIT 8
