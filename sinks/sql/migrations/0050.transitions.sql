-- What is played after a track and together with it. The sets of a pair are its evidence; its counts are computed
-- from them alone, so that a changed or retracted set costs its own pairs (docs/gold.md).

CREATE TABLE gold_transition_sets (
    from_track_id         text NOT NULL,
    to_track_id           text NOT NULL,
    kind                  text NOT NULL CHECK (kind IN ('followed', 'together')),
    playlist_id           text NOT NULL,
    gap_seconds           integer CHECK (gap_seconds >= 0),
    PRIMARY KEY (from_track_id, to_track_id, kind, playlist_id),
    CHECK (from_track_id <> to_track_id)
);
CREATE INDEX gold_transition_sets_playlist ON gold_transition_sets (playlist_id);

COMMENT ON TABLE gold_transition_sets IS
'Evidence of transitions: one row per pair of tracks, kind and counted set; written by refresh';
COMMENT ON COLUMN gold_transition_sets.from_track_id IS 'track that was played first, or one of two played together';
COMMENT ON COLUMN gold_transition_sets.to_track_id IS 'track that was played next, or the other one of the two';
COMMENT ON COLUMN gold_transition_sets.kind IS
'followed: the main tracks of two consecutive groups; together: two tracks of one group, stored in both directions';
COMMENT ON COLUMN gold_transition_sets.playlist_id IS 'counted tracklist of the set, source:native-id';
COMMENT ON COLUMN gold_transition_sets.gap_seconds IS
'seconds from cue to cue, the shortest where the set has the pair several times; NULL without two ascending cues, and for together';

CREATE TABLE gold_transition_pairs (
    from_track_id         text NOT NULL,
    to_track_id           text NOT NULL,
    kind                  text NOT NULL CHECK (kind IN ('followed', 'together')),
    set_count             integer NOT NULL CHECK (set_count > 0),
    dj_count              integer NOT NULL CHECK (dj_count >= 0),
    first_date            date,
    last_date             date,
    gap_count             integer NOT NULL CHECK (gap_count BETWEEN 0 AND set_count),
    gap_seconds           integer CHECK (gap_seconds >= 0),
    latest_sets           text[] NOT NULL,
    PRIMARY KEY (from_track_id, to_track_id, kind),
    CHECK ((gap_seconds IS NULL) = (gap_count = 0))
);
-- The pairs of several sets of a track, the most frequent first. Most pairs are of one set and cost no entry here.
CREATE INDEX gold_transition_pairs_best ON gold_transition_pairs (from_track_id, dj_count DESC, set_count DESC)
    WHERE set_count > 1;
ALTER TABLE gold_transition_pairs SET (fillfactor = 85);

COMMENT ON TABLE gold_transition_pairs IS
'Counts per pair of tracks and kind, computed from gold_transition_sets by refresh; gold_transitions has them with names, key and tempo';
COMMENT ON COLUMN gold_transition_pairs.from_track_id IS 'track that was played first, or one of two played together';
COMMENT ON COLUMN gold_transition_pairs.to_track_id IS 'track that was played next, or the other one of the two';
COMMENT ON COLUMN gold_transition_pairs.kind IS
'followed: played next; together: played at the same time (w/, mashup), equal in both directions';
COMMENT ON COLUMN gold_transition_pairs.set_count IS 'counted sets with the pair';
COMMENT ON COLUMN gold_transition_pairs.dj_count IS 'distinct DJs of these sets; each DJ of a b2b set counts';
COMMENT ON COLUMN gold_transition_pairs.first_date IS
'day of the first of these sets; NULL if none has a date, or only dates more than 30 days after their page';
COMMENT ON COLUMN gold_transition_pairs.last_date IS 'day of the last of these sets; NULL as first_date';
COMMENT ON COLUMN gold_transition_pairs.gap_count IS 'sets with a known gap between the cues';
COMMENT ON COLUMN gold_transition_pairs.gap_seconds IS
'typical gap from cue to cue in seconds: the lower median over the sets with a known one';
COMMENT ON COLUMN gold_transition_pairs.latest_sets IS
'playlist ids of at most 5 of the sets, the latest first, undated ones last; gold_transition_sets has all';

CREATE VIEW gold_transitions AS
SELECT pairs.from_track_id,
       pairs.to_track_id,
       pairs.kind,
       a.track_name AS from_track_name,
       a.primary_artist AS from_artist,
       b.track_name AS to_track_name,
       b.primary_artist AS to_artist,
       pairs.set_count,
       pairs.dj_count,
       pairs.first_date,
       pairs.last_date,
       pairs.gap_count,
       pairs.gap_seconds,
       round((folded_tempo(b.bpm::double precision, a.bpm::double precision) - a.bpm)::numeric, 2) AS bpm_change,
       CASE WHEN a.camelot IS NOT NULL AND b.camelot IS NOT NULL THEN coalesce(moves.move, 'clash') END
           AS key_relation,
       b.energy - a.energy AS energy_change,
       pairs.latest_sets
FROM gold_transition_pairs AS pairs
LEFT JOIN silver_enriched_tracks AS a ON a.track_id = pairs.from_track_id
LEFT JOIN silver_enriched_tracks AS b ON b.track_id = pairs.to_track_id
LEFT JOIN harmonic_moves AS moves ON moves.camelot = a.camelot AND moves.other = b.camelot;

COMMENT ON VIEW gold_transitions IS
'What is played after a track, and together with it: counts of gold_transition_pairs with the change of key, tempo and energy as silver has them now';
COMMENT ON COLUMN gold_transitions.from_track_id IS 'track that was played first, or one of two played together';
COMMENT ON COLUMN gold_transitions.to_track_id IS 'track that was played next, or the other one of the two';
COMMENT ON COLUMN gold_transitions.kind IS
'followed: played next; together: played at the same time (w/, mashup), equal in both directions';
COMMENT ON COLUMN gold_transitions.from_track_name IS 'title of from_track_id with its version, as displayed';
COMMENT ON COLUMN gold_transitions.from_artist IS 'first artist of from_track_id';
COMMENT ON COLUMN gold_transitions.to_track_name IS 'title of to_track_id with its version, as displayed';
COMMENT ON COLUMN gold_transitions.to_artist IS 'first artist of to_track_id';
COMMENT ON COLUMN gold_transitions.set_count IS 'counted sets with the pair';
COMMENT ON COLUMN gold_transitions.dj_count IS 'distinct DJs of these sets; each DJ of a b2b set counts';
COMMENT ON COLUMN gold_transitions.first_date IS 'day of the first of these sets; NULL if none has a valid date';
COMMENT ON COLUMN gold_transitions.last_date IS 'day of the last of these sets; NULL if none has a valid date';
COMMENT ON COLUMN gold_transitions.gap_count IS 'sets with a known gap between the cues';
COMMENT ON COLUMN gold_transitions.gap_seconds IS
'typical gap from cue to cue in seconds: the lower median over the sets with a known one';
COMMENT ON COLUMN gold_transitions.bpm_change IS
'tempo of the second track minus that of the first in BPM, folded to the octave of the first';
COMMENT ON COLUMN gold_transitions.key_relation IS 'move of the keys in harmonic_moves, or clash; NULL if a key is unknown';
COMMENT ON COLUMN gold_transitions.energy_change IS 'energy of the second track minus that of the first, -1 to 1';
COMMENT ON COLUMN gold_transitions.latest_sets IS 'playlist ids of at most 5 of the sets, the latest first';

-- Take all sets that are stored.
INSERT INTO refresh_queue (kind, id) SELECT 'playlist', playlist_id FROM silver_enriched_playlists;
