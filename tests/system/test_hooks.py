"""The device's own programs: asked before each step, told of errors; and what operators see of it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lab import fleet, payload
from tests.system.story import DEVICES, all_succeeded, campaign, check_end

SHIPPED = Path(__file__).resolve().parents[2] / "agent" / "hooks"


class Hooks:
    """The hooks of one device."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(mode=0o755, parents=True)

    def place(self, moment):
        """The path of a hook, "install/enter/10-parked", in folders that nobody else may write."""
        path = self.folder / moment
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(mode=0o755, exist_ok=True)
        return path

    def put(self, moment, script):
        path = self.place(moment)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def ship(self, name, moment):
        shutil.copyfile(SHIPPED / name, self.place(moment))
        self.place(moment).chmod(0o755)

    def conf(self, text):
        (self.folder / "hooks.conf").write_text(text)

    def lines(self, name):
        try:
            return (self.folder / name).read_text().splitlines()
        except FileNotFoundError:
            return []


@pytest.fixture
def device(world):
    """device(**settings): one device with hooks, not started; the agent and its hooks."""
    def make(image=None, **settings):
        hooks = Hooks(world.folder / "hooks")
        first = DEVICES[0]
        image = image or payload.make(world.folder, first.component, first.version)
        agent = world.add_agent(first, image, soak="300ms", health_every="100ms", hooks=str(hooks.folder),
                                **settings)
        return agent, hooks
    return make


def explained(world, agent, name):
    told = json.loads(world.wavegate("device", "explain", agent.id, "--campaign", name, "--json").stdout)
    return told["campaigns"][0]


def wait_deferred(world, agent, name, why):
    def deferred():
        told = explained(world, agent, name)
        return told if told["holds"] == "deferred" and why in told["reason"] else None
    return world.wait(f"it is put off: {why}", deferred)


def test_parked_and_consent_say_not_now_and_then_go(world, device, release):
    agent, hooks = device()
    vehicle, consent = world.folder / "vehicle", world.folder / "consent"
    hooks.ship("consent", "check/enter/10-consent")
    hooks.ship("parked", "install/enter/10-parked")
    hooks.ship("parked", "reboot/enter/10-parked")
    hooks.put("install/leave/10-drive-off", f"echo speed=80 >{vehicle}")
    hooks.put("reboot/enter/20-asked", 'date >>"$WG_HOOKS/switched"')
    hooks.conf(f"vehicle={vehicle}\nconsent={consent}\nparked_delay=3s\nconsent_delay=2s\n")
    vehicle.write_text("speed=50.0\nignition=on\n")
    world.start_agents()
    release("2.4.1")
    name = world.apply(campaign("drive", "2.4.1"))

    told = wait_deferred(world, agent, name, "the user has not answered yet")
    assert "put the update off itself, " in told["reason"]
    assert ": hook check/enter/10-consent: the user has not answered yet; it is asked again at " in told["reason"]
    question = dict(line.split("=", 1) for line in (consent / "question").read_text().splitlines())
    assert (question["version"], question["from"]) == ("2.4.1", agent.device.version)
    (consent / "answer").write_text("yes " + question["order"] + "\n")

    told = wait_deferred(world, agent, name, "hook install/enter/10-parked: the vehicle moves")
    assert agent.phase() == "installing"
    assert agent.payload_log() == []
    reports = world.db.value("select count(*) from report")
    status = world.wavegate("campaign", "status", name).stdout
    assert "put off by the devices themselves, the last one: hook install/enter/10-parked: the vehicle moves" in status
    vehicle.write_text("speed=0.0\nignition=off\n")

    # it was installed; the vehicle drives off before it may switch over, with the word in hand
    wait_deferred(world, agent, name, "hook reboot/enter/10-parked: the vehicle moves")
    # not before the delay that the hook suggested
    assert world.db.value("select min(received_at) >= %s from (select received_at from report order by seq offset %s) later",
                          told["until"], reports)
    assert agent.phase() == "ready"
    assert agent.boots_once() == ""
    assert world.db.rows("select state, cause from place where device_id = %s", agent.id) == [("waiting", "deferred")]
    assert hooks.lines("switched") == []
    vehicle.write_text("speed=0.0\nignition=off\n")
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    assert len(hooks.lines("switched")) == 1
    assert agent.payload_log() == ["install 2.4.1", "boot 2.4.1"]  # once, however often it was put off
    deferred = world.db.rows("select count(*) from report where state = 'deferred'")[0][0]
    assert deferred >= 3


