"""Releases of several components in campaigns of the real orchestrator: all of a device's components are new, or none."""

import random
import time

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.set_agent import BlockSetAgent, SetAgent, app_is_well
from tests.system.story import campaign

MAIN = fleet.COMPONENT
OLD = {MAIN: "2.3.7", "app": "1.0.0", "modem": "1.0.0"}
KINDS = pytest.mark.parametrize("kind", [SetAgent, BlockSetAgent])


def start(world, kind):
    device = fleet.devices()[0]
    agent = world.add_agent(device, payload.make(world.folder, device.component, device.version), kind=kind,
                            soak="300ms", health_every="100ms")
    app = world.folder / "app-1.0.0"
    app.write_text("app 1.0.0\n")
    agent.provision_places(app, payload.make(world.folder, "modem", "1.0.0"))
    world.start_agents()
    return agent


def add(world, agent, number, app=None):
    """A release with its companions; component -> version."""
    versions = {MAIN: f"2.4.{number}", "app": f"1.{number}.0", "modem": f"1.{number}.0"}
    made = world.folder / f"app-1.{number}.0"
    made.write_text(app or f"app 1.{number}.0\n")
    world.add_release(made, "app", versions["app"])
    world.add_release(payload.make(world.folder, "modem", versions["modem"]), "modem", versions["modem"])
    system = payload.make(world.folder, MAIN, versions[MAIN], health=app_is_well(agent.app))
    world.wavegate("release", "add", system, "--component", MAIN, "--version", versions[MAIN],
                   "--with", f"app/{versions['app']}", "--with", f"modem/{versions['modem']}", operator="rita")
    return versions


def check(world, agent, versions):
    """The places hold these, and the orchestrator knows it."""
    world.wait("the database knows what runs", lambda: dict(world.db.rows(
        "select component, version from device_software where device_id = %s", agent.id)) == versions)
    assert agent.holds() == versions
    world.wait("nothing is left to be done", lambda: agent.boots_once() == "" and agent.decided() == "undecided")
    world.wait("all is acknowledged", lambda: not world.db.inconsistencies())


@KINDS
def test_campaigns_there_and_back(world, kind):
    agent = start(world, kind)
    first = add(world, agent, 1)
    name = world.apply(campaign("together", first[MAIN]))
    world.wait_campaign(name, "finished")
    assert world.db.places(name) == {agent.id: ("succeeded", "")}
    check(world, agent, first)
    broken = add(world, agent, 2, app="broken\n")
    name = world.apply(campaign("broken", broken[MAIN]))
    world.wait_finished(name)
    assert world.db.places(name) == {agent.id: ("rolled-back", "health")}
    (detail,), = world.db.rows("select detail from report where state = 'rolled-back'")
    assert "the app is not well" in detail
    check(world, agent, first)
    last = add(world, agent, 3)
    name = world.apply(campaign("at-last", last[MAIN]))
    world.wait_campaign(name, "finished")
    check(world, agent, last)


@pytest.mark.plain_broker  # which does not mind how often somebody comes back
@KINDS
def test_killed_at_any_moment(world, kind):
    agent, chance, runs = start(world, kind), random.Random(kind.__name__), OLD
    for number in range(1, 4):
        versions = add(world, agent, number)
        name = world.apply(campaign(f"killed-{number}", versions[MAIN]))
        for _ in range(4):
            time.sleep(chance.uniform(0, 1) * programs.SLOWER)
            agent.kill()
            agent.boot_machine()
            agent.start()
        world.wait_finished(name, 90)
        state, _ = world.db.places(name)[agent.id]
        assert state in ("succeeded", "rolled-back", "failed")
        if state == "succeeded":
            runs = versions
        check(world, agent, runs)
