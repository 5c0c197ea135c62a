-- gold_harmonic_mixing_recommendations: what mixes with Strobe
SELECT other.primary_artist, other.track_name, other.bpm, other.camelot, compatibility,
       bpm_difference, score
FROM gold_harmonic_mixing_recommendations
JOIN gold_track_analytics AS strobe ON strobe.track_id = source_track_id
JOIN gold_track_analytics AS other ON other.track_id = recommended_track_id
WHERE strobe.track_name = 'Strobe' AND strobe.primary_artist = 'Deadmau5'
ORDER BY score DESC, other.track_id
LIMIT 8
