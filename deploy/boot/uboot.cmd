# uboot.cmd: starts the slot that wavegate-agent has chosen (docs/slots.md).
#
#   mkimage -A arm64 -T script -C none -d uboot.cmd boot.scr
#
# Partitions 2 and 3 of mmc 0 are slots a and b. The environment must be redundant
# (CONFIG_SYS_REDUNDAND_ENVIRONMENT). Change the lines under "the slot's system" to what your device
# has; leave the choice above them as it is.

# The choice. wg_once is used up on disk before the slot that it names is started; when it cannot be
# written, the slot is not tried.
setenv wg_slot a
setenv wg_try
if test "${wg_default}" = "b"; then
    setenv wg_slot b
fi
if test "${wg_once}" = "a" -o "${wg_once}" = "b"; then
    setenv wg_try ${wg_once}
    setenv wg_once -
    if saveenv; then
        setenv wg_slot ${wg_try}
    fi
fi

# The count. wg_starts, where it is a digit, says how often the default was started since somebody
# has said that it is well, which wavegate-agent does by setting it to 0. After five times in vain the
# other slot is started, once: wg.fallback and wg.starts tell the agent there, which makes that one
# the default. Where it cannot be written the default is started.
setenv wg_fallback
setenv wg_counted
setenv wg_next
setenv wg_last 5
for wg_digit in 0 1 2 3 4 5; do
    if test "${wg_starts}" = "${wg_last}"; then
        setenv wg_next ${wg_digit}
    fi
    setenv wg_last ${wg_digit}
done
if test "${wg_try}" = "" -a "${wg_next}" != ""; then
    setenv wg_starts ${wg_next}
    if saveenv; then
        if test "${wg_starts}" = "0"; then
            setenv wg_fallback wg.fallback=yes
            setenv wg_counted wg.starts=5
        fi
    fi
fi

# The slot's system. panic=10 and a hardware watchdog bring back a system that does not come up.
# Where it cannot be loaded the other slot is, and wg.fallback says so to the agent there, which makes
# that one the default.
setenv wg_other b
if test "${wg_slot}" = "b"; then
    setenv wg_other a
fi
if test "${wg_counted}" != ""; then
    setenv wg_last ${wg_slot}
    setenv wg_slot ${wg_other}
    setenv wg_other ${wg_last}
fi
for wg_slot in ${wg_slot} ${wg_other}; do
    setenv wg_part 2
    if test "${wg_slot}" = "b"; then
        setenv wg_part 3
    fi
    setenv bootargs console=ttyS0,115200 root=/dev/mmcblk0p${wg_part} rootwait ro panic=10 wg.slot=${wg_slot} ${wg_fallback} ${wg_counted}
    if load mmc 0:${wg_part} ${kernel_addr_r} /boot/Image; then
        if load mmc 0:${wg_part} ${fdt_addr_r} /boot/board.dtb; then
            booti ${kernel_addr_r} - ${fdt_addr_r}
        fi
    fi
    setenv wg_fallback wg.fallback=yes
done

# Neither could be loaded: the next start tries again.
sleep 10
reset
