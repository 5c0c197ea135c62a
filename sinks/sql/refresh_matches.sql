-- name: changed
-- Of these tracks, those whose key, tempo or confidence is not what their matches were made with; and those
-- that are no more. A track without key or tempo has no row of matches.
SELECT id
FROM unnest($1::text[]) AS id
LEFT JOIN gold_track_counts AS counts ON counts.track_id = id
LEFT JOIN gold_track_matches AS matches ON matches.track_id = id
WHERE counts.track_id IS NULL
   OR harmonic_basis IS DISTINCT FROM
      CASE WHEN counts.camelot IS NOT NULL AND counts.bpm IS NOT NULL
           THEN concat_ws('|', counts.camelot, counts.bpm, confidence_score) END;

-- name: concerned
-- Whose 20 best may be others now: the changed ones, those that list one of them, and those whose floor one of
-- them reaches now. Sources are read by tenths of their floor: the higher the floor, the nearer in tempo. Their key and
-- tempo are those of their matches: a source that has others since is in the queue itself.
WITH changed AS (
    SELECT track_id, camelot, bpm, coalesce(confidence_score, 1) AS confidence
    FROM gold_track_counts
    WHERE track_id = ANY ($1::text[]) AND camelot IS NOT NULL AND bpm IS NOT NULL
), reaches AS MATERIALIZED (
    SELECT changed.bpm, changed.confidence, moves.camelot AS source_camelot, moves.weight, tenth,
           CASE WHEN tenth = 0 THEN 6
                ELSE (6 * (1 - tenth / 10.0 / nullif(moves.weight * changed.confidence, 0)) + 0.000001)::numeric
           END AS reach
    FROM changed
    JOIN harmonic_moves AS moves ON moves.other = changed.camelot
    CROSS JOIN generate_series(0, 9) AS tenth
)
SELECT track_id FROM gold_track_counts WHERE track_id = ANY ($1::text[])
UNION
SELECT listing.track_id -- one by one: of all at once a plan would read every list
FROM unnest($1::text[]) AS listed (id)
CROSS JOIN LATERAL (
    SELECT track_id FROM gold_track_matches
    WHERE harmonic_matches @> ARRAY[listed.id] AND harmonic_matches <> '{}'
    OFFSET 0
) AS listing
UNION
SELECT source.track_id
FROM reaches
CROSS JOIN (VALUES (0.25), (0.5), (1.0), (2.0), (4.0)) AS octaves (octave)
CROSS JOIN LATERAL (
    SELECT track_id, bpm, harmonic_floor
    FROM gold_track_matches
    WHERE camelot = reaches.source_camelot
      AND least(floor(coalesce(harmonic_floor, 0) * 10), 9)::integer = reaches.tenth
      AND bpm BETWEEN reaches.bpm * octave - reaches.reach AND reaches.bpm * octave + reaches.reach
    OFFSET 0
) AS source
WHERE reaches.reach >= 0
  AND (source.harmonic_floor IS NULL
       OR harmonic_score(reaches.weight, reaches.bpm, source.bpm, reaches.confidence) >= source.harmonic_floor);

-- name: queue
INSERT INTO refresh_queue (kind, id) SELECT 'matches', unnest($1::text[]);

