-- Run in single-user mode in template1, which later databases copy, and in the pipeline's database.
-- Functions that every role may call by default: advisory locks are the pipeline's (one resolver, one migration
-- at a time), and large objects would be a place to write to.
DO $do$
DECLARE
    called regprocedure;
BEGIN
    FOR called IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace
          AND proname ~ '^(pg_(try_)?advisory_|lo_|loread$$|lowrite$$)'
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', called);
        IF called::text ~ 'advisory' THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO songnodes_owner, songnodes_writer', called);
        END IF;
    END LOOP;
END
$do$;

