"""Two brokers: what is for a device goes to the one at which it listens, and follows it to the other."""

import json

import pytest

from tests.lab import fleet, payload
from tests.lab.broker import Broker
from tests.lab.mqtt import Client, Puppet, catch_up
from tests.lab.pki import SERVICE
from tests.lab.process import free_port
from tests.system.story import all_succeeded, campaign, check_end

pytestmark = pytest.mark.mosquitto("two of its own, each with somebody who listens in")
DOWN = "wg/v1/d/+/down/#"


class Two:
    """Brokers and who listens in at each; a world whose orchestrator has both."""

    def __init__(self, world):
        pki, place = world.ground.pki, world.folder / "west"
        place.mkdir()
        place.chmod(0o755)
        self.world = world
        self.brokers = {"east": world.broker, "west": Broker(place, pki, port=free_port())}
        world.orchestrator.settings["brokers"] = [{"name": name, "url": broker.url} for name, broker in self.brokers.items()]
        world.orchestrator.settings["orders"] = {"resend": "1h"}  # what is repeated goes everywhere
        world.orchestrator.write_config()
        world.orchestrator.start()
        world.hears_all()
        self._ears = {}
        for name, broker in self.brokers.items():
            ear = Client(broker, pki.certificate(SERVICE), pki.server_root, f"{SERVICE}-ear-{name}")
            ear.subscribe(DOWN)
            self._ears[name] = ear

    def heard(self, name, what="order"):
        """Devices to which something was said there."""
        catch_up(self._ears[name])
        topics = [topic.split("/") for topic, _ in self._ears[name].messages]
        return {parts[3] for parts in topics if parts[5] == what and parts[3] != "nobody"}

    def forget(self):
        for ear in self._ears.values():
            ear.messages.clear()

    def add_agent(self, device, name):
        world = self.world
        agent = world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms",
                                health_every="100ms")
        agent.settings["broker"] = self.brokers[name].url
        return agent

    def roll_out(self, name, version):
        world = self.world
        world.add_release(payload.make(world.folder, fleet.COMPONENT, version), fleet.COMPONENT, version)
        self.forget()
        world.apply(campaign(name, version))
        world.wait_campaign(name, "finished", 60)
        check_end(world, name, version, all_succeeded(world))

    def close(self):
        for ear in self._ears.values():
            ear.close()
        self.brokers["west"].close()


@pytest.fixture(name="two")
def fixture_two(bare_world):
    made = Two(bare_world)
    yield made
    made.close()


def where(world):
    return dict(world.db.rows("select id, broker from device"))


def test_each_is_told_where_it_listens(two):
    world = two.world
    one, other = (two.add_agent(device, name) for device, name in zip(fleet.devices(), ("east", "west")))
    world.start_agents()
    two.roll_out("first", "2.4.1")
    assert where(world) == {one.id: "east", other.id: "west"}
    for name, agent in (("east", one), ("west", other)):
        assert two.heard(name) == two.heard(name, "ack") == {agent.id}
    one.kill()
    one.settings["broker"] = two.brokers["west"].url
    one.start()
    world.wait("it has come by the other one", lambda: where(world)[one.id] == "west")
    two.roll_out("second", "2.4.2")
    assert two.heard("west") == two.heard("west", "ack") == {one.id, other.id}
    assert two.heard("east") == set()


def answers(puppet, link):
    """How many of its hellos in the connection of that number were answered."""
    acks = [json.loads(message) for message in puppet.on(f"wg/v1/d/{puppet.id}/down/ack")]
    return sum(ack.get("link") == link for ack in acks)


def test_an_order_follows_its_device(two):
    """Its order went to the broker that it has left without a word: it comes by the other one, and has it at once."""
    world, device = two.world, fleet.devices()[0]
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
    gone = Puppet(world, device, broker=two.brokers["east"])
    gone.hello(link=1)
    world.wait("it is known", lambda: where(world) == {device.id: "east"})
    with Puppet(world, device, broker=two.brokers["west"]) as here:
        world.apply(campaign("following", "2.4.1"))
        first = gone.wait_order()
        assert here.orders() == []
        here.hello(link=2)
        again = here.wait_order()
        assert (again["id"], again["counter"]) == (first["id"], first["counter"])
        here.report(1, again, "accepted")
        world.wait("it is acknowledged", lambda: here.acknowledged() == 1)
        assert gone.acknowledged() == 0
        before = answers(here, 2)
        here.hello(link=2)
        world.wait("it is answered once more", lambda: answers(here, 2) > before)
        assert len(here.orders()) == 1
    gone.close()
