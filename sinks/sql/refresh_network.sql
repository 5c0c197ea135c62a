-- name: sets_due
INSERT INTO network_sets_due SELECT unnest($1::text[]) ON CONFLICT DO NOTHING;

-- name: tracks_changed
-- Artists of tracks whose genres may have changed.
INSERT INTO network_artists_due
SELECT DISTINCT artist_id FROM network_track_artists WHERE track_id = ANY ($1::text[])
ON CONFLICT DO NOTHING;

-- name: forget
TRUNCATE network_credits, network_sets, network_track_artists, network_genres, network_pairs_due,
    network_artists_due, network_sets_due;

-- name: all_pairs_due
INSERT INTO network_pairs_due (a, b, sets)
SELECT least(artist_1_id COLLATE "C", artist_2_id COLLATE "C"),
       greatest(artist_1_id COLLATE "C", artist_2_id COLLATE "C"), true
FROM gold_artist_collaboration_network;

-- name: all_sets_due
INSERT INTO network_sets_due SELECT playlist_id FROM silver_enriched_playlists;

-- name: waiting
SELECT (SELECT count(*) FROM network_sets_due) AS sets, (SELECT count(*) FROM network_artists_due) AS artists,
       (SELECT count(*) FROM network_pairs_due) AS pairs;

-- name: some_sets
-- At most $1 sets, and at most $2 rows in them but for the first one.
SELECT playlist_id FROM (
    SELECT playlist_id, row_number() OVER by_id AS number,
           sum(coalesce(row_count, 0)) OVER by_id AS rows
    FROM (SELECT playlist_id FROM network_sets_due ORDER BY playlist_id LIMIT $1) AS due
    LEFT JOIN silver_enriched_playlists USING (playlist_id)
    WINDOW by_id AS (ORDER BY playlist_id)
) AS numbered
WHERE number = 1 OR rows <= $2::bigint;

