"""A RabbitMQ cluster of three, MQTT 3.1.1 without shared subscriptions: a node, and the orchestrator that hears it, are killed."""

import pytest
import paho.mqtt.client as paho

from tests.lab import fleet, payload
from tests.lab.mqtt import Client, settle
from tests.lab.rabbit import Rabbit
from tests.system.story import DEVICES, all_succeeded, campaign, check_end

WAVES = "  - {name: first, count: 4}\n  - {name: rest, remaining: true}"
FLEET = 9


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
    return Rabbit(folder / "rabbit", ground.pki, [device.id for device in DEVICES])


def test_a_node_and_an_orchestrator_are_killed(rabbits):
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
    name = world.apply(campaign("rabbits", "2.4.1", WAVES))
    world.wait("the first wave installs", lambda: world.db.value(
        "select count(*) from place where state = 'installing'") == 4, 40)
    first = hearer(world)
    world.broker.nodes[1].kill()
    gate.touch()
    world.wait("the others know that it is gone", lambda: len(world.broker.running()) == 2, 60)
    first.kill()
    world.wait("the other one hears the cluster", lambda: hearer(world) not in (None, first), 60)
    world.wait_campaign(name, "finished", 120)
    check_end(world, name, "2.4.1", all_succeeded(world))
    world.broker.nodes[1].start()
    world.wait("it is one of three again", lambda: len(world.broker.running()) == 3, 90)
    confined(world)


def confined(world):
    """A device writes and reads below its own name only; what it must not ends its session or comes to nothing."""
    pki = world.ground.pki
    listener = Client(world.broker, pki.certificate("wavegated"), pki.server_root, "wavegated-listener", paho.MQTTv311)
    listener.subscribe("wg/v1/d/+/up/log")
    with Client(world.broker, pki.certificate("dev-20"), pki.server_root, "dev-20", paho.MQTTv311) as own:
        own.publish("wg/v1/d/dev-20/up/log", b"mine")
        own.send("wg/v1/d/dev-21/up/log", "another's")
        settle(1)
    assert [topic for topic, _ in listener.messages] == ["wg/v1/d/dev-20/up/log"]
    spy = Client(world.broker, pki.certificate("dev-20"), pki.server_root, "dev-20", paho.MQTTv311)
    spy.ask("wg/v1/d/dev-21/down/#")
    settle(1)
    listener.send("wg/v1/d/dev-21/down/ack", "not for dev-20")
    settle(1)
    assert spy.messages == []
    spy.close()
    listener.close()
