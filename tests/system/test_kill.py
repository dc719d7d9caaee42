"""SIGKILL of each part in the middle of a campaign, restart, and the same right end as without."""

import signal

from tests.lab import payload
from tests.system import behind
from tests.system.story import all_succeeded, campaign, check_end

MEGABYTE = 1_000_000
WAVES = "  - {name: first, count: 3}\n  - {name: rest, remaining: true}"


def waiting_for_the_word(world):
    """Devices that have installed and may not switch over before the orchestrator knows."""
    return [agent for agent in world.agents.values() if agent.phase() == "ready"]


def test_orchestrator_killed_in_the_middle_of_a_wave(world, fleet_of, release):
    fleet_of(6)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    name = world.apply(campaign("kill-orchestrator", "2.4.1", WAVES))
    world.wait("the first wave installs", lambda: "installing" in {
        state for state, _ in world.db.places(name).values()})
    world.orchestrator.kill()
    gate.touch()  # the devices go on as far as they may without a word from it
    world.wait("a device has installed and waits for the word", lambda: waiting_for_the_word(world))
    world.orchestrator.start()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    # What devices said of themselves meanwhile is not lost for the next campaign either.
    release("2.4.2")
    name = world.apply(campaign("after-kill", "2.4.2"))
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.2", all_succeeded(world))


def test_agent_killed_while_downloading(world, fleet_of, release, ground):
    agents = fleet_of(2)
    release("2.4.1", size=2 * MEGABYTE)
    victim = agents[0]
    ground.web.limit_rate(20_000, after=MEGABYTE)
    try:
        name = world.apply(campaign("kill-download", "2.4.1"))
        world.wait_place(name, victim.id, "downloading")
        part = victim.state / "slots/b/payload.part"
        world.wait("a quarter is there",
                   lambda: part.exists() and part.stat().st_size > MEGABYTE // 2)
        seen = len(ground.web.requests())
        assert victim.kill() == -signal.SIGKILL
        kept = part.stat().st_size
        assert 0 < kept < 2 * MEGABYTE
        ground.web.limit_rate(0)
        victim.start()
        world.wait_campaign(name, "finished")
    finally:
        ground.web.limit_rate(0)
    starts = [int(request["range"].removeprefix("bytes=").split("-")[0])
              for request in ground.web.requests()[seen:]
              if f"CN={victim.id}," in request["device"] + "," and request["range"]]
    resumed = [start for start in starts if start > 0]
    assert resumed, ground.web.requests()[seen:]
    assert max(resumed) <= kept
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_agent_killed_while_installing(world, fleet_of, release):
    agents = fleet_of(2)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    name = world.apply(campaign("kill-install", "2.4.1"))
    victim = agents[0]
    world.wait_place(name, victim.id, "installing")
    world.wait("the payload installs", lambda: "install 2.4.1" in victim.payload_log())
    victim.kill()
    assert victim.version() == victim.device.version
    assert victim.release("b") is None  # a slot that is half written cannot be booted
    gate.touch()
    victim.start()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    assert victim.payload_log().count("install 2.4.1") == 2


def test_agent_killed_in_probation_returns_to_the_old_slot_or_proves_itself(
        world, fleet_of, release):
    agent, = fleet_of(1)
    agent.stop()
    agent.settings["soak"] = "15s"
    agent.start()
    release("2.4.1")
    name = world.apply(campaign("kill-probation", "2.4.1"))
    world.wait_place(name, agent.id, "probation")
    agent.kill()
    assert agent.version() == agent.device.version  # not committed: the old slot boots
    agent.start()
    world.wait_place(name, agent.id, "rolled-back")
    world.wait_finished(name)
    (state, cause), = world.db.places(name).values()
    assert (state, cause) in (("rolled-back", "boot"), ("rolled-back", "health"))
    check_end(world, name, "2.4.1", {agent.id: (state, cause)})


@behind.outage
def test_broker_killed(world, fleet_of, release):
    fleet_of(5)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    name = world.apply(campaign("kill-broker", "2.4.1", WAVES))
    world.wait("the first wave installs", lambda: "installing" in {
        state for state, _ in world.db.places(name).values()})
    world.broker.kill()
    gate.touch()
    world.wait("a device has installed without a broker", lambda: waiting_for_the_word(world))
    assert not any(agent.version() == "2.4.1" for agent in world.agents.values())
    world.broker.start()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_postgres_killed(world, fleet_of, release, ground):
    fleet_of(5)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    name = world.apply(campaign("kill-postgres", "2.4.1", WAVES))
    world.wait("the first wave installs", lambda: "installing" in {
        state for state, _ in world.db.places(name).values()})
    ground.postgres.kill()
    gate.touch()
    try:
        world.wait("the devices of the wave have installed without a database",
                   lambda: len(waiting_for_the_word(world)) >= 3)
        assert world.orchestrator.alive()
        assert not any(agent.version() == "2.4.1" for agent in world.agents.values())
    finally:
        ground.postgres.start()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
