"""What becomes of devices that do not answer in time."""

import os
import signal

from tests.lab import payload
from tests.lab.programs import SLOWER
from tests.system.story import all_succeeded, campaign, check_end


def with_timeouts(name, version, timeouts, more=""):
    """The text of a campaign with these time-outs in place of the usual ones."""
    lines = campaign(name, version, more=more).splitlines()
    return "\n".join(timeouts if line.startswith("timeout:") else line for line in lines) + "\n"


def test_an_order_that_nobody_accepts_gives_its_place_back(world, fleet_of, release):
    agent = fleet_of(1, keep_alive="60s")[0]
    release("2.4.1")
    os.kill(agent.pid, signal.SIGSTOP)  # connected, and deaf
    try:
        name = world.apply(with_timeouts(
            "deaf", "2.4.1", "timeout: {offer: 3s, download: 30s, install: 30s, probation: 20s, silent: 60s}"))
        world.wait_place(name, agent.id, "offered")
        world.wait_place(name, agent.id, "waiting")
        assert world.db.places(name)[agent.id] == ("waiting", "offline")
    finally:
        os.kill(agent.pid, signal.SIGCONT)
    world.wait_campaign(name, "finished", 60)
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_silence_after_the_reboot_is_a_failure(world, fleet_of, release):
    agent = fleet_of(1)[0]
    release("2.4.1", health=payload.until_exists(world.folder / "never"))
    # longer than the agent takes to start again, on a busy machine too: it has to be heard after its reboot
    silent = int(3 * SLOWER)
    name = world.apply(with_timeouts(
        "silent", "2.4.1",
        f"timeout: {{offer: 20s, download: 30s, install: 30s, probation: {silent}s, silent: {silent}s}}",
        more="budget: {failures: 1}\ngate: {success: \">= 1%\"}"))
    world.wait_place(name, agent.id, "probation")
    agent.kill()
    world.wait_place(name, agent.id, "silent", timeout=30)
    assert world.db.places(name)[agent.id] == ("silent", "silent")
    world.wait_campaign(name, "aborted")
    # it comes back on its old slot and says what happened: too late to change the verdict, but kept
    agent.start()
    world.wait("its late report is kept as a remark", lambda: world.db.value(
        "select count(*) from report where device_id = %s and state = 'rolled-back' and remark <> ''", agent.id) == 1)
    assert world.db.places(name)[agent.id] == ("silent", "silent")
    assert agent.version() == agent.device.version
