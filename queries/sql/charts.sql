-- name: climbers
-- Risers of a window of days, by places gained; of a genre by places within it. Tracks not recorded then come last.
SELECT climbers.track_id, gold.primary_artist, gold.track_name, climbers.genre,
       CASE WHEN $2::text IS NULL THEN climbers.popularity_rank ELSE climbers.genre_rank END AS rank,
       CASE WHEN $2::text IS NULL THEN rank_before ELSE genre_rank_before END AS rank_before,
       CASE WHEN $2::text IS NULL THEN rise ELSE genre_rise END AS rise,
       gold.bpm, gold.camelot, climbers.score, climbers.dj_support, new_supporters, since, day
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

-- name: top_of_cut
-- Tracks by distinct DJs, then sets, of the plays in a country ($1), at a venue ($2), in a type of set ($3), from ($4) to
-- ($5), of a primary genre ($6); each of them optional. A period counts plays with an exact day only.
WITH by_set AS MATERIALIZED (
    SELECT plays.track_id, playlist_id, dj_ids, count(*) AS plays
    FROM gold_plays AS plays
    WHERE ($1::text IS NULL OR lower(country) = lower($1))
      AND ($2::text IS NULL OR lower(venue) = lower($2))
      AND ($3::text IS NULL OR set_type = $3)
      AND ($4::date IS NULL OR day >= $4)
      AND ($5::date IS NULL OR day <= $5)
      AND ($6::text IS NULL OR EXISTS (
          SELECT FROM gold_track_analytics AS tracks WHERE tracks.track_id = plays.track_id AND tracks.genres[1] = $6
      ))
    GROUP BY plays.track_id, playlist_id, dj_ids
), supports AS (
    SELECT track_id, count(*) AS djs
    FROM (SELECT DISTINCT track_id, dj_id FROM by_set CROSS JOIN unnest(dj_ids) AS dj_id) AS supporters
    GROUP BY track_id
), counts AS (
    SELECT track_id, count(*) AS sets, sum(plays) AS plays FROM by_set GROUP BY track_id
), ranked AS (
    SELECT row_number() OVER (ORDER BY coalesce(djs, 0) DESC, sets DESC, track_id COLLATE "C") AS rank, track_id,
           coalesce(djs, 0)::integer AS dj_support, sets::integer AS playlist_appearances, plays::integer AS play_count
    FROM counts LEFT JOIN supports USING (track_id)
    ORDER BY rank
    LIMIT $7
)
SELECT rank, track_id, primary_artist, track_name, gold.genres[1] AS genre, bpm, camelot, ranked.dj_support,
       ranked.playlist_appearances, ranked.play_count, trending_score
FROM ranked LEFT JOIN gold_track_analytics AS gold USING (track_id)
ORDER BY rank;
