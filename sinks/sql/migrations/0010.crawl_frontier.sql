-- The frontier: every page that is known to exist and may be asked for, and when it is asked for next.
-- Shared by all crawler processes. Losing it loses no page that was fetched: those are in bronze.

-- One question somebody asked (`songnodes scrape`), or one look of the daemon at what is new.
CREATE TABLE crawls (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source       text NOT NULL,
    question     text NOT NULL,                  -- the same words again go on with an unfinished crawl
    since        date,                           -- sets before this day are not taken
    page_limit   integer CHECK (page_limit > 0), -- pages that list others aside
    taken        integer NOT NULL DEFAULT 0 CHECK (taken >= 0),
    started_at   timestamptz NOT NULL,
    finished_at  timestamptz
);
CREATE INDEX crawls_question ON crawls (source, question, started_at DESC);

CREATE TABLE crawl_frontier (
    page_id           text PRIMARY KEY,          -- source:kind:native-id
    source            text NOT NULL,
    kind              text NOT NULL,
    native_id         text NOT NULL,
    url               text,
    -- queued: to be fetched at next_at. leased: a process is at it. fetched: archived, and not readable.
    -- parsed: archived and read. blocked: the site sent something else. failed: given up, until next_at.
    state             text NOT NULL DEFAULT 'queued'
                      CHECK (state IN ('queued', 'leased', 'fetched', 'parsed', 'blocked', 'failed')),
    why               text,                      -- of the last attempt that gave no page
    priority          smallint NOT NULL DEFAULT 0,
    attempts          integer NOT NULL DEFAULT 0 CHECK (attempts >= 0), -- in a row that gave no page
    next_at           timestamptz NOT NULL,      -- of a leased page: when the lease ends at the latest
    crawl             bigint REFERENCES crawls (id) ON DELETE SET NULL, -- the question that wants it now
    watched           boolean NOT NULL DEFAULT false, -- a list that is looked at again by schedule

    -- A lease ends with the session that took it, so a killed process holds nothing.
    lease             uuid,
    lease_pid         integer,
    lease_session     timestamptz,

    found_at          timestamptz NOT NULL,
    discovered_from   text,                      -- the page that led here first
    title             text,
    set_date          date,
    listed_identified integer,                   -- what lists say of the page
    listed_total      integer,
    listed_revision   bigint,

    fetched_at        timestamptz,               -- of the last answer, "unchanged" included
    etag              text,
    last_modified     text,
    sha256            text,                      -- of the last body
    content_hash      text,                      -- of what was read: stays while only counters move
    revision          bigint,
    unidentified      integer,                   -- rows
    unchanged         integer NOT NULL DEFAULT 0 CHECK (unchanged >= 0), -- answers in a row that said nothing new
    CHECK ((state = 'leased') = (lease IS NOT NULL))
);
-- In the order of claims: with 25,392 pages due a claim took 105 ms by (source, next_at), 8 by this (busy machine).
CREATE INDEX crawl_frontier_due ON crawl_frontier (source, priority DESC, next_at, page_id);
CREATE INDEX crawl_frontier_leased ON crawl_frontier (source) WHERE state = 'leased';
CREATE INDEX crawl_frontier_crawl ON crawl_frontier (crawl) WHERE crawl IS NOT NULL;
