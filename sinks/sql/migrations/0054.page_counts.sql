-- Counts over whole tables that pages show, so that a view reads a few rows of them.

CREATE TABLE gold_key_counts (
    genre                 text COLLATE "C" NOT NULL,
    camelot               text COLLATE "C" NOT NULL,
    tracks                integer NOT NULL CHECK (tracks > 0),
    PRIMARY KEY (genre, camelot)
);

CREATE TABLE gold_field_coverage (
    field                 text,
    provider              text,
    considered            integer NOT NULL,
    answered              integer NOT NULL,
    chosen                integer NOT NULL,
    tracks                integer NOT NULL,
    share                 double precision NOT NULL,
    field_share           double precision NOT NULL,
    confidence            double precision
);

COMMENT ON TABLE gold_key_counts IS 'Number of tracks by primary genre and key. Made by refresh.';
COMMENT ON COLUMN gold_key_counts.genre IS 'primary genre; empty: all tracks, those without a genre included';
COMMENT ON COLUMN gold_key_counts.camelot IS 'key as Camelot code';
COMMENT ON COLUMN gold_key_counts.tracks IS 'number of tracks';
COMMENT ON TABLE gold_field_coverage IS 'Rows of field_coverage when refresh read it last.';
COMMENT ON COLUMN gold_field_coverage.field IS 'enriched field; key includes key_mode';
COMMENT ON COLUMN gold_field_coverage.provider IS 'provider, page or override';
COMMENT ON COLUMN gold_field_coverage.considered IS 'tracks for which the provider was considered for this field';
COMMENT ON COLUMN gold_field_coverage.answered IS 'those for which it had a value';
COMMENT ON COLUMN gold_field_coverage.chosen IS 'those whose value is the provider''s';
COMMENT ON COLUMN gold_field_coverage.tracks IS 'number of tracks';
COMMENT ON COLUMN gold_field_coverage.share IS 'chosen / tracks, 0 to 1';
COMMENT ON COLUMN gold_field_coverage.field_share IS 'share of tracks with a value of this field from any provider, 0 to 1';
COMMENT ON COLUMN gold_field_coverage.confidence IS 'mean confidence of the chosen values, 0 to 1; NULL: none was chosen';
