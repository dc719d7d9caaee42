"""`file`: a file and a tree, replaced by a rename."""
import io
import os
import tarfile

import pytest

from tests.installers.conformance import *  # noqa: F401,F403
from tests.installers.conformance import runs
from tests.installers.cuts import *  # noqa: F401,F403
from tests.installers.driver import Refused, Release, Rig


class File(Rig):
    settings = {}

    def make(self):
        self.target = self.root / "world" / "brake"
        self.use("file", {"target": self.target, **self.settings})

    def release(self, number):
        return Release(self.component, self.version(number), f"{number}.0.0\n".encode() + bytes([number]) * 5000)

    def really(self):
        try:
            data = self.target.read_bytes()
        except FileNotFoundError:
            return None
        return next((self.version(n) for n in (1, 2, 3) if data == self.release(n).content), data)


class Tree(File):
    settings = {"tree": "yes"}

    def release(self, number):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name in ("one", "bin/two"):
                info = tarfile.TarInfo(name)
                info.size, info.mode = 5, 0o755
                tar.addfile(info, io.BytesIO(self.version(number).encode()))
        return Release(self.component, self.version(number), out.getvalue())

    def really(self):
        try:
            found = {(self.target / name).read_text() for name in ("one", "bin/two")}
        except FileNotFoundError:
            return None
        return found.pop() if len(found) == 1 else found


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    return File(tmp_path_factory.mktemp("rig"))


def left_over(rig):
    return sorted(path.name for path in (rig.root / "world").iterdir())


@pytest.mark.parametrize("kind", [File, Tree])
def test_nothing_is_left_lying_about(tmp_path, kind):
    rig = kind(tmp_path)
    for step in ("confirmed", "active"):
        rig.at(step)
        if step == "active":
            rig.installer.do("revert")
        assert left_over(rig) == sorted(["brake"] + ([os.readlink(rig.target)] if kind is Tree else []))
        assert not (rig.root / "state/content").exists()


def test_the_first_of_all_goes_back_to_nothing(tmp_path):
    for kind in (File, Tree):
        rig = kind(tmp_path / kind.__name__)
        rig.installer.probe()
        rig.installer.put(rig.release(2))
        rig.installer.do("activate")
        assert rig.really() == "2.0.0"
        rig.installer.do("revert")
        assert rig.really() is None and left_over(rig) == []


def test_mode_and_restart(tmp_path):
    rig = File(tmp_path)
    rig.installer.settings["restart"] = f"echo x >>{tmp_path}/restarts; ! grep -q 3.0.0 {rig.target}"
    rig.target.write_text("factory\n")
    rig.target.chmod(0o751)
    rig.installer.put(rig.release(2))
    rig.installer.do("activate")
    assert rig.target.stat().st_mode & 0o777 == 0o751
    rig.installer.do("confirm")
    rig.installer.put(rig.release(3))
    with pytest.raises(Refused, match="restart: .* failed"):
        rig.installer.do("activate")
    rig.installer.do("revert")
    assert rig.really() == "2.0.0"
    assert (tmp_path / "restarts").read_text() == "x\n" * 3


def test_a_folder_is_not_replaced(tmp_path):
    rig = Tree(tmp_path)
    rig.target.mkdir()
    rig.installer.begin(rig.release(1))
    rig.installer.write(rig.release(1))
    with pytest.raises(Refused, match="is a folder"):
        rig.installer.do("finish", rig.release(1))


@pytest.mark.parametrize("target", ["relative", "/with blank", "/ends/", ""])
def test_a_target_that_cannot_be(tmp_path, target):
    rig = File(tmp_path)
    rig.installer.settings["target"] = target
    with pytest.raises(Refused, match="target"):
        rig.installer.probe()


def test_a_trial_survives_a_restart_of_the_agent(tmp_path):
    rig = File(tmp_path)
    rig.at("active")
    for _ in range(3):
        rig.installer.probe()
    runs(rig, "2.0.0")
