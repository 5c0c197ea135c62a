-- Ranks by day, ranks of one year, and the age of tracks when they are played.

CREATE TABLE gold_track_rank_history (
    track_id              text COLLATE "C" NOT NULL,
    day                   date NOT NULL,
    popularity_rank       integer NOT NULL,
    genre                 text,
    genre_rank            integer,
    score                 double precision NOT NULL,
    dj_support            integer NOT NULL,
    PRIMARY KEY (track_id, day)
);
CREATE INDEX gold_track_rank_history_day ON gold_track_rank_history (day);

-- A day without snapshot is a day on which refresh did not run.
CREATE TABLE gold_rank_snapshots (
    day                   date PRIMARY KEY,
    track_count           integer NOT NULL,
    is_before_rebuild     boolean NOT NULL DEFAULT false,
    pipeline_version      text NOT NULL,
    recorded_at           timestamptz NOT NULL
);

CREATE TABLE gold_track_year_ranks (
    track_id              text COLLATE "C" PRIMARY KEY,
    year_support          double precision NOT NULL,
    year_rank             integer NOT NULL
) WITH (fillfactor = 75);
CREATE INDEX gold_track_year_ranks_rank ON gold_track_year_ranks (year_rank);

-- The median of the ages is the median day less the release date: the release date of a track is one. Query it for one
-- track: it reads the plays of that track.
CREATE VIEW gold_track_ages AS
SELECT plays.track_id,
       tracks.release_date,
       count(*)::integer AS dated_plays,
       count(*) FILTER (WHERE plays.day < tracks.release_date)::integer AS plays_before_release,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY plays.day - tracks.release_date) AS median_age_days
FROM gold_plays AS plays
JOIN silver_enriched_tracks AS tracks USING (track_id)
WHERE plays.day IS NOT NULL AND tracks.release_date_precision = 'day' AND isfinite(tracks.release_date)
GROUP BY plays.track_id, tracks.release_date;

-- The newest snapshot compared with the newest one that is 7 (28) to 14 (56) days older.
CREATE VIEW gold_climbers AS
SELECT windows.days AS window_days,
       current.track_id,
       earlier.day AS since,
       current.day,
       current.popularity_rank,
       previous.popularity_rank AS rank_before,
       previous.popularity_rank - current.popularity_rank AS rise,
       current.genre,
       current.genre_rank,
       CASE WHEN previous.genre = current.genre THEN previous.genre_rank END AS genre_rank_before,
       CASE WHEN previous.genre = current.genre THEN previous.genre_rank - current.genre_rank END AS genre_rise,
       current.score,
       current.dj_support,
       current.dj_support - previous.dj_support AS new_supporters
FROM (SELECT max(day) AS day FROM gold_rank_snapshots) AS newest
CROSS JOIN (VALUES (7), (28)) AS windows (days)
CROSS JOIN LATERAL (
    SELECT max(day) AS day FROM gold_rank_snapshots
    WHERE day BETWEEN newest.day - 2 * windows.days AND newest.day - windows.days
) AS earlier
JOIN gold_track_rank_history AS current ON current.day = newest.day
LEFT JOIN gold_track_rank_history AS previous ON previous.track_id = current.track_id AND previous.day = earlier.day
WHERE earlier.day IS NOT NULL
  AND (
      previous.track_id IS NULL
      OR previous.popularity_rank > current.popularity_rank
      OR (previous.genre = current.genre AND previous.genre_rank > current.genre_rank)
  );

COMMENT ON TABLE gold_track_rank_history IS
    'Rank and score of the best tracks by day: the first 1,000 of all, the first 100 of each primary genre, and the first 500 by trending score, with support only. Recorded by refresh; a day is final when the next one begins.';
