"""The protocol is what schemas/ says: devices in another language, written by them alone, are part of the fleet."""

import hashlib
import json
import re

from tests.lab import payload
from tests.lab.agent import Agent
from tests.lab.mqtt import catch_up, observer
from tests.lab.other_device import OtherDevice
from tests.system.story import DEVICES, all_succeeded, campaign, check_end
from tests.system.test_wire import validators


def start(world, others=1, ours=0):
    """So many devices in the other language, and so many real agents."""
    for number, device in enumerate(DEVICES[:others + ours]):
        world.add_agent(device, payload.make(world.folder, device.component, device.version),
                        kind=OtherDevice if number < others else Agent, soak="300ms", health_every="100ms")
    world.start_agents()
    return list(world.agents.values())


def test_they_take_part_in_a_whole_campaign(world, release):
    with observer(world) as ear:
        other, *_ = start(world, others=2, ours=2)
        assert world.db.rows("select id from device where attributes ->> 'language' = 'javascript' order by 1") == [
            (device.id,) for device in DEVICES[:2]]
        release("2.4.1", size=200_000)
        name = world.apply(campaign("mixed", "2.4.1", "  - {name: canary, count: 1}\n  - {name: rest, remaining: true}"))
        world.wait_campaign(name, "finished", 60)
        check_end(world, name, "2.4.1", all_succeeded(world))
        assert other.payload_log() == ["install 2.4.1", "boot 2.4.1"]
        checks = validators()
        catch_up(ear)
        said = [(leaf, json.loads(message)) for topic, message in ear.messages
                for device, leaf in [re.fullmatch(r"wg/v1/d/([^/]+)/(.+)", topic).groups()] if device == other.id]
        for leaf, message in said:
            checks[leaf].validate(message)
        assert list(dict.fromkeys(message["state"] for leaf, message in said if leaf == "up/report")) == [  # often said twice
            "accepted", "downloading", "installing", "rebooting", "probation", "succeeded"]
        assert {message.get("trial", False) for leaf, message in said if leaf == "up/hello"} == {False, True}


def test_they_say_truthfully_what_failed(world, release, ground):
    other, = start(world)
    release("2.4.1", install=payload.fails("the disk is full"))
    release("2.4.2", boot=payload.fails("no operating system"))
    release("2.4.3", health=payload.fails("pedal sensor does not answer"))
    spoilt = release("2.4.4")
    stored = ground.web.artifacts / hashlib.sha256(spoilt.read_bytes()).hexdigest()
    stored.write_bytes(stored.read_bytes().replace(b"exit 0", b"exit 1"))
    for version, state, cause, detail in (("2.4.1", "failed", "install", "the disk is full"),
                                          ("2.4.2", "rolled-back", "boot", "no operating system"),
                                          ("2.4.3", "rolled-back", "health", "pedal sensor does not answer"),
                                          ("2.4.4", "failed", "verify", "other bytes")):
        name = world.apply(campaign(f"fails-{version}", version))
        world.wait_finished(name)
        check_end(world, name, version, {other.id: (state, cause)})
        assert detail in world.db.value("select detail from place p join campaign c on c.id = p.campaign_id where name = %s", name)
    assert other.version() == other.device.version
    assert "install 2.4.4" not in other.payload_log()


def test_power_cuts_on_the_way_lose_nothing(world, release):
    other, = start(world)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate), health=payload.until_exists(world.folder / "well"))
    name = world.apply(campaign("cuts", "2.4.1"))
    world.wait_place(name, other.id, "installing")
    other.kill()
    gate.touch()
    other.start()
    world.wait_place(name, other.id, "probation", timeout=40)
    other.kill()  # on trial: the old slot boots
    other.start()
    world.wait_finished(name)
    check_end(world, name, "2.4.1", {other.id: ("rolled-back", "boot")})


def test_orders_that_the_director_has_not_signed_change_nothing(world, release):
    with observer(world) as ear:
        other, = start(world)
        release("2.4.1")
        name = world.apply(campaign("true", "2.4.1"))
        world.wait_campaign(name, "finished")
        catch_up(ear)
        order = next(json.loads(message) for topic, message in ear.messages if topic.endswith("/down/order"))
        world.wait("all it reported is acknowledged", lambda: other.memory()["outbox"] == [])
        before = other.memory()
        boot = world.db.value("select boot from device where id = %s", other.id)
        order["signed"].update(counter=before["counter"] + 1, boot=boot, id="00000000-0000-4000-8000-000000000000")
        ear.publish(f"wg/v1/d/{other.id}/down/order", order)
        del order["signed"]["boot"]
        ear.publish(f"wg/v1/d/{other.id}/down/order", order)
        world.wait("it has looked at both", lambda: other.log.read_text().count("passed over") == 2)
        assert "has not signed" in other.log.read_text() and "required property 'boot'" in other.log.read_text()
        assert other.memory() == before
