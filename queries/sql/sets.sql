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
LEFT JOIN gold_track_counts AS track ON track.track_id = playlist.track_id
WHERE playlist_id = $1
ORDER BY row_index;

-- name: between
-- Per pair of tracks ($1, $2) the one that mixes best after the first and before the second, by the worse of both scores. Of
-- each key between, the nearest in tempo to the best place give a score; a better one bounds the tempo from both sides, so
-- that few of each key are read.
WITH asked AS MATERIALIZED (
    SELECT pair, one.track_id AS first_id, one.camelot AS first_camelot, one.bpm::double precision AS first_bpm,
           two.track_id AS second_id, two.camelot AS second_camelot, two.bpm::double precision AS second_bpm,
           two.confidence_score AS second_confidence
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS pairs (first_id, second_id, pair)
    JOIN gold_track_counts AS one ON one.track_id = first_id
    JOIN gold_track_counts AS two ON two.track_id = second_id
), octaves (octave) AS (
    VALUES (0.25::double precision), (0.5), (1.0), (2.0), (4.0)
), ways AS MATERIALIZED ( -- a key between; `after`, `before`: scores of a track of the same tempo, tempi as it has them
    SELECT *, least(
               after, before, (6 * octave + 6 - abs(tempo_after - tempo_before)) / (6 * octave / after + 6 / before)
           ) AS most
    FROM (
        SELECT pair, first_id, second_id, first_bpm, second_bpm, second_confidence, moves.other AS camelot,
               moves.weight AS weight_after, onward.weight AS weight_before, up.octave,
               first_bpm * up.octave AS tempo_after, second_bpm * down.octave AS tempo_before,
               greatest(moves.weight * highest.confidence, 1e-9) AS after,
               greatest(onward.weight * coalesce(second_confidence, 1), 1e-9) AS before
        FROM asked
        JOIN harmonic_moves AS moves ON moves.camelot = first_camelot
        JOIN harmonic_moves AS onward ON onward.camelot = moves.other AND onward.other = second_camelot
        CROSS JOIN (
            SELECT coalesce(max(coalesce(confidence_score, 1)), 1) AS confidence
            FROM gold_track_counts
            WHERE camelot IS NOT NULL AND bpm IS NOT NULL
        ) AS highest
        CROSS JOIN octaves AS up
        CROSS JOIN octaves AS down
    ) AS combined
    WHERE abs(tempo_after - tempo_before) <= 6 * octave + 6
), nearest AS MATERIALIZED ( -- three on each side: one of them is neither of the pair
    SELECT pair, max(score) AS score
    FROM ways
    CROSS JOIN LATERAL (
        SELECT ((greatest(tempo_after - 6 * octave * (1 - most / after), tempo_before - 6 * (1 - most / before))
                 + least(tempo_after + 6 * octave * (1 - most / after), tempo_before + 6 * (1 - most / before))) / 2)
               ::numeric AS tempo
    ) AS best_place
    CROSS JOIN LATERAL (
        (SELECT track_id, bpm, confidence_score FROM gold_track_counts AS above
         WHERE above.camelot = ways.camelot AND above.bpm >= tempo ORDER BY above.bpm LIMIT 3)
        UNION ALL
        (SELECT track_id, bpm, confidence_score FROM gold_track_counts AS below
         WHERE below.camelot = ways.camelot AND below.bpm < tempo ORDER BY below.bpm DESC LIMIT 3)
    ) AS near
    CROSS JOIN LATERAL (
        SELECT least(
                   harmonic_score(weight_after, near.bpm, first_bpm::numeric, near.confidence_score),
                   harmonic_score(weight_before, second_bpm::numeric, near.bpm, second_confidence)
               ) AS score
    ) AS scored
    WHERE near.track_id NOT IN (first_id, second_id)
      AND abs(folded_tempo(near.bpm::double precision, first_bpm) - first_bpm) <= 6
      AND abs(folded_tempo(second_bpm, near.bpm::double precision) - near.bpm) <= 6
    GROUP BY pair
), ranges AS MATERIALIZED (
    SELECT ways.*,
           (greatest(tempo_after - 6 * octave * (1 - floor / after), tempo_before - 6 * (1 - floor / before)) - 0.000001)
               ::numeric AS low,
           (least(tempo_after + 6 * octave * (1 - floor / after), tempo_before + 6 * (1 - floor / before)) + 0.000001)
               ::numeric AS high
    FROM ways
    LEFT JOIN nearest USING (pair)
    CROSS JOIN LATERAL (SELECT greatest(coalesce(nearest.score, 0) - 1e-9, 0) AS floor) AS floors
    WHERE most >= floor
)
SELECT DISTINCT ON (pair) pair, primary_artist, track_name, scored.score
FROM ranges
CROSS JOIN LATERAL (
    SELECT track_id, primary_artist, track_name, dj_support, bpm, confidence_score
    FROM gold_track_counts AS near
    WHERE near.camelot = ranges.camelot AND near.bpm BETWEEN low AND high
    OFFSET 0
) AS near
CROSS JOIN LATERAL (
    SELECT least(
               harmonic_score(weight_after, near.bpm, first_bpm::numeric, near.confidence_score),
               harmonic_score(weight_before, second_bpm::numeric, near.bpm, second_confidence)
           ) AS score
) AS scored
WHERE low <= high AND near.track_id NOT IN (first_id, second_id)
  AND abs(folded_tempo(near.bpm::double precision, first_bpm) - first_bpm) <= 6
  AND abs(folded_tempo(second_bpm, near.bpm::double precision) - near.bpm) <= 6
ORDER BY pair, scored.score DESC, dj_support DESC, track_id;
