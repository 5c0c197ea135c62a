-- name: newest_sets
-- Counted sets up to a day, the newest first; with $3 those of a country.
SELECT playlist_id, set_date, array_to_string(dj_names, ' & ') AS djs, coalesce(mix_name, title) AS title, city, country,
       row_count, identified_rows
FROM silver_enriched_playlists
WHERE counted AND set_date <= $1
  AND ($3::text IS NULL OR (lower(country) = lower($3) AND country = $3)) -- the index has lower(country)
ORDER BY set_date DESC, playlist_id
LIMIT $2;

-- name: newest_sets_of_genre
-- The same of a genre ($3), with $4 of a country. Of the newest $5 sets there are enough where the genre is frequent. Else all
-- sets of the genre are read by its index, which the planner does not choose by itself for a genre it knows nothing of:
-- `+ 0` leaves it no index in the order of the dates.
WITH newest AS MATERIALIZED (
    SELECT playlist_id, set_date
    FROM (
        SELECT playlist_id, set_date, genres, country
        FROM silver_enriched_playlists
        WHERE counted AND set_date <= $1
        ORDER BY set_date DESC, playlist_id
        LIMIT $5
    ) AS sets
    WHERE genres @> ARRAY[$3::text] AND ($4::text IS NULL OR country = $4)
    ORDER BY set_date DESC, playlist_id
    LIMIT $2
), chosen AS (
    SELECT playlist_id, set_date FROM newest WHERE (SELECT count(*) FROM newest) = $2::bigint
    UNION ALL
    (
        SELECT playlist_id, set_date
        FROM silver_enriched_playlists
        WHERE (SELECT count(*) FROM newest) < $2::bigint AND counted AND set_date <= $1 AND genres @> ARRAY[$3::text]
          AND ($4::text IS NULL OR country = $4)
        ORDER BY set_date + 0 DESC, playlist_id
        LIMIT $2
    )
)
SELECT playlist_id, sets.set_date, array_to_string(dj_names, ' & ') AS djs, coalesce(mix_name, title) AS title, city, country,
       row_count, identified_rows
FROM chosen JOIN silver_enriched_playlists AS sets USING (playlist_id)
ORDER BY sets.set_date DESC, playlist_id;

-- name: reveals
-- Rows of the newest sets that name a track where an earlier version of the page showed an unknown one. Set by set: the
-- title of every row ever stored would be read otherwise.
SELECT rows.playlist_id, rows.position, rows.track_id, track.track_name, track.primary_artist, track.camelot, track.bpm,
       sets.djs, sets.title, sets.set_date, named.revealed_at
FROM (
    SELECT playlist_id, array_to_string(dj_names, ' & ') AS djs, coalesce(title, mix_name) AS title, set_date
    FROM silver_enriched_playlists
    WHERE counted AND set_date <= $1
    ORDER BY set_date DESC, playlist_id
    LIMIT $2
) AS sets
CROSS JOIN LATERAL (
    SELECT playlist_id, row_key, scraped_at
    FROM bronze_scraped_tracks
    WHERE bronze_scraped_tracks.playlist_id = sets.playlist_id AND is_unknown_title(raw_data ->> 'track_name')
    OFFSET 0
) AS unknown
JOIN silver_playlist_tracks AS rows
  ON rows.playlist_id = unknown.playlist_id AND rows.row_key = unknown.row_key AND rows.status = 'identified'
JOIN gold_track_counts AS track ON track.track_id = rows.track_id
CROSS JOIN LATERAL (
    SELECT scraped_at AS revealed_at FROM bronze_scraped_tracks AS bronze
    WHERE bronze.id = rows.bronze_id AND bronze.scraped_at >= unknown.scraped_at
) AS named
ORDER BY revealed_at DESC, rows.playlist_id, rows.position
LIMIT $3;

-- name: track
-- The track that has the counts of a track, with all that its page shows, and the day that scores are of.
SELECT (SELECT as_of FROM refresh_state WHERE singleton) AS as_of, gold.*, silver.artist_ids,
       silver.artist_names, silver.featured, silver.isrc, silver.spotify_id,
       silver.musicbrainz_id, silver.beatport_id, silver.label, silver.release_date, silver.release_date_precision,
       silver.release_name, silver.duration_ms, silver.spellings, silver.bpm_ambiguous, silver.danceability,
       silver.valence, silver.acousticness, silver.instrumentalness, silver.liveness, silver.speechiness,
       silver.loudness, silver.data_quality_score, silver.enrichment_metadata, silver.enrichment_details
FROM gold_track_analytics AS gold
LEFT JOIN silver_enriched_tracks AS silver USING (track_id)
WHERE track_id = coalesce((SELECT canonical_id FROM gold_track_redirects WHERE track_id = $1), $1);

-- name: versions
-- Tracks of the same artist and base title.
SELECT track_id, track_name, primary_artist, bpm, camelot, dj_support
FROM gold_track_counts
WHERE primary_artist = $2 AND track_name >= $3 AND track_name < $3 || chr(1114111) AND base_title = $3 AND track_id <> $1
ORDER BY dj_support DESC, track_id
LIMIT 12;

-- name: tracks
-- Tracks by id, as a chain needs them.
SELECT track_id, primary_artist, track_name, bpm, camelot, energy, genres[1] AS genre, dj_support, duration_ms, isrc
FROM gold_track_counts
LEFT JOIN (SELECT track_id, duration_ms, isrc FROM silver_enriched_tracks WHERE track_id = ANY ($1)) AS silver
    USING (track_id)
WHERE track_id = ANY ($1);

-- name: set_titles
SELECT playlist_id, set_date, concat_ws(': ', nullif(array_to_string(dj_names, ' & '), ''), coalesce(mix_name, title)) AS title
FROM silver_enriched_playlists
WHERE playlist_id = ANY ($1);

-- name: together
-- Tracks played at the same time as this one.
SELECT to_track_id AS track_id, to_track_name AS track_name, to_artist AS primary_artist, track.camelot, track.bpm,
       set_count, dj_count, pairs.last_date, latest_sets
FROM gold_transitions AS pairs
LEFT JOIN gold_track_counts AS track ON track.track_id = to_track_id
WHERE from_track_id = $1 AND kind = 'together'
ORDER BY dj_count DESC, set_count DESC, to_track_id
LIMIT $2;

-- name: countries
-- Countries of counted sets from a day on, those of most sets first.
SELECT country, count(*) AS sets
FROM silver_enriched_playlists
WHERE counted AND country IS NOT NULL AND set_date BETWEEN $1 AND $2
GROUP BY 1
ORDER BY 2 DESC, 1
LIMIT 100;

-- name: candidates
-- Tracks that pages name at the place of an ID.
SELECT track_id, track_name, primary_artist, set_count, revealed_sets, revealed_at, first_date, sets
FROM gold_id_candidates
WHERE before_track_id = $1 AND after_track_id = $2
ORDER BY revealed_sets DESC, set_count DESC, track_id
LIMIT 5;
