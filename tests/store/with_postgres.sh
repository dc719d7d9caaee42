#!/bin/sh
# with_postgres.sh: runs a command against a PostgreSQL cluster of its own, which ends with it.
#
# usage: with_postgres.sh COMMAND [ARGUMENT...]
#        with_postgres.sh --keep FOLDER
# The command finds PGHOST (a socket folder), PGUSER and PGDATABASE set; its exit code is passed on.
# --keep: only makes the cluster, in FOLDER. With WG_CLUSTER set to that folder later ones begin as its copy.
set -eu

bin=${WG_POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
[ $# -gt 0 ] || { echo "with_postgres.sh: no command given" >&2; exit 2; }
[ -x "$bin/initdb" ] || { echo "with_postgres.sh: no $bin/initdb: install postgresql-15" >&2; exit 2; }

# In memory where there is a gigabyte to spare: hundreds of small files come and go.
place=${TMPDIR:-/tmp}
if [ -w /dev/shm ] && [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt 1048576 ]; then place=/dev/shm; fi
folder=$(mktemp -d "$place/wg-postgres.XXXXXX")
server=
command=

# initdb and postgres refuse to run as root.
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$folder"
    as() { setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"; }
else
    as() { "$@"; }
fi

# Without its server it is whole on disk.
keep() {
    kill -INT "$server"
    wait "$server" || { cat "$folder/server.log" >&2; exit 1; }
    server=
    rm -rf "$1"
    mv "$folder/data" "$1"
}

clean() {
    trap - EXIT INT TERM HUP
    if [ -n "$command" ]; then kill -TERM "$command" 2>/dev/null || :; fi
    if [ -n "$server" ]; then
        kill -QUIT "$server" 2>/dev/null || : # nothing here is worth a checkpoint
        wait "$server" 2>/dev/null || :
    fi
    rm -rf "$folder"
}
trap clean EXIT
trap 'clean; exit 130' INT
trap 'clean; exit 143' TERM HUP

cd "$folder"
if [ -n "${WG_CLUSTER:-}" ]; then
    cp -a "$WG_CLUSTER" "$folder/data"
else
    as "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
        --wal-segsize=1 \
        --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
fi

# The shell becomes the server, so that $! is the server's own id.
if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid=postgres --regid=postgres --init-groups -- "$bin/postgres" -D "$folder/data" \
        -k "$folder" -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
        -c jit=off -c wal_init_zero=off -c shared_buffers=64MB -c log_min_messages=fatal >"$folder/server.log" 2>&1 &
else
    "$bin/postgres" -D "$folder/data" \
        -k "$folder" -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
        -c jit=off -c wal_init_zero=off -c shared_buffers=64MB -c log_min_messages=fatal >"$folder/server.log" 2>&1 &
fi
server=$!

tries=0
until "$bin/pg_isready" --quiet --host="$folder"; do
    tries=$((tries + 1))
    if [ $tries -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then
        echo "with_postgres.sh: the server does not start" >&2
        cat "$folder/server.log" >&2
        exit 1
    fi
    sleep 0.1
done

PGHOST=$folder PGUSER=postgres PGDATABASE=wavegate
export PGHOST PGUSER PGDATABASE
unset PGPORT PGPASSWORD PGSERVICE PGOPTIONS 2>/dev/null || :
[ -n "${WG_CLUSTER:-}" ] || "$bin/createdb" --maintenance-db=postgres wavegate

cd "$OLDPWD"
if [ "$1" = --keep ]; then
    "$bin/psql" --quiet --command='create extension postgis' --command='delete from spatial_ref_sys where srid <> 4326' \
        --command='vacuum full'
    keep "$2"
    exit
fi
"$@" &
command=$!
status=0
wait "$command" || status=$?
command=
exit $status
