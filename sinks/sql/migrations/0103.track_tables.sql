-- gold_track_analytics becomes a view. What the sink owns and what refresh owns were columns of one row of 2.7 kB with 17
-- indexes: a new score or rank wrote all of it again (0.5 ms of CPU and 70 kB of WAL among a million tracks). Each owner
-- now has tables of its own, and the view has the columns that the table had, in their order.

ALTER TABLE gold_track_analytics RENAME TO gold_track_analytics_before;
ALTER INDEX gold_track_analytics_pkey RENAME TO gold_track_analytics_before_pkey;

-- The sink's: all that topic gold.tracks says.
CREATE TABLE gold_track_counts (
    track_id              text NOT NULL,
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
    first_seen_date       date,
    last_seen_date        date,
    support_dates         date[] NOT NULL,
    support_weights       double precision[] NOT NULL,
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
    CHECK ((key IS NULL) = (key_mode IS NULL)),
    CHECK (cardinality(support_dates) = cardinality(support_weights))
) WITH (fillfactor = 75);

-- Of refresh: the score, with what the lists in its order select and sort by. Genres and year are those of the counts
-- at any time (by triggers), the number of plays that of the last score. Each track has a row, so that the view joins it
-- and its index gives the order.
CREATE TABLE gold_track_scores (
    track_id              text NOT NULL,
    genres                text[] NOT NULL,
    release_year          integer,
    play_count            integer NOT NULL DEFAULT 0,
    trending_score        double precision NOT NULL DEFAULT 0
);

-- Of refresh: the ranks. Each track has a row.
CREATE TABLE gold_track_ranks (
    track_id              text NOT NULL,
    genre                 text,
    popularity_rank       integer,
    genre_rank            integer
);

-- Of refresh: the matches of tracks with key and tempo, with the key and tempo that they were made with.
CREATE TABLE gold_track_matches (
    track_id              text NOT NULL,
    camelot               text NOT NULL,
    bpm                   numeric(6,2) NOT NULL,
    harmonic_matches      text[] NOT NULL,
    harmonic_floor        double precision,
    harmonic_basis        text NOT NULL
);

INSERT INTO gold_track_counts (
    track_id, track_name, base_title, version_family, version_text, version_artists, stem, primary_artist, all_artists, bpm,
    key, key_mode, energy, genres, release_year, play_count, component_plays, self_plays, playlist_appearances, dj_support,
    first_seen_date, last_seen_date, support_dates, support_weights, data_completeness, confidence_score, validation_score,
    last_enriched, last_observed_at, version, pipeline_version, event_id, updated_at
)
SELECT track_id, track_name, base_title, version_family, version_text, version_artists, stem, primary_artist, all_artists, bpm,
       key, key_mode, energy, genres, release_year, play_count, component_plays, self_plays, playlist_appearances, dj_support,
       first_seen_date, last_seen_date, support_dates, support_weights, data_completeness, confidence_score, validation_score,
       last_enriched, last_observed_at, version, pipeline_version, event_id, updated_at
FROM gold_track_analytics_before;
INSERT INTO gold_track_scores (track_id, genres, release_year, play_count, trending_score)
SELECT track_id, genres, release_year, play_count, trending_score FROM gold_track_analytics_before;
INSERT INTO gold_track_ranks (track_id, genre, popularity_rank, genre_rank)
SELECT track_id, genres[1], popularity_rank, genre_rank FROM gold_track_analytics_before;
INSERT INTO gold_track_matches (track_id, camelot, bpm, harmonic_matches, harmonic_floor, harmonic_basis)
SELECT track_id, split_part(harmonic_basis, '|', 1), split_part(harmonic_basis, '|', 2)::numeric, harmonic_matches,
       harmonic_floor, harmonic_basis
FROM gold_track_analytics_before
WHERE harmonic_basis IS NOT NULL;
UPDATE gone_versions SET relation = 'gold_track_counts' WHERE relation = 'gold_track_analytics';

