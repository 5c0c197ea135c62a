-- What the resolver holds: every fact that can say of two claims that they are one recording, of two tracklists
-- that they are one set, and of a set at which event it was played. All of it is read from topics and can be
-- read from them again.

-- Where it stands, moved in the transaction of the facts that were read.
CREATE TABLE resolver_offsets (
    topic                 text NOT NULL,         -- its name on the broker
    part                  integer NOT NULL,
    next_offset           bigint NOT NULL CHECK (next_offset >= 0),
    topic_id              text NOT NULL,         -- tells a topic that was deleted and made again
    PRIMARY KEY (topic, part)
);

-- A tracklist as the newest silver.playlists record has it. `shown` is the resolution it was made under,
-- `asked` the one sent since.
CREATE TABLE resolver_playlists (
    playlist_id           text PRIMARY KEY,
    version               bigint NOT NULL,
    source                text NOT NULL,
    set_day               date,                  -- exact days only
    dj_key                text[],                -- names taken apart, in normal form; NULL for none
    djs                   text[] NOT NULL,       -- whole names in normal form
    title                 text NOT NULL,
    event_name            text,
    venue                 text,
    city                  text,
    country               text,
    claims                text[] NOT NULL,       -- of the identified rows, in their order
    row_count             integer NOT NULL,
    observed_at           timestamptz NOT NULL,
    shown                 jsonb NOT NULL,
    asked                 jsonb
);
CREATE INDEX resolver_playlists_line_up ON resolver_playlists (dj_key, set_day);
CREATE INDEX resolver_playlists_day ON resolver_playlists (set_day);

-- What a row says of a claim. `ids` are "name=value".
CREATE TABLE resolver_sightings (
    playlist_id           text NOT NULL,
    claim_id              text NOT NULL,
    ids                   text[] NOT NULL,
    duration_ms           integer
);
CREATE INDEX resolver_sightings_playlist ON resolver_sightings (playlist_id);
CREATE INDEX resolver_sightings_claim ON resolver_sightings (claim_id);
-- A list of pending entries would be read whole at every look.
CREATE INDEX resolver_sightings_ids ON resolver_sightings USING gin (ids) WITH (fastupdate = off);

-- What a claim is of, in normal form: a function of the claim.
CREATE TABLE resolver_claims (
    claim_id              text PRIMARY KEY,
    artists               text[] NOT NULL,
    title                 text NOT NULL,
    version_artists       text[] NOT NULL,
    stem                  text NOT NULL,
    text                  text NOT NULL          -- artists, title and version as displayed
);

-- The latest decision on each pair of claims (merge, split), and the overrides of tracks.
CREATE TABLE resolver_decisions (
    decision_id           text PRIMARY KEY,
    rank                  text NOT NULL,         -- time, then what was said: of two the greater stands
    kind                  text NOT NULL,
    claim_a               text NOT NULL,
    claim_b               text,
    forced                boolean NOT NULL,
    withdrawn             boolean NOT NULL,
    reason                text NOT NULL,
    author                text NOT NULL,
    decided_at            timestamptz NOT NULL
);
CREATE INDEX resolver_decisions_a ON resolver_decisions (claim_a);
CREATE INDEX resolver_decisions_b ON resolver_decisions (claim_b);

CREATE TABLE resolver_events (
    ra_event_id           text PRIMARY KEY,
    version               bigint NOT NULL,
    event_day             date NOT NULL,
    acts                  text[] NOT NULL,       -- names in normal form
    title                 text NOT NULL,
    venue                 text,
    city                  text,
    country               text
);
CREATE INDEX resolver_events_day ON resolver_events (event_day);

-- What has to be looked at because a fact of it changed; deleted when its consequences are acknowledged.
CREATE TABLE resolver_marks (
    kind                  text NOT NULL CHECK (kind IN ('claim', 'id', 'playlist')),
    name                  text NOT NULL,
    PRIMARY KEY (kind, name)
);

-- The results. Every claim that stands for another one:
CREATE TABLE track_canonical (
    claim_id              text PRIMARY KEY,
    canonical_id          text NOT NULL
);
CREATE INDEX track_canonical_of ON track_canonical (canonical_id);

-- every link between two claims, followed or not (`why`: the review list),
CREATE TABLE track_links (
    claim_a               text NOT NULL,
    claim_b               text NOT NULL,
    reason                text NOT NULL,         -- the name of the id, or person
    evidence              text NOT NULL,
    why                   text,                  -- NULL: followed
    PRIMARY KEY (claim_a, claim_b, reason, evidence)
);
CREATE INDEX track_links_b ON track_links (claim_b);
CREATE INDEX track_links_review ON track_links (why) WHERE why IS NOT NULL;

-- and why two tracklists are one set.
CREATE TABLE set_links (
    playlist_a            text NOT NULL,
    playlist_b            text NOT NULL,
    share                 double precision,      -- of rows in common order; NULL where too few are identified
    same_occasion         boolean NOT NULL,
    days_apart            integer NOT NULL,
    PRIMARY KEY (playlist_a, playlist_b)
);
CREATE INDEX set_links_b ON set_links (playlist_b);

-- Every set that has several tracklists, with the one that counts and all pages it is known from.
CREATE VIEW set_tracklists AS
SELECT
    set_id,
    min(playlist_id) FILTER (WHERE counted) AS counted_playlist_id,
    array_agg(playlist_id ORDER BY playlist_id) AS playlist_ids,
    array_agg(source ORDER BY playlist_id) AS sources,
    array_agg(source_url ORDER BY playlist_id) AS source_urls,
    array_agg(identified_rows ORDER BY playlist_id) AS identified_rows
FROM silver_enriched_playlists
GROUP BY set_id
HAVING count(*) > 1;

-- Every set whose event is known, with what Resident Advisor says of that.
CREATE VIEW set_events AS
SELECT
    p.playlist_id, p.set_id, p.counted, p.set_date, p.dj_names,
    e.ra_event_id, e.title AS event_title, e.event_date, e.venue, e.city, e.country, e.promoters,
    ARRAY(
        SELECT l.name FROM silver_event_lineups AS l WHERE l.ra_event_id = e.ra_event_id ORDER BY l.ordinal
    ) AS line_up
FROM silver_enriched_playlists AS p
JOIN silver_events AS e USING (ra_event_id);
