-- Get Complete Track History (Bronze → Silver → Gold)
SELECT
  -- Bronze: Source data
  b.source,
  b.source_url,
  b.raw_data->>'track_name' as original_track_name,
  b.scraped_at,

  -- Silver: Enriched data
  s.track_name as validated_track_name,
  s.bpm,
  s.key,
  s.energy,
  s.data_quality_score,
  s.enrichment_metadata->>'providers_used' as providers,

  -- Gold: Analytics
  g.play_count,
  g.playlist_appearances,
  g.trending_score,
  g.popularity_rank

FROM bronze_scraped_tracks b
LEFT JOIN silver_enriched_tracks s ON s.bronze_id = b.id
LEFT JOIN gold_track_analytics g ON g.track_id = s.track_id

WHERE b.raw_data->>'track_name' ILIKE '%strobe%'
  AND b.raw_data->>'artist_name' ILIKE '%deadmau5%';
