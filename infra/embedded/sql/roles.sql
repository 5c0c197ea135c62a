-- Run in single-user mode in the database postgres. $-names are filled in; each statement ends with a blank line.
DO $do$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['songnodes_owner', 'songnodes_writer', 'songnodes_analyst'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I', wanted);
        END IF;
    END LOOP;
END
$do$;

-- Creates and alters tables. May end the sessions of the other two, as dropping a database requires.
ALTER ROLE songnodes_owner LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD '$owner';

ALTER ROLE songnodes_writer LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD '$writer';

-- Leaves connections to the pipeline, and disk space when a query sorts too much.
ALTER ROLE songnodes_analyst LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    CONNECTION LIMIT 40 PASSWORD '$analyst';

ALTER ROLE songnodes_analyst SET default_transaction_read_only = on;

ALTER ROLE songnodes_analyst SET temp_file_limit = '4GB';

GRANT songnodes_writer, songnodes_analyst, pg_checkpoint TO songnodes_owner;

REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;