-- name: match
-- The 20 best partners, as gold_harmonic_partners has them. The 20th best of the nearest in tempo
-- bounds the score of a match, and so the difference in tempo within which matches are: the more tracks there are,
-- the fewer of them are read.
WITH sources AS (
    SELECT track_id, camelot, bpm, confidence_score
    FROM gold_track_counts
    WHERE track_id = ANY ($1::text[]) AND camelot IS NOT NULL AND bpm IS NOT NULL
), floors AS (
    SELECT source.track_id, (array_agg(score ORDER BY score DESC))[20] AS score
    FROM sources AS source
    JOIN harmonic_moves AS moves ON moves.camelot = source.camelot AND moves.weight >= 0.85
    CROSS JOIN LATERAL (
        SELECT harmonic_score(moves.weight, near.bpm, source.bpm, near.confidence_score) AS score
        FROM (
            (SELECT track_id, bpm, confidence_score FROM gold_track_counts
             WHERE camelot = moves.other AND bpm >= source.bpm ORDER BY bpm LIMIT 20)
            UNION ALL
            (SELECT track_id, bpm, confidence_score FROM gold_track_counts
             WHERE camelot = moves.other AND bpm < source.bpm ORDER BY bpm DESC LIMIT 20)
        ) AS near
        WHERE near.track_id <> source.track_id AND abs(near.bpm - source.bpm) <= 6
    ) AS partner
    GROUP BY 1
), highest AS MATERIALIZED (
    SELECT max(coalesce(confidence_score, 1)) AS confidence
    FROM gold_track_counts
    WHERE camelot IS NOT NULL AND bpm IS NOT NULL
), reaches AS MATERIALIZED (
    SELECT source.track_id, source.bpm, moves.other, moves.weight, coalesce(floors.score, 0) AS floor,
           least(6, 6 * (1 - coalesce(floors.score, 0) / nullif(moves.weight * highest.confidence, 0)) + 0.000001)
               ::numeric AS reach
    FROM sources AS source
    JOIN harmonic_moves AS moves ON moves.camelot = source.camelot
    CROSS JOIN highest
    LEFT JOIN floors ON floors.track_id = source.track_id
), partners AS (
    SELECT reaches.track_id, partner.track_id AS partner_id, partner.score,
           row_number() OVER (
               PARTITION BY reaches.track_id ORDER BY partner.score DESC, partner.track_id COLLATE "C"
           ) AS place
    FROM reaches
    CROSS JOIN (VALUES (0.25), (0.5), (1.0), (2.0), (4.0)) AS octaves (octave)
    CROSS JOIN LATERAL (
        SELECT other.track_id,
               abs(folded_tempo(other.bpm::double precision, reaches.bpm::double precision) - reaches.bpm)
                   AS difference,
               harmonic_score(reaches.weight, other.bpm, reaches.bpm, other.confidence_score) AS score
        FROM gold_track_counts AS other
        WHERE other.camelot = reaches.other
          AND other.bpm BETWEEN (reaches.bpm - reaches.reach) * octave AND (reaches.bpm + reaches.reach) * octave
          AND other.track_id <> reaches.track_id
          AND reaches.weight * coalesce(other.confidence_score, 1) >= reaches.floor - 0.000001
        OFFSET 0
    ) AS partner
    WHERE reaches.reach >= 0 AND partner.difference <= 6
), wanted AS (
    SELECT track_id, source.camelot, source.bpm, coalesce(best.matches, '{}') AS matches, best.floor,
           concat_ws('|', source.camelot, source.bpm, confidence_score) AS basis
    FROM sources AS source
    LEFT JOIN (
        SELECT track_id, array_agg(partner_id ORDER BY place) AS matches,
               CASE WHEN count(*) = 20 THEN min(score) END AS floor
        FROM partners
        WHERE place <= 20
        GROUP BY 1
    ) AS best USING (track_id)
), differing AS MATERIALIZED (
    SELECT id AS track_id, wanted.camelot, wanted.bpm, matches, floor, basis
    FROM unnest($1::text[]) AS id
    LEFT JOIN wanted ON wanted.track_id = id
    LEFT JOIN gold_track_matches AS held ON held.track_id = id
    WHERE (harmonic_matches, harmonic_floor, harmonic_basis) IS DISTINCT FROM (matches, floor, basis)
), locked AS ( -- in the order in which the sink locks them: else both wait for each other
    SELECT held.track_id
    FROM gold_track_matches AS held JOIN differing USING (track_id)
    ORDER BY held.track_id COLLATE "C"
    FOR UPDATE OF held
), removed AS (
    DELETE FROM gold_track_matches AS held USING locked JOIN differing USING (track_id)
    WHERE held.track_id = locked.track_id AND basis IS NULL
)
INSERT INTO gold_track_matches AS held (track_id, camelot, bpm, harmonic_matches, harmonic_floor, harmonic_basis)
SELECT track_id, camelot, bpm, matches, floor, basis
FROM differing LEFT JOIN locked USING (track_id)
WHERE basis IS NOT NULL
ORDER BY track_id COLLATE "C"
ON CONFLICT (track_id) DO UPDATE SET
    camelot = excluded.camelot,
    bpm = excluded.bpm,
    harmonic_matches = excluded.harmonic_matches,
    harmonic_floor = excluded.harmonic_floor,
    harmonic_basis = excluded.harmonic_basis;

-- name: all
SELECT track_id FROM gold_track_counts ORDER BY track_id;
