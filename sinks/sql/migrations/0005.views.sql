-- The views of the specification, with the names and columns as printed there; what is more stands behind them.

-- NOW() moves, so this one is no stored view. Ties fall to the more played, then to the id.
CREATE VIEW gold_top_tracks_by_genre AS
SELECT genre,
       track_name,
       primary_artist,
       play_count,
       trending_score,
       row_number() OVER (
           PARTITION BY genre ORDER BY trending_score DESC, play_count DESC, track_id COLLATE "C"
       ) AS rank,
       track_id
FROM gold_track_analytics, unnest(genres) AS genre
WHERE release_year >= EXTRACT(YEAR FROM now()) - 2;

-- `other` as near to `bpm` as octaves bring it: other * 2^k within [1/sqrt2, sqrt2) of bpm.
CREATE FUNCTION folded_tempo(other double precision, bpm double precision) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN other * power(2::double precision, -floor(ln(other / bpm) / ln(2::double precision) + 0.5));

-- All mixing partners of a track. Plain, not stored: asked for one track it reads a few index ranges, stored
-- it would be quadratic. The ranges say `difference <= 6` for every octave between 40 and 250 BPM, once from
-- the source's side and once from the other's, so that it is quick to ask for either.
CREATE VIEW gold_harmonic_mixing_recommendations AS
SELECT source.track_id AS source_track_id,
       other.track_id AS recommended_track_id,
       moves.compatibility,
       round(abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm)::numeric, 2)
           AS bpm_difference,
       moves.move,
       moves.weight
           * (1 - abs(folded_tempo(other.bpm::double precision, source.bpm::double precision) - source.bpm) / 6)
           * coalesce(other.confidence_score, 1) AS score
FROM gold_track_analytics AS source
JOIN harmonic_moves AS moves ON moves.camelot = source.camelot
JOIN gold_track_analytics AS other
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

-- Who worked with whom: co-credited on a track, or remixed by. Only tracklists that count, only identified
-- rows. `shared_playlists`: sets with tracks of both, at most 5 per leading DJ, so that one DJ's favourites
-- make no network. `genre_overlap`: weighted Jaccard of the genres of their tracks, 0 to 1.
CREATE MATERIALIZED VIEW gold_artist_collaboration_network AS
WITH rows AS (
    SELECT DISTINCT p.playlist_id, coalesce(p.dj_ids[1], '-') AS lead_dj, p.set_date, t.track_id, artist_id
    FROM silver_playlist_tracks AS t
    JOIN silver_enriched_playlists AS p USING (playlist_id)
    CROSS JOIN unnest(t.artist_ids || t.version_artist_ids) AS artist_id
    WHERE p.counted AND t.status = 'identified' AND t.track_id IS NOT NULL
), credits AS (
    SELECT DISTINCT track_id, artist_id FROM rows
), pairs AS (
    SELECT a.artist_id AS a, b.artist_id AS b, count(DISTINCT track_id) AS collaborations
    FROM credits AS a
    JOIN credits AS b USING (track_id)
    WHERE a.artist_id < b.artist_id COLLATE "C"
    GROUP BY 1, 2
), sets AS (
    SELECT DISTINCT playlist_id, lead_dj, set_date, artist_id FROM rows
), shared AS (
    SELECT a, b, sum(least(sets, 5)) AS playlists, min(first_date) AS first_date, max(last_date) AS last_date
    FROM (
        SELECT pairs.a, pairs.b, one.lead_dj, count(*) AS sets,
               min(one.set_date) AS first_date, max(one.set_date) AS last_date
        FROM pairs
        JOIN sets AS one ON one.artist_id = pairs.a
        JOIN sets AS two ON two.artist_id = pairs.b AND two.playlist_id = one.playlist_id
        GROUP BY 1, 2, 3
    ) AS by_dj
    GROUP BY 1, 2
), weights AS (
    SELECT artist_id, genre, count(*)::double precision / sum(count(*)) OVER (PARTITION BY artist_id) AS weight
    FROM credits
    JOIN silver_enriched_tracks USING (track_id)
    CROSS JOIN unnest(genres) AS genre
    GROUP BY 1, 2
), common AS (
    SELECT pairs.a, pairs.b, sum(least(one.weight, two.weight)) AS weight
    FROM pairs
    JOIN weights AS one ON one.artist_id = pairs.a
    JOIN weights AS two ON two.artist_id = pairs.b AND two.genre = one.genre
    GROUP BY 1, 2
), named AS (
    SELECT pairs.*,
           coalesce(one.name, a) AS name_a,
           coalesce(two.name, b) AS name_b
    FROM pairs
    LEFT JOIN silver_enriched_artists AS one ON one.artist_id = a
    LEFT JOIN silver_enriched_artists AS two ON two.artist_id = b
)
SELECT least(name_a COLLATE "C", name_b COLLATE "C") AS artist_1,
       greatest(name_a COLLATE "C", name_b COLLATE "C") AS artist_2,
       collaborations::integer AS collaboration_count,
       coalesce(playlists, 0)::integer AS shared_playlists,
       -- both sides sum to 1, so the union of the weights is 2 minus what they share
       round((coalesce(weight, 0) / (2 - coalesce(weight, 0)))::numeric, 4)::double precision AS genre_overlap,
       CASE WHEN name_a COLLATE "C" <= name_b COLLATE "C" THEN a ELSE b END AS artist_1_id,
       CASE WHEN name_a COLLATE "C" <= name_b COLLATE "C" THEN b ELSE a END AS artist_2_id,
       first_date,
       last_date
FROM named
LEFT JOIN shared USING (a, b)
LEFT JOIN common USING (a, b);
-- Needed to refresh it while it is read.
CREATE UNIQUE INDEX gold_artist_collaboration_network_pair
    ON gold_artist_collaboration_network (artist_1_id, artist_2_id);
CREATE INDEX gold_artist_collaboration_network_names
    ON gold_artist_collaboration_network (artist_1, artist_2);

-- Every sighting of every track with silver and gold beside it (query example 1 has them at the first only).
-- A sighting that a later page corrected stays, marked `superseded`, beside what its place says now.
CREATE VIEW track_history AS
SELECT b.id AS bronze_id,
       b.source,
       b.source_url,
       b.raw_data ->> 'track_name' AS original_track_name,
       b.raw_data ->> 'artist_name' AS original_artist_name,
       b.scraped_at,
       b.playlist_id,
       b.row_key,
       b.page_id,
       b.page_sha256,
       p.bronze_id IS NOT NULL AND p.bronze_id <> b.id AS superseded,
       p.position,
       p.role,
       p.status,
       s.track_id,
       s.track_name AS validated_track_name,
       s.bpm,
       s.key,
       s.key_mode,
       s.energy,
       s.data_quality_score,
       s.enrichment_metadata -> 'providers_used' AS providers,
       g.play_count,
       g.playlist_appearances,
       g.trending_score,
       g.popularity_rank
FROM bronze_scraped_tracks AS b
LEFT JOIN silver_playlist_tracks AS p ON p.playlist_id = b.playlist_id AND p.row_key = b.row_key
LEFT JOIN silver_enriched_tracks AS s ON s.track_id = p.track_id
LEFT JOIN gold_track_analytics AS g ON g.track_id = p.track_id;
