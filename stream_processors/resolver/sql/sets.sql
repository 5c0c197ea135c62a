-- name: marked
SELECT name FROM resolver_marks WHERE kind = 'playlist' ORDER BY name LIMIT %(limit)s;

-- name: runs
-- These tracklists, and all that a chain of the same line-up leads to, no gap being longer than a day, or whose rows
-- the same site repeats within half a year, or that a site marks as identical: nothing outside of such a run can
-- change what is a set within it.
WITH RECURSIVE run AS (
    SELECT playlist_id, source, dj_key, set_day, claims, identical_to
    FROM resolver_playlists WHERE playlist_id = ANY (%(playlists)s)
    UNION
    SELECT near.playlist_id, near.source, near.dj_key, near.set_day, near.claims, near.identical_to
    FROM run
    CROSS JOIN LATERAL resolver_neighbours(
        run.playlist_id, run.source, run.dj_key, run.set_day, run.claims, run.identical_to
    ) AS near
)
SELECT p.* FROM resolver_playlists AS p JOIN run USING (playlist_id) ORDER BY p.playlist_id;

-- name: events
SELECT DISTINCT e.ra_event_id, e.event_day, e.acts, e.title, e.venue, e.city, e.country
FROM resolver_playlists AS p
JOIN resolver_events AS e
    ON e.event_day BETWEEN p.set_day - 1 AND p.set_day AND e.acts && p.djs
WHERE p.playlist_id = ANY (%(playlists)s);

-- name: clear
DELETE FROM set_links WHERE playlist_a = ANY (%(playlists)s) OR playlist_b = ANY (%(playlists)s);

-- name: put_links
INSERT INTO set_links (playlist_a, playlist_b, share, same_occasion, days_apart, marked)
SELECT playlist_a, playlist_b, share, same_occasion, days_apart, marked
FROM jsonb_to_recordset(%(rows)s) AS given (
    playlist_a text, playlist_b text, share double precision, same_occasion boolean, days_apart integer,
    marked boolean
);

-- name: put_asked
UPDATE resolver_playlists AS held
SET asked = given.asked
FROM jsonb_to_recordset(%(rows)s) AS given (playlist_id text, asked jsonb)
WHERE held.playlist_id = given.playlist_id;

-- name: unmark
DELETE FROM resolver_marks WHERE kind = 'playlist' AND name = ANY (%(playlists)s);
