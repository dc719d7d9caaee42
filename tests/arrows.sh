#!/bin/sh
# arrows.sh: checks that the includes of the source tree point one way, as ARCHITECTURE.md draws it.
#
# usage: tests/arrows.sh SOURCE_ROOT
#
# Includes are written "room/file.h" from the source root, or "file.h" for the same folder. Prints
# each violation as file:line: text and ends with 1; ends with 2 if there is nothing to check.
set -eu

# A room and the rooms whose headers it may include, beside its own. A folder below a room that has
# no row of its own belongs to that room; a folder without any row is a violation, so that every new
# room is given its place here.
ROOMS='
common
common/posix           common common/tuf common/age
common/crypt           common
common/age             common common/crypt
common/tuf             common
common/zst             common
common/trust           common common/tuf
orchestrator/yaml      common
orchestrator/engine    common
orchestrator/campaign  common common/trust common/posix orchestrator/engine orchestrator/yaml
orchestrator/people    common common/crypt
orchestrator/store     common common/posix orchestrator/people
orchestrator/registry  common
orchestrator/release   common common/trust common/tuf common/posix common/crypt common/age common/zst
orchestrator/http      common common/posix
orchestrator/files     common common/posix orchestrator/http orchestrator/release
orchestrator/config    common common/posix orchestrator/yaml
orchestrator/signer    common common/trust common/tuf common/posix orchestrator/campaign orchestrator/engine orchestrator/yaml orchestrator/release
orchestrator/status    common common/posix orchestrator/store orchestrator/engine orchestrator/campaign
orchestrator/plan      common common/trust common/posix orchestrator/status orchestrator/store orchestrator/engine orchestrator/campaign
orchestrator/support   common
orchestrator/show      common common/trust common/posix orchestrator/support orchestrator/plan orchestrator/status orchestrator/store orchestrator/engine orchestrator/campaign
orchestrator/steering  common common/trust common/age common/posix orchestrator/show orchestrator/plan orchestrator/status orchestrator/store orchestrator/engine orchestrator/campaign orchestrator/yaml orchestrator/release orchestrator/config orchestrator/registry
orchestrator/openid    common common/posix orchestrator/config orchestrator/http
orchestrator/hook      common common/posix
orchestrator/link      common common/posix orchestrator/engine orchestrator/store orchestrator/release orchestrator/config
orchestrator/remote    common common/posix
orchestrator/cli       orchestrator/remote orchestrator/people common common/trust common/tuf common/zst common/posix orchestrator/campaign orchestrator/engine orchestrator/release orchestrator/config orchestrator/yaml orchestrator/registry
orchestrator/api       orchestrator/steering orchestrator/registry orchestrator/release orchestrator/yaml common common/trust common/posix orchestrator/http orchestrator/people orchestrator/show orchestrator/support orchestrator/plan orchestrator/status orchestrator/store orchestrator/engine orchestrator/campaign orchestrator/config orchestrator/openid
orchestrator/daemon    common common/trust common/posix orchestrator/plan orchestrator/yaml orchestrator/engine orchestrator/campaign orchestrator/store orchestrator/release orchestrator/config orchestrator/status orchestrator/link orchestrator/hook
agent/core             common common/trust
agent/posix            common common/trust common/tuf common/age common/zst common/crypt common/posix agent/core
agent/tuf              common common/posix common/tuf
pki                    common common/age common/crypt common/posix
broker                 common
broker/mosquitto       common broker
'

