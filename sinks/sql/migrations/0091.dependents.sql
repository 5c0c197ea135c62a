-- What depends on changed tracks is queued as such: it is computed after the entities that changed themselves.

ALTER TABLE refresh_queue DROP CONSTRAINT refresh_queue_kind_check;
ALTER TABLE refresh_queue ADD CONSTRAINT refresh_queue_kind_check
    CHECK (kind IN ('track', 'artist', 'playlist', 'analytics', 'matches'));
COMMENT ON COLUMN refresh_queue.kind IS
    'track, artist or playlist: it changed; analytics (of a playlist) or matches (of a track): it depends on a changed track';
