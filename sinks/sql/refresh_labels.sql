-- Labels of tracks, and their analytics.

-- name: all
SELECT track_id FROM silver_enriched_tracks WHERE label IS NOT NULL;

-- name: labels
-- The labels of these tracks now, and as stored. Each is NULL where there is none.
SELECT wanted.track_id, silver.label, stored.label_id, stored.label AS stored_label
FROM unnest($1::text[]) AS wanted (track_id)
LEFT JOIN silver_enriched_tracks AS silver USING (track_id)
LEFT JOIN track_labels AS stored ON stored.track_id = wanted.track_id
WHERE silver.label IS NOT NULL OR stored.track_id IS NOT NULL;

-- name: store
INSERT INTO track_labels (track_id, label_id, label)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (track_id) DO UPDATE SET label_id = excluded.label_id, label = excluded.label;

-- name: delete
DELETE FROM track_labels WHERE track_id = ANY ($1::text[]);

-- name: queue
INSERT INTO labels_due SELECT unnest($1::text[]) ON CONFLICT DO NOTHING;

-- name: queue_sets
-- Queue the labels of these sets, those of their earlier versions included, and store the present ones.
WITH current AS (
    SELECT sets.playlist_id, array(
        SELECT DISTINCT label_id
        FROM silver_playlist_tracks AS plays JOIN track_labels USING (track_id)
        WHERE plays.playlist_id = sets.playlist_id
        ORDER BY 1
    ) AS label_ids
    FROM silver_enriched_playlists AS sets
    WHERE sets.playlist_id = ANY ($1::text[])
), previous AS (
    SELECT label_ids FROM label_sets WHERE playlist_id = ANY ($1::text[])
), stored AS (
    INSERT INTO label_sets AS held SELECT playlist_id, label_ids FROM current
    ON CONFLICT (playlist_id) DO UPDATE SET label_ids = excluded.label_ids
    WHERE held.label_ids <> excluded.label_ids
)
INSERT INTO labels_due
SELECT DISTINCT unnest(label_ids)
FROM (SELECT label_ids FROM current UNION ALL SELECT label_ids FROM previous) AS versions
ON CONFLICT DO NOTHING;

-- name: forget
TRUNCATE track_labels, label_sets, labels_due, gold_label_analytics;

-- name: waiting
SELECT count(*) FROM labels_due;

-- name: some
DELETE FROM labels_due
WHERE label_id IN (SELECT label_id FROM labels_due ORDER BY label_id LIMIT $1)
RETURNING label_id;

-- name: drop
-- Delete the rows of labels that have no tracks.
DELETE FROM gold_label_analytics AS current
WHERE label_id = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM track_labels AS tracks WHERE tracks.label_id = current.label_id);

