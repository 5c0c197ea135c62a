-- Silver: validated and enriched, the newest version of each entity. A row is replaced by a version that is
-- as high or higher; `version` orders the records of one application version, `pipeline_version` says which
-- code made it. No foreign keys between tables of different topics: their order of arrival is free.

CREATE TABLE silver_enriched_tracks (
    id                    uuid PRIMARY KEY,      -- uuid5 of track_id
    bronze_id             uuid,                  -- bronze_scraped_tracks, of the first appearance
    track_id              text NOT NULL UNIQUE,

    track_name            text NOT NULL,
    base_title            text NOT NULL,
    version_family        text,
    version_text          text,
    version_artists       text[] NOT NULL,
    stem                  text NOT NULL,
    primary_artist        text NOT NULL,
    artist_names          text[] NOT NULL,
    artist_ids            text[] NOT NULL,
    featured              text[] NOT NULL,
    mix_name              text,                  -- this and the next two: of the first appearance
    position_in_mix       integer,
    timestamp_in_mix      text,
    first_playlist_id     text,
    first_set_date        date,

    spotify_id            text,
    isrc                  text,
    musicbrainz_id        text,
    beatport_id           text,
    bpm                   numeric(6,2) CHECK (bpm > 0),
    bpm_ambiguous         boolean NOT NULL,      -- providers agree only after folding octaves
    key                   integer CHECK (key BETWEEN 1 AND 12),
    key_mode              text CHECK (key_mode IN ('major', 'minor')),
    camelot               text GENERATED ALWAYS AS
                              (key::text || CASE key_mode WHEN 'minor' THEN 'A' WHEN 'major' THEN 'B' END) STORED,
    energy                double precision CHECK (energy BETWEEN 0 AND 1),
    danceability          double precision CHECK (danceability BETWEEN 0 AND 1),
    valence               double precision CHECK (valence BETWEEN 0 AND 1),
    acousticness          double precision CHECK (acousticness BETWEEN 0 AND 1),
    instrumentalness      double precision CHECK (instrumentalness BETWEEN 0 AND 1),
    liveness              double precision CHECK (liveness BETWEEN 0 AND 1),
    speechiness           double precision CHECK (speechiness BETWEEN 0 AND 1),
    loudness              double precision,      -- dB
    genres                text[] NOT NULL,       -- the primary one first
    release_date          date,
    release_date_precision text,
    release_name          text,
    label                 text,
    duration_ms           integer CHECK (duration_ms > 0),

    spellings             jsonb NOT NULL,
    data_completeness     double precision NOT NULL CHECK (data_completeness BETWEEN 0 AND 1),
    completeness_ceiling  double precision NOT NULL,
    confidence_score      double precision NOT NULL CHECK (confidence_score BETWEEN 0 AND 1),
    validation_score      double precision NOT NULL CHECK (validation_score BETWEEN 0 AND 1),
    data_quality_score    double precision NOT NULL CHECK (data_quality_score BETWEEN 0 AND 1),
    validation_status     text NOT NULL,
    checks                jsonb NOT NULL,        -- those that failed
    enrichment_metadata   jsonb NOT NULL,
    config_version        text NOT NULL,
    last_enriched         timestamptz,
    last_observed_at      timestamptz NOT NULL,

    version               bigint NOT NULL,
    pipeline_version      text NOT NULL,
    event_id              uuid NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    CHECK ((key IS NULL) = (key_mode IS NULL))
);
CREATE INDEX silver_enriched_tracks_bronze ON silver_enriched_tracks (bronze_id);
CREATE INDEX silver_enriched_tracks_quality ON silver_enriched_tracks (data_quality_score);

