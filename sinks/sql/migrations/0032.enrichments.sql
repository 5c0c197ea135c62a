-- Attempts at providers since schema version 3: number, kind of look-up, batch, and the track as requested.

ALTER TABLE bronze_api_enrichments
    ADD COLUMN attempt integer NOT NULL DEFAULT 1,
    ADD COLUMN lookup text NOT NULL DEFAULT '',
    ADD COLUMN requested_by text NOT NULL DEFAULT '',
    ADD COLUMN batch_id text,
    ADD COLUMN batch_size integer NOT NULL DEFAULT 1,
    ADD COLUMN is_slice boolean NOT NULL DEFAULT false,
    ADD COLUMN claim jsonb;

COMMENT ON TABLE bronze_api_enrichments IS
    'Every attempt at a provider for one track, whether a call was made or not; a tombstone of its key deletes the row. From topic bronze.enrichments.';
COMMENT ON COLUMN bronze_api_enrichments.id IS
    'UUIDv5 of track, request, call and attempt number: the second half of the record''s key';
COMMENT ON COLUMN bronze_api_enrichments.body IS
    'answer as received, compressed with zstd; of a batch, the part of this track';
COMMENT ON COLUMN bronze_api_enrichments.attempt IS
    'number of the attempt at this call for this request, from 1';
COMMENT ON COLUMN bronze_api_enrichments.lookup IS
    'how the track was looked up: page_id (an id that a page has), provider_id (an id of another answer), isrc, search or artist; empty: not recorded';
COMMENT ON COLUMN bronze_api_enrichments.requested_by IS
    'process that requested the answer: worker, service or cli';
COMMENT ON COLUMN bronze_api_enrichments.batch_id IS
    'id that all attempts served by one call share; NULL: the call was for this track alone';
COMMENT ON COLUMN bronze_api_enrichments.batch_size IS
    'number of tracks that the call served, from 1';
COMMENT ON COLUMN bronze_api_enrichments.is_slice IS
    'true: body is this track''s part of a batch, encoded again';
COMMENT ON COLUMN bronze_api_enrichments.claim IS
    'track as it was requested: text, duration_ms and ids of pages; the answer is matched with it';
