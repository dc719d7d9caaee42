"""What becomes of devices that do not answer in time."""

import os
import signal

from tests.lab import payload
from tests.lab.process import freeze
from tests.system.story import OFFER, PROBATION, SILENT, TIMEOUTS, all_succeeded, campaign, check_end


def with_timeouts(name, version, timeouts, more=""):
    """The text of a campaign with these time-outs in place of the usual ones."""
    lines = campaign(name, version, more=more).splitlines()
    return "\n".join(timeouts if line.startswith("timeout:") else line for line in lines) + "\n"


def test_an_order_that_nobody_accepts_gives_its_place_back(world, fleet_of, release):
    agent = fleet_of(1, keep_alive="60s")[0]
    release("2.4.1")
    freeze(agent.pid)  # connected, and deaf
    try:
        name = world.apply(with_timeouts("deaf", "2.4.1", TIMEOUTS.replace(OFFER, "offer: 3s")))
        world.wait("it was offered", lambda: world.db.value("select count(*) from update_order where sent_at is not null"))
        world.wait("its place is given back", lambda: world.db.places(name)[agent.id] == ("waiting", "offline"))
    finally:
        os.kill(agent.pid, signal.SIGCONT)
    world.wait_campaign(name, "finished", 60)
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_silence_after_the_reboot_is_a_failure(world, fleet_of, release):
    agent = fleet_of(1)[0]
    release("2.4.1", health=payload.until_exists(world.folder / "never"))
    more = "budget: {failures: 1}\ngate: {success: \">= 1%\"}"
    name = world.apply(campaign("silent", "2.4.1", more=more))
    world.wait_place(name, agent.id, "probation")
    agent.kill()
    # from now on it would be heard soon; before, it had to start again, which takes its time on a busy machine
    world.apply(with_timeouts("silent", "2.4.1", TIMEOUTS.replace(PROBATION, "probation: 1s").replace(SILENT, "silent: 1s"), more))
    world.wait_place(name, agent.id, "silent")
    assert world.db.places(name)[agent.id] == ("silent", "silent")
    world.wait_campaign(name, "aborted")
    # it comes back on its old slot and says what happened: too late to change the verdict, but kept
    agent.start()
    world.wait("its late report is kept as a remark", lambda: world.db.value(
        "select count(*) from report where device_id = %s and state = 'rolled-back' and remark <> ''", agent.id) == 1)
    assert world.db.places(name)[agent.id] == ("silent", "silent")
    assert agent.version() == agent.device.version
