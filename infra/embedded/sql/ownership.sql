-- Run in single-user mode in the pipeline's database. Gives the owner all objects of the superuser:
-- in databases of earlier versions every client was that superuser.
DO $do$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('ALTER %s %s OWNER TO songnodes_owner', object.kind, object.name)
        FROM (
            SELECT 'SCHEMA' AS kind, quote_ident(nspname) AS name, oid AS schema, nspowner AS owner,
                'pg_namespace'::regclass AS catalog, oid
            FROM pg_namespace
            UNION ALL
            SELECT 'TABLE', oid::regclass::text, relnamespace, relowner, 'pg_class'::regclass, oid
            FROM pg_class AS c
            WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
               -- Sequences of a column follow their table.
               OR (relkind = 'S' AND NOT EXISTS (
                   SELECT FROM pg_depend AS d
                   WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
               ))
            UNION ALL
            SELECT 'ROUTINE', oid::regprocedure::text, pronamespace, proowner, 'pg_proc'::regclass, oid
            FROM pg_proc
            UNION ALL
            SELECT 'TYPE', t.oid::regtype::text, typnamespace, typowner, 'pg_type'::regclass, t.oid
            FROM pg_type AS t
            LEFT JOIN pg_class AS c ON c.oid = t.typrelid
            WHERE typtype IN ('d', 'e', 'r') OR (typtype = 'c' AND c.relkind = 'c')
        ) AS object
        JOIN pg_namespace AS n ON n.oid = object.schema
        WHERE object.owner = 10 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          -- Members of extensions stay with the superuser.
          AND NOT EXISTS (
              SELECT FROM pg_depend AS d
              WHERE d.classid = object.catalog AND d.objid = object.oid AND d.deptype = 'e'
          )
    LOOP
        EXECUTE statement;
    END LOOP;
END
$do$;

ALTER DATABASE songnodes OWNER TO songnodes_owner;

