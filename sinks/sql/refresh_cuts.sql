-- Counts of tracks by country, venue, type of set, year and month.

-- name: queue_sets
-- Queue the tracks of these sets, those of their earlier versions included, and store the present ones.
WITH current AS (
    SELECT playlist_id, array_agg(DISTINCT track_id ORDER BY track_id) AS track_ids
    FROM gold_plays
    WHERE playlist_id = ANY ($1::text[])
    GROUP BY playlist_id
), previous AS (
    SELECT track_ids FROM cut_sets WHERE playlist_id = ANY ($1::text[])
), stored AS (
    INSERT INTO cut_sets AS held SELECT playlist_id, track_ids FROM current
    ON CONFLICT (playlist_id) DO UPDATE SET track_ids = excluded.track_ids
    WHERE held.track_ids <> excluded.track_ids
), emptied AS (
    DELETE FROM cut_sets
    WHERE playlist_id = ANY ($1::text[]) AND playlist_id NOT IN (SELECT playlist_id FROM current)
)
INSERT INTO cut_tracks_due
SELECT DISTINCT unnest(track_ids)
FROM (SELECT track_ids FROM current UNION ALL SELECT track_ids FROM previous) AS versions
ON CONFLICT DO NOTHING;

-- name: forget
TRUNCATE cut_sets, cut_tracks_due, cut_track_plays, cut_djs, gold_cut_counts;

-- name: waiting
SELECT count(*) FROM cut_tracks_due;

-- name: some
DELETE FROM cut_tracks_due
WHERE track_id IN (SELECT track_id FROM cut_tracks_due ORDER BY track_id LIMIT $1)
RETURNING track_id;

-- name: number_djs
-- Give numbers to the DJs of these tracks ($1) that have none.
INSERT INTO cut_djs (dj_id, number)
SELECT dj_id, coalesce((SELECT max(number) FROM cut_djs), 0) + row_number() OVER (ORDER BY dj_id)
FROM (SELECT DISTINCT dj_id FROM track_supports WHERE track_id = ANY ($1::text[])) AS djs
WHERE NOT EXISTS (SELECT FROM cut_djs WHERE cut_djs.dj_id = djs.dj_id);

-- name: store_plays
-- Store the plays with an exact day of these tracks ($1), where at least $2 DJs of all played them.
WITH sets AS (
    SELECT plays.track_id, plays.playlist_id, plays.day, plays.dj_ids, count(*)::integer AS plays
    FROM unnest($1::text[]) AS wanted (track_id)
    JOIN gold_track_support AS support ON support.track_id = wanted.track_id AND support.supporters >= $2
    JOIN gold_plays AS plays ON plays.track_id = wanted.track_id
    WHERE plays.day IS NOT NULL
    GROUP BY plays.track_id, plays.playlist_id, plays.day, plays.dj_ids
), elements AS (
    SELECT track_id, playlist_id, day, coalesce(number, 0) AS dj,
           CASE WHEN row_number() OVER (PARTITION BY track_id, playlist_id ORDER BY number) = 1 THEN plays ELSE 0 END
               AS plays
    FROM sets
    LEFT JOIN LATERAL unnest(dj_ids) AS djs (dj_id) ON true
    LEFT JOIN cut_djs ON cut_djs.dj_id = djs.dj_id COLLATE "C"
), current AS MATERIALIZED (
    SELECT track_id, array_agg(day ORDER BY day, playlist_id COLLATE "C", dj) AS days,
           array_agg(dj ORDER BY day, playlist_id COLLATE "C", dj) AS djs,
           array_agg(plays ORDER BY day, playlist_id COLLATE "C", dj) AS plays
    FROM elements
    GROUP BY track_id
), gone AS (
    DELETE FROM cut_track_plays
    WHERE track_id = ANY ($1::text[]) AND track_id NOT IN (SELECT track_id COLLATE "C" FROM current)
)
INSERT INTO cut_track_plays AS held SELECT track_id, days, djs, plays FROM current
ON CONFLICT (track_id) DO UPDATE SET days = excluded.days, djs = excluded.djs, plays = excluded.plays
WHERE (held.days, held.djs, held.plays) <> (excluded.days, excluded.djs, excluded.plays);

-- name: compute
-- Count the plays of these tracks ($1) in each cut where at least $2 DJs played them. Fewer DJs of all need no count. The
-- ids are those of the argument: columns of collation "C" would find no plays by the index, which has the default one.
WITH plays AS MATERIALIZED (
    SELECT plays.track_id, plays.playlist_id, plays.dj_ids, count(*) AS plays, lower(plays.country) AS country,
           lower(plays.venue) AS venue, plays.set_type, to_char(plays.day, 'YYYY') AS year,
           to_char(plays.day, 'YYYY-MM') AS month
    FROM unnest($1::text[]) AS wanted (track_id)
    JOIN gold_track_support AS support ON support.track_id = wanted.track_id AND support.supporters >= $2
    JOIN gold_plays AS plays ON plays.track_id = wanted.track_id
    GROUP BY plays.track_id, plays.playlist_id, plays.dj_ids, plays.country, plays.venue, plays.set_type, plays.day
), cut AS (
    SELECT track_id, dj_ids, plays, kind, value, period
    FROM plays
    CROSS JOIN LATERAL (
        VALUES ('all', ''), ('country', country), ('venue', venue), ('type', set_type),
               ('country type', set_type || '|' || country), ('venue type', set_type || '|' || venue)
    ) AS kinds (kind, value)
    CROSS JOIN LATERAL (VALUES (''), (year), (month)) AS periods (period)
    WHERE value IS NOT NULL AND period IS NOT NULL AND (kind, period) <> ('all', '')
), supports AS (
    SELECT track_id, kind, value, period, count(DISTINCT dj_id) AS djs
    FROM cut CROSS JOIN unnest(dj_ids) AS dj_id
    GROUP BY track_id, kind, value, period
    HAVING count(DISTINCT dj_id) >= $2
), current AS MATERIALIZED (
    SELECT track_id, kind, value, period, djs::integer, count(*)::integer AS sets, sum(plays)::integer AS plays
    FROM cut JOIN supports USING (track_id, kind, value, period)
    GROUP BY track_id, kind, value, period, djs
), gone AS (
    DELETE FROM gold_cut_counts AS held
    WHERE track_id = ANY ($1::text[]) AND NOT EXISTS (
        SELECT FROM current
        WHERE (current.track_id, current.kind, current.value, current.period)
            = (held.track_id, held.kind, held.value, held.period)
    )
)
INSERT INTO gold_cut_counts AS held
    (track_id, kind, value, period, dj_support, playlist_appearances, play_count)
SELECT track_id, kind, value, period, djs, sets, plays FROM current
ON CONFLICT (track_id, kind, value, period) DO UPDATE SET
    dj_support = excluded.dj_support,
    playlist_appearances = excluded.playlist_appearances,
    play_count = excluded.play_count
WHERE (held.dj_support, held.playlist_appearances, held.play_count)
   <> (excluded.dj_support, excluded.playlist_appearances, excluded.play_count);
