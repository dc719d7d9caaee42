#!/bin/sh
# driver_test.sh: the driver finds what is wrong with a target, names the input and leaves it where
# it can be run again.
#
# usage: tests/fuzz/driver_test.sh PROGRAM
set -eu

program=${1:?usage: driver_test.sh PROGRAM}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bad=0
mkdir "$folder/corpus"
printf 'ab\n' >"$folder/corpus/1"
printf 'c\nd' >"$folder/corpus/2"
printf 'word="ha"\n"\\x6eg" # is no word\n' >"$folder/wrong.dict"

complain() {
    echo "driver_test.sh: $*" >&2
    bad=1
}

# finds WORD HOW: an input that has WORD is found and told as HOW.
finds() {
    rm -rf "$folder/found"
    printf '"%s"\n' "$1" >"$folder/words.dict"
    if "$program" -runs=20000 -timeout=1 -dict="$folder/words.dict" \
        -artifact_prefix="$folder/found/" "$folder/corpus" >"$folder/said" 2>&1; then
        complain "nothing found with $1"
        return 0
    fi
    file=$(sed -n 's/.* kept: //p' "$folder/said")
    case $file in
    */fuzz_broken-"$2"-*) grep -q "$1" "$file" || complain "no $1 in $file" ;;
    *) complain "with $1 it said: $(tail -n 3 "$folder/said")" ;;
    esac
}

finds boom crash
finds exit crash
finds hang hang
file=$folder/again
printf boom >"$file"
if "$program" "$file" >"$folder/said" 2>&1; then complain "what was found does not fail again"; fi
grep -q 'no boom' "$folder/said" || complain "replaying said: $(cat "$folder/said")"

# What only a sanitizer sees.
if nm "$program" | grep -q __asan_init; then
    finds over crash
    finds leak leak
fi

printf '"quiet"\n' >"$folder/words.dict"
"$program" -runs=2000 -dict="$folder/words.dict" -artifact_prefix="$folder/" "$folder/corpus" >"$folder/said" 2>&1 ||
    complain "without a fault it said: $(cat "$folder/said")"
first=$("$program" -runs=500 -artifact_prefix="$folder/" "$folder/corpus")
[ "$first" = "fuzz_broken: 2 inputs, 500 mutations of seed 1" ] || complain "it said: $first"
if "$program" -runs=1 -dict="$folder/wrong.dict" "$folder/corpus" >"$folder/said" 2>&1; then
    complain "a wrong dictionary was taken"
fi
grep -q 'wrong.dict:2:' "$folder/said" || complain "it said: $(cat "$folder/said")"
exit $bad
