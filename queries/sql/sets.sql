-- name: set
SELECT playlist.*, coverage, bpm_min, bpm_max, bpm_mean, bpm_drift_per_hour, key_relations, harmonic_flow_score,
       energy_mean, energy_peak, shape, genre_mix
FROM silver_enriched_playlists AS playlist
LEFT JOIN gold_playlist_analytics USING (playlist_id)
WHERE playlist_id = $1;

-- name: rows
SELECT row_index, position, group_index, role, status, cue_seconds, playlist.track_id, artist_credit,
       coalesce(track.track_name, playlist.track_name) AS track_name, raw_text, bpm, camelot, energy,
       key_relation, bpm_change, dj_support
FROM silver_playlist_tracks AS playlist
LEFT JOIN gold_track_analytics AS track ON track.track_id = playlist.track_id
WHERE playlist_id = $1
ORDER BY row_index;

-- name: between
-- Tracks that mix after the first and before the second, by the worse of both scores.
SELECT track_id, primary_artist, track_name, bpm, camelot, least(after.score, before.score) AS score
FROM gold_harmonic_mixing_recommendations AS after
JOIN gold_harmonic_mixing_recommendations AS before
  ON before.source_track_id = after.recommended_track_id AND before.recommended_track_id = $2
JOIN gold_track_analytics ON track_id = after.recommended_track_id
WHERE after.source_track_id = $1 AND after.recommended_track_id <> $2
ORDER BY score DESC, dj_support DESC, track_id
LIMIT $3;
