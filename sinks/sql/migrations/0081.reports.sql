-- Reports: which provider fills which field, what providers cost, quality per site and parser. Computed when read, over
-- all rows: for a person, not for a page that is shown often.

CREATE VIEW field_coverage AS
WITH considered AS (
    SELECT attempt ->> 'field' AS field, attempt ->> 'provider' AS provider, count(DISTINCT track_id) AS considered,
           count(DISTINCT track_id) FILTER (WHERE attempt ->> 'status' IN ('hit', 'stale_cache')) AS answered,
           count(DISTINCT track_id) FILTER (WHERE attempt -> 'chosen' = 'true') AS chosen,
           avg((attempt ->> 'confidence')::double precision) FILTER (WHERE attempt -> 'chosen' = 'true') AS confidence
    FROM silver_enriched_tracks
    CROSS JOIN LATERAL jsonb_array_elements(
        CASE jsonb_typeof(enrichment_metadata -> 'waterfall_attempts')
            WHEN 'array' THEN enrichment_metadata -> 'waterfall_attempts' ELSE '[]' END
    ) AS attempt
    WHERE attempt ->> 'field' <> '*'
    GROUP BY 1, 2
)
SELECT field,
       provider,
       considered::integer,
       answered::integer,
       chosen::integer,
       total.tracks::integer,
       chosen::double precision / total.tracks AS share,
       sum(chosen) OVER (PARTITION BY field)::double precision / total.tracks AS field_share,
       confidence
FROM considered
CROSS JOIN (SELECT count(*) AS tracks FROM silver_enriched_tracks) AS total;

COMMENT ON VIEW field_coverage IS
'Tracks with a value by field and provider. Reads all tracks.';
COMMENT ON COLUMN field_coverage.field IS 'enriched field; key includes key_mode';
COMMENT ON COLUMN field_coverage.provider IS 'provider, page or override';
COMMENT ON COLUMN field_coverage.considered IS 'tracks for which the provider was considered for this field';
COMMENT ON COLUMN field_coverage.answered IS 'those for which it had a value';
COMMENT ON COLUMN field_coverage.chosen IS 'those whose value is the provider''s';
COMMENT ON COLUMN field_coverage.tracks IS 'number of tracks';
COMMENT ON COLUMN field_coverage.share IS 'chosen / tracks, 0 to 1';
COMMENT ON COLUMN field_coverage.field_share IS 'share of tracks with a value of this field from any provider, 0 to 1';
COMMENT ON COLUMN field_coverage.confidence IS 'mean confidence of the chosen values, 0 to 1; NULL: none was chosen';