CREATE TABLE silver_enriched_artists (
    id                    uuid PRIMARY KEY,      -- uuid5 of artist_id
    artist_id             text NOT NULL UNIQUE,
    name                  text NOT NULL,
    aliases               jsonb NOT NULL,
    native_ids            text[] NOT NULL,
    links                 jsonb NOT NULL,
    country               text,
    biography             text,
    is_dj                 boolean NOT NULL,
    is_producer           boolean NOT NULL,
    data_completeness     double precision NOT NULL,
    confidence_score      double precision NOT NULL,
    validation_score      double precision NOT NULL,
    data_quality_score    double precision NOT NULL,
    validation_status     text NOT NULL,
    checks                jsonb NOT NULL,
    last_observed_at      timestamptz NOT NULL,
    version               bigint NOT NULL,
    pipeline_version      text NOT NULL,
    event_id              uuid NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX silver_enriched_artists_name ON silver_enriched_artists (lower(name));

CREATE TABLE silver_enriched_playlists (
    id                    uuid PRIMARY KEY,      -- uuid5 of playlist_id
    playlist_id           text NOT NULL UNIQUE,
    source                text NOT NULL,
    source_url            text NOT NULL,
    title                 text NOT NULL,
    mix_name              text NOT NULL,
    set_date              date,                  -- the first day where the date is partial
    set_date_precision    text CHECK (set_date_precision IN ('day', 'month', 'year')),
    set_id                text NOT NULL,         -- one for all tracklists of the same set
    counted               boolean NOT NULL,      -- the tracklist of its set that counts
    ra_event_id           text,
    dj_ids                text[] NOT NULL,
    dj_names              text[] NOT NULL,
    event_name            text,
    venue                 text,
    city                  text,
    country               text,
    set_type              text,
    styles                text[] NOT NULL,
    genres                text[] NOT NULL,
    duration_seconds      integer,
    recordings            jsonb NOT NULL,
    declared_tracks       integer,
    row_count             integer NOT NULL,
    identified_rows       integer NOT NULL,
    data_completeness     double precision NOT NULL,
    confidence_score      double precision NOT NULL,
    validation_score      double precision NOT NULL,
    data_quality_score    double precision NOT NULL,
    validation_status     text NOT NULL,
    checks                jsonb NOT NULL,
    page_ids              text[] NOT NULL,
    content_hash          text NOT NULL,
    parser_version        integer NOT NULL,
    last_observed_at      timestamptz NOT NULL,
    version               bigint NOT NULL,
    pipeline_version      text NOT NULL,
    event_id              uuid NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX silver_enriched_playlists_date ON silver_enriched_playlists (set_date);
CREATE INDEX silver_enriched_playlists_djs ON silver_enriched_playlists USING gin (dj_ids);

-- The appearances. Replaced as a whole with their playlist, in one transaction.
CREATE TABLE silver_playlist_tracks (
    playlist_id           text NOT NULL,
    row_index             integer NOT NULL,      -- place in the record, from 0
    row_key               text NOT NULL,
    bronze_id             uuid NOT NULL,
    position              integer NOT NULL CHECK (position > 0),
    number                integer,
    group_index           integer NOT NULL,      -- rows played together share it
    role                  text NOT NULL,
    status                text NOT NULL,
    track_id              text,
    claim_id              text,                  -- the row's own track id, before merges
    track_name            text,
    artist_credit         text,
    artist_names          text[] NOT NULL,
    artist_ids            text[] NOT NULL,
    version_artist_ids    text[] NOT NULL,
    featured_ids          text[] NOT NULL,
    variant               text,
    genre                 text,
    claim                 jsonb,
    raw_text              text,
    cue_text              text,
    cue_seconds           integer,
    cue_grain             text,
    part                  text,
    validation            double precision NOT NULL,
    validation_status     text NOT NULL,
    checks                jsonb NOT NULL,
    native_track_id       text,
    version               bigint NOT NULL,
    pipeline_version      text NOT NULL,
    -- Transition to the main row of the next group of the same part; NULL at the end and beside unknown cues.
    next_row_index        integer,
    gap_seconds           integer,
    -- The rest of it needs the tracks, so refresh owns it.
    key_relation          text,                  -- a move of harmonic_moves, or clash
    bpm_change            numeric(6,2),          -- next minus this, tempo folded to this one's octave
    PRIMARY KEY (playlist_id, row_index)
);
CREATE INDEX silver_playlist_tracks_track ON silver_playlist_tracks (track_id, playlist_id);
CREATE INDEX silver_playlist_tracks_bronze ON silver_playlist_tracks (bronze_id);

CREATE TABLE silver_events (
    id                    uuid PRIMARY KEY,      -- uuid5 of ra_event_id
    ra_event_id           text NOT NULL UNIQUE,
    source                text NOT NULL,
    source_url            text,
    title                 text NOT NULL,
    event_date            date NOT NULL,
    start_time            timestamptz,
    end_time              timestamptz,
    timezone              text,
    venue                 text,
    venue_native_id       text,
    address               text,
    latitude              double precision,
    longitude             double precision,
    city                  text,
    country               text,
    promoters             text[] NOT NULL,
    genres                text[] NOT NULL,
    attending             integer,
    cost                  text,
    data_completeness     double precision NOT NULL,
    confidence_score      double precision NOT NULL,
    validation_score      double precision NOT NULL,
    data_quality_score    double precision NOT NULL,
    validation_status     text NOT NULL,
    checks                jsonb NOT NULL,
    last_observed_at      timestamptz NOT NULL,
    version               bigint NOT NULL,
    pipeline_version      text NOT NULL,
    event_id              uuid NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX silver_events_date ON silver_events (event_date);

CREATE TABLE silver_event_lineups (
    ra_event_id           text NOT NULL,
    ordinal               integer NOT NULL,      -- place on the line-up, from 0
    name                  text NOT NULL,
    native_id             text,
    artist_id             text,
    PRIMARY KEY (ra_event_id, ordinal)
);
CREATE INDEX silver_event_lineups_artist ON silver_event_lineups (artist_id);

CREATE TABLE track_redirects (
    track_id              text PRIMARY KEY,
    canonical_id          text,                  -- NULL: the track stands for itself again
    version               bigint NOT NULL,
    pipeline_version      text NOT NULL,
    updated_at            timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX track_redirects_canonical ON track_redirects (canonical_id);
