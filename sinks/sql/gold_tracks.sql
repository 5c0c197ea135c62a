-- name: track_stage
CREATE TEMPORARY TABLE staged_gold_tracks_track ON COMMIT DELETE ROWS AS
SELECT
    track_id, track_name, base_title, version_family, version_text, version_artists, stem, primary_artist,
    all_artists, bpm, key, key_mode, energy, genres, release_year, play_count, component_plays, self_plays,
    playlist_appearances, dj_support, first_seen_date, last_seen_date, support_dates, support_weights,
    data_completeness, confidence_score, validation_score, last_enriched, last_observed_at, version,
    pipeline_version, event_id
FROM gold_track_analytics
WITH NO DATA;

-- name: track_empty
DELETE FROM pg_temp.staged_gold_tracks_track;

-- name: track_inline
WITH staged_gold_tracks_track AS (SELECT * FROM unnest($1::pg_temp.staged_gold_tracks_track[]))

-- name: track_merge
INSERT INTO gold_track_analytics AS held (
    track_id, track_name, base_title, version_family, version_text, version_artists, stem, primary_artist,
    all_artists, bpm, key, key_mode, energy, genres, release_year, play_count, component_plays, self_plays,
    playlist_appearances, dj_support, first_seen_date, last_seen_date, support_dates, support_weights,
    data_completeness, confidence_score, validation_score, last_enriched, last_observed_at, version,
    pipeline_version, event_id
)
SELECT * FROM staged_gold_tracks_track AS new
WHERE NOT EXISTS (
    SELECT FROM gone_versions AS gone
    WHERE gone.relation = 'gold_track_analytics' AND gone.id = new.track_id AND gone.version > new.version
)
ORDER BY track_id COLLATE "C" -- as refresh locks them
ON CONFLICT (track_id) DO UPDATE SET
    track_name = excluded.track_name,
    base_title = excluded.base_title,
    version_family = excluded.version_family,
    version_text = excluded.version_text,
    version_artists = excluded.version_artists,
    stem = excluded.stem,
    primary_artist = excluded.primary_artist,
    all_artists = excluded.all_artists,
    bpm = excluded.bpm,
    key = excluded.key,
    key_mode = excluded.key_mode,
    energy = excluded.energy,
    genres = excluded.genres,
    release_year = excluded.release_year,
    play_count = excluded.play_count,
    component_plays = excluded.component_plays,
    self_plays = excluded.self_plays,
    playlist_appearances = excluded.playlist_appearances,
    dj_support = excluded.dj_support,
    first_seen_date = excluded.first_seen_date,
    last_seen_date = excluded.last_seen_date,
    support_dates = excluded.support_dates,
    support_weights = excluded.support_weights,
    data_completeness = excluded.data_completeness,
    confidence_score = excluded.confidence_score,
    validation_score = excluded.validation_score,
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
    INSERT INTO gone_versions AS held (relation, id, version, pipeline_version)
    SELECT 'gold_track_analytics', id, version, pipeline_version FROM dead
    ON CONFLICT (relation, id) DO UPDATE
    SET version = excluded.version, pipeline_version = excluded.pipeline_version, gone_at = now()
    WHERE held.version <= excluded.version
)
DELETE FROM gold_track_analytics AS held
USING dead
WHERE held.track_id = dead.id AND held.version <= dead.version
RETURNING held.track_id AS key;
