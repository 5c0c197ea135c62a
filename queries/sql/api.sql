-- Lists of the query API. Each is read after the sort key of the last row of the part before, which is NULL at the
-- beginning of a list.

-- name: refreshed_at
-- Time of the newest successful step of refresh; NULL before the first.
SELECT max(succeeded_at) AS refreshed_at FROM refresh_steps;

-- name: refreshed
-- That time, and the day that scores are of.
SELECT (SELECT max(succeeded_at) FROM refresh_steps) AS refreshed_at,
       (SELECT as_of FROM refresh_state WHERE singleton) AS as_of;

-- name: refreshed_at_of_track
-- That time, and the id that has the counts of a track; NULL if there is no such track.
SELECT (SELECT max(succeeded_at) FROM refresh_steps) AS refreshed_at,
       (SELECT track_id FROM gold_track_counts AS track WHERE track.track_id = canonical.track_id) AS track_id
FROM (
    SELECT coalesce((SELECT canonical_id FROM gold_track_redirects WHERE track_id = $1), $1) AS track_id
) AS canonical;

-- name: steps
SELECT step, succeeded_at, seconds, waiting, failures FROM refresh_steps ORDER BY step COLLATE "C";

-- name: top
-- Tracks by rank, after a track ($3) that had rank $2. Others that came since moved its rank: where its counts ($4, $5) are
-- still the same, the place after it is that of its rank now. Lists are read in the order of the narrow tables.
SELECT popularity_rank AS rank, track_id, primary_artist, track_name, counts.genres[1] AS genre, bpm, camelot, dj_support,
       playlist_appearances, counts.play_count, trending_score
FROM gold_track_ranks
JOIN gold_track_counts AS counts USING (track_id)
JOIN gold_track_scores USING (track_id)
WHERE popularity_rank > coalesce(
    (SELECT popularity_rank FROM gold_track_ranks JOIN gold_track_counts USING (track_id)
     WHERE track_id = $3::text AND dj_support = $4 AND playlist_appearances = $5), $2::integer, 0)
ORDER BY popularity_rank
LIMIT $1;

-- name: top_of_genre
-- As `top`, of a primary genre ($6), by the rank within it.
SELECT genre_rank AS rank, track_id, primary_artist, track_name, genre, bpm, camelot, dj_support,
       playlist_appearances, counts.play_count, trending_score
FROM gold_track_ranks
JOIN gold_track_counts AS counts USING (track_id)
JOIN gold_track_scores USING (track_id)
WHERE genre = $6 AND genre_rank > coalesce(
    (SELECT genre_rank FROM gold_track_ranks JOIN gold_track_counts USING (track_id)
     WHERE track_id = $3::text AND dj_support = $4 AND playlist_appearances = $5 AND genre = $6), $2::integer, 0)
ORDER BY genre_rank
LIMIT $1;

-- name: trending
-- Tracks by trending score, after a score and id ($2, $3), which is number $4 of the list.
SELECT $4::bigint + row_number() OVER (ORDER BY trending_score DESC, track_id DESC) AS rank, track_id, primary_artist,
       track_name, counts.genres[1] AS genre, bpm, camelot, dj_support, playlist_appearances, counts.play_count,
       trending_score, support_dates, support_weights
FROM gold_track_scores
JOIN gold_track_counts AS counts USING (track_id)
WHERE trending_score > 0 AND ($3::text IS NULL OR (trending_score, track_id) < ($2::double precision, $3))
ORDER BY trending_score DESC, track_id DESC
LIMIT $1;

-- name: trending_of_genre
-- As `trending`, of a primary genre ($5).
SELECT $4::bigint + row_number() OVER (ORDER BY trending_score DESC, track_id DESC) AS rank, track_id, primary_artist,
       track_name, counts.genres[1] AS genre, bpm, camelot, dj_support, playlist_appearances, counts.play_count,
       trending_score, support_dates, support_weights
FROM gold_track_scores AS scores
JOIN gold_track_counts AS counts USING (track_id)
WHERE scores.genres[1] = $5 AND trending_score > 0
  AND ($3::text IS NULL OR (trending_score, track_id) < ($2::double precision, $3))
ORDER BY trending_score DESC, track_id DESC
LIMIT $1;

-- name: supporters
-- DJs of a track in the order of their first play, undated ones last, after a day, set and DJ ($3, $4, $5). Places are
-- counted over an index; names are read for the DJs of the part only.
WITH part AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT row_number() OVER (ORDER BY first_date, first_playlist_id, dj_id)::integer AS place, dj_id, first_date,
               first_playlist_id
        FROM gold_first_plays
        WHERE track_id = $1
    ) AS places
    WHERE $5::text IS NULL OR (coalesce(first_date, 'infinity'), first_playlist_id, dj_id)
                            > (coalesce($3::date, 'infinity'), $4::text, $5)
    ORDER BY place
    LIMIT $2
)
SELECT place, dj_id, -- of the collation of the index
       (SELECT name FROM silver_enriched_artists WHERE artist_id = dj_id COLLATE "default") AS dj_name,
       part.first_date, dj_id = ANY (early_dj_ids) AS is_early, median_date - part.first_date AS lead_days,
       first_playlist_id AS playlist_id
FROM part
JOIN gold_track_support AS support ON support.track_id = $1
ORDER BY place;

