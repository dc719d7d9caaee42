"""Three Mosquittos behind HAProxy: one is killed mid-campaign under load, its devices come back elsewhere, nothing is lost."""

import json

import pytest

from tests.lab import fleet, payload, reporters
from tests.lab.reporters import KEPT, Reporters
from tests.lab.shards import Shards
from tests.lab.wire import OK, Cut, Wire
from tests.scale.test_orchestrators import orders_are_single
from tests.system.story import all_succeeded, campaign, check_end

WAVES = "  - {name: first, count: 4}\n  - {name: rest, remaining: true}"
FLEET, LOAD = 12, 18


def shared_out(broker):
    return [broker.connected(number) for number in range(len(broker.brokers))]


@pytest.fixture
def load_on(ground):
    """load_on(world): devices that report meanwhile, each by a session of its own."""
    made = []
    new = [name for name in reporters.names(LOAD) if not ground.pki.certificate(name).exists()]
    ground.pki.issue_devices(new)

    def start(world):
        made.append(Reporters(world.broker, ground.pki, LOAD, window=2, own=True, pause=0.1).start())
        return made[-1]
    yield start
    for one in made:
        one.close()


def keep_their_broker(world):
    """Devices are shared out by name, and come back to where they were."""
    before = shared_out(world.broker)
    assert set().union(*before) == set(world.agents) and sum(map(len, before)) == FLEET
    assert all(len(some) < FLEET for some in before), "by name, not all to one"
    for agent in world.agents.values():
        agent.kill()
    world.wait("all are gone", lambda: not world.db.online())
    world.start_agents()
    assert shared_out(world.broker) == before, "each keeps its broker"


@pytest.mark.parametrize("through", [True, False], ids=["passed-through", "ended"])
def test_a_broker_is_killed(wide, ground, load_on, through):
    world = wide(lambda folder: Shards(folder, ground.pki, through))
    world.orchestrator.start()
    world.hears_all()
    world.add_fleet(FLEET)
    keep_their_broker(world)
    gate = world.folder / "go"
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1", install=payload.until_exists(gate)),
                      fleet.COMPONENT, "2.4.1")
    load = load_on(world)
    world.wait("the load is acknowledged", lambda: min(load.acknowledged.values()) > 10, 60)
    everybody, homes = {*world.agents, *load.devices}, shared_out(world.broker)
    assert set().union(*homes) == everybody
    name = world.apply(campaign("sharded", "2.4.1", WAVES))
    world.wait("the first wave installs", lambda: world.db.value(
        "select count(*) from place where state = 'installing'") == 4)
    # the one that has most of the fleet
    largest, before = max(range(3), key=lambda number: len(homes[number] & set(world.agents))), load.total()
    world.broker.brokers[largest].kill()
    gate.touch()
    world.wait("its devices have come back by the others", lambda: set().union(
        *(world.broker.connected(number) for number in range(3) if number != largest)) == everybody, 30)
    world.wait_campaign(name, "finished", 90)
    nothing_is_lost(world, name, load)
    moved = load.link.came_back()
    assert moved and moved == homes[largest] & set(load.devices)
    print(f"{load.total()} reports acknowledged ({before} before), none lost; {len(moved)} of {LOAD} sessions were that broker's; "
          f"{load.longest_gap():.1f} s at most without an acknowledgement")
    is_heard_again(world, largest)


def is_heard_again(world, number):
    def heard():
        return world.orchestrator.log.read_text().count(f'"broker connected" broker=b{number + 1}')
    before = heard()
    world.broker.brokers[number].start()
    world.wait("it is heard again", lambda: heard() > before, 40)


def nothing_is_lost(world, name, load):
    """All that was said is acknowledged, all that was acknowledged is kept, and no device was sent two orders."""
    load.settle(world)
    check_end(world, name, "2.4.1", all_succeeded(world))
    orders_are_single(world)
    assert load.lost(world.db.rows(KEPT)) == {}


def test_haproxy_lets_in_only_who_it_should(wide, ground):
    """Where TLS ends at HAProxy, the client id is what topics go by."""
    ground.pki.revoke("dev-24")
    world = wide(lambda folder: Shards(folder, ground.pki, False))
    world.orchestrator.start()
    world.hears_all()
    for certificate, client_id in (("dev-01", "dev-02"), ("dev-24", "dev-24")):
        with Wire(world.broker, ground.pki.server_root, ground.pki.certificate(certificate)) as refused, pytest.raises(Cut):
            refused.connect(client_id)
    hello = json.dumps(reporters.hello(0))
    with Wire(world.broker, ground.pki.server_root, ground.pki.certificate("dev-01")) as own:
        assert own.connect("dev-01") == OK
        own.publish("wg/v1/d/dev-02/up/hello", hello)
        own.publish("wg/v1/d/dev-01/up/hello", hello)  # behind it, by the same way
        world.wait("what it may say has come", world.db.online)
    assert world.db.rows("select id from device") == [("dev-01",)]