COMMENT ON COLUMN gold_track_rank_history.track_id IS 'canonical id of the track on that day';
COMMENT ON COLUMN gold_track_rank_history.day IS 'day of the scores (UTC)';
COMMENT ON COLUMN gold_track_rank_history.popularity_rank IS 'rank by distinct DJs, then sets, then id, from 1';
COMMENT ON COLUMN gold_track_rank_history.genre IS 'primary genre on that day; NULL: unknown';
COMMENT ON COLUMN gold_track_rank_history.genre_rank IS 'rank within that genre, from 1; NULL without genre';
COMMENT ON COLUMN gold_track_rank_history.score IS 'trending score, 0 to 1';
COMMENT ON COLUMN gold_track_rank_history.dj_support IS 'number of distinct DJs';
COMMENT ON TABLE gold_rank_snapshots IS 'Days in gold_track_rank_history. A day that is missing was not recorded.';
COMMENT ON COLUMN gold_rank_snapshots.day IS 'day of the scores (UTC)';
COMMENT ON COLUMN gold_rank_snapshots.track_count IS 'number of tracks recorded';
COMMENT ON COLUMN gold_rank_snapshots.is_before_rebuild IS
    'true: recorded before the tables were computed again as a whole, from the data and rules of that time';
COMMENT ON COLUMN gold_rank_snapshots.pipeline_version IS 'version of the code that recorded it last';
COMMENT ON COLUMN gold_rank_snapshots.recorded_at IS 'time at which it was recorded last';
COMMENT ON TABLE gold_track_year_ranks IS
    'Tracks by their support in the 365 days before the day of the scores. Made by refresh.';
COMMENT ON COLUMN gold_track_year_ranks.track_id IS 'canonical id of the track';
COMMENT ON COLUMN gold_track_year_ranks.year_support IS
    'support in the 365 days before the day of the scores: 1 per DJ and week, 0.5 where it was only layered; above 0';
COMMENT ON COLUMN gold_track_year_ranks.year_rank IS
    'rank by year_support, then distinct DJs of all times, then id, from 1';
COMMENT ON VIEW gold_track_ages IS
    'Age of tracks when they are played, over plays with an exact day and an exact release date. Query it for one track.';
COMMENT ON COLUMN gold_track_ages.track_id IS 'canonical id of the track';
COMMENT ON COLUMN gold_track_ages.release_date IS 'release date of the track';
COMMENT ON COLUMN gold_track_ages.dated_plays IS 'number of plays with an exact day';
COMMENT ON COLUMN gold_track_ages.plays_before_release IS 'number of those before the release date';
COMMENT ON COLUMN gold_track_ages.median_age_days IS
    'lower median of the days from release to play, negative before the release';
COMMENT ON VIEW gold_climbers IS
    'Recorded tracks whose rank, of all or of the genre, rose within 7 or 28 days, and those that were not recorded then.';
COMMENT ON COLUMN gold_climbers.window_days IS '7 or 28';
COMMENT ON COLUMN gold_climbers.track_id IS 'canonical id of the track';
COMMENT ON COLUMN gold_climbers.since IS
    'day compared with: the newest snapshot at least window_days, at most twice as many, before the newest of all';
COMMENT ON COLUMN gold_climbers.day IS 'day of the newest snapshot';
COMMENT ON COLUMN gold_climbers.popularity_rank IS 'rank on that day';
COMMENT ON COLUMN gold_climbers.rank_before IS 'rank at since; NULL: the track was not recorded then';
COMMENT ON COLUMN gold_climbers.rise IS 'places gained; negative where only genre_rise is positive; NULL: new';
COMMENT ON COLUMN gold_climbers.genre IS 'primary genre; NULL: unknown';
COMMENT ON COLUMN gold_climbers.genre_rank IS 'rank within the genre';
COMMENT ON COLUMN gold_climbers.genre_rank_before IS 'rank within the genre at since; NULL where the genre was another one';
COMMENT ON COLUMN gold_climbers.genre_rise IS 'places gained within the genre; NULL: new, or the genre was another one';
COMMENT ON COLUMN gold_climbers.score IS 'trending score, 0 to 1';
COMMENT ON COLUMN gold_climbers.dj_support IS 'number of distinct DJs';
COMMENT ON COLUMN gold_climbers.new_supporters IS 'distinct DJs gained since; NULL: new';
