"""A device on the factory's line: wavegate-agent --once brings it to the newest release, and says so in one line."""

import json
import os
import signal
import subprocess

import jsonschema
import pytest

from tests.lab import fleet, payload, programs
from tests.lab.claim import Newborn, Office
from tests.lab.mqtt import observer
from tests.lab.process import free_port
from tests.system.story import campaign
from tests.system.test_claim import pins
from tests.system.test_wire import validators

DONE, ERROR, SETTINGS, LATER, REFUSED, NO_TOKEN, CONFLICT, FAILED, TIMEOUT, OFFLINE, REBOOT, UNWELL = range(12)
SCHEMA = json.loads((programs.ROOT / "schemas/once.schema.json").read_text())
EVER = "membership: continuous"
WELL = {"health": "ok", "slots": "ok", "identity": "ok", "pins": "none", "clock": "ok"}


def parse(done):
    """What it says, and nothing beside it on standard output."""
    assert done.stdout.endswith("\n") and done.stdout.count("\n") == 1, done
    line = json.loads(done.stdout)
    jsonschema.Draft7Validator(SCHEMA).validate(line)
    assert line["code"] == done.returncode, (line, done.stderr)
    return line


class Line:
    """The factory's line: an office that takes claims, devices that are born on it."""

    def __init__(self, world):
        self.world, self.count = world, 0
        self.office = Office(world.folder, world.ground.pki, world.broker.url)
        self.office.start()

    def born(self, token=True, version="1.0.0", **settings):
        self.count += 1
        device = fleet.Device(f"born-{os.getpid()}-{self.world.name[-20:].replace('_', '-')}-{self.count}", "DE-BY", "Europe/Berlin",
                              48.14, 11.58, "munich", version=version)
        made = Newborn(device, self.world.folder / "devices", self.world.ground.pki, self.world.broker.url,
                       self.office.token(device.id) if token else None)
        if self.world.repository:
            made.settings["repository"] = {"url": self.world.repository.url, "root": str(self.world.repository.root)}
        made.settings.update({"soak": "200ms", "health_every": "100ms", **settings})
        made.write_config()
        return made

    def argv(self, device, *more):
        return device.claiming(self.office.url, "--once", *more)

    def once(self, device, *more, expect=DONE, timeout=60):
        done = programs.run(self.argv(device, "--within", programs.span(40), *more), env=device._environment(), timeout=timeout)
        line = parse(done)
        assert line["code"] == expect, (line, done.stderr[-3000:])
        return line

    def campaign(self, version, over, name=None, more=EVER, **made):
        """A release, and a campaign of it for whoever runs an older one."""
        world = self.world
        content = payload.make(world.folder, fleet.COMPONENT, version, **made)
        if world.repository:
            world.repository.add(content, fleet.COMPONENT, version)
        world.add_release(content, fleet.COMPONENT, version)
        target = f'  - software: {{{fleet.COMPONENT}: "{over}"}}'
        return world.apply(campaign(name or f"to-{version.replace('.', '-')}", version, more=more, target=target))


@pytest.fixture(name="line")
def line_(world):
    made = Line(world)
    yield made
    assert made.office.close() == 0


def provisioned(line, **settings):
    device = line.born(**settings)
    device.provision(payload.make(line.world.folder, device.device.component, device.device.version))
    return device


def test_a_fresh_device_is_claimed_and_updated_twice(bare_world):
    world = bare_world
    world.trust(0)
    world.start_signer()
    world.start_orchestrator()
    line = Line(world)
    line.campaign("2.0.0", "<2.0.0")
    line.campaign("3.0.0", ">=2.0.0 <3.0.0")
    device = provisioned(line)
    said = line.once(device, "--claim-id", device.id)
    assert (said["result"], said["claimed"], said["software"]) == ("done", True, {fleet.COMPONENT: "3.0.0"})
    assert said["checks"] == WELL
    assert (said["last"]["campaign"], said["last"]["state"]) == ("to-3-0-0", "succeeded")
    assert device.version() == "3.0.0" and not device.token.exists()
    assert world.db.state_of("to-2-0-0", device.id) == world.db.state_of("to-3-0-0", device.id) == "succeeded"
    world.wait("it says that it goes", lambda: device.id not in world.db.online())
    # once more: nothing is left to be done
    again = line.once(device)
    assert (again["claimed"], again["software"]) == (False, {fleet.COMPONENT: "3.0.0"})
    assert line.office.close() == 0


