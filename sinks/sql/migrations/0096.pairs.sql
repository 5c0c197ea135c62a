-- Query example 2 compares a track with all others: by this index it reads their names, keys and tempi without their rows,
-- a twentieth of the bytes.
CREATE INDEX gold_track_analytics_pairs ON gold_track_analytics (bpm, key) INCLUDE (track_id, track_name, primary_artist);

-- Each search of the index reads its list of pending entries whole, a thousand times for a thousand changed tracks.
ALTER INDEX gold_track_analytics_matches SET (gin_pending_list_limit = 256);
