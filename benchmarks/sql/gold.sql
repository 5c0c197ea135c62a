-- Tables of a generated world, loaded without the streams (benchmarks/gold_world.py).

-- name: stage
-- Tracks in the order of their release, before the tables are made from them.
CREATE UNLOGGED TABLE bench_tracks (
    number integer, track_id text, track_name text, artist_ids text[], artist_names text[], released date, genre text,
    label text, bpm numeric(6,2), key integer, key_mode text, energy double precision
);
CREATE UNLOGGED TABLE bench_artists (number integer, artist_id text, name text);

-- name: index_stage
CREATE UNIQUE INDEX ON bench_tracks (number);
CREATE UNIQUE INDEX ON bench_artists (number);
ANALYZE bench_tracks, bench_artists;

-- name: tracks
INSERT INTO silver_enriched_tracks (id, track_id, track_name, base_title, version_artists, stem, primary_artist,
    artist_names, artist_ids, featured, bpm, bpm_ambiguous, key, key_mode, energy, genres, release_date,
    release_date_precision, label, duration_ms, spellings, data_completeness, completeness_ceiling, confidence_score,
    validation_score, data_quality_score, validation_status, checks, enrichment_metadata, config_version,
    last_observed_at, version, pipeline_version, event_id)
SELECT gen_random_uuid(), track_id, track_name, track_name, '{}', 'original', artist_names[1], artist_names, artist_ids, '{}',
    bpm, false, key, key_mode, energy, ARRAY[genre], released, 'day', label, 380000, '[]', quality, 1, quality, 1, quality,
    'valid', '[]', jsonb_build_object(
        'providers_used', CASE WHEN number %% 3 = 0 THEN '["beatport"]' ELSE '["spotify", "musicbrainz"]' END::jsonb,
        'waterfall_attempts', (
            SELECT jsonb_agg(jsonb_build_object(
                'field', field, 'provider', 'spotify', 'status', 'hit', 'confidence', 0.9, 'chosen', true,
                'value', 0.5, 'timestamp', '2026-01-01T00:00:00Z'
            ))
            FROM unnest(ARRAY['bpm', 'key', 'energy', 'genres', 'release_date', 'label', 'isrc', 'duration_ms']) AS field
        )
    ), '1', now(), 1, '1', gen_random_uuid()
FROM bench_tracks CROSS JOIN LATERAL (SELECT 0.5 + (number %% 50) / 100.0 AS quality) AS qualities;

-- name: artists
INSERT INTO silver_enriched_artists (id, artist_id, name, aliases, native_ids, links, is_dj, is_producer,
    data_completeness, confidence_score, validation_score, data_quality_score, validation_status, checks,
    last_observed_at, version, pipeline_version, event_id)
SELECT gen_random_uuid(), artist_id, name, '[]', '{}', '{}', number < %(djs)s, true, 1, 1, 1, 1, 'valid', '[]', now(), 1, '1',
    gen_random_uuid()
FROM bench_artists;

-- name: sets
-- DJs, venues and countries by power laws; the days are evenly spread.
INSERT INTO silver_enriched_playlists (id, playlist_id, source, source_url, title, mix_name, set_date,
    set_date_precision, set_id, counted, dj_ids, dj_names, event_name, venue, city, country, set_type, styles, genres,
    duration_seconds, recordings, row_count, identified_rows, data_completeness, confidence_score, validation_score,
    data_quality_score, validation_status, checks, page_ids, content_hash, parser_version, last_observed_at, version,
    pipeline_version, event_id)
SELECT gen_random_uuid(), 'mixesdb:' || n, 'mixesdb', 'https://example.org/w/' || n, djs.name || ' @ ' || coalesce(venue, 'Radio'),
    '', %(first)s::date + (random() * (%(days)s - 1))::integer, 'day', 'mixesdb:' || n, true,
    array_remove(ARRAY[djs.artist_id, partners.artist_id], NULL), array_remove(ARRAY[djs.name, partners.name], NULL),
    NULL, venue, NULL, 'Country ' || floor(60 * power(random(), 2)), kind, '{}', '{}', 7200, '[]',
    %(rows)s, %(rows)s, 1, 1, 1, 1, 'valid', '[]', '{}', '', 1, now(), 1, '1', gen_random_uuid()
