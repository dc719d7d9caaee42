"""What goes over the wire is what schemas/ says, and the programs end as they should."""

import json
import re
import signal

import jsonschema
import yaml

from tests.lab import fleet
from tests.lab.mqtt import catch_up, observer
from tests.lab.programs import ROOT
from tests.system.story import campaign

TOPICS = {"up/hello": "hello", "up/report": "report", "up/log": "log", "down/order": "order", "down/ack": "ack"}


def validators():
    made = {}
    for leaf, name in TOPICS.items():
        schema = json.loads((ROOT / f"schemas/message-{name}.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        made[leaf] = jsonschema.Draft7Validator(
            schema, format_checker=jsonschema.draft7_format_checker)
    return made


def test_messages_are_as_the_schemas_say(world, fleet_of, release):
    with observer(world) as ear:
        agents = fleet_of(3)
        made = release("2.4.1", size=50_000)
        packed = world.folder / "packed.zst"
        world.wavegate("release", "pack", made, "--out", packed, operator=None)
        world.wavegate("release", "add-form", packed, "--component", fleet.COMPONENT, "--version", "2.4.1",
                       operator="rita")
        name = world.apply(campaign("wire", "2.4.1"))
        world.wait_campaign(name, "finished")
        release("2.4.2", install="echo no room; exit 1")
        world.apply(campaign("wire-fails", "2.4.2", target=f"  - device: [{agents[2].id}]"))
        world.wait("it says why", lambda: world.db.value("select count(*) from device_log") == 2)
        agents[0].kill()  # brings its last will
        world.wait("it is offline", lambda: agents[0].id not in world.db.online())
        catch_up(ear)
        checks, seen = validators(), set()
        for topic, payload in ear.messages:
            device, leaf = re.fullmatch(r"wg/v1/d/([^/]+)/(.+)", topic).groups()
            message = json.loads(payload)
            checks[leaf].validate(message)
            seen.add(leaf)
            if leaf == "down/order":
                assert message["signed"]["device"] == device
                if message["signed"]["release"]["version"] == "2.4.2":
                    continue  # it has none
                (form,) = message["signed"]["artifact"]["forms"]
                assert form["length"] == packed.stat().st_size and form["urls"][0].endswith(form["sha256"])
        assert seen == set(TOPICS)
        states = [json.loads(payload)["state"] for topic, payload in ear.messages
                  if topic == f"wg/v1/d/{agents[1].id}/up/report"]
        assert states[0] == "accepted" and states[-1] == "succeeded"
        assert {"installing", "rebooting", "probation"} <= set(states)


class Plain(yaml.SafeLoader):
    """Leaves dates as they are written, as the campaign's parser does."""


Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def test_the_campaign_schema_takes_the_example_campaigns():
    schema = json.loads((ROOT / "schemas/campaign.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    for file in sorted((ROOT / "campaigns").glob("*.yaml")):
        jsonschema.validate(yaml.load(file.read_text(), Plain), schema)


def test_sigterm_ends_the_orchestrator_cleanly(world, fleet_of):
    fleet_of(1)
    world.orchestrator.terminate()
    assert world.orchestrator.stop() == 0
    assert "msg=stopped" in world.orchestrator.log.read_text()
    world.orchestrator.start()
    world.orchestrator.terminate()  # also while it starts
    assert world.orchestrator.stop() in (0, -signal.SIGTERM)


def test_sigterm_ends_an_agent_cleanly_and_says_goodbye(world, fleet_of):
    agent, = fleet_of(1)
    assert agent.stop() == 0
    world.wait("it is offline", lambda: not world.db.online())


def test_an_orchestrator_waits_for_its_services(bare_world, ground):
    world = bare_world
    world.broker.stop()
    ground.postgres.kill()
    try:
        world.orchestrator.start()
        world.wait("it has tried", lambda: "database" in world.orchestrator.log.read_text())
        assert world.orchestrator.alive()
    finally:
        ground.postgres.start()
    world.broker.start()
    world.wait("it found both", lambda: "broker connected" in world.orchestrator.log.read_text()
               and "database connected" in world.orchestrator.log.read_text(), 30)
