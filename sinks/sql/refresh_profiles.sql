-- Artists as producers and as DJs.

-- name: queue_sets
-- Queue the artists of these sets, those of their earlier versions included, and store the present ones.
WITH now AS (
    SELECT sets.playlist_id, array(
        SELECT DISTINCT id COLLATE "C"
        FROM (
            SELECT unnest(sets.dj_ids) AS id
            UNION ALL
            SELECT unnest(plays.artist_ids || plays.version_artist_ids)
            FROM silver_playlist_tracks AS plays WHERE plays.playlist_id = sets.playlist_id
        ) AS ids
        ORDER BY 1
    ) AS artist_ids
    FROM silver_enriched_playlists AS sets
    WHERE sets.playlist_id = ANY ($1::text[])
), before AS (
    SELECT artist_ids FROM artist_profile_sets WHERE playlist_id = ANY ($1::text[])
), stored AS (
    INSERT INTO artist_profile_sets AS current SELECT playlist_id, artist_ids FROM now
    ON CONFLICT (playlist_id) DO UPDATE SET artist_ids = excluded.artist_ids
    WHERE current.artist_ids <> excluded.artist_ids
)
INSERT INTO artist_profiles_due
SELECT DISTINCT unnest(artist_ids) FROM (SELECT artist_ids FROM now UNION ALL SELECT artist_ids FROM before) AS versions
ON CONFLICT DO NOTHING;

-- name: queue_djs
-- Queue the DJs of tracks that became exclusive or ceased to be so. Of many DJs all but one have a changed set.
INSERT INTO artist_profiles_due SELECT DISTINCT dj_id FROM track_supports WHERE track_id = ANY ($1::text[])
ON CONFLICT DO NOTHING;

-- name: forget
TRUNCATE artist_profile_sets, artist_profiles_due, gold_producer_analytics, gold_dj_analytics, gold_dj_counts;

-- name: waiting
SELECT count(*) FROM artist_profiles_due;

-- name: some
DELETE FROM artist_profiles_due
WHERE artist_id IN (SELECT artist_id FROM artist_profiles_due ORDER BY artist_id LIMIT $1)
RETURNING artist_id;

-- name: drop
-- Delete the rows of artists that have none of what the tables count.
WITH producers AS (
    DELETE FROM gold_producer_analytics WHERE artist_id = ANY ($1::text[]) AND artist_id <> ALL ($2::text[])
), counts AS (
    DELETE FROM gold_dj_counts WHERE artist_id = ANY ($1::text[]) AND artist_id <> ALL ($3::text[])
)
DELETE FROM gold_dj_analytics WHERE artist_id = ANY ($1::text[]) AND artist_id <> ALL ($3::text[]);

