-- name: keys
-- Number of tracks per key; of one primary genre if $1 is given.
SELECT camelot, tracks FROM gold_key_counts WHERE genre = coalesce($1, '');

-- name: keys_of_dj
-- Number of distinct tracks per key that a DJ played in counted sets, as refresh stores it; counted for a DJ that it has not
-- taken yet.
SELECT camelot, tracks
FROM gold_dj_counts
CROSS JOIN unnest(camelots, camelot_tracks) AS stored (camelot, tracks)
WHERE artist_id = $1
UNION ALL
SELECT camelot, tracks
FROM (
    SELECT camelot, count(*)::integer AS tracks
    FROM (
        SELECT DISTINCT track_id
        FROM silver_enriched_playlists
        JOIN silver_playlist_tracks USING (playlist_id)
        WHERE dj_ids @> ARRAY[$1::text] AND counted AND status = 'identified'
    ) AS played
    JOIN silver_enriched_tracks USING (track_id)
    WHERE camelot IS NOT NULL
    GROUP BY camelot
) AS counted
WHERE NOT EXISTS (SELECT FROM gold_dj_counts WHERE artist_id = $1);

-- name: tracks_in_key
-- Tracks of a key, the most supported first.
SELECT popularity_rank AS rank, track_id, primary_artist, track_name, genres[1] AS genre, bpm, camelot, dj_support,
       play_count
FROM gold_track_ranks JOIN gold_track_counts USING (track_id)
WHERE camelot = $1
ORDER BY popularity_rank NULLS LAST, track_id
LIMIT $2;

-- name: tracks_of_genre_in_key
-- Tracks of a key and a primary genre ($2), the most supported first. The rank in the genre has the same order, and an
-- index of the genre has it.
SELECT popularity_rank AS rank, track_id, primary_artist, track_name, genre, bpm, camelot, dj_support, play_count
FROM gold_track_ranks JOIN gold_track_counts USING (track_id)
WHERE camelot = $1 AND genre = $2
ORDER BY genre_rank NULLS LAST, track_id
LIMIT $3;

-- name: tracks_of_dj_in_key
-- Tracks of a key that a DJ played in counted sets, those in most sets first.
SELECT popularity_rank AS rank, track_id, primary_artist, track_name, genres[1] AS genre, bpm, camelot, dj_support,
       play_count
FROM (
    SELECT track_id, count(DISTINCT set_id) AS sets
    FROM silver_enriched_playlists
    JOIN silver_playlist_tracks USING (playlist_id)
    WHERE dj_ids @> ARRAY[$2::text] AND counted AND status = 'identified'
    GROUP BY track_id
) AS played
JOIN gold_track_counts USING (track_id)
JOIN gold_track_ranks USING (track_id)
WHERE camelot = $1
ORDER BY sets DESC, popularity_rank NULLS LAST, track_id
LIMIT $3;

-- name: moves
-- Moves from key to key between tracks played one after the other, by counted sets: from the 500 most supported
-- tracks, of the primary genre $1 if it is given, to the 20 that most DJs played next. A supported track has
-- hundreds of pairs: all of them would take seconds.
SELECT source.camelot AS current, following.camelot AS following, sum(pair.set_count)::integer AS times
FROM gold_track_ranks AS ranks
JOIN gold_track_counts AS source USING (track_id)
CROSS JOIN LATERAL (
    SELECT to_track_id, set_count
    FROM gold_transition_pairs
    WHERE from_track_id = source.track_id AND kind = 'followed'
    ORDER BY dj_count DESC, set_count DESC, last_date DESC NULLS LAST, to_track_id
    LIMIT 20
) AS pair
JOIN gold_track_counts AS following ON following.track_id = pair.to_track_id
WHERE source.camelot IS NOT NULL AND following.camelot IS NOT NULL
  AND (($1::text IS NULL AND popularity_rank <= 500) OR (genre = $1 AND genre_rank <= 500))
GROUP BY 1, 2;

-- name: moves_of_dj
-- Moves from key to key in the counted sets of a DJ, as refresh stores them; counted for a DJ that it has not taken yet.
SELECT current, following, times
FROM gold_dj_counts
CROSS JOIN unnest(moves_from, moves_to, move_times) AS stored (current, following, times)
WHERE artist_id = $1
UNION ALL
SELECT current, following, times
FROM (
    SELECT source.camelot AS current, following.camelot AS following, count(*)::integer AS times
    FROM silver_enriched_playlists AS playlist
    JOIN silver_playlist_tracks AS played USING (playlist_id)
    JOIN silver_playlist_tracks AS later
      ON later.playlist_id = played.playlist_id AND later.row_index = played.next_row_index
    JOIN silver_enriched_tracks AS source ON source.track_id = played.track_id
    JOIN silver_enriched_tracks AS following ON following.track_id = later.track_id
    WHERE playlist.dj_ids @> ARRAY[$1::text] AND playlist.counted AND played.role = 'main'
      AND source.camelot IS NOT NULL AND following.camelot IS NOT NULL
    GROUP BY 1, 2
) AS counted
WHERE NOT EXISTS (SELECT FROM gold_dj_counts WHERE artist_id = $1);

-- name: pairs_among
-- Tracks in common of artists among each other.
SELECT artist_1_id, artist_2_id, collaboration_count
FROM gold_artist_collaboration_network
WHERE artist_1_id = ANY ($1::text[]) AND artist_2_id = ANY ($1::text[]);
