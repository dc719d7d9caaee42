#!/bin/sh
# run.sh: libFuzzer on every target, one after the other. What it learns stays in BUILD/corpus,
# so the next run goes on from there.
#
# usage: tests/fuzz/run.sh BUILD SECONDS [NOUN...]
set -eu

build=${1:?usage: run.sh BUILD SECONDS [NOUN...]}
seconds=${2:?usage: run.sh BUILD SECONDS [NOUN...]}
shift 2
found=$build/found
mkdir -p "$found" "$build/log"
failed= ran=
trap 'exit 130' INT

wanted() {
    noun=$1
    shift
    [ $# -eq 0 ] && return 0
    for one in "$@"; do [ "$one" = "$noun" ] && return 0; done
    return 1
}

while read -r noun max dict corpus; do
    wanted "$noun" "$@" || continue
    ran=$noun
    program=$build/bin/fuzz_$noun
    log=$build/log/$noun
    mkdir -p "$build/corpus/$noun"
    printf 'fuzz: %-10s ' "$noun"
    # shellcheck disable=SC2086 # folders, one word each
    if "$program" -max_total_time="$seconds" -max_len="$max" -timeout=10 -rss_limit_mb=2048 \
        -dict="$dict" -print_final_stats=1 -artifact_prefix="$found/fuzz_$noun-" \
        "$build/corpus/$noun" $corpus >"$log" 2>&1 </dev/null; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        echo "$runs runs, $(find "$build/corpus/$noun" -type f | wc -l) inputs kept"
    else
        failed="$failed $noun"
        echo "FOUND"
        grep -E 'must hold|^==.*(ERROR|WARNING)|SUMMARY|runtime error' "$log" | head -n 5
        file=$(sed -n 's/.*Test unit written to //p' "$log" | head -n 1)
        echo "fuzz: input: ${file:-none was kept}; report: $log"
        echo "fuzz: again: $program $file"
    fi
done <"$build/fuzz.txt"

if [ -z "$ran" ]; then
    echo "fuzz: no such target: $*" >&2
    exit 2
fi
[ -z "$failed" ] && exit 0
echo "fuzz: failed:$failed" >&2
exit 1
