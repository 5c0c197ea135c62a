-- Labels: their spellings folded, with counts, trending score and rank. Refresh keeps the tables.

CREATE OR REPLACE VIEW gold_plays AS
SELECT sets.playlist_id,
       plays.row_index,
       plays.track_id,
       sets.dj_ids,
       CASE WHEN sets.set_date_precision = 'day' AND isfinite(sets.set_date)
             AND sets.set_date - 30 <= (sets.last_observed_at AT TIME ZONE 'UTC')::date
            THEN sets.set_date END AS day,
       plays.artist_ids || plays.version_artist_ids AS credited_ids,
       plays.role <> 'main' AS is_layered
FROM silver_enriched_playlists AS sets
JOIN silver_playlist_tracks AS plays USING (playlist_id)
WHERE sets.counted AND plays.status = 'identified' AND plays.track_id IS NOT NULL AND plays.role <> 'component';

CREATE TABLE track_labels (
    track_id              text COLLATE "C" PRIMARY KEY,
    label_id              text COLLATE "C" NOT NULL,
    label                 text NOT NULL
);
CREATE INDEX track_labels_label ON track_labels (label_id);

-- Labels of each set when it was last analysed: those of earlier versions are due too.
CREATE TABLE label_sets (
    playlist_id           text PRIMARY KEY,
    label_ids             text[] NOT NULL
) WITH (fillfactor = 85);

CREATE TABLE labels_due (
    label_id              text COLLATE "C" PRIMARY KEY
);

CREATE TABLE gold_label_analytics (
    label_id              text COLLATE "C" PRIMARY KEY,
    name                  text NOT NULL,
    spellings             jsonb NOT NULL,
    track_count           integer NOT NULL,
    played_tracks         integer NOT NULL,
    play_count            integer NOT NULL,
    supporter_count       integer NOT NULL,
    artist_count          integer NOT NULL,
    first_date            date,
    last_date             date,
    genres                jsonb NOT NULL,
    top_artists           jsonb NOT NULL,
    top_supporters        jsonb NOT NULL,
    support_dates         date[] NOT NULL,
    support_weights       double precision[] NOT NULL,
    trending_score        double precision NOT NULL DEFAULT 0,
    popularity_rank       integer
) WITH (fillfactor = 75);
CREATE INDEX gold_label_analytics_rank ON gold_label_analytics (popularity_rank);

ALTER TABLE gold_search DROP CONSTRAINT gold_search_kind_check;
ALTER TABLE gold_search ADD CONSTRAINT gold_search_kind_check CHECK (kind IN ('track', 'artist', 'set', 'label'));
DROP INDEX silver_enriched_tracks_label;

INSERT INTO refresh_queue (kind, id) SELECT 'track', track_id FROM silver_enriched_tracks WHERE label IS NOT NULL;

COMMENT ON COLUMN gold_plays.is_layered IS 'true: played over or with the main track of its group';
COMMENT ON TABLE track_labels IS 'Label of each track with its spellings folded. Kept by refresh.';
COMMENT ON COLUMN track_labels.track_id IS 'canonical id of the track';
COMMENT ON COLUMN track_labels.label_id IS 'label without case, accents, punctuation and "Records" or the like at its end';
COMMENT ON COLUMN track_labels.label IS 'label as silver has it';
COMMENT ON TABLE label_sets IS 'Labels of each set when it was last analysed. Kept by refresh.';
COMMENT ON COLUMN label_sets.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN label_sets.label_ids IS 'labels of the tracks of its rows, sorted';
COMMENT ON TABLE labels_due IS 'Labels to be computed again in gold_label_analytics.';
COMMENT ON COLUMN labels_due.label_id IS 'id of the label';
COMMENT ON TABLE gold_label_analytics IS 'Labels with their tracks and the counted plays of these. Made by refresh.';
COMMENT ON COLUMN gold_label_analytics.label_id IS
    'label without case, accents, punctuation and "Records" or the like at its end';
COMMENT ON COLUMN gold_label_analytics.name IS 'spelling of most tracks, the first in order of code points of equals';
COMMENT ON COLUMN gold_label_analytics.spellings IS 'number of tracks by spelling';
COMMENT ON COLUMN gold_label_analytics.track_count IS 'number of tracks of the label, played or not';
COMMENT ON COLUMN gold_label_analytics.played_tracks IS 'number of distinct tracks played';
COMMENT ON COLUMN gold_label_analytics.play_count IS 'number of plays (playlist, row)';
COMMENT ON COLUMN gold_label_analytics.supporter_count IS 'number of distinct DJs that played its tracks';
COMMENT ON COLUMN gold_label_analytics.artist_count IS 'number of distinct artists of its tracks';
COMMENT ON COLUMN gold_label_analytics.first_date IS 'first exact day of a play; NULL: unknown';
COMMENT ON COLUMN gold_label_analytics.last_date IS 'last exact day of a play; NULL: unknown';
COMMENT ON COLUMN gold_label_analytics.genres IS
    'share of the tracks with a primary genre by that genre, 0 to 1 each';
COMMENT ON COLUMN gold_label_analytics.top_artists IS 'up to 10 artists with the most tracks: artist_id, tracks';
COMMENT ON COLUMN gold_label_analytics.top_supporters IS 'up to 10 DJs with the most sets: dj_id, sets';
COMMENT ON COLUMN gold_label_analytics.support_dates IS
    'evidence of the score: first day of each DJ and ISO week with plays, ascending, one entry per day';
COMMENT ON COLUMN gold_label_analytics.support_weights IS
    'support of each of these days: 1 per DJ and week, 0.5 where its tracks were only layered';
COMMENT ON COLUMN gold_label_analytics.trending_score IS 'trending score by the rules of tracks, 0 to 1';
COMMENT ON COLUMN gold_label_analytics.popularity_rank IS 'rank by distinct DJs, then plays, then id, from 1';
COMMENT ON TABLE gold_search IS 'Names of tracks, artists, sets and labels by their words. Made by refresh.';
COMMENT ON COLUMN gold_search.kind IS 'track, artist, set or label';
COMMENT ON COLUMN gold_search.id IS 'track id, artist id, playlist id or label id';
