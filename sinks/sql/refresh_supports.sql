-- First plays of tracks by DJs. The plays of changed sets are compared with the first plays that are stored for them.

-- name: drop_lost
-- Delete first plays that these sets do not have any more; return their tracks. Plays are found by their indexes, which
-- have the default collation.
DELETE FROM track_supports AS stored
WHERE stored.first_playlist_id = ANY ($1::text[])
  AND NOT EXISTS (
      SELECT FROM gold_plays AS plays
      WHERE plays.playlist_id = stored.first_playlist_id COLLATE "default"
        AND plays.track_id = stored.track_id COLLATE "default"
        AND stored.dj_id = ANY (plays.dj_ids) AND plays.day IS NOT DISTINCT FROM stored.first_date
  )
RETURNING dj_id, track_id;

-- name: find_first
-- Insert the first of all plays of these DJs ($1) and tracks ($2).
INSERT INTO track_supports (dj_id, track_id, first_date, first_playlist_id)
SELECT DISTINCT ON (wanted.dj_id COLLATE "C", wanted.track_id COLLATE "C")
       wanted.dj_id, wanted.track_id, plays.day, plays.playlist_id
FROM unnest($1::text[], $2::text[]) AS wanted (dj_id, track_id)
JOIN gold_plays AS plays ON plays.track_id = wanted.track_id AND wanted.dj_id = ANY (plays.dj_ids)
ORDER BY wanted.dj_id COLLATE "C", wanted.track_id COLLATE "C", plays.day, plays.playlist_id COLLATE "C";

-- name: add_plays
-- Take in the plays of these sets where they are before the first plays stored; return the tracks changed.
INSERT INTO track_supports AS stored (dj_id, track_id, first_date, first_playlist_id)
SELECT DISTINCT ON (dj_id COLLATE "C", track_id COLLATE "C") dj_id, track_id, day, playlist_id
FROM gold_plays CROSS JOIN unnest(dj_ids) AS dj_id
WHERE playlist_id = ANY ($1::text[])
ORDER BY dj_id COLLATE "C", track_id COLLATE "C", day, playlist_id COLLATE "C"
ON CONFLICT (dj_id, track_id) DO UPDATE
SET first_date = excluded.first_date, first_playlist_id = excluded.first_playlist_id
WHERE (coalesce(excluded.first_date, 'infinity'), excluded.first_playlist_id)
    < (coalesce(stored.first_date, 'infinity'), stored.first_playlist_id)
RETURNING track_id;

-- name: summarise
-- Write the summaries of these tracks whose values are others now.
INSERT INTO gold_track_support AS current
    (track_id, supporters, dated_supporters, first_date, median_date, early_dj_ids)
SELECT counts.track_id, counts.supporters, counts.dated, early.first_date, median.first_date, early.dj_ids
FROM (
    SELECT track_id, count(*)::integer AS supporters, count(first_date)::integer AS dated
    FROM track_supports
    WHERE track_id = ANY ($1::text[])
    GROUP BY track_id
) AS counts
CROSS JOIN LATERAL (
    SELECT min(first_date) AS first_date, coalesce(array_agg(dj_id::text), '{}') AS dj_ids
    FROM (
        SELECT dj_id, first_date
        FROM track_supports
        WHERE track_id = counts.track_id AND first_date IS NOT NULL
        ORDER BY first_date, first_playlist_id, dj_id
        LIMIT 10
    ) AS first
) AS early
LEFT JOIN LATERAL (
    SELECT first_date
    FROM track_supports
    WHERE track_id = counts.track_id AND first_date IS NOT NULL
    ORDER BY first_date, first_playlist_id, dj_id
    LIMIT 1 OFFSET (counts.dated - 1) / 2
) AS median ON counts.dated > 0
ORDER BY counts.track_id
ON CONFLICT (track_id) DO UPDATE SET
    supporters = excluded.supporters,
    dated_supporters = excluded.dated_supporters,
    first_date = excluded.first_date,
    median_date = excluded.median_date,
    early_dj_ids = excluded.early_dj_ids
WHERE (
    current.supporters, current.dated_supporters, current.first_date, current.median_date, current.early_dj_ids
) IS DISTINCT FROM (
    excluded.supporters, excluded.dated_supporters, excluded.first_date, excluded.median_date,
    excluded.early_dj_ids
);

-- name: all
SELECT DISTINCT track_id FROM track_supports ORDER BY track_id;

-- name: exclusive
SELECT track_id FROM gold_track_support WHERE track_id = ANY ($1::text[]) AND supporters = 1;

-- name: drop_empty
DELETE FROM gold_track_support AS current
WHERE track_id = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM track_supports AS supports WHERE supports.track_id = current.track_id);

-- name: forget
TRUNCATE track_supports, gold_track_support;
