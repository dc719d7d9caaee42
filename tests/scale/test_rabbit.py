"""A RabbitMQ cluster of three, MQTT 3.1.1 without shared subscriptions: a node, and the orchestrator that hears it, are killed
under load."""

import pytest

from tests.lab import fleet, payload, reporters
from tests.lab.rabbit import Rabbit
from tests.lab.reporters import KEPT, Reporters
from tests.scale.test_orchestrators import orders_are_single
from tests.scale.test_rabbit_rules import NAMES, Tries, certified
from tests.system.story import DEVICES, all_succeeded, campaign, check_end

WAVES = "  - {name: first, count: 4}\n  - {name: rest, remaining: true}"
FLEET, LOAD = 9, 18


def hearer(world):
    """Whose lease the broker is; None: nobody's."""
    holder = world.db.value("select holder from broker_lease where broker = 'rabbit' and until > now()")
    return next((one for one in world.orchestrators if holder and one.alive() and f":{one.pid}:" in holder), None)


@pytest.fixture
def rabbits(wide, ground):
    return wide(lambda folder: _made(folder, ground))


def _made(folder, ground):
    folder.mkdir()
    folder.chmod(0o755)
    certified(ground.pki, reporters.names(LOAD))
    certified(ground.pki, NAMES)
    return Rabbit(folder / "rabbit", ground.pki, {*(device.id for device in DEVICES), *reporters.names(LOAD), *NAMES})


@pytest.fixture
def load(rabbits):
    """Devices that report meanwhile, each by a session of its own; not started."""
    made = Reporters(rabbits.broker, rabbits.ground.pki, LOAD, window=2, own=True, pause=0.1)
    yield made
    made.close()


def test_a_node_and_an_orchestrator_are_killed(rabbits, load):
    world = rabbits
    assert len(world.broker.running()) == 3
    second = world.add_orchestrator("wavegated-2")
    for one in (world.orchestrator, second):
        one.start()
    world.wait("one of them hears the cluster", lambda: hearer(world), 60)
    world.add_fleet(FLEET, mqtt="3.1.1")
    gate = world.folder / "go"
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1", install=payload.until_exists(gate)),
                      fleet.COMPONENT, "2.4.1")
    load.start()
    world.wait("the load is acknowledged", lambda: min(load.acknowledged.values()) > 10, 60)
    name = world.apply(campaign("rabbits", "2.4.1", WAVES))
    world.wait("the first wave installs", lambda: world.db.value(
        "select count(*) from place where state = 'installing'") == 4, 40)
    first, before = hearer(world), load.total()
    world.broker.nodes[1].kill()
    gate.touch()
    world.wait("the others know that it is gone", lambda: len(world.broker.running()) == 2, 60)
    world.wait("reports go on", lambda: load.total() > before + LOAD, 60)
    first.kill()
    world.wait("the other one hears the cluster", lambda: hearer(world) not in (None, first), 60)
    world.wait_campaign(name, "finished", 120)
    load.settle(world)
    check_end(world, name, "2.4.1", all_succeeded(world))
    orders_are_single(world)
    assert load.lost(world.db.rows(KEPT)) == {}
    moved = load.link.came_back()
    assert 0 < len(moved) < LOAD, "those of one node"
    print(f"{load.total()} reports acknowledged ({before} before), none lost; {len(moved)} of {LOAD} sessions were that node's; "
          f"{load.longest_gap():.1f} s at most without an acknowledgement")
    world.broker.nodes[1].start()
    world.wait("it is one of three again", lambda: len(world.broker.running()) == 3, 90)
    rules_hold(world)


def rules_hold(world):
    """As they did before."""
    tries = Tries(world.broker, world.ground.pki)
    try:
        assert tries.reached() == set()
    finally:
        tries.close()
