-- Run as the owner after every migration, so that tables of later versions are covered. Roles that do not exist
-- on this server are skipped: docs/security.md has the statements that create them.
DO $$
DECLARE
    relation record;
    is_owner boolean := (
        SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database WHERE datname = current_database()
    );
    is_writer boolean := is_owner AND to_regrole('songnodes_writer') IS NOT NULL;
    is_analyst boolean := is_owner AND to_regrole('songnodes_analyst') IS NOT NULL;
BEGIN
    IF is_writer OR is_analyst THEN
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
        EXECUTE 'REVOKE ALL ON SCHEMA public FROM PUBLIC';
    END IF;
    IF is_writer THEN
        EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO songnodes_writer', current_database());
        GRANT USAGE ON SCHEMA public TO songnodes_writer;
        GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO songnodes_writer;
        GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO songnodes_writer;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO songnodes_writer;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO songnodes_writer;
        IF current_setting('server_version_num')::integer >= 170000 THEN  -- ANALYZE after large changes
            EXECUTE 'GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO songnodes_writer';
            EXECUTE 'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT MAINTAIN ON TABLES TO songnodes_writer';
        END IF;
        IF to_regclass('public.gold_reports') IS NOT NULL THEN  -- a report stays as it was made
            REVOKE UPDATE, DELETE, TRUNCATE ON gold_reports FROM songnodes_writer;
        END IF;
        -- Only the owner changes the ledger of migrations.
        FOR relation IN
            SELECT oid::regclass AS name FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relname ~ '^_?yoyo_' AND relkind = 'r'
        LOOP
            EXECUTE format('REVOKE ALL ON %s FROM songnodes_writer', relation.name);
            EXECUTE format('GRANT SELECT ON %s TO songnodes_writer', relation.name);
        END LOOP;
    END IF;
    IF is_analyst THEN
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO songnodes_analyst', current_database());
        GRANT USAGE ON SCHEMA public TO songnodes_analyst;
        REVOKE ALL ON ALL TABLES IN SCHEMA public FROM songnodes_analyst;
        -- Bronze, silver, gold, views, and what `queries` reads with them; positions, queues, the frontier and other
        -- bookkeeping are none of these.
        FOR relation IN
            SELECT oid::regclass AS name FROM pg_class
            WHERE relnamespace = 'public'::regnamespace
              AND (relkind IN ('v', 'm') OR (relkind IN ('r', 'p', 'f') AND (
                  relname ~ '^(bronze|silver|gold)_'
                  OR relname IN ('cut_track_plays', 'harmonic_moves', 'network_track_artists', 'refresh_state',
                                 'refresh_steps', 'set_links', 'track_labels')
              )))
              AND NOT EXISTS (
                  SELECT FROM pg_depend AS d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = pg_class.oid AND d.deptype = 'e'
              )
        LOOP
            EXECUTE format('GRANT SELECT ON %s TO songnodes_analyst', relation.name);
        END LOOP;
    END IF;
END
$$
