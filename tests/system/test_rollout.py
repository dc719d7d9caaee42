"""What holds a rollout back, and takes it back, with real agents."""

import json
import stat

from tests.lab import fleet, payload
from tests.system import behind
from tests.system.story import all_succeeded, campaign, check_end

WAVES = "  - {name: canary, count: 2}\n  - {name: rest, remaining: true}"


def only_for(device, command):
    """A command that a payload runs on that device alone (the state folder names it)."""
    return f'case "$WAVEGATE_STATE" in *{device}*) {command};; esac'


def switched_over(world, name):
    return [device for device, (state, _) in world.db.places(name).items()
            if state not in ("waiting", "offered", "accepted", "downloading", "installing")]


def test_a_budget_that_is_exceeded_sends_updated_devices_back(world, fleet_of, release):
    fleet_of(3)
    release("2.3.7")
    release("2.4.1", health=only_for("dev-02", payload.fails("brakes squeal")))
    name = world.apply(campaign("squeal", "2.4.1", more=(
        "rollback_to: brake-controller/2.3.7\npace: {in_flight: 3}\n"
        "budget: {failures: 0, on_exceeded: rollback}")))
    world.wait_campaign(name, "rolled-back", 60)
    world.wait("the way back is a campaign of its own",
               lambda: world.db.campaign_state("squeal-rollback") in ("running", "finished"))
    world.wait_campaign("squeal-rollback", "finished", 60)
    assert world.db.places(name)["dev-02"] == ("rolled-back", "health")
    assert {agent.version() for agent in world.agents.values()} == {"2.3.7"}
    assert world.db.value("select author from campaign where name = 'squeal-rollback'") == "alice"
    back = world.db.places("squeal-rollback")
    assert set(back) == {device for device, (state, _) in world.db.places(name).items()
                         if state == "succeeded"}
    assert all(state == "succeeded" for state, _ in back.values())
    assert world.db.inconsistencies() == []


def test_two_of_one_site_are_never_updated_together(world, fleet_of, release):
    fleet_of(4)  # all of them in Munich
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    name = world.apply(campaign("one-by-one", "2.4.1", more="pace: {in_flight: 4, per: {site: 1}}"))
    world.wait("one installs", lambda: "installing" in {
        state for state, _ in world.db.places(name).values()})
    for device, (state, _) in world.db.places(name).items():
        if state == "waiting":
            said = world.wavegate("device", "explain", device, "--campaign", name).stdout
            assert "site" in said and "munich" in said, said
    gate.touch()
    world.wait_campaign(name, "finished", 60)
    check_end(world, name, "2.4.1", all_succeeded(world))
    # in the order of what was committed, one had ended before the next was offered
    spans = world.db.rows("select min(o.made_at), max(p.state_at) from update_order o join place p "
                          "on p.order_id = o.id group by p.device_id order by 1")
    assert all(end <= begin for (_, end), (begin, _) in zip(spans, spans[1:]))


def test_a_window_that_is_closed_holds_everybody(world, fleet_of, release):
    fleet_of(2)
    release("2.4.1")
    # open for one minute, twelve hours from now
    minute = world.db.value("select to_char(now() at time zone 'UTC' + interval '12 hours', 'HH24:MI')")
    end = world.db.value("select to_char(now() at time zone 'UTC' + interval '12 hours 1 minute', 'HH24:MI')")
    text = campaign("at-night", "2.4.1", more=f'window: {{daily: "{minute}-{end}", zone: UTC}}')
    name = world.apply(text)
    world.wait("the campaign is looked at", lambda: world.db.value(
        "select state from wave") == "open")
    said = world.wavegate("device", "explain", "dev-01", "--campaign", name).stdout
    assert "window" in said and minute in said, said
    assert {state for state, _ in world.db.places(name).values()} == {"waiting"}
    assert world.db.value("select count(*) from update_order") == 0
    # another revision of the file opens it at once
    world.apply(text.replace(f'"{minute}-{end}"', '"00:00-24:00"'))
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def hook(world, name, text):
    folder = world.folder / "hooks"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    file = folder / name
    file.write_text("#!/bin/sh\n" + text)
    file.chmod(stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP)
    return folder