-- name: producers
WITH plays AS (
    SELECT credits.artist_id, plays.track_id, plays.playlist_id, plays.day, plays.dj_ids
    FROM network_track_artists AS credits
    JOIN gold_plays AS plays ON plays.track_id = credits.track_id AND credits.artist_id = ANY (plays.credited_ids)
    WHERE credits.artist_id = ANY ($1::text[])
), supports AS (
    SELECT artist_id, track_id, playlist_id, day, dj_id
    FROM plays CROSS JOIN unnest(dj_ids) AS dj_id
    WHERE dj_id <> artist_id
), supporters AS (
    SELECT artist_id, count(*)::integer AS djs,
           jsonb_agg(jsonb_build_object('dj_id', dj_id, 'sets', sets) ORDER BY place) FILTER (WHERE place <= 10)
               AS top
    FROM (
        SELECT artist_id, dj_id, count(DISTINCT playlist_id) AS sets,
               row_number() OVER (
                   PARTITION BY artist_id ORDER BY count(DISTINCT playlist_id) DESC, dj_id COLLATE "C"
               ) AS place
        FROM supports GROUP BY artist_id, dj_id
    ) AS placed
    GROUP BY artist_id
), tracks AS (
    SELECT artist_id, track_id, plays, bpm, camelot,
           row_number() OVER (PARTITION BY artist_id ORDER BY plays DESC, track_id COLLATE "C") AS place
    FROM (SELECT artist_id, track_id, count(*) AS plays FROM plays GROUP BY artist_id, track_id) AS counted
    LEFT JOIN silver_enriched_tracks USING (track_id)
), totals AS (
    SELECT artist_id, count(*)::integer AS tracks, sum(plays)::integer AS plays,
           jsonb_agg(jsonb_build_object('track_id', track_id, 'plays', plays) ORDER BY place)
               FILTER (WHERE place <= 10) AS top,
           count(camelot) / count(*)::double precision AS key_coverage,
           count(bpm) / count(*)::double precision AS bpm_coverage,
           (percentile_disc(0.5) WITHIN GROUP (ORDER BY bpm))::double precision AS bpm_median
    FROM tracks GROUP BY artist_id
), keys AS (
    SELECT artist_id, jsonb_object_agg(camelot, tracks) AS profile
    FROM (SELECT artist_id, camelot, count(*) AS tracks FROM tracks WHERE camelot IS NOT NULL GROUP BY 1, 2) AS n
    GROUP BY artist_id
), tempi AS (
    SELECT artist_id, jsonb_object_agg(step, tracks) AS profile
    FROM (
        SELECT artist_id, floor(bpm / 5)::integer * 5 AS step, count(*) AS tracks
        FROM tracks WHERE bpm IS NOT NULL GROUP BY 1, 2
    ) AS n
    GROUP BY artist_id
), years AS (
    SELECT artist_id, jsonb_object_agg(year, jsonb_build_object(
               'plays', plays, 'tracks', tracks, 'supporters', coalesce(djs, 0)
           )) AS years
    FROM (
        SELECT artist_id, EXTRACT(YEAR FROM day)::integer AS year, count(*) AS plays,
               count(DISTINCT track_id) AS tracks
        FROM plays WHERE day IS NOT NULL GROUP BY 1, 2
    ) AS by_plays
    LEFT JOIN (
        SELECT artist_id, EXTRACT(YEAR FROM day)::integer AS year, count(DISTINCT dj_id) AS djs
        FROM supports WHERE day IS NOT NULL GROUP BY 1, 2
    ) AS by_supports USING (artist_id, year)
    GROUP BY artist_id
)
INSERT INTO gold_producer_analytics AS current (
    artist_id, track_count, play_count, supporter_count, top_supporters, top_tracks, years, key_profile,
    key_coverage, bpm_profile, bpm_median, bpm_coverage
)
SELECT artist_id, tracks, plays, coalesce(djs, 0), coalesce(supporters.top, '[]'), totals.top,
       coalesce(years.years, '{}'), coalesce(keys.profile, '{}'), key_coverage, coalesce(tempi.profile, '{}'),
       bpm_median, bpm_coverage
FROM totals
LEFT JOIN supporters USING (artist_id)
LEFT JOIN years USING (artist_id)
LEFT JOIN keys USING (artist_id)
LEFT JOIN tempi USING (artist_id)
ON CONFLICT (artist_id) DO UPDATE SET
    track_count = excluded.track_count,
    play_count = excluded.play_count,
    supporter_count = excluded.supporter_count,
    top_supporters = excluded.top_supporters,
    top_tracks = excluded.top_tracks,
    years = excluded.years,
    key_profile = excluded.key_profile,
    key_coverage = excluded.key_coverage,
    bpm_profile = excluded.bpm_profile,
    bpm_median = excluded.bpm_median,
    bpm_coverage = excluded.bpm_coverage
RETURNING artist_id;

