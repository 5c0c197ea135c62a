-- name: event_stage
CREATE TEMPORARY TABLE staged_silver_events_event ON COMMIT DELETE ROWS AS
SELECT
    id, ra_event_id, source, source_url, title, event_date, start_time, end_time, timezone, venue,
    venue_native_id, address, latitude, longitude, city, country, promoters, genres, attending, cost,
    page_kind, area, start_local, end_local, festival, interested, lineup_text, warnings, data_completeness,
    confidence_score, validation_score, data_quality_score, validation_status, checks, last_observed_at,
    version, pipeline_version, event_id
FROM silver_events
WITH NO DATA;

-- name: event_empty
DELETE FROM pg_temp.staged_silver_events_event;

-- name: event_inline
WITH staged_silver_events_event AS (SELECT * FROM unnest($1::pg_temp.staged_silver_events_event[]))

-- name: event_merge
INSERT INTO silver_events AS held (
    id, ra_event_id, source, source_url, title, event_date, start_time, end_time, timezone, venue,
    venue_native_id, address, latitude, longitude, city, country, promoters, genres, attending, cost,
    page_kind, area, start_local, end_local, festival, interested, lineup_text, warnings, data_completeness,
    confidence_score, validation_score, data_quality_score, validation_status, checks, last_observed_at,
    version, pipeline_version, event_id
)
SELECT * FROM staged_silver_events_event AS new
WHERE NOT EXISTS (
    SELECT FROM gone_versions AS gone
    WHERE gone.relation = 'silver_events' AND gone.id = new.ra_event_id AND gone.version > new.version
)
ON CONFLICT (ra_event_id) DO UPDATE SET
    source = excluded.source,
    source_url = excluded.source_url,
    title = excluded.title,
    event_date = excluded.event_date,
    start_time = excluded.start_time,
    end_time = excluded.end_time,
    timezone = excluded.timezone,
    venue = excluded.venue,
    venue_native_id = excluded.venue_native_id,
    address = excluded.address,
    latitude = excluded.latitude,
    longitude = excluded.longitude,
    city = excluded.city,
    country = excluded.country,
    promoters = excluded.promoters,
    genres = excluded.genres,
    attending = excluded.attending,
    cost = excluded.cost,
    page_kind = excluded.page_kind,
    area = excluded.area,
    start_local = excluded.start_local,
    end_local = excluded.end_local,
    festival = excluded.festival,
    interested = excluded.interested,
    lineup_text = excluded.lineup_text,
    warnings = excluded.warnings,
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
RETURNING ra_event_id AS key;

-- name: gone
WITH dead AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) AS dead (id, version, pipeline_version)
), marked AS (
    INSERT INTO gone_versions AS held (relation, id, version, pipeline_version, created_at)
    SELECT 'silver_events', dead.id, dead.version, dead.pipeline_version, living.created_at
    FROM dead LEFT JOIN silver_events AS living ON living.ra_event_id = dead.id
    ON CONFLICT (relation, id) DO UPDATE
    SET version = excluded.version, pipeline_version = excluded.pipeline_version, gone_at = now(),
        created_at = coalesce(excluded.created_at, held.created_at)
    WHERE held.version <= excluded.version
)
DELETE FROM silver_events AS held
USING dead
WHERE held.ra_event_id = dead.id AND held.version <= dead.version
RETURNING held.ra_event_id AS key;

-- name: act_stage
CREATE TEMPORARY TABLE staged_silver_events_act ON COMMIT DELETE ROWS AS
SELECT
    ra_event_id, ordinal, name, native_id, artist_id
FROM silver_event_lineups
WITH NO DATA;

-- name: act_empty
DELETE FROM pg_temp.staged_silver_events_act;

-- name: act_inline
WITH staged_silver_events_act AS (SELECT * FROM unnest($1::pg_temp.staged_silver_events_act[]))

-- name: act_merge
INSERT INTO silver_event_lineups (
    ra_event_id, ordinal, name, native_id, artist_id
)
SELECT * FROM staged_silver_events_act;

-- name: act_clear
DELETE FROM silver_event_lineups WHERE ra_event_id = ANY ($1::text[]);

-- name: restore_created
-- A row that comes back keeps the time of its first version.
UPDATE silver_events AS held
SET created_at = gone.created_at
FROM gone_versions AS gone
WHERE gone.relation = 'silver_events' AND gone.id = held.ra_event_id AND gone.created_at < held.created_at
  AND held.ra_event_id = ANY ($1::text[]);