FROM (
    SELECT n, floor(%(djs)s * power(random(), 1.7))::integer AS dj,
           CASE WHEN random() < 0.6 THEN 'Venue ' || floor(%(venues)s * power(random(), 2)) END AS venue,
           (ARRAY['radio', 'radio', 'radio', 'podcast', 'festival', 'b2b', NULL])[1 + floor(random() * 7)] AS kind
    FROM generate_series(1, %(sets)s) AS n
    OFFSET 0
) AS drawn
JOIN bench_artists AS djs ON djs.number = drawn.dj
LEFT JOIN bench_artists AS partners ON kind = 'b2b' AND partners.number = (drawn.dj + 1 + n %% 100) %% %(djs)s;

-- name: before_rows
-- Indexes of a table that is loaded as a whole are made at the end.
ALTER TABLE silver_playlist_tracks DROP CONSTRAINT silver_playlist_tracks_pkey;
DROP INDEX silver_playlist_tracks_track;

-- name: rows
-- Seven of ten plays are of a track released shortly before. A few of the tracks of a week get most of its plays; `week` is
-- the number of tracks released in one.
INSERT INTO silver_playlist_tracks (playlist_id, row_index, row_key, bronze_id, position, group_index, role, status,
    track_id, claim_id, track_name, artist_credit, artist_names, artist_ids, version_artist_ids, featured_ids, raw_text,
    cue_seconds, validation, validation_status, checks, version, pipeline_version, next_row_index, gap_seconds)
SELECT playlist_id, place, place::text, gen_random_uuid(), place + 1, place, 'main',
    CASE WHEN is_id THEN 'unidentified' ELSE 'identified' END, CASE WHEN NOT is_id THEN track_id END,
    CASE WHEN NOT is_id THEN track_id END, CASE WHEN is_id THEN 'ID' ELSE track_name END, artist_names[1], artist_names,
    artist_ids, '{}', '{}', artist_names[1] || ' - ' || track_name, place * 280, 1, 'valid', '[]', 1, '1',
    CASE WHEN place < %(rows)s - 1 THEN place + 1 END, CASE WHEN place < %(rows)s - 1 THEN 280 END
FROM (
    SELECT playlist_id, place, random() < 0.08 AS is_id, 1 + least(%(tracks)s - 1,
               floor(released / 7) * %(week)s + floor(%(week)s * power(random(), 2.5)))::integer AS number
    FROM (
        SELECT playlist_id, place, CASE
                   WHEN random() < 0.7 THEN greatest(0, day + ln(1 - random()) * 90)
                   ELSE random() * day
               END AS released
        FROM (
            SELECT playlist_id, set_date - %(first)s::date AS day FROM silver_enriched_playlists
        ) AS sets
        CROSS JOIN generate_series(0, %(rows)s - 1) AS place
    ) AS aged
    OFFSET 0
) AS drawn
JOIN bench_tracks USING (number);

-- name: after_rows
ALTER TABLE silver_playlist_tracks ADD CONSTRAINT silver_playlist_tracks_pkey PRIMARY KEY (playlist_id, row_index);
CREATE INDEX silver_playlist_tracks_track ON silver_playlist_tracks (track_id, playlist_id);
ANALYZE silver_playlist_tracks, silver_enriched_playlists, silver_enriched_tracks, silver_enriched_artists;

-- name: gold_tracks
-- Counts as the topic has them. A day of support per DJ and week.
INSERT INTO gold_track_analytics (track_id, track_name, base_title, version_artists, stem, primary_artist, all_artists,
    bpm, key, key_mode, energy, genres, release_year, play_count, component_plays, self_plays, playlist_appearances,
    dj_support, first_seen_date, last_seen_date, support_dates, support_weights, data_completeness, confidence_score,
    validation_score, last_observed_at, version, pipeline_version, event_id)
