"""Support: what failed devices have in common, and what a person does to one device; on real agents."""

import json
from datetime import datetime, timezone

import pytest

from tests.lab import fleet, payload
from tests.system.story import campaign

USAGE, DENIED, NOT_FOUND, CONFLICT = 2, 4, 5, 6
EVERYONE_MAY_FAIL = "budget: {failures: 100%}"
REASON = ("--reason", "its owner asked")


def asked(world, *words, operator="alice", expect=0):
    done = world.wavegate(*words, "--json", operator=operator, expect=expect)
    return json.loads(done.stdout) if expect == 0 else json.loads(done.stderr)["error"]["text"]


def only(device):
    return f"  - device: [{device.id}]"


def why(world, device, name):
    return asked(world, "device", "explain", device.id, "--campaign", name)["campaigns"][0]


def audited(world, kind, device):
    return world.db.rows("select actor, why from audit where kind = %s and subject = %s", kind, device.id)


def test_a_revision_that_fails_with_numbered_words_is_named(world, fleet_of, release):
    """Fifteen devices, five of revision B; these say other numbers each, and fall back."""
    agents = fleet_of(15)
    bad = sorted(agent.id for agent in agents if agent.device.revision == "B")
    assert len(bad) == 5
    for agent in agents:
        if agent.id in bad:
            (agent.state / "revision-b").touch()
    release("2.4.1", health='[ ! -e "$WAVEGATE_STATE/revision-b" ] || { ' +
            payload.fails("wheel $$ slips: sensor reads $((4000 + $$)) mV at /dev/can$(($$ % 7))") + "; }")
    name = world.apply(campaign("wheels", "2.4.1", more=EVERYONE_MAY_FAIL))
    world.wait_finished(name)
    told = asked(world, "failures", name, "--examples", "9")
    assert (told["failed"], told["succeeded"], told["complete"]) == (5, 10, True)
    group, = told["groups"]
    assert "wheel <n> slips: sensor reads <n> mV at <path>" in group["signature"], group
    assert (group["cause"], group["phase"], group["devices"]) == ("health", "probation", 5)
    assert sorted(group["sample"]) == bad and group["hardware"] == {"brake-controller/B": 5}
    assert {one["from"] for one in group["examples"]} == {
        agent.device.version for agent in agents if agent.id in bad}
    found, = group["over"]
    assert (found["field"], found["value"]) == ("hardware", "brake-controller/B")
    assert (found["failed"], found["of_failed"], found["succeeded"], found["of_succeeded"]) == (5, 5, 0, 10)
    assert found["times"] is None and found["p_alone"] < found["p"] < told["test"]["alpha"]
    text = world.wavegate("campaign", "failures", name).stdout
    assert "hardware brake-controller/B: 5 of 5 here, 0 of 10 that succeeded" in text, text
    for command in group["next"]:
        assert world.wavegate(*command.split()[1:]).stdout
    assert asked(world, "campaign", "failures", name, "--wave", "rest", "--limit", "9", "--examples", "9")["groups"] == told["groups"]
    assert "no wave" in asked(world, "failures", name, "--wave", "none", expect=NOT_FOUND)
    asked(world, "failures", "wheals", expect=NOT_FOUND)
    asked(world, "failures", name, "--limit", "0", expect=USAGE)

    retried = check_retry_of_one_that_has_ended(world, name, bad[0])
    assert world.db.state_of(retried, bad[0]) == "succeeded"


def check_retry_of_one_that_has_ended(world, name, device):
    """A finished place never changes: it is a campaign of exactly this device, which not everybody may sign."""
    words = ("device", "retry", device, "--campaign", name, *REASON)
    said = asked(world, *words, operator="sue", expect=DENIED)
    assert "never changes" in said and "a rollout-admin signs" in said
    file = asked(world, *words, "--print", operator="sue")["file"]
    assert file["target"] == {"device": [device]} and file["release"] == f"{fleet.COMPONENT}/2.4.1"
    (world.agents[device].state / "revision-b").unlink()
    made = asked(world, *words)
    assert (made["campaign"], made["from"], made["devices"]) == (f"{name}-retry", name, 1)
    world.wait_finished(made["campaign"])
    assert world.db.state_of(name, device) == "rolled-back"
    assert world.db.rows("select actor, detail ->> 'made' from audit where kind = 'retry' and subject = %s", device) == [
        ("alice", f"{name}-retry")]
    return made["campaign"]


