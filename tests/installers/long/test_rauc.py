"""`rauc`: Debian's rauc and its service on a bus of its own, with slots of a file each."""
import os
import signal
import subprocess

import pytest

from tests.installers.bootloader import Loader
from tests.installers.conformance import *  # noqa: F401,F403
from tests.installers.conformance import runs
from tests.installers.cuts import *  # noqa: F401,F403
from tests.installers.driver import LIMIT, PATH, Refused, Release, Rig, kill_group

SYSTEM = """[system]
compatible=brake
bootloader=custom
activate-installed=false
statusfile={world}/status
mountprefix={folder}/mnt
[keyring]
path={folder}/maker.crt
[handlers]
bootloader-custom-backend={world}/boot
[slot.rootfs.0]
device={world}/slot-A
type=raw
bootname=A
[slot.rootfs.1]
device={world}/slot-B
type=raw
bootname=B
"""
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/></policy>
</busconfig>
"""
MANIFEST = "[update]\ncompatible=brake\nversion={version}\n[bundle]\nformat=plain\n[image.rootfs]\nfilename=rootfs.img\n"


class Rauc(Rig):
    boots = True
    service = None

    def make(self):
        self.world = self.root / "world"
        self.loader = Loader(self.world, ["A", "B"])
        for slot in "AB":
            (self.world / f"slot-{slot}").write_bytes(bytes(2 * self.size))
        self.make_key("maker")
        (self.folder / "system.conf").write_text(SYSTEM.format(world=self.world, folder=self.folder))
        (self.folder / "bus.conf").write_text(BUS.format(folder=self.folder))
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/bus"}
        self.bus = subprocess.Popen(["dbus-daemon", f"--config-file={self.folder}/bus.conf", "--nofork", "--print-address"],
                                    stdout=subprocess.PIPE)
        self.bus.stdout.readline()  # it listens
        self.made = {}
        self.use("rauc", {}, self.environment)
        self.start()

    def start(self):
        """As the machine does when it boots."""
        self.stop()
        log = (self.folder / "service.log").open("ab")
        self.service = subprocess.Popen(["rauc", f"--conf={self.folder}/system.conf",
                                         f"--override-boot-slot={self.loader.running}", "service"],
                                        env={"PATH": PATH, **self.environment}, stdout=log, stderr=log)
        log.close()
        subprocess.run(["gdbus", "wait", "--session", "--timeout", "20", "de.pengutronix.rauc"], check=True,
                       env={"PATH": PATH, "DBUS_SESSION_BUS_ADDRESS": self.environment["DBUS_SYSTEM_BUS_ADDRESS"]})

    def stop(self):
        if self.service:
            self.service.terminate()
            self.service.wait(20)
            self.service = None

    def close(self):
        self.stop()
        self.bus.terminate()
        self.bus.wait(20)
        self.bus.stdout.close()
        mount = self.folder / "mnt/bundle"
        if mount.is_mount():  # the service was ended at work
            subprocess.run(["umount", mount], check=True)

    def load(self, name):
        self.stop()
        super().load(name)
        self.start()

    def reboot(self):
        super().reboot()
        self.loader.boot()
        self.start()

    def make_key(self, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / f"{name}.key",
                        "-out", self.folder / f"{name}.crt", "-subj", f"/CN={name}", "-days", "3"],
                       check=True, capture_output=True)

    size = 50176

    def image(self, number):
        return self.version(number).encode().ljust(self.size, bytes([number]))

    def bundle(self, number, key="maker"):
        tree = self.folder / f"bundle-{number}-{key}"
        tree.mkdir()
        (tree / "rootfs.img").write_bytes(self.image(number))
        (tree / "manifest.raucm").write_text(MANIFEST.format(version=self.version(number)))
        path = self.folder / f"{number}-{key}.raucb"
        subprocess.run(["rauc", f"--cert={self.folder}/{key}.crt", f"--key={self.folder}/{key}.key", "bundle", tree, path],
                       check=True, capture_output=True)
        return path.read_bytes()

    def release(self, number):
        if number not in self.made:
            self.made[number] = self.bundle(number)
        return Release(self.component, self.version(number), self.made[number])

    def really(self):
        data = (self.world / f"slot-{self.loader.running}").read_bytes()
        return next((self.version(n) for n in (1, 2, 3) if data.startswith(self.image(n))), None)


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    rig = Rauc(tmp_path_factory.mktemp("rig"))
    yield rig
    rig.close()


def test_what_another_signed_is_refused(rig):
    rig.at("idle")
    rig.make_key("mallory")
    with pytest.raises(Refused, match="(?i)signature|certificate"):
        rig.installer.put(Release(rig.component, "2.0.0", rig.bundle(2, "mallory")))
    runs(rig, "1.0.0")


def test_before_the_boot_it_is_marked(rig):
    rig.at("ready")  # the first release went into B
    assert rig.loader.get("primary") == "B"
    rig.installer.do("activate")
    status = rig.installer.status()
    assert status["marked"] and not status["trial"] and status["components"] == {"brake": "1.0.0"}
    assert rig.loader.get("primary") == "A"
    with pytest.raises(Refused, match="not booted"):
        rig.installer.do("confirm")
    rig.installer.do("revert")
    assert not rig.installer.status()["marked"]
    assert rig.loader.get("primary") == "B"
    rig.reboot()
    runs(rig, "1.0.0")


def test_without_the_service_it_says_so(rig):
    rig.at("idle")
    rig.stop()
    with pytest.raises(Refused, match="does RAUC's service run"):
        rig.installer.probe()
    rig.start()


class Slow(Rauc):
    size = 300 << 20


def test_an_installation_that_the_service_goes_on_with(tmp_path):
    """Only who asked for it was killed: finish comes again, and waits for its turn."""
    rig = Slow(tmp_path)
    try:
        rig.installer.probe()
        two = rig.release(2)
        rig.installer.begin(two)
        rig.installer.write(two)
        process = rig.installer.start("finish", two)
        with (tmp_path / "service.log").open() as log:
            while "Updating slots" not in log.read():
                assert process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(LIMIT)
        kill_group(process)
        rig.installer.do("finish", two)
        rig.step_to("active")
        runs(rig, "2.0.0")
        log = (tmp_path / "service.log").read_text()
        assert log.count("Updating slots") == 2
    finally:
        rig.close()
