-- name: climbers
-- Risers of a window of days, by places gained; of a genre by places within it. Tracks not recorded then come last.
SELECT climbers.track_id, gold.primary_artist, gold.track_name, climbers.genre,
       CASE WHEN $2::text IS NULL THEN climbers.popularity_rank ELSE climbers.genre_rank END AS rank,
       CASE WHEN $2::text IS NULL THEN rank_before ELSE genre_rank_before END AS rank_before,
       CASE WHEN $2::text IS NULL THEN rise ELSE genre_rise END AS rise,
       gold.bpm, gold.camelot, climbers.score, climbers.dj_support, new_supporters, since, day
FROM gold_climbers AS climbers
LEFT JOIN gold_track_counts AS gold ON gold.track_id = climbers.track_id COLLATE "default"
WHERE window_days = $1 AND ($2::text IS NULL OR climbers.genre = $2)
  AND coalesce(CASE WHEN $2::text IS NULL THEN rise ELSE genre_rise END, 1) > 0
ORDER BY CASE WHEN $2::text IS NULL THEN rise ELSE genre_rise END DESC NULLS LAST, rank, climbers.track_id
LIMIT $3;

-- name: rank_history
-- The recorded days of a track and of those merged into it, newest first.
SELECT day, ranks.popularity_rank, genre, genre_rank, score, dj_support, is_before_rebuild, recorded_id
FROM gold_track_ranks_by_day AS ranks
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
-- ($5), of a primary genre ($6); each of them optional. A period counts plays with an exact day only. Distinct DJs are
-- counted for the tracks that may be among the best: the DJs of all plays of a track, repeated ones too, are a bound.
WITH plays AS MATERIALIZED (
    SELECT plays.track_id, playlist_id, dj_ids
    FROM gold_plays AS plays
    WHERE ($1::text IS NULL OR lower(country) = lower($1))
      AND ($2::text IS NULL OR lower(venue) = lower($2))
      AND ($3::text IS NULL OR set_type = $3)
      AND ($4::date IS NULL OR day >= $4)
      AND ($5::date IS NULL OR day <= $5)
), bounds AS MATERIALIZED (
    SELECT track_id, sum(cardinality(dj_ids)) AS most FROM plays GROUP BY track_id
), likely AS MATERIALIZED ( -- the genre is looked up in order of the bounds, until there are enough
    SELECT track_id
    FROM (SELECT track_id, most FROM bounds ORDER BY most DESC OFFSET 0) AS ordered
    WHERE $6::text IS NULL
       OR (SELECT genres[1] FROM gold_track_counts AS gold WHERE gold.track_id = ordered.track_id) = $6
    ORDER BY most DESC
    LIMIT $7 * 2
), least AS ( -- DJs of the last of the best among these: a track with a lower bound is none of the best
    SELECT count(DISTINCT dj_id) AS djs
    FROM plays JOIN likely USING (track_id) CROSS JOIN unnest(dj_ids) AS dj_id
    GROUP BY track_id
    ORDER BY djs DESC
    OFFSET $7 - 1 LIMIT 1
), possible AS MATERIALIZED (
    SELECT track_id
    FROM (SELECT track_id FROM bounds WHERE most >= coalesce((SELECT djs FROM least), 0) OFFSET 0) AS bounded
    WHERE $6::text IS NULL
       OR (SELECT genres[1] FROM gold_track_counts AS gold WHERE gold.track_id = bounded.track_id) = $6
), candidates AS MATERIALIZED (
    SELECT track_id, playlist_id, dj_ids FROM plays JOIN possible USING (track_id)
), supports AS (
    SELECT track_id, count(DISTINCT dj_id) AS djs
    FROM candidates CROSS JOIN unnest(dj_ids) AS dj_id
    GROUP BY track_id
), counts AS (
    SELECT track_id, count(DISTINCT playlist_id) AS sets, count(*) AS plays FROM candidates GROUP BY track_id
), best AS (
    SELECT track_id, coalesce(djs, 0) AS djs, sets, plays
    FROM counts LEFT JOIN supports USING (track_id)
    ORDER BY djs DESC, sets DESC, track_id COLLATE "C"
    LIMIT $7
)
SELECT row_number() OVER (ORDER BY djs DESC, sets DESC, track_id COLLATE "C") AS rank, track_id, primary_artist, track_name,
       gold.genres[1] AS genre, bpm, camelot, djs::integer AS dj_support, sets::integer AS playlist_appearances,
       plays::integer AS play_count, trending_score
FROM best LEFT JOIN gold_track_analytics AS gold USING (track_id)
ORDER BY rank;

