-- Tables of refresh for a generated world, made in bulk from the drawn numbers (benchmarks/gold_refreshed.py): the rows that
-- refresh makes of them, where it does not say otherwise.

-- name: first_plays
CREATE UNLOGGED TABLE bench_first_plays AS
SELECT DISTINCT ON (track, person) track, person, day, set_number
FROM bench_plays JOIN bench_sets USING (set_number) CROSS JOIN LATERAL (VALUES (dj), (partner)) AS people (person)
WHERE NOT is_id AND person IS NOT NULL
ORDER BY track, person, day, set_number::text COLLATE "C";
ANALYZE bench_first_plays;

-- name: track_supports
INSERT INTO track_supports (dj_id, track_id, first_date, first_playlist_id)
SELECT artist_id, track_id, %(first)s::date + day, 'mixesdb:' || set_number
FROM bench_first_plays
JOIN bench_artists AS djs ON djs.number = person
JOIN bench_tracks AS tracks ON tracks.number = track;

-- name: gold_track_support
INSERT INTO gold_track_support (track_id, supporters, dated_supporters, first_date, median_date, early_dj_ids)
SELECT track_id, count(*), count(*), min(first_date), min(first_date) FILTER (WHERE place = (djs - 1) / 2 + 1),
       array_agg(artist_id ORDER BY place) FILTER (WHERE place <= 10)
FROM (
    SELECT track, %(first)s::date + day AS first_date, djs.artist_id,
           row_number() OVER (PARTITION BY track ORDER BY day, set_number::text COLLATE "C", djs.artist_id COLLATE "C") AS place,
           count(*) OVER (PARTITION BY track) AS djs
    FROM bench_first_plays JOIN bench_artists AS djs ON djs.number = person
) AS placed
JOIN bench_tracks AS tracks ON tracks.number = track
GROUP BY track_id;

-- name: cut_djs
INSERT INTO cut_djs (dj_id, number) SELECT artist_id, number + 1 FROM bench_artists WHERE number < %(djs)s;

-- name: cut_track_plays
INSERT INTO cut_track_plays (track_id, days, djs, plays)
SELECT track_id, array_agg(%(first)s::date + day ORDER BY day, set_number, dj),
       array_agg(dj ORDER BY day, set_number, dj), array_agg(plays ORDER BY day, set_number, dj)
FROM (
    SELECT track, set_number, day, person + 1 AS dj, CASE WHEN lead THEN count(*)::integer ELSE 0 END AS plays
    FROM bench_plays
    JOIN bench_sets USING (set_number)
    CROSS JOIN LATERAL (VALUES (dj, partner IS NULL OR dj < partner), (partner, partner < dj)) AS people (person, lead)
    JOIN bench_supporters USING (track)
    WHERE NOT is_id AND person IS NOT NULL AND djs >= 4
    GROUP BY track, set_number, day, person, lead
) AS elements
JOIN bench_tracks AS tracks ON tracks.number = track
GROUP BY track_id;

-- name: cut_plays
-- Plays of tracks that 4 or more DJs played, with the numbers of their places and periods.
CREATE UNLOGGED TABLE bench_cut_plays AS
SELECT track, set_number, person, extract(year FROM %(first)s::date + day)::integer AS year,
       extract(month FROM %(first)s::date + day)::integer AS month, lower(country) AS country, lower(venue) AS venue, kind,
       person = dj AS is_lead
FROM bench_plays
JOIN bench_sets USING (set_number)
CROSS JOIN LATERAL (VALUES (dj), (partner)) AS people (person)
JOIN bench_supporters USING (track)
WHERE NOT is_id AND person IS NOT NULL AND djs >= 4;

-- name: gold_cut_counts
-- A set counts once per play of a track in it.
INSERT INTO gold_cut_counts (track_id, kind, value, period, dj_support, playlist_appearances, play_count)
SELECT track_id, %(kind)s, value, period, djs, plays, plays
FROM (
    SELECT track, value, period, count(*) AS djs, sum(plays) AS plays
    FROM (
        SELECT track, {value} AS value, {period} AS period, person, (count(*) FILTER (WHERE is_lead))::integer AS plays
        FROM bench_cut_plays
        WHERE {value} IS NOT NULL
        GROUP BY 1, 2, 3, 4
    ) AS by_dj
    GROUP BY 1, 2, 3
    HAVING count(*) >= 4 AND sum(plays) > 0
) AS counted
JOIN bench_tracks AS tracks ON tracks.number = track;

