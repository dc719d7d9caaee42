"""Three Mosquittos behind HAProxy: one is killed mid-campaign, its devices come back elsewhere, nothing is lost."""

import pytest

from tests.lab import fleet, payload
from tests.lab.mqtt import Client, Refused, settle
from tests.lab.shards import Shards
from tests.system.story import all_succeeded, campaign, check_end

WAVES = "  - {name: first, count: 4}\n  - {name: rest, remaining: true}"
FLEET = 12


def shared_out(broker):
    return [broker.connected(number) for number in range(len(broker.brokers))]


@pytest.mark.parametrize("through", [True, False], ids=["passed-through", "ended"])
def test_a_broker_is_killed(wide, ground, through):
    world = wide(lambda folder: Shards(folder, ground.pki, through))
    world.orchestrator.start()
    world.hears_all()
    world.add_fleet(FLEET)
    before = shared_out(world.broker)
    assert set().union(*before) == set(world.agents) and sum(map(len, before)) == FLEET
    assert all(len(some) < FLEET for some in before), "by name, not all to one"
    for agent in world.agents.values():
        agent.kill()
    world.wait("all are gone", lambda: not world.db.online())
    world.start_agents()
    assert shared_out(world.broker) == before, "each keeps its broker"
    gate = world.folder / "go"
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1", install=payload.until_exists(gate)),
                      fleet.COMPONENT, "2.4.1")
    name = world.apply(campaign("sharded", "2.4.1", WAVES))
    world.wait("the first wave installs", lambda: world.db.value(
        "select count(*) from place where state = 'installing'") == 4)
    largest = max(range(3), key=lambda number: len(before[number]))
    world.broker.brokers[largest].kill()
    gate.touch()
    world.wait("its devices have come back by the others", lambda: set().union(
        *(world.broker.connected(number) for number in range(3) if number != largest)) == set(world.agents), 30)
    world.wait_campaign(name, "finished", 90)
    check_end(world, name, "2.4.1", all_succeeded(world))
    heard = world.orchestrator.log.read_text().count(f'"broker connected" broker=b{largest + 1}')
    world.broker.brokers[largest].start()
    world.wait("it is heard again", lambda: world.orchestrator.log.read_text().count(
        f'"broker connected" broker=b{largest + 1}') > heard, 40)


def test_haproxy_lets_in_only_who_it_should(wide, ground):
    """Where TLS ends at HAProxy, the client id is what topics go by."""
    ground.pki.revoke("dev-24")
    world = wide(lambda folder: Shards(folder, ground.pki, False))
    world.orchestrator.start()
    world.hears_all()
    certificate, root = ground.pki.certificate("dev-01"), ground.pki.server_root
    with pytest.raises(Refused):
        Client(world.broker, certificate, root, "dev-02")
    with pytest.raises(Refused):
        Client(world.broker, ground.pki.certificate("dev-24"), root, "dev-24")
    own = Client(world.broker, certificate, root, "dev-01")
    own.publish("wg/v1/d/dev-02/up/hello", {"v": 1, "online": False, "boot": "b" * 32})
    settle()
    own.close()
    assert world.db.rows("select 1 from device") == []
