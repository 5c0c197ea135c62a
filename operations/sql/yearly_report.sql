-- The yearly report: plays of one year, by the rules in docs/gold.md. Names are those of the day.

-- name: lock
SELECT pg_advisory_xact_lock(1936618600);

-- name: create_plays
CREATE TEMPORARY TABLE report_plays (
    playlist_id text, track_id text, dj_ids text[], credited_ids text[], day date, country text
) ON COMMIT DROP;

-- name: load_plays
INSERT INTO report_plays
SELECT playlist_id, track_id, dj_ids, credited_ids, day, country FROM gold_plays WHERE day BETWEEN $1 AND $2;

-- name: analyze_plays
ANALYZE report_plays;

-- name: totals
SELECT count(DISTINCT playlist_id)::integer AS sets, count(DISTINCT track_id)::integer AS tracks,
       count(*)::integer AS plays,
       (SELECT count(DISTINCT dj_id)::integer FROM report_plays CROSS JOIN unnest(dj_ids) AS dj_id) AS djs
FROM report_plays;

-- name: tracks
WITH counts AS (
    SELECT track_id, count(DISTINCT playlist_id)::integer AS sets, count(*)::integer AS plays
    FROM report_plays GROUP BY track_id
), supports AS (
    SELECT track_id, count(DISTINCT dj_id)::integer AS djs
    FROM report_plays CROSS JOIN unnest(dj_ids) AS dj_id GROUP BY track_id
), ranked AS (
    SELECT row_number() OVER (ORDER BY coalesce(djs, 0) DESC, sets DESC, track_id COLLATE "C") AS place, track_id,
           coalesce(djs, 0) AS djs, sets, plays
    FROM counts LEFT JOIN supports USING (track_id)
    ORDER BY place LIMIT $1
)
SELECT place, track_id AS id, silver.primary_artist AS artist, silver.track_name AS name, djs, sets, plays
FROM ranked LEFT JOIN silver_enriched_tracks AS silver USING (track_id)
ORDER BY place;

-- name: artists
-- By DJs other than the artist, then sets.
WITH counts AS (
    SELECT artist_id, count(DISTINCT playlist_id)::integer AS sets, count(*)::integer AS plays,
           count(DISTINCT track_id)::integer AS tracks
    FROM report_plays CROSS JOIN LATERAL (SELECT DISTINCT unnest(credited_ids) AS artist_id) AS credits
    GROUP BY artist_id
), supports AS (
    SELECT artist_id, count(DISTINCT dj_id)::integer AS djs
    FROM report_plays CROSS JOIN unnest(credited_ids) AS artist_id CROSS JOIN unnest(dj_ids) AS dj_id
    WHERE dj_id <> artist_id GROUP BY artist_id
), ranked AS (
    SELECT row_number() OVER (ORDER BY coalesce(djs, 0) DESC, sets DESC, artist_id COLLATE "C") AS place, artist_id,
           coalesce(djs, 0) AS djs, sets, tracks, plays
    FROM counts LEFT JOIN supports USING (artist_id)
    ORDER BY place LIMIT $1
)
SELECT place, artist_id AS id, coalesce(silver.name, artist_id) AS name, djs, sets, tracks, plays
FROM ranked LEFT JOIN silver_enriched_artists AS silver USING (artist_id)
ORDER BY place;

-- name: labels
WITH counts AS (
    SELECT label_id, count(DISTINCT playlist_id)::integer AS sets, count(*)::integer AS plays,
           count(DISTINCT track_id)::integer AS tracks
    FROM report_plays JOIN track_labels USING (track_id) GROUP BY label_id
), supports AS (
    SELECT label_id, count(DISTINCT dj_id)::integer AS djs
    FROM report_plays JOIN track_labels USING (track_id) CROSS JOIN unnest(dj_ids) AS dj_id GROUP BY label_id
), ranked AS (
    SELECT row_number() OVER (ORDER BY coalesce(djs, 0) DESC, sets DESC, label_id COLLATE "C") AS place, label_id,
           coalesce(djs, 0) AS djs, sets, tracks, plays
    FROM counts LEFT JOIN supports USING (label_id)
    ORDER BY place LIMIT $1
)
SELECT place, label_id AS id, coalesce(gold.name, label_id) AS name, djs, sets, tracks, plays
FROM ranked LEFT JOIN gold_label_analytics AS gold USING (label_id)
ORDER BY place;

