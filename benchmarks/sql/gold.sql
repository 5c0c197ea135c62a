-- Tables of a generated world, loaded without the streams (benchmarks/gold_world.py). Plays are drawn as numbers of tracks
-- and sets first, in narrow tables from which rows and counts are made.

-- name: stage
-- Tracks in the order of their release, before the tables are made from them.
CREATE UNLOGGED TABLE bench_tracks (
    number integer, track_id text, track_name text, artist_ids text[], artist_names text[], released date, genre text,
    label text, bpm numeric(6,2), key integer, key_mode text, energy double precision
);
CREATE UNLOGGED TABLE bench_artists (number integer, artist_id text, name text);
CREATE UNLOGGED TABLE bench_sets (set_number integer, day integer, dj integer, partner integer, venue text, country text,
    kind text);
CREATE UNLOGGED TABLE bench_plays (set_number integer, place integer, track integer, is_id boolean,
    next_track integer -- NULL where either is unidentified
);

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
INSERT INTO bench_sets
SELECT n, (random() * (%(days)s - 1))::integer, dj,
       CASE WHEN kind = 'b2b' THEN (dj + 1 + n %% 100) %% %(djs)s END, venue, 'Country ' || floor(60 * power(random(), 2)), kind
FROM (
    SELECT n, floor(%(djs)s * power(random(), 1.7))::integer AS dj,
           CASE WHEN random() < 0.6 THEN 'Venue ' || floor(%(venues)s * power(random(), 2)) END AS venue,
           (ARRAY['radio', 'radio', 'radio', 'podcast', 'festival', 'b2b', NULL])[1 + floor(random() * 7)] AS kind
    FROM generate_series(1, %(sets)s) AS n
    OFFSET 0
) AS drawn;
CREATE UNIQUE INDEX ON bench_sets (set_number);
ANALYZE bench_sets;

-- name: store_sets
INSERT INTO silver_enriched_playlists (id, playlist_id, source, source_url, title, mix_name, set_date,
    set_date_precision, set_id, counted, dj_ids, dj_names, event_name, venue, city, country, set_type, styles, genres,
    duration_seconds, recordings, row_count, identified_rows, data_completeness, confidence_score, validation_score,
    data_quality_score, validation_status, checks, page_ids, content_hash, parser_version, last_observed_at, version,
    pipeline_version, event_id)
SELECT gen_random_uuid(), 'mixesdb:' || set_number, 'mixesdb', 'https://example.org/w/' || set_number,
    djs.name || ' @ ' || coalesce(venue, 'Radio'), '', %(first)s::date + day, 'day', 'mixesdb:' || set_number, true,
    array_remove(ARRAY[djs.artist_id, partners.artist_id], NULL), array_remove(ARRAY[djs.name, partners.name], NULL),
    NULL, venue, NULL, country, kind, '{}', '{}', 7200, '[]',
    %(rows)s, %(rows)s, 1, 1, 1, 1, 'valid', '[]', '{}', '', 1, now(), 1, '1', gen_random_uuid()
FROM bench_sets AS sets
JOIN bench_artists AS djs ON djs.number = sets.dj
LEFT JOIN bench_artists AS partners ON partners.number = sets.partner
WHERE set_number BETWEEN %(from_set)s AND %(to_set)s;

-- name: plays
-- Seven of ten plays are of a track released shortly before. A few of the tracks of a week get most of its plays; `week` is
-- the number of tracks released in one.
INSERT INTO bench_plays
SELECT set_number, place, track, is_id, CASE WHEN NOT is_id AND NOT lead(is_id) OVER in_set THEN lead(track) OVER in_set END
FROM (
    SELECT set_number, place, random() < 0.08 AS is_id, 1 + least(%(tracks)s - 1,
               floor(released / 7) * %(week)s + floor(%(week)s * power(random(), 2.5)))::integer AS track
    FROM (
        SELECT set_number, place, CASE
                   WHEN random() < 0.7 THEN greatest(0, day + ln(1 - random()) * 90)
                   ELSE random() * day
               END AS released
        FROM bench_sets CROSS JOIN generate_series(0, %(rows)s - 1) AS place
        WHERE set_number BETWEEN %(from_set)s AND %(to_set)s
    ) AS aged
    OFFSET 0
) AS drawn
WINDOW in_set AS (PARTITION BY set_number ORDER BY place);

-- name: rows
-- The columns of refresh, key_relation and bpm_change, have the values that refresh gives them.
INSERT INTO silver_playlist_tracks (playlist_id, row_index, row_key, bronze_id, position, group_index, role, status,
    track_id, claim_id, track_name, artist_credit, artist_names, artist_ids, version_artist_ids, featured_ids, raw_text,
    cue_seconds, validation, validation_status, checks, version, pipeline_version, next_row_index, gap_seconds,
    key_relation, bpm_change)
