"""A database under Patroni: its leader is killed during a campaign under load, and nothing acknowledged is lost."""

import copy
import re
import time

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.lab import World
from tests.lab.mqtt import settle
from tests.lab.patroni import Patroni
from tests.lab.reporters import KEPT, Reporters
from tests.system.story import DEVICES, all_succeeded, campaign, check_end

WAVES = "  - {name: first, count: 3, gate: {success: \">= 100%\", soak: 1s}}\n  - {name: rest, remaining: true}"
FLEET, LOAD = 8, 40
BACK = 6  # seconds from another leader to the first acknowledgement


@pytest.fixture
def surviving(ground, request):
    """A world over such a database."""
    name = re.sub(r"[^a-z]+", "_", request.node.name.lower())
    folder = ground.folder / f"{name}-database"
    folder.mkdir()
    folder.chmod(0o755)
    cluster = Patroni(folder / "cluster")
    other = copy.copy(ground)
    other.postgres = cluster
    made = World(other, name, guarded=False)
    yield made
    made.close()
    cluster.stop()
    assert not made.sanitizer_report()


@pytest.mark.parametrize("whole, balanced", [(True, True), (False, True), (True, False)],
                         ids=["with its server", "Patroni alone", "no HAProxy"])
def test_the_leader_is_killed(surviving, whole, balanced):
    world, cluster = surviving, surviving.ground.postgres
    if not balanced:
        world.orchestrator.settings["database"] = cluster.hosts_dsn(f"wg_{world.name}")
        world.orchestrator.write_config()
    world.start_orchestrator()
    for device in DEVICES[:FLEET]:
        world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms",
                        health_every="100ms")
    world.start_agents()
    gate = world.folder / "go"
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1", install=payload.until_exists(gate)),
                      fleet.COMPONENT, "2.4.1")
    load = Reporters(world.broker, world.ground.pki, LOAD).start()
    try:
        world.wait("the load is acknowledged", lambda: min(load.acknowledged.values()) > 20, 60)
        name = world.apply(campaign("surviving", "2.4.1", WAVES))
        world.wait("the first wave installs", lambda: world.db.value(
            "select count(*) from place where state = 'installing'") == 3)
        assert cluster.has_copy()
        first = cluster.leader()
        before = load.total()
        killed = time.monotonic()
        if whole:
            first.kill()
        else:
            first.kill_patroni()
        gate.touch()
        world.wait("another one leads", lambda: cluster.leader() not in (None, first), 90)
        there = time.monotonic()
        led = there - killed
        world.wait_campaign(name, "finished", 90)
        # the API has found its way too, with what was there before
        assert "finished" in world.wavegate("campaign", "status", name).stdout
        first.start()
        world.wait("the one that was killed has become a copy", lambda: first.role() == "replica", 90)
        load.settle(world)
        check_end(world, name, "2.4.1", all_succeeded(world))
        assert load.lost(world.db.rows(KEPT)) == {}
        assert load.total() > before > 0
        assert min(moment for moment in load.moments if moment > there) - there < BACK * programs.SLOWER
        print(f"{load.total()} reports acknowledged ({before} before), none lost; another one led {led:.1f} s after the kill, "
              f"{load.longest_gap():.1f} s at most without an acknowledgement")
    finally:
        load.close()


def test_without_a_copy(surviving):
    """Both copies are killed: the leader takes in reports, and acknowledges none before there is one."""
    world, cluster = surviving, surviving.ground.postgres
    world.start_orchestrator()
    load = Reporters(world.broker, world.ground.pki, LOAD).start()
    try:
        world.wait("the load is acknowledged", lambda: min(load.acknowledged.values()) > 20, 60)
        leader = cluster.leader()
        copies = [one for one in cluster.members if one is not leader]
        for one in copies:
            one.kill()
        world.wait("it has no copy", lambda: not cluster.run("postgres", "select 1 from pg_stat_replication"), 30)
        world.wait("a commit waits for one", lambda: cluster.run(
            "postgres", "select 1 from pg_stat_activity where wait_event = 'SyncRep'"), 30)
        before = load.total()
        world.wait("Patroni knows that it is alone", lambda: leader.members() == [leader.name], 60)
        settle(6)  # it looks every two seconds
        assert cluster.copies() != "" and load.total() == before
        for one in copies:
            one.start()
        alone = load.total()
        world.wait("acknowledgements go on", lambda: load.total() > alone + LOAD, 120)
        load.settle(world)
        assert load.lost(world.db.rows(KEPT)) == {}
        print(f"{load.total()} reports acknowledged, {load.longest_gap():.1f} s at most without an acknowledgement")
    finally:
        load.close()
