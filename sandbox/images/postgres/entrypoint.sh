#!/bin/sh
# What manifests/database.py asks of an image, as docker-library/postgres understands it: POSTGRES_USER, POSTGRES_DB,
# POSTGRES_PASSWORD_FILE and PGDATA. A data folder is made whole or not at all: a start that is killed begins again.
set -eu
: "${PGDATA:=/var/lib/postgresql/data}" "${POSTGRES_USER:=postgres}"
: "${POSTGRES_DB:=$POSTGRES_USER}"

if [ "${1:-postgres}" != postgres ]; then
    exec "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    if [ ! -r "${POSTGRES_PASSWORD_FILE:-}" ]; then
        echo "POSTGRES_PASSWORD_FILE: names no file that can be read; mount the Secret with the password" >&2
        exit 1
    fi
    new="$PGDATA.new"
    rm -rf "$new"
    if [ -d "$PGDATA" ]; then rmdir "$PGDATA"; fi
    initdb --pgdata="$new" --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" \
        --auth-local=trust --auth-host=scram-sha-256 --no-locale --encoding=UTF8 --no-instructions
    echo "host all all all scram-sha-256" >> "$new/pg_hba.conf"
    if [ "$POSTGRES_DB" != postgres ]; then
        echo "CREATE DATABASE \"$POSTGRES_DB\";" |
            postgres --single -j -D "$new" -c log_min_messages=warning postgres > /dev/null
    fi
    mv "$new" "$PGDATA"
fi
# Beside the usual folder, the one that these builds of psql and pg_isready look into.
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql,/tmp
