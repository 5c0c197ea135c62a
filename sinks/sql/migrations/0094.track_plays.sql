-- Plays of a track by day, for rankings of any period: the DJs of few tracks are counted, however many plays the period has.

-- The pages of a set name its DJs by ids, which are long: an array of plays has numbers for them.
CREATE TABLE cut_djs (
    dj_id                 text COLLATE "C" PRIMARY KEY,
    number                integer NOT NULL UNIQUE CHECK (number > 0)
);

CREATE TABLE cut_track_plays (
    track_id              text COLLATE "C" PRIMARY KEY,
    days                  date[] NOT NULL,
    djs                   integer[] NOT NULL,
    plays                 integer[] NOT NULL CHECK (cardinality(plays) = cardinality(days)),
    CHECK (cardinality(djs) = cardinality(days))
) WITH (fillfactor = 85);

INSERT INTO cut_tracks_due SELECT track_id FROM gold_track_support WHERE supporters >= 4 ON CONFLICT DO NOTHING;

COMMENT ON TABLE cut_djs IS 'Numbers of DJs in cut_track_plays. Kept by refresh.';
COMMENT ON COLUMN cut_djs.dj_id IS 'artist id of the DJ';
COMMENT ON COLUMN cut_djs.number IS 'number of the DJ, from 1';
COMMENT ON TABLE cut_track_plays IS
    'Plays of tracks that 4 or more DJs played, of sets with an exact day: an element per set and DJ, by day. Kept by refresh.';
COMMENT ON COLUMN cut_track_plays.track_id IS 'canonical id of the track';
COMMENT ON COLUMN cut_track_plays.days IS 'days of the sets, ascending';
COMMENT ON COLUMN cut_track_plays.djs IS 'numbers of the DJs in cut_djs; 0: a set without DJs';
COMMENT ON COLUMN cut_track_plays.plays IS
    'plays of the track in the set; 0 for all but the first DJ of a set, so that a set counts once';