-- name: changes_stage
CREATE TEMPORARY TABLE IF NOT EXISTS network_changes (
    playlist_id text NOT NULL, artist_id text NOT NULL, track_id text NOT NULL, change integer NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS network_tracks_changed (track_id text NOT NULL) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS network_artists_changed (artist_id text PRIMARY KEY) ON COMMIT DELETE ROWS;

-- name: find_changes
-- Credits that came (1) or went (-1) with these sets.
WITH now AS (
    SELECT DISTINCT p.playlist_id, artist_id, t.track_id
    FROM silver_enriched_playlists AS p
    JOIN silver_playlist_tracks AS t USING (playlist_id)
    CROSS JOIN unnest(t.artist_ids || t.version_artist_ids) AS artist_id
    WHERE p.playlist_id = ANY ($1::text[]) AND p.counted AND t.status = 'identified' AND t.track_id IS NOT NULL
), before AS (
    SELECT playlist_id, artist_id, track_id FROM network_credits WHERE playlist_id = ANY ($1::text[])
)
INSERT INTO network_changes
SELECT playlist_id, artist_id, track_id, CASE WHEN now.artist_id IS NULL THEN -1 ELSE 1 END
FROM now FULL JOIN before USING (playlist_id, artist_id, track_id)
WHERE now.artist_id IS NULL OR before.artist_id IS NULL;

-- name: find_tracks
-- Tracks with other artists than before, over all sets.
INSERT INTO network_tracks_changed
SELECT DISTINCT track_id
FROM (SELECT track_id, artist_id, sum(change) AS change FROM network_changes GROUP BY 1, 2) AS changed
LEFT JOIN network_track_artists AS held USING (track_id, artist_id)
WHERE coalesce(held.sets, 0) = 0 OR held.sets + changed.change = 0;

-- name: pairs_of_tracks
-- All pairs of artists of these tracks, before and after the change; a track with more than $1 artists has none.
INSERT INTO network_pairs_due (a, b, sets)
SELECT DISTINCT one.artist_id, two.artist_id, true
FROM (
    SELECT track_id
    FROM network_track_artists
    WHERE track_id IN (SELECT track_id FROM network_tracks_changed)
    GROUP BY track_id
    HAVING count(*) <= $1
) AS small
JOIN network_track_artists AS one USING (track_id)
JOIN network_track_artists AS two USING (track_id)
WHERE one.artist_id COLLATE "C" < two.artist_id COLLATE "C"
ON CONFLICT (a, b) DO UPDATE SET sets = true WHERE NOT network_pairs_due.sets;

-- name: count_tracks_down
DELETE FROM network_track_artists AS held
USING (SELECT track_id, artist_id, sum(change) AS change FROM network_changes GROUP BY 1, 2) AS changed
WHERE held.track_id = changed.track_id AND held.artist_id = changed.artist_id
  AND held.sets + changed.change = 0;

-- name: count_tracks
INSERT INTO network_track_artists AS held (track_id, artist_id, sets)
SELECT track_id, artist_id, change
FROM (SELECT track_id, artist_id, sum(change)::integer AS change FROM network_changes GROUP BY 1, 2) AS changed
WHERE change > 0
ON CONFLICT (track_id, artist_id) DO UPDATE SET sets = held.sets + excluded.sets;

-- name: count_tracks_less
UPDATE network_track_artists AS held
SET sets = held.sets + changed.change
FROM (SELECT track_id, artist_id, sum(change)::integer AS change FROM network_changes GROUP BY 1, 2) AS changed
WHERE held.track_id = changed.track_id AND held.artist_id = changed.artist_id AND changed.change < 0;

-- name: drop_credits
DELETE FROM network_credits AS held
USING network_changes AS changed
WHERE changed.change < 0 AND held.playlist_id = changed.playlist_id AND held.artist_id = changed.artist_id
  AND held.track_id = changed.track_id;

-- name: add_credits
INSERT INTO network_credits SELECT playlist_id, artist_id, track_id FROM network_changes WHERE change > 0;

-- name: sets_before
-- Sets whose artists, leading DJ or date are others now: all their pairs are due, as they were and as they are.
WITH now AS (
    SELECT DISTINCT c.artist_id, p.playlist_id, coalesce(p.dj_ids[1], '-') AS lead_dj,
           CASE WHEN isfinite(p.set_date) THEN p.set_date END AS set_date
    FROM silver_enriched_playlists AS p JOIN network_credits AS c USING (playlist_id)
    WHERE p.playlist_id = ANY ($1::text[])
), before AS (
    SELECT artist_id, playlist_id, lead_dj, set_date FROM network_sets WHERE playlist_id = ANY ($1::text[])
), differing AS (
    SELECT playlist_id, artist_id
    FROM now FULL JOIN before USING (artist_id, playlist_id)
    WHERE (now.lead_dj, now.set_date) IS DISTINCT FROM (before.lead_dj, before.set_date)
)
INSERT INTO network_changes SELECT playlist_id, artist_id, '', 0 FROM differing;

-- name: pairs_of_sets
-- Pairs of the network that have a changed artist in a set and another artist of it. From each changed artist
-- to the artists it worked with: no pair of artists is read that the network does not have.
WITH changed AS MATERIALIZED (
    SELECT DISTINCT playlist_id, artist_id FROM network_changes WHERE change = 0
)
INSERT INTO network_pairs_due (a, b, sets)
SELECT DISTINCT least(changed.artist_id COLLATE "C", partner.id COLLATE "C"),
       greatest(changed.artist_id COLLATE "C", partner.id COLLATE "C"), true
FROM changed
CROSS JOIN LATERAL (
    SELECT artist_2_id AS id FROM gold_artist_collaboration_network WHERE artist_1_id = changed.artist_id
    UNION ALL
    SELECT artist_1_id FROM gold_artist_collaboration_network WHERE artist_2_id = changed.artist_id
) AS partner
-- A test of a hash table: a join may become one by set, which is quadratic in the artists of one.
WHERE ((changed.playlist_id, partner.id) IN (
    SELECT playlist_id, artist_id FROM network_sets
    WHERE playlist_id = ANY (ARRAY(SELECT playlist_id FROM changed))
)) IS TRUE
ON CONFLICT (a, b) DO UPDATE SET sets = true WHERE NOT network_pairs_due.sets;

-- name: drop_sets
DELETE FROM network_sets AS held
USING network_changes AS changed
WHERE changed.change = 0 AND held.playlist_id = changed.playlist_id AND held.artist_id = changed.artist_id;

-- name: add_sets
INSERT INTO network_sets (artist_id, playlist_id, lead_dj, set_date)
SELECT changed.artist_id, p.playlist_id, coalesce(p.dj_ids[1], '-'),
       CASE WHEN isfinite(p.set_date) THEN p.set_date END
FROM (SELECT DISTINCT playlist_id, artist_id FROM network_changes WHERE change = 0) AS changed
JOIN silver_enriched_playlists AS p USING (playlist_id)
WHERE EXISTS (
    SELECT FROM network_credits AS c
    WHERE c.playlist_id = changed.playlist_id AND c.artist_id = changed.artist_id
    OFFSET 0 -- as a join it may become one by set, which is quadratic in the artists of one
);

-- name: artists_of_tracks
INSERT INTO network_artists_due
SELECT DISTINCT artist_id FROM network_changes WHERE change <> 0 AND track_id IN (SELECT * FROM network_tracks_changed)
ON CONFLICT DO NOTHING;

-- name: sets_done
DELETE FROM network_sets_due WHERE playlist_id = ANY ($1::text[]);

-- name: some_artists
SELECT artist_id FROM network_artists_due ORDER BY artist_id LIMIT $1;

-- name: count_genres
-- Genres of these artists' tracks; artists with others than before go to network_artists_changed.
WITH now AS (
    SELECT c.artist_id, genre, count(*)::integer AS tracks
    FROM network_track_artists AS c
    JOIN silver_enriched_tracks USING (track_id)
    CROSS JOIN unnest(genres) AS genre
    WHERE c.artist_id = ANY ($1::text[])
    GROUP BY 1, 2
), before AS (
    SELECT * FROM network_genres WHERE artist_id = ANY ($1::text[])
), differing AS (
    SELECT artist_id, genre, now.tracks
    FROM now FULL JOIN before USING (artist_id, genre)
    WHERE now.tracks IS DISTINCT FROM before.tracks
), dropped AS (
    DELETE FROM network_genres AS held USING differing
    WHERE differing.tracks IS NULL AND held.artist_id = differing.artist_id AND held.genre = differing.genre
), kept AS (
    INSERT INTO network_genres SELECT artist_id, genre, tracks FROM differing WHERE tracks IS NOT NULL
    ON CONFLICT (artist_id, genre) DO UPDATE SET tracks = excluded.tracks
)
INSERT INTO network_artists_changed SELECT DISTINCT artist_id FROM differing;

-- name: find_names
-- Artists whose name in the network is not the one that silver has.
INSERT INTO network_artists_changed
SELECT changed.artist_id
FROM unnest($1::text[]) AS changed (artist_id)
LEFT JOIN silver_enriched_artists AS known ON known.artist_id = changed.artist_id
WHERE EXISTS (
    SELECT FROM gold_artist_collaboration_network AS network
    WHERE network.artist_1_id = changed.artist_id AND network.artist_1 <> coalesce(known.name, changed.artist_id)
) OR EXISTS (
    SELECT FROM gold_artist_collaboration_network AS network
    WHERE network.artist_2_id = changed.artist_id AND network.artist_2 <> coalesce(known.name, changed.artist_id)
)
ON CONFLICT DO NOTHING;

-- name: pairs_of_artists
INSERT INTO network_pairs_due (a, b, sets)
SELECT DISTINCT least(artist_1_id COLLATE "C", artist_2_id COLLATE "C"),
       greatest(artist_1_id COLLATE "C", artist_2_id COLLATE "C"), false
FROM (
    SELECT n.artist_1_id, n.artist_2_id
    FROM network_artists_changed AS c JOIN gold_artist_collaboration_network AS n ON n.artist_1_id = c.artist_id
    UNION ALL
    SELECT n.artist_1_id, n.artist_2_id
    FROM network_artists_changed AS c JOIN gold_artist_collaboration_network AS n ON n.artist_2_id = c.artist_id
) AS pairs
ON CONFLICT DO NOTHING;

-- name: artists_done
DELETE FROM network_artists_due WHERE artist_id = ANY ($1::text[]);

-- name: some_pairs
SELECT a, b, sets FROM network_pairs_due ORDER BY a, b LIMIT $1;

-- name: pairs_count
-- Tracks and sets of these pairs. A pair without a common track is none.
WITH pairs AS (
    SELECT a, b FROM unnest($1::text[], $2::text[]) AS pairs (a, b)
), together AS (
    SELECT a, b, count(*)::integer AS tracks
    FROM pairs
    CROSS JOIN LATERAL (
        SELECT one.track_id
        FROM network_track_artists AS one
        WHERE one.artist_id = a
          AND EXISTS (
              SELECT FROM network_track_artists AS two WHERE two.track_id = one.track_id AND two.artist_id = b
              OFFSET 0
          )
          AND (SELECT count(*) FROM (
                   SELECT FROM network_track_artists AS n WHERE n.track_id = one.track_id LIMIT $3 + 1
              ) AS artists) <= $3
    ) AS tracks
    GROUP BY 1, 2
), shared AS (
    SELECT a, b, sum(least(sets, 5))::integer AS playlists, min(first_date) AS first_date,
           max(last_date) AS last_date
    FROM (
        SELECT a, b, one.lead_dj, count(*) AS sets, min(one.set_date) AS first_date,
               max(one.set_date) AS last_date
        FROM together
        CROSS JOIN LATERAL (
            SELECT s.lead_dj, s.set_date
            FROM network_sets AS s
            WHERE s.artist_id = a
              AND EXISTS (
                  SELECT FROM network_sets AS two WHERE two.artist_id = b AND two.playlist_id = s.playlist_id
                  OFFSET 0
              )
        ) AS one
        GROUP BY 1, 2, 3
    ) AS by_dj
    GROUP BY 1, 2
), gone AS (
    DELETE FROM gold_artist_collaboration_network AS held
    USING pairs
    WHERE (a, b) NOT IN (SELECT a, b FROM together) -- a hash table; a join may compare each pair with each
      AND least(artist_1_id COLLATE "C", artist_2_id COLLATE "C") = pairs.a
      AND greatest(artist_1_id COLLATE "C", artist_2_id COLLATE "C") = pairs.b
)
INSERT INTO gold_artist_collaboration_network AS held (
    artist_1, artist_2, collaboration_count, shared_playlists, genre_overlap, artist_1_id, artist_2_id,
    first_date, last_date
)
SELECT a, b, tracks, coalesce(playlists, 0), 0, a, b, first_date, last_date
FROM together LEFT JOIN shared USING (a, b)
ON CONFLICT (
    least(artist_1_id COLLATE "C", artist_2_id COLLATE "C"), greatest(artist_1_id COLLATE "C", artist_2_id COLLATE "C")
) DO UPDATE SET
    collaboration_count = excluded.collaboration_count,
    shared_playlists = excluded.shared_playlists,
    first_date = excluded.first_date,
    last_date = excluded.last_date
WHERE (held.collaboration_count, held.shared_playlists, held.first_date, held.last_date)
      IS DISTINCT FROM
      (excluded.collaboration_count, excluded.shared_playlists, excluded.first_date, excluded.last_date);

-- name: pairs_name
-- Names and genres of these pairs. Both artists' shares sum to 1, so their union is 2 minus what is common.
WITH pairs AS (
    SELECT a, b, coalesce(one.name, a) AS name_a, coalesce(two.name, b) AS name_b
    FROM unnest($1::text[], $2::text[]) AS pairs (a, b)
    LEFT JOIN silver_enriched_artists AS one ON one.artist_id = a
    LEFT JOIN silver_enriched_artists AS two ON two.artist_id = b
), common AS ( -- pair by pair: a join of all may be one by genre, which is quadratic in the artists
    SELECT pairs.*, share
    FROM pairs
    CROSS JOIN LATERAL (
        SELECT (SELECT sum(tracks)::double precision FROM network_genres WHERE artist_id = a) AS tracks_a,
               (SELECT sum(tracks)::double precision FROM network_genres WHERE artist_id = b) AS tracks_b
        OFFSET 0
    ) AS totals
    CROSS JOIN LATERAL (
        SELECT sum(least(one.tracks / tracks_a, two.tracks / tracks_b) ORDER BY genre COLLATE "C") AS share
        FROM network_genres AS one
        JOIN network_genres AS two USING (genre)
        WHERE one.artist_id = a AND two.artist_id = b
        OFFSET 0
    ) AS shared
), wanted AS (
    SELECT a, b,
           least(name_a COLLATE "C", name_b COLLATE "C") AS artist_1,
           greatest(name_a COLLATE "C", name_b COLLATE "C") AS artist_2,
           CASE WHEN name_a COLLATE "C" <= name_b COLLATE "C" THEN a ELSE b END AS artist_1_id,
           CASE WHEN name_a COLLATE "C" <= name_b COLLATE "C" THEN b ELSE a END AS artist_2_id,
           round((coalesce(share, 0) / (2 - coalesce(share, 0)))::numeric, 4)::double precision AS genre_overlap
    FROM common
)
UPDATE gold_artist_collaboration_network AS held
SET artist_1 = wanted.artist_1, artist_2 = wanted.artist_2, artist_1_id = wanted.artist_1_id,
    artist_2_id = wanted.artist_2_id, genre_overlap = wanted.genre_overlap
FROM wanted
WHERE least(held.artist_1_id COLLATE "C", held.artist_2_id COLLATE "C") = wanted.a
  AND greatest(held.artist_1_id COLLATE "C", held.artist_2_id COLLATE "C") = wanted.b
  AND (held.artist_1, held.artist_2, held.artist_1_id, held.artist_2_id, held.genre_overlap) IS DISTINCT FROM
      (wanted.artist_1, wanted.artist_2, wanted.artist_1_id, wanted.artist_2_id, wanted.genre_overlap);

-- name: pairs_done
DELETE FROM network_pairs_due AS held
USING unnest($1::text[], $2::text[]) AS done (a, b)
WHERE held.a = done.a AND held.b = done.b;
