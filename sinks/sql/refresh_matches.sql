-- name: changed
-- Of these tracks, those whose key, tempo or confidence is not what their matches were made with; and those
-- that are no more. A track without key or tempo has no matches and no basis.
SELECT id
FROM unnest($1::text[]) AS id
LEFT JOIN gold_track_analytics ON track_id = id
WHERE track_id IS NULL
   OR harmonic_basis IS DISTINCT FROM
      CASE WHEN camelot IS NOT NULL AND bpm IS NOT NULL THEN concat_ws('|', camelot, bpm, confidence_score) END;

-- name: concerned
-- Whose 20 best may be others now: the changed ones, those that list one of them, and those whose floor one of
-- them reaches now. Sources are read by hundredths of their floor: the higher the floor, the nearer in tempo. The index
-- is first read at one place per key and hundredth, so that it is not searched for those that no source has.
WITH RECURSIVE held (camelot, hundredth) AS (
    (SELECT camelot, least(floor(coalesce(harmonic_floor, 0) * 100), 99)::integer AS hundredth
     FROM gold_track_analytics WHERE camelot IS NOT NULL AND bpm IS NOT NULL
     ORDER BY camelot, hundredth LIMIT 1)
    UNION ALL
    SELECT following.camelot, following.hundredth
    FROM held
    CROSS JOIN LATERAL (
        SELECT camelot, least(floor(coalesce(harmonic_floor, 0) * 100), 99)::integer AS hundredth
        FROM gold_track_analytics AS tracks
        WHERE tracks.camelot IS NOT NULL AND bpm IS NOT NULL
          AND (tracks.camelot, least(floor(coalesce(harmonic_floor, 0) * 100), 99)::integer)
            > (held.camelot, held.hundredth)
        ORDER BY camelot, hundredth LIMIT 1
    ) AS following
), tempi AS MATERIALIZED (
    SELECT keys.camelot, lowest.bpm AS lowest, highest.bpm AS highest
    FROM (SELECT DISTINCT camelot FROM held) AS keys
    CROSS JOIN LATERAL (
        SELECT bpm FROM gold_track_analytics WHERE camelot = keys.camelot AND bpm IS NOT NULL ORDER BY bpm LIMIT 1
    ) AS lowest
    CROSS JOIN LATERAL (
        SELECT bpm FROM gold_track_analytics WHERE camelot = keys.camelot AND bpm IS NOT NULL ORDER BY bpm DESC LIMIT 1
    ) AS highest
), changed AS (
    SELECT track_id, camelot, bpm, coalesce(confidence_score, 1) AS confidence
    FROM gold_track_analytics
    WHERE track_id = ANY ($1::text[]) AND camelot IS NOT NULL AND bpm IS NOT NULL
), reaches AS MATERIALIZED (
    SELECT changed.bpm, changed.confidence, moves.camelot AS source_camelot, moves.weight, hundredth,
           CASE WHEN hundredth = 0 THEN 6
                ELSE (6 * (1 - hundredth / 100.0 / nullif(moves.weight * changed.confidence, 0)) + 0.000001)::numeric
           END AS reach
    FROM changed
    JOIN harmonic_moves AS moves ON moves.other = changed.camelot
    JOIN held ON held.camelot = moves.camelot
)
SELECT track_id FROM gold_track_analytics WHERE track_id = ANY ($1::text[])
UNION
SELECT listing.track_id -- one by one: of all at once a plan would read every list
FROM unnest($1::text[]) AS listed (id)
CROSS JOIN LATERAL (
    SELECT track_id FROM gold_track_analytics
    WHERE harmonic_matches @> ARRAY[listed.id] AND harmonic_matches <> '{}'
    OFFSET 0
) AS listing
UNION
SELECT source.track_id
FROM reaches
JOIN tempi ON tempi.camelot = reaches.source_camelot
JOIN (VALUES (0.25), (0.5), (1.0), (2.0), (4.0)) AS octaves (octave)
  ON reaches.bpm * octave + reaches.reach >= tempi.lowest AND reaches.bpm * octave - reaches.reach <= tempi.highest
CROSS JOIN LATERAL (
    SELECT track_id, bpm, harmonic_floor
    FROM gold_track_analytics
    WHERE camelot = reaches.source_camelot
      AND least(floor(coalesce(harmonic_floor, 0) * 100), 99)::integer = reaches.hundredth
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
    SELECT track_id, camelot, bpm
    FROM gold_track_analytics
    WHERE track_id = ANY ($1::text[]) AND camelot IS NOT NULL AND bpm IS NOT NULL
), floors AS (
    SELECT source.track_id, (array_agg(score ORDER BY score DESC))[20] AS score
    FROM sources AS source
    JOIN harmonic_moves AS moves ON moves.camelot = source.camelot AND moves.weight >= 0.85
    CROSS JOIN LATERAL (
        SELECT harmonic_score(moves.weight, near.bpm, source.bpm, near.confidence_score) AS score
        FROM (
            (SELECT track_id, bpm, confidence_score FROM gold_track_analytics
             WHERE camelot = moves.other AND bpm >= source.bpm ORDER BY bpm LIMIT 20)
            UNION ALL
            (SELECT track_id, bpm, confidence_score FROM gold_track_analytics
             WHERE camelot = moves.other AND bpm < source.bpm ORDER BY bpm DESC LIMIT 20)
        ) AS near
        WHERE near.track_id <> source.track_id AND abs(near.bpm - source.bpm) <= 6
    ) AS partner
    GROUP BY 1
), highest AS MATERIALIZED (
    SELECT max(coalesce(confidence_score, 1)) AS confidence
    FROM gold_track_analytics
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
        FROM gold_track_analytics AS other
        WHERE other.camelot = reaches.other
          AND other.bpm BETWEEN (reaches.bpm - reaches.reach) * octave AND (reaches.bpm + reaches.reach) * octave
          AND other.track_id <> reaches.track_id
          AND reaches.weight * coalesce(other.confidence_score, 1) >= reaches.floor - 0.000001
        OFFSET 0
    ) AS partner
    WHERE reaches.reach >= 0 AND partner.difference <= 6
), wanted AS (
    SELECT held.track_id,
           coalesce(best.matches, '{}') AS matches,
           best.floor,
           CASE WHEN camelot IS NOT NULL AND bpm IS NOT NULL THEN concat_ws('|', camelot, bpm, confidence_score) END
               AS basis
    FROM gold_track_analytics AS held
    LEFT JOIN (
        SELECT track_id, array_agg(partner_id ORDER BY place) AS matches,
               CASE WHEN count(*) = 20 THEN min(score) END AS floor
        FROM partners
        WHERE place <= 20
        GROUP BY 1
    ) AS best ON best.track_id = held.track_id
    WHERE held.track_id = ANY ($1::text[])
), locked AS ( -- in the order in which the sink writes them: else both wait for each other
    SELECT track_id, matches, floor, basis
    FROM gold_track_analytics AS held JOIN wanted USING (track_id)
    WHERE (harmonic_matches, harmonic_floor, harmonic_basis) IS DISTINCT FROM (matches, floor, basis)
    ORDER BY track_id COLLATE "C"
    FOR UPDATE OF held
)
UPDATE gold_track_analytics AS held
SET harmonic_matches = matches, harmonic_floor = floor, harmonic_basis = basis
FROM locked
WHERE held.track_id = locked.track_id;

-- name: all
SELECT track_id FROM gold_track_analytics ORDER BY track_id;
