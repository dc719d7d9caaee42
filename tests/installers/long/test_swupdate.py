"""`swupdate`: Debian's swupdate, with signed .swu files that write slots of a file each."""
import hashlib
import subprocess

import pytest

from tests.installers.bootloader import Loader
from tests.installers.conformance import *  # noqa: F401,F403
from tests.installers.conformance import runs
from tests.installers.cuts import *  # noqa: F401,F403
from tests.installers.driver import Refused, Release, Rig

DESCRIPTION = """software = {{
  version = "{version}";
  hardware-compatibility: [ "1.0" ];
  stable = {{
    a: {{ images: ( {{ filename = "rootfs.img"; device = "{world}/slot-a"; type = "raw"; sha256 = "{sha256}"; }} ); }};
    b: {{ images: ( {{ filename = "rootfs.img"; device = "{world}/slot-b"; type = "raw"; sha256 = "{sha256}"; }} ); }};
  }};
}}
"""


class Swupdate(Rig):
    boots = True

    def make(self):
        self.world = self.root / "world"
        self.loader = Loader(self.world, ["a", "b"])
        for slot in "ab":
            (self.world / f"slot-{slot}").write_bytes(bytes(100000))
        self.make_key("maker")
        self.made = {}
        self.use("swupdate", {"boot": self.loader.program, "key": self.folder / "maker.crt",
                              "options": "-H brake:1.0 --cert-purpose codeSigning"})

    def make_key(self, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / f"{name}.key",
                        "-out", self.folder / f"{name}.crt", "-subj", f"/CN={name}", "-days", "3",
                        "-addext", "extendedKeyUsage=codeSigning"], check=True, capture_output=True)

    def image(self, number):
        return self.version(number).encode().ljust(50000, bytes([number]))

    def sign(self, number, key="maker"):
        folder = self.folder / f"swu-{number}-{key}"
        folder.mkdir()
        image = self.image(number)
        (folder / "rootfs.img").write_bytes(image)
        (folder / "sw-description").write_text(DESCRIPTION.format(
            version=self.version(number), world=self.world, sha256=hashlib.sha256(image).hexdigest()))
        subprocess.run(["openssl", "cms", "-sign", "-in", "sw-description", "-out", "sw-description.sig", "-signer",
                        self.folder / f"{key}.crt", "-inkey", self.folder / f"{key}.key", "-outform", "DER", "-nosmimecap",
                        "-binary"], cwd=folder, check=True, capture_output=True)
        return subprocess.run(["cpio", "-o", "-H", "crc"], input=b"sw-description\nsw-description.sig\nrootfs.img\n",
                              cwd=folder, check=True, capture_output=True).stdout

    def release(self, number):
        if number not in self.made:
            self.made[number] = self.sign(number)
        return Release(self.component, self.version(number), self.made[number])

    def really(self):
        data = (self.world / f"slot-{self.loader.running}").read_bytes()
        return next((self.version(n) for n in (1, 2, 3) if data.startswith(self.image(n))), None)

    def reboot(self):
        super().reboot()
        self.loader.boot()


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    return Swupdate(tmp_path_factory.mktemp("rig"))


def test_what_another_signed_is_refused(rig):
    rig.at("idle")
    rig.make_key("mallory")
    with pytest.raises(Refused):
        rig.installer.put(Release(rig.component, "2.0.0", rig.sign(2, "mallory")))
    runs(rig, "1.0.0")


def test_before_the_boot_it_is_marked(rig):
    rig.at("ready")
    rig.installer.do("activate")
    status = rig.installer.status()
    assert status["marked"] and not status["trial"] and status["components"] == {"brake": "1.0.0"}
    with pytest.raises(Refused, match="not booted"):
        rig.installer.do("confirm")
    rig.installer.do("revert")
    assert not rig.installer.status()["marked"]
    rig.reboot()
    runs(rig, "1.0.0")