def test_a_hook_that_fails_ends_it_and_the_error_hook_is_told(world, device, release):
    agent, hooks = device()
    hooks.put("install/enter/10-room", "echo looking; echo no room for it; exit 1")
    hooks.put("install/error/10-trace",
              'echo "$WG_CAUSE $WG_COMPONENT $WG_FROM_VERSION $WG_VERSION $WG_CAMPAIGN: $WG_REASON" '
              '>>"$WG_HOOKS/trace"; exit 1')
    world.start_agents()
    release("2.4.1")
    name = world.apply(campaign("full", "2.4.1", more="budget: {failures: 1}\ngate: {success: \">= 1%\"}"))
    world.wait_place(name, agent.id, "failed")
    why = "hook install/enter/10-room: no room for it"
    world.wait("the error hook has been told", lambda: hooks.lines("trace"))
    assert hooks.lines("trace") == [
        f"install {fleet.COMPONENT} {agent.device.version} 2.4.1 full: {why}"]
    assert why in explained(world, agent, name)["reason"]
    world.wait_campaign(name, "aborted")
    assert f"the last that failed: {agent.id}: {why}" in world.wavegate("campaign", "status", name, expect=None).stdout
    assert agent.payload_log() == []
    assert agent.version() == agent.device.version


def test_a_health_hook_that_fails_after_the_boot_rolls_back(world, device, release):
    agent, hooks = device()
    hooks.put("reboot/leave/10-up", 'echo "up $WG_SLOT $WG_VERSION" >>"$WG_HOOKS/trace"')
    hooks.put("health/enter/10-waits", 'n=$(cat "$WG_HOOKS/n" 2>/dev/null || echo 0); echo $((n + 1)) >"$WG_HOOKS/n"; '
                                       '[ $n -lt 2 ] && { echo starting; exit 75; }; [ $n -lt 3 ] && exit 0; '
                                       'echo brakes too warm; exit 1')
    hooks.put("health/error/10-trace", 'echo "$WG_SLOT $WG_CAUSE $WG_REASON" >>"$WG_HOOKS/trace"')
    world.start_agents()
    release("2.4.1")
    name = world.apply(campaign("warm", "2.4.1", more="budget: {failures: 1}\ngate: {success: \">= 1%\"}"))
    world.wait_place(name, agent.id, "rolled-back")
    why = "hook health/enter/10-waits: brakes too warm"
    world.wait("the error hook has been told", lambda: len(hooks.lines("trace")) == 2)
    assert hooks.lines("trace") == ["up b 2.4.1", f"a health {why}"]
    assert "went back to its old slot by itself" in explained(world, agent, name)["reason"]
    assert why in explained(world, agent, name)["reason"]
    assert agent.version() == agent.device.version
    assert agent.slot() == "a"


def test_hooks_answer_for_a_payload_that_is_no_program(world, device):
    first = DEVICES[0]
    data = world.folder / "data"
    data.write_text("no program\n")
    agent, hooks = device(image=data)
    hooks.put("health/enter/10-well", 'echo "$WG_VERSION" >>"$WG_HOOKS/asked"')
    world.start_agents()
    image = world.folder / "image"
    image.write_text("an image, version 2.4.1\n")
    world.add_release(image, first.component, "2.4.1")
    name = world.apply(campaign("image", "2.4.1", more="budget: {failures: 2}\ngate: {success: \">= 1%\"}"))
    # nobody has said that it has booted
    world.wait_place(name, agent.id, "rolled-back")
    assert "the payload is no program, and no hook answers for it" in explained(world, agent, name)["reason"]
    hooks.put("reboot/leave/10-up", "exit 0")
    world.wait_campaign(name, "aborted")
    again = world.apply(campaign("image-again", "2.4.1"))
    world.wait_place(again, agent.id, "succeeded")
    assert agent.version() == "2.4.1"
    assert set(hooks.lines("asked")) == {"2.4.1"}


def test_what_others_could_have_written_is_not_run(world, device, release):
    agent, hooks = device()
    hooks.put("check/enter/10-anybody", 'echo ran >>"$WG_HOOKS/trace"')
    (hooks.folder / "check/enter/10-anybody").chmod(0o777)
    world.start_agents()
    release("2.4.1")
    name = world.apply(campaign("open", "2.4.1", more="budget: {failures: 1}\ngate: {success: \">= 1%\"}"))
    world.wait_place(name, agent.id, "failed")
    assert "10-anybody: may be written by others: chmod go-w" in explained(world, agent, name)["reason"]
    assert hooks.lines("trace") == []