-- name: top_of_days
-- Tracks by distinct DJs, then sets, from $1 to $2, of a primary genre ($4); $3: the years and months that have all these
-- days. Of each the first $6 tracks are read: the DJs of a track in all of them bound its DJs of the period, which are
-- counted for the tracks that may be among the best $5. `unread` bounds the DJs of all tracks that were not read: the
-- answer is right if its last row has more. Counts of less than 4 DJs are not stored.
WITH heads AS MATERIALIZED (
    SELECT period, head.track_id, head.djs
    FROM unnest($3::text[]) AS periods (period)
    CROSS JOIN LATERAL (
        SELECT track_id, dj_support AS djs
        FROM gold_cut_counts AS counts
        WHERE kind = 'all' AND value = '' AND counts.period = periods.period
          AND ($4::text IS NULL OR (
              SELECT genres[1] FROM gold_track_counts AS gold WHERE gold.track_id = counts.track_id COLLATE "default"
          ) = $4)
        ORDER BY dj_support DESC, playlist_appearances DESC, track_id
        LIMIT $6
    ) AS head
), floors AS MATERIALIZED (
    SELECT period, CASE WHEN count(track_id) < $6 THEN 3 ELSE min(djs) END AS djs
    FROM unnest($3::text[]) AS periods (period) LEFT JOIN heads USING (period)
    GROUP BY period
), unread AS MATERIALIZED (
    SELECT sum(djs)::integer AS djs FROM floors
), bounds AS MATERIALIZED (
    SELECT track_id, sum(heads.djs - floors.djs) + (SELECT djs FROM unread) AS most
    FROM heads JOIN floors USING (period)
    GROUP BY track_id
), least AS MATERIALIZED ( -- DJs of the last of the best among those with the highest bounds
    SELECT counted.djs
    FROM (SELECT track_id FROM bounds ORDER BY most DESC LIMIT $5 * 2) AS likely
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT dj) AS djs
        FROM cut_track_plays AS plays
        CROSS JOIN LATERAL unnest(
            plays.djs[width_bucket($1::date - 1, plays.days) + 1:width_bucket($2::date, plays.days)]
        ) AS dj
        WHERE plays.track_id = likely.track_id AND dj > 0
    ) AS counted
    ORDER BY counted.djs DESC
    OFFSET $5 - 1 LIMIT 1
), best AS (
    SELECT bounds.track_id, counted.djs, counted.sets, counted.plays
    FROM bounds
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT dj) FILTER (WHERE dj > 0) AS djs, count(*) FILTER (WHERE element.plays > 0) AS sets,
               sum(element.plays) AS plays
        FROM cut_track_plays AS held
        CROSS JOIN LATERAL (
            SELECT width_bucket($1::date - 1, held.days) + 1 AS first, width_bucket($2::date, held.days) AS last
        ) AS part
        CROSS JOIN LATERAL unnest(held.djs[part.first:part.last], held.plays[part.first:part.last]) AS element (dj, plays)
        WHERE held.track_id = bounds.track_id
    ) AS counted
    WHERE bounds.most >= coalesce((SELECT djs FROM least), 0) AND counted.sets > 0
    ORDER BY counted.djs DESC, counted.sets DESC, bounds.track_id
    LIMIT $5
)
SELECT row_number() OVER (ORDER BY djs DESC, sets DESC, best.track_id) AS rank, best.track_id, primary_artist, track_name,
       gold.genres[1] AS genre, bpm, camelot, djs::integer AS dj_support, sets::integer AS playlist_appearances,
       plays::integer AS play_count, trending_score, (SELECT djs FROM unread) AS unread
FROM best LEFT JOIN gold_track_analytics AS gold ON gold.track_id = best.track_id COLLATE "default"
ORDER BY rank;

-- name: top_of_stored_cut
-- Tracks by distinct DJs, then sets, of a kind ($1), place ($2), type of set ($3) and period ($4) of gold_cut_counts, of a
-- primary genre ($5).
-- They are read in the order of the index and the genre is looked up one by one, until there are enough. Ids are compared
-- by the default collation, which the index of the tracks has.
WITH best AS MATERIALIZED (
    SELECT track_id, dj_support, playlist_appearances, play_count
    FROM gold_cut_counts AS counts
    WHERE kind = $1 AND value = concat_ws('|', $3::text, lower($2::text)) AND period = $4
      AND ($5::text IS NULL OR (
          SELECT genres[1] FROM gold_track_counts AS gold WHERE gold.track_id = counts.track_id COLLATE "default"
      ) = $5)
    ORDER BY dj_support DESC, playlist_appearances DESC, track_id
    LIMIT $6
)
SELECT row_number() OVER (ORDER BY best.dj_support DESC, best.playlist_appearances DESC, best.track_id) AS rank,
       best.track_id, primary_artist, track_name, gold.genres[1] AS genre, bpm, camelot, best.dj_support,
       best.playlist_appearances, best.play_count, trending_score
FROM best LEFT JOIN gold_track_analytics AS gold ON gold.track_id = best.track_id COLLATE "default"
ORDER BY rank;