-- name: djs
-- By sets with identified tracks, then distinct tracks.
WITH ranked AS (
    SELECT row_number() OVER (
               ORDER BY count(DISTINCT playlist_id) DESC, count(DISTINCT track_id) DESC, dj_id COLLATE "C"
           ) AS place,
           dj_id, count(DISTINCT playlist_id)::integer AS sets, count(DISTINCT track_id)::integer AS tracks,
           count(*)::integer AS plays
    FROM report_plays CROSS JOIN LATERAL (SELECT DISTINCT unnest(dj_ids) AS dj_id) AS djs
    GROUP BY dj_id
    ORDER BY place LIMIT $1
)
SELECT place, dj_id AS id, coalesce(silver.name, dj_id) AS name, sets, tracks, plays
FROM ranked LEFT JOIN silver_enriched_artists AS silver ON artist_id = dj_id
ORDER BY place;

-- name: genres
-- By plays of tracks with this primary genre; the share is of the plays with a genre.
SELECT row_number() OVER (ORDER BY count(*) DESC, genre COLLATE "C") AS place, genre AS name,
       count(DISTINCT track_id)::integer AS tracks, count(*)::integer AS plays,
       round(count(*) / sum(count(*)) OVER (), 4)::double precision AS share
FROM report_plays
JOIN (SELECT track_id, genres[1] AS genre FROM silver_enriched_tracks WHERE genres[1] IS NOT NULL) AS tracks
    USING (track_id)
GROUP BY genre
ORDER BY place
LIMIT $1;

-- name: countries
SELECT row_number() OVER (ORDER BY count(DISTINCT playlist_id) DESC, country COLLATE "C") AS place, country AS name,
       count(DISTINCT playlist_id)::integer AS sets, count(DISTINCT track_id)::integer AS tracks, count(*)::integer AS plays
FROM report_plays
WHERE country IS NOT NULL
GROUP BY country
ORDER BY place
LIMIT $1;

-- name: newcomers
-- Tracks whose first play of all with an exact day is in the year ($2: its first day).
WITH supports AS (
    SELECT track_id, count(DISTINCT dj_id)::integer AS djs, count(DISTINCT playlist_id)::integer AS sets,
           min(day) AS first_date
    FROM report_plays LEFT JOIN unnest(dj_ids) AS dj_id ON true GROUP BY track_id
), ranked AS (
    SELECT row_number() OVER (ORDER BY djs DESC, sets DESC, track_id COLLATE "C") AS place, track_id, djs, sets, first_date
    FROM supports
    WHERE NOT EXISTS (
        SELECT FROM gold_plays AS earlier WHERE earlier.track_id = supports.track_id AND earlier.day < $2
    )
    ORDER BY place LIMIT $1
)
SELECT place, track_id AS id, silver.primary_artist AS artist, silver.track_name AS name, djs, sets, first_date
FROM ranked LEFT JOIN silver_enriched_tracks AS silver USING (track_id)
ORDER BY place;

-- name: reveals
-- Tracks named by a page, fetched in the year ($2 to $3), in a row that an earlier version of the page showed as unknown.
WITH unknown AS (
    SELECT DISTINCT playlist_id, row_key FROM bronze_scraped_tracks WHERE is_unknown_title(raw_data ->> 'track_name')
), revealed AS (
    SELECT plays.track_id, count(DISTINCT plays.playlist_id)::integer AS sets,
           min((current.scraped_at AT TIME ZONE 'UTC')::date) AS revealed_date
    FROM unknown
    JOIN silver_playlist_tracks AS plays USING (playlist_id, row_key)
    JOIN silver_enriched_playlists AS parents USING (playlist_id)
    JOIN bronze_scraped_tracks AS current ON current.id = plays.bronze_id
    WHERE parents.counted AND plays.status = 'identified' AND plays.track_id IS NOT NULL AND plays.role <> 'component'
      AND NOT is_unknown_title(current.raw_data ->> 'track_name')
      AND (current.scraped_at AT TIME ZONE 'UTC')::date BETWEEN $2 AND $3
    GROUP BY plays.track_id
), ranked AS (
    SELECT row_number() OVER (ORDER BY sets DESC, revealed_date, track_id COLLATE "C") AS place, *
    FROM revealed
    ORDER BY place LIMIT $1
)
SELECT place, track_id AS id, silver.primary_artist AS artist, silver.track_name AS name, sets, revealed_date
FROM ranked LEFT JOIN silver_enriched_tracks AS silver USING (track_id)
ORDER BY place;

-- name: store
INSERT INTO gold_reports (year, edition, as_of, definition, sections, pipeline_version)
SELECT $1, 1 + coalesce(max(edition), 0), $2, $3, $4::jsonb, $5 FROM gold_reports WHERE year = $1
RETURNING edition;

-- name: stored
-- An edition, or the newest.
SELECT year, edition, as_of, definition, sections, pipeline_version
FROM gold_reports
WHERE year = $1 AND ($2::integer IS NULL OR edition = $2)
ORDER BY edition DESC
LIMIT 1;
