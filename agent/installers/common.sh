# shellcheck shell=sh
# common.sh: what the shipped installers share: the verbs of docs/installers.md, the content as it
# comes in, and what has to be known after a power cut. An installer reads it and then defines
#
#   prepare   the content is whole: make it ready beside what runs; nothing that runs changes
#   before    once, before switch: what switch and restore must know, into $note
#   switch    from the old to the new
#   restore   back to the old, from wherever switch was cut
#   keep      the new is good; the last thing before the way back is given up
#   forget    the way back goes, and whatever prepare left
#
# each of which may come again after it was cut anywhere; and, where a boot loader chooses what runs,
# boots=yes, running (prints the slot that runs) and other SLOT. It ends with: main "$@".
#
# $WAVEGATE_STATE/state, replaced as a whole, says how far it is:
#   idle -> begun -> ready -> switching -> trial, or marked and then trial -> settled -> idle
#   switching -> retreating -> preparing -> ready; from trial and before: -> restoring -> idle
set -eu
umask 077
boots=${boots:-no}
boot_id=${WAVEGATE_SET_BOOT_ID:-/proc/sys/kernel/random/boot_id}

die() {
    printf '%s\n' "$1" >&2
    exit "${2:-1}"
}

need() {
    eval "value=\${WAVEGATE_SET_$(printf '%s' "$1" | tr '[:lower:]' '[:upper:]'):-}"
    [ -n "$value" ] || die "settings: $1 is missing: $2"
}

load() {
    phase=idle component='' version='' sha256='' length='' note=''
    now_component=${WAVEGATE_SET_COMPONENT:-} now_version=${WAVEGATE_SET_VERSION:-}
    home='' next='' boot='' tried=''
    [ -e state ] || return 0
    while IFS=' ' read -r key value; do
        case $key in
        phase) phase=$value ;;
        component) component=$value ;;
        version) version=$value ;;
        sha256) sha256=$value ;;
        length) length=$value ;;
        now_component) now_component=$value ;;
        now_version) now_version=$value ;;
        home) home=$value ;;
        next) next=$value ;;
        boot) boot=$value ;;
        tried) tried=$value ;;
        note) note=$value ;;
        esac
    done <state
}

# put FILE: stdin becomes its content; after a cut it is the old or the new one.
put() {
    cat >"$1.new"
    sync "$1.new"
    mv -f "$1.new" "$1"
    sync .
}

save() {
    phase=$1
    put state <<END
phase $phase
component $component
version $version
sha256 $sha256
length $length
now_component $now_component
now_version $now_version
home $home
next $next
boot $boot
tried $tried
note $note
END
}

# Whatever a program was told: none of this may reach a command or an answer with a blank or a quote.
check_release() {
    case ${WAVEGATE_COMPONENT:-} in '' | *[!A-Za-z0-9._-]*) die "component: not a name" ;; esac
    case ${WAVEGATE_VERSION:-} in '' | *[!A-Za-z0-9._+~:-]*) die "version: not a version" ;; esac
    case ${WAVEGATE_SHA256:-} in '' | *[!0-9a-f]*) die "sha256: not hex" ;; esac
    case ${WAVEGATE_LENGTH:-} in '' | *[!0-9]*) die "length: not a number" ;; esac
}

is_same() {
    [ "$component $version $sha256 $length" = \
        "$WAVEGATE_COMPONENT $WAVEGATE_VERSION $WAVEGATE_SHA256 $WAVEGATE_LENGTH" ]
}

size_of() { stat -c %s "$1" 2>/dev/null || echo 0; }

# Bytes that are on disk for good.
durable() {
    have=$(cat have 2>/dev/null || echo 0)
    [ "$(size_of content)" -ge "$have" ] || have=0
}

# The new release is gone; what ran before runs, in a slot from the next boot on: until then it is
# known what is there.
drop() {
    if [ "$boots" = no ] || [ "$(running)" = "$home" ]; then component='' version=''; fi
    sha256='' length='' note='' boot='' tried=''
    save idle
    rm -f content have
    forget
}

put_back() {
    save restoring
    restore
    drop
}

# What a cut left half done. Back to the old rather than on to the new: the new may be why.
settle() {
    case $phase in
    switching | retreating)
        if [ "$boots" = yes ] && [ "$(running)" = "$next" ]; then
            save trial
            return
        fi
        save retreating
        restore
        save preparing
        settle
        ;;
    preparing)
        [ "$boots" = yes ] || prepare # in a slot it is still there
        save ready
        ;;
    restoring) put_back ;;
    settled)
        rm -f content have
        forget
        save idle
        ;;
    esac
}

# What the boot loader decided; a component without one is on trial for one boot of the machine.
judge_boot() {
    id=$(cat "$boot_id")
    case $boots:$phase in
    yes:*)
        runs=$(running)
        [ -n "$runs" ] || die "the boot loader does not say which slot runs"
        if [ -z "$home" ]; then
            home=$runs
            save "$phase"
        fi
        case $phase in
        marked | trial)
            if [ "$runs" = "$next" ]; then
                [ "$phase" = trial ] || save trial
            elif [ "$phase" = trial ] || [ "$boot" != "$id" ]; then
                put_back
            fi
            ;;
        esac
        ;;
    no:trial)
        if [ "$boot" = "$id" ] || [ "$tried" = "$id" ]; then
            :
        elif [ -z "$tried" ]; then
            tried=$id
            save trial
        else
            put_back
        fi
        ;;
    esac
}

