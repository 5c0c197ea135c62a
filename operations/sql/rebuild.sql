-- Statements of a rebuild. {beside} and {kept} are the schemas of the new and the replaced tables, {table} is a
-- table, {key} the columns that identify a row and {entity} the one with the id of the row's entity.

-- name: table_columns
SELECT quote_ident(attname) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

-- name: primary_key
SELECT quote_ident(attname) FROM pg_index
JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
WHERE indrelid = %s::regclass AND indisprimary ORDER BY array_position(indkey::smallint[], attnum);

-- name: create_schema
CREATE SCHEMA IF NOT EXISTS {beside};

-- name: create_table
CREATE TABLE IF NOT EXISTS {beside}.{table} (LIKE public.{table} INCLUDING ALL EXCLUDING INDEXES);

-- name: create_bookkeeping
-- Positions, versions of retracted records, and what the comparison reports.
CREATE TABLE IF NOT EXISTS {beside}.sink_offsets (LIKE public.sink_offsets INCLUDING ALL);
CREATE TABLE IF NOT EXISTS {beside}.gone_versions (LIKE public.gone_versions INCLUDING ALL);
CREATE TABLE IF NOT EXISTS {beside}.differences (
    relation text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    columns text[] NOT NULL
);

-- name: describe_table
-- Statements that give the new table what LIKE does not copy: options and comment of the table.
SELECT format('ALTER TABLE {beside}.{table} SET (%s)', array_to_string(reloptions, ', '))
FROM pg_class WHERE oid = 'public.{table}'::regclass AND reloptions IS NOT NULL
UNION ALL
SELECT format('COMMENT ON TABLE {beside}.{table} IS %L', obj_description('public.{table}'::regclass, 'pg_class'));

-- name: carry
-- Columns that refresh computes, until refresh computes them again, and times of creation with them: a row is
-- written again once.
UPDATE {beside}.{table} AS new SET {carried} FROM public.{table} AS old
WHERE ({old_key}) = ({new_key}) AND ROW ({old_carried}) IS DISTINCT FROM ROW ({new_carried});

-- name: carry_created
-- Times of the first versions, also those of deleted rows, for when they come back.
UPDATE {beside}.{table} AS new SET created_at = old.created_at
FROM (
    SELECT id, min(created_at) AS created_at
    FROM (
        SELECT {entity} AS id, created_at FROM public.{table}
        UNION ALL
        SELECT id, created_at FROM public.gone_versions WHERE relation = '{table}'
    ) AS known
    GROUP BY id
) AS old
WHERE old.id = new.{entity} AND old.created_at < new.created_at;
UPDATE {beside}.gone_versions AS new SET created_at = old.created_at
FROM (
    SELECT {entity} AS id, created_at FROM public.{table}
    UNION ALL
    SELECT id, created_at FROM public.gone_versions WHERE relation = '{table}'
) AS old
WHERE new.relation = '{table}' AND old.id = new.id;

-- name: create_indexes
-- Statements that create the indexes of the old table on the new one, under their names, and their constraints.
SELECT statement FROM (
    SELECT replace(pg_get_indexdef(indexrelid), ' ON public.{table} ', ' ON {beside}.{table} ') AS statement,
           0 AS step
    FROM pg_index WHERE indrelid = 'public.{table}'::regclass
    UNION ALL
    SELECT format('ALTER TABLE {beside}.{table} ADD CONSTRAINT %I %s USING INDEX %I', conname,
               CASE contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, conname), 1
    FROM pg_constraint WHERE conrelid = 'public.{table}'::regclass AND contype IN ('p', 'u')
) AS statements
ORDER BY step, statement;

-- name: analyze
ANALYZE {beside}.{table};

-- name: is_indexed
SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = '{beside}.{table}'::regclass);

-- name: clear_differences
DELETE FROM {beside}.differences WHERE relation = '{table}';

-- name: compare
-- Rows that only one table has, and rows that differ, without columns that may.
INSERT INTO {beside}.differences (relation, id, kind, columns)
SELECT '{table}', {entity},
       CASE WHEN new.{entity} IS NULL THEN 'missing' WHEN old.{entity} IS NULL THEN 'added' ELSE 'changed' END,
       ARRAY (
           SELECT before.key FROM jsonb_each(to_jsonb(old)) AS before
           JOIN jsonb_each(to_jsonb(new)) AS after USING (key)
           WHERE before.value IS DISTINCT FROM after.value AND before.key <> ALL (%(ignored)s::text[])
           ORDER BY 1
       )
FROM public.{table} AS old
FULL JOIN {beside}.{table} AS new USING ({key})
WHERE old.{entity} IS NULL OR new.{entity} IS NULL
   OR ROW ({old_compared}) IS DISTINCT FROM ROW ({new_compared});