SELECT track_id, track_name, track_name, '{}', 'original', artist_names[1], artist_names, bpm, key, key_mode, energy,
    ARRAY[genre], extract(year FROM released), coalesce(plays, 0), 0, 0, coalesce(sets, 0), coalesce(djs, 0), first_day,
    last_day, coalesce(dates, '{}'), coalesce(weights, '{}'), 1, 0.9, 1, now(), 1, '1', gen_random_uuid()
FROM bench_tracks
LEFT JOIN (
    SELECT track_id, sum(plays) AS plays, sum(sets) AS sets, min(day) AS first_day, max(day) AS last_day,
           array_agg(day ORDER BY day) AS dates, array_agg(sets::double precision ORDER BY day) AS weights
    FROM (
        SELECT track_id, day, count(*) AS plays, count(DISTINCT playlist_id) AS sets FROM gold_plays GROUP BY 1, 2
    ) AS days
    GROUP BY track_id
) AS counts USING (track_id)
LEFT JOIN (
    SELECT track_id, count(*) AS djs
    FROM (SELECT DISTINCT track_id, dj_id FROM gold_plays CROSS JOIN unnest(dj_ids) AS dj_id) AS pairs
    GROUP BY 1
) AS supporters USING (track_id);

-- name: gold_artists
INSERT INTO gold_artist_analytics (artist_id, name, play_count, component_plays, playlist_appearances, dj_support,
    sets_played, support_dates, support_weights, last_observed_at, version, pipeline_version, event_id)
SELECT artist_id, name, coalesce(plays, 0), 0, coalesce(plays, 0), coalesce(djs, 0), coalesce(sets, 0), '{}', '{}', now(), 1, '1',
    gen_random_uuid()
FROM bench_artists
LEFT JOIN (
    SELECT artist_id, count(*) AS plays, count(DISTINCT dj_ids) AS djs
    FROM gold_plays CROSS JOIN unnest(credited_ids) AS artist_id GROUP BY 1
) AS counts USING (artist_id)
LEFT JOIN (SELECT dj_ids[1] AS artist_id, count(*) AS sets FROM silver_enriched_playlists GROUP BY 1) AS played USING (artist_id);

-- name: bronze
-- One row per track, its first appearance, as query example 1 reads it.
INSERT INTO bronze_scraped_tracks (id, source, source_url, raw_data, scraped_at, scraper_version, playlist_id, row_key,
    ordinal, content_hash, page_id, page_sha256, parser_version)
SELECT bronze_id, 'mixesdb', 'https://example.org/', jsonb_build_object(
        'track_name', track_name, 'artist_name', artist_credit, 'row', jsonb_build_object('text', raw_text)
    ), now(), '1', playlist_id, row_key, row_index, md5(bronze_id::text), playlist_id, repeat('0', 64), 1
FROM (
    SELECT DISTINCT ON (track_id) * FROM silver_playlist_tracks WHERE track_id IS NOT NULL ORDER BY track_id, playlist_id
) AS first;

-- name: ready
-- Nothing is queued: the steps over all rows take every row by themselves.
TRUNCATE refresh_queue, network_sets_due;

-- name: change_tracks
-- Other energy and confidence for tracks spread over all, in silver and gold, and their entries in the queue.
WITH wanted AS (
    SELECT track_id FROM gold_track_analytics WHERE play_count > 0 ORDER BY md5(track_id) LIMIT $1
), silver AS (
    UPDATE silver_enriched_tracks AS held SET energy = 1 - energy FROM wanted WHERE held.track_id = wanted.track_id
), gold AS (
    UPDATE gold_track_analytics AS held SET energy = 1 - energy, bpm = bpm + 0.01, confidence_score = 0.8
    FROM wanted WHERE held.track_id = wanted.track_id
)
INSERT INTO refresh_queue (kind, id) SELECT 'track', track_id FROM wanted;

-- name: change_sets
-- Other days for some sets: all their plays move to another period.
WITH wanted AS (
    SELECT playlist_id FROM silver_enriched_playlists ORDER BY md5(playlist_id) LIMIT $1
), sets AS (
    UPDATE silver_enriched_playlists AS held SET set_date = set_date - 400 FROM wanted WHERE held.playlist_id = wanted.playlist_id
)
INSERT INTO refresh_queue (kind, id) SELECT 'playlist', playlist_id FROM wanted;
