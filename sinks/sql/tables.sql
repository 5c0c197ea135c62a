-- Statements of the table writers. Names in braces are filled in by `sinks.staging`: the table and its key, the
-- columns that a record has a value for, and the relation with the rows to write. Columns are listed nowhere
-- else: they come from the table.

-- name: columns
-- Columns that a writer may fill, in order: not those that PostgreSQL generates, and no times of storage.
SELECT a.attname AS name,
       quote_ident(a.attname) AS quoted,
       a.attnotnull AND NOT a.atthasdef AS required
FROM pg_attribute AS a
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attgenerated = '' AND a.attidentity = ''
  AND pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM 'now()'
ORDER BY a.attnum;

-- name: stage
CREATE TEMPORARY TABLE {staged} ON COMMIT DELETE ROWS AS
SELECT {columns} FROM {table}
WITH NO DATA;

-- name: empty
DELETE FROM pg_temp.{staged};

-- name: inline
WITH {staged} AS (SELECT * FROM unnest($1::pg_temp.{staged}[]))

-- name: insert
INSERT INTO {table} ({columns})
SELECT {columns} FROM {staged}
ON CONFLICT DO NOTHING;

-- name: replace
-- Rows of an entity whose older rows were deleted before.
INSERT INTO {table} ({columns})
SELECT {columns} FROM {staged};

-- name: withdraw
DELETE FROM {table} WHERE id = ANY ($1::uuid[]);

-- name: clear
DELETE FROM {table} WHERE {key} = ANY ($1::text[]);

-- name: upsert
INSERT INTO {table} AS stored ({columns})
SELECT {columns} FROM {staged} WHERE true
ON CONFLICT ({key}) DO UPDATE SET {updates}, updated_at = now()
WHERE stored.version <= excluded.version;

-- name: upsert_unless_gone
INSERT INTO {table} AS stored ({columns})
SELECT {columns} FROM {staged} AS new
WHERE NOT EXISTS (
    SELECT FROM gone_versions AS gone
    WHERE gone.relation = '{table}' AND gone.id = new.{key} AND gone.version > new.version
)
ORDER BY {key} COLLATE "C" -- as refresh locks them
ON CONFLICT ({key}) DO UPDATE SET {updates}, updated_at = now()
WHERE stored.version <= excluded.version;

-- name: returning
-- The end of a statement whose keys are wanted.
RETURNING {key} AS key;

-- name: gone
WITH dead AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) AS dead (id, version, pipeline_version)
), marked AS (
    INSERT INTO gone_versions AS stored (relation, id, version, pipeline_version)
    SELECT '{table}', id, version, pipeline_version FROM dead
    ON CONFLICT (relation, id) DO UPDATE
    SET version = excluded.version, pipeline_version = excluded.pipeline_version, gone_at = now()
    WHERE stored.version <= excluded.version
)
DELETE FROM {table} AS stored
USING dead
WHERE stored.{key} = dead.id AND stored.version <= dead.version
RETURNING stored.{key} AS key;

-- name: gone_with_created
-- The same, with the time of the row's first version, for `restore_created`.
WITH dead AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) AS dead (id, version, pipeline_version)
), marked AS (
    INSERT INTO gone_versions AS stored (relation, id, version, pipeline_version, created_at)
    SELECT '{table}', dead.id, dead.version, dead.pipeline_version, living.created_at
    FROM dead LEFT JOIN {table} AS living ON living.{key} = dead.id
    ON CONFLICT (relation, id) DO UPDATE
    SET version = excluded.version, pipeline_version = excluded.pipeline_version, gone_at = now(),
        created_at = coalesce(excluded.created_at, stored.created_at)
    WHERE stored.version <= excluded.version
)
DELETE FROM {table} AS stored
USING dead
WHERE stored.{key} = dead.id AND stored.version <= dead.version
RETURNING stored.{key} AS key;

-- name: restore_created
-- A row that comes back keeps the time of its first version.
UPDATE {table} AS stored
SET created_at = gone.created_at
FROM gone_versions AS gone
WHERE gone.relation = '{table}' AND gone.id = stored.{key} AND gone.created_at < stored.created_at
  AND stored.{key} = ANY ($1::text[]);
