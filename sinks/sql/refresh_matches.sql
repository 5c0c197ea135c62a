-- name: changed
-- Of these tracks, those whose key, tempo or confidence is not what their matches were made with; and those
-- that are no more.
SELECT id
FROM unnest($1::text[]) AS id
LEFT JOIN gold_track_analytics ON track_id = id
WHERE track_id IS NULL
   OR harmonic_basis IS DISTINCT FROM concat_ws('|', camelot, bpm, confidence_score);

-- name: concerned
-- Whose 20 best may be others now: the changed ones, those that list one of them, and those to whose 20 best
-- one of them belongs now.
SELECT track_id FROM gold_track_analytics WHERE track_id = ANY ($1::text[])
UNION
SELECT track_id FROM gold_track_analytics WHERE harmonic_matches && $1::text[]
UNION
SELECT track_id
FROM gold_harmonic_mixing_recommendations
JOIN gold_track_analytics ON track_id = source_track_id
WHERE recommended_track_id = ANY ($1::text[]) AND (harmonic_floor IS NULL OR score >= harmonic_floor);

-- name: match
WITH wanted AS (
    SELECT track_id,
           array_agg(recommended_track_id ORDER BY score DESC, recommended_track_id COLLATE "C")
               FILTER (WHERE recommended_track_id IS NOT NULL) AS matches,
           CASE WHEN count(recommended_track_id) = 20 THEN min(score) END AS floor,
           concat_ws('|', camelot, bpm, confidence_score) AS basis
    FROM gold_track_analytics
    LEFT JOIN LATERAL (
        SELECT recommended_track_id, score
        FROM gold_harmonic_mixing_recommendations
        WHERE source_track_id = track_id
        ORDER BY score DESC, recommended_track_id COLLATE "C"
        LIMIT 20
    ) AS best ON true
    WHERE track_id = ANY ($1::text[])
    GROUP BY track_id
), locked AS ( -- in the order in which the sink writes them: else both wait for each other
    SELECT track_id, coalesce(matches, '{}') AS matches, floor, basis
    FROM gold_track_analytics AS held JOIN wanted USING (track_id)
    WHERE (harmonic_matches, harmonic_floor, harmonic_basis)
          IS DISTINCT FROM (coalesce(matches, '{}'), floor, basis)
    ORDER BY track_id COLLATE "C"
    FOR UPDATE OF held
)
UPDATE gold_track_analytics AS held
SET harmonic_matches = matches, harmonic_floor = floor, harmonic_basis = basis
FROM locked
WHERE held.track_id = locked.track_id;

-- name: all
SELECT track_id FROM gold_track_analytics ORDER BY track_id;
