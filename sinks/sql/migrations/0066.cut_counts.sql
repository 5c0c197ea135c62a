-- Counts of tracks by country, venue, type of set, year and month, so that a ranking of one of them reads few rows.

CREATE TABLE gold_cut_counts (
    track_id              text COLLATE "C" NOT NULL,
    kind                  text NOT NULL CHECK (kind IN ('all', 'country', 'venue', 'type')),
    value                 text COLLATE "C" NOT NULL,
    period                text COLLATE "C" NOT NULL,
    dj_support            integer NOT NULL CHECK (dj_support >= 4),
    playlist_appearances  integer NOT NULL CHECK (playlist_appearances > 0),
    play_count            integer NOT NULL CHECK (play_count >= playlist_appearances),
    PRIMARY KEY (track_id, kind, value, period)
) WITH (fillfactor = 85);
CREATE INDEX gold_cut_counts_rank ON gold_cut_counts (
    kind, value, period, dj_support DESC, playlist_appearances DESC, track_id
);

-- Tracks of each set when it was last analysed: those of earlier versions are due too.
CREATE TABLE cut_sets (
    playlist_id           text PRIMARY KEY,
    track_ids             text[] NOT NULL
) WITH (fillfactor = 85);

CREATE TABLE cut_tracks_due (
    track_id              text COLLATE "C" PRIMARY KEY
);

INSERT INTO refresh_queue (kind, id) SELECT 'playlist', playlist_id FROM silver_enriched_playlists;

COMMENT ON TABLE gold_cut_counts IS
    'Counts of tracks by country, venue, type of set and period where at least 4 DJs played them. Made by refresh.';
COMMENT ON COLUMN gold_cut_counts.track_id IS 'canonical id of the track';
COMMENT ON COLUMN gold_cut_counts.kind IS 'all (sets), country, venue or type (of set)';
COMMENT ON COLUMN gold_cut_counts.value IS
    'country or venue in lower case, or type of set, as in gold_plays; empty for all';
COMMENT ON COLUMN gold_cut_counts.period IS
    'YYYY or YYYY-MM: plays with an exact day in that year or month; empty: all plays, those without a day included';
COMMENT ON COLUMN gold_cut_counts.dj_support IS 'number of distinct DJs, 4 or more';
COMMENT ON COLUMN gold_cut_counts.playlist_appearances IS 'number of sets';
COMMENT ON COLUMN gold_cut_counts.play_count IS 'number of plays (playlist, row)';
COMMENT ON TABLE cut_sets IS 'Tracks of each counted set when it was last analysed. Kept by refresh.';
COMMENT ON COLUMN cut_sets.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN cut_sets.track_ids IS 'tracks of its plays, sorted';
COMMENT ON TABLE cut_tracks_due IS 'Tracks to be computed again in gold_cut_counts.';
COMMENT ON COLUMN cut_tracks_due.track_id IS 'canonical id of the track';