-- name: compute
WITH tracks AS (
    -- Ids of silver, whose indexes have the default collation: a comparison with collation "C" would read all plays.
    SELECT label_id, silver.track_id, labels.label, silver.genres[1] AS genre, silver.artist_ids
    FROM track_labels AS labels
    JOIN silver_enriched_tracks AS silver ON silver.track_id = labels.track_id COLLATE "default"
    WHERE label_id = ANY ($1::text[])
), plays AS (
    SELECT label_id, plays.track_id, plays.playlist_id, plays.day, plays.dj_ids, plays.is_layered
    FROM tracks JOIN gold_plays AS plays USING (track_id)
), supports AS (
    SELECT label_id, playlist_id, day, dj_id, is_layered FROM plays CROSS JOIN unnest(dj_ids) AS dj_id
), spelled AS (
    SELECT label_id, jsonb_object_agg(label, tracks) AS spellings,
           (array_agg(label ORDER BY tracks DESC, label COLLATE "C"))[1] AS name
    FROM (SELECT label_id, label, count(*) AS tracks FROM tracks GROUP BY label_id, label) AS counted
    GROUP BY label_id
), artists AS (
    SELECT label_id, count(*)::integer AS artists,
           jsonb_agg(jsonb_build_object('artist_id', artist_id, 'tracks', tracks) ORDER BY place)
               FILTER (WHERE place <= 10) AS top
    FROM (
        SELECT label_id, artist_id, count(DISTINCT track_id) AS tracks,
               row_number() OVER (
                   PARTITION BY label_id ORDER BY count(DISTINCT track_id) DESC, artist_id COLLATE "C"
               ) AS place
        FROM tracks CROSS JOIN unnest(artist_ids) AS artist_id
        GROUP BY label_id, artist_id
    ) AS placed
    GROUP BY label_id
), genres AS (
    SELECT label_id, jsonb_object_agg(genre, round(tracks / total, 4)) AS genres
    FROM (
        SELECT label_id, genre, count(*) AS tracks, sum(count(*)) OVER (PARTITION BY label_id) AS total
        FROM tracks WHERE genre IS NOT NULL GROUP BY label_id, genre
    ) AS counted
    GROUP BY label_id
), totals AS (
    SELECT label_id, count(*)::integer AS tracks FROM tracks GROUP BY label_id
), counts AS (
    SELECT label_id, count(*)::integer AS plays, count(DISTINCT track_id)::integer AS tracks,
           min(day) AS first, max(day) AS last
    FROM plays GROUP BY label_id
), supporters AS (
    SELECT label_id, count(*)::integer AS djs,
           jsonb_agg(jsonb_build_object('dj_id', dj_id, 'sets', sets) ORDER BY place) FILTER (WHERE place <= 10) AS top
    FROM (
        SELECT label_id, dj_id, count(DISTINCT playlist_id) AS sets,
               row_number() OVER (
                   PARTITION BY label_id ORDER BY count(DISTINCT playlist_id) DESC, dj_id COLLATE "C"
               ) AS place
        FROM supports GROUP BY label_id, dj_id
    ) AS placed
    GROUP BY label_id
), days AS (
    SELECT label_id, array_agg(day ORDER BY day) AS days, array_agg(weight ORDER BY day) AS weights
    FROM (
        SELECT label_id, day, sum(weight)::double precision AS weight
        FROM (
            SELECT label_id, min(day) AS day, CASE WHEN bool_and(is_layered) THEN 0.5 ELSE 1 END AS weight
            FROM supports WHERE day IS NOT NULL
            GROUP BY label_id, dj_id, extract(isoyear FROM day), extract(week FROM day)
        ) AS weeks
        GROUP BY label_id, day
    ) AS summed
    GROUP BY label_id
)
INSERT INTO gold_label_analytics AS current (
    label_id, name, spellings, track_count, played_tracks, play_count, supporter_count, artist_count, first_date,
    last_date, genres, top_artists, top_supporters, support_dates, support_weights
)
SELECT label_id, spelled.name, spelled.spellings, totals.tracks, coalesce(counts.tracks, 0), coalesce(counts.plays, 0),
       coalesce(supporters.djs, 0), coalesce(artists.artists, 0), counts.first, counts.last,
       coalesce(genres.genres, '{}'), coalesce(artists.top, '[]'), coalesce(supporters.top, '[]'),
       coalesce(days.days, '{}'), coalesce(days.weights, '{}')
FROM totals
JOIN spelled USING (label_id)
LEFT JOIN artists USING (label_id)
LEFT JOIN genres USING (label_id)
LEFT JOIN counts USING (label_id)
LEFT JOIN supporters USING (label_id)
LEFT JOIN days USING (label_id)
ON CONFLICT (label_id) DO UPDATE SET
    name = excluded.name,
    spellings = excluded.spellings,
    track_count = excluded.track_count,
    played_tracks = excluded.played_tracks,
    play_count = excluded.play_count,
    supporter_count = excluded.supporter_count,
    artist_count = excluded.artist_count,
    first_date = excluded.first_date,
    last_date = excluded.last_date,
    genres = excluded.genres,
    top_artists = excluded.top_artists,
    top_supporters = excluded.top_supporters,
    support_dates = excluded.support_dates,
    support_weights = excluded.support_weights;

-- name: rank
-- Scores by the rules of tracks: kappa is the 99th percentile of the labels active in the last 90 days, at least .3.
WITH rates AS MATERIALIZED (
    SELECT label_id, supporter_count, play_count, rates.fast, rates.slow, rates.recent,
           EXISTS (SELECT FROM unnest(support_dates) AS day WHERE day >= $1::date - 90 AND day < $1::date) AS is_active
    FROM gold_label_analytics, trending_rates(support_dates, support_weights, $1::date) AS rates
), kappa AS (
    SELECT greatest(0.3, coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY fast), 0)) AS kappa
    FROM rates WHERE is_active
), ranked AS (
    SELECT label_id, trending_score(fast, slow, recent, kappa) AS score,
           row_number() OVER (ORDER BY supporter_count DESC, play_count DESC, label_id) AS place
    FROM rates, kappa
)
UPDATE gold_label_analytics AS current
SET trending_score = score, popularity_rank = place
FROM ranked
WHERE ranked.label_id = current.label_id
  AND (trending_score, popularity_rank) IS DISTINCT FROM (score, place::integer);