-- One row per track and attempt is archived. A call that served a batch is one request, and its time counts once.
CREATE FUNCTION provider_costs_since(since timestamptz)
    RETURNS TABLE (
        provider text, operation text, answers integer, tracks integer, calls integer, cached integer,
        cache_share double precision, hits integer, misses integer, rejected integer, failed integer, refused integer,
        skipped integer, calls_per_track double precision, latency_mean_ms double precision, latency_p50_ms integer,
        latency_p95_ms integer, latency_max_ms integer, first_at timestamptz, last_at timestamptz
    )
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH attempts AS (
        SELECT a.provider, a.operation, a.track_id, a.status, a.cached, a.attempted_at, a.latency_ms,
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
        SELECT d.provider, d.operation, count(*) AS answers, count(DISTINCT d.track_id) AS tracks,
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
    SELECT t.provider, t.operation, t.answers::integer, t.tracks::integer, coalesce(calls.calls, 0)::integer,
           t.cached::integer, t.cached::double precision / nullif(t.cached + t.fresh, 0), t.hits::integer,
           t.misses::integer, t.rejected::integer, t.failed::integer, t.refused::integer, t.skipped::integer,
           coalesce(calls.calls, 0)::double precision / t.tracks, calls.mean::double precision, calls.median,
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
COMMENT ON COLUMN provider_costs.answers IS 'archived attempts: one per track and look-up';
COMMENT ON COLUMN provider_costs.tracks IS 'distinct tracks of these attempts';
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
COMMENT ON COLUMN provider_costs.calls_per_track IS 'calls / tracks';
COMMENT ON COLUMN provider_costs.latency_mean_ms IS 'mean duration of a call in milliseconds; NULL: no call';
COMMENT ON COLUMN provider_costs.latency_p50_ms IS 'lower median of the duration in milliseconds';
COMMENT ON COLUMN provider_costs.latency_p95_ms IS '95 % of the calls took at most so long, in milliseconds';
COMMENT ON COLUMN provider_costs.latency_max_ms IS 'longest call in milliseconds';
COMMENT ON COLUMN provider_costs.first_at IS 'time of the first attempt';
COMMENT ON COLUMN provider_costs.last_at IS 'time of the newest attempt';

CREATE VIEW source_quality AS
SELECT sets.source,
       sets.parser_version,
       count(*)::integer AS sets,
       sum(rows.rows)::integer AS rows,
       sum(rows.identified)::double precision / nullif(sum(rows.rows), 0) AS identified_share,
       sum(rows.cued)::double precision / nullif(sum(rows.rows), 0) AS cue_share,
       sum(rows.needs_review)::integer AS needs_review,
       sum(rows.rejected)::integer AS rejected,
       sum(rows.validation) / nullif(sum(rows.rows), 0) AS row_validation,
       avg(sets.data_completeness) AS completeness,
       avg(sets.confidence_score) AS confidence,
       avg(sets.data_quality_score) AS quality,
       count(sets.set_date) FILTER (WHERE sets.set_date_precision = 'day')::double precision / count(*) AS dated_share,
       max(sets.last_observed_at) AS newest_at
FROM silver_enriched_playlists AS sets
LEFT JOIN LATERAL (
    SELECT count(*) AS rows,
           count(*) FILTER (WHERE status = 'identified') AS identified,
           count(cue_seconds) AS cued,
           count(*) FILTER (WHERE validation_status = 'needs_review') AS needs_review,
           count(*) FILTER (WHERE validation_status = 'rejected') AS rejected,
           sum(validation) AS validation
    FROM silver_playlist_tracks AS tracks
    WHERE tracks.playlist_id = sets.playlist_id
) AS rows ON true
GROUP BY 1, 2;

COMMENT ON VIEW source_quality IS
'Quality of sets and rows by site and version of the parser. Reads all rows.';
COMMENT ON COLUMN source_quality.source IS 'site: 1001tracklists, mixesdb, mixcloud, ra';
COMMENT ON COLUMN source_quality.parser_version IS 'version of the parser that read the set';
COMMENT ON COLUMN source_quality.sets IS 'number of tracklists';
COMMENT ON COLUMN source_quality.rows IS 'number of their rows';
COMMENT ON COLUMN source_quality.identified_share IS 'share of rows with a track, 0 to 1; NULL: no rows';
COMMENT ON COLUMN source_quality.cue_share IS 'share of rows with a cue, 0 to 1';
COMMENT ON COLUMN source_quality.needs_review IS 'rows that need review';
COMMENT ON COLUMN source_quality.rejected IS 'rows that were rejected';
COMMENT ON COLUMN source_quality.row_validation IS 'mean share of graded checks passed by rows, 0 to 1';
COMMENT ON COLUMN source_quality.completeness IS 'mean completeness of the sets, 0 to 1';
COMMENT ON COLUMN source_quality.confidence IS 'mean confidence of the sets, 0 to 1';
COMMENT ON COLUMN source_quality.quality IS 'mean quality score of the sets, 0 to 1';
COMMENT ON COLUMN source_quality.dated_share IS 'share of sets with an exact day, 0 to 1';
COMMENT ON COLUMN source_quality.newest_at IS 'time at which the newest of these sets was observed';
