-- name: marked
-- Some of the marks on claims and on ids that link them.
SELECT kind, name FROM resolver_marks WHERE kind IN ('claim', 'id') ORDER BY kind, name LIMIT %(limit)s;

-- name: named_by
-- Id by id, so that the index is used: "ids && many" is a comparison of many with every row.
SELECT DISTINCT s.claim_id
FROM unnest(%(ids)s::text[]) AS near (id) JOIN resolver_evidence AS s ON s.ids @> ARRAY[near.id];

-- name: reached
-- The claims that one step leads to: by an id, by a decision, or because they were one track until now.
WITH near AS (
    SELECT DISTINCT id FROM resolver_evidence, unnest(ids) AS id WHERE claim_id = ANY (%(claims)s)
)
SELECT s.claim_id FROM near JOIN resolver_evidence AS s ON s.ids @> ARRAY[near.id]
UNION
SELECT claim_a FROM resolver_decisions WHERE claim_b = ANY (%(claims)s)
UNION
SELECT claim_b FROM resolver_decisions WHERE claim_a = ANY (%(claims)s) AND claim_b IS NOT NULL
UNION
SELECT canonical_id FROM track_canonical WHERE claim_id = ANY (%(claims)s)
UNION
SELECT claim_id FROM track_canonical WHERE canonical_id = ANY (%(claims)s);

-- name: sightings
SELECT DISTINCT claim_id, ids, duration_ms FROM resolver_evidence WHERE claim_id = ANY (%(claims)s);

-- name: profiles
SELECT claim_id, artists, title, version_artists, stem, text
FROM resolver_claims WHERE claim_id = ANY (%(claims)s);

-- name: decisions
SELECT kind, claim_a, claim_b, forced FROM resolver_decisions
WHERE claim_a = ANY (%(claims)s) AND NOT withdrawn;

-- name: canonical
SELECT claim_id, canonical_id FROM track_canonical WHERE claim_id = ANY (%(claims)s);

-- name: clear
WITH links AS (DELETE FROM track_links WHERE claim_a = ANY (%(claims)s))
DELETE FROM track_canonical WHERE claim_id = ANY (%(claims)s);

-- name: put_canonical
INSERT INTO track_canonical (claim_id, canonical_id)
SELECT claim_id, canonical_id FROM jsonb_to_recordset(%(rows)s) AS given (claim_id text, canonical_id text);

-- name: put_links
INSERT INTO track_links (claim_a, claim_b, reason, evidence, why)
SELECT claim_a, claim_b, reason, evidence, why
FROM jsonb_to_recordset(%(rows)s) AS given (claim_a text, claim_b text, reason text, evidence text, why text);

-- name: mark_playlists
INSERT INTO resolver_marks (kind, name)
SELECT DISTINCT 'playlist', playlist_id FROM resolver_sightings WHERE claim_id = ANY (%(claims)s)
ON CONFLICT DO NOTHING;

-- name: unmark
DELETE FROM resolver_marks AS held
USING jsonb_to_recordset(%(rows)s) AS given (kind text, name text)
WHERE held.kind = given.kind AND held.name = given.name;

-- name: last_seen
-- The newest set that names the claim; without one the newest decision about it; without both (no set names it
-- any more) the newest set read.
WITH seen AS (
    SELECT s.claim_id, max(p.observed_at) AS at
    FROM resolver_sightings AS s JOIN resolver_playlists AS p USING (playlist_id)
    WHERE s.claim_id = ANY (%(claims)s)
    GROUP BY s.claim_id
), decided AS (
    SELECT end_of.claim_id, max(d.decided_at) AS at
    FROM resolver_decisions AS d CROSS JOIN LATERAL (VALUES (d.claim_a), (d.claim_b)) AS end_of (claim_id)
    WHERE d.claim_a = ANY (%(claims)s) OR d.claim_b = ANY (%(claims)s)
    GROUP BY end_of.claim_id
)
SELECT
    moved.claim_id,
    COALESCE(seen.at, decided.at, (SELECT max(observed_at) FROM resolver_playlists)) AS observed_at
FROM unnest(%(claims)s::text[]) AS moved (claim_id)
LEFT JOIN seen USING (claim_id)
LEFT JOIN decided USING (claim_id);