# Rooms that are handed the time and the events, and may not reach for the world themselves.
PURE='orchestrator/engine orchestrator/people orchestrator/support agent/core common/trust common/age common/zst broker'
WORLD='time.h unistd.h stdio.h fcntl.h poll.h signal.h pthread.h threads.h dirent.h netdb.h syslog.h
sys/* netinet/* arpa/* wolfssl/* libpq* postgresql/* MQTT* mosquitto* common/log.h'

# Libraries that a room, or two, keep behind their own headers.
KEEPERS='
libpq*         orchestrator/store
postgresql/*   orchestrator/store
MQTT*          common/posix
yaml.h         orchestrator/yaml
zstd*          common/zst
sodium*        orchestrator/people
mosquitto*     broker/mosquitto
openssl/*      broker/mosquitto
microhttpd.h   orchestrator/http orchestrator/files
gnutls/*       orchestrator/http orchestrator/files orchestrator/api orchestrator/remote orchestrator/openid
curl/*         orchestrator/api orchestrator/remote orchestrator/openid
'

root=${1:?usage: arrows.sh SOURCE_ROOT}
cd "$root"
export ROOMS PURE WORLD KEEPERS

for top in common orchestrator agent pki broker; do
    if [ -d "$top" ]; then find "$top" -type f -name '*.[ch]'; fi
done | LC_ALL=C sort | LC_ALL=C awk '
function read_tables(    lines, words, n, m, i, j) {
    n = split(ENVIRON["ROOMS"], lines, "\n")
    for (i = 1; i <= n; i++) {
        m = split(lines[i], words, " ")
        if (m > 0) known[words[1]] = may[words[1], words[1]] = 1
        for (j = 2; j <= m; j++) may[words[1], words[j]] = 1
    }
    n = split(ENVIRON["PURE"], words, " ")
    for (i = 1; i <= n; i++) pure[words[i]] = 1
    world_count = split(ENVIRON["WORLD"], world, "[ \n]+")
    n = split(ENVIRON["KEEPERS"], lines, "\n")
    for (i = 1; i <= n; i++) {
        m = split(lines[i], words, " ")
        if (m > 1) kept[++kept_count] = words[1]
        for (j = 2; j <= m; j++) keeps[words[1], words[j]] = 1
        if (m > 1) keeper[words[1]] = substr(lines[i], index(lines[i], words[2]))
    }
}

# "sys/*" fits all that begins with "sys/".
function fits(header, pattern) {
    if (pattern ~ /\*$/) return index(header, substr(pattern, 1, length(pattern) - 1)) == 1
    return header == pattern
}

# The room of a path: the longest known folder that it lies in; "" if there is none.
function room_of(path) {
    while (sub(/\/[^\/]*$/, "", path))
        if (path in known) return path
    return ""
}

function complain(text) {
    printf "%s:%d: %s\n", file, line, text
    bad++
}

function check_world(room, header,    i) {
    if (room in pure)
        for (i = 1; i <= world_count; i++)
            if (fits(header, world[i])) {
                complain(room " is pure and may not include " header)
                return
            }
    for (i = 1; i <= kept_count; i++)
        if (fits(header, kept[i]) && !((kept[i], room) in keeps)) {
            complain(header " is for " keeper[kept[i]] " alone, not for " room)
            return
        }
}

function check_arrow(room, header,    to) {
    to = room_of(header)
    if (to == "")
        complain("\"" header "\" is in no room that " room " may include")
    else if (!((room, to) in may))
        complain(room " may not include " to " (\"" header "\")")
}

# text: what stands behind #include.
function check_include(room, text,    quote, header) {
    quote = substr(text, 1, 1)
    header = substr(text, 2)
    sub(quote == "<" ? ">.*" : "\".*", "", header)
    if (quote != "<" && quote != "\"")
        complain("an include that cannot be checked: " text)
    else if (header ~ /(^|\/)\.\.?(\/|$)|^\/|\/\//)
        complain("\"" header "\" is not written from the source root")
    else {
        check_world(room, header)
        if (header ~ (quote == "<" ? "^(common|orchestrator|agent|pki|broker|tests)/" : "/"))
            check_arrow(room, header)
    }
}

BEGIN { read_tables() }

{
    file = $0
    line = 0
    files++
    room = room_of(file)
    if (room == "") complain("its folder has no row in tests/arrows.sh")
    while (room != "" && (getline text < file) > 0) {
        line++
        if (text !~ /^[ \t]*#[ \t]*include/) continue
        includes++
        sub(/^[ \t]*#[ \t]*include(_next)?[ \t]*/, "", text)
        check_include(room, text)
    }
    close(file)
}

END {
    if (!includes) { print "arrows: nothing to check here" > "/dev/stderr"; exit 2 }
    if (bad) { printf "arrows: %d of %d includes point the wrong way\n", bad, includes; exit 1 }
    printf "arrows: %d files, %d includes, all one way\n", files, includes
}'