-- name: djs
WITH sets AS (
    SELECT dj_id, sets.playlist_id, sets.row_count, sets.identified_rows, sets.venue, analytics.series,
           CASE WHEN sets.set_date_precision = 'day' AND isfinite(sets.set_date)
                 AND sets.set_date - 30 <= (sets.last_observed_at AT TIME ZONE 'UTC')::date
                THEN sets.set_date END AS day
    FROM silver_enriched_playlists AS sets
    JOIN (SELECT DISTINCT unnest($1::text[]) AS dj_id) AS wanted ON dj_id = ANY (sets.dj_ids)
    LEFT JOIN gold_playlist_analytics AS analytics USING (playlist_id)
    WHERE sets.counted AND sets.dj_ids && $1::text[]
), plays AS (
    SELECT sets.dj_id, plays.playlist_id, plays.track_id, plays.credited_ids, plays.day, tracks.genres[1] AS genre,
           CASE WHEN tracks.release_date_precision = 'day' THEN plays.day - tracks.release_date END AS age
    FROM sets
    CROSS JOIN LATERAL ( -- set by set: the planner would read all rows and all tracks
        SELECT * FROM gold_plays AS held WHERE held.playlist_id = sets.playlist_id OFFSET 0
    ) AS plays
    LEFT JOIN LATERAL (
        SELECT genres, release_date, release_date_precision
        FROM silver_enriched_tracks AS held
        WHERE held.track_id = plays.track_id
        OFFSET 0
    ) AS tracks ON true
), totals AS (
    SELECT dj_id, count(*)::integer AS sets,
           sum(row_count - identified_rows) / nullif(sum(row_count), 0)::double precision AS unidentified
    FROM sets GROUP BY dj_id
), counts AS (
    SELECT dj_id, count(*)::integer AS plays, count(DISTINCT track_id)::integer AS tracks,
           count(*) FILTER (WHERE age < 0) / nullif(count(age), 0)::double precision AS unreleased,
           count(age) / count(*)::double precision AS release_coverage,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY age) AS median_age
    FROM plays GROUP BY dj_id
), exclusives AS (
    SELECT dj_id, count(*)::integer AS tracks
    FROM track_supports JOIN gold_track_support USING (track_id)
    WHERE dj_id = ANY ($1::text[]) AND supporters = 1
    GROUP BY dj_id
), places AS (
    SELECT dj_id, kind, name, day,
           count(*) OVER (
               PARTITION BY dj_id, kind, name ORDER BY day RANGE BETWEEN '364 days' PRECEDING AND CURRENT ROW
           ) AS within
    FROM sets
    CROSS JOIN LATERAL (VALUES ('venue', lower(venue)), ('series', series)) AS place (kind, name)
    WHERE name IS NOT NULL AND day IS NOT NULL
), residencies AS (
    SELECT dj_id, jsonb_agg(jsonb_build_object(
               'kind', kind, 'name', name, 'sets', sets, 'most', most, 'first_date', first, 'last_date', last
           ) ORDER BY most DESC, kind, name COLLATE "C") AS residencies
    FROM (
        SELECT dj_id, kind, name, count(*) AS sets, max(within) AS most, min(day) AS first, max(day) AS last
        FROM places GROUP BY dj_id, kind, name HAVING max(within) >= 4
    ) AS n
    GROUP BY dj_id
), favourites AS (
    SELECT dj_id, jsonb_agg(jsonb_build_object('artist_id', artist_id, 'sets', sets) ORDER BY place) AS artists
    FROM (
        SELECT dj_id, artist_id, count(DISTINCT playlist_id) AS sets,
               row_number() OVER (
                   PARTITION BY dj_id ORDER BY count(DISTINCT playlist_id) DESC, artist_id COLLATE "C"
               ) AS place
        FROM plays CROSS JOIN unnest(credited_ids) AS artist_id
        WHERE artist_id <> dj_id
        GROUP BY dj_id, artist_id
    ) AS placed
    WHERE place <= 10
    GROUP BY dj_id
), genres AS (
    SELECT dj_id, jsonb_object_agg(year, shares) AS years
    FROM (
        SELECT dj_id, year, jsonb_object_agg(genre, round(plays / total, 4)) AS shares
        FROM (
            SELECT dj_id, EXTRACT(YEAR FROM day)::integer AS year, genre, count(*) AS plays,
                   sum(count(*)) OVER (PARTITION BY dj_id, EXTRACT(YEAR FROM day)) AS total
            FROM plays WHERE day IS NOT NULL AND genre IS NOT NULL
            GROUP BY dj_id, EXTRACT(YEAR FROM day), genre
        ) AS counted
        GROUP BY dj_id, year
    ) AS n
    GROUP BY dj_id
)
INSERT INTO gold_dj_analytics AS current (
    artist_id, set_count, track_count, play_count, exclusive_tracks, unidentified_share, unreleased_share,
    release_coverage, median_age_days, residencies, favourite_artists, genres_by_year
)
SELECT dj_id, sets, coalesce(counts.tracks, 0), coalesce(counts.plays, 0), coalesce(exclusives.tracks, 0),
       unidentified, unreleased, release_coverage, median_age, coalesce(residencies, '[]'),
       coalesce(favourites.artists, '[]'), coalesce(genres.years, '{}')
FROM totals
LEFT JOIN counts USING (dj_id)
LEFT JOIN exclusives USING (dj_id)
LEFT JOIN residencies USING (dj_id)
LEFT JOIN favourites USING (dj_id)
LEFT JOIN genres USING (dj_id)
ON CONFLICT (artist_id) DO UPDATE SET
    set_count = excluded.set_count,
    track_count = excluded.track_count,
    play_count = excluded.play_count,
    exclusive_tracks = excluded.exclusive_tracks,
    unidentified_share = excluded.unidentified_share,
    unreleased_share = excluded.unreleased_share,
    release_coverage = excluded.release_coverage,
    median_age_days = excluded.median_age_days,
    residencies = excluded.residencies,
    favourite_artists = excluded.favourite_artists,
    genres_by_year = excluded.genres_by_year
