-- name: refreshed_at
-- Time of the newest successful step of refresh; NULL before the first.
SELECT max(succeeded_at) AS refreshed_at FROM refresh_steps;

-- name: steps
SELECT step, succeeded_at, seconds, waiting, failures FROM refresh_steps ORDER BY step COLLATE "C";

-- name: transitions
SELECT to_track_id AS track_id, to_artist AS primary_artist, to_track_name AS track_name, kind, dj_count, set_count,
       first_date, last_date, gap_seconds, gap_count, key_relation, bpm_change, energy_change, latest_sets
FROM gold_transitions
WHERE from_track_id = $1
ORDER BY dj_count DESC, set_count DESC, to_track_id, kind
LIMIT $2;

-- name: events
-- Events from ($1) to ($2), in a country ($3), each of them optional; newest first.
SELECT ra_event_id AS event_id, title, event_date, venue, city, country, genres, attending, source, source_url
FROM silver_events
WHERE ($1::date IS NULL OR event_date >= $1)
  AND ($2::date IS NULL OR event_date <= $2)
  AND ($3::text IS NULL OR lower(country) = lower($3))
ORDER BY event_date DESC, ra_event_id
LIMIT $4;
