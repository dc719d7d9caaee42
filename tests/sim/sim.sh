#!/bin/sh
# sim.sh: wavegate-sim on a PostgreSQL of its own, in memory where there is some: it makes and empties files all the time.
#
# usage: tests/sim/sim.sh WAVEGATE_SIM [flags]
set -eu

if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ]; then
    TMPDIR=/dev/shm
    export TMPDIR
fi
exec "$(dirname "$0")/../store/with_postgres.sh" "$@"
