-- Each search of this index reads its list of pending entries whole, a thousand times for a thousand changed tracks.

ALTER INDEX gold_track_analytics_matches SET (gin_pending_list_limit = 256);
