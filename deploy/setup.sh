#!/bin/sh
# Installs the packages of deploy/packages.txt on Debian 12, as root or through sudo.
# Does nothing when all are there. No service is started or enabled by it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
policy=/usr/sbin/policy-rc.d

say() { printf 'setup: %s\n' "$*" >&2; }

missing=
for package in $(sed 's/#.*//' "$here/packages.txt"); do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
        missing="$missing $package"
done
if [ -z "$missing" ]; then
    say "all packages are installed"
    exit 0
fi

if [ "$(id -u)" -eq 0 ]; then
    root=
elif command -v sudo >/dev/null 2>&1; then
    root=sudo
else
    say "these packages are missing:$missing"
    say "run this script as root, or install sudo"
    exit 1
fi

if ! command -v apt-get >/dev/null 2>&1; then
    say "this is not Debian: install the counterparts of deploy/packages.txt by hand"
    exit 1
fi

# The private services are started by the tests alone: the packages must not start theirs.
guarded=
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
    $root chmod 755 "$policy"
    guarded=yes
fi
unguard() { [ -z "$guarded" ] || $root rm -f "$policy"; }
trap unguard EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "installing:$missing"
$root apt-get update -qq
# shellcheck disable=SC2086 # one word for each package
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
say "done"
