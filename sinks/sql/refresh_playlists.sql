-- name: all
SELECT playlist_id FROM silver_enriched_playlists ORDER BY playlist_id;

-- name: altered
-- Of these tracks, those that look otherwise than when the sets with them were analysed last.
SELECT asked.id, today.looks
FROM unnest($1::text[]) AS asked (id)
LEFT JOIN silver_enriched_tracks AS track ON track.track_id = asked.id
CROSS JOIN LATERAL (SELECT (track.bpm, track.camelot, track.energy, track.genres[1], track.release_date)::text AS looks) AS today
LEFT JOIN analysed_tracks AS held ON held.track_id = asked.id
WHERE today.looks <> coalesce(held.looks, '(,,,,)');

-- name: noted
INSERT INTO analysed_tracks (track_id, looks)
SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT (track_id) DO UPDATE SET looks = excluded.looks;

-- name: forget
DELETE FROM analysed_tracks;

-- name: note_all
INSERT INTO analysed_tracks (track_id, looks)
SELECT track_id, (bpm, camelot, energy, genres[1], release_date)::text AS looks
FROM silver_enriched_tracks
WHERE (bpm, camelot, energy, genres[1], release_date)::text <> '(,,,,)';

-- name: queue_with_tracks
-- Queue the analytics of the sets with these tracks ($1), but of those that are analysed already ($2).
INSERT INTO refresh_queue (kind, id)
SELECT DISTINCT 'analytics', playlist_id
FROM silver_playlist_tracks
WHERE track_id = ANY ($1::text[]) AND playlist_id <> ALL ($2::text[]);

-- name: with_tracks
SELECT DISTINCT playlist_id FROM silver_playlist_tracks WHERE track_id = ANY ($1::text[]);

-- name: transitions
-- From each row to the next one played: the move of the keys and the change of tempo, folded. Tracks are looked up one by
-- one, here and below: for some hundred sets a plan would read all tracks.
WITH wanted AS (
    SELECT here.playlist_id, here.row_index,
           CASE WHEN a.camelot IS NOT NULL AND b.camelot IS NOT NULL
                THEN coalesce(moves.move, 'clash') END AS relation,
           round((folded_tempo(b.bpm::double precision, a.bpm::double precision) - a.bpm)::numeric, 2) AS change
    FROM silver_playlist_tracks AS here
    LEFT JOIN silver_playlist_tracks AS there
           ON there.playlist_id = here.playlist_id AND there.row_index = here.next_row_index
    LEFT JOIN LATERAL (
        SELECT bpm, camelot FROM silver_enriched_tracks AS track WHERE track.track_id = here.track_id OFFSET 0
    ) AS a ON true
    LEFT JOIN LATERAL (
        SELECT bpm, camelot FROM silver_enriched_tracks AS track WHERE track.track_id = there.track_id OFFSET 0
    ) AS b ON true
    LEFT JOIN harmonic_moves AS moves ON moves.camelot = a.camelot AND moves.other = b.camelot
    WHERE here.playlist_id = ANY ($1::text[])
)
UPDATE silver_playlist_tracks AS held
SET key_relation = relation, bpm_change = change
FROM wanted
WHERE held.playlist_id = wanted.playlist_id AND held.row_index = wanted.row_index
  AND (held.key_relation, held.bpm_change) IS DISTINCT FROM (relation, change);

-- name: moments
-- Per set its moments in the order of play, as arrays. A moment is a group of rows played together: its values are
-- those of the main row.
WITH leaders AS (
    SELECT DISTINCT ON (playlist_id, coalesce(part, '') COLLATE "C", group_index)
           playlist_id, part, cue_seconds, bpm::double precision AS bpm, camelot, energy, genres[1] AS genre
    FROM silver_playlist_tracks AS here
    LEFT JOIN LATERAL (
        SELECT bpm, camelot, energy, genres FROM silver_enriched_tracks AS track
        WHERE track.track_id = here.track_id OFFSET 0
    ) AS track ON true
    WHERE playlist_id = ANY ($1::text[])
    ORDER BY playlist_id, coalesce(part, '') COLLATE "C", group_index, role <> 'main', row_index
), moments AS (
    SELECT playlist_id, array_agg(part) AS parts, array_agg(cue_seconds) AS cues, array_agg(bpm) AS bpms,
           array_agg(camelot) AS camelots, array_agg(energy) AS energies, array_agg(genre) AS genres
    FROM leaders
    GROUP BY playlist_id
)
SELECT playlist_id, version, row_count, identified_rows, duration_seconds, dj_ids, dj_names, event_name, venue,
       mix_name, city, country, parts, cues, bpms, camelots, energies, moments.genres
FROM silver_enriched_playlists
LEFT JOIN moments USING (playlist_id)
WHERE playlist_id = ANY ($1::text[])
ORDER BY playlist_id;

