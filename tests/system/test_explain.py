"""`device explain`: every way in which a device waits, is left out, or ended, told with its figures."""

import json
from datetime import datetime, timezone

import pytest

from tests.lab import fleet, payload
from tests.lab.mqtt import Puppet
from tests.system.story import DEVICES

COMPONENT = fleet.COMPONENT
MINUTES = 60


@pytest.fixture
def puppets(world):
    """puppets(device, ...): devices that say hello, by their ids."""
    made = {}

    def start(*devices):
        for device in devices:
            made[device.id] = Puppet(world, device)
            made[device.id].hello()
        world.wait("they are online", lambda: world.db.online() >= {device.id for device in devices})
        return [made[device.id] for device in devices]
    yield start
    for puppet in made.values():
        puppet.close()


@pytest.fixture
def explain(world):
    """explain(device, campaign): what is said of the one campaign, as JSON."""
    def ask(device, name):
        told = json.loads(world.wavegate("device", "explain", device, "--campaign", name,
                                         "--json").stdout)
        assert "unknown" not in json.dumps(told["campaigns"])
        assert [entry["campaign"] for entry in told["campaigns"]] == [name]
        return told["campaigns"][0]
    return ask


def file_of(name, version, more="", target="  hardware: {model: brake-controller}",
            waves="  - {name: rest, remaining: true}", silent="60s"):
    return f"""wavegate: 1
campaign: {name}
release: {COMPONENT}/{version}
target:
{target}
waves:
{waves}
timeout: {{offer: 60s, download: 60s, install: 60s, probation: 60s, silent: {silent}}}
{more}
"""


def publish(world, version, *more):
    made = payload.make(world.folder, COMPONENT, version)
    world.wavegate("release", "add", made, "--component", COMPONENT, "--version", version, *more,
                   operator="rita")


def seconds_until(text):
    return (datetime.fromisoformat(text.replace("Z", "+00:00"))
            - datetime.now(timezone.utc)).total_seconds()


def go_offline(world, puppet):
    puppet.up("hello", {"v": 1, "online": False, "boot": puppet.boot})
    world.wait("it is offline", lambda: puppet.id not in world.db.online())


def in_state(world, name, state):
    return sorted(device for device, (at, _) in world.db.places(name).items() if at == state)


def wait_holds(world, explain, device, name, holds):
    """Waits until that is what holds the device; the whole explanation."""
    def held():
        told = explain(device, name)
        return told if told["holds"] == holds else None
    return world.wait(f"{device} is held by {holds} in {name}", held)


def canary_and_rest(gate):
    """dev-01 goes first, the others behind its gate."""
    return (f"  - {{name: canary, devices: [dev-01], gate: {{{gate}}}}}\n"
            "  - {name: rest, remaining: true}")


APPROVED = "soak: 0s, approvals: {role: rollout-admin, count: 1}"


