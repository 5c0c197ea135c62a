-- The document's enrichment_metadata has exactly its fields; what is known beyond them has a column of its own.

ALTER TABLE silver_enriched_tracks ADD COLUMN enrichment_details jsonb NOT NULL DEFAULT '{}';

COMMENT ON COLUMN silver_enriched_tracks.enrichment_metadata IS
    'every attempt of the waterfall, providers used, calls, cache hits, duration and quality scores';
COMMENT ON COLUMN silver_enriched_tracks.enrichment_details IS
    'provenance of each value, conflicts and alternatives, columns that no enabled provider supplies';
