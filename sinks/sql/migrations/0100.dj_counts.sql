-- Counts over all plays of a DJ that pages show, so that a view reads one row of them.

CREATE TABLE gold_dj_counts (
    artist_id             text COLLATE "C" PRIMARY KEY,
    track_ids             text[] NOT NULL,
    track_sets            integer[] NOT NULL,
    track_last_dates      date[] NOT NULL,
    camelots              text[] NOT NULL,
    camelot_tracks        integer[] NOT NULL,
    moves_from            text[] NOT NULL,
    moves_to              text[] NOT NULL,
    move_times            integer[] NOT NULL
) WITH (fillfactor = 75);

INSERT INTO artist_profiles_due SELECT artist_id FROM gold_dj_analytics ON CONFLICT DO NOTHING;

COMMENT ON TABLE gold_dj_counts IS 'Counts over all rows of the counted sets of a DJ. Made by refresh.';
COMMENT ON COLUMN gold_dj_counts.artist_id IS 'id of the DJ';
COMMENT ON COLUMN gold_dj_counts.track_ids IS 'up to 100 tracks in the most distinct sets, the most first';
COMMENT ON COLUMN gold_dj_counts.track_sets IS 'distinct sets of each of them';
COMMENT ON COLUMN gold_dj_counts.track_last_dates IS 'date of the last set of each of them; NULL: unknown';
COMMENT ON COLUMN gold_dj_counts.camelots IS 'keys of the tracks as Camelot codes, each once';
COMMENT ON COLUMN gold_dj_counts.camelot_tracks IS 'distinct tracks in each of these keys';
COMMENT ON COLUMN gold_dj_counts.moves_from IS 'key before a move to the next track';
COMMENT ON COLUMN gold_dj_counts.moves_to IS 'key after the move';
COMMENT ON COLUMN gold_dj_counts.move_times IS 'how often each of these moves is in the sets';
