-- name: exclusive
SELECT pg_advisory_xact_lock(1936618599);

-- name: state
SELECT as_of, pinned, whole_at, whole_seconds FROM refresh_state;

-- name: tick
INSERT INTO refresh_state (as_of, pinned) VALUES ($1, $2)
ON CONFLICT (singleton) DO UPDATE SET as_of = excluded.as_of, pinned = excluded.pinned;

-- name: finished
UPDATE refresh_state SET whole_at = now(), whole_seconds = $1;

-- name: waiting
-- The changed entities that wait longest ($1), and of those that depend on them ($2), each once with all its entries among
-- the oldest.
(
    SELECT array_agg(seq) AS seqs, kind, id
    FROM (
        SELECT seq, kind, id FROM refresh_queue
        WHERE kind IN ('track', 'artist', 'playlist') ORDER BY seq LIMIT $1::integer * 10
    ) AS oldest
    GROUP BY kind, id
    ORDER BY min(seq)
    LIMIT $1
)
UNION ALL
(
    SELECT array_agg(seq), kind, id
    FROM (
        SELECT seq, kind, id FROM refresh_queue
        WHERE kind IN ('analytics', 'matches') ORDER BY seq LIMIT $2::integer * 10
    ) AS oldest
    GROUP BY kind, id
    ORDER BY min(seq)
    LIMIT $2
);

-- name: newest
SELECT coalesce(max(seq), 0) FROM refresh_queue;

-- name: done
DELETE FROM refresh_queue WHERE seq = ANY ($1::bigint[]);

-- name: forget
DELETE FROM refresh_queue;

-- name: kappa
-- The 99th percentile of the fast rate over those active in the last 90 days, at least .3: over all, and per
-- primary genre where 100 or more are active, for fewer say nothing of a percentile.
WITH active AS (
    SELECT 'track' AS subject, genres[1] AS genre, rates.fast
    FROM gold_track_counts, trending_rates(support_dates, support_weights, $1::date) AS rates
    WHERE support_dates[cardinality(support_dates)] >= $1::date - 90
      AND EXISTS (SELECT FROM unnest(support_dates) AS day WHERE day >= $1::date - 90 AND day < $1::date)
    UNION ALL
    SELECT 'artist', NULL, rates.fast
    FROM gold_artist_analytics, trending_rates(support_dates, support_weights, $1::date) AS rates
    WHERE EXISTS (SELECT FROM unnest(support_dates) AS day WHERE day >= $1::date - 90 AND day < $1::date)
)
INSERT INTO trending_kappa (subject, genre, kappa, active)
SELECT subject, genre, greatest(0.3, percentile_cont(0.99) WITHIN GROUP (ORDER BY fast)), count(*)::integer
FROM active
WHERE genre IS NOT NULL
GROUP BY subject, genre
HAVING count(*) >= 100
UNION ALL
SELECT subject, '', greatest(0.3, percentile_cont(0.99) WITHIN GROUP (ORDER BY fast)), count(*)::integer
FROM active
GROUP BY subject;

-- name: clear_kappa
DELETE FROM trending_kappa;

-- name: score_tracks
WITH wanted AS (
    SELECT track_id, play_count, trending_score(
               rates.fast, rates.slow, rates.recent, coalesce(by_genre.kappa, overall.kappa, 0.3)
           ) AS score
    FROM gold_track_counts
    CROSS JOIN LATERAL trending_rates(support_dates, support_weights, $1::date) AS rates
    LEFT JOIN trending_kappa AS by_genre ON by_genre.subject = 'track' AND by_genre.genre = genres[1]
    LEFT JOIN trending_kappa AS overall ON overall.subject = 'track' AND overall.genre = ''
    WHERE track_id = ANY ($2::text[])
), locked AS ( -- in the order in which the sink locks them, here and below: else both wait for each other
    SELECT track_id, score, wanted.play_count
    FROM gold_track_scores AS held JOIN wanted USING (track_id)
    WHERE (trending_score, held.play_count) <> (score, wanted.play_count)
    ORDER BY track_id COLLATE "C"
    FOR UPDATE OF held
)
UPDATE gold_track_scores AS held
SET trending_score = score, play_count = locked.play_count
FROM locked
WHERE held.track_id = locked.track_id;

-- name: score_artists
WITH wanted AS (
    SELECT artist_id,
           trending_score(rates.fast, rates.slow, rates.recent, coalesce(overall.kappa, 0.3)) AS score
    FROM gold_artist_analytics
    CROSS JOIN LATERAL trending_rates(support_dates, support_weights, $1::date) AS rates
    LEFT JOIN trending_kappa AS overall ON overall.subject = 'artist' AND overall.genre = ''
    WHERE $2::text[] IS NULL OR artist_id = ANY ($2)
), locked AS (
    SELECT artist_id, score
    FROM gold_artist_analytics AS held JOIN wanted USING (artist_id)
    WHERE trending_score <> score
    ORDER BY artist_id COLLATE "C"
    FOR UPDATE OF held
)
UPDATE gold_artist_analytics AS held
SET trending_score = score
FROM locked
WHERE held.artist_id = locked.artist_id;