def test_a_back_off_is_cut_short(world, fleet_of, release):
    agent, = fleet_of(1)
    ready = world.folder / "ready"
    release("2.4.1", install=f'[ -e "{ready}" ] || {{ ' + payload.fails("no room yet") + "; }")
    name = world.apply(campaign("patience", "2.4.1", more="retry: {attempts: 3, backoff: 12h}"))
    world.wait("its first attempt has failed", lambda: world.db.rows(
        "select 1 from place where state = 'waiting' and cause = 'install' and retry_at > now() + interval '1 hour'"))
    words = ("device", "retry", agent.id, "--campaign", name)
    assert "--reason is missing" in asked(world, *words, operator="sue", expect=USAGE)
    assert "--campaign" in asked(world, "device", "retry", agent.id, *REASON, operator="sue", expect=USAGE)
    asked(world, *words, *REASON, operator="rita", expect=DENIED)
    asked(world, "device", "retry", agent.id, "--campaign", "nothing", *REASON, operator="sue", expect=NOT_FOUND)
    asked(world, "device", "retry", "dev-99", "--campaign", name, *REASON, operator="sue", expect=NOT_FOUND)
    ready.touch()
    told = asked(world, *words, *REASON, operator="sue")
    assert (told["from"], told["state"], told["by"]) == ("waiting", "waiting", "sue")
    world.wait_place(name, agent.id, "succeeded")
    assert agent.version() == "2.4.1"
    assert audited(world, "retry", agent) == [("sue", "its owner asked")]
    assert "nothing to retry" in asked(world, *words, *REASON, operator="sue", expect=CONFLICT)


def test_one_device_is_cancelled_and_the_others_go_on(world, fleet_of):
    one, other = fleet_of(2)
    go = world.folder / "go"
    made = payload.make(world.folder, fleet.COMPONENT, "2.4.1", install=payload.until_exists(go))
    world.add_release(made, fleet.COMPONENT, "2.4.1")
    name = world.apply(campaign("spare", "2.4.1"))
    for agent in (one, other):
        world.wait_place(name, agent.id, "installing")
    words = ("device", "cancel", one.id, "--campaign", name, *REASON)
    asked(world, *words, operator="rita", expect=DENIED)
    assert asked(world, *words, operator="sue")["state"] == "withdrawn"
    assert world.db.state_of(name, one.id) == "withdrawn"
    assert "already" in asked(world, *words, operator="sue", expect=CONFLICT)
    go.touch()
    world.wait_place(name, other.id, "succeeded")
    world.wait("the order is taken back", lambda: not world.db.rows("select 1 from update_order where open"))
    world.wait_campaign(name, "finished")
    assert (one.version(), other.version()) == (one.device.version, "2.4.1")
    assert not world.db.rows("select 1 from report where device_id = %s and state in ('probation', 'succeeded')", one.id)
    assert audited(world, "cancel", one) == [("sue", "its owner asked")]
    assert "cancelled by sue: its owner asked" in world.wavegate("device", "show", one.id).stdout
    assert not world.db.inconsistencies()


def test_who_has_switched_over_is_not_recalled(world, fleet_of, release):
    agent, = fleet_of(1)
    go = world.folder / "go"
    release("2.4.1", boot=payload.until_exists(go))
    name = world.apply(campaign("gone", "2.4.1"))
    world.wait_place(name, agent.id, "rebooting", "probation")
    said = asked(world, "device", "cancel", agent.id, "--campaign", name, *REASON, operator="sue", expect=CONFLICT)
    assert "cannot be recalled" in said
    go.touch()
    world.wait_place(name, agent.id, "succeeded")


