-- Unidentified tracks: rows of several DJs at the same place, between the same two tracks, are one ID. Evidence only:
-- no row of it changes what a set, a count or a track is.

CREATE TABLE gold_id_rows (
    playlist_id           text NOT NULL,
    row_index             integer NOT NULL,
    before_track_id       text NOT NULL,
    after_track_id        text NOT NULL,
    named_as              text NOT NULL,
    PRIMARY KEY (playlist_id, row_index)
);
CREATE INDEX gold_id_rows_place ON gold_id_rows (before_track_id, after_track_id, named_as);

COMMENT ON TABLE gold_id_rows IS
'Unidentified rows of counted sets that were played between two identified tracks; written by refresh';
COMMENT ON COLUMN gold_id_rows.playlist_id IS 'counted tracklist of the set, source:native-id';
COMMENT ON COLUMN gold_id_rows.row_index IS 'place of the row in its record, from 0, as in silver_playlist_tracks';
COMMENT ON COLUMN gold_id_rows.before_track_id IS 'track that was played right before';
COMMENT ON COLUMN gold_id_rows.after_track_id IS 'track that was played right after';
COMMENT ON COLUMN gold_id_rows.named_as IS
'what the row shows of the track, in lower case, where it names an artist, a title or a base title; empty for a row that names nothing';

CREATE FUNCTION is_unknown_title(title text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN title ~* '^[(\[]?(?:id|i\.d\.|\?+|n/a|tba|tbc|unknown|unidentified|unreleased id|track id|unknown (?:title|track|tune|song))(?:\s*#?\d{1,3})?[)\]]?\??$';
COMMENT ON FUNCTION is_unknown_title(text) IS
'True for a title that marks a track as unknown, as songnodes/domain/lines/vocabulary.py has it; a test compares both';

CREATE VIEW gold_unreleased AS
SELECT places.before_track_id,
       a.track_name AS before_track_name,
       a.primary_artist AS before_artist,
       places.after_track_id,
       b.track_name AS after_track_name,
       b.primary_artist AS after_artist,
       places.named_as,
       places.dj_count,
       places.set_count,
       places.first_date,
       places.first_set,
       places.last_date,
       places.sets
FROM (
    SELECT before_track_id, after_track_id, named_as,
           count(DISTINCT dj)::integer AS dj_count,
           count(DISTINCT rows.playlist_id)::integer AS set_count,
           min(dated.day) AS first_date,
           (array_agg(rows.playlist_id ORDER BY dated.day NULLS LAST, rows.playlist_id COLLATE "C"))[1] AS first_set,
           max(dated.day) AS last_date,
           array_agg(DISTINCT rows.playlist_id) AS sets
    FROM gold_id_rows AS rows
    JOIN silver_enriched_playlists AS p ON p.playlist_id = rows.playlist_id
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN isfinite(set_date) AND set_date <= (last_observed_at AT TIME ZONE 'UTC')::date + 30 THEN set_date
        END AS day
    ) AS dated
    LEFT JOIN LATERAL unnest(p.dj_ids) AS dj ON true
    GROUP BY 1, 2, 3
    -- the DJs of one b2b set are one witness
    HAVING count(DISTINCT dj) > 1 AND count(DISTINCT rows.playlist_id) > 1
) AS places
LEFT JOIN silver_enriched_tracks AS a ON a.track_id = places.before_track_id
LEFT JOIN silver_enriched_tracks AS b ON b.track_id = places.after_track_id;

COMMENT ON VIEW gold_unreleased IS
'Tracks that several DJs played and no page names: unidentified rows at the same place, between the same two tracks. That they are one track is inferred from the place; gold_id_candidates has what is known of that place';
COMMENT ON COLUMN gold_unreleased.before_track_id IS 'track that was played right before';
COMMENT ON COLUMN gold_unreleased.before_track_name IS 'title of before_track_id with its version, as displayed';
COMMENT ON COLUMN gold_unreleased.before_artist IS 'first artist of before_track_id';
COMMENT ON COLUMN gold_unreleased.after_track_id IS 'track that was played right after';
COMMENT ON COLUMN gold_unreleased.after_track_name IS 'title of after_track_id with its version, as displayed';
COMMENT ON COLUMN gold_unreleased.after_artist IS 'first artist of after_track_id';
COMMENT ON COLUMN gold_unreleased.named_as IS
'what the rows show of the track, in lower case; rows that name different things are different entries; empty where they name nothing';
COMMENT ON COLUMN gold_unreleased.dj_count IS 'distinct DJs who played it, 2 or more, in 2 sets or more';
COMMENT ON COLUMN gold_unreleased.set_count IS 'counted sets with it';
COMMENT ON COLUMN gold_unreleased.first_date IS 'day of the first of these sets; NULL if none has a valid date';
COMMENT ON COLUMN gold_unreleased.first_set IS 'playlist id of the first of these sets';
COMMENT ON COLUMN gold_unreleased.last_date IS 'day of the last of these sets; NULL if none has a valid date';
COMMENT ON COLUMN gold_unreleased.sets IS 'evidence: playlist ids of all these sets';