-- name: transition_sets
INSERT INTO gold_transition_sets (from_track_id, to_track_id, kind, playlist_id, gap_seconds)
SELECT here.track_id, there.track_id, 'followed', 'mixesdb:' || set_number, min(280)
FROM bench_plays
JOIN bench_tracks AS here ON here.number = track
JOIN bench_tracks AS there ON there.number = next_track
WHERE track <> next_track AND set_number BETWEEN %(from_set)s AND %(to_set)s
GROUP BY here.track_id, there.track_id, set_number;

-- name: transition_pairs
INSERT INTO gold_transition_pairs (from_track_id, to_track_id, kind, set_count, dj_count, first_date, last_date, gap_count,
    gap_seconds, latest_sets)
SELECT here.track_id, there.track_id, 'followed', set_count, dj_count, %(first)s::date + first_day, %(first)s::date + last_day,
       set_count, 280, latest_sets
FROM (
    SELECT track, next_track, count(DISTINCT set_number) AS set_count, count(DISTINCT person) AS dj_count,
           min(day) AS first_day, max(day) AS last_day,
           (array_agg('mixesdb:' || set_number ORDER BY day DESC, set_number DESC) FILTER (WHERE person = dj))[1:5] AS latest_sets
    FROM bench_plays
    JOIN bench_sets USING (set_number)
    CROSS JOIN LATERAL (VALUES (dj), (partner)) AS people (person)
    WHERE track <> next_track AND person IS NOT NULL AND set_number BETWEEN %(from_set)s AND %(to_set)s
    GROUP BY track, next_track
) AS pairs
JOIN bench_tracks AS here ON here.number = track
JOIN bench_tracks AS there ON there.number = next_track;

-- name: network_track_artists
INSERT INTO network_track_artists (track_id, artist_id, sets)
SELECT DISTINCT track_id, artist_id, sets::integer
FROM bench_tracks JOIN bench_counts ON track = number CROSS JOIN unnest(artist_ids) AS artist_id;

-- name: network
-- The sets that a pair shares are those of its tracks, at most 5 of them each.
INSERT INTO gold_artist_collaboration_network (artist_1, artist_2, collaboration_count, shared_playlists, genre_overlap,
    artist_1_id, artist_2_id)
SELECT min(artist_names[1]), min(artist_names[2]), count(*), sum(least(sets, 5)), 0.5, one, two
FROM (
    SELECT artist_names, sets, least(artist_ids[1] COLLATE "C", artist_ids[2] COLLATE "C") AS one,
           greatest(artist_ids[1] COLLATE "C", artist_ids[2] COLLATE "C") AS two
    FROM bench_tracks JOIN bench_counts ON track = number
    WHERE artist_ids[1] <> artist_ids[2]
) AS pairs
GROUP BY one, two;

-- name: track_labels
INSERT INTO track_labels (track_id, label_id, label)
SELECT track_id, lower(label), label FROM bench_tracks;

-- name: search
-- Words of names, which are of letters only in this world; numbers and punctuation part words.
INSERT INTO gold_search (kind, id, name_key, words)
SELECT kind, id, regexp_replace(lower(name), '[^a-z0-9]', '', 'g'),
       array_to_tsvector(array_remove(
           regexp_split_to_array(lower(concat_ws(' ', name, further)), '[^a-z0-9]+') || upper(kind)
           || CASE WHEN weight >= 32 THEN '{HIGH,MEDIUM}'::text[] WHEN weight >= 4 THEN '{MEDIUM}' ELSE '{}' END, ''
       ))
FROM (
    SELECT 'track' AS kind, track_id AS id, track_name AS name, array_to_string(artist_names, ' ') AS further,
           coalesce(djs, 0) AS weight
    FROM bench_tracks LEFT JOIN bench_supporters ON track = number
    UNION ALL
    SELECT 'artist', artist_id, name, NULL, greatest(dj_support, sets_played) FROM gold_artist_analytics
    UNION ALL
    SELECT 'set', 'mixesdb:' || set_number, name || ' @ ' || coalesce(venue, 'Radio'), venue, 25
    FROM bench_sets JOIN bench_artists ON number = dj
) AS entries;
