-- name: playlist_stage
CREATE TEMPORARY TABLE staged_bronze_tracklists_playlist ON COMMIT DELETE ROWS AS
SELECT
    id, source, source_url, playlist_id, page_kind, raw_data, counters, warnings, row_count, content_hash,
    page_id, page_sha256, scraped_at, scraper_version, parser_version
FROM bronze_scraped_playlists
WITH NO DATA;

-- name: playlist_empty
DELETE FROM pg_temp.staged_bronze_tracklists_playlist;

-- name: playlist_inline
WITH staged_bronze_tracklists_playlist AS (SELECT * FROM unnest($1::pg_temp.staged_bronze_tracklists_playlist[]))

-- name: playlist_merge
INSERT INTO bronze_scraped_playlists (
    id, source, source_url, playlist_id, page_kind, raw_data, counters, warnings, row_count, content_hash,
    page_id, page_sha256, scraped_at, scraper_version, parser_version
)
SELECT * FROM staged_bronze_tracklists_playlist
ON CONFLICT DO NOTHING;

-- name: track_stage
CREATE TEMPORARY TABLE staged_bronze_tracklists_track ON COMMIT DELETE ROWS AS
SELECT
    id, source, source_url, raw_data, scraped_at, scraper_version, playlist_id, row_key, ordinal,
    content_hash, page_id, page_sha256, parser_version
FROM bronze_scraped_tracks
WITH NO DATA;

-- name: track_empty
DELETE FROM pg_temp.staged_bronze_tracklists_track;

-- name: track_inline
WITH staged_bronze_tracklists_track AS (SELECT * FROM unnest($1::pg_temp.staged_bronze_tracklists_track[]))

-- name: track_merge
INSERT INTO bronze_scraped_tracks (
    id, source, source_url, raw_data, scraped_at, scraper_version, playlist_id, row_key, ordinal,
    content_hash, page_id, page_sha256, parser_version
)
SELECT * FROM staged_bronze_tracklists_track
ON CONFLICT DO NOTHING;