def test_what_a_member_waits_for(world, puppets, explain):
    """A device at a time through its campaign, and the others behind it."""
    publish(world, "2.4.1")
    publish(world, "2.5.0")
    canary, *others, gone = puppets(*DEVICES[:4])
    go_offline(world, gone)
    world.wavegate("device", "tag", "dev-05", "+shelf", operator="dave")
    name = world.apply(file_of(
        "first", "2.4.1", waves=canary_and_rest(APPROVED),
        target="  any: [{hardware: {model: brake-controller}}, {tag: [shelf]}]",
        more="pace: {in_flight: 1}\nretry: {attempts: 3, backoff: 10m, jitter: 0%}"))
    order = canary.wait_order()

    told = explain("dev-02", name)
    assert told["reason"] == ("waits: its wave rest has not opened; wave canary is open: "
                              "0 of 1 devices finished, 1 asked for")
    assert told["holds"] == "wave"
    assert told["gate"] == {"wave": "canary", "state": "open", "members": 1, "finished": 0,
                            "finished_needed": 1, "succeeded": 0, "approvals": 0,
                            "approvals_needed": 1}
    assert (told["wave"], told["wave_takes"]) == ("rest", "all that remain")
    told = explain("dev-01", name)
    assert (told["holds"], told["wave_takes"]) == ("moving", "devices by name")
    assert told["reason"].startswith("was offered the update ")
    assert 0 < seconds_until(told["until"]) <= 60

    canary.report(1, order, "deferred", cause="deferred", detail="the vehicle is moving")
    told = wait_holds(world, explain, "dev-01", name, "deferred")
    assert told["reason"].startswith("put the update off itself, ")
    assert ": the vehicle is moving; it is asked again at " in told["reason"]
    assert 9 * MINUTES < seconds_until(told["until"]) <= 10 * MINUTES
    assert told["attempts"]["spent"] == 0
    asked = len(canary.orders())  # more than once, if it took long to answer
    world.db.rows("update place set retry_at = now() where device_id = 'dev-01'")
    world.wait("it is asked again", lambda: len(canary.orders()) > asked)
    assert {other["id"] for other in canary.orders()} == {order["id"]}

    canary.report(2, order, "downloading", progress={"bytes": 10, "total": 20})
    world.wait_place(name, "dev-01", "downloading")
    assert "(10 of 20 bytes)" in explain("dev-01", name)["reason"]
    canary.report(3, order, "succeeded", versions={COMPONENT: "2.4.1"})
    world.wait("the canary is at its gate",
               lambda: world.db.wave_states(name)["canary"] == "at-gate")
    told = explain("dev-02", name)
    assert told["holds"] == "gate-approvals"
    assert told["reason"] == ("waits: its wave rest has not opened; wave canary is at its gate: "
                              "0 of 1 approvals by rollout-admin")
    assert (told["gate"]["succeeded"], told["gate"]["approvals"]) == (1, 0)

    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait("one of the rest is offered its update", lambda: in_state(world, name, "offered"))
    busy, = in_state(world, name, "offered")
    idle, = {other.id for other in others} - {busy}
    told = explain(idle, name)
    assert told["holds"] == "cap"
    assert told["reason"].startswith("waits: 1 of 1 updates run at once; ")
    assert told["in_flight"] == {"now": 1, "most": 1}
    assert explain(gone.id, name)["reason"].startswith("waits: the device has been offline for ")
    assert explain("dev-05", name)["reason"].startswith("waits: the device has never been online")
    assert {explain(device, name)["holds"] for device in (gone.id, "dev-05")} == {"offline"}

    second = world.apply(file_of("second", "2.5.0"))
    third = world.apply(file_of("third", "2.5.0", more=f"after: [{name}, second]"))
    told = explain(busy, second)
    assert told["holds"] == "other-update"
    assert told["reason"].endswith(f"that of campaign {name} is in hand")
    told = explain(idle, second)
    assert told["holds"] == "priority"
    assert told["reason"].endswith("(both have priority 50; that one is older)")
    told = explain(busy, third)
    assert told["holds"] == "after"
    assert told["reason"] == "waits: the campaign starts when first (running), second (running) have finished"

    world.wavegate("campaign", "pause", second, "--reason", "lunch")
    puppet = next(other for other in others if other.id == busy)
    puppet.report(1, puppet.wait_order(), "failed", cause="download", detail="connection reset")
    told = wait_holds(world, explain, busy, name, "backoff")
    assert "attempt 1 of 3 failed (download: connection reset); it is tried again at" in told["reason"]
    assert 9 * MINUTES < seconds_until(told["until"]) <= 10 * MINUTES
    assert explain(busy, second)["reason"] == (
        "waits: the campaign is paused (paused by alice: lunch); "
        "wavegate campaign resume second lets it go on")


def test_a_gate_that_soaks_says_until_when(world, puppets, explain):
    publish(world, "2.4.1")
    canary, _ = puppets(*DEVICES[:2])
    name = world.apply(file_of("soaks", "2.4.1", waves=canary_and_rest("soak: 10m")))
    canary.report(1, canary.wait_order(), "succeeded", versions={COMPONENT: "2.4.1"})
    told = wait_holds(world, explain, "dev-02", name, "gate")
    assert "wave canary soaks until 2" in told["reason"]
    assert 9 * MINUTES < seconds_until(told["until"]) <= 10 * MINUTES


