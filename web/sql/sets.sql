-- name: set
SELECT playlist.*, coverage, bpm_min, bpm_max, bpm_mean, bpm_drift_per_hour, bpm_median_change, key_relations,
       harmonic_flow_score, harmonic_flow_parts, energy_mean, energy_peak, energy_coverage, bpm_coverage, key_coverage,
       shape, genre_mix, curve_places, time_basis, moment_count, longest_same_key_run, series
FROM silver_enriched_playlists AS playlist
LEFT JOIN gold_playlist_analytics USING (playlist_id)
WHERE playlist_id = $1;

-- name: rows
SELECT row_index, row_key, position, group_index, role, playlist.status, cue_seconds, cue_text, part, playlist.track_id,
       playlist.artist_credit, coalesce(track.track_name, playlist.track_name) AS track_name, raw_text, bpm, camelot,
       energy, next_row_index, gap_seconds, key_relation, bpm_change, dj_support, playlist.claim #>> '{label}' AS label,
       playlist.bronze_id IS NOT NULL AS has_source
FROM silver_playlist_tracks AS playlist
LEFT JOIN gold_track_counts AS track ON track.track_id = playlist.track_id
WHERE playlist_id = $1
ORDER BY row_index;

-- name: other_tracklists
-- Tracklists of the same set, with the evidence that they are one.
SELECT other.playlist_id, other.source, other.source_url, other.title, other.counted, other.row_count,
       other.identified_rows, links.share, links.same_occasion, links.days_apart, links.marked
FROM silver_enriched_playlists AS other
LEFT JOIN set_links AS links
  ON (links.playlist_a, links.playlist_b) = (least(other.playlist_id, $1), greatest(other.playlist_id, $1))
WHERE other.set_id = $2 AND other.playlist_id <> $1
ORDER BY other.counted DESC, other.playlist_id
LIMIT 50;

-- name: versions
-- Versions of a tracklist as its pages had them, the newest first.
SELECT id, page_id, page_sha256, scraped_at, row_count, parser_version, source_url, content_hash
FROM bronze_scraped_playlists
WHERE playlist_id = $1
ORDER BY scraped_at DESC, id
LIMIT 50;

-- name: version
SELECT id, scraped_at, page_id, page_sha256, raw_data
FROM bronze_scraped_playlists
WHERE playlist_id = $1 AND id = $2;

-- name: event
SELECT event.*, ARRAY(
    SELECT jsonb_build_object('name', name, 'artist_id', artist_id)
    FROM silver_event_lineups AS lineup WHERE lineup.ra_event_id = event.ra_event_id ORDER BY ordinal LIMIT 100
) AS line_up
FROM silver_events AS event
WHERE ra_event_id = $1;

-- name: trend
SELECT * FROM gold_playlist_trends WHERE playlist_id = $1;