ALTER TABLE gold_track_counts ADD PRIMARY KEY (track_id);
CREATE INDEX gold_track_counts_name ON gold_track_counts (track_name, primary_artist);
CREATE INDEX gold_track_counts_last_seen ON gold_track_counts (last_seen_date);
-- By tempo within a key; the planner proves the condition from a comparison of both columns.
CREATE INDEX gold_track_counts_mixing ON gold_track_counts (camelot, bpm) WHERE camelot IS NOT NULL AND bpm IS NOT NULL;
-- The highest confidence, which bounds the score of a partner.
CREATE INDEX gold_track_counts_confidence ON gold_track_counts (coalesce(confidence_score, 1))
    WHERE camelot IS NOT NULL AND bpm IS NOT NULL;

ALTER TABLE gold_track_scores ADD PRIMARY KEY (track_id);
CREATE INDEX gold_track_scores_score ON gold_track_scores (trending_score DESC, track_id DESC);
-- A track is under each of its first five genres, which are all that the pipeline writes.
CREATE INDEX gold_track_scores_genre_1 ON gold_track_scores (
    (genres[1]), trending_score DESC, play_count DESC, track_id COLLATE "C"
) WHERE genres[1] IS NOT NULL;
CREATE INDEX gold_track_scores_genre_2 ON gold_track_scores (
    (genres[2]), trending_score DESC, play_count DESC, track_id COLLATE "C"
) WHERE genres[2] IS NOT NULL;
CREATE INDEX gold_track_scores_genre_3 ON gold_track_scores (
    (genres[3]), trending_score DESC, play_count DESC, track_id COLLATE "C"
) WHERE genres[3] IS NOT NULL;
CREATE INDEX gold_track_scores_genre_4 ON gold_track_scores (
    (genres[4]), trending_score DESC, play_count DESC, track_id COLLATE "C"
) WHERE genres[4] IS NOT NULL;
CREATE INDEX gold_track_scores_genre_5 ON gold_track_scores (
    (genres[5]), trending_score DESC, play_count DESC, track_id COLLATE "C"
) WHERE genres[5] IS NOT NULL;

ALTER TABLE gold_track_ranks ADD PRIMARY KEY (track_id);
CREATE INDEX gold_track_ranks_rank ON gold_track_ranks (popularity_rank);
CREATE INDEX gold_track_ranks_genre ON gold_track_ranks (genre, genre_rank);

ALTER TABLE gold_track_matches ADD PRIMARY KEY (track_id);
-- Tracks by tenths of their 20th score: a track that changes is a match of those only whose floor it reaches.
-- Hundredths were no faster (4.7 and 5 ms per changed track).
CREATE INDEX gold_track_matches_floor ON gold_track_matches (
    camelot, (least(floor(coalesce(harmonic_floor, 0) * 10), 9)::integer), bpm
);
-- Each search of this index reads its list of pending entries whole, a thousand times for a thousand changed tracks.
CREATE INDEX gold_track_matches_listed ON gold_track_matches USING gin (harmonic_matches)
    WITH (gin_pending_list_limit = 256) WHERE harmonic_matches <> '{}';

-- Rows of refresh for new tracks, until refresh computes them.
CREATE FUNCTION add_track_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO gold_track_scores (track_id, genres, release_year)
    SELECT track_id, genres, release_year FROM added ORDER BY track_id COLLATE "C"
    ON CONFLICT (track_id) DO UPDATE SET genres = excluded.genres, release_year = excluded.release_year;
    INSERT INTO gold_track_ranks (track_id)
    SELECT track_id FROM added ORDER BY track_id COLLATE "C"
    ON CONFLICT (track_id) DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER add_track_rows AFTER INSERT ON gold_track_counts
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION add_track_rows();

