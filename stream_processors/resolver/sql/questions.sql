-- name: canonical
-- Canonical id of a claim: by the resolver's tables, then by published redirects.
SELECT coalesce(
    (SELECT canonical_id FROM track_canonical WHERE claim_id = %(track)s),
    (SELECT canonical_id FROM track_redirects WHERE track_id = %(track)s),
    %(track)s
) AS canonical_id;

-- name: members
SELECT c.claim_id, k.text, count(DISTINCT s.playlist_id) AS sets
FROM (
    SELECT claim_id FROM track_canonical WHERE canonical_id = %(track)s UNION SELECT %(track)s
) AS c
LEFT JOIN resolver_claims AS k USING (claim_id)
LEFT JOIN resolver_sightings AS s USING (claim_id)
GROUP BY c.claim_id, k.text
ORDER BY c.claim_id;

-- name: links
SELECT claim_a, claim_b, reason, evidence, why FROM track_links
WHERE claim_a = ANY (%(claims)s) OR claim_b = ANY (%(claims)s)
ORDER BY claim_a, claim_b, reason, evidence;

-- name: decided
SELECT kind, claim_a, claim_b, forced, reason, author, decided_at FROM resolver_decisions
WHERE (claim_a = ANY (%(claims)s) OR claim_b = ANY (%(claims)s)) AND claim_b IS NOT NULL AND NOT withdrawn
ORDER BY claim_a, claim_b;

-- name: review
SELECT l.claim_a, l.claim_b, l.reason, l.evidence, l.why, a.text AS text_a, b.text AS text_b
FROM track_links AS l
LEFT JOIN resolver_claims AS a ON a.claim_id = l.claim_a
LEFT JOIN resolver_claims AS b ON b.claim_id = l.claim_b
WHERE l.why IS NOT NULL AND (%(why)s::text IS NULL OR l.why = %(why)s)
ORDER BY l.why, l.claim_a, l.claim_b, l.reason, l.evidence
LIMIT %(limit)s;

-- name: sets
SELECT
    l.playlist_a, l.playlist_b, l.share, l.same_occasion, l.days_apart, l.marked, a.title AS title_a,
    b.title AS title_b
FROM set_links AS l
LEFT JOIN resolver_playlists AS a ON a.playlist_id = l.playlist_a
LEFT JOIN resolver_playlists AS b ON b.playlist_id = l.playlist_b
ORDER BY l.playlist_a, l.playlist_b
LIMIT %(limit)s;

-- name: profiles
SELECT claim_id, version_artists, stem FROM resolver_claims WHERE claim_id = ANY (%(claims)s);
