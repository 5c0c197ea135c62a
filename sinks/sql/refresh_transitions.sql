-- name: changes_stage
CREATE TEMPORARY TABLE IF NOT EXISTS transition_changes (
    pair bigint NOT NULL, from_track_id text NOT NULL, to_track_id text NOT NULL, kind text NOT NULL,
    observed_at timestamptz
) ON COMMIT DELETE ROWS;

-- name: places_stage
CREATE TEMPORARY TABLE IF NOT EXISTS id_places_changed (
    before_track_id text NOT NULL, after_track_id text NOT NULL, named_as text NOT NULL
) ON COMMIT DELETE ROWS;

-- name: take_sets
-- Pairs of these sets as silver has them; each pair that a set has or had goes to transition_changes. The main
-- tracks of two groups follow each other only if no row is between them, identified or not. A group of more than
-- $2 tracks is a list without times and makes no pairs. A mashup and its own components are no pair. Unidentified
-- main rows between two tracks go to gold_id_rows.
WITH set_rows AS MATERIALIZED (
    SELECT set_number, playlist_id, part, group_index, row_index, role, status, gap_seconds,
           CASE WHEN status = 'identified' THEN track_id END AS track_id
    FROM unnest($1::text[]) WITH ORDINALITY AS sets (playlist_id, set_number)
    JOIN silver_playlist_tracks USING (playlist_id)
    WHERE playlist_id = ANY ($1::text[])
      AND playlist_id IN (
          SELECT playlist_id FROM silver_enriched_playlists WHERE playlist_id = ANY ($1::text[]) AND counted
      )
), leaders AS (
    SELECT DISTINCT ON (set_number, part, group_index)
           set_number, playlist_id, part, group_index, row_index, status, track_id, gap_seconds
    FROM set_rows
    ORDER BY set_number, part, group_index, role <> 'main', row_index
), neighbours AS (
    SELECT playlist_id, row_index, status, track_id AS from_track_id, gap_seconds,
           CASE WHEN lead(group_index) OVER part_order = group_index + 1 THEN lead(track_id) OVER part_order END
               AS to_track_id,
           CASE WHEN lag(group_index) OVER part_order = group_index - 1 THEN lag(track_id) OVER part_order END
               AS before_track_id
    FROM leaders
    WINDOW part_order AS (PARTITION BY set_number, part ORDER BY group_index)
), moments AS (
    SELECT min(playlist_id) AS playlist_id, array_agg(track_id) AS tracks
    FROM set_rows
    WHERE track_id IS NOT NULL
    GROUP BY set_number, part, group_index, role = 'component'
    HAVING count(*) BETWEEN 2 AND $2
), now AS (
    SELECT playlist_id, from_track_id, to_track_id, kind, min(gap_seconds) AS gap_seconds
    FROM (
        SELECT playlist_id, from_track_id, to_track_id, 'followed' AS kind, gap_seconds FROM neighbours
        UNION ALL
        SELECT playlist_id, a, b, 'together', NULL FROM moments, unnest(tracks) AS a, unnest(tracks) AS b
    ) AS pairs
    WHERE from_track_id <> to_track_id
    GROUP BY 1, 2, 3, 4
), unknown AS MATERIALIZED (
    SELECT playlist_id, row_index, before_track_id, to_track_id AS after_track_id,
           CASE status WHEN 'unidentified' THEN ''
                ELSE coalesce(lower(regexp_replace(btrim(raw_text), '\s+', ' ', 'g')), '') END AS named_as
    FROM neighbours
    CROSS JOIN LATERAL (
        SELECT raw_text FROM silver_playlist_tracks AS line
        WHERE line.playlist_id = neighbours.playlist_id AND line.row_index = neighbours.row_index
        OFFSET 0
    ) AS line
    WHERE status IN ('unidentified', 'artist_only', 'title_only', 'base_only')
      AND before_track_id IS NOT NULL AND to_track_id IS NOT NULL
), dropped_unknown AS (
    DELETE FROM gold_id_rows
    WHERE playlist_id = ANY ($1::text[])
      AND (playlist_id, row_index) NOT IN (SELECT playlist_id, row_index FROM unknown)
), stored_unknown AS (
    INSERT INTO gold_id_rows (playlist_id, row_index, before_track_id, after_track_id, named_as) SELECT * FROM unknown
    ON CONFLICT (playlist_id, row_index) DO UPDATE
    SET before_track_id = excluded.before_track_id, after_track_id = excluded.after_track_id,
        named_as = excluded.named_as
    WHERE (gold_id_rows.before_track_id, gold_id_rows.after_track_id, gold_id_rows.named_as) IS DISTINCT FROM
          (excluded.before_track_id, excluded.after_track_id, excluded.named_as)
), changed_places AS (
    INSERT INTO id_places_changed
    SELECT before_track_id, after_track_id, named_as FROM unknown
    UNION
    SELECT before_track_id, after_track_id, named_as FROM gold_id_rows WHERE playlist_id = ANY ($1::text[])
), before AS (
    SELECT ctid, * FROM gold_transition_sets WHERE playlist_id = ANY ($1::text[])
), compared AS (
    SELECT playlist_id, from_track_id, to_track_id, kind, now.gap_seconds, before.ctid,
           now.playlist_id IS NULL AS is_gone,
           now.playlist_id IS NOT NULL
               AND (before.playlist_id IS NULL OR now.gap_seconds IS DISTINCT FROM before.gap_seconds) AS is_changed
    FROM now FULL JOIN before USING (playlist_id, from_track_id, to_track_id, kind)
), dropped AS (
    DELETE FROM gold_transition_sets WHERE ctid = ANY (ARRAY(SELECT ctid FROM compared WHERE is_gone))
), stored AS (
    INSERT INTO gold_transition_sets (from_track_id, to_track_id, kind, playlist_id, gap_seconds)
    SELECT from_track_id, to_track_id, kind, playlist_id, gap_seconds FROM compared WHERE is_changed
    ON CONFLICT (from_track_id, to_track_id, kind, playlist_id) DO UPDATE SET gap_seconds = excluded.gap_seconds
)
INSERT INTO transition_changes
SELECT row_number() OVER (), from_track_id, to_track_id, kind, max(last_observed_at)
FROM compared LEFT JOIN silver_enriched_playlists USING (playlist_id)
GROUP BY 2, 3, 4;

