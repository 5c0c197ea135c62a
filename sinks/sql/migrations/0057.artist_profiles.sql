-- Answers to requests for artists, and the values of their profiles.

ALTER TABLE bronze_api_enrichments ADD COLUMN artist_id text;
CREATE INDEX bronze_api_enrichments_artist ON bronze_api_enrichments (artist_id) WHERE artist_id IS NOT NULL;

COMMENT ON TABLE bronze_api_enrichments IS
    'Every attempt at a provider for one track or artist, whether a call was made or not; a tombstone of its key deletes the row. From topic bronze.enrichments.';
COMMENT ON COLUMN bronze_api_enrichments.track_id IS
    'canonical id of a track: readable slug of artists, title and version, then 8 hexadecimal digits of the SHA-256 of its identity key; empty: the attempt is about an artist';
COMMENT ON COLUMN bronze_api_enrichments.artist_id IS
    'artist that the attempt is about; NULL: a track';
COMMENT ON COLUMN bronze_api_enrichments.claim IS
    'track as it was requested: text, duration_ms and ids of pages; the answer is matched with it. Of an artist text is the name, and ids are by site';

ALTER TABLE silver_enriched_artists
    ADD COLUMN artist_type text,
    ADD COLUMN life_begin  text,
    ADD COLUMN life_end    text,
    ADD COLUMN groups      text[] NOT NULL DEFAULT '{}';

COMMENT ON COLUMN silver_enriched_artists.artist_type IS
    'person, group, orchestra, choir, character or other; NULL: not known';
COMMENT ON COLUMN silver_enriched_artists.life_begin IS
    'birth of a person or foundation of a group: year, month or day, ISO 8601';
COMMENT ON COLUMN silver_enriched_artists.life_end IS
    'death of a person or end of a group: year, month or day, ISO 8601';
COMMENT ON COLUMN silver_enriched_artists.groups IS
    'names of the groups that the artist is or was a member of';
