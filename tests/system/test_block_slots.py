"""Devices with two partitions and a boot loader: updated, fallen back, cut, and too small."""

import shutil
import subprocess

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.block_agent import BlockAgent, UbootAgent
from tests.system.story import all_succeeded, campaign, check_end

MEGABYTE = 1024 * 1024


class LargeAgent(BlockAgent):
    slot_size = 8 * MEGABYTE


@pytest.mark.parametrize("kind", [BlockAgent, UbootAgent])
def test_there_and_back(world, fleet_of, release, kind):
    agents = fleet_of(3, kind=kind)
    first = release("2.4.1")
    name = world.apply(campaign("to-b", "2.4.1"))
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    for agent in agents:
        assert agent.boots() == ["a", "b"]
        assert agent.image("b").read_bytes().startswith(first.read_bytes())
        world.wait("it is well", lambda agent=agent: agent.starts() == "0")
        assert agent.variables() == {"saved_entry": "0", "wg_default": "b", "wg_once": "-", "wg_starts": "0"}
    second = release("2.4.2")
    name = world.apply(campaign("to-a", "2.4.2"))
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.2", all_succeeded(world))
    for agent in agents:
        assert agent.boots() == ["a", "b", "a"]
        assert agent.slot() == "a"
        assert agent.image("a").read_bytes().startswith(second.read_bytes())
        assert agent.image("b").read_bytes().startswith(first.read_bytes())


@pytest.mark.parametrize("kind", [BlockAgent, UbootAgent])
def test_a_release_that_does_not_come_up(world, fleet_of, kind):
    agent, = fleet_of(1, kind=kind)
    broken = world.folder / "broken"
    broken.write_text("does not start\n" + "padding\n" * 100)
    world.add_release(broken, fleet.COMPONENT, "2.4.1")
    name = world.apply(campaign("broken", "2.4.1"))
    world.wait_place(name, agent.id, "rolled-back")
    world.wait_finished(name)
    assert agent.boots() == ["a", "b", "a"]
    assert agent.slot() == "a" and agent.version() == agent.device.version
    check_end(world, name, "2.4.1", {agent.id: ("rolled-back", "boot")})


@pytest.mark.parametrize("kind", [BlockAgent, UbootAgent])
def test_a_default_that_no_longer_loads(world, fleet_of, release, kind):
    """The other slot runs instead, for good, and the next update repairs the first."""
    agent, = fleet_of(1, kind=kind)
    release("2.4.1")
    world.wait_campaign(world.apply(campaign("first", "2.4.1")), "finished")
    agent.kill()
    with agent.image("b").open("r+b") as file:
        file.write(b"does not load\n")
    agent.start()
    world.wait("it runs what it has", lambda: world.db.versions()[agent.id] == agent.device.version)
    assert agent.boots() == ["a", "b", "a"] and agent.slot() == "a"
    assert "could not load the default slot" in agent.log.read_text()
    agent.kill()
    agent.start()
    name = world.apply(campaign("again", "2.4.1"))
    world.wait_campaign(name, "finished")
    assert agent.boots() == ["a", "b", "a", "a", "b"] and agent.slot() == "b"
    check_end(world, name, "2.4.1", all_succeeded(world))


def fallback(world, agent):
    return world.db.value("select attributes ->> 'wavegate.fallback' from device where id = %s", agent.id)


@pytest.mark.parametrize("kind", [BlockAgent, UbootAgent])
def test_a_default_that_is_never_well(world, fleet_of, release, kind):
    """It loads, and then restarts: after five times the other slot runs, for good, and says why."""
    agent, = fleet_of(1, kind=kind)
    made = release("2.4.1")
    world.wait_campaign(world.apply(campaign("first", "2.4.1")), "finished")
    world.wait("it is well", lambda: agent.starts() == "0")
    agent.kill()
    with agent.image("b").open("r+b") as file:
        file.write(b"does not start\n")
    agent.start()
    world.wait("it runs what it has", lambda: world.db.versions()[agent.id] == agent.device.version)
    assert agent.boots() == ["a", "b"] + 5 * ["b"] + ["a"] and agent.slot() == "a"
    assert "was never well: what runs takes its place" in agent.log.read_text()
    world.wait("it says why", lambda: fallback(world, agent) == "not-well")
    world.wait("it is well", lambda: agent.starts() == "0")
    agent.kill()
    agent.start()
    world.wait("what runs is the default", lambda: fallback(world, agent) is None)
    name = world.apply(campaign("again", "2.4.1"))
    world.wait_campaign(name, "finished")
    assert agent.boots()[8:] == ["a", "b"] and agent.slot() == "b"
    assert agent.image("b").read_bytes().startswith(made.read_bytes())
    check_end(world, name, "2.4.1", all_succeeded(world))