-- Few updates change genres or year: the condition is evaluated without a call of the function.
CREATE FUNCTION change_track_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE gold_track_scores SET genres = NEW.genres, release_year = NEW.release_year WHERE track_id = NEW.track_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER change_track_rows AFTER UPDATE ON gold_track_counts FOR EACH ROW
    WHEN (OLD.genres IS DISTINCT FROM NEW.genres OR OLD.release_year IS DISTINCT FROM NEW.release_year)
    EXECUTE FUNCTION change_track_rows();

-- In the order in which refresh locks rows: else both wait for each other.
CREATE FUNCTION remove_track_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH locked AS (
        SELECT held.track_id FROM gold_track_scores AS held JOIN removed USING (track_id)
        ORDER BY held.track_id COLLATE "C" FOR UPDATE OF held
    )
    DELETE FROM gold_track_scores AS held USING locked WHERE held.track_id = locked.track_id;
    WITH locked AS (
        SELECT held.track_id FROM gold_track_ranks AS held JOIN removed USING (track_id)
        ORDER BY held.track_id COLLATE "C" FOR UPDATE OF held
    )
    DELETE FROM gold_track_ranks AS held USING locked WHERE held.track_id = locked.track_id;
    WITH locked AS (
        SELECT held.track_id FROM gold_track_matches AS held JOIN removed USING (track_id)
        ORDER BY held.track_id COLLATE "C" FOR UPDATE OF held
    )
    DELETE FROM gold_track_matches AS held USING locked WHERE held.track_id = locked.track_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER remove_track_rows AFTER DELETE ON gold_track_counts
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION remove_track_rows();

-- After a rebuild has put another table in the place of gold_track_counts, which fires no trigger.
CREATE FUNCTION align_track_rows() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM gold_track_scores AS held
    WHERE NOT EXISTS (SELECT FROM gold_track_counts AS counts WHERE counts.track_id = held.track_id);
    DELETE FROM gold_track_ranks AS held
    WHERE NOT EXISTS (SELECT FROM gold_track_counts AS counts WHERE counts.track_id = held.track_id);
    DELETE FROM gold_track_matches AS held
    WHERE NOT EXISTS (SELECT FROM gold_track_counts AS counts WHERE counts.track_id = held.track_id);
    INSERT INTO gold_track_scores (track_id, genres, release_year)
    SELECT track_id, genres, release_year FROM gold_track_counts AS counts
    WHERE NOT EXISTS (SELECT FROM gold_track_scores AS held WHERE held.track_id = counts.track_id);
    INSERT INTO gold_track_ranks (track_id)
    SELECT track_id FROM gold_track_counts AS counts
    WHERE NOT EXISTS (SELECT FROM gold_track_ranks AS held WHERE held.track_id = counts.track_id);
    UPDATE gold_track_scores AS held SET genres = counts.genres, release_year = counts.release_year
    FROM gold_track_counts AS counts
    WHERE counts.track_id = held.track_id
      AND (held.genres, held.release_year) IS DISTINCT FROM (counts.genres, counts.release_year);
END
$$;

CREATE VIEW gold_track_analytics AS
SELECT counts.track_id,
       counts.track_name,
       counts.base_title,
       counts.version_family,
       counts.version_text,
       counts.version_artists,
       counts.stem,
       counts.primary_artist,
       counts.all_artists,
       counts.bpm,
       counts.key,
       counts.key_mode,
       counts.camelot,
       counts.energy,
       scores.genres, -- equal to those of the counts, and indexed with the score
       scores.release_year,
       counts.play_count,
       counts.component_plays,
       counts.self_plays,
       counts.playlist_appearances,
       counts.dj_support,
       counts.first_seen_date,
       counts.last_seen_date,
       counts.support_dates,
       counts.support_weights,
       counts.compatible_keys,
       counts.data_completeness,
       counts.confidence_score,
       counts.validation_score,
       counts.last_enriched,
       counts.last_observed_at,
       counts.version,
       counts.pipeline_version,
       counts.event_id,
       counts.updated_at,
       scores.trending_score,
       ranks.popularity_rank,
       ranks.genre_rank,
       coalesce(matches.harmonic_matches, '{}') AS harmonic_matches,
       matches.harmonic_floor,
       matches.harmonic_basis
