#!/bin/sh
# Print a new password for each login of compose.yaml, for a file that only you can read:
#   (umask 077; sh infra/compose/passwords.sh > infra/compose/.env)
set -eu
for name in POSTGRES_PASSWORD DATABASE_OWNER_PASSWORD DATABASE_WRITER_PASSWORD DATABASE_ANALYST_PASSWORD \
    REGISTRY_DATABASE_PASSWORD REDIS_PASSWORD KAFKA_SASL_PASSWORD; do
    printf '%s=%s\n' "$name" "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
done
