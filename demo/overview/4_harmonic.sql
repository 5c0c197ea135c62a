-- gold_harmonic_mixing_recommendations: what mixes with Strobe
SELECT * FROM gold_harmonic_mixing_recommendations
WHERE track_id LIKE 'deadmau5-strobe-%'
LIMIT 8
