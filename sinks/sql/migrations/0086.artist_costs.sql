-- Costs of requests for artists: all artists counted as one track, the one without an id.

DROP VIEW provider_costs;
DROP FUNCTION provider_costs_since(timestamptz);

-- One row per track, or artist, and attempt is archived. A call that served a batch is one request, and its time counts once.
CREATE FUNCTION provider_costs_since(since timestamptz)
    RETURNS TABLE (
        provider text, operation text, answers integer, tracks integer, artists integer, calls integer,
        cached integer, cache_share double precision, hits integer, misses integer, rejected integer, failed integer, refused integer,
        skipped integer, calls_per_track double precision, latency_mean_ms double precision, latency_p50_ms integer,
        latency_p95_ms integer, latency_max_ms integer, first_at timestamptz, last_at timestamptz
    )
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH attempts AS (
        SELECT a.provider, a.operation, a.track_id, a.artist_id, a.status, a.cached, a.attempted_at, a.latency_ms,
               coalesce(a.batch_id, a.id::text) AS response_id,
               a.latency_ms IS NOT NULL AND NOT a.cached AS is_answer
        FROM bronze_api_enrichments AS a
        WHERE a.attempted_at >= since
    ), calls AS (
        SELECT c.provider, c.operation, count(*) AS calls, avg(c.latency_ms) AS mean, max(c.latency_ms) AS longest,
               percentile_disc(0.5) WITHIN GROUP (ORDER BY c.latency_ms) AS median,
               percentile_disc(0.95) WITHIN GROUP (ORDER BY c.latency_ms) AS p95
        FROM (
            SELECT b.provider, b.operation, b.response_id, max(b.latency_ms) AS latency_ms
            FROM attempts AS b WHERE b.is_answer
            GROUP BY 1, 2, 3
        ) AS c
        GROUP BY 1, 2
    ), totals AS (
        SELECT d.provider, d.operation, count(*) AS answers, count(DISTINCT d.track_id) FILTER (WHERE d.artist_id IS NULL) AS tracks,
               count(DISTINCT d.artist_id) AS artists,
               count(*) FILTER (WHERE d.cached) AS cached,
               count(*) FILTER (WHERE d.is_answer) AS fresh,
               count(*) FILTER (WHERE d.status IN ('hit', 'stale_cache')) AS hits,
               count(*) FILTER (WHERE d.status = 'miss') AS misses,
               count(*) FILTER (WHERE d.status = 'rejected') AS rejected,
               count(*) FILTER (WHERE d.status = 'error') AS failed,
               count(*) FILTER (
                   WHERE d.status IN ('rate_limited', 'quota_exhausted', 'breaker_open', 'disabled')
               ) AS refused,
               count(*) FILTER (WHERE d.status = 'skipped') AS skipped,
               min(d.attempted_at) AS first_at, max(d.attempted_at) AS last_at
        FROM attempts AS d
        GROUP BY 1, 2
    )
    SELECT t.provider, t.operation, t.answers::integer, t.tracks::integer, t.artists::integer,
           coalesce(calls.calls, 0)::integer,
           t.cached::integer, t.cached::double precision / nullif(t.cached + t.fresh, 0), t.hits::integer,
           t.misses::integer, t.rejected::integer, t.failed::integer, t.refused::integer, t.skipped::integer,
           coalesce(calls.calls, 0)::double precision / (t.tracks + t.artists), calls.mean::double precision, calls.median,
           calls.p95, calls.longest, t.first_at, t.last_at
    FROM totals AS t
    LEFT JOIN calls ON (calls.provider, calls.operation) = (t.provider, t.operation);
END;
COMMENT ON FUNCTION provider_costs_since(timestamptz) IS
'Calls, cache share and latency by provider and operation, of attempts at or after a time';

CREATE VIEW provider_costs AS SELECT * FROM provider_costs_since('-infinity');

COMMENT ON VIEW provider_costs IS
'What each provider costs: calls, cache share and latency by operation, from all archived attempts.';
COMMENT ON COLUMN provider_costs.provider IS 'name of the provider';
COMMENT ON COLUMN provider_costs.operation IS 'operation at the provider, such as search or recording';
COMMENT ON COLUMN provider_costs.answers IS 'archived attempts: one per track or artist and look-up';
COMMENT ON COLUMN provider_costs.tracks IS 'distinct tracks of these attempts, those of requests for artists left out';
COMMENT ON COLUMN provider_costs.artists IS 'distinct artists whose profiles these attempts requested';
COMMENT ON COLUMN provider_costs.calls IS 'requests that were answered; one that served a batch of tracks counts once';
COMMENT ON COLUMN provider_costs.cached IS 'attempts that were answered from the cache';
COMMENT ON COLUMN provider_costs.cache_share IS
'cached / attempts answered by cache or provider, 0 to 1; NULL: none was answered';
COMMENT ON COLUMN provider_costs.hits IS 'attempts with a match, stale answers of the cache included';
COMMENT ON COLUMN provider_costs.misses IS 'attempts without a match';
COMMENT ON COLUMN provider_costs.rejected IS 'attempts whose match was rejected';
COMMENT ON COLUMN provider_costs.failed IS 'attempts that ended with an error';
COMMENT ON COLUMN provider_costs.refused IS 'attempts without a call: limit, budget, open breaker, or provider off';
COMMENT ON COLUMN provider_costs.skipped IS 'attempts without a call, since it could add nothing';
COMMENT ON COLUMN provider_costs.calls_per_track IS 'calls / (tracks + artists)';
COMMENT ON COLUMN provider_costs.latency_mean_ms IS 'mean duration of a call in milliseconds; NULL: no call';
COMMENT ON COLUMN provider_costs.latency_p50_ms IS 'lower median of the duration in milliseconds';
COMMENT ON COLUMN provider_costs.latency_p95_ms IS '95 % of the calls took at most so long, in milliseconds';
COMMENT ON COLUMN provider_costs.latency_max_ms IS 'longest call in milliseconds';
COMMENT ON COLUMN provider_costs.first_at IS 'time of the first attempt';
COMMENT ON COLUMN provider_costs.last_at IS 'time of the newest attempt';
