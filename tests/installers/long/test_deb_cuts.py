"""`deb`, cut everywhere; and killed in the middle of apt and dpkg."""
import time

import pytest

from tests.installers.conformance import *  # noqa: F401,F403
from tests.installers.conformance import runs
from tests.installers.cuts import *  # noqa: F401,F403
from tests.installers.driver import kill_group
from tests.installers.rig_deb import Deb

KILLS = 12  # moments, evenly spread over the whole run


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    return Deb(tmp_path_factory.mktemp("rig"))


@pytest.mark.parametrize("verb, step, version", [("activate", "ready", "2.0.0"), ("revert", "active", "1.0.0")])
def test_killed_at_some_moment(rig, verb, step, version):
    rig.at(step)
    start = time.monotonic()
    rig.installer.do(verb)
    whole = time.monotonic() - start
    killed = 0
    for i in range(KILLS):
        rig.at(step)
        process = rig.installer.start(verb)
        try:
            process.wait(whole * (i + 0.5) / KILLS)  # that it is still at work is what is awaited
        except Exception:  # noqa: BLE001
            killed += 1
        kill_group(process)
        if i % 2:
            status = rig.installer.probe()
            runs(rig, status["components"]["brake"])
        rig.installer.do(verb)
        runs(rig, version)
    assert killed > KILLS // 2