-- name: analyse
-- Write the rows of sets whose values are others now; return their ids.
INSERT INTO gold_playlist_analytics AS current (
    playlist_id, version, row_count, identified_count, identified_share, duration_seconds, coverage,
    moment_count, time_basis, curve_places, energy_coverage, energy_curve, energy_start, energy_mean,
    energy_peak, energy_end, energy_peak_place, energy_peaks, shape, bpm_coverage, bpm_curve, bpm_min,
    bpm_max, bpm_mean, bpm_drift_per_hour, bpm_median_change, key_coverage, key_curve, key_moves,
    key_relations, longest_same_key_run, harmonic_flow_score, harmonic_flow_parts, genre_mix, series, as_of
)
SELECT playlist_id, version, row_count, identified_count, identified_share, duration_seconds, coverage,
       moment_count, time_basis, curve_places, energy_coverage, energy_curve, energy_start, energy_mean,
       energy_peak, energy_end, energy_peak_place, energy_peaks, shape, bpm_coverage, bpm_curve, bpm_min,
       bpm_max, bpm_mean, bpm_drift_per_hour, bpm_median_change, key_coverage, key_curve, key_moves,
       key_relations, longest_same_key_run, harmonic_flow_score, harmonic_flow_parts, genre_mix, series, as_of
FROM jsonb_populate_recordset(NULL::gold_playlist_analytics, $1::jsonb)
ON CONFLICT (playlist_id) DO UPDATE SET
    version = excluded.version,
    row_count = excluded.row_count,
    identified_count = excluded.identified_count,
    identified_share = excluded.identified_share,
    duration_seconds = excluded.duration_seconds,
    coverage = excluded.coverage,
    moment_count = excluded.moment_count,
    time_basis = excluded.time_basis,
    curve_places = excluded.curve_places,
    energy_coverage = excluded.energy_coverage,
    energy_curve = excluded.energy_curve,
    energy_start = excluded.energy_start,
    energy_mean = excluded.energy_mean,
    energy_peak = excluded.energy_peak,
    energy_end = excluded.energy_end,
    energy_peak_place = excluded.energy_peak_place,
    energy_peaks = excluded.energy_peaks,
    shape = excluded.shape,
    bpm_coverage = excluded.bpm_coverage,
    bpm_curve = excluded.bpm_curve,
    bpm_min = excluded.bpm_min,
    bpm_max = excluded.bpm_max,
    bpm_mean = excluded.bpm_mean,
    bpm_drift_per_hour = excluded.bpm_drift_per_hour,
    bpm_median_change = excluded.bpm_median_change,
    key_coverage = excluded.key_coverage,
    key_curve = excluded.key_curve,
    key_moves = excluded.key_moves,
    key_relations = excluded.key_relations,
    longest_same_key_run = excluded.longest_same_key_run,
    harmonic_flow_score = excluded.harmonic_flow_score,
    harmonic_flow_parts = excluded.harmonic_flow_parts,
    genre_mix = excluded.genre_mix,
    series = excluded.series,
    as_of = excluded.as_of,
    updated_at = now()
WHERE (
    current.version, current.row_count, current.identified_count, current.identified_share,
    current.duration_seconds, current.coverage, current.moment_count, current.time_basis,
    current.curve_places, current.energy_coverage, current.energy_curve, current.energy_start,
    current.energy_mean, current.energy_peak, current.energy_end, current.energy_peak_place,
    current.energy_peaks, current.shape, current.bpm_coverage, current.bpm_curve, current.bpm_min,
    current.bpm_max, current.bpm_mean, current.bpm_drift_per_hour, current.bpm_median_change,
    current.key_coverage, current.key_curve, current.key_moves, current.key_relations,
    current.longest_same_key_run, current.harmonic_flow_score, current.harmonic_flow_parts,
    current.genre_mix, current.series
) IS DISTINCT FROM (
    excluded.version, excluded.row_count, excluded.identified_count, excluded.identified_share,
    excluded.duration_seconds, excluded.coverage, excluded.moment_count, excluded.time_basis,
    excluded.curve_places, excluded.energy_coverage, excluded.energy_curve, excluded.energy_start,
    excluded.energy_mean, excluded.energy_peak, excluded.energy_end, excluded.energy_peak_place,
    excluded.energy_peaks, excluded.shape, excluded.bpm_coverage, excluded.bpm_curve, excluded.bpm_min,
    excluded.bpm_max, excluded.bpm_mean, excluded.bpm_drift_per_hour, excluded.bpm_median_change,
    excluded.key_coverage, excluded.key_curve, excluded.key_moves, excluded.key_relations,
    excluded.longest_same_key_run, excluded.harmonic_flow_score, excluded.harmonic_flow_parts,
    excluded.genre_mix, excluded.series
)
RETURNING playlist_id;

-- name: dated
UPDATE gold_playlist_analytics SET as_of = $1 WHERE as_of <> $1;

-- name: published
SELECT analytics.*, silver.source,
       CASE WHEN isfinite(silver.last_observed_at) THEN silver.last_observed_at ELSE analytics.updated_at END
           AS last_observed_at
FROM gold_playlist_analytics AS analytics
JOIN silver_enriched_playlists AS silver USING (playlist_id)
WHERE playlist_id = ANY ($1::text[]);
