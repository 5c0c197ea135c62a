-- name: artist
SELECT gold.*, silver.country, silver.links, silver.aliases, silver.is_dj, silver.is_producer,
       silver.biography, silver.artist_type, silver.life_begin, silver.life_end,
       silver.groups, silver.genres, silver.value_sources, silver.id_conflicts
FROM gold_artist_analytics AS gold
LEFT JOIN silver_enriched_artists AS silver USING (artist_id)
WHERE artist_id = $1;

-- name: tracks_of
SELECT popularity_rank AS rank, track_id, primary_artist, track_name, gold.genres[1] AS genre, bpm, camelot, dj_support,
       playlist_appearances, play_count, trending_score
FROM gold_track_artists
JOIN gold_track_analytics AS gold USING (track_id)
WHERE artist_id = $1
ORDER BY popularity_rank NULLS LAST, track_id
LIMIT $2;

-- name: partners
SELECT CASE WHEN artist_1_id = $1 THEN artist_2_id ELSE artist_1_id END AS artist_id,
       CASE WHEN artist_1_id = $1 THEN artist_2 ELSE artist_1 END AS name,
       collaboration_count, shared_playlists, genre_overlap
FROM gold_artist_collaboration_network
WHERE artist_1_id = $1 OR artist_2_id = $1
ORDER BY collaboration_count DESC, shared_playlists DESC, 1
LIMIT $2;

-- name: sets_of
SELECT playlist_id, set_date, coalesce(title, mix_name) AS title, event_name, venue, playlist.row_count,
       identified_share, bpm_mean, harmonic_flow_score, shape
FROM silver_enriched_playlists AS playlist
LEFT JOIN gold_playlist_analytics USING (playlist_id)
WHERE dj_ids @> ARRAY[$1::text] AND counted
ORDER BY set_date DESC NULLS LAST, playlist_id
LIMIT $2;

-- name: played_by
-- Tracks that a DJ plays most: distinct counted sets. Refresh stores up to 100; more, and those of a DJ that it has not
-- taken yet, are counted. Names are read for the part that is shown.
WITH stored AS MATERIALIZED (
    SELECT track_ids, track_sets, track_last_dates FROM gold_dj_counts WHERE artist_id = $1 AND $2::bigint <= 100
), most AS MATERIALIZED (
    (
        SELECT track_id, sets::bigint AS sets, last_date
        FROM stored
        CROSS JOIN unnest(track_ids, track_sets, track_last_dates) WITH ORDINALITY
            AS most (track_id, sets, last_date, place)
        ORDER BY place
        LIMIT $2
    )
    UNION ALL
    (
        SELECT track_id, sets, last_date
        FROM (
            SELECT track_id, count(DISTINCT set_id) AS sets, max(set_date) AS last_date
            FROM silver_enriched_playlists
            JOIN silver_playlist_tracks USING (playlist_id)
            WHERE dj_ids @> ARRAY[$1::text] AND counted AND status = 'identified'
            GROUP BY track_id
        ) AS counted
        WHERE NOT EXISTS (SELECT FROM stored)
        ORDER BY sets DESC, last_date DESC NULLS LAST, track_id COLLATE "C"
        LIMIT $2
    )
)
SELECT track_id, primary_artist, track_name, genres[1] AS genre, bpm, camelot, sets, last_date, dj_support
FROM most
JOIN gold_track_counts AS gold USING (track_id)
ORDER BY sets DESC, last_date DESC NULLS LAST, track_id COLLATE "C";

-- name: breaks
-- Tracks that a DJ was among the first 5 of at least 10 DJs to play.
SELECT place, breaks.track_id, primary_artist, track_name, breaks.first_date, lead_days, supporters
FROM gold_dj_breaks AS breaks
JOIN gold_track_counts AS gold ON gold.track_id = breaks.track_id COLLATE "default" -- of its index
WHERE breaks.dj_id = $1
ORDER BY supporters DESC, place, breaks.track_id
LIMIT $2;