# Where nothing boots, what is confirmed and what is on trial have names all the same: a and b in turn.
side() {
    if [ "$1" = a ]; then echo b; else echo a; fi
}

verb_status() {
    trial=false marked=false reboot=true c=$now_component v=$now_version
    if [ "$boots" = yes ]; then
        runs=$(running)
        [ -n "$runs" ] || die "the boot loader does not say which slot runs"
        idle=$(other "$runs")
        if [ "$runs" != "${home:-$runs}" ]; then
            trial=true c='' v=''
            [ "$runs" != "$next" ] || c=$component v=$version
        elif [ "$phase" = marked ]; then
            marked=true
        fi
    else
        reboot=false runs=${home:-a} idle=$(side "${home:-a}")
        if [ "$phase" = trial ]; then
            idle=$runs runs=$(side "$runs") trial=true c=$component v=$version
        fi
    fi
    [ -z "$c" ] || c="\"$c\":\"$v\""
    printf '{"protocol":1,"running":"%s","idle":"%s","trial":%s,"marked":%s,"reboot":%s,"components":{%s}}\n' \
        "$runs" "$idle" "$trial" "$marked" "$reboot" "$c"
}

verb_probe() {
    settle
    judge_boot
    verb_status
}

verb_begin() {
    check_release
    settle
    case $phase in
    trial) die "$component $version is on trial: confirm or revert comes first" ;;
    marked) put_back ;;
    esac
    if ! is_same || [ "${WAVEGATE_FRESH:-0}" = 1 ]; then drop; fi
    component=$WAVEGATE_COMPONENT version=$WAVEGATE_VERSION
    sha256=$WAVEGATE_SHA256 length=$WAVEGATE_LENGTH
    save begun
    durable
    printf '{"have":%s}\n' "$have"
}

verb_write() {
    check_release
    if [ "$phase" != begun ] || ! is_same; then die "begin comes first"; fi
    durable
    case ${WAVEGATE_OFFSET:-} in '' | *[!0-9]*) die "offset: not a number" ;; esac
    [ "$WAVEGATE_OFFSET" -le "$have" ] || die "offset $WAVEGATE_OFFSET: only $have bytes are here"
    [ "$WAVEGATE_OFFSET" -eq "$have" ] || echo "$WAVEGATE_OFFSET" | put have
    truncate -s "$WAVEGATE_OFFSET" content
    cat >>content
    [ "$(size_of content)" -le "$length" ] || die "more than the announced $length bytes"
    sync content
    size_of content | put have
}

# The one look at the content before anything is believed of it.
check_content() {
    size=$(size_of content)
    [ "$size" -eq "$length" ] || die "$size bytes of $length are here" 65
    sum=$(sha256sum content)
    [ "${sum%% *}" = "$sha256" ] && return
    echo 0 | put have
    die "the content is not the ordered one: SHA-256 ${sum%% *}, expected $sha256" 65
}

verb_finish() {
    check_release
    settle
    is_same || die "begin comes first"
    case $phase in
    ready | marked | trial) return ;;
    begun) ;;
    *) die "begin comes first" ;;
    esac
    check_content
    prepare
    save ready
}

verb_activate() {
    [ "$phase" = switching ] || settle
    case $phase in
    trial | marked) return ;;
    ready)
        boot=$(cat "$boot_id") tried=''
        if [ "$boots" = yes ]; then
            [ -n "$home" ] || home=$(running)
            next=$(other "$home")
        fi
        before
        save switching
        ;;
    switching) ;;
    *) die "nothing whole is here: write and finish come first" ;;
    esac
    switch
    if [ "$boots" = yes ]; then save marked; else save trial; fi
}

verb_confirm() {
    settle
    [ "$boots" = no ] || judge_boot
    case $phase in
    trial) ;;
    marked) die "$component $version was not booted yet" ;;
    *)
        if [ "$boots" = no ] || [ "$(running)" = "$home" ]; then return; fi
        component='' version='' # somebody else's: it runs, that is all that is known
        ;;
    esac
    keep
    now_component=$component now_version=$version
    if [ "$boots" = yes ]; then home=$(running); else home=$(side "${home:-a}"); fi
    component='' version='' sha256='' length='' boot='' tried=''
    save settled
    settle
}

verb_revert() {
    case $phase in
    switching | retreating | trial | marked | restoring) put_back ;;
    begun | preparing | ready) drop ;;
    *) settle ;;
    esac
}

main() {
    cd "$WAVEGATE_STATE"
    case ${1:-} in
    status)
        load
        verb_status
        ;;
    probe | begin | write | finish | activate | confirm | revert)
        # What an earlier run left working, when it was killed, still has the lock.
        exec 9>lock
        flock 9
        load
        "verb_$1"
        ;;
    *) die "usage: ${0##*/} probe|begin|write|finish|activate|confirm|revert|status" 64 ;;
    esac
}
