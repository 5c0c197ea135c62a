-- What each role may do, after every migration; a role that the server does not have is left out.
DO $$
DECLARE found record;
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'songnodes_writer') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO songnodes_writer;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO songnodes_writer;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO songnodes_writer;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO songnodes_writer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'songnodes_analyst') THEN
        FOR found IN
            SELECT oid::regclass AS name FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
                AND relname ~ '^(bronze|silver|gold|track|set)_'
        LOOP
            EXECUTE format('GRANT SELECT ON %s TO songnodes_analyst', found.name);
        END LOOP;
    END IF;
END $$;