SELECT 'mixesdb:' || set_number, place, place::text, gen_random_uuid(), place + 1, place, 'main',
    CASE WHEN is_id THEN 'unidentified' ELSE 'identified' END, CASE WHEN NOT is_id THEN here.track_id END,
    CASE WHEN NOT is_id THEN here.track_id END, CASE WHEN is_id THEN 'ID' ELSE here.track_name END,
    here.artist, here.artist_names, here.artist_ids, '{}', '{}', here.raw_text, place * 280, 1, 'valid', '[]', 1,
    '1', CASE WHEN place < %(rows)s - 1 THEN place + 1 END, CASE WHEN place < %(rows)s - 1 THEN 280 END,
    CASE WHEN there.bpm IS NOT NULL THEN coalesce(moves.move, 'clash') END,
    CASE WHEN there.bpm BETWEEN here.bpm * 0.708 AND here.bpm * 1.414 -- no tempo is folded: hundredths are exact
         THEN 0.01 * (there.hundredths - here.hundredths)
         ELSE round((folded_tempo(there.bpm, here.bpm) - here.bpm)::numeric, 2) END
FROM bench_plays AS plays
JOIN (
    SELECT number, track_id, track_name, artist_names, artist_ids, artist_names[1] AS artist,
           artist_names[1] || ' - ' || track_name AS raw_text, bpm::double precision AS bpm,
           (bpm * 100)::integer AS hundredths, key::text || CASE key_mode WHEN 'minor' THEN 'A' ELSE 'B' END AS camelot
    FROM bench_tracks
    OFFSET 0
) AS here ON here.number = track
LEFT JOIN (
    SELECT number, bpm::double precision AS bpm, (bpm * 100)::integer AS hundredths,
           key::text || CASE key_mode WHEN 'minor' THEN 'A' ELSE 'B' END AS camelot
    FROM bench_tracks
    OFFSET 0
) AS there ON there.number = next_track
LEFT JOIN harmonic_moves AS moves ON moves.camelot = here.camelot AND moves.other = there.camelot
WHERE set_number BETWEEN %(from_set)s AND %(to_set)s;

-- name: supports
CREATE UNLOGGED TABLE bench_counts AS
SELECT track, sum(plays) AS plays, sum(sets) AS sets, min(day) AS first_day, max(day) AS last_day,
       array_agg(%(first)s::date + day ORDER BY day) AS dates, array_agg(sets::double precision ORDER BY day) AS weights
FROM (
    SELECT track, day, sum(plays)::integer AS plays, count(*)::integer AS sets
    FROM (
        SELECT track, set_number, count(*)::integer AS plays FROM bench_plays WHERE NOT is_id GROUP BY 1, 2
    ) AS by_set
    JOIN bench_sets USING (set_number)
    GROUP BY 1, 2
) AS days
GROUP BY track;
CREATE UNLOGGED TABLE bench_supporters AS
SELECT track, count(*) AS djs
FROM (
    SELECT DISTINCT track, person
    FROM bench_plays JOIN bench_sets USING (set_number) CROSS JOIN LATERAL (VALUES (dj), (partner)) AS people (person)
    WHERE NOT is_id AND person IS NOT NULL
) AS pairs
GROUP BY 1;
ANALYZE bench_counts, bench_supporters;

-- name: gold_tracks
-- Counts as the topic has them, and what refresh makes of them: ranks; scores with the least kappa; as matches the nearest
-- in tempo of the same key, which the best are where all confidences are equal.
CREATE UNLOGGED TABLE bench_gold AS
SELECT counted.*, trending_score(rates.fast, rates.slow, rates.recent, 0.3) AS score,
    row_number() OVER (ORDER BY djs DESC, sets DESC, track_id COLLATE "C") AS place,
    row_number() OVER (PARTITION BY genre ORDER BY djs DESC, sets DESC, track_id COLLATE "C") AS place_in_genre,
    array_agg(track_id) OVER near AS matches,
    0.9 * (1 - greatest(max(bpm) OVER near - bpm, bpm - min(bpm) OVER near) / 6) AS floor
FROM (
    SELECT bench_tracks.*, coalesce(plays, 0) AS plays, coalesce(sets, 0) AS sets, coalesce(djs, 0) AS djs, first_day,
           last_day, coalesce(dates, '{}') AS dates, coalesce(weights, '{}') AS weights
    FROM bench_tracks
    LEFT JOIN bench_counts ON bench_counts.track = number
    LEFT JOIN bench_supporters ON bench_supporters.track = number
    OFFSET 0
) AS counted
CROSS JOIN LATERAL trending_rates(dates, weights, %(last)s::date) AS rates
WINDOW near AS (
    PARTITION BY key, key_mode ORDER BY bpm, track_id COLLATE "C" ROWS BETWEEN 10 PRECEDING AND 10 FOLLOWING EXCLUDE CURRENT ROW
);
-- The rows that the triggers would add are written here, without an index.
ALTER TABLE gold_track_counts DISABLE TRIGGER USER;
INSERT INTO gold_track_counts (track_id, track_name, base_title, version_artists, stem, primary_artist, all_artists,
    bpm, key, key_mode, energy, genres, release_year, play_count, component_plays, self_plays, playlist_appearances,
    dj_support, first_seen_date, last_seen_date, support_dates, support_weights, data_completeness, confidence_score,
    validation_score, last_observed_at, version, pipeline_version, event_id)
