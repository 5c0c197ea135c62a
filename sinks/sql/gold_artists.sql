-- name: artist_stage
CREATE TEMPORARY TABLE staged_gold_artists_artist ON COMMIT DELETE ROWS AS
SELECT
    artist_id, name, play_count, component_plays, playlist_appearances, dj_support, sets_played,
    first_seen_date, last_seen_date, first_set_date, last_set_date, support_dates, support_weights,
    last_observed_at, version, pipeline_version, event_id
FROM gold_artist_analytics
WITH NO DATA;

-- name: artist_empty
DELETE FROM pg_temp.staged_gold_artists_artist;

-- name: artist_inline
WITH staged_gold_artists_artist AS (SELECT * FROM unnest($1::pg_temp.staged_gold_artists_artist[]))

-- name: artist_merge
INSERT INTO gold_artist_analytics AS held (
    artist_id, name, play_count, component_plays, playlist_appearances, dj_support, sets_played,
    first_seen_date, last_seen_date, first_set_date, last_set_date, support_dates, support_weights,
    last_observed_at, version, pipeline_version, event_id
)
SELECT * FROM staged_gold_artists_artist AS new
WHERE NOT EXISTS (
    SELECT FROM gone_versions AS gone
    WHERE gone.relation = 'gold_artist_analytics' AND gone.id = new.artist_id AND gone.version > new.version
)
ORDER BY artist_id COLLATE "C" -- as refresh locks them
ON CONFLICT (artist_id) DO UPDATE SET
    name = excluded.name,
    play_count = excluded.play_count,
    component_plays = excluded.component_plays,
    playlist_appearances = excluded.playlist_appearances,
    dj_support = excluded.dj_support,
    sets_played = excluded.sets_played,
    first_seen_date = excluded.first_seen_date,
    last_seen_date = excluded.last_seen_date,
    first_set_date = excluded.first_set_date,
    last_set_date = excluded.last_set_date,
    support_dates = excluded.support_dates,
    support_weights = excluded.support_weights,
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
    INSERT INTO gone_versions AS held (relation, id, version, pipeline_version)
    SELECT 'gold_artist_analytics', id, version, pipeline_version FROM dead
    ON CONFLICT (relation, id) DO UPDATE
    SET version = excluded.version, pipeline_version = excluded.pipeline_version, gone_at = now()
    WHERE held.version <= excluded.version
)
DELETE FROM gold_artist_analytics AS held
USING dead
WHERE held.artist_id = dead.id AND held.version <= dead.version
RETURNING held.artist_id AS key;
