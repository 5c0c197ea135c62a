-- name: decision_stage
CREATE TEMPORARY TABLE staged_bronze_decisions_decision ON COMMIT DELETE ROWS AS
SELECT
    id, decision_id, subject_id, kind, field, value, other_id, reason, author, decided_at, withdrawn,
    pipeline_version
FROM bronze_decisions
WITH NO DATA;

-- name: decision_empty
DELETE FROM pg_temp.staged_bronze_decisions_decision;

-- name: decision_inline
WITH staged_bronze_decisions_decision AS (SELECT * FROM unnest($1::pg_temp.staged_bronze_decisions_decision[]))

-- name: decision_merge
INSERT INTO bronze_decisions (
    id, decision_id, subject_id, kind, field, value, other_id, reason, author, decided_at, withdrawn,
    pipeline_version
)
SELECT * FROM staged_bronze_decisions_decision
ON CONFLICT DO NOTHING;
