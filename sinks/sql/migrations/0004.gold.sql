-- Gold: counts from the topics, and what refresh makes of many rows. Each column has one owner: the sink
-- writes what the record says and never the columns under "refresh", refresh the other way round.

CREATE TABLE gold_track_analytics (
    track_id              text PRIMARY KEY,
    track_name            text,
    base_title            text,
    version_family        text,
    version_text          text,
    version_artists       text[] NOT NULL,
    stem                  text,
    primary_artist        text,
    all_artists           text[] NOT NULL,
    bpm                   numeric(6,2) CHECK (bpm > 0),
    key                   integer CHECK (key BETWEEN 1 AND 12),
    key_mode              text CHECK (key_mode IN ('major', 'minor')),
    camelot               text GENERATED ALWAYS AS
                              (key::text || CASE key_mode WHEN 'minor' THEN 'A' WHEN 'major' THEN 'B' END) STORED,
    energy                double precision,
    genres                text[] NOT NULL,
    release_year          integer,

    play_count            integer NOT NULL CHECK (play_count >= 0),
    component_plays       integer NOT NULL CHECK (component_plays >= 0),
    self_plays            integer NOT NULL CHECK (self_plays >= 0),
    playlist_appearances  integer NOT NULL CHECK (playlist_appearances >= 0),
    dj_support            integer NOT NULL CHECK (dj_support >= 0),
    first_seen_date       date,                  -- of sets, not of scraping
    last_seen_date        date,
    support_dates         date[] NOT NULL,       -- trending evidence: ascending, one entry per day
    support_weights       double precision[] NOT NULL,

    -- A pure function of the key: the same one, one step down and up the wheel, the relative one.
    compatible_keys       text[] GENERATED ALWAYS AS (
        CASE WHEN key_mode IS NOT NULL THEN ARRAY[
            key::text || CASE key_mode WHEN 'minor' THEN 'A' ELSE 'B' END,
            ((key + 10) % 12 + 1)::text || CASE key_mode WHEN 'minor' THEN 'A' ELSE 'B' END,
            (key % 12 + 1)::text || CASE key_mode WHEN 'minor' THEN 'A' ELSE 'B' END,
            key::text || CASE key_mode WHEN 'minor' THEN 'B' ELSE 'A' END
        ] END) STORED,

    data_completeness     double precision,
    confidence_score      double precision,
    validation_score      double precision,
    last_enriched         timestamptz,
    last_observed_at      timestamptz NOT NULL,
    version               bigint NOT NULL,
    pipeline_version      text NOT NULL,
    event_id              uuid NOT NULL,
    updated_at            timestamptz NOT NULL DEFAULT now(),

    -- refresh
    trending_score        double precision NOT NULL DEFAULT 0,
    popularity_rank       integer,
    genre_rank            integer,               -- within the primary genre
    harmonic_matches      text[] NOT NULL DEFAULT '{}',
    harmonic_floor        double precision,      -- score of the last of 20 matches; NULL: there is room
    harmonic_basis        text,                  -- key, tempo and confidence the matches were made with
    CHECK ((key IS NULL) = (key_mode IS NULL)),
    CHECK (cardinality(support_dates) = cardinality(support_weights))
);
CREATE INDEX gold_track_analytics_name ON gold_track_analytics (track_name, primary_artist);
CREATE INDEX gold_track_analytics_mixing ON gold_track_analytics (camelot, bpm);
CREATE INDEX gold_track_analytics_key ON gold_track_analytics (key, bpm);
CREATE INDEX gold_track_analytics_trending ON gold_track_analytics (trending_score DESC);
CREATE INDEX gold_track_analytics_last_seen ON gold_track_analytics (last_seen_date);
CREATE INDEX gold_track_analytics_rank ON gold_track_analytics (popularity_rank);
CREATE INDEX gold_track_analytics_matches ON gold_track_analytics USING gin (harmonic_matches);