def test_a_gate_asks_its_hook(bare_world):
    world = bare_world
    said, answer = world.folder / "said.json", world.folder / "answer"
    answer.write_text("75")
    folder = hook(world, "smoke-test",
                  f'cat > {said}.new && mv {said}.new {said}\n'
                  f'echo "the bench says $(cat {answer})"\nexit $(cat {answer})\n')
    world.orchestrator.settings["gate_hooks"] = str(folder)
    world.orchestrator.write_config()
    world.start_orchestrator()
    for device in fleet.devices()[:3]:
        world.add_agent(device, payload.make(world.folder, device.component, device.version),
                        soak="300ms", health_every="100ms")
    world.start_agents()
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
    name = world.apply(campaign("asked", "2.4.1", WAVES, more=(
        "gate: {hook: {run: smoke-test, timeout: 10s, every: 1s}}")))
    world.wait("the hook says not yet", lambda: world.db.value(
        "select state from hook_answer where wave = 0") == "hold")
    body = json.loads(said.read_text())
    assert (body["campaign"], body["wave"], body["succeeded"]) == (name, "canary", 2)
    assert world.db.value("select state from wave where number = 0") == "at-gate"
    assert "the bench says 75" in world.wavegate("campaign", "status", name).stdout
    answer.write_text("0")
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


@behind.outage
def test_a_device_that_loses_the_broker_goes_on_with_the_same_order(world, fleet_of, release):
    agents = fleet_of(2)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    name = world.apply(campaign("cut-off", "2.4.1"))
    world.wait("both install", lambda: {state for state, _ in world.db.places(name).values()}
               == {"installing"})
    before = dict(world.db.rows("select device_id, order_id from place"))
    world.broker.kill()
    gate.touch()
    world.wait("both wait for the word", lambda: all(agent.phase() == "ready" for agent in agents))
    world.broker.start()
    world.wait_campaign(name, "finished", 60)
    check_end(world, name, "2.4.1", all_succeeded(world))
    assert dict(world.db.rows("select device_id, order_id from place")) == before
    assert [log.count("install 2.4.1") for log in (agent.payload_log() for agent in agents)] == [1, 1]


def test_paused_with_hold_nobody_switches_over(world, fleet_of, release):
    fleet_of(3)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    name = world.apply(campaign("hold-it", "2.4.1"))
    world.wait("all install", lambda: {state for state, _ in world.db.places(name).values()}
               == {"installing"})
    world.wavegate("campaign", "pause", name, "--hold", "--reason", "the line is open")
    gate.touch()
    world.wait("all have installed", lambda: all(
        agent.phase() == "ready" for agent in world.agents.values()))
    world.wait("the orchestrator knows it", lambda: world.db.value(
        "select count(*) from place where ready_at is not null") == 3)
    assert switched_over(world, name) == []
    said = world.wavegate("device", "explain", "dev-01", "--campaign", name).stdout
    assert "held" in said or "hold" in said, said
    world.wavegate("campaign", "resume", name)
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_an_emergency_goes_first_and_needs_two_approvals(world, fleet_of, release):
    fleet_of(2)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    release("2.4.2")
    slow = world.apply(campaign("slow", "2.4.1"))
    world.wait("both install", lambda: {state for state, _ in world.db.places(slow).values()}
               == {"installing"})
    urgent = world.apply(campaign("urgent", "2.4.2", more=(
        "emergency: {for: 1h, reason: a hole}\napprovals: {role: rollout-admin, count: 2}")))
    assert world.db.campaign_state(urgent) == "awaiting-approval"
    world.wavegate("campaign", "approve", urgent, operator="alice", expect=None)
    world.wavegate("campaign", "approve", urgent, operator="bob")
    assert world.db.campaign_state(urgent) == "awaiting-approval"
    world.wavegate("campaign", "approve", urgent, operator="carol")
    world.wait_campaign(urgent, "finished", 60)
    assert all(state == "succeeded" for state, _ in world.db.places(urgent).values())
    gate.touch()
    # the older release is installed afterwards as its file says: nobody told it otherwise
    world.wait_campaign(slow, "finished", 60)
    assert world.db.inconsistencies() == []