def test_nothing_is_there_for_it(line):
    device = provisioned(line)
    line.campaign("2.0.0", "<0.9.0")
    with observer(line.world) as ear:
        said = line.once(device)
        line.world.wait("it was answered", lambda: [1 for topic, text in ear.messages
                                                    if topic.endswith("/down/ack") and json.loads(text).get("next") == "none"])
        checks = validators()
        heard = [(topic.split("/", 4)[4], json.loads(text)) for topic, text in ear.messages]
    for leaf, message in heard:
        checks[leaf].validate(message)
    asked = [message["ask"] for leaf, message in heard if "ask" in message]
    (answer,) = [message for leaf, message in heard if "answer" in message]
    assert answer["answer"] == asked[-1] and "order" not in answer
    assert (said["result"], said["text"], said["software"]) == ("done", "", {fleet.COMPONENT: "1.0.0"})
    assert said["seconds"] < 30 * programs.SLOWER and "last" not in said  # it does not wait until its time is up
    assert said["certificate_until"]


def test_a_campaign_has_it_and_may_not_yet(line):
    device = provisioned(line)
    line.campaign("2.0.0", "<2.0.0", more=EVER + "\nschedule: {start: 2100-01-01T00:00:00Z}")
    said = line.once(device, expect=LATER)
    assert (said["result"], said["software"], said["checks"]) == ("later", {fleet.COMPONENT: "1.0.0"}, WELL)


def test_a_member_of_a_wave_that_is_not_open(line):
    first, second = provisioned(line), provisioned(line)
    for device in (first, second):
        line.once(device)
    waves = f'  - {{name: lab, devices: ["{first.id}"]}}\n  - {{name: rest, remaining: true}}'
    content = payload.make(line.world.folder, fleet.COMPONENT, "2.0.0")
    line.world.add_release(content, fleet.COMPONENT, "2.0.0")
    line.world.apply(campaign("waves", "2.0.0", waves, more="gate: {soak: 1h}"))
    assert line.once(second, expect=LATER)["software"] == {fleet.COMPONENT: "1.0.0"}
    assert line.once(first)["software"] == {fleet.COMPONENT: "2.0.0"}


def test_a_release_that_is_unhealthy(line):
    device = provisioned(line)
    line.campaign("2.0.0", "<2.0.0", health=payload.fails("the pump stands still"))
    said = line.once(device, expect=FAILED)
    assert (said["result"], said["text"], said["software"]) == ("failed", "the pump stands still", {fleet.COMPONENT: "1.0.0"})
    assert (said["last"]["state"], said["last"]["cause"]) == ("rolled-back", "health")
    assert said["checks"] == WELL
    assert line.world.db.state_of("to-2-0-0", device.id) == "rolled-back"


def test_a_device_that_is_not_well(line):
    device = line.born()
    device.provision(payload.make(line.world.folder, device.device.component, device.device.version, health=payload.fails("no pump")))
    said = line.once(device, expect=UNWELL)
    assert said["checks"] == {**WELL, "health": "no pump"}


def test_wrong_token(line):
    device = provisioned(line)
    device.give("wgt1-" + "0" * 64)
    said = line.once(device, expect=REFUSED)
    assert said["claimed"] is False and "software" not in said
    device.token.unlink()
    assert line.once(device, expect=NO_TOKEN)["result"] == "no-token"


def test_no_broker(line):
    device = provisioned(line, broker=f"ssl://localhost:{free_port()}")
    said = parse(programs.run(line.argv(device, "--within", programs.span(4)), env=device._environment(), timeout=60))
    assert said["code"] == OFFLINE and said["claimed"] and said["text"]
    line.office.child.stop()
    other = line.born()
    said = parse(programs.run(line.argv(other, "--within", "2s"), env=other._environment(), timeout=60))
    assert said["code"] == OFFLINE and not said["claimed"]
    line.office.start()


def test_nobody_answers(line):
    device = provisioned(line)
    line.world.orchestrator.stop()
    assert device.claim(line.office.url).returncode == 0
    said = parse(programs.run(line.argv(device, "--within", programs.span(3)), env=device._environment(), timeout=60))
    assert (said["code"], said["text"]) == (TIMEOUT, "the orchestrator does not say what there is")