RETURNING artist_id;

-- name: dj_counts
-- Count what pages show of all rows of DJs. Of tracks with equal sets the last played come first.
WITH sets AS MATERIALIZED (
    SELECT dj_id, playlist_id, set_id, set_date
    FROM silver_enriched_playlists
    JOIN (SELECT DISTINCT unnest($1::text[]) AS dj_id) AS wanted ON dj_id = ANY (dj_ids)
    WHERE counted AND dj_ids && $1::text[]
), rows AS MATERIALIZED (
    SELECT dj_id, set_id, set_date, playlist_id, row_index, next_row_index, role, status, track_id, camelot
    FROM sets
    CROSS JOIN LATERAL ( -- set by set, here and below: the planner would read all rows and all tracks
        SELECT row_index, next_row_index, role, status, track_id
        FROM silver_playlist_tracks AS held
        WHERE held.playlist_id = sets.playlist_id AND held.track_id IS NOT NULL
        OFFSET 0
    ) AS rows
    LEFT JOIN LATERAL (
        SELECT camelot FROM silver_enriched_tracks AS held WHERE held.track_id = rows.track_id OFFSET 0
    ) AS tracks ON true
), tracks AS MATERIALIZED (
    SELECT dj_id, track_id, min(camelot) AS camelot, count(DISTINCT set_id) AS sets, max(set_date) AS last_date
    FROM rows
    WHERE status = 'identified'
    GROUP BY dj_id, track_id
), most AS (
    SELECT dj_id, array_agg(track_id ORDER BY place) AS track_ids, array_agg(sets::integer ORDER BY place) AS sets,
           array_agg(last_date ORDER BY place) AS last_dates
    FROM (
        SELECT *, row_number() OVER (
            PARTITION BY dj_id ORDER BY sets DESC, last_date DESC NULLS LAST, track_id COLLATE "C"
        ) AS place
        FROM tracks
    ) AS placed
    WHERE place <= 100
    GROUP BY dj_id
), keys AS (
    SELECT dj_id, array_agg(camelot ORDER BY camelot COLLATE "C") AS camelots,
           array_agg(tracks ORDER BY camelot COLLATE "C") AS tracks
    FROM (
        SELECT dj_id, camelot, count(*)::integer AS tracks FROM tracks WHERE camelot IS NOT NULL GROUP BY dj_id, camelot
    ) AS counted
    GROUP BY dj_id
), moves AS (
    SELECT dj_id, array_agg(origin ORDER BY origin COLLATE "C", following COLLATE "C") AS origins,
           array_agg(following ORDER BY origin COLLATE "C", following COLLATE "C") AS targets,
           array_agg(times ORDER BY origin COLLATE "C", following COLLATE "C") AS times
    FROM (
        SELECT dj_id, played.camelot AS origin, later.camelot AS following, count(*)::integer AS times
        FROM rows AS played
        JOIN rows AS later USING (dj_id, playlist_id)
        WHERE later.row_index = played.next_row_index AND played.role = 'main'
          AND played.camelot IS NOT NULL AND later.camelot IS NOT NULL
        GROUP BY 1, 2, 3
    ) AS counted
    GROUP BY dj_id
)
INSERT INTO gold_dj_counts AS current (
    artist_id, track_ids, track_sets, track_last_dates, camelots, camelot_tracks, moves_from, moves_to, move_times
)
SELECT dj_id, coalesce(most.track_ids, '{}'), coalesce(most.sets, '{}'), coalesce(most.last_dates, '{}'),
       coalesce(keys.camelots, '{}'), coalesce(keys.tracks, '{}'), coalesce(moves.origins, '{}'),
       coalesce(moves.targets, '{}'), coalesce(moves.times, '{}')
FROM (SELECT DISTINCT dj_id FROM sets) AS djs
LEFT JOIN most USING (dj_id)
LEFT JOIN keys USING (dj_id)
LEFT JOIN moves USING (dj_id)
ON CONFLICT (artist_id) DO UPDATE SET
    track_ids = excluded.track_ids,
    track_sets = excluded.track_sets,
    track_last_dates = excluded.track_last_dates,
    camelots = excluded.camelots,
    camelot_tracks = excluded.camelot_tracks,
    moves_from = excluded.moves_from,
    moves_to = excluded.moves_to,
    move_times = excluded.move_times
WHERE current.* IS DISTINCT FROM excluded.*;
