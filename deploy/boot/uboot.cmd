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

# The slot's system. panic=10 and a hardware watchdog bring back a system that does not come up.
# Where it cannot be loaded the other slot is, and wg.fallback says so to the agent there, which makes
# that one the default.
setenv wg_other b
if test "${wg_slot}" = "b"; then
    setenv wg_other a
fi
setenv wg_fallback
for wg_slot in ${wg_slot} ${wg_other}; do
    setenv wg_part 2
    if test "${wg_slot}" = "b"; then
        setenv wg_part 3
    fi
    setenv bootargs console=ttyS0,115200 root=/dev/mmcblk0p${wg_part} rootwait ro panic=10 wg.slot=${wg_slot} ${wg_fallback}
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
