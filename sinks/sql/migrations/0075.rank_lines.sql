-- Ranks by day through merges: the stored days keep the id that the track had on that day, the views show them under the
-- id that has the counts now.

CREATE INDEX track_redirects_rank_line ON track_redirects (canonical_id COLLATE "C");

-- Two parts, so that a query for one track reads its own days and those of the ids that were merged into it. Ids that were
-- ranked apart on one day: the better place, which the track would have had at least.
CREATE VIEW gold_track_ranks_by_day AS
SELECT DISTINCT ON (ranks.track_id, ranks.day)
       ranks.track_id,
       ranks.day,
       ranks.recorded_id,
       ranks.popularity_rank,
       ranks.genre,
       ranks.genre_rank,
       ranks.score,
       ranks.dj_support
FROM (
    SELECT history.track_id, history.day, history.track_id AS recorded_id, history.popularity_rank, history.genre,
           history.genre_rank, history.score, history.dj_support
    FROM gold_track_rank_history AS history
    WHERE NOT EXISTS (
        SELECT FROM gold_track_redirects AS redirects
        WHERE redirects.track_id = history.track_id COLLATE "default"
    )
    UNION ALL
    SELECT redirects.canonical_id COLLATE "C" AS track_id, history.day, history.track_id AS recorded_id,
           history.popularity_rank, history.genre, history.genre_rank, history.score, history.dj_support
    FROM gold_track_redirects AS redirects
    JOIN gold_track_rank_history AS history ON history.track_id = redirects.track_id
) AS ranks
ORDER BY ranks.track_id, ranks.day, ranks.popularity_rank, ranks.recorded_id;

COMMENT ON VIEW gold_track_ranks_by_day IS
    'Recorded ranks of each track, with the days of the ids that were merged into it. Query it for one track.';
COMMENT ON COLUMN gold_track_ranks_by_day.track_id IS 'canonical id of the track now';
COMMENT ON COLUMN gold_track_ranks_by_day.day IS 'day of the scores (UTC)';
COMMENT ON COLUMN gold_track_ranks_by_day.recorded_id IS
    'id under which the day was recorded; of several the one with the best rank';
COMMENT ON COLUMN gold_track_ranks_by_day.popularity_rank IS 'rank on that day, by distinct DJs, then sets, then id, from 1';
COMMENT ON COLUMN gold_track_ranks_by_day.genre IS 'primary genre on that day; NULL: unknown';
COMMENT ON COLUMN gold_track_ranks_by_day.genre_rank IS 'rank within that genre, from 1; NULL without genre';
COMMENT ON COLUMN gold_track_ranks_by_day.score IS 'trending score, 0 to 1';
COMMENT ON COLUMN gold_track_ranks_by_day.dj_support IS 'number of distinct DJs';
COMMENT ON TABLE gold_track_rank_history IS
    'Rank and score of the best tracks by day: the first 1,000 of all, the first 100 of each primary genre, and the first 500 by trending score, with support only. Recorded by refresh; a day is final when the next one begins. gold_track_ranks_by_day follows merges.';

-- The newest snapshot compared with the newest one that is 7 (28) to 14 (56) days older, both under the ids of now: a
-- track into which a better one was merged has not risen.
CREATE OR REPLACE VIEW gold_climbers AS
WITH spans AS MATERIALIZED (
    SELECT windows.days AS window_days, newest.day, earlier.day AS since
    FROM (SELECT max(day) AS day FROM gold_rank_snapshots) AS newest
    CROSS JOIN (VALUES (7), (28)) AS windows (days)
    CROSS JOIN LATERAL (
        SELECT max(day) AS day FROM gold_rank_snapshots
        WHERE day BETWEEN newest.day - 2 * windows.days AND newest.day - windows.days
    ) AS earlier
    WHERE earlier.day IS NOT NULL
), ranks AS MATERIALIZED (
    SELECT DISTINCT ON (named.track_id, named.day) named.*
    FROM (
        SELECT coalesce(redirects.canonical_id COLLATE "C", history.track_id) AS track_id, history.day,
               history.track_id AS recorded_id, history.popularity_rank, history.genre, history.genre_rank,
               history.score, history.dj_support
        FROM gold_track_rank_history AS history
        LEFT JOIN gold_track_redirects AS redirects ON redirects.track_id = history.track_id COLLATE "default"
        WHERE history.day IN (SELECT day FROM spans UNION SELECT since FROM spans)
    ) AS named
    ORDER BY named.track_id, named.day, named.popularity_rank, named.recorded_id
)
SELECT spans.window_days,
       current.track_id,
       spans.since,
       spans.day,
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
FROM spans
JOIN ranks AS current ON current.day = spans.day
LEFT JOIN ranks AS previous ON previous.track_id = current.track_id AND previous.day = spans.since
WHERE previous.track_id IS NULL
   OR previous.popularity_rank > current.popularity_rank
   OR (previous.genre = current.genre AND previous.genre_rank > current.genre_rank);