CREATE TABLE gold_artist_analytics (
    artist_id             text PRIMARY KEY,
    name                  text,
    play_count            integer NOT NULL CHECK (play_count >= 0),
    component_plays       integer NOT NULL CHECK (component_plays >= 0),
    playlist_appearances  integer NOT NULL CHECK (playlist_appearances >= 0),
    dj_support            integer NOT NULL CHECK (dj_support >= 0),
    sets_played           integer NOT NULL CHECK (sets_played >= 0),   -- as DJ
    first_seen_date       date,
    last_seen_date        date,
    first_set_date        date,                  -- as DJ
    last_set_date         date,
    support_dates         date[] NOT NULL,
    support_weights       double precision[] NOT NULL,
    last_observed_at      timestamptz NOT NULL,
    version               bigint NOT NULL,
    pipeline_version      text NOT NULL,
    event_id              uuid NOT NULL,
    updated_at            timestamptz NOT NULL DEFAULT now(),

    -- refresh
    trending_score        double precision NOT NULL DEFAULT 0,
    popularity_rank       integer,
    genre_distribution    jsonb NOT NULL DEFAULT '{}',   -- share of the artist's tracks by genre
    CHECK (cardinality(support_dates) = cardinality(support_weights))
);
CREATE INDEX gold_artist_analytics_rank ON gold_artist_analytics (popularity_rank);
CREATE INDEX gold_artist_analytics_trending ON gold_artist_analytics (trending_score DESC);

-- All of it is made by refresh, and published to gold.playlists.
CREATE TABLE gold_playlist_analytics (
    playlist_id           text PRIMARY KEY,
    version               bigint NOT NULL,
    row_count             integer NOT NULL,
    identified_count      integer NOT NULL,
    identified_share      double precision NOT NULL,
    duration_seconds      integer,
    coverage              double precision,      -- share of groups with tempo and key
    bpm_min               numeric(6,2),
    bpm_max               numeric(6,2),
    bpm_mean              numeric(6,2),
    bpm_drift_per_hour    double precision,
    key_relations         jsonb NOT NULL,        -- transitions by class of the move
    harmonic_flow_score   double precision,
    energy_mean           double precision,
    energy_peak           double precision,
    shape                 text,
    genre_mix             jsonb NOT NULL,
    as_of                 date NOT NULL,
    updated_at            timestamptz NOT NULL DEFAULT now()
);

-- Mixing moves (docs/domain.md, section 8) for views and matches; a test holds it and songnodes/domain/harmonic.py
-- together.
CREATE TABLE harmonic_moves (
    camelot               text NOT NULL,
    other                 text NOT NULL,
    move                  text NOT NULL,
    compatibility         text NOT NULL CHECK (compatibility IN ('perfect', 'compatible', 'possible')),
    weight                double precision NOT NULL,
    PRIMARY KEY (camelot, other)
);
INSERT INTO harmonic_moves
SELECT number::text || letter,
       ((number - 1 + steps + 12) % 12 + 1)::text
           || CASE WHEN same_letter THEN letter WHEN letter = 'A' THEN 'B' ELSE 'A' END,
       move, compatibility, weight
FROM generate_series(1, 12) AS number,
     (VALUES ('A'), ('B')) AS letters (letter),
     LATERAL (VALUES
         ('same', 0, true, 'perfect', 1.00),
         ('relative', 0, false, 'compatible', 0.90),
         ('one step', 1, true, 'compatible', 0.85),
         ('one step', -1, true, 'compatible', 0.85),
         ('diagonal', 1, false, 'possible', 0.75),
         ('diagonal', -1, false, 'possible', 0.75),
         ('two steps up', 2, true, 'possible', 0.55),
         ('two steps down', -2, true, 'possible', 0.45),
         ('parallel', CASE letter WHEN 'A' THEN 3 ELSE -3 END, false, 'possible', 0.45),
         ('a semitone up', 7, true, 'possible', 0.35)
     ) AS moves (move, steps, same_letter, compatibility, weight);
