-- A label is followed in all its spellings. Views for questions of the analyst's role, which reads no bookkeeping: the
-- dashboard runs with it.

COMMENT ON COLUMN feed_subscriptions.target_id IS
'track id, artist id or label id; a track id that was merged later leads to the other track';

CREATE VIEW feed_lists AS SELECT list_name, kind, target_id, name, created_at FROM feed_subscriptions;
COMMENT ON VIEW feed_lists IS 'Tracks, artists, labels and DJs that each list follows.';
COMMENT ON COLUMN feed_lists.list_name IS 'name of the list';
COMMENT ON COLUMN feed_lists.kind IS 'track, artist (as producer), label, or dj';
COMMENT ON COLUMN feed_lists.target_id IS 'track id, artist id or label id';
COMMENT ON COLUMN feed_lists.name IS 'name as it was when it was followed';
COMMENT ON COLUMN feed_lists.created_at IS 'time at which it was followed';

CREATE VIEW gold_track_artists AS SELECT track_id, artist_id, sets FROM network_track_artists;
COMMENT ON VIEW gold_track_artists IS 'Artists and remixers of each track in counted sets.';
COMMENT ON COLUMN gold_track_artists.track_id IS 'canonical id of the track';
COMMENT ON COLUMN gold_track_artists.artist_id IS 'id of the artist';
COMMENT ON COLUMN gold_track_artists.sets IS 'number of sets in which the track has the artist';

CREATE VIEW gold_track_labels AS SELECT track_id, label_id, label FROM track_labels;
COMMENT ON VIEW gold_track_labels IS 'Label of each track.';
COMMENT ON COLUMN gold_track_labels.track_id IS 'canonical id of the track';
COMMENT ON COLUMN gold_track_labels.label_id IS 'id of the label, equal for its spellings';
COMMENT ON COLUMN gold_track_labels.label IS 'label as silver has it';

CREATE VIEW gold_first_plays AS SELECT dj_id, track_id, first_date, first_playlist_id FROM track_supports;
COMMENT ON VIEW gold_first_plays IS
'First play of each track by each DJ. Unlike gold_track_supporters it has no places, and is fast for many tracks.';
COMMENT ON COLUMN gold_first_plays.dj_id IS 'artist id of the DJ';
COMMENT ON COLUMN gold_first_plays.track_id IS 'canonical id of the track';
COMMENT ON COLUMN gold_first_plays.first_date IS 'day of the first play; NULL: no play of the DJ has an exact day';
COMMENT ON COLUMN gold_first_plays.first_playlist_id IS 'set of the first play';
