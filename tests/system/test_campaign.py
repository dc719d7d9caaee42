"""A whole campaign, and what operators do to one."""

from tests.lab import fleet, payload
from tests.lab.programs import span
from tests.system.story import all_succeeded, campaign, check_end

PENDING, DENIED, CONFLICT, GATE = 3, 4, 6, 7

WAVES = """  - name: canary
    count: 2
    gate: {success: ">= 99%", soak: 500ms, approvals: {role: rollout-admin, count: 1}}
  - {name: half, percent: 50}
  - {name: rest, remaining: true}"""


def test_a_whole_campaign(world, fleet_of, release):
    fleet_of(9)
    release("2.4.1", size=100_000)
    world.wavegate("device", "tag", fleet.QUIET, f"+{fleet.QUIET_TAG}", operator="dave")
    text = campaign("whole", "2.4.1", WAVES, more="  # nothing more", target="""  - region: [DE-BY]
  not: [{tag: [do-not-disturb]}]""")
    file = world.folder / "whole.yaml"
    file.write_text(text)
    planned = world.wavegate("campaign", "plan", file, expect=PENDING)
    assert "7 of 9" in planned.stdout  # eight are in Bavaria, one of them is left in peace
    assert world.db.value("select count(*) from campaign") == 0
    name = world.apply(text)
    world.wait("the canaries are at their gate",
               lambda: world.db.wave_states(name)["canary"] == "at-gate")
    states = sorted(state for state, _ in world.db.places(name).values())
    assert states == ["succeeded"] * 2 + ["waiting"] * 5
    assert world.wavegate("campaign", "approve", name, expect=DENIED).stderr
    world.wavegate("campaign", "approve", name, operator="sue", expect=DENIED)
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wavegate("campaign", "status", name, "--watch", "--until", "end", "--timeout", span(40))
    assert world.db.campaign_state(name) == "finished"
    assert world.db.wave_states(name) == {"canary": "passed", "half": "passed", "rest": "passed"}
    updated = {device for device in world.agents
               if device not in (fleet.QUIET, "dev-09")}
    check_end(world, name, "2.4.1", {device: ("succeeded", "") for device in updated})
    assert world.agents[fleet.QUIET].version() == world.agents[fleet.QUIET].device.version
    assert world.wavegate("campaign", "plan", file).stdout  # applied already: nothing pending
    world.wavegate("campaign", "apply", file)
    assert world.db.value("select count(*) from campaign") == 1


def test_a_bad_release_returns_to_the_old_slot_and_trips_the_budget(world, fleet_of, release):
    fleet_of(6)
    release("2.5.0", health=payload.fails("pedal sensor does not answer"))
    name = world.apply(campaign(
        "bad", "2.5.0", '  - {name: canary, count: 4, gate: {success: ">= 50%"}}\n'
        "  - {name: rest, remaining: true}",
        "pace: {in_flight: 1}\nbudget: {failures: 1, on_exceeded: abort}"))
    world.wavegate("campaign", "status", name, "--watch", "--until", "end", "--timeout", span(60),
                   expect=GATE)
    order = [device for (device,) in world.db.rows("select device_id from place order by rank")]
    check_end(world, name, "2.5.0", {
        device: ("rolled-back", "health") if rank < 2 else ("withdrawn", "withdrawn")
        for rank, device in enumerate(order)})
    for device in order[2:]:
        assert world.agents[device].payload_log() == []
    told = world.wavegate("device", "explain", order[0]).stdout
    assert "pedal sensor does not answer" in told
    assert "budget" in world.wavegate("device", "explain", order[5]).stdout


def test_a_release_that_does_not_boot(world, fleet_of, release):
    agent, = fleet_of(1)
    release("2.5.0", boot=payload.fails("no operating system"))
    name = world.apply(campaign("no-boot", "2.5.0"))
    world.wait_finished(name)
    check_end(world, name, "2.5.0", {agent.id: ("rolled-back", "boot")})


def test_a_failed_install_is_tried_again(world, fleet_of, release):
    agent, = fleet_of(1)
    release("2.4.1", install='[ -e "$WAVEGATE_STATE/again" ] || '
                             '{ touch "$WAVEGATE_STATE/again"; echo "disk is busy"; exit 1; }')
    name = world.apply(campaign("retry", "2.4.1", more="retry: {attempts: 2, backoff: 1s}"))
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", {agent.id: ("succeeded", "")})
    assert world.db.value("select attempt from place") == 2
    assert agent.payload_log().count("install 2.4.1") == 2


def test_pause_resume_and_abort(world, fleet_of, release):
    fleet_of(3)
    gate = world.folder / "go"
    release("2.4.1", install=payload.until_exists(gate))
    name = world.apply(campaign("pause", "2.4.1", more="pace: {in_flight: 1}"))
    world.wait("one device installs", lambda: "installing" in {
        state for state, _ in world.db.places(name).values()})
    world.wavegate("campaign", "pause", name, "--reason", "lunch", operator="sue", expect=DENIED)
    world.wavegate("campaign", "pause", name, "--reason", "lunch")
    gate.touch()
    world.wait("the device in hand finishes", lambda: "succeeded" in {
        state for state, _ in world.db.places(name).values()})
    states = sorted(state for state, _ in world.db.places(name).values())
    assert states == ["succeeded", "waiting", "waiting"]
    world.wavegate("campaign", "resume", name)
    world.wait("the next device succeeds", lambda: 2 <= sum(
        state == "succeeded" for state, _ in world.db.places(name).values()))
    world.wavegate("campaign", "abort", name, "--reason", "enough")
    world.wait("it is aborted", lambda: world.db.campaign_state(name) in ("aborted", "finished"))
    ended = world.db.campaign_state(name)
    world.wavegate("campaign", "resume", name, expect=CONFLICT)
    assert world.db.campaign_state(name) == ended
    assert world.db.inconsistencies() == []


def test_an_abort_withdraws_what_has_not_started(world, fleet_of, release, ground):
    fleet_of(2)
    release("2.4.1", size=2_000_000)
    ground.web.limit_rate(20_000)
    try:
        name = world.apply(campaign("withdraw", "2.4.1"))
        world.wait("both download", lambda: {"downloading"} == {
            state for state, _ in world.db.places(name).values()})
        world.wavegate("campaign", "abort", name)
        world.wait_campaign(name, "aborted")
    finally:
        ground.web.limit_rate(0)
    check_end(world, name, "2.4.1",
              {device: ("withdrawn", "withdrawn") for device in world.agents})


def test_two_orchestrators_share_the_load(world, fleet_of, release):
    second = world.add_orchestrator("second")
    second.start()
    world.wait("the second hears the broker",
               lambda: "broker connected" in second.log.read_text())
    fleet_of(8)
    release("2.4.1", size=50_000)
    name = world.apply(campaign("two", "2.4.1", "  - {name: first, count: 4}\n"
                                                "  - {name: rest, remaining: true}"))
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    assert world.db.rows("select device_id, count(*) from update_order where kind = 'install' "
                         "group by 1 having count(*) > 1") == []
    for agent in world.agents.values():
        assert agent.payload_log().count("install 2.4.1") == 1
    assert second.alive() and world.orchestrator.alive()
