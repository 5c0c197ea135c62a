-- Archived attempts at providers for a track, the oldest first.
SELECT
    id::text AS attempt_id, track_id, request_id, provider, operation, parameters, status, http_status, body,
    latency_ms, cached, attempted_at, note, attempt, lookup, requested_by, batch_id, batch_size, is_slice, claim
FROM bronze_api_enrichments
WHERE track_id = %s
ORDER BY attempted_at, id;
