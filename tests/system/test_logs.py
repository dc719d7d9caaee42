"""What a device said before an update failed, in the hands of the operator: the last lines, capped, without secrets."""

import json
import re

from tests.lab import fleet, payload
from tests.lab.process import poll
from tests.system import behind
from tests.system.story import campaign

SECRETS = {
    "password": "hunter2-Zq7Xw9Kp",
    "url": "Kp4Vn2Tb8Rm3",
    "bearer": "Lc6Hd1Zq7Xw9Kp4Vn2Tb8Rm3",
    "key": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDZq7Xw9Kp4Vn2T",
    "age": "AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SPYPGJ8",
}
LEAKS = "\\n".join([
    f"password={SECRETS['password']}", f"GET https://u:{SECRETS['url']}@cdn/x?m={SECRETS['bearer']}",
    f"Authorization: Bearer {SECRETS['bearer']}", "-----BEGIN PRIVATE KEY-----", SECRETS["key"],
    "-----END PRIVATE KEY-----", SECRETS["age"], ""])


def logs(world, device, *more):
    return json.loads(world.wavegate("device", "logs", device, "--json", *more).stdout)


def wait_logs(world, device, *sources):
    world.wait(f"logs of {device} from {sources}", lambda: set(sources) <= {
        source for source, in world.db.rows("select source from device_log where device_id = %s", device)})
    return {log["source"]: log for log in logs(world, device, "--limit", "20")}


def test_a_slot_that_is_not_healthy_tells_why(world, fleet_of, release):
    agent, = fleet_of(1)
    release("2.4.1", boot="echo the new brakes are up", health="echo pressure is 0.3 bar; " + payload.fails("brakes squeal"))
    name = world.apply(campaign("squeal", "2.4.1"))
    world.wait_place(name, agent.id, "rolled-back")
    found = wait_logs(world, agent.id, "agent", "payload")
    text = found["payload"]["text"]
    assert agent.version() == agent.device.version  # the slot before it told
    assert "the new brakes are up" in text and text.endswith("pressure is 0.3 bar\nbrakes squeal\n"), text
    assert re.search(r"^# 20\S+Z boot of brake-controller 2\.4\.1$", text, re.M), text
    assert "msg=started" in found["agent"]["text"] and "trial=yes" in found["agent"]["text"]
    assert found["payload"]["campaign"] == name and found["payload"]["attempt"] == 1 and not found["payload"]["cut"]
    assert found["payload"]["order"] == world.db.order_of(name, agent.id)
    said = world.wavegate("device", "logs", agent.id, "--campaign", name).stdout
    assert "  | brakes squeal\n" in said and re.search(r"came 20\S+ \S+ [A-Z]+", said), said
    for command in ("show", "explain"):
        assert f"wavegate device logs {agent.id}" in world.wavegate("device", command, agent.id).stdout
        assert json.loads(world.wavegate("device", command, agent.id, "--json").stdout)["logs"]["count"] == 2
    assert "no campaign" in world.wavegate("device", "logs", agent.id, "--campaign", "squeel", expect=5).stderr
    world.wavegate("device", "logs", "dev-99", expect=5)
    world.wavegate("device", "logs", agent.id, "--limit", "0", expect=2)


def test_a_slot_that_hangs_tells_how_far_it_came(world, fleet_of, release):
    """Killed by the power in the middle of its boot."""
    agent, = fleet_of(1)
    mark = world.folder / "hangs"
    release("2.4.1", boot=f"echo waiting for the gearbox; touch {mark}; sleep 1000")
    name = world.apply(campaign("hangs", "2.4.1"))
    world.wait("it hangs", mark.exists)
    world.wait("what it said is kept", lambda: any(
        "waiting for the gearbox" in file.read_text(errors="replace") for file in agent.state.glob("trail-*")))
    agent.kill()
    agent.start()
    world.wait_place(name, agent.id, "rolled-back")
    text = wait_logs(world, agent.id, "payload")["payload"]["text"]
    assert text.endswith("waiting for the gearbox\n"), text


