-- name: attempt_stage
CREATE TEMPORARY TABLE staged_bronze_enrichments_attempt ON COMMIT DELETE ROWS AS
SELECT
    id, track_id, request_id, provider, operation, parameters, status, http_status, body, response,
    latency_ms, cached, attempted_at, note, pipeline_version
FROM bronze_api_enrichments
WITH NO DATA;

-- name: attempt_empty
DELETE FROM pg_temp.staged_bronze_enrichments_attempt;

-- name: attempt_inline
WITH staged_bronze_enrichments_attempt AS (SELECT * FROM unnest($1::pg_temp.staged_bronze_enrichments_attempt[]))

-- name: attempt_merge
INSERT INTO bronze_api_enrichments (
    id, track_id, request_id, provider, operation, parameters, status, http_status, body, response,
    latency_ms, cached, attempted_at, note, pipeline_version
)
SELECT * FROM staged_bronze_enrichments_attempt
ON CONFLICT DO NOTHING;
