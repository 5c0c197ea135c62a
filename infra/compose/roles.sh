#!/bin/sh
# Run once by the PostgreSQL image, as its superuser: the roles of the embedded server (infra/embedded/sql/roles.sql)
# and a database for the registry. Passwords are in the environment: every process can read a command line.
set -eu
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner DATABASE_OWNER_PASSWORD
\getenv writer DATABASE_WRITER_PASSWORD
\getenv analyst DATABASE_ANALYST_PASSWORD
\getenv registry REGISTRY_DATABASE_PASSWORD
CREATE ROLE songnodes_owner LOGIN NOSUPERUSER CREATEDB PASSWORD :'owner';
CREATE ROLE songnodes_writer LOGIN NOSUPERUSER PASSWORD :'writer';
CREATE ROLE songnodes_analyst LOGIN NOSUPERUSER CONNECTION LIMIT 40 PASSWORD :'analyst';
ALTER ROLE songnodes_analyst SET default_transaction_read_only = on;
ALTER ROLE songnodes_analyst SET temp_file_limit = '4GB';
GRANT songnodes_writer, songnodes_analyst, pg_checkpoint TO songnodes_owner;
CREATE ROLE registry LOGIN NOSUPERUSER PASSWORD :'registry';
CREATE DATABASE songnodes OWNER songnodes_owner;
CREATE DATABASE registry OWNER registry;
REVOKE ALL ON DATABASE postgres, template1, registry FROM PUBLIC;
SQL
