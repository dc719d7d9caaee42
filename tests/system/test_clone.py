"""One identity in two devices: two real agents with the same certificate, behind the guarded broker."""

import json

import jsonschema
import pytest

from tests.lab import fleet, payload
from tests.lab.agent import Agent
from tests.lab.mqtt import Client
from tests.lab.pki import SERVICE
from tests.lab.programs import ROOT
from tests.system.story import DEVICES, campaign

DEVICE = DEVICES[0]
NOT_FOUND, DENIED, STRAYS, USAGE = 5, 4, 3, 2


@pytest.fixture
def copy_of(world):
    """copy_of(agent): a second device with the identity of that one; ended with the test."""
    made = []

    def start(agent):
        copy = Agent(agent.device, world.folder / "copies", world.ground.pki, world.broker.url)
        copy.settings.update(agent.settings)
        copy.provision(payload.make(world.folder, agent.device.component, agent.device.version))
        made.append(copy)
        copy.start()
        return copy

    yield start
    for copy in made:
        copy.kill()


def explained(world, device, name):
    told = json.loads(world.wavegate("device", "explain", device, "--campaign", name,
                                     "--json").stdout)
    return told["campaigns"][0]


def alarms(world, *more):
    return json.loads(world.wavegate("device", "alarms", "--json", *more).stdout)


def wait_cloned(world, device):
    world.wait(f"{device} is known to be cloned", lambda: world.db.value(
        "select exists (select from alarm a join device d on d.id = a.device_id where d.id = %s "
        "and a.kind = 'cloned' and a.cleared_at is null and d.quarantined_at is not null)", device))


@pytest.mark.mosquitto("it awaits what the guard tells", but=("haproxy-through",))
def test_a_clone_is_found_out_and_let_go_again(world, fleet_of, release, copy_of):
    agent, other = fleet_of(2)
    ear = Client(world.broker, world.ground.pki.certificate(SERVICE), world.ground.pki.server_root,
                 f"{SERVICE}-ear")
    ear.subscribe("wg/v1/guard")
    copy = copy_of(agent)
    wait_cloned(world, agent.id)
    ear.close()
    schema = json.loads((ROOT / "schemas/message-guard.schema.json").read_text())
    assert ear.messages
    for _, event in ear.messages:
        jsonschema.validate(json.loads(event), schema)
    assert {one["device"] for one in alarms(world)} == {agent.id}
    listed = json.loads(world.wavegate("device", "list", "--alarm", "--json").stdout)
    assert [one["id"] for one in listed] == [agent.id]
    assert listed[0]["quarantined_at"] and "cloned" in listed[0]["alarms"]

    release("2.4.1")
    file = world.folder / "planned.yaml"
    file.write_text(campaign("planned", "2.4.1", target=f"  - device: [{agent.id}, {other.id}]"))
    told = world.wavegate("campaign", "plan", file, expect=STRAYS).stdout
    assert "1 is in quarantine: it looks cloned" in " ".join(told.split())

    world.wavegate("device", "clear", agent.id, "--reason", "x", operator="alice", expect=DENIED)
    world.wavegate("device", "clear", agent.id, operator="dave", expect=USAGE)
    world.wavegate("device", "clear", other.id, "--reason", "x", operator="dave", expect=NOT_FOUND)
    copy.kill()
    agent.stop()  # so that the last word of both has been heard
    world.wait("it is gone", lambda: agent.id not in world.db.online())
    agent.start()
    world.wait("it alone is back", lambda: agent.id in world.db.online())
    said = world.wavegate("device", "clear", agent.id, "--reason", "the copy was found",
                          operator="dave").stdout
    assert "cloned" in said and "dave" in said
    assert alarms(world) == []
    assert {(one["cleared_by"], one["cleared_why"]) for one in alarms(world, "--cleared")} == {
        ("dave", "the copy was found")}
    name = world.apply(file.read_text())
    world.wait_finished(name)
    assert world.db.state_of(name, agent.id) == "succeeded"
    assert world.db.rows("select actor from audit where kind = 'alarm'") == [("dave",)]


def test_what_a_clone_has_in_hand_is_withdrawn(world, fleet_of, copy_of):
    agent = fleet_of(1)[0]
    installed = world.folder / "installed"
    made = payload.make(world.folder, fleet.COMPONENT, "2.4.1",
                        install=payload.until_exists(installed, 35))
    world.add_release(made, fleet.COMPONENT, "2.4.1")
    name = world.apply(campaign("taken", "2.4.1", target=f"  - device: [{agent.id}]"))
    world.wait_place(name, agent.id, "installing")
    copy = copy_of(agent)
    wait_cloned(world, agent.id)
    world.wait_place(name, agent.id, "waiting")
    why = explained(world, agent.id, name)
    assert why["holds"] == "quarantined"
    assert "it is in quarantine since" in why["reason"] and "looks cloned" in why["reason"]
    assert "in quarantine" in world.wavegate("device", "show", agent.id).stdout
    copy.kill()
    installed.touch()
    world.wait("the order is taken back", lambda: not world.db.rows(
        "select 1 from update_order where open and device_id = %s", agent.id))
    assert world.db.value("select count(*) from report where state in ('succeeded', 'probation')") == 0
    world.wavegate("device", "clear", agent.id, "--reason", "found", operator="dave")
    world.wait_place(name, agent.id, "succeeded")


def test_who_tolerates_clones_offers_all_the_same(bare_world):
    world = bare_world
    world.orchestrator.settings["clones"] = {"quarantine": False}
    world.orchestrator.write_config()
    world.start_orchestrator()
    agent = world.add_agent(DEVICE, payload.make(world.folder, DEVICE.component, DEVICE.version),
                            soak="300ms", health_every="100ms")
    world.start_agents()
    world.db.rows("insert into alarm (device_id, kind, count, first_at, last_at, why) "
                  "values (%s, 'cloned', 1, now(), now(), 'a test') returning id", agent.id)
    made = payload.make(world.folder, fleet.COMPONENT, "2.4.1")
    world.add_release(made, fleet.COMPONENT, "2.4.1")
    name = world.apply(campaign("tolerant", "2.4.1", target=f"  - device: [{agent.id}]"))
    world.wait_place(name, agent.id, "succeeded")
    assert [one["kind"] for one in alarms(world)] == ["cloned"]


@pytest.mark.plain_broker  # whose take-overs nobody tells of
def test_boots_that_take_turns_are_enough(world, fleet_of, copy_of):
    agent = fleet_of(1)[0]
    copy_of(agent)
    wait_cloned(world, agent.id)
    assert "two boots take turns" in alarms(world)[0]["why"]


@pytest.mark.plain_broker  # anybody else's could not publish there
def test_what_is_no_event_of_the_guard_is_recorded(world):
    pki = world.ground.pki
    client = Client(world.broker, pki.certificate(SERVICE), pki.server_root, f"{SERVICE}-test")
    client.publish("wg/v1/guard", b'{"v": 1, "kind": "flood"}')
    world.wait("it is recorded", lambda: world.db.rows(
        "select topic from rejected where reason like 'guard: %%'") == [("wg/v1/guard",)])
    client.close()
