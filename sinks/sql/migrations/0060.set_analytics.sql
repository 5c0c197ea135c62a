-- Curves, shape, flow and series of sets. Refresh computes all rows again: each set is queued.

ALTER TABLE gold_playlist_analytics
    ADD COLUMN moment_count         integer NOT NULL DEFAULT 0,
    ADD COLUMN time_basis           text NOT NULL DEFAULT 'order'
                                    CHECK (time_basis IN ('cues', 'duration', 'order')),
    ADD COLUMN curve_places         double precision[] NOT NULL DEFAULT '{}',
    ADD COLUMN energy_coverage      double precision NOT NULL DEFAULT 0,
    ADD COLUMN energy_curve         double precision[],
    ADD COLUMN energy_start         double precision,
    ADD COLUMN energy_end           double precision,
    ADD COLUMN energy_peak_place    double precision,
    ADD COLUMN energy_peaks         integer,
    ADD COLUMN bpm_coverage         double precision NOT NULL DEFAULT 0,
    ADD COLUMN bpm_curve            double precision[],
    ADD COLUMN bpm_median_change    double precision,
    ADD COLUMN key_coverage         double precision NOT NULL DEFAULT 0,
    ADD COLUMN key_curve            text[],
    ADD COLUMN key_moves            text[],
    ADD COLUMN longest_same_key_run integer,
    ADD COLUMN harmonic_flow_parts  jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN series               text;
CREATE INDEX gold_playlist_analytics_series ON gold_playlist_analytics (series);
INSERT INTO refresh_queue (kind, id) SELECT 'playlist', playlist_id FROM silver_enriched_playlists;

-- Each set against the 10 sets before it in its series.
CREATE VIEW gold_playlist_trends AS
SELECT analytics.playlist_id,
       analytics.series,
       silver.set_date,
       earlier.sets AS earlier_sets,
       earlier.previous AS previous_playlist_id,
       round(analytics.bpm_mean - earlier.bpm_mean, 2)::double precision AS bpm_change,
       round((analytics.energy_mean - earlier.energy_mean)::numeric, 4)::double precision AS energy_change,
       round((analytics.harmonic_flow_score - earlier.flow)::numeric, 4)::double precision AS flow_change,
       round((analytics.identified_share - earlier.identified)::numeric, 4)::double precision
           AS identified_share_change
FROM gold_playlist_analytics AS analytics
JOIN silver_enriched_playlists AS silver USING (playlist_id)
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS sets, (array_agg(playlist_id))[1] AS previous, avg(bpm_mean) AS bpm_mean,
           avg(energy_mean) AS energy_mean, avg(harmonic_flow_score) AS flow,
           avg(identified_share) AS identified
    FROM (
        SELECT others.*
        FROM gold_playlist_analytics AS others
        JOIN silver_enriched_playlists AS others_silver USING (playlist_id)
        WHERE others.series = analytics.series AND others_silver.counted
          AND (others_silver.set_date, others.playlist_id COLLATE "C")
              < (silver.set_date, analytics.playlist_id COLLATE "C")
        ORDER BY others_silver.set_date DESC, others.playlist_id COLLATE "C" DESC
        LIMIT 10
    ) AS before
) AS earlier
WHERE analytics.series IS NOT NULL AND silver.counted AND silver.set_date IS NOT NULL;

COMMENT ON COLUMN gold_playlist_analytics.moment_count IS
    'number of moments: groups of rows played together; the length of each curve';
COMMENT ON COLUMN gold_playlist_analytics.time_basis IS
    'source of the places of the moments: cues (interpolated where missing), duration (spread evenly) or order';
COMMENT ON COLUMN gold_playlist_analytics.curve_places IS
    'place of each moment from the first (0) to the last (1): x of all curves';
COMMENT ON COLUMN gold_playlist_analytics.energy_coverage IS 'share of the moments with energy, 0 to 1';
COMMENT ON COLUMN gold_playlist_analytics.energy_curve IS
    'energy of each moment, 0 to 1, NULL where unknown; no curve below 60 % coverage';