SELECT track_id, track_name, track_name, '{}', 'original', artist_names[1], artist_names, bpm, key, key_mode, energy,
    ARRAY[genre], extract(year FROM released), plays, 0, 0, sets, djs,
    %(first)s::date + first_day, %(first)s::date + last_day, dates, weights, 1, 0.9, 1,
    now(), 1, '1', gen_random_uuid()
FROM bench_gold;
INSERT INTO gold_track_scores (track_id, genres, release_year, play_count, trending_score)
SELECT track_id, ARRAY[genre], extract(year FROM released), plays, score FROM bench_gold;
INSERT INTO gold_track_ranks (track_id, genre, popularity_rank, genre_rank)
SELECT track_id, genre, place, place_in_genre FROM bench_gold;
INSERT INTO gold_track_matches (track_id, camelot, bpm, harmonic_matches, harmonic_floor, harmonic_basis)
SELECT track_id, camelot, bpm, matches, floor, concat_ws('|', camelot, bpm, 0.9::double precision)
FROM bench_gold
CROSS JOIN LATERAL (SELECT key::text || CASE key_mode WHEN 'minor' THEN 'A' ELSE 'B' END AS camelot) AS keys
WHERE camelot IS NOT NULL AND bpm IS NOT NULL;
DROP TABLE bench_gold;
ALTER TABLE gold_track_counts ENABLE TRIGGER USER;

-- name: gold_artists
INSERT INTO gold_artist_analytics (artist_id, name, play_count, component_plays, playlist_appearances, dj_support,
    sets_played, support_dates, support_weights, last_observed_at, version, pipeline_version, event_id, popularity_rank)
SELECT artist_id, name, coalesce(plays, 0), 0, coalesce(plays, 0), coalesce(djs, 0), coalesce(sets, 0), '{}', '{}', now(), 1, '1',
    gen_random_uuid(),
    row_number() OVER (ORDER BY coalesce(djs, 0) DESC, coalesce(plays, 0) DESC, artist_id COLLATE "C")
FROM bench_artists
LEFT JOIN (
    SELECT artist_id, sum(bench_counts.plays) AS plays, max(djs) AS djs
    FROM bench_tracks
    JOIN bench_counts ON bench_counts.track = number
    JOIN bench_supporters ON bench_supporters.track = number
    CROSS JOIN unnest(artist_ids) AS artist_id
    GROUP BY 1
) AS counts USING (artist_id)
LEFT JOIN (SELECT dj, count(*) AS sets FROM bench_sets GROUP BY 1) AS played ON played.dj = number;

-- name: bronze
-- One row per track, its first appearance, as query example 1 reads it.
INSERT INTO bronze_scraped_tracks (id, source, source_url, raw_data, scraped_at, scraper_version, playlist_id, row_key,
    ordinal, content_hash, page_id, page_sha256, parser_version)
SELECT bronze_id, 'mixesdb', 'https://example.org/', jsonb_build_object(
        'track_name', track_name, 'artist_name', artist_credit, 'row', jsonb_build_object('text', raw_text)
    ), now(), '1', playlist_id, row_key, row_index, md5(bronze_id::text), playlist_id, repeat('0', 64), 1
FROM (
    SELECT DISTINCT ON (track) set_number, place FROM bench_plays WHERE NOT is_id ORDER BY track, set_number
) AS first
JOIN silver_playlist_tracks AS rows ON playlist_id = 'mixesdb:' || set_number AND row_index = place;

-- name: ready
-- Nothing is queued: the steps over all rows take every row by themselves.
TRUNCATE refresh_queue, network_sets_due;

-- name: change_tracks
-- Other energy and confidence for tracks spread over all, in silver and gold, and their entries in the queue.
WITH wanted AS (
    SELECT track_id FROM gold_track_counts WHERE play_count > 0 ORDER BY md5(track_id) LIMIT $1
), silver AS (
    UPDATE silver_enriched_tracks AS held SET energy = 1 - energy FROM wanted WHERE held.track_id = wanted.track_id
), gold AS (
    UPDATE gold_track_counts AS held SET energy = 1 - energy, bpm = bpm + 0.01, confidence_score = 0.8
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
