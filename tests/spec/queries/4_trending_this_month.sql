-- Top Trending Tracks This Month
SELECT
  track_name,
  primary_artist,
  genres[1] as primary_genre,
  bpm,
  key,
  play_count,
  playlist_appearances,
  trending_score,
  ROW_NUMBER() OVER (ORDER BY trending_score DESC) as rank

FROM gold_track_analytics

WHERE last_seen_date >= NOW() - INTERVAL '30 days'

ORDER BY trending_score DESC
LIMIT 50;