-- name: next
-- What to play after a track, of a genre ($3) if one is given, after a score and track ($4, $5).
SELECT next_track_id AS track_id, next_artist AS primary_artist, next_track_name AS track_name, tracks.bpm,
       tracks.camelot, tracks.genres[1] AS genre, score, played, harmony, followed_djs, followed_sets, together_djs,
       together_sets, suggestions.last_date, gap_seconds, followed_in, together_in, key_relation, bpm_change,
       energy_change
FROM gold_next_tracks AS suggestions
LEFT JOIN gold_track_counts AS tracks ON tracks.track_id = next_track_id
WHERE suggestions.track_id = $1 AND ($3::text IS NULL OR $3 = ANY (tracks.genres))
  AND ($5::text IS NULL OR score < $4::double precision OR (score = $4 AND next_track_id > $5))
ORDER BY score DESC, next_track_id
LIMIT $2;

-- name: unreleased
-- Places of unidentified tracks, most DJs first, after the numbers, days and names of a place ($2 to $7). `days` grows
-- with the age of the last set; an undated one is the oldest.
SELECT before_artist, before_track_name, after_artist, after_track_name, named_as, dj_count, set_count, first_date,
       last_date, first_set, sets, before_track_id, after_track_id, name_hash
FROM gold_unreleased
CROSS JOIN LATERAL (
    SELECT coalesce(date '2000-01-01' - last_date, 2147483647) AS days, md5(named_as) AS name_hash
) AS sorted
WHERE $5::text IS NULL
   OR (-dj_count, -set_count, days, before_track_id, after_track_id, name_hash)
    > (-$2::integer, -$3::integer, coalesce(date '2000-01-01' - $4::date, 2147483647), $5, $6::text, $7::text)
ORDER BY -dj_count, -set_count, days, before_track_id, after_track_id, name_hash
LIMIT $1;

-- name: lineage
-- Rows behind the counts of a track by day of the set, undated sets last, after a row ($3 to $9). The sets are chosen
-- first, so that a part reads the rows of its own sets only: each has a row, but the first one may have none after $3.
WITH chosen AS MATERIALIZED (
    SELECT DISTINCT coalesce(set_date, 'infinity') AS day, playlist_id
    FROM silver_playlist_tracks
    LEFT JOIN silver_enriched_playlists USING (playlist_id)
    WHERE track_id = $1
      AND ($4::text IS NULL OR (coalesce(set_date, 'infinity'), playlist_id) >= (coalesce($3::date, 'infinity'), $4))
    ORDER BY 1, 2
    LIMIT $2 + 1
)
SELECT history.playlist_id, row_index, set_date, set_date_precision, counted_date, dj_ids, dj_names, position, role, status,
       counts_as, is_own, superseded, raw_text, claim_id, bronze_id::text AS bronze_id, page_id, page_sha256,
       parser_version, scraped_at, source, source_url, set_title
FROM chosen
CROSS JOIN LATERAL (
    SELECT * FROM track_history WHERE track_id = $1 AND track_history.playlist_id = chosen.playlist_id OFFSET 0
) AS history
CROSS JOIN LATERAL (
    SELECT coalesce(scraped_at, 'infinity') AS read_at, coalesce(bronze_id::text, '') AS version
) AS sorted
WHERE $4::text IS NULL
   OR (day, history.playlist_id, position, row_index, superseded, read_at, version)
    > (coalesce($3::date, 'infinity'), $4, $5::integer, $6::integer, $7::boolean,
       coalesce($8::timestamptz, 'infinity'), coalesce($9::text, ''))
ORDER BY day, history.playlist_id, position, row_index, superseded, read_at, version
LIMIT $2;

-- name: transitions
-- Pairs of a track, most DJs first, after a pair ($3 to $6); names, keys and tempi are read for the pairs of the part only.
WITH part AS MATERIALIZED (
    SELECT to_track_id, kind
    FROM gold_transitions
    WHERE from_track_id = $1
      AND ($5::text IS NULL
           OR (-dj_count, -set_count, to_track_id, kind) > (-$3::integer, -$4::integer, $5, $6::text))
    ORDER BY -dj_count, -set_count, to_track_id, kind
    LIMIT $2
)
SELECT to_track_id AS track_id, to_artist AS primary_artist, to_track_name AS track_name, kind, dj_count, set_count,
       first_date, last_date, gap_seconds, gap_count, key_relation, bpm_change, energy_change, latest_sets
FROM part
JOIN gold_transitions USING (to_track_id, kind)
WHERE from_track_id = $1
ORDER BY -dj_count, -set_count, to_track_id, kind;

-- name: events
-- Events from ($2) to ($3), in a country ($4), each of them optional; newest first, after a day and event ($5, $6).
SELECT ra_event_id AS event_id, title, event_date, venue, city, country, genres, attending, source, source_url
FROM silver_events
WHERE ($2::date IS NULL OR event_date >= $2)
  AND ($3::date IS NULL OR event_date <= $3)
  AND ($4::text IS NULL OR lower(country) = lower($4))
  AND ($6::text IS NULL OR (event_date, ra_event_id) < ($5::date, $6))
ORDER BY event_date DESC, ra_event_id DESC
LIMIT $1;

-- name: coverage
-- Rows of field_coverage when refresh read it last.
SELECT field, provider, tracks, considered, answered, chosen, share, field_share, confidence
FROM gold_field_coverage
ORDER BY field_share DESC NULLS LAST, field, chosen DESC, provider;

-- name: quality
-- Rows of source_quality when refresh read it last.
SELECT * FROM gold_source_quality ORDER BY source, parser_version;
