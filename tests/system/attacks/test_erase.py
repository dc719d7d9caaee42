"""Who would have devices erase their keys, and may not: with the database, the director's key, or words of before."""

import json

import pytest

from tests.lab.mqtt import catch_up, observer
from tests.system.test_erase import KEYS, Erasable


@pytest.fixture
def erasable(bare_world):
    return Erasable(bare_world)


def ask(world, device, statement="{}"):
    """What whoever owns the database can do."""
    world.db.rows("insert into erasure (device_id, asked_at, asked_by, reason, statements) "
                  "values (%s, now(), 'dave', 'planted', jsonb_build_object('dave', %s::text)) returning 1",
                  device, statement)


def unharmed(erasable, agent):
    assert agent.alive() and agent.phase() in (None, "idle")
    assert erasable.keys(agent) == KEYS


def test_asked_for_in_the_database_alone(erasable):
    agent = erasable.start()
    ask(erasable.world, agent.id)
    erasable.signer_says("0 of the 1 deployment-admin")
    unharmed(erasable, agent)
    erasable.is_told(agent, "0 of the 1 deployment-admin")


def test_with_a_stolen_directors_key(erasable):
    """The device counts the people itself."""
    agent = erasable.start(signer=False)
    ask(erasable.world, agent.id)
    erasable.world.wait("the device has refused", lambda: "keys are not erased" in agent.log.read_text())
    assert "0 of the 1 deployment-admin" in agent.log.read_text()
    unharmed(erasable, agent)


def test_a_policy_that_names_nobody(erasable):
    erasable.repository.set_policy(1)
    agent = erasable.start()
    erasable.erase(agent)
    erasable.signer_says("the policy has nobody say that keys are erased")
    unharmed(erasable, agent)


def test_said_of_another_device(erasable):
    """A statement is about one device, by name."""
    agent = erasable.start(devices=2)
    first, second = erasable.world.agents.values()
    second.stop()
    erasable.erase(second)
    (statement,) = erasable.world.db.value("select array(select value from jsonb_each_text(statements)) from erasure")
    ask(erasable.world, first.id, statement)
    erasable.signer_says("0 of the 1 deployment-admin")
    unharmed(erasable, agent)


def test_words_of_before(erasable):
    """The order that was obeyed once, and the statement in a new one: neither counts for the keys that came later."""
    world = erasable.world
    with observer(world) as hears:
        agent = erasable.start()
        erasable.erase(agent)
        world.wait("the agent has ended", lambda: not agent.alive())
        catch_up(hears)
        order = hears.on(f"wg/v1/d/{agent.id}/down/order")[0]
        assert json.loads(order)["signed"]["kind"] == "erase"
        world.wait("it was heard", lambda: erasable.explained(agent)["state"] == "done")
        erasable.give_keys(agent)
        world.wavegate("device", "reinstate", agent.id, "--reason", "new keys", operator="dave")
        agent.start()
        world.wait("it is back", lambda: agent.id in world.db.online())
        hears.publish(f"wg/v1/d/{agent.id}/down/order", order)
        world.wait("it is ignored", lambda: "is not greater than" in agent.log.read_text())
        statement = json.dumps(json.loads(order)["signed"]["warrant"][0])
        ask(world, agent.id, statement)
        world.wait("the statement is not taken", lambda: "0 of the 1 deployment-admin" in agent.log.read_text())
        unharmed(erasable, agent)