COMMENT ON COLUMN gold_playlist_analytics.energy_start IS 'first known energy, 0 to 1; NULL without a curve';
COMMENT ON COLUMN gold_playlist_analytics.energy_end IS 'last known energy, 0 to 1; NULL without a curve';
COMMENT ON COLUMN gold_playlist_analytics.energy_peak_place IS
    'place of the highest energy, 0 to 1, the first of equals; NULL without a curve';
COMMENT ON COLUMN gold_playlist_analytics.energy_peaks IS
    'number of maxima of the energy that rise 0.1 or more on each side; NULL without a curve';
COMMENT ON COLUMN gold_playlist_analytics.shape IS
    'label of the energy curve: warm-up, build, plateau, wave or peak-and-release; NULL without a curve';
COMMENT ON COLUMN gold_playlist_analytics.bpm_coverage IS 'share of the moments with tempo, 0 to 1';
COMMENT ON COLUMN gold_playlist_analytics.bpm_curve IS
    'tempo of each moment in BPM, in the octave of the set''s median, NULL where unknown; no curve below 60 % coverage';
COMMENT ON COLUMN gold_playlist_analytics.bpm_drift_per_hour IS
    'slope of the tempo over time, BPM per hour; NULL without a tempo curve, or where only the order is known';
COMMENT ON COLUMN gold_playlist_analytics.bpm_median_change IS
    'median of the absolute changes of tempo from one moment to the next, BPM, folded';
COMMENT ON COLUMN gold_playlist_analytics.key_coverage IS 'share of the moments with a key, 0 to 1';
COMMENT ON COLUMN gold_playlist_analytics.key_curve IS
    'key of each moment as Camelot code, NULL where unknown; no curve below 60 % coverage';
COMMENT ON COLUMN gold_playlist_analytics.key_moves IS
    'harmonic move from each moment to the next, or clash; NULL at the end of a part and next to unknown keys';
COMMENT ON COLUMN gold_playlist_analytics.longest_same_key_run IS
    'most moments in a row with one key; an unknown key ends a run; NULL without keys';
COMMENT ON COLUMN gold_playlist_analytics.harmonic_flow_score IS
    'flow of the set, 0 to 1: weighted mean of the parts in harmonic_flow_parts that have a score; NULL without the part key';
COMMENT ON COLUMN gold_playlist_analytics.harmonic_flow_parts IS
    'parts of the flow: key (mean weight of the moves) and tempo (mean closeness), each with score, weight and coverage of the transitions; score is null below 60 % coverage';
COMMENT ON COLUMN gold_playlist_analytics.genre_mix IS 'share of the moments with a genre by primary genre, 0 to 1 each';
COMMENT ON COLUMN gold_playlist_analytics.series IS
    'key of the series: DJs, and the words of show, event and venue without dates and numbers; NULL without either';

COMMENT ON VIEW gold_playlist_trends IS
    'Counted, dated sets of a series against the mean of up to 10 sets of the series before them.';
COMMENT ON COLUMN gold_playlist_trends.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN gold_playlist_trends.series IS 'key of the series';
COMMENT ON COLUMN gold_playlist_trends.set_date IS 'day of the set; the first day where the date is partial';
COMMENT ON COLUMN gold_playlist_trends.earlier_sets IS 'number of earlier sets compared, 0 to 10';
COMMENT ON COLUMN gold_playlist_trends.previous_playlist_id IS 'set before this one in the series';
COMMENT ON COLUMN gold_playlist_trends.bpm_change IS 'mean tempo less that of the earlier sets, BPM';
COMMENT ON COLUMN gold_playlist_trends.energy_change IS 'mean energy less that of the earlier sets';
COMMENT ON COLUMN gold_playlist_trends.flow_change IS 'flow score less the mean of the earlier sets';
COMMENT ON COLUMN gold_playlist_trends.identified_share_change IS
    'share of identified rows less the mean of the earlier sets';
