-- Ranks by day and ranks of one year.

-- name: may_record
-- True if the day is that of the scores, not set by hand, and no later day is recorded.
SELECT EXISTS (SELECT FROM refresh_state WHERE as_of = $1 AND NOT pinned)
   AND NOT EXISTS (SELECT FROM gold_rank_snapshots WHERE day > $1);

-- name: record
-- Record the day: the first $2 tracks of all, the first $3 of each genre, the first $4 by score, with support only.
-- Returns their number.
WITH trending AS (
    SELECT track_id
    FROM gold_track_scores JOIN gold_track_counts USING (track_id)
    WHERE trending_score > 0 AND dj_support > 0
    ORDER BY trending_score DESC, track_id COLLATE "C"
    LIMIT $4
), chosen AS (
    SELECT ranks.track_id COLLATE "C" AS track_id, popularity_rank, genre, genre_rank, trending_score AS score, dj_support
    FROM gold_track_ranks AS ranks
    JOIN gold_track_counts USING (track_id)
    JOIN gold_track_scores USING (track_id)
    WHERE popularity_rank IS NOT NULL AND dj_support > 0
      AND (popularity_rank <= $2 OR genre_rank <= $3 OR ranks.track_id IN (SELECT track_id FROM trending))
), removed AS (
    DELETE FROM gold_track_rank_history AS recorded
    WHERE day = $1 AND NOT EXISTS (SELECT FROM chosen WHERE chosen.track_id = recorded.track_id)
), written AS (
    INSERT INTO gold_track_rank_history AS recorded
        (track_id, day, popularity_rank, genre, genre_rank, score, dj_support)
    SELECT track_id, $1, popularity_rank, genre, genre_rank, score, dj_support FROM chosen
    ON CONFLICT (track_id, day) DO UPDATE SET
        popularity_rank = excluded.popularity_rank,
        genre = excluded.genre,
        genre_rank = excluded.genre_rank,
        score = excluded.score,
        dj_support = excluded.dj_support
    WHERE (recorded.popularity_rank, recorded.genre, recorded.genre_rank, recorded.score, recorded.dj_support)
        IS DISTINCT FROM
        (excluded.popularity_rank, excluded.genre, excluded.genre_rank, excluded.score, excluded.dj_support)
)
INSERT INTO gold_rank_snapshots AS snapshot (day, track_count, pipeline_version, recorded_at)
SELECT $1, count(*), $5, now() FROM chosen
ON CONFLICT (day) DO UPDATE SET
    track_count = excluded.track_count,
    is_before_rebuild = false,
    pipeline_version = excluded.pipeline_version,
    recorded_at = excluded.recorded_at
RETURNING track_count;

-- name: mark_rebuilt
-- The days before the rebuild stay as they were recorded.
UPDATE gold_rank_snapshots SET is_before_rebuild = true WHERE NOT is_before_rebuild;

-- name: year_ranks
WITH supported AS (
    SELECT track_id COLLATE "C" AS track_id, dj_support, (
        SELECT sum(weight) FROM unnest(support_dates, support_weights) AS support (day, weight)
        WHERE day >= $1::date - 365 AND day < $1::date
    ) AS year_support
    FROM gold_track_counts
), ranked AS (
    SELECT track_id, year_support,
           row_number() OVER (ORDER BY year_support DESC, dj_support DESC, track_id) AS place
    FROM supported
    WHERE year_support > 0
), removed AS (
    DELETE FROM gold_track_year_ranks AS held
    WHERE NOT EXISTS (SELECT FROM ranked WHERE ranked.track_id = held.track_id)
)
INSERT INTO gold_track_year_ranks AS held (track_id, year_support, year_rank)
SELECT track_id, year_support, place FROM ranked
ON CONFLICT (track_id) DO UPDATE SET year_support = excluded.year_support, year_rank = excluded.year_rank
WHERE (held.year_support, held.year_rank) <> (excluded.year_support, excluded.year_rank);
