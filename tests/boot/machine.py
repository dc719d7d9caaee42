"""One virtual machine: a disk that survives power cuts as disks do, a serial console in a file, a watchdog, a network card."""

import filecmp
import subprocess
import time
from pathlib import Path

from tests.boot import disk_log
from tests.lab.process import Child, LabError

QEMU = "/usr/bin/qemu-system-x86_64"
QUIET = 8  # seconds: longer than the guest's kernel keeps back what is to be written


class Machine:
    """The services on this machine's loopback are the guest's at 10.0.2.2."""

    def __init__(self, folder, disk):
        self.folder, self.disk = Path(folder), Path(disk)
        self.console = self.folder / "console.log"
        self.console.touch()
        self._log, self._before = self.folder / "disk.log", self.folder / "disk.before"
        self._child = None
        self.power_ons = 0

    def power_on(self):
        """Software emulation alone, so that it runs anywhere."""
        self.power_ons += 1
        self._log.unlink(missing_ok=True)
        self._log.touch()
        subprocess.run(["cp", "--sparse=always", self.disk, self._before], check=True)
        self._child = Child("qemu", [
            QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-vga", "none", "-machine", "pc", "-accel", "tcg",
            "-cpu", "max", "-smp", "1", "-m", "192", "-rtc", "base=utc", "-boot", "menu=off",
            "-chardev", f"file,id=console,path={self.console},append=on", "-serial", "chardev:console",
            "-device", "i6300esb", "-action", "watchdog=reset",
            "-object", "rng-random,id=rng,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng",
            "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile=",
            # this machine keeps its power: what it does for its own sake is left out
            "-blockdev", f"file,node-name=disk-file,filename={self.disk},cache.no-flush=on",
            "-blockdev", f"file,node-name=log-file,filename={self._log},cache.no-flush=on",
            "-blockdev", "blklogwrites,node-name=disk,file=disk-file,log=log-file",
            "-device", "virtio-blk-pci,drive=disk"], self.folder / "qemu.log")

    def on(self):
        return bool(self._child) and self._child.alive()

    @property
    def exit_code(self):
        return self._child.exit_code

    def is_quiet(self):
        """Nothing has been written to the disk for a while."""
        return time.time() - self._log.stat().st_mtime > QUIET

    def cut(self, chance, is_idle=False):
        """The power is gone, and with it what the disk had not been told to keep; how much of that was lost and torn.
        is_idle: nothing was being written, so the log must account for all of the disk."""
        self._child.kill()
        if is_idle and not self._log_is_whole():
            raise LabError(f"{self._log} does not account for all of {self.disk}")
        kept, lost, torn = disk_log.survivors(self._log, chance)
        disk_log.write(self._before, kept)
        self._before.replace(self.disk)
        return lost, torn

    def _log_is_whole(self):
        """Does it lead from the disk at power on to the one that qemu has written?"""
        copy = self.folder / "disk.check"
        subprocess.run(["cp", "--sparse=always", self._before, copy], check=True)
        disk_log.write(copy, disk_log.everything(self._log))
        same = filecmp.cmp(copy, self.disk, shallow=False)
        copy.unlink()
        return same

    def unplug(self):
        """The end: the disk is as it was written."""
        if self._child:
            self._child.kill()

    def said(self, since=0):
        """What the console shows from that byte on."""
        with open(self.console, "rb") as file:
            file.seek(since)
            return file.read().decode(errors="replace")
