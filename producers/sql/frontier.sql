-- name: begin_crawl
-- Return the unfinished crawl of the same query, or insert a new one.
WITH open AS (
    SELECT id FROM crawls
    WHERE source = %(source)s AND question = %(question)s AND finished_at IS NULL AND started_at > %(fresh)s
    ORDER BY started_at DESC LIMIT 1
), begun AS (
    INSERT INTO crawls (source, question, since, page_limit, started_at)
    SELECT %(source)s, %(question)s, %(since)s, %(page_limit)s, %(now)s WHERE NOT EXISTS (SELECT FROM open)
    RETURNING id
)
SELECT id, true AS continued FROM open UNION ALL SELECT id, false FROM begun

-- name: lock_query
-- Of two processes with the same query, the second waits and finds the crawl of the first.
SELECT pg_advisory_xact_lock(hashtextextended(%(source)s || ' ' || %(question)s, 0))

-- name: set_page_limit
UPDATE crawls SET page_limit = %(page_limit)s WHERE id = %(crawl)s

-- name: finish_crawl
UPDATE crawls SET finished_at = %(now)s
WHERE id = %(crawl)s AND finished_at IS NULL
  AND NOT EXISTS (SELECT FROM crawl_frontier WHERE crawl = %(crawl)s AND state IN ('queued', 'leased'))

-- name: last_run
-- Return when the last finished crawl of a query began, and when the unfinished one did.
SELECT max(started_at) FILTER (WHERE finished_at IS NOT NULL) AS finished,
       max(started_at) FILTER (WHERE finished_at IS NULL) AS going
FROM crawls WHERE source = %(source)s AND question = %(question)s

-- name: release_expired_leases
-- Release leases of ended sessions: their processes were killed, or lost the connection.
UPDATE crawl_frontier AS page
SET state = 'queued', next_at = %(now)s, lease = NULL, lease_pid = NULL, lease_session = NULL
WHERE state = 'leased' AND source = ANY(%(sources)s) AND NOT EXISTS (
    SELECT FROM pg_stat_activity AS session
    WHERE session.pid = page.lease_pid AND session.backend_start = page.lease_session)

-- name: lease_next
-- Lease the most urgent page that is due, expired leases included. Rows locked by other sessions are skipped.
UPDATE crawl_frontier AS page
SET state = 'leased', lease = gen_random_uuid(), lease_pid = pg_backend_pid(), next_at = %(until)s,
    lease_session = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
FROM (
    SELECT page_id FROM crawl_frontier
    WHERE source = %(source)s AND (%(crawl)s::bigint IS NULL OR crawl = %(crawl)s)
      AND next_at <= %(now)s
    ORDER BY priority DESC, next_at, page_id
    LIMIT 1 FOR UPDATE SKIP LOCKED
) AS first
WHERE page.page_id = first.page_id
RETURNING page.page_id, source, kind, native_id, url, attempts, crawl, watched, lease, found_at, set_date,
          etag, last_modified, sha256, content_hash, revision, unidentified, unchanged, listed_revision

-- name: lock_leased
-- Lock the page if the lease is still valid, and return the crawl that requests it.
SELECT crawl FROM crawl_frontier WHERE page_id = %(page_id)s AND lease = %(lease)s FOR UPDATE

-- name: finish_visit
UPDATE crawl_frontier
SET state = %(state)s, why = %(why)s, next_at = %(next_at)s, attempts = %(attempts)s, priority = %(priority)s,
    crawl = CASE WHEN %(done)s THEN NULL ELSE crawl END,
    fetched_at = coalesce(%(fetched_at)s, fetched_at), etag = %(etag)s, last_modified = %(last_modified)s,
    sha256 = %(sha256)s, content_hash = %(content_hash)s, revision = %(revision)s,
    unidentified = %(unidentified)s, unchanged = %(unchanged)s, set_date = %(set_date)s,
    lease = NULL, lease_pid = NULL, lease_session = NULL
WHERE page_id = %(page_id)s AND lease = %(lease)s

