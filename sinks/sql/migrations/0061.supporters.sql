-- Supporters of tracks: the DJs in the order of their first play. Refresh keeps the tables; each set is queued.

-- Plays as they are counted: identified rows of counted sets without components of mashups. `day` is the day of the
-- set where it is exact and at most 30 days after the page (songnodes/domain/facts.py).
CREATE VIEW gold_plays AS
SELECT sets.playlist_id,
       plays.row_index,
       plays.track_id,
       sets.dj_ids,
       CASE WHEN sets.set_date_precision = 'day' AND isfinite(sets.set_date)
             AND sets.set_date - 30 <= (sets.last_observed_at AT TIME ZONE 'UTC')::date
            THEN sets.set_date END AS day
FROM silver_enriched_playlists AS sets
JOIN silver_playlist_tracks AS plays USING (playlist_id)
WHERE sets.counted AND plays.status = 'identified' AND plays.track_id IS NOT NULL AND plays.role <> 'component';

CREATE TABLE track_supports (
    dj_id                 text COLLATE "C" NOT NULL,
    track_id              text COLLATE "C" NOT NULL,
    first_date            date,
    first_playlist_id     text COLLATE "C" NOT NULL,
    PRIMARY KEY (dj_id, track_id)
);
CREATE INDEX track_supports_order ON track_supports (track_id, first_date, first_playlist_id, dj_id);
CREATE INDEX track_supports_playlist ON track_supports (first_playlist_id);

CREATE TABLE gold_track_support (
    track_id              text COLLATE "C" PRIMARY KEY,
    supporters            integer NOT NULL,
    dated_supporters      integer NOT NULL,
    first_date            date,
    median_date           date,
    early_dj_ids          text[] NOT NULL
) WITH (fillfactor = 75);

INSERT INTO refresh_queue (kind, id) SELECT 'playlist', playlist_id FROM silver_enriched_playlists;

-- Query it for one track: the place of each DJ needs the DJs of that track only.
CREATE VIEW gold_track_supporters AS
SELECT supports.track_id,
       row_number() OVER (
           PARTITION BY supports.track_id
           ORDER BY supports.first_date, supports.first_playlist_id, supports.dj_id
       )::integer AS place,
       supports.dj_id,
       artists.name AS dj_name,
       supports.first_date,
       supports.first_playlist_id,
       sets.title AS first_set,
       supports.dj_id = ANY (support.early_dj_ids) AS is_early,
       support.median_date - supports.first_date AS lead_days
FROM track_supports AS supports
JOIN gold_track_support AS support USING (track_id)
LEFT JOIN silver_enriched_playlists AS sets ON sets.playlist_id = supports.first_playlist_id
LEFT JOIN silver_enriched_artists AS artists ON artists.artist_id = supports.dj_id;

-- Tracks that a DJ broke: among the first 5 of at least 10 dated supporters. Query it for one DJ.
CREATE VIEW gold_dj_breaks AS
SELECT supports.dj_id,
       supports.track_id,
       array_position(support.early_dj_ids, supports.dj_id::text) AS place,
       support.supporters,
       supports.first_date,
       supports.first_playlist_id,
       support.median_date - supports.first_date AS lead_days
FROM track_supports AS supports
JOIN gold_track_support AS support USING (track_id)
WHERE support.dated_supporters >= 10
  AND array_position(support.early_dj_ids, supports.dj_id::text) <= 5;

COMMENT ON VIEW gold_plays IS
    'Plays as they are counted: identified rows of counted sets, components of mashups excluded.';
COMMENT ON COLUMN gold_plays.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN gold_plays.row_index IS 'place of the row in the set, from 0';
COMMENT ON COLUMN gold_plays.track_id IS 'canonical id of the track';
COMMENT ON COLUMN gold_plays.dj_ids IS 'artist ids of the DJs of the set';
COMMENT ON COLUMN gold_plays.day IS
    'day of the set; NULL where it is partial, unknown or more than 30 days after the page';
COMMENT ON TABLE track_supports IS
    'First play of each track by each DJ. Kept by refresh from gold_plays.';
COMMENT ON COLUMN track_supports.dj_id IS 'artist id of the DJ';
COMMENT ON COLUMN track_supports.track_id IS 'canonical id of the track';
COMMENT ON COLUMN track_supports.first_date IS
    'day of the first play; NULL: no play of the DJ has an exact day';
COMMENT ON COLUMN track_supports.first_playlist_id IS
    'set of the first play, the smallest id of equals';
COMMENT ON TABLE gold_track_support IS
    'Supporters of each track: number, first and median day, and the first DJs. Made by refresh.';
COMMENT ON COLUMN gold_track_support.track_id IS 'canonical id of the track';
COMMENT ON COLUMN gold_track_support.supporters IS 'number of distinct DJs that played the track';
COMMENT ON COLUMN gold_track_support.dated_supporters IS 'supporters whose first play has an exact day';
COMMENT ON COLUMN gold_track_support.first_date IS 'day of the first play by any DJ; NULL: unknown';
COMMENT ON COLUMN gold_track_support.median_date IS
    'lower median of the days on which the DJs first played the track; NULL: unknown';
COMMENT ON COLUMN gold_track_support.early_dj_ids IS
    'first 10 DJs with an exact day, in the order of first play; equal days by set id and DJ id';
COMMENT ON VIEW gold_track_supporters IS
    'DJs of a track in the order of their first play, with set and day. Query it for one track.';
COMMENT ON COLUMN gold_track_supporters.track_id IS 'canonical id of the track';
COMMENT ON COLUMN gold_track_supporters.place IS 'place in the order of first play, from 1; DJs without a day last';
COMMENT ON COLUMN gold_track_supporters.dj_id IS 'artist id of the DJ';
COMMENT ON COLUMN gold_track_supporters.dj_name IS 'name of the DJ; NULL where the artist is not stored yet';
COMMENT ON COLUMN gold_track_supporters.first_date IS 'day of the first play; NULL: unknown';
COMMENT ON COLUMN gold_track_supporters.first_playlist_id IS 'set of the first play';
COMMENT ON COLUMN gold_track_supporters.first_set IS 'title of that set';
COMMENT ON COLUMN gold_track_supporters.is_early IS 'true for the first 10 DJs with an exact day';
COMMENT ON COLUMN gold_track_supporters.lead_days IS
    'days from the first play of the DJ to the median of all; negative: later than the median';
COMMENT ON VIEW gold_dj_breaks IS
    'Tracks that a DJ played among the first 5 of at least 10 DJs with an exact day. Query it for one DJ.';
COMMENT ON COLUMN gold_dj_breaks.dj_id IS 'artist id of the DJ';
COMMENT ON COLUMN gold_dj_breaks.track_id IS 'canonical id of the track';
COMMENT ON COLUMN gold_dj_breaks.place IS 'place of the DJ in the order of first play, 1 to 5';
COMMENT ON COLUMN gold_dj_breaks.supporters IS 'number of distinct DJs that played the track';
COMMENT ON COLUMN gold_dj_breaks.first_date IS 'day of the DJ''s first play';
COMMENT ON COLUMN gold_dj_breaks.first_playlist_id IS 'set of the first play';
COMMENT ON COLUMN gold_dj_breaks.lead_days IS 'days from the first play of the DJ to the median of all DJs';
