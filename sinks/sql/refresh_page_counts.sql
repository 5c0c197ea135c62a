-- Counts over whole tables that pages show. Rows that stay the same are not written.

-- name: keys
WITH current AS MATERIALIZED (
    SELECT CASE WHEN grouping(genres[1]) = 0 THEN genres[1] ELSE '' END COLLATE "C" AS genre, camelot COLLATE "C" AS camelot,
           count(*)::integer AS tracks
    FROM gold_track_analytics
    WHERE camelot IS NOT NULL
    GROUP BY GROUPING SETS ((genres[1], camelot), (camelot))
    HAVING grouping(genres[1]) = 1 OR genres[1] <> ''
), gone AS (
    DELETE FROM gold_key_counts AS held
    WHERE NOT EXISTS (SELECT FROM current WHERE (current.genre, current.camelot) = (held.genre, held.camelot))
)
INSERT INTO gold_key_counts AS held (genre, camelot, tracks)
SELECT genre, camelot, tracks FROM current
ON CONFLICT (genre, camelot) DO UPDATE SET tracks = excluded.tracks
WHERE held.tracks <> excluded.tracks;

-- name: moves
-- From the $1 most supported tracks of all, and of each genre. All pairs are read once for all genres.
WITH sources AS (
    SELECT track_id, camelot, among.parts
    FROM gold_track_analytics
    CROSS JOIN LATERAL (
        SELECT array_remove(ARRAY[
            CASE WHEN popularity_rank <= $1 THEN '' END, CASE WHEN genre_rank <= $1 THEN nullif(genres[1], '') END
        ], NULL) AS parts
    ) AS among
    WHERE camelot IS NOT NULL AND (popularity_rank <= $1 OR genre_rank <= $1)
), moves AS (
    SELECT source.parts, source.camelot, following.camelot AS next_camelot, sum(set_count) AS times
    FROM sources AS source
    JOIN gold_transition_pairs ON from_track_id = source.track_id AND kind = 'followed'
    JOIN gold_track_analytics AS following ON following.track_id = to_track_id
    WHERE following.camelot IS NOT NULL
    GROUP BY 1, 2, 3
), current AS MATERIALIZED (
    SELECT genre COLLATE "C" AS genre, camelot COLLATE "C" AS camelot, next_camelot COLLATE "C" AS next_camelot,
           sum(times)::integer AS times
    FROM moves CROSS JOIN unnest(parts) AS genre
    GROUP BY 1, 2, 3
), gone AS (
    DELETE FROM gold_key_moves AS held
    WHERE NOT EXISTS (
        SELECT FROM current
        WHERE (current.genre, current.camelot, current.next_camelot) = (held.genre, held.camelot, held.next_camelot)
    )
)
INSERT INTO gold_key_moves AS held (genre, camelot, next_camelot, times)
SELECT genre, camelot, next_camelot, times FROM current
ON CONFLICT (genre, camelot, next_camelot) DO UPDATE SET times = excluded.times
WHERE held.times <> excluded.times;

-- name: forget_coverage
DELETE FROM gold_field_coverage;

-- name: coverage
INSERT INTO gold_field_coverage (
    field, provider, considered, answered, chosen, tracks, share, field_share, confidence
)
SELECT field, provider, considered, answered, chosen, tracks, share, field_share, confidence FROM field_coverage;
