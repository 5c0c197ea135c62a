-- name: track_stage
CREATE TEMPORARY TABLE staged_silver_tracks_track ON COMMIT DELETE ROWS AS
SELECT
    id, bronze_id, track_id, track_name, base_title, version_family, version_text, version_artists, stem,
    primary_artist, artist_names, artist_ids, featured, mix_name, position_in_mix, timestamp_in_mix,
    first_playlist_id, first_set_date, spotify_id, isrc, musicbrainz_id, beatport_id, bpm, bpm_ambiguous, key,
    key_mode, energy, danceability, valence, acousticness, instrumentalness, liveness, speechiness, loudness,
    genres, release_date, release_date_precision, release_name, label, duration_ms, spellings,
    data_completeness, completeness_ceiling, confidence_score, validation_score, data_quality_score,
    validation_status, checks, enrichment_metadata, config_version, last_enriched, last_observed_at, version,
    pipeline_version, event_id
FROM silver_enriched_tracks
WITH NO DATA;

-- name: track_empty
DELETE FROM pg_temp.staged_silver_tracks_track;

-- name: track_inline
WITH staged_silver_tracks_track AS (SELECT * FROM unnest($1::pg_temp.staged_silver_tracks_track[]))

-- name: track_merge
INSERT INTO silver_enriched_tracks AS held (
    id, bronze_id, track_id, track_name, base_title, version_family, version_text, version_artists, stem,
    primary_artist, artist_names, artist_ids, featured, mix_name, position_in_mix, timestamp_in_mix,
    first_playlist_id, first_set_date, spotify_id, isrc, musicbrainz_id, beatport_id, bpm, bpm_ambiguous, key,
    key_mode, energy, danceability, valence, acousticness, instrumentalness, liveness, speechiness, loudness,
    genres, release_date, release_date_precision, release_name, label, duration_ms, spellings,
    data_completeness, completeness_ceiling, confidence_score, validation_score, data_quality_score,
    validation_status, checks, enrichment_metadata, config_version, last_enriched, last_observed_at, version,
    pipeline_version, event_id
)
SELECT * FROM staged_silver_tracks_track AS new
WHERE NOT EXISTS (
    SELECT FROM gone_versions AS gone
    WHERE gone.relation = 'silver_enriched_tracks' AND gone.id = new.track_id AND gone.version > new.version
)
ON CONFLICT (track_id) DO UPDATE SET
    bronze_id = excluded.bronze_id,
    track_name = excluded.track_name,
    base_title = excluded.base_title,
    version_family = excluded.version_family,
    version_text = excluded.version_text,
    version_artists = excluded.version_artists,
    stem = excluded.stem,
    primary_artist = excluded.primary_artist,
    artist_names = excluded.artist_names,
    artist_ids = excluded.artist_ids,
    featured = excluded.featured,
    mix_name = excluded.mix_name,
    position_in_mix = excluded.position_in_mix,
    timestamp_in_mix = excluded.timestamp_in_mix,
    first_playlist_id = excluded.first_playlist_id,
    first_set_date = excluded.first_set_date,
    spotify_id = excluded.spotify_id,
    isrc = excluded.isrc,
    musicbrainz_id = excluded.musicbrainz_id,
    beatport_id = excluded.beatport_id,
    bpm = excluded.bpm,
    bpm_ambiguous = excluded.bpm_ambiguous,
    key = excluded.key,
    key_mode = excluded.key_mode,
    energy = excluded.energy,
    danceability = excluded.danceability,
    valence = excluded.valence,
    acousticness = excluded.acousticness,
    instrumentalness = excluded.instrumentalness,
    liveness = excluded.liveness,
    speechiness = excluded.speechiness,
    loudness = excluded.loudness,
    genres = excluded.genres,
    release_date = excluded.release_date,
    release_date_precision = excluded.release_date_precision,
    release_name = excluded.release_name,
    label = excluded.label,
    duration_ms = excluded.duration_ms,
    spellings = excluded.spellings,
    data_completeness = excluded.data_completeness,
    completeness_ceiling = excluded.completeness_ceiling,
    confidence_score = excluded.confidence_score,
    validation_score = excluded.validation_score,
    data_quality_score = excluded.data_quality_score,
    validation_status = excluded.validation_status,
    checks = excluded.checks,
    enrichment_metadata = excluded.enrichment_metadata,
    config_version = excluded.config_version,
    last_enriched = excluded.last_enriched,
    last_observed_at = excluded.last_observed_at,
    version = excluded.version,
    pipeline_version = excluded.pipeline_version,
    event_id = excluded.event_id,
    updated_at = now()
WHERE held.version <= excluded.version
RETURNING track_id AS key;

-- name: gone
WITH dead AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) AS dead (id, version, pipeline_version)
), marked AS (
    INSERT INTO gone_versions AS held (relation, id, version, pipeline_version, created_at)
    SELECT 'silver_enriched_tracks', dead.id, dead.version, dead.pipeline_version, living.created_at
    FROM dead LEFT JOIN silver_enriched_tracks AS living ON living.track_id = dead.id
    ON CONFLICT (relation, id) DO UPDATE
    SET version = excluded.version, pipeline_version = excluded.pipeline_version, gone_at = now(),
        created_at = coalesce(excluded.created_at, held.created_at)
    WHERE held.version <= excluded.version
)
DELETE FROM silver_enriched_tracks AS held
USING dead
WHERE held.track_id = dead.id AND held.version <= dead.version
RETURNING held.track_id AS key;

-- name: restore_created
-- A row that comes back keeps the time of its first version.
UPDATE silver_enriched_tracks AS held
SET created_at = gone.created_at
FROM gone_versions AS gone
WHERE gone.relation = 'silver_enriched_tracks' AND gone.id = held.track_id AND gone.created_at < held.created_at
  AND held.track_id = ANY ($1::text[]);
