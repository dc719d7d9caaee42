#!/bin/sh
# Installs what the project needs on Debian 12: the packages of deploy/packages.txt, as root or
# through sudo, and the YAML language server that tests/system/test_editor.py asks, into build/editor.
# Does nothing, and needs no network, when all is there. No service is started or enabled by it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
lock=$here/../tests/editor/package-lock.json
editor=$here/../build/editor
policy=/usr/sbin/policy-rc.d

say() { printf 'setup: %s\n' "$*" >&2; }

# Node 18 or newer, with npm: Debian's, or one that is there already.
has_node() {
    command -v npm >/dev/null 2>&1 &&
        node -e 'process.exit(parseInt(process.versions.node, 10) >= 18 ? 0 : 1)' 2>/dev/null
}

missing_packages() {
    wanted=$(sed 's/#.*//' "$here/packages.txt")
    has_node || wanted="$wanted nodejs npm"
    for package in $wanted; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            printf ' %s' "$package"
    done
}

install_packages() {
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
}

# The copy of the lock is laid beside the server last: it says what is whole.
install_editor() {
    say "installing the YAML language server in build/editor"
    rm -rf "$editor" && mkdir -p "$editor"
    cp "$here/../tests/editor/package.json" "$here/../tests/editor/.npmrc" "$lock" "$editor/"
    (cd "$editor" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefer-offline \
        --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 >/dev/null) &&
        cp "$lock" "$editor/installed.json"
}

missing=$(missing_packages)
if [ -z "$missing" ]; then
    say "all packages are installed"
else
    install_packages
    say "done"
fi

# Nothing that is built needs it, so building goes on without it.
cmp -s "$lock" "$editor/installed.json" || install_editor ||
    say "no YAML language server: tests/system/test_editor.py will fail"
