-- Views that read few rows for one genre or one track, however many tracks there are.

-- A track is under each of its first five genres, which are all that the pipeline writes. Each has an index in the order of
-- the ranks, so that the first ranks of a genre are read without those after them.
CREATE INDEX gold_track_analytics_genre_1 ON gold_track_analytics (
    (genres[1]), trending_score DESC, play_count DESC, track_id COLLATE "C"
) WHERE genres[1] IS NOT NULL;
CREATE INDEX gold_track_analytics_genre_2 ON gold_track_analytics (
    (genres[2]), trending_score DESC, play_count DESC, track_id COLLATE "C"
) WHERE genres[2] IS NOT NULL;
CREATE INDEX gold_track_analytics_genre_3 ON gold_track_analytics (
    (genres[3]), trending_score DESC, play_count DESC, track_id COLLATE "C"
) WHERE genres[3] IS NOT NULL;
CREATE INDEX gold_track_analytics_genre_4 ON gold_track_analytics (
    (genres[4]), trending_score DESC, play_count DESC, track_id COLLATE "C"
) WHERE genres[4] IS NOT NULL;
CREATE INDEX gold_track_analytics_genre_5 ON gold_track_analytics (
    (genres[5]), trending_score DESC, play_count DESC, track_id COLLATE "C"
) WHERE genres[5] IS NOT NULL;

-- Query example 4 takes the best scores, whose tracks were nearly all played lately, in their order.
CREATE INDEX gold_track_analytics_score ON gold_track_analytics (trending_score DESC);

-- An index is read at one place per genre, not at every track.
CREATE VIEW gold_genres AS
WITH RECURSIVE first (genre) AS (
    SELECT min(genres[1]) FROM gold_track_analytics WHERE genres[1] IS NOT NULL
    UNION ALL
    SELECT (SELECT min(genres[1]) FROM gold_track_analytics WHERE genres[1] > genre) FROM first WHERE genre IS NOT NULL
), second (genre) AS (
    SELECT min(genres[2]) FROM gold_track_analytics WHERE genres[2] IS NOT NULL
    UNION ALL
    SELECT (SELECT min(genres[2]) FROM gold_track_analytics WHERE genres[2] > genre) FROM second WHERE genre IS NOT NULL
), third (genre) AS (
    SELECT min(genres[3]) FROM gold_track_analytics WHERE genres[3] IS NOT NULL
    UNION ALL
    SELECT (SELECT min(genres[3]) FROM gold_track_analytics WHERE genres[3] > genre) FROM third WHERE genre IS NOT NULL
), fourth (genre) AS (
    SELECT min(genres[4]) FROM gold_track_analytics WHERE genres[4] IS NOT NULL
    UNION ALL
    SELECT (SELECT min(genres[4]) FROM gold_track_analytics WHERE genres[4] > genre) FROM fourth WHERE genre IS NOT NULL
), fifth (genre) AS (
    SELECT min(genres[5]) FROM gold_track_analytics WHERE genres[5] IS NOT NULL
    UNION ALL
    SELECT (SELECT min(genres[5]) FROM gold_track_analytics WHERE genres[5] > genre) FROM fifth WHERE genre IS NOT NULL
)
SELECT genre
FROM (
    TABLE first UNION TABLE second UNION TABLE third UNION TABLE fourth UNION TABLE fifth
) AS listed
WHERE genre IS NOT NULL;
COMMENT ON VIEW gold_genres IS 'Genres that any track has.';
COMMENT ON COLUMN gold_genres.genre IS 'genre';

CREATE OR REPLACE VIEW gold_top_tracks_by_genre AS
SELECT genre, best.track_name, best.primary_artist, best.play_count, best.trending_score, best.rank, best.track_id
FROM gold_genres
CROSS JOIN LATERAL (
    SELECT track_name, primary_artist, play_count, trending_score,
           row_number() OVER (ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C") AS rank, track_id
    FROM (
        (SELECT track_name, primary_artist, play_count, trending_score, track_id FROM gold_track_analytics
         WHERE genres[1] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_name, primary_artist, play_count, trending_score, track_id FROM gold_track_analytics
         WHERE genres[2] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_name, primary_artist, play_count, trending_score, track_id FROM gold_track_analytics
         WHERE genres[3] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_name, primary_artist, play_count, trending_score, track_id FROM gold_track_analytics
         WHERE genres[4] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_name, primary_artist, play_count, trending_score, track_id FROM gold_track_analytics
         WHERE genres[5] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
    ) AS tracks
    ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C"
    LIMIT 200
) AS best;
COMMENT ON VIEW gold_top_tracks_by_genre IS
    'The first 200 tracks of each genre by trending score, of those released in the last two years.';

-- All partners of a track: tens of thousands where there are a million tracks.
ALTER VIEW gold_harmonic_mixing_recommendations RENAME TO gold_harmonic_partners;
COMMENT ON VIEW gold_harmonic_partners IS
'All mixing partners of each track: keys of a harmonic move, tempi within 6 BPM, half and double folded. Query it for one track and not in the order of the score; gold_harmonic_mixing_recommendations has the best';

-- The best partners, which refresh stores.
CREATE VIEW gold_harmonic_mixing_recommendations AS
SELECT source.track_id AS source_track_id,
       other.track_id AS recommended_track_id,
       moves.compatibility,
       round(abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm)::numeric, 2)
           AS bpm_difference,
       moves.move,
       harmonic_score(moves.weight, other.bpm, source.bpm, other.confidence_score) AS score
FROM gold_track_analytics AS source
CROSS JOIN unnest(source.harmonic_matches) AS matches (track_id)
JOIN gold_track_analytics AS other ON other.track_id = matches.track_id
JOIN harmonic_moves AS moves ON moves.camelot = source.camelot AND moves.other = other.camelot
WHERE abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm) <= 6;
COMMENT ON VIEW gold_harmonic_mixing_recommendations IS
'The 20 best mixing partners of each track, as refresh stored them; keys and tempi are those of now';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.source_track_id IS 'track that is playing';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.recommended_track_id IS 'track to mix into';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.compatibility IS
'perfect (same key), compatible (one step or relative key) or possible';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.bpm_difference IS
'absolute tempo difference in BPM after folding half and double tempo, 0 to 6';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.move IS 'name of the harmonic move';
COMMENT ON COLUMN gold_harmonic_mixing_recommendations.score IS
'weight of the move times nearness in tempo times confidence, 0 to 1';
