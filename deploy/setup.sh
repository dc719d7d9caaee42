#!/bin/sh
# Installs what the project needs on Debian 12: the packages of deploy/packages.txt, as root or
# through sudo; the YAML language server that tests/system/test_editor.py asks, into build/editor; and
# the test vectors that tests/unit/age/kit_test.c goes through, into build/age_kit; and python-tuf, which
# tests/tuf compares with, into build/python-tuf; and the packages of examples/device, into build/device; and
# promtool, which checks metrics, into build/promtool.
# With the name of another list of packages: those, and nothing else.
# Does nothing, and needs no network, when all is there. No service is started or enabled by it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
list=${1:-$here/packages.txt}
policy=/usr/sbin/policy-rc.d
python_tuf=$here/../build/python-tuf
promtool=$here/../build/promtool
python_tuf_pins=$here/../tests/tuf/requirements.txt

say() { printf 'setup: %s\n' "$*" >&2; }

# Node 18 or newer, with npm: Debian's, or one that is there already.
has_node() {
    command -v npm >/dev/null 2>&1 &&
        node -e 'process.exit(parseInt(process.versions.node, 10) >= 18 ? 0 : 1)' 2>/dev/null
}

missing_packages() {
    wanted=$(sed 's/#.*//' "$list")
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

# node_install FOLDER: the npm packages that it pins, into build/, under its last name. The copy of the lock is
# laid beside them last, by whoever has all that belongs to it: it says what is whole.
node_install() {
    from=$here/../$1 into=$here/../build/${1##*/}
    rm -rf "$into" && mkdir -p "$into"
    cp "$from/package.json" "$from/.npmrc" "$from/package-lock.json" "$into/"
    (cd "$into" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefer-offline \
        --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 >/dev/null)
}

node_is_whole() {
    cmp -s "$here/../$1/package-lock.json" "$here/../build/${1##*/}/installed.json"
}

node_mark() {
    cp "$here/../$1/package-lock.json" "$here/../build/${1##*/}/installed.json"
}

install_editor() {
    say "installing the YAML language server in build/editor"
    node_install tests/editor && node_mark tests/editor
}

install_age_kit() {
    say "installing the test vectors of age in build/age_kit"
    node_install tests/age_kit &&
        (cd "$here/../build/age_kit" && node "$here/../tests/age_kit/unpack.mjs" vectors) &&
        node_mark tests/age_kit
}

install_device() {
    say "installing what examples/device needs in build/device"
    node_install examples/device && node_mark examples/device
}

# What tests/tuf/requirements.txt pins by hash; the copy of it, laid beside last, says what is whole.
install_python_tuf() {
    say "installing python-tuf in build/python-tuf"
    rm -rf "$python_tuf" && mkdir -p "$python_tuf" &&
        /usr/bin/python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
            --no-compile --only-binary=:all: --require-hashes --target "$python_tuf" -r "$python_tuf_pins" &&
        cp "$python_tuf_pins" "$python_tuf/installed.txt"
}

# promtool alone, which tests/system/test_api_metrics.py and test_alerts.py ask: the package would bring a server and a web page of it along.
install_promtool() {
    say "unpacking promtool into build/promtool"
    fetched=$(mktemp -d) && mkdir -p "$promtool" &&
        (cd "$fetched" && apt-get download -qq prometheus >/dev/null 2>&1 &&
            dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x -C "$fetched" ./usr/bin/promtool) &&
        mv "$fetched/usr/bin/promtool" "$promtool/promtool"
    made=$?
    rm -rf "$fetched"
    return $made
}

missing=$(missing_packages)
if [ -z "$missing" ]; then
    say "all packages are installed"
else
    install_packages
    say "done"
fi

[ $# -eq 0 ] || exit 0

# Nothing that is built needs it, so building goes on without it.
node_is_whole tests/editor || install_editor ||
    say "no YAML language server: tests/system/test_editor.py will fail"
node_is_whole tests/age_kit || install_age_kit ||
    say "no test vectors of age: tests/unit/age/kit_test.c will fail"
node_is_whole examples/device || install_device ||
    say "no packages for the example device: tests/system/test_other_language.py will fail"
cmp -s "$python_tuf_pins" "$python_tuf/installed.txt" || install_python_tuf ||
    say "no python-tuf: the tests that compare with it will fail"
[ -x "$promtool/promtool" ] || install_promtool ||
    say "no promtool: tests/system/test_api_metrics.py and test_alerts.py will fail"
