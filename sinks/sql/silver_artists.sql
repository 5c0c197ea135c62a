-- name: artist_stage
CREATE TEMPORARY TABLE staged_silver_artists_artist ON COMMIT DELETE ROWS AS
SELECT
    id, artist_id, name, aliases, native_ids, links, country, biography, is_dj, is_producer,
    data_completeness, confidence_score, validation_score, data_quality_score, validation_status, checks,
    last_observed_at, version, pipeline_version, event_id
FROM silver_enriched_artists
WITH NO DATA;

-- name: artist_empty
DELETE FROM pg_temp.staged_silver_artists_artist;

-- name: artist_inline
WITH staged_silver_artists_artist AS (SELECT * FROM unnest($1::pg_temp.staged_silver_artists_artist[]))

-- name: artist_merge
INSERT INTO silver_enriched_artists AS held (
    id, artist_id, name, aliases, native_ids, links, country, biography, is_dj, is_producer,
    data_completeness, confidence_score, validation_score, data_quality_score, validation_status, checks,
    last_observed_at, version, pipeline_version, event_id
)
SELECT * FROM staged_silver_artists_artist AS new
WHERE NOT EXISTS (
    SELECT FROM gone_versions AS gone
    WHERE gone.relation = 'silver_enriched_artists' AND gone.id = new.artist_id AND gone.version > new.version
)
ON CONFLICT (artist_id) DO UPDATE SET
    name = excluded.name,
    aliases = excluded.aliases,
    native_ids = excluded.native_ids,
    links = excluded.links,
    country = excluded.country,
    biography = excluded.biography,
    is_dj = excluded.is_dj,
    is_producer = excluded.is_producer,
    data_completeness = excluded.data_completeness,
    confidence_score = excluded.confidence_score,
    validation_score = excluded.validation_score,
    data_quality_score = excluded.data_quality_score,
    validation_status = excluded.validation_status,
    checks = excluded.checks,
    last_observed_at = excluded.last_observed_at,
    version = excluded.version,
    pipeline_version = excluded.pipeline_version,
    event_id = excluded.event_id,
    updated_at = now()
WHERE held.version <= excluded.version
RETURNING artist_id AS key;

-- name: gone
WITH dead AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) AS dead (id, version, pipeline_version)
), marked AS (
    INSERT INTO gone_versions AS held (relation, id, version, pipeline_version, created_at)
    SELECT 'silver_enriched_artists', dead.id, dead.version, dead.pipeline_version, living.created_at
    FROM dead LEFT JOIN silver_enriched_artists AS living ON living.artist_id = dead.id
    ON CONFLICT (relation, id) DO UPDATE
    SET version = excluded.version, pipeline_version = excluded.pipeline_version, gone_at = now(),
        created_at = coalesce(excluded.created_at, held.created_at)
    WHERE held.version <= excluded.version
)
DELETE FROM silver_enriched_artists AS held
USING dead
WHERE held.artist_id = dead.id AND held.version <= dead.version
RETURNING held.artist_id AS key;

-- name: restore_created
-- A row that comes back keeps the time of its first version.
UPDATE silver_enriched_artists AS held
SET created_at = gone.created_at
FROM gone_versions AS gone
WHERE gone.relation = 'silver_enriched_artists' AND gone.id = held.artist_id AND gone.created_at < held.created_at
  AND held.artist_id = ANY ($1::text[]);
