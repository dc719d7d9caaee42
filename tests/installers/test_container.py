"""`container`, with an engine in a folder: it can be cut anywhere in no time. long/test_container_real.py has a real one."""
import pytest

from tests.installers.conformance import *  # noqa: F401,F403
from tests.installers.conformance import runs
from tests.installers.driver import PATH, Refused, Release, Rig


class Container(Rig):
    after_cut = False  # none runs for a moment

    def make(self):
        self.store = self.root / "world"
        for name in ("images", "containers", "bin"):
            (self.store / name).mkdir()
        (self.store / "bin/docker").symlink_to(__file__.replace("test_container.py", "fake_engine"))
        self.use("container", {"name": "brake", "arguments": "--restart unless-stopped"},
                 {"PATH": f"{self.store}/bin:{PATH}", "ENGINE_STORE": self.store})

    def release(self, number):
        return Release(self.component, self.version(number), f"image sha-{number}\n".encode() + b"." * 500)

    def really(self):
        containers = {path.name: (path / "image").read_text().strip() for path in (self.store / "containers").iterdir()
                      if (path / "running").exists()}
        if set(containers) != {"brake"}:
            return containers or None
        return self.version(int(containers["brake"][-1]))


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    return Container(tmp_path_factory.mktemp("rig"))


def test_what_is_not_needed_goes(rig):
    rig.at("confirmed")
    assert [path.name for path in (rig.store / "containers").iterdir()] == ["brake"]
    assert [path.name for path in (rig.store / "images").iterdir()] == ["sha-2"]
    rig.at("active")
    rig.installer.do("revert")
    assert [path.name for path in (rig.store / "images").iterdir()] == ["sha-1"]


def test_an_engine_that_is_down_is_not_an_empty_one(rig):
    rig.at("active")
    (rig.store / "containers").rename(rig.store / "away")
    with pytest.raises(Refused, match="does not answer"):
        rig.installer.do("revert")
    (rig.store / "away").rename(rig.store / "containers")
    rig.installer.do("revert")
    runs(rig, "1.0.0")


def test_an_image_that_cannot_be_loaded(rig):
    rig.at("idle")
    with pytest.raises(Refused, match="not an image"):
        rig.installer.put(Release(rig.component, "2.0.0", b"rubbish\n"))
    runs(rig, "1.0.0")