def test_the_time_is_up_and_it_goes_on(line):
    device = provisioned(line)
    gate = line.world.folder / "go"
    name = line.campaign("2.0.0", "<2.0.0", install=payload.until_exists(gate))
    with subprocess.Popen([str(word) for word in line.argv(device)], env=device._environment(), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as child:
        line.world.wait("it installs", lambda: line.world.db.state_of(name, device.id) == "installing")
        child.terminate()
    said = parse(programs.run(line.argv(device, "--within", programs.span(2)), env=device._environment(), timeout=60))
    assert (said["code"], said["text"]) == (TIMEOUT, "installing")
    gate.touch()
    assert line.once(device)["software"] == {fleet.COMPONENT: "2.0.0"}


def test_killed_in_the_middle(line):
    device = provisioned(line)
    gate = line.world.folder / "go"
    name = line.campaign("2.0.0", "<2.0.0", install=payload.until_exists(gate))
    with subprocess.Popen([str(word) for word in line.argv(device)], env=device._environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as child:
        line.world.wait("it installs", lambda: line.world.db.state_of(name, device.id) == "installing")
        child.send_signal(signal.SIGKILL)
        assert child.communicate()[0] == ""
    gate.touch()
    said = line.once(device)
    assert (said["claimed"], said["software"]) == (False, {fleet.COMPONENT: "2.0.0"})
    assert line.world.db.state_of(name, device.id) == "succeeded"


def test_a_signal_ends_it(line):
    device = provisioned(line)
    gate = line.world.folder / "go"
    name = line.campaign("2.0.0", "<2.0.0", install=payload.until_exists(gate))
    with subprocess.Popen([str(word) for word in line.argv(device)], env=device._environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as child:
        line.world.wait("it installs", lambda: line.world.db.state_of(name, device.id) == "installing")
        child.send_signal(signal.SIGTERM)
        out, err = child.communicate(timeout=30 * programs.SLOWER)
    done = subprocess.CompletedProcess([], child.returncode, out, err)
    assert parse(done)["code"] == 130
    gate.touch()


def test_the_jig_reboots(line):
    """Where a program reboots the device, the jig is told, and the program is not run."""
    device = provisioned(line, reboot="/bin/false")
    line.campaign("2.0.0", "<2.0.0")
    said = line.once(device, expect=REBOOT)
    assert (said["result"], said["software"]) == ("reboot", {fleet.COMPONENT: "1.0.0"})
    assert device.phase() == "rebooting"
    said = line.once(device)
    assert (said["software"], said["last"]["state"]) == ({fleet.COMPONENT: "2.0.0"}, "succeeded")


def test_with_pins(line, tmp_path):
    """Claim, broker and downloads under them; the line says which list that was."""
    device, pki = provisioned(line), line.office.pki
    line.campaign("2.0.0", "<2.0.0")
    device.settings.update(pins(line.office, tmp_path, 3, pki.folder / "server/issuing.crt"))
    device.write_config()
    said = line.once(device)
    assert (said["pins"], said["checks"], said["software"]) == (3, {**WELL, "pins": "ok"}, {fleet.COMPONENT: "2.0.0"})
    stranger = provisioned(line)
    pki.run("key", "make", tmp_path / "stranger")
    stranger.settings.update(pins(line.office, tmp_path, 4, tmp_path / "stranger.pub"))
    stranger.write_config()
    said = line.once(stranger, expect=ERROR)
    assert "no pin fits" in said["text"] and not said["claimed"] and stranger.token.exists()


def test_a_hook_says_not_now(line):
    device = provisioned(line)
    hooks = device.folder / "hooks/download/enter"
    hooks.mkdir(parents=True)
    (hooks / "10-parked").write_text("#!/bin/sh\necho 'it is not parked'\nexit 75\n")
    (hooks / "10-parked").chmod(0o755)
    device.settings["hooks"] = "hooks"
    device.write_config()
    line.campaign("2.0.0", "<2.0.0")
    said = line.once(device, expect=LATER)
    assert "it is not parked" in said["text"]
    (hooks / "10-parked").unlink()


def test_an_agent_runs_already(line):
    device = provisioned(line)
    line.once(device)
    line.world.agents[device.id] = device
    line.world.start_agents()
    assert line.once(device, expect=CONFLICT)["result"] == "conflict"


@pytest.mark.parametrize("words, found", [(["--within", "never"], "--within"), (["--nonsense"], "nonsense"), (["stray"], "stray"),
                                          (["--timeout", "3s"], "--within"), (["--config", "/nowhere.json"], "/nowhere.json")])
def test_wrong_usage(tmp_path, words, found):
    (tmp_path / "agent.json").write_text("{}")
    config = [] if "--config" in words else ["--config", tmp_path / "agent.json"]
    done = programs.run([programs.program("wavegate-agent"), *config, "--once", *words], env=programs.environment(tmp_path))
    said = parse(done)
    assert (said["code"], said["result"]) == (SETTINGS, "settings") and found in said["text"], said


def test_within_goes_with_once(tmp_path):
    done = programs.run([programs.program("wavegate-agent"), "--within", "3s"], env=programs.environment(tmp_path))
    assert (done.returncode, done.stdout) == (2, "") and "--once" in done.stderr