CREATE VIEW gold_id_candidates AS
SELECT places.before_track_id,
       places.after_track_id,
       named.track_id,
       track.track_name,
       track.primary_artist,
       count(*)::integer AS set_count,
       min(named.day) AS first_date,
       count(*) FILTER (WHERE named.revealed_at IS NOT NULL)::integer AS revealed_sets,
       min(named.revealed_at) AS revealed_at,
       array_agg(named.playlist_id ORDER BY named.day NULLS LAST, named.playlist_id COLLATE "C") AS sets
FROM (SELECT DISTINCT before_track_id, after_track_id FROM gold_id_rows) AS places
CROSS JOIN LATERAL (
    SELECT p.playlist_id, row.track_id,
           CASE
               WHEN isfinite(set_date) AND set_date <= (last_observed_at AT TIME ZONE 'UTC')::date + 30 THEN set_date
           END AS day,
           (SELECT max(current.scraped_at)
            FROM bronze_scraped_tracks AS current
            WHERE current.id = row.bronze_id
              AND EXISTS (
                  SELECT FROM bronze_scraped_tracks AS earlier
                  WHERE earlier.playlist_id = row.playlist_id AND earlier.row_key = row.row_key
                    AND is_unknown_title(earlier.raw_data ->> 'track_name')
              )) AS revealed_at
    FROM gold_transition_sets AS first
    JOIN gold_transition_sets AS second
      ON second.from_track_id = first.to_track_id AND second.to_track_id = places.after_track_id
     AND second.kind = 'followed' AND second.playlist_id = first.playlist_id
    JOIN silver_enriched_playlists AS p ON p.playlist_id = first.playlist_id
    JOIN LATERAL (
        SELECT rows.* FROM silver_playlist_tracks AS rows
        WHERE rows.playlist_id = first.playlist_id AND rows.track_id = first.to_track_id AND rows.role = 'main'
        ORDER BY rows.row_index
        LIMIT 1
    ) AS row ON true
    WHERE first.from_track_id = places.before_track_id AND first.kind = 'followed'
) AS named
LEFT JOIN silver_enriched_tracks AS track ON track.track_id = named.track_id
GROUP BY 1, 2, 3, 4, 5;

COMMENT ON VIEW gold_id_candidates IS
'Tracks that pages name at the place of an unidentified row (gold_id_rows), between the same two tracks, in other sets. Evidence for what an ID may be, not an identification. Query one place';
COMMENT ON COLUMN gold_id_candidates.before_track_id IS 'track that was played right before';
COMMENT ON COLUMN gold_id_candidates.after_track_id IS 'track that was played right after';
COMMENT ON COLUMN gold_id_candidates.track_id IS 'track that was played between them';
COMMENT ON COLUMN gold_id_candidates.track_name IS 'title of track_id with its version, as displayed';
COMMENT ON COLUMN gold_id_candidates.primary_artist IS 'first artist of track_id';
COMMENT ON COLUMN gold_id_candidates.set_count IS 'counted sets in which it was played there';
COMMENT ON COLUMN gold_id_candidates.first_date IS 'day of the first of these sets; NULL if none has a valid date';
COMMENT ON COLUMN gold_id_candidates.revealed_sets IS
'those of these sets whose page showed the row as unknown in an earlier version: the page itself revealed the ID as this track';
COMMENT ON COLUMN gold_id_candidates.revealed_at IS
'time of the first fetch that named the track in a row shown as unknown before; NULL if no page revealed it';
COMMENT ON COLUMN gold_id_candidates.sets IS 'evidence: playlist ids of these sets, the first one first';

-- Take all sets that are stored.
INSERT INTO refresh_queue (kind, id) SELECT 'playlist', playlist_id FROM silver_enriched_playlists;