FROM gold_track_counts AS counts
JOIN gold_track_scores AS scores ON scores.track_id = counts.track_id
JOIN gold_track_ranks AS ranks ON ranks.track_id = counts.track_id
LEFT JOIN gold_track_matches AS matches ON matches.track_id = counts.track_id;

-- The views that read the table.

-- An index is read at one place per genre, not at every track.
CREATE OR REPLACE VIEW gold_genres AS
WITH RECURSIVE first (genre) AS (
    SELECT min(genres[1]) FROM gold_track_scores WHERE genres[1] IS NOT NULL
    UNION ALL
    SELECT (SELECT min(genres[1]) FROM gold_track_scores WHERE genres[1] > genre) FROM first WHERE genre IS NOT NULL
), second (genre) AS (
    SELECT min(genres[2]) FROM gold_track_scores WHERE genres[2] IS NOT NULL
    UNION ALL
    SELECT (SELECT min(genres[2]) FROM gold_track_scores WHERE genres[2] > genre) FROM second WHERE genre IS NOT NULL
), third (genre) AS (
    SELECT min(genres[3]) FROM gold_track_scores WHERE genres[3] IS NOT NULL
    UNION ALL
    SELECT (SELECT min(genres[3]) FROM gold_track_scores WHERE genres[3] > genre) FROM third WHERE genre IS NOT NULL
), fourth (genre) AS (
    SELECT min(genres[4]) FROM gold_track_scores WHERE genres[4] IS NOT NULL
    UNION ALL
    SELECT (SELECT min(genres[4]) FROM gold_track_scores WHERE genres[4] > genre) FROM fourth WHERE genre IS NOT NULL
), fifth (genre) AS (
    SELECT min(genres[5]) FROM gold_track_scores WHERE genres[5] IS NOT NULL
    UNION ALL
    SELECT (SELECT min(genres[5]) FROM gold_track_scores WHERE genres[5] > genre) FROM fifth WHERE genre IS NOT NULL
)
SELECT genre
FROM (
    TABLE first UNION TABLE second UNION TABLE third UNION TABLE fourth UNION TABLE fifth
) AS listed
WHERE genre IS NOT NULL;

CREATE OR REPLACE VIEW gold_top_tracks_by_genre AS
SELECT genre, counts.track_name, counts.primary_artist, counts.play_count, best.trending_score, best.rank, best.track_id
FROM gold_genres
CROSS JOIN LATERAL (
    SELECT trending_score,
           row_number() OVER (ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C") AS rank, track_id
    FROM (
        (SELECT track_id, play_count, trending_score FROM gold_track_scores
         WHERE genres[1] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_id, play_count, trending_score FROM gold_track_scores
         WHERE genres[2] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_id, play_count, trending_score FROM gold_track_scores
         WHERE genres[3] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_id, play_count, trending_score FROM gold_track_scores
         WHERE genres[4] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
        UNION ALL
        (SELECT track_id, play_count, trending_score FROM gold_track_scores
         WHERE genres[5] = genre AND release_year >= EXTRACT(YEAR FROM now()) - 2
         ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C" LIMIT 200)
    ) AS tracks
    ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C"
    LIMIT 200
) AS best
JOIN gold_track_counts AS counts ON counts.track_id = best.track_id;

CREATE OR REPLACE VIEW gold_harmonic_partners AS
SELECT source.track_id AS source_track_id,
       other.track_id AS recommended_track_id,
       moves.compatibility,
       round(abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm)::numeric, 2)
           AS bpm_difference,
       moves.move,
       harmonic_score(moves.weight, other.bpm, source.bpm, other.confidence_score) AS score
FROM gold_track_counts AS source
JOIN harmonic_moves AS moves ON moves.camelot = source.camelot
JOIN gold_track_counts AS other
  ON other.camelot = moves.other
 AND other.track_id <> source.track_id
 AND (other.bpm BETWEEN source.bpm - 6 AND source.bpm + 6
      OR other.bpm BETWEEN source.bpm * 2 - 12 AND source.bpm * 2 + 12
      OR other.bpm BETWEEN source.bpm / 2 - 3 AND source.bpm / 2 + 3
      OR other.bpm BETWEEN source.bpm * 4 - 24 AND source.bpm * 4 + 24
      OR other.bpm BETWEEN source.bpm / 4 - 1.5 AND source.bpm / 4 + 1.5)
 AND (source.bpm BETWEEN other.bpm - 6 AND other.bpm + 6
      OR source.bpm BETWEEN other.bpm / 2 - 6 AND other.bpm / 2 + 6
      OR source.bpm BETWEEN other.bpm * 2 - 6 AND other.bpm * 2 + 6
      OR source.bpm BETWEEN other.bpm / 4 - 6 AND other.bpm / 4 + 6
      OR source.bpm BETWEEN other.bpm * 4 - 6 AND other.bpm * 4 + 6)
 AND abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm) <= 6;

CREATE OR REPLACE VIEW gold_harmonic_mixing_recommendations AS
SELECT source.track_id AS source_track_id,
       other.track_id AS recommended_track_id,
       moves.compatibility,
       round(abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm)::numeric, 2)
           AS bpm_difference,
       moves.move,
       harmonic_score(moves.weight, other.bpm, source.bpm, other.confidence_score) AS score