@pytest.mark.parametrize("kind", [BlockAgent, UbootAgent])
def test_a_device_switched_off_often(world, fleet_of, kind):
    """Every time before it counts as well, and with nothing in its other slot: it starts all the same."""
    agent, = fleet_of(1, kind=kind)
    world.wait("it is well", lambda: agent.starts() == "0")
    agent.stop()
    with agent.image("b").open("r+b") as file:
        file.write(b"does not load\n")
    agent.settings["soak"] = "1h"
    for count in "123450":
        agent.start()
        world.wait("it runs", lambda: agent.id in world.db.online())
        agent.kill()
        world.wait("it is gone", lambda: agent.id not in world.db.online())
        assert agent.starts() == count
    assert agent.boots() == 7 * ["a"] and agent.slot() == "a" and fallback(world, agent) is None


@pytest.mark.parametrize("kind", [BlockAgent, UbootAgent])
def test_a_release_that_does_not_load(world, fleet_of, kind):
    """The old slot runs at once; nobody takes it for more than that."""
    agent, = fleet_of(1, kind=kind)
    broken = world.folder / "broken"
    broken.write_text("does not load\n" + "padding\n" * 100)
    world.add_release(broken, fleet.COMPONENT, "2.4.1")
    name = world.apply(campaign("broken", "2.4.1"))
    world.wait_place(name, agent.id, "rolled-back")
    world.wait_finished(name)
    assert agent.boots() == ["a", "a"]
    assert agent.slot() == "a" and agent.version() == agent.device.version
    check_end(world, name, "2.4.1", {agent.id: ("rolled-back", "boot")})


def test_power_cut_in_the_trial(world, fleet_of, release):
    agent, = fleet_of(1, kind=BlockAgent)
    agent.stop()
    agent.settings["soak"] = "15s"
    agent.start()
    release("2.4.1")
    name = world.apply(campaign("cut-trial", "2.4.1"))
    world.wait_place(name, agent.id, "probation")
    agent.kill()
    assert agent.version() == agent.device.version
    agent.start()
    world.wait_place(name, agent.id, "rolled-back")
    world.wait_finished(name)
    assert agent.boots() == ["a", "a", "b", "a"]
    check_end(world, name, "2.4.1", {agent.id: ("rolled-back", "boot")})


def test_power_cut_in_the_download(world, fleet_of, release, ground):
    agent, = fleet_of(1, kind=LargeAgent)
    release("2.4.1", size=7 * MEGABYTE)
    ground.web.limit_rate(20_000, after=5 * MEGABYTE)
    try:
        name = world.apply(campaign("cut-download", "2.4.1"))
        world.wait("a part is durable", lambda: agent.progress() > 0, 30)
        agent.kill()
        kept = agent.progress()
        seen = len(ground.web.requests())
        assert agent.release("b") is None  # a slot that is half written cannot be booted
        ground.web.limit_rate(0)
        agent.start()
        world.wait_campaign(name, "finished")
    finally:
        ground.web.limit_rate(0)
    starts = [int(request["range"].removeprefix("bytes=").split("-")[0])
              for request in ground.web.requests()[seen:] if request["range"]]
    assert kept >= 4 * MEGABYTE and kept in starts, (kept, starts)
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_a_release_that_is_too_large(world, fleet_of, release):
    agent, = fleet_of(1, kind=BlockAgent)
    release("2.4.1", size=BlockAgent.slot_size + 1000)
    before = agent.image("b").read_bytes()
    name = world.apply(campaign("too-large", "2.4.1"))
    world.wait_place(name, agent.id, "failed")
    world.wait_finished(name)
    (detail,), = world.db.rows("select detail from report where state = 'failed'")
    assert "slot b is too small" in detail
    assert agent.image("b").read_bytes() == before
    check_end(world, name, "2.4.1", {agent.id: ("failed", "download")})


def test_factory(bare_world):
    """Provision a second time, and of an image that is flashed already."""
    device = fleet.devices()[0]
    made = payload.make(bare_world.folder, device.component, device.version)
    agent = bare_world.add_agent(device, made, kind=BlockAgent)
    flags = ["--provision", made, "--version", "9.9.9"]
    again = programs.run(agent._argv(*flags))  # pylint: disable=protected-access
    assert again.returncode == 6 and "holds a release already" in again.stderr
    shutil.rmtree(agent.state)
    again = programs.run(agent._argv(*flags))  # pylint: disable=protected-access
    assert again.returncode == 0, again.stderr
    assert agent.version() == "9.9.9"


def test_scripts_are_grubs():
    """The syntax as GRUB itself reads it."""
    subprocess.run(["grub-script-check", programs.ROOT / "deploy/boot/grub.cfg"], check=True)
