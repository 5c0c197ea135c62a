-- Counts over whole tables that pages show. Rows that stay the same are not written.

-- name: keys
WITH current AS MATERIALIZED (
    SELECT CASE WHEN grouping(genres[1]) = 0 THEN genres[1] ELSE '' END COLLATE "C" AS genre, camelot COLLATE "C" AS camelot,
           count(*)::integer AS tracks
    FROM gold_track_counts
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

-- name: forget_coverage
DELETE FROM gold_field_coverage;

-- name: coverage
INSERT INTO gold_field_coverage (
    field, provider, considered, answered, chosen, tracks, share, field_share, confidence
)
SELECT field, provider, considered, answered, chosen, tracks, share, field_share, confidence FROM field_coverage;

-- name: forget_quality
DELETE FROM gold_source_quality;

-- name: quality
INSERT INTO gold_source_quality (
    source, parser_version, sets, rows, identified_share, cue_share, needs_review, rejected, row_validation,
    completeness, confidence, quality, dated_share, newest_at
)
SELECT source, parser_version, sets, rows, identified_share, cue_share, needs_review, rejected, row_validation,
       completeness, confidence, quality, dated_share, newest_at
FROM source_quality;