-- name: row_counts
SELECT (SELECT count(*) FROM public.{table}), (SELECT count(*) FROM {beside}.{table});

-- name: difference_counts
SELECT kind, count(*) FROM {beside}.differences WHERE relation = '{table}' GROUP BY kind;

-- name: difference_sample
SELECT id, kind, columns FROM {beside}.differences WHERE relation = '{table}' ORDER BY kind, id COLLATE "C" LIMIT %s;

-- name: schema_exists
SELECT to_regnamespace(%s) IS NOT NULL;

-- name: is_kept
SELECT to_regnamespace('{kept}') IS NOT NULL;

-- name: lock_refresh
-- The lock of a pass of refresh (sinks/sql/refresh.sql).
SELECT pg_advisory_xact_lock(1936618599);

-- name: lock_table
LOCK TABLE public.{table} IN ACCESS EXCLUSIVE MODE;

-- name: queue_differences
INSERT INTO public.refresh_queue (kind, id)
SELECT DISTINCT '{kind}', id FROM {beside}.differences WHERE relation = '{table}';

-- name: queue_computed
INSERT INTO public.refresh_queue (kind, id)
SELECT DISTINCT '{kind}', new.{entity} FROM {beside}.{table} AS new JOIN public.{table} AS old USING ({key})
WHERE ROW ({new_computed}) IS DISTINCT FROM ROW ({old_computed});

-- name: dependent_objects
-- Statements that make views read the new table, and give it the triggers of the old one: views hold the identity of a
-- table, not its name.
SELECT DISTINCT format('CREATE OR REPLACE VIEW %s AS %s', view.oid::regclass, pg_get_viewdef(view.oid))
FROM pg_depend AS d
JOIN pg_rewrite AS rule ON d.classid = 'pg_rewrite'::regclass AND d.objid = rule.oid
JOIN pg_class AS view ON view.oid = rule.ev_class
WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = 'public.{table}'::regclass AND view.relkind = 'v'
UNION ALL
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'public.{table}'::regclass AND NOT tgisinternal
ORDER BY 1;

-- name: align_tracks
-- Rows of refresh for the tracks that there are now: the new table was filled without triggers.
SELECT align_track_rows();

-- name: keep_table
ALTER TABLE public.{table} SET SCHEMA {kept};

-- name: publish_table
ALTER TABLE {beside}.{table} SET SCHEMA public;

-- name: swap_gone_versions
WITH moved AS (DELETE FROM public.gone_versions WHERE relation = '{table}' RETURNING *)
INSERT INTO {kept}.gone_versions SELECT * FROM moved;
INSERT INTO public.gone_versions SELECT * FROM {beside}.gone_versions WHERE relation = '{table}';

-- name: create_kept
-- The versions that replace these, and are not in use before the settings have them.
CREATE SCHEMA {kept};
CREATE TABLE {kept}.replaced_versions (stage text PRIMARY KEY, replaced integer NOT NULL, version integer NOT NULL);
CREATE TABLE {kept}.gone_versions (LIKE public.gone_versions INCLUDING ALL);
CREATE TABLE {kept}.sink_offsets (LIKE public.sink_offsets INCLUDING ALL);

-- name: keep_version
INSERT INTO {kept}.replaced_versions (stage, replaced, version) VALUES (%s, %s, %s);

-- name: kept_versions
SELECT stage, replaced, version FROM {kept}.replaced_versions ORDER BY stage DESC;

-- name: keep_positions
INSERT INTO {kept}.sink_offsets SELECT * FROM public.sink_offsets WHERE topic = ANY (%s);

-- name: publish_positions
INSERT INTO public.sink_offsets
SELECT * FROM {beside}.sink_offsets
ON CONFLICT (sink, topic, part) DO UPDATE
SET next_offset = excluded.next_offset, topic_id = excluded.topic_id, updated_at = now();

-- name: close_positions
-- A sink that still reads the replaced version ends with TopicSuperseded.
UPDATE public.sink_offsets SET topic_id = %s WHERE topic = ANY (%s);

-- name: drop_schema
-- Of a rebuild without a swap: nothing refers to it.
DROP SCHEMA IF EXISTS {beside} CASCADE;

-- name: drop_kept_table
DROP TABLE IF EXISTS {kept}.{table};

-- name: drop_kept
DROP TABLE {kept}.gone_versions, {kept}.sink_offsets, {kept}.replaced_versions;
DROP SCHEMA {kept};

-- name: drop_beside
DROP TABLE {beside}.sink_offsets, {beside}.gone_versions, {beside}.differences;
DROP SCHEMA {beside};
