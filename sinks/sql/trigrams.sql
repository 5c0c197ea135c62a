-- Run as the owner after every migration: an extension that is installed on the server later is used from the
-- next `songnodes migrate` on. Query example 1 searches both names by ILIKE; migration 0001 creates the same index
-- on servers that have the extension at that time.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX IF NOT EXISTS bronze_scraped_tracks_names ON bronze_scraped_tracks
            USING gin ((raw_data ->> 'track_name') gin_trgm_ops, (raw_data ->> 'artist_name') gin_trgm_ops);
        -- Kilobytes. Every query reads the list of pending entries whole; the default is 4 MB.
        ALTER INDEX bronze_scraped_tracks_names SET (gin_pending_list_limit = 256);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'the role may not create the extension pg_trgm';
END
$$
