-- Work and WAL per written row: indexes that no query needs go, those for mixing leave out tracks without key or
-- tempo, and tables whose rows are updated keep room for new versions of a row on its page (HOT).

-- Score of a mixing partner, from 0 to 1: the weight of the move, less with the difference in tempo.
CREATE FUNCTION harmonic_score(
    weight double precision, other_bpm numeric, bpm numeric, confidence double precision
) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN weight
        * (1 - abs(folded_tempo(other_bpm::double precision, bpm::double precision) - bpm) / 6)
        * coalesce(confidence, 1);

CREATE OR REPLACE VIEW gold_harmonic_mixing_recommendations AS
SELECT source.track_id AS source_track_id,
       other.track_id AS recommended_track_id,
       moves.compatibility,
       round(abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm)::numeric, 2)
           AS bpm_difference,
       moves.move,
       harmonic_score(moves.weight, other.bpm, source.bpm, other.confidence_score) AS score
FROM gold_track_analytics AS source
JOIN harmonic_moves AS moves ON moves.camelot = source.camelot
JOIN gold_track_analytics AS other
  ON other.camelot = moves.other
 AND other.track_id <> source.track_id
 AND (other.bpm BETWEEN source.bpm - 6 AND source.bpm + 6
      OR other.bpm BETWEEN source.bpm * 2 - 12 AND source.bpm * 2 + 12
      OR other.bpm BETWEEN source.bpm / 2 - 3 AND source.bpm / 2 + 3
      OR other.bpm BETWEEN source.bpm * 4 - 24 AND source.bpm * 4 + 24
      OR other.bpm BETWEEN source.bpm / 4 - 1.5 AND source.bpm / 4 + 1.5)
 AND (source.bpm BETWEEN other.bpm - 6 AND other.bpm + 6
      OR source.bpm BETWEEN other.bpm / 2 - 6 AND other.bpm / 2 + 6
      OR source.bpm BETWEEN other.bpm * 2 - 6 AND other.bpm * 2 + 6
      OR source.bpm BETWEEN other.bpm / 4 - 6 AND other.bpm / 4 + 6
      OR source.bpm BETWEEN other.bpm * 4 - 6 AND other.bpm * 4 + 6)
 AND abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm) <= 6;

-- By tempo within a key; the planner proves the condition from a comparison of both columns.
DROP INDEX gold_track_analytics_mixing;
CREATE INDEX gold_track_analytics_mixing ON gold_track_analytics (camelot, bpm)
    WHERE camelot IS NOT NULL AND bpm IS NOT NULL;
-- The highest confidence, which bounds the score of a partner.
CREATE INDEX gold_track_analytics_confidence ON gold_track_analytics (coalesce(confidence_score, 1))
    WHERE camelot IS NOT NULL AND bpm IS NOT NULL;
-- Tracks by tenths of their 20th score: a track that changes is a match of those only whose floor it reaches.
CREATE INDEX gold_track_analytics_floor ON gold_track_analytics (
    camelot, (least(floor(coalesce(harmonic_floor, 0) * 10), 9)::integer), bpm
) WHERE camelot IS NOT NULL AND bpm IS NOT NULL;
DROP INDEX gold_track_analytics_matches;
CREATE INDEX gold_track_analytics_matches ON gold_track_analytics USING gin (harmonic_matches)
    WHERE harmonic_matches <> '{}';

-- No query of this project filters or sorts by these.
DROP INDEX gold_track_analytics_key;
DROP INDEX silver_enriched_tracks_quality;
DROP INDEX silver_playlist_tracks_bronze;

ALTER TABLE gold_track_analytics SET (fillfactor = 75);
ALTER TABLE gold_artist_analytics SET (fillfactor = 75);
ALTER TABLE silver_enriched_tracks SET (fillfactor = 75);
ALTER TABLE silver_enriched_artists SET (fillfactor = 75);
ALTER TABLE gold_playlist_analytics SET (fillfactor = 85);
ALTER TABLE gold_artist_collaboration_network SET (fillfactor = 75);
ALTER TABLE network_track_artists SET (fillfactor = 85);
ALTER TABLE network_genres SET (fillfactor = 75);