ALPS = {"lat": 48.1, "lon": 11.5}
RUNS = {COMPONENT: "2.3.7"}
FLEET = [
    {"id": "fits", "hardware_model": COMPONENT, "region": "DE-BY", **ALPS, "software": RUNS},
    {"id": "austrian", "hardware_model": COMPONENT, "region": "AT-9", **ALPS, "software": RUNS},
    {"id": "quiet", "hardware_model": COMPONENT, "region": "DE-BY", **ALPS, "software": RUNS,
     "tags": [fleet.QUIET_TAG]},
    {"id": "lost", "hardware_model": COMPONENT, "region": "DE-BY", "software": RUNS},
    {"id": "gateway", "hardware_model": "gateway", "region": "DE-BY", **ALPS, "software": RUNS},
    {"id": "new", "hardware_model": COMPONENT, "region": "DE-BY", **ALPS,
     "software": {COMPONENT: "2.4.1"}},
    {"id": "old", "hardware_model": COMPONENT, "region": "DE-BY", **ALPS,
     "software": {COMPONENT: "2.2.0"}},
    {"id": "bare", "hardware_model": COMPONENT, "region": "DE-BY", **ALPS},
    {"id": "taken", "hardware_model": COMPONENT, "region": "DE-BY", **ALPS, "software": RUNS},
    {"id": "gone", "hardware_model": COMPONENT, "region": "DE-BY", **ALPS, "software": RUNS},
]
TARGET = f"""  all:
    - region: [DE]
    - within: {{lat: 48.14, lon: 11.58, km: 250}}
  not:
    - tag: [{fleet.QUIET_TAG}]"""
CLAUSES = ["region DE", "within 250 km of 48.14 N 11.58 E", f"not tag {fleet.QUIET_TAG}"]
LEFT_OUT = {
    "austrian": ("clause", 'is left out: it does not meet "region DE"', [False, True, True]),
    "quiet": ("clause", f'is left out: it does not meet "not tag {fleet.QUIET_TAG}"',
              [True, True, False]),
    "lost": ("no-position", "is left out: the campaign asks where it is, and it has no position",
             [True, None, True]),
    "gateway": ("hardware", "is left out: the release fits hardware brake-controller alone, and it "
                "is gateway", [True] * 3),
    "new": ("on-release", f"is left out: it runs {COMPONENT} 2.4.1 already", [True] * 3),
    "old": ("path", f"is left out: {COMPONENT} 2.4.1 can be installed over >=2.3.0 alone, and it "
            "runs 2.2.0", [True] * 3),
    "bare": ("path", f"is left out: {COMPONENT} 2.4.1 can be installed over >=2.3.0 alone, and it "
             f"runs no {COMPONENT}", [True] * 3),
    "taken": ("excluded", "is left out: it has a place in a campaign that this one excludes "
              "(before)", [True] * 3),
    "gone": ("revoked", "is left out: it is revoked", [True] * 3),
}


def import_devices(world, *devices):
    file = world.folder / "devices.ndjson"
    file.write_text("".join(json.dumps(device) + "\n" for device in devices))
    world.wavegate("device", "import", file, operator="dave")


def test_why_a_device_is_left_out(world, explain):
    publish(world, "2.4.1", "--hardware", COMPONENT, "--from", ">=2.3.0")
    publish(world, "2.9.0")
    import_devices(world, *FLEET)
    world.db.rows("update device set revoked_at = now() where id = 'gone'")
    world.apply(file_of("before", "2.9.0", target="  device: [taken]"))
    name = world.apply(file_of("narrow", "2.4.1", target=TARGET, more="excludes: [before]",
                               waves="  - {name: rest, count: 1}"))
    assert set(world.db.places(name)) == {"fits"}
    for device, (holds, reason, clauses) in LEFT_OUT.items():
        told = explain(device, name)
        assert (told["holds"], told["reason"]) == (holds, reason), device
        assert told["clauses"] == [{"clause": words, "holds": met}
                                   for words, met in zip(CLAUSES, clauses)], device
        assert (told["wave"], told["state"], told["until"]) == (None, "left-out", None)
    told = explain("fits", name)
    assert (told["wave"], told["wave_takes"], told["holds"]) == ("rest", "1 device", "offline")
    assert [clause["holds"] for clause in told["clauses"]] == [True] * 3

    text = world.wavegate("device", "explain", "lost", "--campaign", name).stdout
    assert ("narrow: left out\n"
            "  lost is left out: the campaign asks where it is, and it has no position\n"
            "  clause by clause, as it is now:\n"
            "    + region DE\n"
            "    ? within 250 km of 48.14 N 11.58 E: it has no position\n"
            f"    + not tag {fleet.QUIET_TAG}\n") in text
    text = world.wavegate("device", "explain", "fits").stdout
    assert "narrow, wave rest (1 device): waiting\n  fits waits: the device has never been online" in text
    assert "before: left out\n  fits is left out: it does not meet \"device taken\"" in text
    assert "+ region DE" not in text
    assert "\nTimeline\n  no reports yet\n" in text
    assert world.wavegate("device", "explain", "fits", "--campaign", "none", expect=5).stderr
    assert world.wavegate("device", "explain", "nobody", expect=5).stderr


