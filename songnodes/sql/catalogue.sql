-- name: known
-- Which of these ids are tracks: read on a page, resolved, or redirected; with the names they are read as.
SELECT DISTINCT ON (id) id, text FROM (
    SELECT claim_id AS id, text FROM resolver_claims WHERE claim_id = ANY (%(ids)s)
    UNION ALL
    SELECT track_id, primary_artist || ' - ' || track_name FROM silver_enriched_tracks WHERE track_id = ANY (%(ids)s)
    UNION ALL
    SELECT track_id, NULL FROM track_redirects WHERE track_id = ANY (%(ids)s)
) AS tracks
ORDER BY id, text NULLS LAST;

-- name: decided
-- Which of these ids a decision was made on.
SELECT id FROM (
    SELECT claim_a AS id FROM resolver_decisions WHERE claim_a = ANY (%(ids)s)
    UNION ALL
    SELECT claim_b FROM resolver_decisions WHERE claim_b = ANY (%(ids)s)
    UNION ALL
    SELECT subject_id FROM bronze_decisions WHERE subject_id = ANY (%(ids)s)
) AS subjects;

-- name: like
-- Tracks whose id holds one of these words; the ids are slugs of the names.
SELECT claim_id AS id, text FROM resolver_claims WHERE claim_id LIKE ANY (%(patterns)s)
UNION
SELECT track_id, primary_artist || ' - ' || track_name FROM silver_enriched_tracks
WHERE track_id LIKE ANY (%(patterns)s)
LIMIT %(limit)s;
