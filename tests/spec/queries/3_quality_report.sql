-- Track Enrichment Quality Report
SELECT
  COUNT(*) as total_tracks,

  -- Quality distribution
  COUNT(*) FILTER (WHERE data_quality_score >= 0.9) as excellent,
  COUNT(*) FILTER (WHERE data_quality_score >= 0.7 AND data_quality_score < 0.9) as good,
  COUNT(*) FILTER (WHERE data_quality_score < 0.7) as needs_improvement,

  -- Average completeness
  AVG(data_completeness) as avg_completeness,
  AVG(confidence_score) as avg_confidence,

  -- Provider usage
  COUNT(*) FILTER (WHERE enrichment_metadata->'providers_used' ? 'spotify') as spotify_count,
  COUNT(*) FILTER (WHERE enrichment_metadata->'providers_used' ? 'beatport') as beatport_count,
  COUNT(*) FILTER (WHERE enrichment_metadata->'providers_used' ? 'musicbrainz') as musicbrainz_count

FROM silver_enriched_tracks;