FROM gold_track_counts AS source
JOIN gold_track_matches AS stored ON stored.track_id = source.track_id
CROSS JOIN unnest(stored.harmonic_matches) AS matches (track_id)
JOIN gold_track_counts AS other ON other.track_id = matches.track_id
JOIN harmonic_moves AS moves ON moves.camelot = source.camelot AND moves.other = other.camelot
WHERE abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm) <= 6;

CREATE OR REPLACE VIEW gold_next_tracks AS
SELECT source.track_id,
       partner.track_id AS next_track_id,
       next.track_name AS next_track_name,
       next.primary_artist AS next_artist,
       scores.score,
       scores.played,
       scores.harmony,
       partner.followed_djs,
       partner.followed_sets,
       partner.together_djs,
       partner.together_sets,
       partner.last_date,
       partner.gap_seconds,
       partner.followed_in,
       partner.together_in,
       CASE WHEN source.camelot IS NOT NULL AND next.camelot IS NOT NULL THEN coalesce(moves.move, 'clash') END
           AS key_relation,
       moves.compatibility,
       round(scores.bpm_change::numeric, 2) AS bpm_change,
       scores.energy_change
FROM gold_track_counts AS source
CROSS JOIN LATERAL (
    SELECT candidates.track_id,
           coalesce(max(dj_count) FILTER (WHERE kind = 'followed'), 0) AS followed_djs,
           coalesce(max(set_count) FILTER (WHERE kind = 'followed'), 0) AS followed_sets,
           coalesce(max(dj_count) FILTER (WHERE kind = 'together'), 0) AS together_djs,
           coalesce(max(set_count) FILTER (WHERE kind = 'together'), 0) AS together_sets,
           -- a set without a DJ is of one unknown DJ
           sum(greatest(dj_count, 1) * CASE kind WHEN 'followed' THEN 1 WHEN 'together' THEN 0.5 END)
               ::double precision AS supporters,
           max(last_date) AS last_date,
           max(gap_seconds) AS gap_seconds,
           max(latest_sets) FILTER (WHERE kind = 'followed') AS followed_in,
           max(latest_sets) FILTER (WHERE kind = 'together') AS together_in
    FROM (
        (SELECT to_track_id AS track_id, kind, dj_count, set_count, last_date, gap_seconds, latest_sets
         FROM gold_transition_pairs
         WHERE from_track_id = source.track_id
         ORDER BY dj_count DESC, set_count DESC, last_date DESC NULLS LAST, to_track_id, kind
         LIMIT 200)
        UNION ALL
        SELECT id AS track_id, NULL AS kind, NULL AS dj_count, NULL AS set_count, NULL AS last_date, NULL AS gap_seconds,
               NULL AS latest_sets
        FROM gold_track_matches AS stored CROSS JOIN unnest(stored.harmonic_matches) AS id
        WHERE stored.track_id = source.track_id
    ) AS candidates
    GROUP BY candidates.track_id
) AS partner
LEFT JOIN gold_track_counts AS next ON next.track_id = partner.track_id
LEFT JOIN harmonic_moves AS moves ON moves.camelot = source.camelot AND moves.other = next.camelot
CROSS JOIN LATERAL (
    SELECT folded_tempo(next.bpm::double precision, source.bpm::double precision) - source.bpm AS bpm_change,
           next.energy - source.energy AS energy_change,
           -- NULL: not played by any DJ; key or tempo unknown
           played_score(partner.supporters, partner.last_date, (SELECT as_of FROM refresh_state)) AS played,
           CASE WHEN source.camelot IS NOT NULL AND next.camelot IS NOT NULL THEN greatest(
               0, harmonic_score(coalesce(moves.weight, 0), next.bpm, source.bpm, next.confidence_score)
           ) * coalesce(1 - abs(next.energy - source.energy) / 2, 1) END AS harmony
) AS parts
CROSS JOIN LATERAL (
    SELECT parts.*, 1 - (1 - coalesce(played, 0)) * (1 - 0.5 * coalesce(harmony, 0)) AS score
) AS scores;