def test_secrets_stay_on_the_device(world, fleet_of, release):
    agent, = fleet_of(1)
    program = world.folder / "last-logs"
    program.write_text(f"#!/bin/sh\necho boot -1 of $WAVEGATE_STATE\nprintf '{LEAKS}'\n")
    program.chmod(0o755)
    agent.settings["logs"] = {"program": str(program)}
    agent.stop()
    agent.start()
    release("2.4.1", install=f"printf '{LEAKS}'; " + payload.fails(f"no room, password={SECRETS['password']}"))
    name = world.apply(campaign("leaky", "2.4.1"))
    world.wait_place(name, agent.id, "failed")
    found = wait_logs(world, agent.id, "agent", "payload", "program")
    assert "Authorization: [removed]" in found["payload"]["text"] and "no room" in found["payload"]["text"]
    assert f"boot -1 of {agent.state}" in found["program"]["text"] and "[removed]" in found["program"]["text"]
    everything = world.orchestrator.log.read_text() + str([world.db.rows(f"select t::text from {table} t") for table, in (
        world.db.rows("select table_name from information_schema.tables where table_schema = 'public' "
                      "and table_type = 'BASE TABLE'"))])
    assert "no room" in everything
    for what, secret in SECRETS.items():
        assert secret not in everything, what


def test_a_flood_costs_one_message(world, fleet_of, release):
    agent, = fleet_of(1)
    release("2.4.1", install="yes noise and noise | head -c 20000000; " + payload.fails("too much"))
    name = world.apply(campaign("flood", "2.4.1"))
    world.wait_place(name, agent.id, "failed", timeout=60)
    found = wait_logs(world, agent.id, "agent", "payload")
    text = found["payload"]["text"]
    assert found["payload"]["cut"] and text.endswith("noise and noise\ntoo much\n") and 8000 < len(text) <= 16384
    assert world.db.rows("select source, count(*) from device_log group by 1 order by 1") == [("agent", 1), ("payload", 1)]
    assert sum(file.stat().st_size for file in agent.state.glob("trail-*")) <= 4 * (16384 + 4096)


def test_a_device_that_fails_all_day_is_capped(world, fleet_of, release):
    agent, = fleet_of(1)
    agent.settings["logs"] = {"per_day": 2, "max": "1KiB"}
    agent.stop()
    agent.start()
    release("2.4.1", install="echo once more; " + payload.fails("never"))
    for number in range(4):
        name = world.apply(campaign(f"again-{number}", "2.4.1"))
        world.wait_place(name, agent.id, "failed")
        if number == 0:  # the count is kept
            wait_logs(world, agent.id, "agent", "payload")
            # what it says once more, because it does not know that it was heard, counts once more
            assert poll(lambda: agent.pending() == [], 10)
            agent.kill()
            agent.start()
    assert poll(lambda: "no more are" in agent.log.read_text(), 10)
    world.wait("all that came is stored", lambda: world.db.value("select count(*) from device_log") == 4)
    assert world.db.rows("select campaign, count(*) from device_log group by 1 order by 1") == [("again-0", 2), ("again-1", 2)]
    assert all(len(log["text"]) <= 1024 for log in logs(world, agent.id, "--limit", "20"))
    assert "There are 1 older ones" in world.wavegate("device", "logs", agent.id).stdout


@behind.outage
def test_logs_of_an_offline_failure_come_with_its_report(world, fleet_of, release):
    agent, = fleet_of(1)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate) + "; " + payload.fails("in the dark"))
    name = world.apply(campaign("dark", "2.4.1"))
    world.wait("it installs", lambda: world.db.state_of(name, agent.id) == "installing")
    world.broker.kill()
    gate.touch()
    assert poll(lambda: agent.phase() == "idle", 20)
    agent.kill()
    agent.start()
    world.broker.start()
    world.wait_place(name, agent.id, "failed")
    assert "in the dark" in wait_logs(world, agent.id, "payload")["payload"]["text"]
    assert world.db.value("select count(*) from device_log where source = 'payload'") == 1


def test_devices_without_logs_say_so(world, fleet_of):
    agent, = fleet_of(1)
    assert "There are no logs of" in world.wavegate("device", "logs", agent.id).stdout
    assert logs(world, agent.id) == []
    assert fleet.COMPONENT in world.wavegate("device", "show", agent.id).stdout
