-- Tracks by hundredths of their 20th score: where there are many tracks, all of these scores are near 1, and a tenth
-- has thousands of tracks near in tempo that a changed one does not reach.

DROP INDEX gold_track_analytics_floor;
CREATE INDEX gold_track_analytics_floor ON gold_track_analytics (
    camelot, (least(floor(coalesce(harmonic_floor, 0) * 100), 99)::integer), bpm
) WHERE camelot IS NOT NULL AND bpm IS NOT NULL;
