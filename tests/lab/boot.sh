#!/bin/bash
# boot.sh: a device's boot loader: plays deploy/boot/grub.cfg or deploy/boot/uboot.cmd as it stands,
# with the commands of GRUB and U-Boot as functions, on an environment that the real tools read and
# write. What GRUB would start is a process here: the agent, or a system that does not come up.
#
# usage: boot.sh SCRIPT FOLDER PROGRAM...
#
# FOLDER holds grubenv (GRUB) or fw_env.config (U-Boot), slot-a and slot-b, and gets cmdline and
# boot.log. A slot that begins with "does not start" ends in a restart, as by a watchdog; one that begins with
# "does not load" has no kernel.

script=$1 folder=$2
shift 2
program=("$@")

# GRUB
load_env() {
    local line
    while IFS= read -r line; do
        printf -v "${line%%=*}" %s "${line#*=}"
    done < <(grub-editenv "$folder/grubenv" list)
}
# In place, as GRUB writes its sectors: grub-editenv empties the file first, and power may go at any moment.
save_env() {
    cp "$folder/grubenv" "$folder/grubenv.new" && grub-editenv "$folder/grubenv.new" set "$1=${!1}" &&
        dd if="$folder/grubenv.new" of="$folder/grubenv" bs=1024 count=1 conv=notrunc status=none
}
set() { printf -v "${1%%=*}" %s "${1#*=}"; }
initrd() { :; }
loads() { [ "$(head -c 13 "$folder/slot-$wg_slot" | tr -d '\0')" != "does not load" ]; }
linux() {
    case $root,$wg_slot in hd0,gpt2,a | hd0,gpt3,b) ;; *) echo "slot $wg_slot of $root"; exit 1 ;; esac
    shift
    loads && echo "$*" >"$folder/cmdline"
}

# U-Boot
setenv() {
    local name=$1
    shift
    printf -v "$name" %s "$*"
}
saveenv() {
    fw_setenv -c "$folder/fw_env.config" wg_once "$wg_once" &&
        fw_setenv -c "$folder/fw_env.config" wg_starts "$wg_starts"
}
load() { loads; }
booti() {
    echo "$bootargs" >"$folder/cmdline"
    boot
}

boot() {
    local slot
    slot=$(sed 's/.*wg.slot=\(.\).*/\1/' "$folder/cmdline")
    echo "$slot" >>"$folder/boot.log"
    if [ "$(head -c 14 "$folder/slot-$slot" | tr -d '\0')" = "does not start" ]; then
        reboot
    fi
    exec "${program[@]}"
}
reboot() { exec "$BASH" "$0" "$script" "$folder" "${program[@]}"; }
reset() { reboot; }
sleep() { :; }

if [ -e "$folder/fw_env.config" ]; then # U-Boot has its variables before any script runs
    while IFS= read -r line; do
        printf -v "${line%%=*}" %s "${line#*=}"
    done < <(fw_printenv -c "$folder/fw_env.config" | grep '^wg_')
fi
# shellcheck source=/dev/null
. "$script"
