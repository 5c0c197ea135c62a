-- Rows of source_quality, which reads every row of silver, as refresh read them last: pages show them.

CREATE TABLE gold_source_quality (
    source                text,
    parser_version        integer,
    sets                  integer NOT NULL,
    rows                  integer,
    identified_share      double precision,
    cue_share             double precision,
    needs_review          integer,
    rejected              integer,
    row_validation        double precision,
    completeness          double precision,
    confidence            double precision,
    quality               double precision,
    dated_share           double precision NOT NULL,
    newest_at             timestamptz
);

COMMENT ON TABLE gold_source_quality IS 'Rows of source_quality when refresh read it last.';
COMMENT ON COLUMN gold_source_quality.source IS 'site: 1001tracklists, mixesdb, mixcloud, ra';
COMMENT ON COLUMN gold_source_quality.parser_version IS 'version of the parser that read the set';
COMMENT ON COLUMN gold_source_quality.sets IS 'number of tracklists';
COMMENT ON COLUMN gold_source_quality.rows IS 'number of their rows';
COMMENT ON COLUMN gold_source_quality.identified_share IS 'share of rows with a track, 0 to 1; NULL: no rows';
COMMENT ON COLUMN gold_source_quality.cue_share IS 'share of rows with a cue, 0 to 1; NULL: no rows';
COMMENT ON COLUMN gold_source_quality.needs_review IS 'rows that need review';
COMMENT ON COLUMN gold_source_quality.rejected IS 'rows that were rejected';
COMMENT ON COLUMN gold_source_quality.row_validation IS 'mean share of graded checks passed by rows, 0 to 1; NULL: no rows';
COMMENT ON COLUMN gold_source_quality.completeness IS 'mean completeness of the sets, 0 to 1';
COMMENT ON COLUMN gold_source_quality.confidence IS 'mean confidence of the sets, 0 to 1';
COMMENT ON COLUMN gold_source_quality.quality IS 'mean quality score of the sets, 0 to 1';
COMMENT ON COLUMN gold_source_quality.dated_share IS 'share of sets with an exact day, 0 to 1';
COMMENT ON COLUMN gold_source_quality.newest_at IS 'time at which the newest of these sets was observed';

-- Rows are counted by set in one pass: set by set, each of a million sets would be looked up in an index. Means are of
-- numeric values: sums of double precision depend on the order of the rows.
CREATE OR REPLACE VIEW source_quality AS
SELECT sets.source,
       sets.parser_version,
       count(*)::integer AS sets,
       sum(coalesce(rows.rows, 0))::integer AS rows,
       sum(coalesce(rows.identified, 0))::double precision / nullif(sum(coalesce(rows.rows, 0)), 0) AS identified_share,
       sum(coalesce(rows.cued, 0))::double precision / nullif(sum(coalesce(rows.rows, 0)), 0) AS cue_share,
       sum(coalesce(rows.needs_review, 0))::integer AS needs_review,
       sum(coalesce(rows.rejected, 0))::integer AS rejected,
       (sum(rows.validation) / nullif(sum(coalesce(rows.rows, 0)), 0))::double precision AS row_validation,
       avg(sets.data_completeness::numeric)::double precision AS completeness,
       avg(sets.confidence_score::numeric)::double precision AS confidence,
       avg(sets.data_quality_score::numeric)::double precision AS quality,
       count(sets.set_date) FILTER (WHERE sets.set_date_precision = 'day')::double precision / count(*) AS dated_share,
       max(sets.last_observed_at) AS newest_at
FROM silver_enriched_playlists AS sets
LEFT JOIN (
    SELECT playlist_id,
           count(*) AS rows,
           count(*) FILTER (WHERE status = 'identified') AS identified,
           count(cue_seconds) AS cued,
           count(*) FILTER (WHERE validation_status = 'needs_review') AS needs_review,
           count(*) FILTER (WHERE validation_status = 'rejected') AS rejected,
           sum(validation::numeric) AS validation
    FROM silver_playlist_tracks
    GROUP BY playlist_id
) AS rows USING (playlist_id)
GROUP BY 1, 2;