def test_a_quarantine_takes_back_and_lasts_until_it_is_cleared(world, fleet_of):
    agent, other = fleet_of(2)
    go = world.folder / "go"
    made = payload.make(world.folder, fleet.COMPONENT, "2.4.1", install=payload.until_exists(go))
    world.add_release(made, fleet.COMPONENT, "2.4.1")
    name = world.apply(campaign("smoke", "2.4.1"))
    world.wait_place(name, agent.id, "installing")
    words = ("device", "quarantine", agent.id, "--reason", "it smells of smoke")
    asked(world, *words, operator="alice", expect=DENIED)
    asked(world, "device", "quarantine", "dev-99", *REASON, operator="sue", expect=NOT_FOUND)
    assert asked(world, *words, operator="sue")["fresh"]
    world.wait_place(name, agent.id, "waiting")
    told = why(world, agent, name)
    assert told["holds"] == "quarantined"
    assert "because a person holds it back (by sue: it smells of smoke)" in told["reason"], told
    go.touch()
    world.wait_place(name, other.id, "succeeded")
    world.wait("the order is taken back", lambda: not world.db.rows("select 1 from update_order where open"))
    assert world.db.state_of(name, agent.id) == "waiting" and agent.version() == agent.device.version
    health = asked(world, "fleet", "health", "--kind", "quarantine")
    found, = health["items"]
    assert found["device"] == agent.id and "it smells of smoke" in found["words"]
    shown = asked(world, "device", "show", agent.id)
    assert shown["held_why"] == "by sue: it smells of smoke" and shown["quarantined_at"]
    assert [alarm["kind"] for alarm in shown["alarm_list"]] == ["quarantine"]
    asked(world, "device", "clear", agent.id, "--kind", "cloned", *REASON, operator="sue", expect=DENIED)
    assert asked(world, "device", "clear", agent.id, "--kind", "quarantine", *REASON, operator="sue")["cleared"] == ["quarantine"]
    world.wait_place(name, agent.id, "succeeded")
    assert audited(world, "quarantine", agent).count(("sue", "it smells of smoke")) == 1
    assert len(audited(world, "quarantine", agent)) == 2  # and one that it was freed


@pytest.fixture
def story(world, fleet_of, release):
    """One device with a failure behind it, and what it uploaded."""
    agent, = fleet_of(1)
    release("2.4.1", health=payload.fails("brakes squeal"))
    name = world.apply(campaign("squeal", "2.4.1"))
    world.wait_place(name, agent.id, "rolled-back")
    world.wait("its logs have come", lambda: world.db.value("select count(*) from device_log") >= 2)
    return agent, name


def test_a_device_is_shown_whole(world, story):
    agent, name = story
    shown = asked(world, "device", "show", agent.id)
    assert shown["hardware"] == {"model": agent.device.model, "revision": agent.device.revision}
    assert shown["software"] == {fleet.COMPONENT: agent.device.version}
    assert shown["slots"] == [{"name": shown["slot"], "active": True, "component": fleet.COMPONENT,
                               "version": agent.device.version, "state": "runs"}]
    assert shown["presence"]["online"] and shown["presence"]["boot_at"] and shown["presence"]["clock_off_minutes"] == 0
    ends = datetime.fromisoformat(shown["certificate"]["not_after"].replace("Z", "+00:00"))
    assert ends > datetime.now(timezone.utc)
    place, = shown["campaigns"]
    assert (place["campaign"], place["state"], place["cause"]) == (name, "rolled-back", "health")
    assert [report["state"] for report in shown["reports"]][-1] == "rolled-back"
    assert shown["logs"]["count"] == len(shown["log_list"]) >= 2
    assert {log["campaign"] for log in shown["log_list"]} == {name}
    assert shown["identity"]["enrolled"] in (True, False) and shown["erasure"] is None and shown["alarm_list"] == []
    text = world.wavegate("device", "show", agent.id).stdout
    for part in ("identity", "Campaigns", "Timeline", "Logs of failures", "rolled-back", name):
        assert part in text, text


def test_the_fleet_is_counted_and_its_health_told(world, story):
    agent, _ = story
    world.wait("the day is written down", lambda: world.db.rows("select 1 from fleet_day"))
    health = asked(world, "fleet", "health")
    assert health["fleet"]["devices"] <= 1 and health["compared_with"] is None
    assert set(health["counts"]) == {"crash-looping", "silent", "alarm", "quarantine", "wrong-clock",
                                     "certificate-ending", "never-updated", "behind", "unused"}
    world.db.rows("update device set due_at = now() - interval '1 hour', presence_at = now() - interval '2 days', "
                  "clock_off = -90 where id = %s", agent.id)
    health = asked(world, "fleet", "health")
    assert {item["finding"] for item in health["items"]} == {"silent", "wrong-clock"}
    found, = asked(world, "fleet", "health", "--kind", "silent", "--limit", "1")["items"]
    assert (found["device"], found["finding"]) == (agent.id, "silent")
    text = world.wavegate("fleet", "health").stdout
    assert "silent beyond their habit: 1" in text and "its clock is 1h 30m behind" in text and "None: " in text, text
    assert "expected one of" in asked(world, "fleet", "health", "--kind", "hungry", expect=USAGE)
