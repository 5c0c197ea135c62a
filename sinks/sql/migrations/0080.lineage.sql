-- track_history: also rows whose page is not stored, days and DJs of the set, what the row counts as, the parser, the
-- line as read, and the chosen values with their providers.

CREATE FUNCTION chosen_values(enrichment_metadata jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(jsonb_object_agg(attempt ->> 'field', jsonb_build_object(
        'value', attempt -> 'value', 'provider', attempt -> 'provider', 'confidence', attempt -> 'confidence',
        'timestamp', attempt -> 'timestamp'
    )), '{}')
    FROM jsonb_array_elements(
        CASE jsonb_typeof(enrichment_metadata -> 'waterfall_attempts')
            WHEN 'array' THEN enrichment_metadata -> 'waterfall_attempts' ELSE '[]' END
    ) AS attempt
    WHERE attempt ->> 'field' IS NOT NULL AND attempt -> 'chosen' = 'true'
);
COMMENT ON FUNCTION chosen_values(jsonb) IS
'Values that the waterfall chose, by field, each with value, provider, confidence and timestamp';

CREATE OR REPLACE VIEW track_history AS
SELECT sightings.bronze_id,
       coalesce(sightings.source, sets.source) AS source,
       coalesce(sightings.source_url, sets.source_url) AS source_url,
       sightings.original_track_name,
       sightings.original_artist_name,
       sightings.scraped_at,
       sightings.playlist_id,
       sightings.row_key,
       sightings.page_id,
       sightings.page_sha256,
       sightings.superseded,
       sightings.position,
       sightings.role,
       sightings.status,
       sightings.track_id,
       s.track_name AS validated_track_name,
       s.bpm,
       s.key,
       s.key_mode,
       s.energy,
       s.data_quality_score,
       s.enrichment_metadata -> 'providers_used' AS providers,
       g.play_count,
       g.playlist_appearances,
       g.trending_score,
       g.popularity_rank,
       sightings.row_index,
       sightings.claim_id,
       sightings.raw_text,
       sightings.parser_version,
       sets.set_date,
       sets.set_date_precision,
       sets.dj_ids,
       sets.dj_names,
       sets.title AS set_title,
       CASE WHEN NOT sightings.superseded AND sets.counted AND sightings.status = 'identified'
                 AND sightings.track_id IS NOT NULL
            THEN CASE sightings.role WHEN 'component' THEN 'component' ELSE 'play' END END AS counts_as,
       sets.dj_ids && sightings.maker_ids AS is_own,
       CASE WHEN isfinite(sets.set_date) AND sets.set_date - 30 <= (sets.last_observed_at AT TIME ZONE 'UTC')::date
            THEN sets.set_date END AS counted_date,
       chosen_values(s.enrichment_metadata) AS chosen
FROM (
    SELECT b.id AS bronze_id, b.source, b.source_url, b.raw_data ->> 'track_name' AS original_track_name,
           b.raw_data ->> 'artist_name' AS original_artist_name, b.scraped_at, b.playlist_id, b.row_key, b.page_id,
           b.page_sha256, p.bronze_id IS NOT NULL AND p.bronze_id <> b.id AS superseded, p.position, p.role, p.status,
           p.track_id, p.row_index, p.claim_id, coalesce(b.raw_data -> 'row' ->> 'text', p.raw_text) AS raw_text,
           b.parser_version, p.artist_ids || p.version_artist_ids AS maker_ids
    FROM bronze_scraped_tracks AS b
    LEFT JOIN silver_playlist_tracks AS p ON p.playlist_id = b.playlist_id AND p.row_key = b.row_key
    UNION ALL
    -- Named, so that the definition stays the same when a rebuild makes the view again.
    SELECT p.bronze_id, NULL AS source, NULL AS source_url, NULL AS original_track_name, NULL AS original_artist_name,
           NULL AS scraped_at, p.playlist_id, p.row_key, NULL AS page_id, NULL AS page_sha256, false AS superseded,
           p.position, p.role, p.status, p.track_id, p.row_index, p.claim_id, p.raw_text, NULL AS parser_version,
           p.artist_ids || p.version_artist_ids AS maker_ids
    FROM silver_playlist_tracks AS p
    WHERE NOT EXISTS (
        SELECT FROM bronze_scraped_tracks AS b
        WHERE b.id = p.bronze_id AND b.playlist_id = p.playlist_id AND b.row_key = p.row_key
    )
) AS sightings
LEFT JOIN silver_enriched_playlists AS sets ON sets.playlist_id = sightings.playlist_id
LEFT JOIN silver_enriched_tracks AS s ON s.track_id = sightings.track_id
LEFT JOIN gold_track_analytics AS g ON g.track_id = sightings.track_id;

COMMENT ON VIEW track_history IS
'Every sighting of every track: the row on the page and its bytes, its place in the set, what it counts as, and current silver and gold values. Query it for one track or one set';
COMMENT ON COLUMN track_history.row_index IS 'place of the row in its record, from 0, as in silver_playlist_tracks';
COMMENT ON COLUMN track_history.claim_id IS 'the row''s own track id, before merges';
COMMENT ON COLUMN track_history.raw_text IS 'line as it was read from the page';
COMMENT ON COLUMN track_history.parser_version IS
'version of the parser that read the row; NULL: the row of bronze is not stored yet';
COMMENT ON COLUMN track_history.set_date IS 'date of the set, the first day where it is partial; NULL: unknown';
COMMENT ON COLUMN track_history.set_date_precision IS 'day, month or year';
COMMENT ON COLUMN track_history.dj_ids IS 'artist ids of the DJs of the set';
COMMENT ON COLUMN track_history.dj_names IS 'names of the DJs of the set';
COMMENT ON COLUMN track_history.set_title IS 'title of the set';
COMMENT ON COLUMN track_history.counts_as IS
'play or component (of a mashup): what the row is counted as; NULL: it counts nothing, since it is superseded, unidentified or of a tracklist that does not count';
COMMENT ON COLUMN track_history.is_own IS 'true: a DJ of the set made or remixed the track';
COMMENT ON COLUMN track_history.counted_date IS
'date of the set as counts use it; NULL: unknown, or more than 30 days after the page was observed';
COMMENT ON COLUMN track_history.chosen IS
'values chosen for the track by field, each with value, provider, confidence and timestamp';
