CREATE TABLE sets (
    playlist_id text, title text, set_date date, djs text, rows integer
);
CREATE TABLE set_rows (
    playlist_id text, position integer, role text, track_id text, artist text, title text, cue_seconds integer
);
CREATE TABLE plays (
    track_id text, dj text, plays integer
);
