-- name: climbers
-- Risers of a window of days, by places gained; of a genre by places within it. Tracks not recorded then come last.
SELECT climbers.track_id, gold.primary_artist, gold.track_name, climbers.genre,
       CASE WHEN $2::text IS NULL THEN climbers.popularity_rank ELSE climbers.genre_rank END AS rank,
       CASE WHEN $2::text IS NULL THEN rank_before ELSE genre_rank_before END AS rank_before,
       CASE WHEN $2::text IS NULL THEN rise ELSE genre_rise END AS rise,
       climbers.score, climbers.dj_support, new_supporters, since, day
FROM gold_climbers AS climbers
LEFT JOIN gold_track_analytics AS gold ON gold.track_id = climbers.track_id
WHERE window_days = $1 AND ($2::text IS NULL OR climbers.genre = $2)
  AND coalesce(CASE WHEN $2::text IS NULL THEN rise ELSE genre_rise END, 1) > 0
ORDER BY CASE WHEN $2::text IS NULL THEN rise ELSE genre_rise END DESC NULLS LAST, rank, climbers.track_id
LIMIT $3;

-- name: rank_history
-- The recorded days of a track, newest first.
SELECT day, history.popularity_rank, genre, genre_rank, score, dj_support, is_before_rebuild
FROM gold_track_rank_history AS history
JOIN gold_rank_snapshots USING (day)
WHERE track_id = $1
ORDER BY day DESC
LIMIT $2;

-- name: year
-- The rank of one year of a track, and its age at play.
SELECT year_support, year_rank, median_age_days, dated_plays, plays_before_release
FROM (SELECT $1::text AS track_id) AS wanted
LEFT JOIN gold_track_year_ranks USING (track_id)
LEFT JOIN (SELECT * FROM gold_track_ages WHERE track_id = $1) AS ages USING (track_id);