def test_a_device_that_came_to_match_behind_the_plan(world, explain):
    publish(world, "2.4.1")
    import_devices(world, FLEET[0])
    world.apply(file_of("fixed", "2.4.1"))
    world.apply(file_of("open", "2.4.1", more="membership: continuous"))
    world.wavegate("campaign", "pause", "open")
    import_devices(world, {**FLEET[0], "id": "late"})
    told = explain("late", "fixed")
    assert told["holds"] == "snapshot"
    assert told["reason"].startswith("matches now, but has no place: members are those who matched")
    told = explain("late", "open")
    assert told["holds"] == "joins"
    assert told["reason"] == "matches now, and joins when the campaign runs (it is paused)"
    world.wavegate("campaign", "resume", "open")
    world.wait("it joins", lambda: "late" in world.db.places("open"))
    told = explain("late", "open")
    assert (told["holds"], told["wave_takes"]) == ("offline",
                                                   "all that remain, and later ones that match")


def test_how_it_ended(world, puppets, explain):
    publish(world, "2.4.1")
    good, bad, fallen, refuser, mute, ghost = puppets(*DEVICES[:6])
    go_offline(world, ghost)
    name = world.apply(file_of("ends", "2.4.1", silent="1s", more=(
        "pace: {in_flight: 10}\nbudget: {failures: 6}\ngate: {success: \">= 1%\"}")))
    good.report(1, good.wait_order(), "succeeded", versions={COMPONENT: "2.4.1"})
    bad.report(1, bad.wait_order(), "failed", cause="verify", detail="wrong hash")
    fallen.report(1, fallen.wait_order(), "rolled-back", cause="health", detail="no pedal")
    refuser.report(1, refuser.wait_order(), "failed", cause="refused", detail="expired order")
    mute.report(1, mute.wait_order(), "rebooting")
    world.wait_place(name, mute.id, "silent")
    mute.report(2, mute.wait_order(), "probation")
    world.wait("its late report is kept", lambda: world.db.value(
        "select count(*) from report where remark <> ''") == 1)
    world.wavegate("campaign", "abort", name, "--reason", "enough")
    world.wait_campaign(name, "aborted")
    expected = {
        good.id: ("succeeded", f"runs {COMPONENT} 2.4.1: booted, healthy and reporting it"),
        bad.id: ("failed", "failed in attempt 1 of 1 (verify: wrong hash)"),
        fallen.id: ("failed", "went back to its old slot by itself (health: no pedal)"),
        refuser.id: ("failed", "refused the update (expired order)"),
        mute.id: ("failed", "rebooted into the new version and was not heard of again in time"),
        ghost.id: ("withdrawn", "was not updated: its place was withdrawn when the campaign was "
                   "stopped (aborted by alice: enough)")}
    for device, (holds, reason) in expected.items():
        told = explain(device, name)
        assert (told["holds"], told["reason"], told["until"]) == (holds, reason, None)

    whole = json.loads(world.wavegate("device", "explain", mute.id, "--json").stdout)
    assert [(entry["state"], bool(entry["remark"])) for entry in whole["timeline"]] == [
        ("rebooting", False), ("probation", True)]
    assert whole["campaigns"][0]["budget"] == {"failed": 3, "tolerated": 6}
    text = world.wavegate("device", "explain", fallen.id).stdout
    timeline = text[text.index("\nTimeline\n"):]
    assert "rolled-back health  no pedal" in timeline
    text = world.wavegate("device", "explain", mute.id).stdout
    assert "(kept as a remark: late: already finished)" in text


def test_a_spent_budget_is_told_with_its_figures(world, puppets, explain):
    publish(world, "2.4.1")
    first, _, _ = puppets(*DEVICES[:3])
    name = world.apply(file_of("spent", "2.4.1", waves=canary_and_rest("soak: 0s"),
                               more="budget: {failures: 0, on_exceeded: pause}"))
    first.report(1, first.wait_order(), "failed", cause="verify")
    world.wait_campaign(name, "paused")
    told = explain("dev-02", name)
    assert told["holds"] == "budget"
    assert told["reason"] == ("waits: the failure budget of the campaign is exceeded: 1 of 3 devices "
                              "failed, 0 tolerated; it is paused, and cannot go on with this budget")
    assert told["budget"] == {"failed": 1, "tolerated": 0}
