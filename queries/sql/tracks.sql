-- name: canonical
-- The id that has the counts of this track: its own, or of the track it was merged into.
SELECT coalesce((SELECT canonical_id FROM gold_track_redirects WHERE track_id = $1), $1) AS track_id
WHERE EXISTS (
    SELECT FROM gold_track_counts
    WHERE track_id = coalesce((SELECT canonical_id FROM gold_track_redirects WHERE track_id = $1), $1)
);

-- name: track
SELECT gold.*, silver.isrc, silver.spotify_id, silver.musicbrainz_id, silver.beatport_id, silver.label,
       silver.release_date, silver.release_date_precision, silver.release_name, silver.duration_ms,
       silver.danceability, silver.enrichment_details
FROM gold_track_analytics AS gold
LEFT JOIN silver_enriched_tracks AS silver USING (track_id)
WHERE track_id = $1;

-- name: supporters
-- DJs of a track in the order of their first play; names are read for those shown only.
WITH part AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT row_number() OVER (ORDER BY first_date, first_playlist_id, dj_id)::integer AS place, dj_id, first_date,
               first_playlist_id
        FROM gold_first_plays
        WHERE track_id = $1
    ) AS places
    ORDER BY place
    LIMIT $2
)
SELECT place, dj_id, -- of the collation of the index
       (SELECT name FROM silver_enriched_artists WHERE artist_id = dj_id COLLATE "default") AS dj_name, part.first_date,
       dj_id = ANY (early_dj_ids) AS is_early, median_date - part.first_date AS lead_days, first_playlist_id AS playlist_id
FROM part
JOIN gold_track_support AS support ON support.track_id = $1
ORDER BY place;

-- name: sets_with
SELECT playlist_id, set_date, array_to_string(dj_names, ' & ') AS djs, coalesce(title, mix_name) AS title, position,
       role, raw_text, source, source_url
FROM silver_playlist_tracks
JOIN silver_enriched_playlists AS playlist USING (playlist_id)
WHERE track_id = $1 AND counted AND silver_playlist_tracks.status = 'identified'
ORDER BY set_date DESC NULLS LAST, playlist_id, position
LIMIT $2;

-- name: top
SELECT popularity_rank AS rank, track_id, primary_artist, track_name, counts.genres[1] AS genre, bpm, camelot, dj_support,
       playlist_appearances, counts.play_count, trending_score
FROM gold_track_ranks
JOIN gold_track_counts AS counts USING (track_id)
JOIN gold_track_scores USING (track_id)
WHERE popularity_rank IS NOT NULL
ORDER BY popularity_rank
LIMIT $1;

-- name: top_of_genre
SELECT genre_rank AS rank, track_id, primary_artist, track_name, genre, bpm, camelot, dj_support,
       playlist_appearances, counts.play_count, trending_score
FROM gold_track_ranks
JOIN gold_track_counts AS counts USING (track_id)
JOIN gold_track_scores USING (track_id)
WHERE genre = $2 AND genre_rank IS NOT NULL
ORDER BY genre_rank
LIMIT $1;

-- name: trending
SELECT row_number() OVER (ORDER BY trending_score DESC, track_id DESC) AS rank, track_id, primary_artist, track_name,
       counts.genres[1] AS genre, bpm, camelot, dj_support, playlist_appearances, counts.play_count, trending_score,
       support_dates, support_weights
FROM gold_track_scores
JOIN gold_track_counts AS counts USING (track_id)
WHERE trending_score > 0
ORDER BY trending_score DESC, track_id DESC
LIMIT $1;

-- name: trending_of_genre
SELECT row_number() OVER (ORDER BY trending_score DESC, track_id DESC) AS rank, track_id, primary_artist, track_name,
       counts.genres[1] AS genre, bpm, camelot, dj_support, playlist_appearances, counts.play_count, trending_score,
       support_dates, support_weights
FROM gold_track_scores AS scores
JOIN gold_track_counts AS counts USING (track_id)
WHERE scores.genres[1] = $2 AND trending_score > 0
ORDER BY trending_score DESC, track_id DESC
LIMIT $1;

-- name: harmonic
-- Partners of a track as gold_harmonic_partners has them, best first, after a score and track ($5, $6): those within $4 BPM,
-- half and double tempo folded, whose score may be above that of any beyond. A move that weighs less reaches less far, so
-- that of most keys nothing is read.
SELECT other.track_id, other.primary_artist, other.track_name, other.genres[1] AS genre, other.bpm, other.camelot,
       other.energy, other.dj_support, moves.move, moves.compatibility,
       round(abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm)::numeric, 2)
           AS bpm_difference,
       score
FROM gold_track_counts AS source
JOIN harmonic_moves AS moves ON moves.camelot = source.camelot
CROSS JOIN LATERAL (
    SELECT (6 * (1 - (1 - $4::double precision / 6) / moves.weight) + 0.000001)::numeric AS reach
) AS reaches
CROSS JOIN (VALUES (0.25), (0.5), (1.0), (2.0), (4.0)) AS octaves (octave)
CROSS JOIN LATERAL (
    SELECT * FROM gold_track_counts AS near
    WHERE near.camelot = moves.other
      AND near.bpm BETWEEN (source.bpm - reach) * octave AND (source.bpm + reach) * octave
    OFFSET 0
) AS other
CROSS JOIN LATERAL (
    SELECT harmonic_score(moves.weight, other.bpm, source.bpm, other.confidence_score) AS score
) AS scored
WHERE source.track_id = $1 AND reach >= 0 AND other.track_id <> $1 AND ($2::text IS NULL OR $2 = ANY (other.genres))
  AND abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm) <= $4
  AND ($6::text IS NULL OR score < $5::double precision OR (score = $5 AND other.track_id COLLATE "C" > $6))
