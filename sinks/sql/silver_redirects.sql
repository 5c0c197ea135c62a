-- name: redirect_stage
CREATE TEMPORARY TABLE staged_silver_redirects_redirect ON COMMIT DELETE ROWS AS
SELECT
    track_id, canonical_id, version, pipeline_version
FROM track_redirects
WITH NO DATA;

-- name: redirect_empty
DELETE FROM pg_temp.staged_silver_redirects_redirect;

-- name: redirect_inline
WITH staged_silver_redirects_redirect AS (SELECT * FROM unnest($1::pg_temp.staged_silver_redirects_redirect[]))

-- name: redirect_merge
INSERT INTO track_redirects AS held (
    track_id, canonical_id, version, pipeline_version
)
SELECT * FROM staged_silver_redirects_redirect WHERE true
ON CONFLICT (track_id) DO UPDATE SET
    canonical_id = excluded.canonical_id,
    version = excluded.version,
    pipeline_version = excluded.pipeline_version,
    updated_at = now()
WHERE held.version <= excluded.version
RETURNING track_id AS key;
