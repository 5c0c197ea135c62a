-- name: event_stage
CREATE TEMPORARY TABLE staged_bronze_events_event ON COMMIT DELETE ROWS AS
SELECT
    id, source, source_url, ra_event_id, title, event_date, raw_data, content_hash, page_id, scraped_at,
    scraper_version, parser_version
FROM bronze_events
WITH NO DATA;

-- name: event_empty
DELETE FROM pg_temp.staged_bronze_events_event;

-- name: event_inline
WITH staged_bronze_events_event AS (SELECT * FROM unnest($1::pg_temp.staged_bronze_events_event[]))

-- name: event_merge
INSERT INTO bronze_events (
    id, source, source_url, ra_event_id, title, event_date, raw_data, content_hash, page_id, scraped_at,
    scraper_version, parser_version
)
SELECT * FROM staged_bronze_events_event
ON CONFLICT DO NOTHING;
