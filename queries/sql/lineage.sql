-- name: of_track
SELECT playlist_id, row_index, set_date, set_date_precision, counted_date, dj_ids, dj_names, position, role, status, counts_as,
       is_own, superseded, raw_text, claim_id, bronze_id, page_id, page_sha256, parser_version, scraped_at, source,
       source_url, set_title
FROM track_history
WHERE track_id = $1
ORDER BY set_date NULLS LAST, playlist_id, position, row_index, superseded, scraped_at
LIMIT $2;

-- name: part_of_track
-- The first of these rows. The sets are chosen first, each has a row: so a part does not read the rows of all.
WITH chosen AS MATERIALIZED (
    SELECT DISTINCT set_date AS day, playlist_id
    FROM silver_playlist_tracks
    LEFT JOIN silver_enriched_playlists USING (playlist_id)
    WHERE track_id = $1
    ORDER BY 1 NULLS LAST, 2
    LIMIT $2
)
SELECT history.playlist_id, row_index, set_date, set_date_precision, counted_date, dj_ids, dj_names, position, role, status,
       counts_as, is_own, superseded, raw_text, claim_id, bronze_id, page_id, page_sha256, parser_version, scraped_at, source,
       source_url, set_title
FROM chosen
CROSS JOIN LATERAL (
    SELECT * FROM track_history WHERE track_id = $1 AND track_history.playlist_id = chosen.playlist_id OFFSET 0
) AS history
ORDER BY day NULLS LAST, history.playlist_id, position, row_index, superseded, scraped_at
LIMIT $2;

-- name: of_set
SELECT row_index, position, role, status, counts_as, superseded, track_id, validated_track_name, raw_text, claim_id,
       bronze_id, page_id, page_sha256, parser_version, scraped_at, chosen
FROM track_history
WHERE playlist_id = $1
ORDER BY position NULLS LAST, row_index, superseded, scraped_at
LIMIT $2;

-- name: versions_of_set
-- Each content of the pages of a set, as parsed.
SELECT page_id, page_sha256, page_kind, parser_version, row_count, scraped_at, source_url
FROM bronze_scraped_playlists
WHERE playlist_id = $1
ORDER BY scraped_at, page_id, id;

-- name: of_artist
-- Rows of the artist's tracks that name the artist as artist or remixer.
SELECT history.playlist_id, history.row_index, history.track_id, history.set_date, history.dj_ids, history.dj_names,
       history.position, history.role, history.counts_as, history.superseded, history.raw_text, history.page_id,
       history.page_sha256, history.parser_version
FROM gold_track_artists AS credits
JOIN track_history AS history USING (track_id)
JOIN silver_playlist_tracks AS rows
  ON rows.playlist_id = history.playlist_id AND rows.row_index = history.row_index
WHERE credits.artist_id = $1 AND $1 = ANY (rows.artist_ids || rows.version_artist_ids) AND NOT history.superseded
ORDER BY set_date NULLS LAST, playlist_id, position, row_index
LIMIT $2;

-- name: sets_of_dj
SELECT playlist_id, set_date, dj_names, title AS set_title, page_ids, parser_version, source_url
FROM silver_enriched_playlists
WHERE dj_ids @> ARRAY[$1::text] AND counted
ORDER BY set_date NULLS LAST, playlist_id
LIMIT $2;

-- name: attempts_for_field
-- Every provider that was considered for a value of a track, as silver recorded it.
SELECT attempt ->> 'provider' AS provider, attempt ->> 'status' AS status, attempt -> 'value' AS value,
       (attempt ->> 'confidence')::double precision AS confidence,
       coalesce((attempt ->> 'chosen')::boolean, false) AS chosen, attempt ->> 'timestamp' AS answered_at,
       coalesce((attempt ->> 'cached')::boolean, false) AS cached, attempt ->> 'note' AS note
FROM silver_enriched_tracks
CROSS JOIN LATERAL jsonb_array_elements(
    CASE jsonb_typeof(enrichment_metadata -> 'waterfall_attempts')
        WHEN 'array' THEN enrichment_metadata -> 'waterfall_attempts' ELSE '[]' END
) WITH ORDINALITY AS attempts (attempt, place)
WHERE track_id = $1 AND attempt ->> 'field' IN ($2, '*')
ORDER BY chosen DESC, place;
