-- Find Harmonically Compatible Tracks for DJing
SELECT
  current.track_name as "Current Track",
  current.primary_artist as "Artist",
  current.bpm as "BPM",
  current.key as "Key",

  compatible.track_name as "Compatible Track",
  compatible.primary_artist as "Compatible Artist",
  compatible.bpm as "Compatible BPM",
  compatible.key as "Compatible Key",

  ABS(current.bpm - compatible.bpm) as "BPM Difference",

  CASE
    WHEN current.key = compatible.key THEN 'Perfect Match ✅'
    WHEN ABS(current.key - compatible.key) = 1 THEN 'Adjacent Key'
    WHEN current.key % 12 + 1 = compatible.key THEN 'Energy Boost (+1)'
    ELSE 'Possible'
  END as "Compatibility"

FROM gold_track_analytics current
CROSS JOIN gold_track_analytics compatible

WHERE current.track_name = 'Strobe'
  AND current.primary_artist = 'Deadmau5'
  AND compatible.track_id != current.track_id
  AND ABS(current.bpm - compatible.bpm) <= 6
  AND (
    current.key = compatible.key OR
    ABS(current.key - compatible.key) <= 1
  )

ORDER BY ABS(current.bpm - compatible.bpm), "Compatibility"
LIMIT 10;
