"""A machine of the lab's fleet: a disk from the factory, an agent in each of its root partitions, an identity beside them."""

import json
import random
import re
import shutil

from tests.boot import image
from tests.boot.machine import Machine
from tests.lab import programs
from tests.lab.agent import Agent
from tests.lab.process import LabError, tail

MACHINE_SETTINGS = {
    "ca": "/data/device/ca.pem", "certificate": "/data/device/device.crt", "key": "/data/device/device.key",
    "directors": ["/data/device/director.pub"], "state": "/data/state", "reboot": "/sbin/reboot",
    "slots": {"backend": "block", "a": "/dev/vda2", "b": "/dev/vda3", "boot": "grub"},
    "hooks": "/etc/wavegate/hooks", "watchdog": {"device": "/dev/watchdog", "timeout": "30s"},
    "soak": "4s", "health_every": "500ms", "keep_alive": "10s",
}
BOOT = re.compile(r"boot-test: slot=(\w) version=(\S+) is up")


class Device(Agent):
    """kill() is a power cut; what it cost the disk is decided by `chance`."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.chance = random.Random(0)
        self.machine = None
        self.lost = self.torn = 0

    def provision(self, payload):
        """The factory: slot a holds the image, and its record says so."""
        factory = self.folder / "factory"
        boot = factory / "boot"
        boot.mkdir(parents=True)
        (boot / "grub.cfg").write_text(image.grub_config())
        image.run("grub-editenv", boot / "grubenv", "create")
        shutil.copyfile(payload.file, self.folder / "slot-a")
        (self.folder / "slot-b").touch()
        state = factory / "data/state"
        self.settings["state"] = str(state)
        self.settings["slots"] = {"backend": "block", "a": "slot-a", "b": "slot-b", "boot": "grub", "env": str(boot / "grubenv")}
        super().provision(payload.file)
        self._identity(factory / "data")
        image.file_system(factory / "boot.img", boot, image.MEGABYTE * image.PARTITIONS[1][2])
        image.file_system(factory / "data.img", factory / "data", image.MEGABYTE * image.PARTITIONS[4][2])
        image.make_disk(self.folder / "disk", factory, {1: factory / "boot.img", 2: payload.file, 4: factory / "data.img"})
        self.machine = Machine(self.folder, self.folder / "disk")
        for name in ("factory", "slot-a"):
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        (self.folder / "slot-b").unlink()

    def _identity(self, data):
        for name, key, mode in (("ca.pem", "ca", 0o644), ("device.crt", "certificate", 0o644), ("device.key", "key", 0o600)):
            image.put(data, f"device/{name}", image.Path(self.settings[key]), mode)
        image.put(data, "device/director.pub", image.Path(self.settings["directors"][0]))
        image.put(data, "device/agent.json", json.dumps({**self.settings, **MACHINE_SETTINGS}, indent=1))

    def write_config(self):
        if not self.machine:
            super().write_config()

    def start(self):
        self.machine.power_on()

    @property
    def pid(self):
        return self.machine.pid

    def alive(self):
        return self.machine is not None and self.machine.on()

    def kill(self, is_idle=False):
        """The power is cut."""
        if not self.alive():
            raise LabError(f"{self.id}: qemu has ended\n{tail(self.folder / 'qemu.log')}")
        lost, torn = self.machine.cut(self.chance, is_idle)
        self.lost, self.torn = self.lost + lost, self.torn + torn

    def terminate(self):
        """Nothing to do first: a machine that is switched off has its power cut."""

    def stop(self):
        if self.machine:
            self.machine.unplug()

    def boots(self):
        """(slot, version) of each system that came up as far as its first program, by its own word."""
        return BOOT.findall(self.machine.said())

    # As the disk says; only while the machine is off.

    def _read(self, number, path):
        return image.file_in(self.machine.disk, number, path, self.folder)

    def _json(self, path):
        content = self._read(4, f"/state/{path}")
        return json.loads(content) if content else None

    def variables(self):
        block = self._read(1, "/grubenv").decode()
        return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)

    def slot(self):
        return self.variables().get("wg_default", "a")

    def boots_once(self):
        return self.variables().get("wg_once", "-").replace("-", "")

    def release(self, slot):
        return self._json(f"block/{slot}.json")

    def content(self, slot, length):
        return image.read_partition(self.machine.disk, {"a": 2, "b": 3}[slot], length)

    def wreck(self, slot):
        image.wreck_partition(self.machine.disk, {"a": 2, "b": 3}[slot])

    def lame(self, slot):
        """Its kernel is loaded, and panics: there is no first program."""
        image.remove_from_partition(self.machine.disk, {"a": 2, "b": 3}[slot], "/sbin/init", self.folder)
