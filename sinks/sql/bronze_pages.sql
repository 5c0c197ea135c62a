-- name: page_stage
CREATE TEMPORARY TABLE staged_bronze_pages_page ON COMMIT DELETE ROWS AS
SELECT
    id, source, page_id, kind, native_id, url, status, headers, content_type, body, body_size, sha256,
    fetched_at, fetcher, robots, scraper_version, pipeline_version
FROM bronze_pages
WITH NO DATA;

-- name: page_empty
DELETE FROM pg_temp.staged_bronze_pages_page;

-- name: page_inline
WITH staged_bronze_pages_page AS (SELECT * FROM unnest($1::pg_temp.staged_bronze_pages_page[]))

-- name: page_merge
INSERT INTO bronze_pages (
    id, source, page_id, kind, native_id, url, status, headers, content_type, body, body_size, sha256,
    fetched_at, fetcher, robots, scraper_version, pipeline_version
)
SELECT * FROM staged_bronze_pages_page
ON CONFLICT DO NOTHING;

-- name: fetch_stage
CREATE TEMPORARY TABLE staged_bronze_pages_fetch ON COMMIT DELETE ROWS AS
SELECT
    id, page_id, sha256, source, url, status, fetched_at, fetcher, robots, scraper_version
FROM bronze_page_fetches
WITH NO DATA;

-- name: fetch_empty
DELETE FROM pg_temp.staged_bronze_pages_fetch;

-- name: fetch_inline
WITH staged_bronze_pages_fetch AS (SELECT * FROM unnest($1::pg_temp.staged_bronze_pages_fetch[]))

-- name: fetch_merge
INSERT INTO bronze_page_fetches (
    id, page_id, sha256, source, url, status, fetched_at, fetcher, robots, scraper_version
)
SELECT * FROM staged_bronze_pages_fetch
ON CONFLICT DO NOTHING;
