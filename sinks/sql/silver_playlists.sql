-- name: playlist_stage
CREATE TEMPORARY TABLE staged_silver_playlists_playlist ON COMMIT DELETE ROWS AS
SELECT
    id, playlist_id, source, source_url, title, mix_name, set_date, set_date_precision, set_id, counted,
    ra_event_id, dj_ids, dj_names, event_name, venue, city, country, set_type, styles, genres,
    duration_seconds, recordings, declared_tracks, row_count, identified_rows, data_completeness,
    confidence_score, validation_score, data_quality_score, validation_status, checks, page_ids, content_hash,
    parser_version, last_observed_at, version, pipeline_version, event_id
FROM silver_enriched_playlists
WITH NO DATA;

-- name: playlist_empty
DELETE FROM pg_temp.staged_silver_playlists_playlist;

-- name: playlist_inline
WITH staged_silver_playlists_playlist AS (SELECT * FROM unnest($1::pg_temp.staged_silver_playlists_playlist[]))

-- name: playlist_merge
INSERT INTO silver_enriched_playlists AS held (
    id, playlist_id, source, source_url, title, mix_name, set_date, set_date_precision, set_id, counted,
    ra_event_id, dj_ids, dj_names, event_name, venue, city, country, set_type, styles, genres,
    duration_seconds, recordings, declared_tracks, row_count, identified_rows, data_completeness,
    confidence_score, validation_score, data_quality_score, validation_status, checks, page_ids, content_hash,
    parser_version, last_observed_at, version, pipeline_version, event_id
)
SELECT * FROM staged_silver_playlists_playlist WHERE true
ON CONFLICT (playlist_id) DO UPDATE SET
    source = excluded.source,
    source_url = excluded.source_url,
    title = excluded.title,
    mix_name = excluded.mix_name,
    set_date = excluded.set_date,
    set_date_precision = excluded.set_date_precision,
    set_id = excluded.set_id,
    counted = excluded.counted,
    ra_event_id = excluded.ra_event_id,
    dj_ids = excluded.dj_ids,
    dj_names = excluded.dj_names,
    event_name = excluded.event_name,
    venue = excluded.venue,
    city = excluded.city,
    country = excluded.country,
    set_type = excluded.set_type,
    styles = excluded.styles,
    genres = excluded.genres,
    duration_seconds = excluded.duration_seconds,
    recordings = excluded.recordings,
    declared_tracks = excluded.declared_tracks,
    row_count = excluded.row_count,
    identified_rows = excluded.identified_rows,
    data_completeness = excluded.data_completeness,
    confidence_score = excluded.confidence_score,
    validation_score = excluded.validation_score,
    data_quality_score = excluded.data_quality_score,
    validation_status = excluded.validation_status,
    checks = excluded.checks,
    page_ids = excluded.page_ids,
    content_hash = excluded.content_hash,
    parser_version = excluded.parser_version,
    last_observed_at = excluded.last_observed_at,
    version = excluded.version,
    pipeline_version = excluded.pipeline_version,
    event_id = excluded.event_id,
    updated_at = now()
WHERE held.version <= excluded.version
RETURNING playlist_id AS key;

-- name: row_stage
CREATE TEMPORARY TABLE staged_silver_playlists_row ON COMMIT DELETE ROWS AS
SELECT
    playlist_id, row_index, row_key, bronze_id, position, number, group_index, role, status, track_id,
    claim_id, track_name, artist_credit, artist_names, artist_ids, version_artist_ids, featured_ids, variant,
    genre, claim, raw_text, cue_text, cue_seconds, cue_grain, part, validation, validation_status, checks,
    native_track_id, version, pipeline_version, next_row_index, gap_seconds
FROM silver_playlist_tracks
WITH NO DATA;

-- name: row_empty
DELETE FROM pg_temp.staged_silver_playlists_row;

-- name: row_inline
WITH staged_silver_playlists_row AS (SELECT * FROM unnest($1::pg_temp.staged_silver_playlists_row[]))

-- name: row_merge
INSERT INTO silver_playlist_tracks (
    playlist_id, row_index, row_key, bronze_id, position, number, group_index, role, status, track_id,
    claim_id, track_name, artist_credit, artist_names, artist_ids, version_artist_ids, featured_ids, variant,
    genre, claim, raw_text, cue_text, cue_seconds, cue_grain, part, validation, validation_status, checks,
    native_track_id, version, pipeline_version, next_row_index, gap_seconds
)
SELECT * FROM staged_silver_playlists_row;

-- name: row_clear
DELETE FROM silver_playlist_tracks WHERE playlist_id = ANY ($1::text[]);
