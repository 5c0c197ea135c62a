-- Run in single-user mode in the pipeline's database. Gives the owner all objects of the superuser:
-- in databases of earlier versions every client was that superuser.
DO $do$
DECLARE
    object record;
BEGIN
    FOR object IN SELECT nspname FROM pg_namespace
                WHERE nspowner = 10 AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    LOOP
        EXECUTE format('ALTER SCHEMA %I OWNER TO songnodes_owner', object.nspname);
    END LOOP;
    FOR object IN
        SELECT c.oid::regclass AS name FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relowner = 10 AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
          AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          -- Neither members of extensions nor sequences of a column, which follow their table.
          AND NOT EXISTS (
              SELECT FROM pg_depend AS d
              WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype IN ('a', 'i')))
          )
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO songnodes_owner', object.name);
    END LOOP;
    FOR object IN
        SELECT p.oid::regprocedure AS name FROM pg_proc AS p
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE p.proowner = 10 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (
              SELECT FROM pg_depend AS d
              WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
          )
    LOOP
        EXECUTE format('ALTER ROUTINE %s OWNER TO songnodes_owner', object.name);
    END LOOP;
    FOR object IN
        SELECT t.oid::regtype AS name FROM pg_type AS t
        JOIN pg_namespace AS n ON n.oid = t.typnamespace
        LEFT JOIN pg_class AS c ON c.oid = t.typrelid
        WHERE t.typowner = 10 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND (t.typtype IN ('d', 'e', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))
          AND NOT EXISTS (
              SELECT FROM pg_depend AS d
              WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
          )
    LOOP
        EXECUTE format('ALTER TYPE %s OWNER TO songnodes_owner', object.name);
    END LOOP;
END
$do$;

ALTER DATABASE songnodes OWNER TO songnodes_owner;

