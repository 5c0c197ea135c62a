-- Artists as producers and as DJs. Refresh computes an artist again when one of its sets or tracks changed.

CREATE OR REPLACE VIEW gold_plays AS
SELECT sets.playlist_id,
       plays.row_index,
       plays.track_id,
       sets.dj_ids,
       CASE WHEN sets.set_date_precision = 'day' AND isfinite(sets.set_date)
             AND sets.set_date - 30 <= (sets.last_observed_at AT TIME ZONE 'UTC')::date
            THEN sets.set_date END AS day,
       plays.artist_ids || plays.version_artist_ids AS credited_ids
FROM silver_enriched_playlists AS sets
JOIN silver_playlist_tracks AS plays USING (playlist_id)
WHERE sets.counted AND plays.status = 'identified' AND plays.track_id IS NOT NULL AND plays.role <> 'component';

-- Artists of each set when it was last analysed: those of earlier versions are due too.
CREATE TABLE artist_profile_sets (
    playlist_id           text PRIMARY KEY,
    artist_ids            text[] NOT NULL
) WITH (fillfactor = 85);

CREATE TABLE artist_profiles_due (
    artist_id             text PRIMARY KEY
);

CREATE TABLE gold_producer_analytics (
    artist_id             text COLLATE "C" PRIMARY KEY,
    track_count           integer NOT NULL,
    play_count            integer NOT NULL,
    supporter_count       integer NOT NULL,
    top_supporters        jsonb NOT NULL,
    top_tracks            jsonb NOT NULL,
    years                 jsonb NOT NULL,
    key_profile           jsonb NOT NULL,
    key_coverage          double precision NOT NULL,
    bpm_profile           jsonb NOT NULL,
    bpm_median            double precision,
    bpm_coverage          double precision NOT NULL
) WITH (fillfactor = 75);

CREATE TABLE gold_dj_analytics (
    artist_id             text COLLATE "C" PRIMARY KEY,
    set_count             integer NOT NULL,
    track_count           integer NOT NULL,
    play_count            integer NOT NULL,
    exclusive_tracks      integer NOT NULL,
    unidentified_share    double precision,
    unreleased_share      double precision,
    release_coverage      double precision,
    median_age_days       integer,
    residencies           jsonb NOT NULL,
    favourite_artists     jsonb NOT NULL,
    genres_by_year        jsonb NOT NULL
) WITH (fillfactor = 75);

INSERT INTO refresh_queue (kind, id) SELECT 'playlist', playlist_id FROM silver_enriched_playlists;

-- All about an artist in one row. Query it for one artist.
CREATE VIEW gold_artist_overview AS
SELECT counts.artist_id,
       counts.name,
       counts.popularity_rank,
       counts.trending_score,
       counts.dj_support,
       counts.genre_distribution,
       to_jsonb(producer) - 'artist_id' AS as_producer,
       to_jsonb(dj) - 'artist_id' AS as_dj,
       partners.collaborators,
       partners.top_collaborators
FROM gold_artist_analytics AS counts
LEFT JOIN gold_producer_analytics AS producer USING (artist_id)
LEFT JOIN gold_dj_analytics AS dj USING (artist_id)
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS collaborators,
           coalesce(jsonb_agg(jsonb_build_object('artist_id', id, 'tracks', tracks) ORDER BY tracks DESC, id)
                    FILTER (WHERE place <= 5), '[]') AS top_collaborators
    FROM (
        SELECT id, tracks, row_number() OVER (ORDER BY tracks DESC, id) AS place
        FROM (
            SELECT artist_2_id COLLATE "C" AS id, collaboration_count AS tracks
            FROM gold_artist_collaboration_network WHERE artist_1_id = counts.artist_id
            UNION ALL
            SELECT artist_1_id COLLATE "C", collaboration_count
            FROM gold_artist_collaboration_network WHERE artist_2_id = counts.artist_id
        ) AS pairs
    ) AS placed
) AS partners;

COMMENT ON COLUMN gold_plays.credited_ids IS 'artists credited by the row, remixers included';
COMMENT ON TABLE artist_profile_sets IS 'Artists and DJs of each set when it was last analysed. Kept by refresh.';
COMMENT ON COLUMN artist_profile_sets.playlist_id IS 'id of a tracklist, source:native-id';
COMMENT ON COLUMN artist_profile_sets.artist_ids IS 'ids of its DJs and of the artists of its rows, sorted';
COMMENT ON TABLE artist_profiles_due IS 'Artists to be computed again in gold_producer_analytics and gold_dj_analytics.';
COMMENT ON COLUMN artist_profiles_due.artist_id IS 'id of the artist';
COMMENT ON TABLE gold_producer_analytics IS
    'Artists as producers: the counted plays of tracks that credit them, remixers included. Made by refresh.';
