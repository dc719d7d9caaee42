"""`deb`: apt and dpkg, on a root of their own."""
import subprocess

import pytest

from tests.installers.conformance import runs, says
from tests.installers.driver import Refused, Release
from tests.installers.rig_deb import Deb, make_deb, tar_of


@pytest.fixture(name="rig")
def fixture_rig(tmp_path):
    return Deb(tmp_path)


def test_there_and_back(rig):
    rig.at("active")
    runs(rig, "2.0.0")
    says(rig, trial=True, marked=False)
    rig.installer.do("revert")
    runs(rig, "1.0.0")
    assert sorted(path.name for path in (rig.root / "state/now").iterdir()) == ["brake-data.deb", "brake.deb"]
    for step in ("begun", "written", "ready", "active", "confirmed"):
        rig.step_to(step)
    runs(rig, "2.0.0")


def test_nothing_without_a_way_back(rig, tmp_path):
    one = make_deb(rig.debs, "brake", "1.0-1")
    two = Release("brake", "2.0.0", make_deb(rig.debs, "brake", "2.0-1").read_bytes())
    subprocess.run(["dpkg", f"--root={rig.world}", "-i", one], check=True, capture_output=True)
    with pytest.raises(Refused, match="brake 1.0-1 is installed and its .deb is not at hand.* settings: factory"):
        rig.installer.put(two)
    factory = tmp_path / "factory"
    factory.mkdir()
    (factory / "first.deb").write_bytes(one.read_bytes())
    rig.installer.settings["factory"] = factory
    rig.installer.do("finish", two)
    rig.installer.do("activate")
    assert rig.installed() == {"brake": ["installed", "2.0-1"]}
    rig.installer.do("revert")
    assert rig.installed() == {"brake": ["installed", "1.0-1"]}


def test_what_cannot_be_installed_is_refused_before_anything_changes(rig):
    rig.at("idle")
    needs = make_deb(rig.debs, "needy", "1.0", "not-there")
    with pytest.raises(Refused, match="not-there"):
        rig.installer.put(Release("brake", "2.0.0", needs.read_bytes()))
    for content in (b"rubbish" * 999, tar_of(), tar_of(needs, needs)):
        with pytest.raises(Refused) as refused:
            rig.installer.put(Release("brake", "2.0.0", content))
        assert refused.value.code in (1, 65)
    runs(rig, "1.0.0")


def test_a_package_that_dpkg_was_killed_over(rig):
    """It has the right version already, and dpkg would not configure it."""
    rig.at("ready")
    data = make_deb(rig.debs, "brake-data", "2.0-1")
    subprocess.run(["dpkg", f"--root={rig.world}", "--force-depends", "--unpack", data], check=True, capture_output=True)
    status = rig.world / "var/lib/dpkg/status"
    text = status.read_text()
    assert "Status: install ok unpacked" in text
    status.write_text(text.replace("Status: install ok unpacked", "Status: install reinstreq half-installed"))
    rig.installer.do("activate")
    runs(rig, "2.0.0")
    rig.installer.do("confirm")
    runs(rig, "2.0.0")


def test_a_package_that_fails_to_configure_goes_back(rig):
    rig.at("idle")
    # its script cannot run in a root without a shell, which is failure enough
    bad = make_deb(rig.debs, "brake", "3.0-1", postinst="#!/bin/sh\nexit 1\n")
    rig.installer.put(Release("brake", "3.0.0", tar_of(bad)))
    with pytest.raises(Refused):
        rig.installer.do("activate")
    rig.installer.do("revert")
    runs(rig, "1.0.0")