def test_a_power_cut_while_hooks_are_asked(world, device, release):
    agent, hooks = device()
    go = world.folder / "go"
    hooks.put("reboot/enter/10-waits", 'echo asked >>"$WG_HOOKS/trace"; ' + payload.until_exists(go, 20))
    world.start_agents()
    release("2.4.1")
    name = world.apply(campaign("cut", "2.4.1"))
    world.wait("the hook is asked", lambda: hooks.lines("trace"))
    agent.kill()
    assert agent.phase() == "ready"
    assert agent.boots_once() == ""
    agent.start()
    world.wait("it is asked again", lambda: len(hooks.lines("trace")) == 2)
    go.touch()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_a_device_that_says_it_was_tampered_with_is_in_quarantine(world, device, release):
    tampered = world.folder / "tampered"
    agent, _ = device(tamper=str(tampered))
    world.start_agents()
    release("2.4.1")
    agent.stop()
    world.wait("it is away", lambda: agent.id not in world.db.online())
    name = world.apply(campaign("shut", "2.4.1"))
    tampered.write_text("case opened\n")
    agent.start()
    world.wait("it is in quarantine", lambda: world.db.value(
        "select quarantined_at is not null from device where id = %s", agent.id))
    said = world.wavegate("device", "alarms").stdout
    assert "tampered" in said and "case opened" in said
    told = explained(world, agent, name)
    assert told["holds"] == "quarantined"
    assert ", because it says that it was tampered with (case opened); wavegate device clear" in told["reason"]
    assert agent.payload_log() == []
    agent.stop()
    tampered.unlink()
    agent.start()
    world.wait("it is back", lambda: agent.id in world.db.online())
    assert agent.version() == agent.device.version  # what is gone from the device still holds it
    assert "it is in quarantine no more" in world.wavegate(
        "device", "clear", agent.id, "--reason", "a mechanic was at it", operator="dave").stdout
    assert agent.id not in world.wavegate("device", "alarms").stdout
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


ORDER = "11111111-1111-4111-8111-111111111111"
NOT_NOW = 75


@pytest.mark.parametrize("name, conf, files, code, says", [
    ("parked", "vehicle={0}/state", {}, NOT_NOW, "it is not known whether the vehicle stands: {0}/state is not there"),
    ("parked", "vehicle={0}/state", {"state": "ignition=off\n"}, NOT_NOW, "it is not known how fast the vehicle is"),
    ("parked", "vehicle={0}/state", {"state": "speed=0.4\nignition=off\n"}, NOT_NOW, "the vehicle moves"),
    ("parked", "vehicle={0}/state", {"state": "speed=0\nignition=on\n"}, NOT_NOW, "the ignition is on"),
    ("parked", "vehicle={0}/state", {"state": "speed=0\n"}, NOT_NOW, "the ignition is not known to be off"),
    ("parked", "vehicle={0}/state", {"state": "speed=0.0\nignition=off\n"}, 0, ""),
    ("consent", "consent={0}", {}, NOT_NOW, "the user has not answered yet"),
    ("consent", "consent={0}", {"answer": "yes 22222222-2222-4222-8222-222222222222\n"}, NOT_NOW,
     "the user has not answered yet"),
    ("consent", "consent={0}", {"answer": f"no {ORDER}\n"}, NOT_NOW, "the user does not want it"),
    ("consent", "consent={0}", {"answer": f"later {ORDER} 2h\n"}, NOT_NOW, "the user wants it later"),
    ("consent", "consent={0}", {"answer": f"yes {ORDER}\n"}, 0, ""),
    ("consent", "consent={0}/answer/below", {"answer": ""}, 1,
     "the user cannot be asked: {0}/answer/below cannot be written"),
    ("disk-space", "disk={0}\ndisk_least=1", {}, 0, ""),
    ("disk-space", "disk={0}\ndisk_least=999999999", {}, 1, "are free in {0}, 999999999 are needed"),
    ("disk-space", "disk={0}/away", {}, 1, "it is not known how much is free in {0}/away"),
    ("battery", "power={0}", {}, 0, ""),
    ("battery", "power={0}", {"BAT0/capacity": "49\n"}, NOT_NOW, "the battery is at 49 %, 50 % are needed"),
    ("battery", "power={0}\nbattery_least=40", {"BAT0/capacity": "49\n"}, 0, ""),
    ("battery", "power={0}", {"BAT0/capacity": "49\n", "AC/online": "1\n"}, 0, ""),
])
def test_what_is_shipped_says_what_it_should(tmp_path, name, conf, files, code, says):
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "hooks.conf").write_text(conf.format(tmp_path) + "\n")
    done = subprocess.run([SHIPPED / name], capture_output=True, text=True, check=False, timeout=60, env={
        "PATH": "/usr/bin:/bin", "WG_HOOKS": str(tmp_path), "WG_ORDER": ORDER, "WG_PHASE": "install",
        "WG_MOMENT": "enter", "WG_COMPONENT": "brake", "WG_VERSION": "2.0.0", "WG_FROM_VERSION": "1.0.0"})
    lines = done.stdout.splitlines()
    assert done.returncode == code, done
    assert (lines[-1] if lines else "").endswith(says.format(tmp_path))
    assert (code == NOT_NOW) == any(line.startswith("delay: ") for line in lines)