ORDER BY score DESC, other.track_id COLLATE "C"
LIMIT $3;

-- name: partner_bounds
-- The highest confidence, which bounds the score of a partner and is read from the end of its index; the score of the last
-- of the 20 partners that refresh stored, NULL for fewer.
SELECT coalesce(max(coalesce(confidence_score, 1)), 1) AS confidence,
       (SELECT harmonic_floor FROM gold_track_matches WHERE track_id = $1) AS stored_score
FROM gold_track_counts
WHERE camelot IS NOT NULL AND bpm IS NOT NULL;

-- name: stored_partners
-- The best partners of a track, at most 20, as refresh stored them.
SELECT other.track_id, other.primary_artist, other.track_name, other.genres[1] AS genre, other.bpm, other.camelot,
       other.energy, other.dj_support, best.move, best.compatibility, best.bpm_difference, best.score
FROM gold_harmonic_mixing_recommendations AS best
JOIN gold_track_counts AS other ON other.track_id = best.recommended_track_id
WHERE best.source_track_id = $1
ORDER BY best.score DESC, other.track_id COLLATE "C"
LIMIT $2;

-- name: fitting
-- Tracks by key and tempo, each of them optional. $1: Camelot codes. $2, $3: lowest and highest tempo, also at half and
-- double.
SELECT popularity_rank AS rank, track_id, primary_artist, track_name, counts.genres[1] AS genre, bpm, camelot, energy,
       dj_support, trending_score
FROM gold_track_ranks
JOIN gold_track_counts AS counts USING (track_id)
JOIN gold_track_scores USING (track_id)
WHERE popularity_rank IS NOT NULL
  AND ($1::text[] IS NULL OR camelot = ANY ($1))
  AND ($2::numeric IS NULL OR bpm BETWEEN $2 AND $3 OR bpm BETWEEN $2 * 2 AND $3 * 2 OR bpm BETWEEN $2 / 2 AND $3 / 2)
ORDER BY popularity_rank
LIMIT $4;

-- name: fitting_of_genre
-- The same of a primary genre ($5): read in the order of the ranks in it, which is that of the ranks of all, without the
-- tracks of other genres.
SELECT popularity_rank AS rank, track_id, primary_artist, track_name, genre, bpm, camelot, energy,
       dj_support, trending_score
FROM gold_track_ranks
JOIN gold_track_counts AS counts USING (track_id)
JOIN gold_track_scores USING (track_id)
WHERE popularity_rank IS NOT NULL
  AND ($1::text[] IS NULL OR camelot = ANY ($1))
  AND ($2::numeric IS NULL OR bpm BETWEEN $2 AND $3 OR bpm BETWEEN $2 * 2 AND $3 * 2 OR bpm BETWEEN $2 / 2 AND $3 / 2)
  AND genre = $5
ORDER BY genre_rank
LIMIT $4;

-- name: genres
-- Primary genres and the number of their tracks: the index is read at one place per genre, not at every track.
WITH RECURSIVE listed (genre) AS (
    (SELECT genre FROM gold_track_ranks WHERE genre IS NOT NULL ORDER BY genre LIMIT 1)
    UNION ALL
    SELECT (SELECT ranks.genre FROM gold_track_ranks AS ranks WHERE ranks.genre > listed.genre ORDER BY ranks.genre LIMIT 1)
    FROM listed WHERE genre IS NOT NULL
)
SELECT genre,
       (SELECT genre_rank FROM gold_track_ranks AS ranks
        WHERE ranks.genre = listed.genre AND genre_rank IS NOT NULL ORDER BY genre_rank DESC LIMIT 1) AS tracks
FROM listed
WHERE genre IS NOT NULL
ORDER BY 2 DESC NULLS LAST, 1;

-- name: next
-- What DJs play after a track or with it, and what fits in theory, best first.
SELECT next_track_id AS track_id, next_artist AS primary_artist, next_track_name AS track_name, tracks.bpm,
       tracks.camelot, tracks.genres[1] AS genre, score, played, harmony, followed_djs, followed_sets, together_djs,
       together_sets, suggestions.last_date, gap_seconds, followed_in, together_in, key_relation, bpm_change,
       energy_change
FROM gold_next_tracks AS suggestions
LEFT JOIN gold_track_counts AS tracks ON tracks.track_id = next_track_id
WHERE suggestions.track_id = $1 AND ($2::text IS NULL OR $2 = ANY (tracks.genres))
ORDER BY score DESC NULLS LAST, next_track_id
LIMIT $3;

-- name: unreleased
SELECT before_artist, before_track_name, after_artist, after_track_name, named_as, dj_count, set_count, first_date,
       last_date, first_set, sets, before_track_id, after_track_id
FROM gold_unreleased
ORDER BY dj_count DESC, set_count DESC, last_date DESC NULLS LAST, before_track_id, after_track_id
LIMIT $1;