-- name: next_tracks
-- Tracks whose score may be another on the day $3: those with support in the year before it, and those with a score.
SELECT track_id
FROM gold_track_counts JOIN gold_track_scores USING (track_id)
WHERE track_id > $1 AND (support_dates[cardinality(support_dates)] >= $3::date - 365 OR trending_score <> 0)
ORDER BY track_id
LIMIT $2;

-- name: align_tracks
SELECT align_track_rows();

-- name: drop_ranks
DROP TABLE IF EXISTS pg_temp.refresh_ranks;

-- name: find_ranks
-- The ranks that are others now, numbered in the order of the ids.
CREATE TEMPORARY TABLE refresh_ranks AS
SELECT row_number() OVER (ORDER BY track_id COLLATE "C") AS number, track_id, ranked.genre, place, place_in_genre
FROM (
    SELECT track_id, genres[1] AS genre,
           row_number() OVER everywhere AS place,
           CASE WHEN genres[1] IS NOT NULL THEN row_number() OVER in_genre END AS place_in_genre
    FROM gold_track_counts
    WINDOW everywhere AS (ORDER BY dj_support DESC, playlist_appearances DESC, track_id COLLATE "C"),
           in_genre AS (
               PARTITION BY genres[1]
               ORDER BY dj_support DESC, playlist_appearances DESC, track_id COLLATE "C"
           )
) AS ranked
JOIN gold_track_ranks AS held USING (track_id)
WHERE (held.genre, popularity_rank, genre_rank)
    IS DISTINCT FROM (ranked.genre, place::integer, place_in_genre::integer);

-- name: count_ranks
SELECT count(*) FROM refresh_ranks;

-- name: store_ranks
-- Those numbered above $1, to $2.
WITH locked AS (
    SELECT track_id, wanted.genre, place, place_in_genre
    FROM gold_track_ranks AS held JOIN refresh_ranks AS wanted USING (track_id)
    WHERE number > $1 AND number <= $2
    ORDER BY track_id COLLATE "C"
    FOR UPDATE OF held
)
UPDATE gold_track_ranks AS held
SET genre = locked.genre, popularity_rank = place, genre_rank = place_in_genre
FROM locked
WHERE held.track_id = locked.track_id;

-- name: rank_artists
WITH ranked AS (
    SELECT artist_id,
           row_number() OVER (
               ORDER BY dj_support DESC, playlist_appearances DESC, artist_id COLLATE "C"
           ) AS place
    FROM gold_artist_analytics
), locked AS (
    SELECT artist_id, place
    FROM gold_artist_analytics AS held JOIN ranked USING (artist_id)
    WHERE popularity_rank IS DISTINCT FROM place::integer
    ORDER BY artist_id COLLATE "C"
    FOR UPDATE OF held
)
UPDATE gold_artist_analytics AS held
SET popularity_rank = place
FROM locked
WHERE held.artist_id = locked.artist_id;

-- name: artist_genres
WITH tracks AS (
    SELECT artist_id, genre, count(DISTINCT track_id) AS tracks
    FROM silver_enriched_tracks
    CROSS JOIN unnest(artist_ids) AS artist_id
    CROSS JOIN unnest(genres) AS genre
    GROUP BY 1, 2
), shares AS (
    SELECT artist_id, jsonb_object_agg(genre, round(tracks / total, 4)) AS genres
    FROM (SELECT *, sum(tracks) OVER (PARTITION BY artist_id) AS total FROM tracks) AS with_total
    GROUP BY 1
), locked AS (
    SELECT artist_id, coalesce(shares.genres, '{}') AS genres
    FROM gold_artist_analytics AS held LEFT JOIN shares USING (artist_id)
    WHERE genre_distribution <> coalesce(shares.genres, '{}')
    ORDER BY artist_id COLLATE "C"
    FOR UPDATE OF held
)
UPDATE gold_artist_analytics AS held
SET genre_distribution = genres
FROM locked
WHERE held.artist_id = locked.artist_id;

-- name: begin_some
-- Begin a step over some ids: `exclusive`, with a time limit of the statements after this one.
SELECT pg_advisory_xact_lock(1936618599), set_config('statement_timeout', $1, true);

-- name: again
INSERT INTO refresh_queue (kind, id) SELECT $1, id FROM unnest($2::text[]) AS id;

-- name: left
SELECT count(*) FROM refresh_queue;
