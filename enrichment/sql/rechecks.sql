-- name: put
INSERT INTO enrichment_rechecks AS stored
    (subject, is_artist, part, worth_level, due_at, requested_at, request)
SELECT *
FROM unnest(
    $1::text[], $2::boolean[], $3::smallint[], $4::smallint[], $5::timestamptz[], $6::timestamptz[], $7::bytea[]
)
ON CONFLICT (subject) DO UPDATE
SET part = excluded.part,
    worth_level = excluded.worth_level,
    due_at = excluded.due_at,
    requested_at = greatest(stored.requested_at, excluded.requested_at),
    request = CASE
        WHEN excluded.requested_at >= stored.requested_at THEN excluded.request ELSE stored.request
    END;

-- name: remove
DELETE FROM enrichment_rechecks WHERE subject = ANY($1::text[]);

-- name: due
-- The worthiest first: one look at the index per partition and level of worth, however many are due.
SELECT found.subject, found.part, found.request
FROM unnest($2::smallint[]) AS owned (part)
CROSS JOIN generate_series($5::integer, $6::integer) AS levels (worth_level)
CROSS JOIN LATERAL (
    SELECT subject, part, worth_level, due_at, request
    FROM enrichment_rechecks AS stored
    WHERE stored.is_artist = $1
      AND stored.part = owned.part
      AND stored.worth_level = levels.worth_level
      AND stored.due_at <= $3
    ORDER BY stored.due_at
    LIMIT $4
) AS found
ORDER BY found.worth_level DESC, found.due_at, found.subject
LIMIT $4;

-- name: is_due
SELECT 1 FROM enrichment_rechecks WHERE subject = $1 AND due_at <= $2 AND request = $3;

-- name: count_due
SELECT count(*) FROM enrichment_rechecks WHERE is_artist = $1 AND part = ANY($2::smallint[]) AND due_at <= $3;
