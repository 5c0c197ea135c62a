-- The artist network as a table that refresh keeps incrementally: a set that changes costs what its own credits
-- lead to, and never a computation over all sets. Columns and meaning are those of the view before it.

DROP MATERIALIZED VIEW gold_artist_collaboration_network;

CREATE TABLE gold_artist_collaboration_network (
    artist_1              text NOT NULL,         -- name; artist_1 <= artist_2 by code points
    artist_2              text NOT NULL,
    collaboration_count   integer NOT NULL,      -- distinct tracks, co-credited or remixed by
    shared_playlists      integer NOT NULL,      -- sets with tracks of both, at most 5 per leading DJ
    genre_overlap         double precision NOT NULL, -- weighted Jaccard of their tracks' genres, 0 to 1
    artist_1_id           text NOT NULL,
    artist_2_id           text NOT NULL,
    first_date            date,                  -- of the sets with both
    last_date             date
);
CREATE UNIQUE INDEX gold_artist_collaboration_network_pair ON gold_artist_collaboration_network (
    least(artist_1_id COLLATE "C", artist_2_id COLLATE "C"), greatest(artist_1_id COLLATE "C", artist_2_id COLLATE "C")
);
CREATE INDEX gold_artist_collaboration_network_ids ON gold_artist_collaboration_network (artist_1_id, artist_2_id);
CREATE INDEX gold_artist_collaboration_network_id2 ON gold_artist_collaboration_network (artist_2_id);
CREATE INDEX gold_artist_collaboration_network_names ON gold_artist_collaboration_network (artist_1, artist_2);

-- What the table was made from: the credits of each set that counts, so that a changed or retracted set is a
-- difference.
CREATE TABLE network_credits (
    playlist_id           text NOT NULL,
    artist_id             text NOT NULL,
    track_id              text NOT NULL,
    PRIMARY KEY (playlist_id, artist_id, track_id)
);

-- Each artist of each set once.
CREATE TABLE network_sets (
    artist_id             text NOT NULL,
    playlist_id           text NOT NULL,
    lead_dj               text NOT NULL,
    set_date              date,
    PRIMARY KEY (artist_id, playlist_id)
);
CREATE INDEX network_sets_playlist ON network_sets (playlist_id);

-- The artists of each track over all sets, and in how many sets the track has them.
CREATE TABLE network_track_artists (
    track_id              text NOT NULL,
    artist_id             text NOT NULL,
    sets                  integer NOT NULL CHECK (sets > 0),
    PRIMARY KEY (track_id, artist_id)
);
CREATE INDEX network_track_artists_artist ON network_track_artists (artist_id, track_id);

-- Tracks of an artist by genre; made from network_track_artists and silver_enriched_tracks.
CREATE TABLE network_genres (
    artist_id             text NOT NULL,
    genre                 text NOT NULL,
    tracks                integer NOT NULL CHECK (tracks > 0),
    PRIMARY KEY (artist_id, genre)
);

-- Pairs to be computed again (a < b by code points); `sets`: their tracks and sets too, else name and genres.
CREATE TABLE network_pairs_due (
    a                     text COLLATE "C" NOT NULL,
    b                     text COLLATE "C" NOT NULL,
    sets                  boolean NOT NULL,
    PRIMARY KEY (a, b)
);

-- Artists whose name or genres may have changed.
CREATE TABLE network_artists_due (
    artist_id             text PRIMARY KEY
);

-- Sets to be taken into the network. The migration queues all, so that the table fills in steps.
CREATE TABLE network_sets_due (
    playlist_id           text PRIMARY KEY
);
INSERT INTO network_sets_due SELECT playlist_id FROM silver_enriched_playlists;

-- Steps of refresh: when each succeeded last, what it waits for, and what went wrong.
CREATE TABLE refresh_steps (
    step                  text PRIMARY KEY,
    succeeded_at          timestamptz,
    seconds               double precision,      -- of the last success
    began_at              timestamptz,           -- NULL: not running
    done                  bigint,                -- entries handled by the running or last pass
    waiting               bigint,                -- entries left
    failures              integer NOT NULL DEFAULT 0, -- in a row
    error                 text,                  -- of the last failure; NULL after a success
    failed_at             timestamptz
);

-- `created_at` of rows that went, for when they come back.
ALTER TABLE gone_versions ADD COLUMN created_at timestamptz;
-- A redirect that leads nowhere is no row: its version stands in gone_versions.
INSERT INTO gone_versions (relation, id, version, pipeline_version)
SELECT 'track_redirects', track_id, version, pipeline_version FROM track_redirects WHERE canonical_id IS NULL
ON CONFLICT DO NOTHING;
DELETE FROM track_redirects WHERE canonical_id IS NULL;

-- An infinite day, of rows written by earlier versions, is no evidence: date arithmetic fails on it.
CREATE OR REPLACE FUNCTION trending_rates(dates date[], weights double precision[], as_of date)
    RETURNS TABLE (fast double precision, slow double precision, recent double precision)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT coalesce(sum(weight * exp(greatest(-ln(2::double precision) / 7 * age, -690))), 0)
               * (ln(2::double precision) / 7),
           coalesce(sum(weight * exp(greatest(-ln(2::double precision) / 56 * age, -690))), 0)
               * (ln(2::double precision) / 56),
           coalesce(sum(weight) FILTER (WHERE day >= as_of - 28), 0)
    FROM (
        SELECT day, weight, greatest(0::double precision, (as_of - day) - 0.5::double precision) AS age
        FROM (
            SELECT day, weight FROM unnest(dates, weights) AS support (day, weight)
            WHERE CASE WHEN isfinite(day) THEN day < as_of ELSE false END
            OFFSET 0 -- the subtraction above must not be evaluated before the filter
        ) AS finite
    ) AS days;
END;