COMMENT ON COLUMN gold_producer_analytics.artist_id IS 'id of the artist';
COMMENT ON COLUMN gold_producer_analytics.track_count IS 'number of distinct tracks played';
COMMENT ON COLUMN gold_producer_analytics.play_count IS 'number of plays (playlist, row)';
COMMENT ON COLUMN gold_producer_analytics.supporter_count IS 'number of distinct DJs other than the artist';
COMMENT ON COLUMN gold_producer_analytics.top_supporters IS
    'up to 10 DJs other than the artist with the most sets: dj_id, sets';
COMMENT ON COLUMN gold_producer_analytics.top_tracks IS 'up to 10 tracks with the most plays: track_id, plays';
COMMENT ON COLUMN gold_producer_analytics.years IS
    'career: plays, tracks and supporters by year of the play; plays without an exact day are left out';
COMMENT ON COLUMN gold_producer_analytics.key_profile IS 'number of tracks by Camelot code';
COMMENT ON COLUMN gold_producer_analytics.key_coverage IS 'share of the tracks with a key, 0 to 1';
COMMENT ON COLUMN gold_producer_analytics.bpm_profile IS
    'number of tracks by tempo in steps of 5 BPM, named by the lower bound';
COMMENT ON COLUMN gold_producer_analytics.bpm_median IS 'lower median of the tempi of the tracks, BPM';
COMMENT ON COLUMN gold_producer_analytics.bpm_coverage IS 'share of the tracks with a tempo, 0 to 1';
COMMENT ON TABLE gold_dj_analytics IS 'Artists as DJs: their counted sets. Made by refresh.';
COMMENT ON COLUMN gold_dj_analytics.artist_id IS 'id of the artist';
COMMENT ON COLUMN gold_dj_analytics.set_count IS 'number of counted sets';
COMMENT ON COLUMN gold_dj_analytics.track_count IS 'number of distinct tracks played';
COMMENT ON COLUMN gold_dj_analytics.play_count IS 'number of plays (playlist, row)';
COMMENT ON COLUMN gold_dj_analytics.exclusive_tracks IS 'tracks that no other DJ played';
COMMENT ON COLUMN gold_dj_analytics.unidentified_share IS
    'share of the rows of the sets that are not identified, 0 to 1; NULL without rows';
COMMENT ON COLUMN gold_dj_analytics.unreleased_share IS
    'share of the plays before the release date, among those with both days, 0 to 1; NULL without such';
COMMENT ON COLUMN gold_dj_analytics.release_coverage IS
    'share of the plays with an exact day and an exact release date, 0 to 1; NULL without plays';
COMMENT ON COLUMN gold_dj_analytics.median_age_days IS
    'lower median of the days from release to play, negative before the release; NULL: unknown';
COMMENT ON COLUMN gold_dj_analytics.residencies IS
    'venues and shows with 4 or more sets within 365 days: kind (venue or series), name, sets (all with an exact day), most (within 365 days), first_date, last_date';
COMMENT ON COLUMN gold_dj_analytics.favourite_artists IS
    'up to 10 other artists in the most sets: artist_id, sets';
COMMENT ON COLUMN gold_dj_analytics.genres_by_year IS
    'share of the plays by primary genre, by year of the set; plays without genre or exact day are left out';
COMMENT ON VIEW gold_artist_overview IS
    'Counts, analytics as producer and as DJ, and collaborations of an artist. Query it for one artist.';
COMMENT ON COLUMN gold_artist_overview.artist_id IS 'id of the artist';
COMMENT ON COLUMN gold_artist_overview.name IS 'name of the artist';
COMMENT ON COLUMN gold_artist_overview.popularity_rank IS 'rank by distinct DJs, then sets, then id, from 1';
COMMENT ON COLUMN gold_artist_overview.trending_score IS 'trending score, 0 to 1';
COMMENT ON COLUMN gold_artist_overview.dj_support IS 'number of distinct DJs that played the artist''s tracks';
COMMENT ON COLUMN gold_artist_overview.genre_distribution IS 'share of the artist''s tracks by genre, 0 to 1 each';
COMMENT ON COLUMN gold_artist_overview.as_producer IS 'columns of gold_producer_analytics; NULL for none';
COMMENT ON COLUMN gold_artist_overview.as_dj IS 'columns of gold_dj_analytics; NULL for none';
COMMENT ON COLUMN gold_artist_overview.collaborators IS
    'number of artists with tracks in common, remixes included';
COMMENT ON COLUMN gold_artist_overview.top_collaborators IS
    'up to 5 of them with the most tracks in common: artist_id, tracks';