-- name: release_lease
-- Undo a lease: no request was sent.
UPDATE crawl_frontier
SET state = 'queued', next_at = %(next_at)s, lease = NULL, lease_pid = NULL, lease_session = NULL
WHERE page_id = %(page_id)s AND lease = %(lease)s

-- name: select_wanted
-- Select pages worth fetching: unknown ones, those that no crawl or another crawl requested, and those that a
-- list shows as changed.
SELECT given.page_id
FROM unnest(%(page_id)s::text[], %(identified)s::int[], %(total)s::int[], %(revision)s::bigint[])
     AS given (page_id, identified, total, revision)
LEFT JOIN crawl_frontier AS page USING (page_id)
WHERE page.page_id IS NULL
   OR page.state <> 'leased' AND %(crawl)s::bigint IS NOT NULL AND page.crawl IS DISTINCT FROM %(crawl)s
      AND (page.state = 'queued' OR page.next_at <= %(now)s)
   OR page.state NOT IN ('leased', 'queued')
      AND (given.revision > page.revision
           OR given.identified <> page.listed_identified OR given.total <> page.listed_total)

-- name: lock_crawl
-- Return how many pages a crawl may still take; locked, so that processes do not exceed the limit together.
SELECT since, page_limit - least(taken, page_limit) AS pages_left FROM crawls WHERE id = %(crawl)s FOR UPDATE

-- name: count_taken
UPDATE crawls SET taken = taken + %(count)s WHERE id = %(crawl)s

-- name: enqueue
-- Insert pages that were found. Stored columns stay unless the link has newer values.
INSERT INTO crawl_frontier AS page
    (page_id, source, kind, native_id, url, priority, next_at, crawl, watched, found_at, discovered_from, title,
     set_date, listed_identified, listed_total, listed_revision)
SELECT given.page_id, given.source, given.kind, given.native_id, given.url, %(priority)s, %(now)s, %(crawl)s,
       given.watched, %(now)s, %(discovered_from)s, given.title, given.set_date, given.identified, given.total,
       given.revision
FROM unnest(%(page_id)s::text[], %(source)s::text[], %(kind)s::text[], %(native_id)s::text[], %(url)s::text[],
            %(watched)s::boolean[], %(title)s::text[], %(set_date)s::date[], %(identified)s::int[],
            %(total)s::int[], %(revision)s::bigint[])
     AS given (page_id, source, kind, native_id, url, watched, title, set_date, identified, total, revision)
ORDER BY given.page_id
ON CONFLICT (page_id) DO UPDATE
SET next_at = CASE WHEN page.state = 'leased' OR page.state = 'queued' AND NOT %(forced)s THEN page.next_at
                   ELSE least(page.next_at, excluded.next_at) END,
    state = CASE WHEN page.state = 'leased' THEN 'leased' ELSE 'queued' END,
    priority = greatest(page.priority, excluded.priority),
    crawl = coalesce(excluded.crawl, page.crawl),
    watched = page.watched OR excluded.watched,
    url = coalesce(excluded.url, page.url),
    title = coalesce(excluded.title, page.title),
    set_date = coalesce(page.set_date, excluded.set_date),
    listed_identified = coalesce(excluded.listed_identified, page.listed_identified),
    listed_total = coalesce(excluded.listed_total, page.listed_total),
    listed_revision = coalesce(excluded.listed_revision, page.listed_revision)

-- name: count_by_state
SELECT source, state, count(*) AS pages,
       count(*) FILTER (WHERE state <> 'leased' AND next_at <= %(now)s) AS due
FROM crawl_frontier GROUP BY source, state ORDER BY source, state

-- name: remaining
-- Count the pages that a crawl waits for, due or leased, and return when the first of the others is due.
SELECT count(*) AS pages, count(*) FILTER (WHERE state = 'leased') AS leased, min(next_at) AS soonest
FROM crawl_frontier WHERE crawl = %(crawl)s AND state IN ('queued', 'leased')