-- name: mark_repeated
-- Mark the unidentified rows at changed places: whether another row has the same place.
UPDATE gold_id_rows AS rows
SET is_repeated = NOT rows.is_repeated
FROM (
    SELECT changed.*, (
        SELECT count(*) > 1
        FROM (
            SELECT FROM gold_id_rows AS rows
            WHERE rows.before_track_id = changed.before_track_id AND rows.after_track_id = changed.after_track_id
              AND rows.named_as = changed.named_as
            LIMIT 2
        ) AS two
    ) AS is_repeated
    FROM (SELECT DISTINCT * FROM id_places_changed) AS changed
    OFFSET 0
) AS places
WHERE rows.before_track_id = places.before_track_id AND rows.after_track_id = places.after_track_id
  AND rows.named_as = places.named_as AND rows.is_repeated <> places.is_repeated;

-- name: count_pairs
-- Counts of the changed pairs from their sets; a pair without a set is deleted. Pairs are looked up one by one:
-- a plan for any number of them may read all. Most pairs have one set, whose counts are its own. Return the rows
-- to publish: changed pairs of $1 or more sets, and those that had as many.
WITH evidence AS MATERIALIZED (
    SELECT pair, sets.playlist_id, gap_seconds, dj_ids, day, last_observed_at,
           count(*) OVER (PARTITION BY pair) AS set_count
    FROM transition_changes AS changed
    CROSS JOIN LATERAL (
        SELECT playlist_id, gap_seconds
        FROM gold_transition_sets AS sets
        WHERE sets.from_track_id = changed.from_track_id AND sets.to_track_id = changed.to_track_id
          AND sets.kind = changed.kind
        OFFSET 0
    ) AS sets
    CROSS JOIN LATERAL (
        SELECT dj_ids, last_observed_at,
               CASE
                   WHEN isfinite(set_date) AND set_date <= (last_observed_at AT TIME ZONE 'UTC')::date + 30
                       THEN set_date
               END AS day
        FROM silver_enriched_playlists AS p
        WHERE p.playlist_id = sets.playlist_id
        OFFSET 0
    ) AS dated
), djs AS (
    SELECT pair, count(DISTINCT dj)::integer AS dj_count
    FROM evidence CROSS JOIN unnest(dj_ids) AS dj
    WHERE set_count > 1
    GROUP BY 1
), counted AS (
    SELECT pair, 1 AS set_count, cardinality(dj_ids) AS dj_count, day AS first_date, day AS last_date,
           (gap_seconds IS NOT NULL)::integer AS gap_count, gap_seconds, ARRAY[playlist_id] AS latest_sets,
           last_observed_at
    FROM evidence
    WHERE set_count = 1
    UNION ALL
    SELECT pair, count(*)::integer, coalesce(min(djs.dj_count), 0), min(day), max(day), count(gap_seconds)::integer,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY gap_seconds),
           (array_agg(playlist_id ORDER BY day DESC NULLS LAST, playlist_id COLLATE "C" DESC))[1:5],
           max(last_observed_at)
    FROM evidence LEFT JOIN djs USING (pair)
    WHERE evidence.set_count > 1
    GROUP BY pair
), previous AS MATERIALIZED (
    SELECT pair, pairs.ctid, pairs.set_count
    FROM transition_changes AS changed
    CROSS JOIN LATERAL (
        SELECT ctid, set_count
        FROM gold_transition_pairs AS pairs
        WHERE pairs.from_track_id = changed.from_track_id AND pairs.to_track_id = changed.to_track_id
          AND pairs.kind = changed.kind
        OFFSET 0
    ) AS pairs
), lost AS MATERIALIZED (
    SELECT * FROM previous WHERE pair NOT IN (SELECT pair FROM evidence)
), gone AS (
    DELETE FROM gold_transition_pairs WHERE ctid = ANY (ARRAY(SELECT ctid FROM lost))
), described AS MATERIALIZED (
    SELECT from_track_id, to_track_id, kind, counted.*
    FROM counted JOIN transition_changes USING (pair)
), written AS (
    INSERT INTO gold_transition_pairs AS stored (
        from_track_id, to_track_id, kind, set_count, dj_count, first_date, last_date, gap_count, gap_seconds, latest_sets
    )
    SELECT from_track_id, to_track_id, kind, set_count, dj_count, first_date, last_date, gap_count, gap_seconds, latest_sets
    FROM described
    ON CONFLICT (from_track_id, to_track_id, kind) DO UPDATE SET
        set_count = excluded.set_count,
        dj_count = excluded.dj_count,
        first_date = excluded.first_date,
        last_date = excluded.last_date,
        gap_count = excluded.gap_count,
        gap_seconds = excluded.gap_seconds,
        latest_sets = excluded.latest_sets
    WHERE (stored.set_count, stored.dj_count, stored.first_date, stored.last_date, stored.gap_count, stored.gap_seconds,
           stored.latest_sets)
          IS DISTINCT FROM
          (excluded.set_count, excluded.dj_count, excluded.first_date, excluded.last_date, excluded.gap_count,
           excluded.gap_seconds, excluded.latest_sets)
    RETURNING from_track_id, to_track_id, kind
)
SELECT from_track_id, to_track_id, kind, set_count, dj_count, first_date, last_date, gap_count, gap_seconds,
       latest_sets, set_count < $1 AS gone,
       CASE WHEN isfinite(last_observed_at) THEN last_observed_at ELSE now() END AS observed_at,
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS version
FROM described
WHERE (set_count >= $1 OR pair IN (SELECT pair FROM previous WHERE set_count >= $1))
  AND (from_track_id, to_track_id, kind) IN (TABLE written)
