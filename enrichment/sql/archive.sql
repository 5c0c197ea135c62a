-- name: of_subjects
-- Answers about tracks ($1), and about artists ($2).
SELECT id::text AS attempt_id, track_id, request_id, provider, operation, parameters::text AS parameters, status,
       body, latency_ms, cached, attempted_at, note, attempt, lookup, claim::text AS claim, artist_id
FROM bronze_api_enrichments
WHERE track_id = ANY($1::text[]) OR artist_id = ANY($2::text[])
ORDER BY attempted_at, id;

-- name: positions
SELECT part, next_offset FROM sink_offsets WHERE sink = $1 AND topic = $2;

-- name: older_than
SELECT track_id, artist_id, id, provider, operation, parameters::text AS parameters, attempted_at
FROM bronze_api_enrichments
WHERE (attempted_at, id) > ($1, $2) AND provider = $4 AND attempted_at < $5 AND body IS NOT NULL
ORDER BY attempted_at, id
LIMIT $3;

-- name: to_withdraw
SELECT track_id, artist_id, id, provider, operation, parameters::text AS parameters, attempted_at
FROM bronze_api_enrichments
WHERE (attempted_at, id) > ($1, $2)
  AND ($4::text IS NULL OR provider = $4)
  AND ($5::text IS NULL OR track_id = $5)
  AND ($6::uuid IS NULL OR id = $6)
  AND ($7::text IS NULL OR artist_id = $7)
ORDER BY attempted_at, id
LIMIT $3;