CREATE OR REPLACE VIEW track_history AS
SELECT sightings.bronze_id,
       coalesce(sightings.source, sets.source) AS source,
       coalesce(sightings.source_url, sets.source_url) AS source_url,
       sightings.original_track_name,
       sightings.original_artist_name,
       sightings.scraped_at,
       sightings.playlist_id,
       sightings.row_key,
       sightings.page_id,
       sightings.page_sha256,
       sightings.superseded,
       sightings.position,
       sightings.role,
       sightings.status,
       sightings.track_id,
       s.track_name AS validated_track_name,
       s.bpm,
       s.key,
       s.key_mode,
       s.energy,
       s.data_quality_score,
       s.enrichment_metadata -> 'providers_used' AS providers,
       g.play_count,
       g.playlist_appearances,
       scores.trending_score,
       ranks.popularity_rank,
       sightings.row_index,
       sightings.claim_id,
       sightings.raw_text,
       sightings.parser_version,
       sets.set_date,
       sets.set_date_precision,
       sets.dj_ids,
       sets.dj_names,
       sets.title AS set_title,
       CASE WHEN NOT sightings.superseded AND sets.counted AND sightings.status = 'identified'
                 AND sightings.track_id IS NOT NULL
            THEN CASE sightings.role WHEN 'component' THEN 'component' ELSE 'play' END END AS counts_as,
       sets.dj_ids && sightings.maker_ids AS is_own,
       CASE WHEN isfinite(sets.set_date) AND sets.set_date - 30 <= (sets.last_observed_at AT TIME ZONE 'UTC')::date
            THEN sets.set_date END AS counted_date,
       chosen_values(s.enrichment_metadata) AS chosen
