"""A device whose slots are image files, started by the boot scripts of deploy/boot."""

import subprocess

from tests.lab import programs
from tests.lab.agent import Agent
from tests.lab.process import Child

KILOBYTE = 1024


class BlockAgent(Agent):
    """GRUB by default. What it boots is not run: the agent runs beside it, as if it were in it."""

    boot = "grub"
    slot_size = 64 * KILOBYTE

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._boot = self.folder / "boot"
        self.boot_environment = self.folder / ("grubenv" if self.boot == "grub" else "fw_env.config")
        self.settings["reboot"] = str(self._boot)
        self.settings["slots"] = {
            "backend": "block", "a": "slot-a", "b": "slot-b", "cmdline": "cmdline",
            "boot": self.boot, "env": str(self.boot_environment)}

    def image(self, slot):
        return self.folder / f"slot-{slot}"

    def _make_environment(self):
        if self.boot == "grub":
            subprocess.run(["grub-editenv", self.boot_environment, "create"], check=True)
            subprocess.run(["grub-editenv", self.boot_environment, "set", "saved_entry=0"], check=True)
            return
        copies = self.folder / "env.img"
        copies.write_bytes(bytes(2 * 8192))
        self.boot_environment.write_text(f"{copies} 0x0 0x2000\n{copies} 0x2000 0x2000\n")
        defaults = self.folder / "defaults"
        defaults.write_text("saved_entry=0\n")
        subprocess.run(["fw_setenv", "-c", self.boot_environment, "-f", defaults, "wg_once", "-"],
                       check=True, capture_output=True)

    def variables(self):
        argv = (["grub-editenv", self.boot_environment, "list"] if self.boot == "grub" else
                ["fw_printenv", "-c", self.boot_environment])
        done = subprocess.run(argv, check=True, capture_output=True, text=True)
        return dict(line.split("=", 1) for line in done.stdout.splitlines())

    def provision(self, payload):
        for slot in "ab":
            self.image(slot).write_bytes(b"\xff" * self.slot_size)
        script = "grub.cfg" if self.boot == "grub" else "uboot.cmd"
        argv = " ".join(f"'{word}'" for word in (
            programs.ROOT / "tests/lab/boot.sh", programs.ROOT / "deploy/boot" / script,
            self.folder, *self._argv()))
        self._boot.write_text(f"#!/bin/sh\nexec bash {argv}\n")
        self._boot.chmod(0o755)
        self._make_environment()
        super().provision(payload)

    def start(self):
        """Power on."""
        self.write_config()
        self._child = Child(self.id, [self._boot], self.log, env=self._environment(),
                            cwd=self.folder)

    def slot(self):
        return self.variables().get("wg_default", "a")

    def boots_once(self):
        return self.variables().get("wg_once", "-").replace("-", "")

    def release(self, slot):
        return self._json(f"block/{slot}.json")

    def progress(self):
        """How much of a download is durable; 0 when none is on."""
        return (self._json("block/write.json") or {"done": 0})["done"]

    def starts(self):
        """How often the default was started since it was well; "-" or "" where nobody counts."""
        return self.variables().get("wg_starts", "")

    def boots(self):
        """The slots that were booted, in their order."""
        return (self.folder / "boot.log").read_text().split()


class UbootAgent(BlockAgent):
    """With U-Boot's environment and boot script."""

    boot = "uboot"
