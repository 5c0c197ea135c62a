-- name: artist_stage
CREATE TEMPORARY TABLE staged_bronze_artists_artist ON COMMIT DELETE ROWS AS
SELECT
    id, source, source_url, artist_id, name, biography, links, raw_data, content_hash, page_id, scraped_at,
    scraper_version, parser_version
FROM bronze_scraped_artists
WITH NO DATA;

-- name: artist_empty
DELETE FROM pg_temp.staged_bronze_artists_artist;

-- name: artist_inline
WITH staged_bronze_artists_artist AS (SELECT * FROM unnest($1::pg_temp.staged_bronze_artists_artist[]))

-- name: artist_merge
INSERT INTO bronze_scraped_artists (
    id, source, source_url, artist_id, name, biography, links, raw_data, content_hash, page_id, scraped_at,
    scraper_version, parser_version
)
SELECT * FROM staged_bronze_artists_artist
ON CONFLICT DO NOTHING;