FROM (
    SELECT b.id AS bronze_id, b.source, b.source_url, b.raw_data ->> 'track_name' AS original_track_name,
           b.raw_data ->> 'artist_name' AS original_artist_name, b.scraped_at, b.playlist_id, b.row_key, b.page_id,
           b.page_sha256, p.bronze_id IS NOT NULL AND p.bronze_id <> b.id AS superseded, p.position, p.role, p.status,
           p.track_id, p.row_index, p.claim_id, coalesce(b.raw_data -> 'row' ->> 'text', p.raw_text) AS raw_text,
           b.parser_version, p.artist_ids || p.version_artist_ids AS maker_ids
    FROM bronze_scraped_tracks AS b
    LEFT JOIN silver_playlist_tracks AS p ON p.playlist_id = b.playlist_id AND p.row_key = b.row_key
    UNION ALL
    -- Named, so that the definition stays the same when a rebuild makes the view again.
    SELECT p.bronze_id, NULL AS source, NULL AS source_url, NULL AS original_track_name, NULL AS original_artist_name,
           NULL AS scraped_at, p.playlist_id, p.row_key, NULL AS page_id, NULL AS page_sha256, false AS superseded,
           p.position, p.role, p.status, p.track_id, p.row_index, p.claim_id, p.raw_text, NULL AS parser_version,
           p.artist_ids || p.version_artist_ids AS maker_ids
    FROM silver_playlist_tracks AS p
    WHERE NOT EXISTS (
        SELECT FROM bronze_scraped_tracks AS b
        WHERE b.id = p.bronze_id AND b.playlist_id = p.playlist_id AND b.row_key = p.row_key
    )
) AS sightings
LEFT JOIN silver_enriched_playlists AS sets ON sets.playlist_id = sightings.playlist_id
LEFT JOIN silver_enriched_tracks AS s ON s.track_id = sightings.track_id
LEFT JOIN gold_track_counts AS g ON g.track_id = sightings.track_id
LEFT JOIN gold_track_scores AS scores ON scores.track_id = sightings.track_id
LEFT JOIN gold_track_ranks AS ranks ON ranks.track_id = sightings.track_id;

-- Comments of the columns, under each of their names.
DO $$
DECLARE
    described record;
BEGIN
    FOR described IN
        SELECT target.relname, own.attname, col_description(own.attrelid, own.attnum) AS comment
        FROM pg_attribute AS own
        JOIN pg_attribute AS other ON other.attname = own.attname AND other.attnum > 0
        JOIN pg_class AS target ON target.oid = other.attrelid
        WHERE own.attrelid = 'gold_track_analytics_before'::regclass AND own.attnum > 0
          AND target.relnamespace = 'public'::regnamespace
          AND target.relname IN ('gold_track_analytics', 'gold_track_counts', 'gold_track_scores', 'gold_track_ranks',
                                 'gold_track_matches')
          AND col_description(own.attrelid, own.attnum) IS NOT NULL
    LOOP
        EXECUTE format(
            'COMMENT ON COLUMN %I.%I IS %L', described.relname, described.attname,
            CASE described.relname WHEN 'gold_track_analytics' THEN described.comment
                 ELSE replace(described.comment, '; owned by refresh', '') END
        );
    END LOOP;
END
$$;
COMMENT ON VIEW gold_track_analytics IS
'Tracks: counts with their evidence from topic gold.tracks, and scores, ranks and matches from refresh. A view of the four tables of their owners, so that a new score or rank does not write the counts again';
COMMENT ON TABLE gold_track_counts IS 'Counts of tracks with their evidence, from topic gold.tracks.';
COMMENT ON TABLE gold_track_scores IS
'Trending scores, with what lists in their order select by; refresh writes it. Each track has a row.';
COMMENT ON COLUMN gold_track_scores.genres IS 'genres, those of gold_track_counts at any time';
COMMENT ON COLUMN gold_track_scores.release_year IS 'year of release, that of gold_track_counts at any time';
COMMENT ON COLUMN gold_track_scores.play_count IS 'play_count of gold_track_counts when refresh last computed the score; 0 before';
COMMENT ON TABLE gold_track_ranks IS 'Ranks of tracks; refresh writes it. Each track has a row.';
COMMENT ON COLUMN gold_track_ranks.genre IS 'primary genre in which the track was ranked; NULL: it had none, or is not ranked yet';
COMMENT ON TABLE gold_track_matches IS 'Harmonic matches of tracks with key and tempo; refresh writes it.';
COMMENT ON COLUMN gold_track_matches.camelot IS 'key that the matches were made with';
COMMENT ON COLUMN gold_track_matches.bpm IS 'tempo that the matches were made with';

DROP TABLE gold_track_analytics_before;
