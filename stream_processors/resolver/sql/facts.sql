-- name: newer_playlists
-- Of these versions, those that are not older than the stored ones.
SELECT given.playlist_id
FROM jsonb_to_recordset(%(rows)s) AS given (playlist_id text, version bigint)
LEFT JOIN resolver_playlists AS held USING (playlist_id)
WHERE held.version IS NULL OR held.version <= given.version;

-- name: held_sightings
SELECT playlist_id, claim_id, ids, duration_ms FROM resolver_sightings WHERE playlist_id = ANY (%(playlists)s);

-- name: mark_neighbours
-- Tracklists that may be of one set with these, before a line-up or a day changes. Those that may be after it are found
-- from the changed ones, which are marked: they are in the same run.
INSERT INTO resolver_marks (kind, name)
SELECT DISTINCT 'playlist', near.playlist_id
FROM resolver_playlists AS held
CROSS JOIN LATERAL resolver_neighbours(
    held.playlist_id, held.source, held.dj_key, held.set_day, held.claims, held.identical_to
) AS near
WHERE held.playlist_id = ANY (%(playlists)s)
ON CONFLICT DO NOTHING;

-- name: take_playlists
INSERT INTO resolver_playlists AS held (
    playlist_id, version, source, set_day, dj_key, djs, title, event_name, venue, city, country, claims,
    row_count, identical_to, observed_at, shown
)
SELECT
    playlist_id, version, source, set_day, dj_key, djs, title, event_name, venue, city, country, claims,
    row_count, identical_to, observed_at, shown
FROM jsonb_to_recordset(%(rows)s) AS given (
    playlist_id text, version bigint, source text, set_day date, dj_key text[], djs text[], title text,
    event_name text, venue text, city text, country text, claims text[], row_count integer,
    identical_to text[], observed_at timestamptz, shown jsonb
)
ON CONFLICT (playlist_id) DO UPDATE SET
    version = excluded.version,
    source = excluded.source,
    set_day = excluded.set_day,
    dj_key = excluded.dj_key,
    djs = excluded.djs,
    title = excluded.title,
    event_name = excluded.event_name,
    venue = excluded.venue,
    city = excluded.city,
    country = excluded.country,
    claims = excluded.claims,
    row_count = excluded.row_count,
    identical_to = excluded.identical_to,
    observed_at = excluded.observed_at,
    shown = excluded.shown,
    asked = NULL;

-- name: drop_sightings
DELETE FROM resolver_sightings WHERE playlist_id = ANY (%(playlists)s);

-- name: take_sightings
INSERT INTO resolver_sightings (playlist_id, claim_id, ids, duration_ms)
SELECT playlist_id, claim_id, ids, duration_ms
FROM jsonb_to_recordset(%(rows)s) AS given (playlist_id text, claim_id text, ids text[], duration_ms integer);

-- name: stored_answers
SELECT answer_key, claim_id, ids, duration_ms FROM resolver_answers WHERE answer_key = ANY (%(answers)s);

-- name: drop_answers
DELETE FROM resolver_answers WHERE answer_key = ANY (%(answers)s);

-- name: take_answers
INSERT INTO resolver_answers (answer_key, claim_id, ids, duration_ms)
SELECT answer_key, claim_id, ids, duration_ms
FROM jsonb_to_recordset(%(rows)s) AS given (answer_key text, claim_id text, ids text[], duration_ms integer);

-- name: take_claims
-- Of two profiles of one claim the smaller is stored, by code points as within a batch: the result does not
-- depend on the order of rows or on the batches.
INSERT INTO resolver_claims AS held (claim_id, artists, title, version_artists, stem, text)
SELECT claim_id, artists, title, version_artists, stem, text
FROM jsonb_to_recordset(%(rows)s) AS given (
    claim_id text, artists text[], title text, version_artists text[], stem text, text text
)
ON CONFLICT (claim_id) DO UPDATE SET
    artists = excluded.artists,
    title = excluded.title,
    version_artists = excluded.version_artists,
    stem = excluded.stem,
    text = excluded.text
WHERE (
    held.artists COLLATE "C", held.title COLLATE "C", held.version_artists COLLATE "C", held.stem COLLATE "C",
    held.text COLLATE "C"
) > (excluded.artists, excluded.title, excluded.version_artists, excluded.stem, excluded.text);

-- name: decided_claims
SELECT claim_a, claim_b FROM resolver_decisions WHERE decision_id = ANY (%(decisions)s);

-- name: take_decisions
INSERT INTO resolver_decisions AS held (
    decision_id, rank, kind, claim_a, claim_b, forced, withdrawn, reason, author, decided_at
)
SELECT decision_id, rank, kind, claim_a, claim_b, forced, withdrawn, reason, author, decided_at
FROM jsonb_to_recordset(%(rows)s) AS given (
    decision_id text, rank text, kind text, claim_a text, claim_b text, forced boolean, withdrawn boolean,
    reason text, author text, decided_at timestamptz
)
ON CONFLICT (decision_id) DO UPDATE SET
    rank = excluded.rank,
    kind = excluded.kind,
    claim_a = excluded.claim_a,
    claim_b = excluded.claim_b,
    forced = excluded.forced,
    withdrawn = excluded.withdrawn,
    reason = excluded.reason,
    author = excluded.author,
    decided_at = excluded.decided_at
WHERE held.rank < excluded.rank;

-- name: mark_played_at
-- Sets that may have been played at these events.
INSERT INTO resolver_marks (kind, name)
SELECT DISTINCT 'playlist', p.playlist_id
FROM resolver_events AS e
JOIN resolver_playlists AS p
    ON p.set_day BETWEEN e.event_day AND e.event_day + 1 AND p.djs && e.acts
WHERE e.ra_event_id = ANY (%(events)s)
ON CONFLICT DO NOTHING;

-- name: take_events
INSERT INTO resolver_events AS held (ra_event_id, version, event_day, acts, title, venue, city, country)
SELECT ra_event_id, version, event_day, acts, title, venue, city, country
FROM jsonb_to_recordset(%(rows)s) AS given (
    ra_event_id text, version bigint, event_day date, acts text[], title text, venue text, city text,
    country text
)
ON CONFLICT (ra_event_id) DO UPDATE SET
    version = excluded.version,
    event_day = excluded.event_day,
    acts = excluded.acts,
    title = excluded.title,
    venue = excluded.venue,
    city = excluded.city,
    country = excluded.country
WHERE held.version <= excluded.version;

-- name: mark
INSERT INTO resolver_marks (kind, name)
SELECT DISTINCT kind, name FROM jsonb_to_recordset(%(rows)s) AS given (kind text, name text)
ON CONFLICT DO NOTHING;
