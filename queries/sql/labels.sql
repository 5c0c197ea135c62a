-- name: label
SELECT * FROM gold_label_analytics WHERE label_id = $1;

-- name: tracks_of
-- Chosen by the narrow table of ranks: a large label has thousands of tracks, and few are shown.
WITH chosen AS MATERIALIZED (
    SELECT ranks.track_id, popularity_rank
    FROM gold_track_labels AS labelled
    JOIN gold_track_ranks AS ranks ON ranks.track_id = labelled.track_id COLLATE "default" -- of its index
    WHERE label_id = $1
    ORDER BY popularity_rank NULLS LAST, ranks.track_id
    LIMIT $2
)
SELECT popularity_rank AS rank, track_id, gold.primary_artist, gold.track_name, gold.genres[1] AS genre, gold.bpm,
       gold.camelot, dj_support, playlist_appearances, gold.play_count, trending_score, release_date
FROM chosen
JOIN gold_track_counts AS gold USING (track_id)
JOIN gold_track_scores USING (track_id)
LEFT JOIN silver_enriched_tracks AS silver USING (track_id)
ORDER BY popularity_rank NULLS LAST, track_id;

-- name: artists_of
SELECT artist_id, coalesce(gold.name, artist_id) AS name, coalesce((entry ->> 'tracks')::integer, 0) AS tracks, dj_support,
       gold.popularity_rank
FROM gold_label_analytics
CROSS JOIN jsonb_array_elements(top_artists) WITH ORDINALITY AS entries (entry, place)
CROSS JOIN LATERAL (SELECT entry ->> 'artist_id' AS artist_id) AS ids
LEFT JOIN gold_artist_analytics AS gold USING (artist_id)
WHERE label_id = $1 AND artist_id IS NOT NULL
ORDER BY place
LIMIT $2;

-- name: supporters_of
SELECT dj_id, coalesce(gold.name, dj_id) AS name, coalesce((entry ->> 'sets')::integer, 0) AS sets
FROM gold_label_analytics
CROSS JOIN jsonb_array_elements(top_supporters) WITH ORDINALITY AS entries (entry, place)
CROSS JOIN LATERAL (SELECT entry ->> 'dj_id' AS dj_id) AS ids
LEFT JOIN gold_artist_analytics AS gold ON gold.artist_id = dj_id
WHERE label_id = $1 AND dj_id IS NOT NULL
ORDER BY place
LIMIT $2;
