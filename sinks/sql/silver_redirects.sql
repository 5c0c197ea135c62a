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
SELECT * FROM staged_silver_redirects_redirect AS new
WHERE NOT EXISTS (
    SELECT FROM gone_versions AS gone
    WHERE gone.relation = 'track_redirects' AND gone.id = new.track_id AND gone.version > new.version
)
ON CONFLICT (track_id) DO UPDATE SET
    canonical_id = excluded.canonical_id,
    version = excluded.version,
    pipeline_version = excluded.pipeline_version,
    updated_at = now()
WHERE held.version <= excluded.version
RETURNING track_id AS key;

-- name: gone
WITH dead AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) AS dead (id, version, pipeline_version)
), marked AS (
    INSERT INTO gone_versions AS held (relation, id, version, pipeline_version)
    SELECT 'track_redirects', id, version, pipeline_version FROM dead
    ON CONFLICT (relation, id) DO UPDATE
    SET version = excluded.version, pipeline_version = excluded.pipeline_version, gone_at = now()
    WHERE held.version <= excluded.version
)
DELETE FROM track_redirects AS held
USING dead
WHERE held.track_id = dead.id AND held.version <= dead.version
RETURNING held.track_id AS key;
