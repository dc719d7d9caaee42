#!/bin/sh
# Fetches the source packages of sources.txt into a folder and unpacks them with Debian's patches:
#   deploy/small/sources.sh build/small-sources
# Package lists and cache lie in the folder too: the machine's own apt is read and not changed. apt checks
# every file against the archive's signature. Does nothing, and needs no network, when all is there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo "usage: sources.sh FOLDER" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)

say() { printf 'sources: %s\n' "$*" >&2; }

wanted() { sed 's/#.*//' "$here/sources.txt" | grep . ; }

is_there() { [ "$(cat "$folder/$1/.version" 2>/dev/null)" = "$2" ]; }

all_there() { wanted | while read -r name version; do is_there "$name" "$version" || exit 1; done; }

# Where this machine has its packages from, as lines for sources.
lines() {
    apt-get indextargets --format "\$(ORIGIN) \$(SITE) \$(RELEASE)" 'Created-By: Packages' | sort -u |
        sed -n 's,^Debian \([^ ]*\) \([^ ]*\)$,deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \1 \2 main,p'
}

if all_there; then exit 0; fi

state=$folder/apt
mkdir -p "$state/lists/partial" "$state/archives/partial"
lines >"$state/sources.list"
grep -q . "$state/sources.list" || { say "apt knows no Debian archive on this machine"; exit 1; }
apt() {
    apt-get -qq -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state" -o APT::Sandbox::User=root "$@"
}
say "reading the lists of Debian's sources"
apt update
wanted | while read -r name version; do
    if is_there "$name" "$version"; then continue; fi
    say "$name $version"
    rm -rf "${folder:?}/$name" "$folder/new"
    mkdir "$folder/new"
    (cd "$folder/new" && apt source --download-only "$name=$version") || {
        say "$name $version is not to be had: see 'apt-cache showsrc $name' and change sources.txt"
        exit 1
    }
    dpkg-source --no-check -x "$folder"/new/*.dsc "$folder/$name" >"$folder/unpack.log"
    rm -rf "$folder/new"
    printf '%s\n' "$version" >"$folder/$name/.version"
done
