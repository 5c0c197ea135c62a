-- name: all
SELECT playlist_id FROM silver_enriched_playlists ORDER BY playlist_id;

-- name: altered
-- Of these tracks, those that look otherwise than when the sets with them were analysed last.
SELECT asked.id, today.looks
FROM unnest($1::text[]) AS asked (id)
LEFT JOIN silver_enriched_tracks AS track ON track.track_id = asked.id
CROSS JOIN LATERAL (SELECT (track.bpm, track.camelot, track.energy, track.genres[1])::text AS looks) AS today
LEFT JOIN analysed_tracks AS held ON held.track_id = asked.id
WHERE today.looks <> coalesce(held.looks, '(,,,)');

-- name: noted
INSERT INTO analysed_tracks (track_id, looks)
SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT (track_id) DO UPDATE SET looks = excluded.looks;

-- name: forget
DELETE FROM analysed_tracks;

-- name: note_all
INSERT INTO analysed_tracks (track_id, looks)
SELECT track_id, (bpm, camelot, energy, genres[1])::text AS looks
FROM silver_enriched_tracks
WHERE (bpm, camelot, energy, genres[1])::text <> '(,,,)';

-- name: with_tracks
SELECT DISTINCT playlist_id FROM silver_playlist_tracks WHERE track_id = ANY ($1::text[]);

-- name: transitions
-- From each row to the next one played: the move of the keys and the change of tempo, folded.
WITH wanted AS (
    SELECT here.playlist_id, here.row_index,
           CASE WHEN a.camelot IS NOT NULL AND b.camelot IS NOT NULL
                THEN coalesce(moves.move, 'clash') END AS relation,
           round((folded_tempo(b.bpm::double precision, a.bpm::double precision) - a.bpm)::numeric, 2) AS change
    FROM silver_playlist_tracks AS here
    LEFT JOIN silver_playlist_tracks AS there
           ON there.playlist_id = here.playlist_id AND there.row_index = here.next_row_index
    LEFT JOIN silver_enriched_tracks AS a ON a.track_id = here.track_id
    LEFT JOIN silver_enriched_tracks AS b ON b.track_id = there.track_id
    LEFT JOIN harmonic_moves AS moves ON moves.camelot = a.camelot AND moves.other = b.camelot
    WHERE here.playlist_id = ANY ($1::text[])
)
UPDATE silver_playlist_tracks AS held
SET key_relation = relation, bpm_change = change
FROM wanted
WHERE held.playlist_id = wanted.playlist_id AND held.row_index = wanted.row_index
  AND (held.key_relation, held.bpm_change) IS DISTINCT FROM (relation, change);

-- name: analyse
-- One row per set. A group of rows played together has one value, that of its main row. Tempo is folded to
-- the octave of the set's median; missing stays missing, and `coverage` says how much is there.
WITH sets AS (
    SELECT * FROM silver_enriched_playlists WHERE playlist_id = ANY ($1::text[])
), leaders AS (
    SELECT DISTINCT ON (playlist_id, part, group_index)
           playlist_id, track_id, key_relation, bpm, camelot, energy, genres
    FROM silver_playlist_tracks
    LEFT JOIN silver_enriched_tracks USING (track_id)
    WHERE playlist_id = ANY ($1::text[])
    ORDER BY playlist_id, part, group_index, role <> 'main', row_index
), medians AS (
    SELECT playlist_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY bpm) AS bpm FROM leaders GROUP BY 1
), folded AS (
    SELECT leaders.*,
           folded_tempo(leaders.bpm::double precision, medians.bpm::double precision)::numeric AS tempo
    FROM leaders
    JOIN medians USING (playlist_id)
), summaries AS (
    SELECT playlist_id,
           count(*) FILTER (WHERE bpm IS NOT NULL AND camelot IS NOT NULL) / count(*)::double precision
               AS coverage,
           round(min(tempo), 2) AS bpm_min,
           round(max(tempo), 2) AS bpm_max,
           round(avg(tempo), 2) AS bpm_mean,
           round(avg(energy)::numeric, 6)::double precision AS energy_mean,
           max(energy) AS energy_peak
    FROM folded
    GROUP BY 1
), relations AS (
    SELECT playlist_id, jsonb_object_agg(compatibility, times) AS relations
    FROM (
        SELECT playlist_id, compatibility, count(*) AS times
        FROM leaders
        JOIN (
            SELECT DISTINCT move, compatibility FROM harmonic_moves UNION ALL VALUES ('clash', 'clash')
        ) AS classes ON classes.move = key_relation
        GROUP BY 1, 2
    ) AS counted
    GROUP BY 1
), genres AS (
    SELECT playlist_id, jsonb_object_agg(genre, round(times / total, 4)) AS mix
    FROM (
        SELECT playlist_id, genres[1] AS genre, count(*) AS times,
               sum(count(*)) OVER (PARTITION BY playlist_id) AS total
        FROM leaders
        WHERE genres[1] IS NOT NULL
        GROUP BY 1, 2
    ) AS counted
    GROUP BY 1
)
INSERT INTO gold_playlist_analytics AS held (
    playlist_id, version, row_count, identified_count, identified_share, duration_seconds, coverage,
    bpm_min, bpm_max, bpm_mean, key_relations, energy_mean, energy_peak, genre_mix, as_of
)
SELECT playlist_id, version, row_count, identified_rows,
       CASE WHEN row_count > 0 THEN identified_rows / row_count::double precision ELSE 0 END,
       duration_seconds, coverage, bpm_min, bpm_max, bpm_mean, coalesce(relations, '{}'),
       energy_mean, energy_peak, coalesce(mix, '{}'), $2::date
FROM sets
LEFT JOIN summaries USING (playlist_id)
LEFT JOIN relations USING (playlist_id)
LEFT JOIN genres USING (playlist_id)
ON CONFLICT (playlist_id) DO UPDATE SET
    version = excluded.version,
    row_count = excluded.row_count,
    identified_count = excluded.identified_count,
    identified_share = excluded.identified_share,
    duration_seconds = excluded.duration_seconds,
    coverage = excluded.coverage,
    bpm_min = excluded.bpm_min,
    bpm_max = excluded.bpm_max,
    bpm_mean = excluded.bpm_mean,
    key_relations = excluded.key_relations,
    energy_mean = excluded.energy_mean,
    energy_peak = excluded.energy_peak,
    genre_mix = excluded.genre_mix,
    as_of = excluded.as_of,
    updated_at = now()
WHERE (
    held.version, held.row_count, held.identified_count, held.identified_share, held.duration_seconds,
    held.coverage, held.bpm_min, held.bpm_max, held.bpm_mean, held.key_relations, held.energy_mean,
    held.energy_peak, held.genre_mix
) IS DISTINCT FROM (
    excluded.version, excluded.row_count, excluded.identified_count, excluded.identified_share,
    excluded.duration_seconds, excluded.coverage, excluded.bpm_min, excluded.bpm_max, excluded.bpm_mean,
    excluded.key_relations, excluded.energy_mean, excluded.energy_peak, excluded.genre_mix
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
