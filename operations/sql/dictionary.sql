-- name: columns
-- Return every column of every table and view of the schema public, with the comments.
SELECT c.relname AS relation,
       c.relkind::text AS kind,
       coalesce(obj_description(c.oid, 'pg_class'), '') AS relation_comment,
       a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type,
       coalesce(col_description(c.oid, a.attnum), '') AS comment
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace
  AND c.relkind IN ('r', 'p', 'v', 'm')
  AND a.attnum > 0
  AND NOT a.attisdropped
  AND c.relname NOT LIKE '\_yoyo%'
  AND c.relname <> 'yoyo_lock'
ORDER BY c.relname COLLATE "C", a.attnum;
