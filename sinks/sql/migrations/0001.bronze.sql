-- Bronze: what was received, insert-only. Ids are made of content, so a repeated record finds its row there.

CREATE TABLE bronze_pages (
    id               uuid PRIMARY KEY,           -- uuid5 of page_id and sha256
    source           text NOT NULL,
    page_id          text NOT NULL,              -- source:kind:native-id
    kind             text NOT NULL,
    native_id        text NOT NULL,
    url              text NOT NULL,
    status           integer NOT NULL,
    headers          jsonb NOT NULL,
    content_type     text,
    body             bytea NOT NULL,             -- zstd, of the bytes that sha256 is of
    body_size        integer NOT NULL,           -- before compression
    sha256           text NOT NULL,
    fetched_at       timestamptz NOT NULL,       -- of the first fetch that gave this body
    fetcher          text NOT NULL,
    robots           text,
    scraper_version  text NOT NULL,
    pipeline_version text NOT NULL,
    stored_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (page_id, sha256)
);
-- The body is compressed already.
ALTER TABLE bronze_pages ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE bronze_page_fetches (
    id               uuid PRIMARY KEY,           -- uuid5 of page_id, sha256 and fetched_at
    page_id          text NOT NULL,
    sha256           text NOT NULL,
    source           text NOT NULL,
    url              text NOT NULL,
    status           integer NOT NULL,
    fetched_at       timestamptz NOT NULL,
    fetcher          text NOT NULL,
    robots           text,
    scraper_version  text NOT NULL,
    stored_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bronze_page_fetches_page ON bronze_page_fetches (page_id, fetched_at);

-- One row per parsed row of a tracklist; counters are no content, so a page fetched again adds nothing.
CREATE TABLE bronze_scraped_tracks (
    id               uuid PRIMARY KEY,           -- uuid5 of playlist_id, row_key and content_hash
    source           text NOT NULL,
    source_url       text NOT NULL,
    raw_data         jsonb NOT NULL,
    scraped_at       timestamptz NOT NULL,
    scraper_version  text NOT NULL,
    playlist_id      text NOT NULL,
    row_key          text NOT NULL,
    ordinal          integer NOT NULL,           -- place on the page, from 0
    content_hash     text NOT NULL,
    page_id          text NOT NULL,
    page_sha256      text NOT NULL,
    parser_version   integer NOT NULL,
    stored_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (playlist_id, row_key, content_hash)
);

CREATE TABLE bronze_scraped_playlists (
    id               uuid PRIMARY KEY,           -- event id of the tracklist
    source           text NOT NULL,
    source_url       text NOT NULL,
    playlist_id      text NOT NULL,
    page_kind        text NOT NULL,
    raw_data         jsonb NOT NULL,             -- header and rows, without the rows' fragments
    counters         jsonb NOT NULL,
    warnings         text[] NOT NULL,
    row_count        integer NOT NULL,
    content_hash     text NOT NULL,
    page_id          text NOT NULL,
    page_sha256      text NOT NULL,
    scraped_at       timestamptz NOT NULL,
    scraper_version  text NOT NULL,
    parser_version   integer NOT NULL,
    stored_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (playlist_id, page_kind, content_hash)
);

CREATE TABLE bronze_scraped_artists (
    id               uuid PRIMARY KEY,
    source           text NOT NULL,
    source_url       text,
    artist_id        text NOT NULL,
    name             text NOT NULL,
    biography        text,
    links            jsonb NOT NULL,
    raw_data         jsonb NOT NULL,
    content_hash     text NOT NULL,
    page_id          text NOT NULL,
    scraped_at       timestamptz NOT NULL,
    scraper_version  text NOT NULL,
    parser_version   integer NOT NULL,
    stored_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (artist_id, page_id, content_hash)
);

CREATE TABLE bronze_events (
    id               uuid PRIMARY KEY,
    source           text NOT NULL,
    source_url       text,
    ra_event_id      text NOT NULL,
    title            text NOT NULL,
    event_date       date NOT NULL,
    raw_data         jsonb NOT NULL,
    content_hash     text NOT NULL,
    page_id          text NOT NULL,
    scraped_at       timestamptz NOT NULL,
    scraper_version  text NOT NULL,
    parser_version   integer NOT NULL,
    stored_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (ra_event_id, page_id, content_hash)
);

-- One row per attempt at a provider, called or not: the cost of enrichment is a query over this table.
CREATE TABLE bronze_api_enrichments (
    id               uuid PRIMARY KEY,
    track_id         text NOT NULL,
    request_id       text NOT NULL,
    provider         text NOT NULL,
    operation        text NOT NULL,
    parameters       jsonb NOT NULL,
    status           text NOT NULL,
    http_status      integer,
    body             bytea,                      -- zstd, of the answer as received
    response         jsonb,                      -- the same, where it is JSON
    latency_ms       integer,
    cached           boolean NOT NULL,
    attempted_at     timestamptz NOT NULL,
    note             text,
    pipeline_version text NOT NULL,
    stored_at        timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE bronze_api_enrichments ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX bronze_api_enrichments_track ON bronze_api_enrichments (track_id, attempted_at);
CREATE INDEX bronze_api_enrichments_provider ON bronze_api_enrichments (provider, attempted_at);

CREATE TABLE bronze_decisions (
    id               uuid PRIMARY KEY,
    decision_id      text NOT NULL,
    subject_id       text NOT NULL,
    kind             text NOT NULL,
    field            text,
    value            jsonb,
    other_id         text,
    reason           text NOT NULL,
    author           text NOT NULL,
    decided_at       timestamptz NOT NULL,
    withdrawn        boolean NOT NULL,
    pipeline_version text NOT NULL,
    stored_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bronze_decisions_subject ON bronze_decisions (subject_id, decided_at);

-- Query example 1 searches names by ILIKE. Trigrams answer that by index where the server has them (they are
-- contrib, and not in every build); without them the query reads the whole table.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX bronze_scraped_tracks_names ON bronze_scraped_tracks
            USING gin ((raw_data ->> 'track_name') gin_trgm_ops, (raw_data ->> 'artist_name') gin_trgm_ops);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'pg_trgm may not be made by this user: names are searched without an index';
END
$$;