UNION ALL
SELECT changed.from_track_id, changed.to_track_id, changed.kind, 0, 0, NULL, NULL, 0, NULL, '{}', true,
       CASE WHEN isfinite(observed_at) THEN observed_at ELSE now() END,
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
FROM lost
JOIN transition_changes AS changed USING (pair)
WHERE set_count >= $1
ORDER BY 1, 2, 3;

-- name: drop_stale
-- Before all sets are taken again: evidence of sets that are not stored goes, its pairs are counted again, and
-- counts without evidence go.
WITH unknown_sets AS (
    DELETE FROM gold_transition_sets AS sets
    WHERE NOT EXISTS (SELECT FROM silver_enriched_playlists AS p WHERE p.playlist_id = sets.playlist_id)
    RETURNING from_track_id, to_track_id, kind
), unknown_rows AS (
    DELETE FROM gold_id_rows AS rows
    WHERE NOT EXISTS (SELECT FROM silver_enriched_playlists AS p WHERE p.playlist_id = rows.playlist_id)
    RETURNING before_track_id, after_track_id, named_as
), changed_places AS (
    INSERT INTO id_places_changed SELECT before_track_id, after_track_id, named_as FROM unknown_rows
), stale AS (
    DELETE FROM gold_transition_pairs AS pairs
    WHERE NOT EXISTS (
        SELECT FROM gold_transition_sets AS sets
        WHERE sets.from_track_id = pairs.from_track_id AND sets.to_track_id = pairs.to_track_id
          AND sets.kind = pairs.kind
    )
)
INSERT INTO transition_changes
SELECT row_number() OVER (), from_track_id, to_track_id, kind, NULL FROM unknown_sets GROUP BY 2, 3, 4;
