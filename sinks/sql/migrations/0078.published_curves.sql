-- Records of gold.playlists have curves: each set is published again. A row is published when a value of it differs.

UPDATE gold_playlist_analytics SET version = version - 1;
INSERT INTO refresh_queue (kind, id) SELECT 'playlist', playlist_id FROM gold_playlist_analytics;
