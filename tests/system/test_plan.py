"""`campaign plan`: who is hit, wave by wave; who is left out and why; what else it says."""

import hashlib
import json
import math
import random
import re
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from datetime import datetime

import pytest

from tests.lab.lab import World
from tests.system import judge, seeded

USAGE, PENDING, NOT_FOUND, CONFLICT = 2, 3, 5, 6
EVERYBODY = {"device": ["*"]}

# Of the target below: what is said, and how many devices of which kind.
TARGET = {"all": [{"hardware": {"model": "box"}}, {"software": {"app": ">=1.0.0 <3.0.0"}},
                  {"within": {"lat": 48, "lon": 11, "km": 100}}],
          "not": [{"tag": ["quiet"]}]}
KINDS = {
    "does not match: hardware box": [(20, {"hardware_model": "hub"}),
                                     (2, {"hardware_model": "hub", "tags": ["quiet"]})],
    "does not match: software app >=1.0.0 <3.0.0": [(5, {"software": {}}),
                                                   (7, {"software": {"app": "0.9.0"}}),
                                                   (1, {"software": {"app": "3.0.1"}})],
    "runs app 3.0.0 already": [(10, {"software": {"app": "3.0.0"}})],
    "has no position": [(6, {"lat": None, "lon": None})],
    "does not match: within 100 km of 48.00 N 11.00 E": [(4, {"lat": 52.0})],
    "does not match: not tag quiet": [(3, {"tags": ["quiet"]})],
    "is revoked": [(2, {"revoked": True})],
    "no path from its version: the release is installed over >=1.1.0":
        [(8, {"software": {"app": "1.0.0"}})],
    "is in a campaign that this one excludes": [(9, {"states": {"old-1": "succeeded"}})],
    "": [(63, {})],
}


def kinds():
    """The devices of KINDS, and each one's reason."""
    plain = {"hardware_model": "box", "hardware_revision": "C", "software": {"app": "1.2.0"},
             "region": "DE-BY", "zone": "Europe/Berlin", "lat": 48.0, "lon": 11.0, "tags": [],
             "groups": [], "attributes": {}, "seen": 60, "revoked": False, "states": {}}
    fleet, reasons = [], {}
    for reason, parts in KINDS.items():
        for count, changes in parts:
            for _ in range(count):
                device = {**plain, **changes, "id": f"dev-{len(fleet):03}"}
                fleet.append(device)
                reasons[device["id"]] = reason
    return fleet, reasons


class Desk:
    """A world with a fleet and releases, where plans are made."""

    def __init__(self, ground, name, fleet, order=None):
        self.world = World(ground, name)
        self.world.start_orchestrator()
        self.fleet = fleet
        for part in order or [fleet]:
            seeded.register(self.world, part)
        seeded.add_release(self.world, "3.0.0", hardware="box", from_=">=1.1.0")
        for version in ("2.0.0", "4.0.0"):
            seeded.add_release(self.world, version)
        seeded.add_release(self.world, "2.1.0", hardware="hub")
        seeded.add_release(self.world, "2.2.0", from_="<2.0.0")
        seeded.add_history(self.world, fleet)
        self.names = iter(range(1000))

    def file(self, target, waves=None, name="plan", **more):
        file = self.world.folder / f"{name}-{next(self.names)}.yaml"
        file.write_text(seeded.campaign(name, target, waves, **more))
        return file

    def run(self, file, *flags, expect=PENDING):
        return self.world.wavegate("campaign", "plan", file, *flags, expect=expect)

    def json(self, file, *flags, expect=PENDING):
        return json.loads(self.run(file, "--json", *flags, expect=expect).stdout)

    def close(self):
        self.world.close()
        assert not self.world.sanitizer_report()


@pytest.fixture(scope="module")
def desk(ground):
    """The fleet of KINDS."""
    made = Desk(ground, "plan", kinds()[0])
    yield made
    made.close()


@pytest.fixture(scope="module")
def big(ground):
    """The fleet of 300, of many kinds."""
    made = Desk(ground, "plan_big", seeded.devices())
    yield made
    made.close()


def ids_of(planned):
    return [device["id"] for device in planned["devices"]]


@pytest.mark.parametrize("waves", [None, [{"name": "canary", "percent": 10, "spread": ["region"]},
                                          {"name": "rest", "remaining": True}]],
                         ids=["plain", "spread"])
def test_everybody_is_in_or_left_out_with_the_first_reason(desk, waves):
    fleet, reasons = kinds()
    file = desk.file(TARGET, waves, excludes=["old-1"])
    planned = desk.json(file, "--devices", "left-out")
    counted = {one["reason"]: one["devices"] for one in planned["left_out"]}
    expected = Counter(reasons.values())
    members = expected.pop("")
    assert counted == expected
    assert planned["fleet"] == len(fleet) == members + sum(counted.values())
    assert (planned["matched"], planned["members"], planned["in_no_wave"]) == (members, members, 0)
    assert {one["id"]: one["reason"] for one in planned["devices"]} == \
        {device: reason for device, reason in reasons.items() if reason}
    text = desk.run(file).stdout
    assert f"{members} of {len(fleet)} devices" in text
    for reason, count in expected.items():
        assert f"{count}  {reason}\n" in text


@pytest.mark.parametrize("names", [
    "software place", "software software", "software", "place software tag", "software place tag",
    "tag software place", "software software place", "place", "tag place software software"])
def test_the_first_reason_whatever_the_order_of_the_clauses(desk, names):
    """Counted and listed alike, however the database is asked."""
    fleet, _ = kinds()
    ranges = iter((">=0.9.5 <4.0.0", ">=1.1.0 <3.0.0"))
    clauses = [{"place": {"within": {"lat": 48, "lon": 11, "km": 100}}, "tag": {"not": [
        {"tag": ["quiet"]}]}}.get(name) or {"software": {"app": next(ranges)}}
               for name in names.split()]

    def reason(device):
        for clause in clauses:
            held = judge.holds(clause, device)
            if held:
                continue
            if "software" in clause and device["software"].get("app") == "3.0.0":
                return "runs app 3.0.0 already"
            return "has no position" if held is None else next(iter(clause))
        version = device["software"].get("app")
        return "is revoked" if device["revoked"] else \
            "runs app 3.0.0 already" if version == "3.0.0" else \
            "hardware" if device["hardware_model"] != "box" else \
            "no path" if version in (None, "0.9.0", "1.0.0") else ""
    planned = desk.json(desk.file({"all": clauses}), "--devices", "left-out")
    listed = {one["id"]: one["reason"] for one in planned["devices"]}
    words = {"software": "does not match: software", "within": "does not match: within",
             "not": "does not match: not tag", "hardware": "the release fits hardware"}
    for device in fleet:
        expected = reason(device)
        assert listed.get(device["id"], "").startswith(words.get(expected, expected)), device
        assert bool(expected) == (device["id"] in listed), device
    assert Counter(listed.values()) == {one["reason"]: one["devices"]
                                        for one in planned["left_out"]}
    assert planned["members"] + len(listed) == planned["fleet"]


def test_reasons_of_the_release_follow_those_of_the_target(desk):
    """Without a clause on hardware the release itself leaves out what it does not fit."""
    left_out = {one["reason"]: one["devices"] for one in desk.json(
        desk.file({"tag": ["quiet"]}))["left_out"]}
    assert left_out["the release fits hardware box alone"] == 2
    assert left_out["does not match: tag quiet"] == len(desk.fleet) - 5
    assert desk.json(desk.file({"tag": ["quiet"]}))["members"] == 3


def test_who_is_in_no_wave_is_told_and_listed(desk):
    file = desk.file(EVERYBODY, [{"name": "some", "count": 10}], release="app/4.0.0")
    planned = desk.json(file, "--devices", "left-out")
    assert planned["members"] == 10
    assert planned["in_no_wave"] == planned["matched"] - 10 == len(desk.fleet) - 12
    reasons = Counter(one["reason"] for one in planned["devices"])
    assert reasons == {"is revoked": 2, "matches, but no wave takes it": planned["in_no_wave"]}
    text = desk.run(file).stdout
    assert f"{planned['in_no_wave']} matching devices are in no wave" in text


def random_waves(rng, fleet):
    kind = {"percent": lambda: {"percent": rng.choice((1, 2.5, 10, 0.5, 33))},
            "count": lambda: {"count": rng.randint(1, 120)},
            "devices": lambda: {"devices": [one["id"] for one in rng.sample(fleet, 20)]},
            "select": lambda: {"select": {"tag": [rng.choice("abc")]}}}
    waves = [kind[rng.choice(tuple(kind))]() for _ in range(rng.randint(1, 6))]
    if rng.random() < 0.6:
        waves.append({"remaining": True})
    return [{"name": f"w{number}", **wave} for number, wave in enumerate(waves)]


def sizes(waves, matched):
    """What docs/campaign.md says: lists first, in order; then the others share what is left."""
    left, taken = {device["id"]: device for device in matched}, {}
    for number, wave in enumerate(waves):
        if "devices" in wave or "select" in wave:
            mine = [key for key, device in left.items() if key in wave.get("devices", ()) or
                    "select" in wave and set(wave["select"]["tag"]) & set(device["tags"])]
            taken[number] = len(mine)
            for key in mine:
                del left[key]
    pool = len(left)
    for number, wave in enumerate(waves):
        if number not in taken:
            wanted = math.ceil(len(matched) * wave["percent"] / 100) if "percent" in wave else \
                wave.get("count", pool)
            taken[number] = min(wanted, pool)
            pool -= taken[number]
    return [taken[number] for number in range(len(waves))], pool


@pytest.mark.parametrize("seed", range(8))
def test_wave_sizes_add_up_exactly(big, seed):
    rng = random.Random(seed)
    waves = random_waves(rng, big.fleet)
    matched = [device for device in big.fleet if not device["revoked"]]
    planned = big.json(big.file(EVERYBODY, waves, name=f"sizes-{seed}", release="app/4.0.0"),
                       "--devices", "all")
    expected, pool = sizes(waves, matched)
    assert [wave["devices"] for wave in planned["waves"]] == expected
    assert planned["in_no_wave"] == pool
    assert planned["members"] + pool == planned["matched"] == len(matched)
    ids = ids_of(planned)
    assert len(ids) == len(set(ids)) == planned["members"]
    counted = Counter(one["wave"] for one in planned["devices"])
    assert [counted[wave["name"]] for wave in waves] == expected
    for wave in planned["waves"]:
        for what in ("region", "hardware", "version"):
            assert sum(wave[what].values()) == wave["devices"]


def test_membership_depends_on_nothing_but_file_and_fleet(ground, big):
    """The same devices, registered in another order and in pieces: the same bytes."""
    turned = big.fleet[::-1]
    waves = [{"name": "canary", "percent": 5}, {"name": "early", "count": 40, "spread": ["region"]},
             {"name": "rest", "remaining": True}]
    other = Desk(ground, "plan_turned", turned, [turned[::2], turned[1::2]])
    try:
        told, kept = set(), set()
        for place in (big, other, other):
            file = place.file(EVERYBODY, waves, name="same", release="app/4.0.0")
            for flags in (("--devices", "all"), ("--devices", "left-out"), ()):
                told.add((flags, place.run(file, "--json", *flags).stdout))
            place.run(file, "--save", place.world.folder / "kept")
            kept.add((place.world.folder / "kept").read_bytes())
        assert len(told) == 3 and len(kept) == 1
    finally:
        other.close()
    saved = json.loads(kept.pop())
    ids = [device for wave in saved["waves"].values() for device in wave]
    assert len(ids) == len(set(ids)) == sum(not device["revoked"] for device in big.fleet)


AWAY = ("within_1_hour", "within_1_day", "within_7_days", "longer")


def seen_within(seconds):
    if seconds is None or seconds > 7 * seeded.DAY:
        return "longer"
    return "within_1_hour" if seconds < 3600 else "within_1_day" if seconds < seeded.DAY \
        else "within_7_days"


def times_of(line):
    """The times that a line for people names, in the zone of the tests."""
    return [datetime.fromisoformat(f"{day}T{hour}+00:00")
            for day, hour in re.findall(r"(20\d\d-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC", line)]


@pytest.fixture(scope="module")
def timed(big):
    """The fleet, of which it is known that an update takes 95 seconds."""
    old = big.world.db.value("select id from campaign where name = 'old-1'")
    order = hashlib.md5(b"order").hexdigest()
    device = big.world.db.value("select device_id from place where campaign_id = %s and "
                                "state = 'succeeded' limit 1", old)
    big.world.db.rows("insert into update_order (id, campaign_id, device_id, kind, attempt, "
                      "made_at, issued_at, open) select %s, campaign_id, device_id, 'install', 1, "
                      "state_at, state_at - interval '95 seconds', false from place "
                      "where campaign_id = %s and device_id = %s", order, old, device)
    big.world.db.rows("update place set order_id = %s where campaign_id = %s and device_id = %s",
                      order, old, device)
    return big


def test_a_plan_says_the_same_a_second_later(timed):
    """Also when it knows how long updates take: time is no part of a plan."""
    big = timed
    file = big.file(EVERYBODY, name="again", release="app/4.0.0")
    first, begun = big.run(file, "--json").stdout, int(time.time())
    assert json.loads(first)["outlook"]["past_updates"] == 1
    outlook = json.loads(first)["outlook"]
    assert outlook["typical_update_ms"] == 95000
    members = [device for device in big.fleet if not device["revoked"]]
    assert outlook["unseen_7_days"] == sum(
        device["seen"] is None or device["seen"] > 7 * seeded.DAY for device in members)
    assert outlook["without_position"] == sum(device["lat"] is None for device in members)
    away = Counter(seen_within(device["seen"]) for device in members)
    assert outlook["online"] == 0 and outlook["away"] == {span: away[span] for span in AWAY}
    assert away["longer"] and away["within_1_hour"]
    rounds = math.ceil(len(members) / 100)  # by default so many are in flight
    week = 7 * seeded.DAY  # who was not seen for longer is not counted on earlier
    assert outlook["shortest_ms"] == rounds * 95000
    assert outlook["with_check_ins"]["shortest_ms"] == (week + 95) * 1000
    line, = [line for line in big.run(file).stdout.splitlines() if line.startswith("Earliest end")]
    told = [at.timestamp() - begun for at in times_of(line)]
    assert 0 <= told[0] - week - 95 < 20 and 0 <= told[1] - rounds * 95 < 20, line
    assert "if who is away comes back within as long as it has been away" in line
    big.world.wait("the next second", lambda: int(time.time()) > begun)
    assert big.run(file, "--json").stdout == first


def test_canary_duty_rotates_with_the_name(big):
    waves = [{"name": "canary", "count": 10}, {"name": "rest", "remaining": True}]
    teams = {frozenset(ids_of(big.json(big.file(EVERYBODY, waves, name=name, release="app/4.0.0"),
                                       "--devices", "canary"))) for name in ("one", "two", "three")}
    assert len(teams) == 3
    more = [{"name": "canary", "count": 20}, {"name": "rest", "remaining": True}]
    grown = frozenset(ids_of(big.json(big.file(EVERYBODY, more, name="one", release="app/4.0.0"),
                                      "--devices", "canary")))
    assert any(team < grown for team in teams)


ATTRIBUTES = {
    "region": lambda device: device["region"], "timezone": lambda device: device["zone"],
    "hardware.model": lambda device: device["hardware_model"],
    "hardware.revision": lambda device: device["hardware_revision"],
    "software.app": lambda device: device["software"].get("app", ""),
    "software.kernel": lambda device: device["software"].get("kernel", ""),
    "attribute.site": lambda device: device["attributes"].get("site", ""),
    "attribute.camera": lambda device: str(device["attributes"].get("camera", "")).lower(),
}


def off_share(spread, wave, whole):
    """How far each group of the first 1, 2, .. attributes is from its exact share of the wave."""
    for depth in range(1, len(spread) + 1):
        def group(device, names=spread[:depth]):
            return tuple(ATTRIBUTES[name](device) for name in names)
        has, all_of = Counter(map(group, wave)), Counter(map(group, whole))
        for key, count in all_of.items():
            yield abs(has[key] - len(wave) * count / len(whole)), key


@pytest.mark.parametrize("spread", [
    (["region"], ["region"]), (["region", "hardware.revision"], ["hardware.revision", "region"]),
    (["software.app", "attribute.site"], ["timezone"]),
    (["hardware.model", "attribute.camera", "software.kernel"], ["region", "software.app"])],
    ids=str)
def test_a_spread_is_within_one_device_of_the_exact_share(big, spread):
    waves = [{"name": "lab", "select": {"tag": ["c"]}}, {"name": "canary", "count": 17},
             {"name": "early", "percent": 30}, {"name": "rest", "remaining": True}]
    waves[1]["spread"], waves[2]["spread"] = spread
    file = big.file(EVERYBODY, waves, name="spread", release="app/4.0.0")
    devices = {device["id"]: device for device in big.fleet}
    whole = [device for device in big.fleet
             if not device["revoked"] and "c" not in device["tags"]]
    seen = set()
    for wave in waves[1:3]:
        ids = ids_of(big.json(file, "--devices", wave["name"]))
        assert not seen & set(ids)
        seen.update(ids)
        members = [devices[device] for device in ids]
        for off, key in off_share(wave["spread"], members, whole):
            assert off < 1, (wave["name"], key)


def test_those_left_out_are_listed_whatever_is_spread(big):
    """What a list does not ask for must not keep it from being made."""
    waves = [{"name": "lab", "devices": ["dev-001"]},
             {"name": "canary", "count": 9, "spread": ["attribute.site", "software.map"]},
             {"name": "rest", "remaining": True}]
    planned = big.json(big.file({"tag": ["a"]}, waves, release="app/4.0.0"), "--devices",
                       "left-out")
    assert len(planned["devices"]) == len(big.fleet) - planned["members"]


def test_an_empty_wave_is_named_and_skipped(desk):
    waves = [{"name": "nobody", "select": {"tag": ["there-is-none"]}},
             {"name": "rest", "remaining": True}]
    file = desk.file(TARGET, waves)
    assert [wave["devices"] for wave in desk.json(file)["waves"]] == [0, 72]
    line, = [line for line in desk.run(file).stdout.splitlines() if "1. nobody" in line]
    assert "empty: skipped" in line


def test_nobody_and_everybody_are_said_loudly(desk):
    everybody = {"all": [EVERYBODY], "not": [{"tag": ["there-is-none"]}]}
    none, some = desk.file({"tag": ["there-is-none"]}), desk.file(TARGET)
    assert "This campaign hits NO device" in desk.run(none).stdout
    assert "EVERY" not in desk.run(some).stdout and "hits NO" not in desk.run(some).stdout
    desk.world.db.rows("update device set revoked_at = null")
    try:
        assert "This campaign hits EVERY device" in desk.run(
            desk.file(everybody, release="app/4.0.0")).stdout
    finally:
        desk.world.db.rows("update device set revoked_at = now() where id = any(%s)",
                           [device["id"] for device in desk.fleet if device["revoked"]])
    done = desk.world.wavegate("campaign", "apply", none, expect=CONFLICT)
    assert "no device" in done.stderr
    assert desk.world.db.campaign_state("plan") is None


def test_devices_are_listed_by_wave(desk):
    waves = [{"name": "canary", "count": 12}, {"name": "rest", "remaining": True}]
    file = desk.file(TARGET, waves)
    listed = {which: desk.json(file, "--devices", which)["devices"]
              for which in ("canary", "rest", "all")}
    assert {one["wave"] for one in listed["canary"]} == {"canary"} and len(listed["canary"]) == 12
    assert sorted(listed["all"], key=str) == sorted(listed["canary"] + listed["rest"], key=str)
    assert [one["id"] for one in listed["all"]] == sorted(one["id"] for one in listed["all"])
    assert "devices" not in desk.json(file)
    text = desk.run(file, "--devices", "canary").stdout
    assert all(one["id"] in text for one in listed["canary"])
    for bad in ("canari", "", "CANARY"):
        done = desk.run(file, "--devices", bad, expect=USAGE)
        assert done.stdout == "" and "expected a wave, all or left-out" in done.stderr


def test_a_map_is_well_formed(desk, big):
    for place, target, name in ((desk, TARGET, "map"), (big, EVERYBODY, "map-of_all.1"),
                                (desk, {"tag": ["there-is-none"]}, "empty"),
                                (desk, {"software": {"app": "1.0.0"}}, "few")):
        drawn = place.world.folder / f"{name}.svg"
        waves = [{"name": "canary", "percent": 10}, {"name": "rest", "remaining": True}]
        told = place.run(place.file(target, waves, name=name, release="app/4.0.0"),
                         "--map", drawn).stdout
        root = ElementTree.fromstring(drawn.read_bytes())
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert name in "".join(root.itertext())
        assert "devices" in told
    done = desk.run(desk.file(TARGET), "--map", desk.world.folder / "none/map.svg", expect=None)
    assert done.returncode not in (0, PENDING) and "none/map.svg" in done.stderr


def test_the_way_back_is_looked_at(desk):
    states = {"2.0.0": "fits", "9.0.0": "missing", "2.1.0": "unfit", "2.2.0": "no path"}
    for version, state in states.items():
        file = desk.file(TARGET, rollback_to=f"app/{version}")
        signer = "" if state == "missing" else "rita"
        assert desk.json(file)["rollback"] == {"version": version, "state": state, "signed_by": signer,
                                               "unsigned": ""}, version
        assert f"app/{version}" in desk.run(file).stdout
    assert desk.json(desk.file(TARGET))["rollback"]["state"] == "none"


POLICY = {
    "rollback_to": "app/2.0.0",
    "gate": {"success": ">= 99%", "sample": "80%", "soak": "1d", "hook": {"run": "check"},
             "approvals": {"count": 2, "expires": "7d"}, "health": {"metric": "restarts"}},
    "pace": {"in_flight": 20, "per": {"site": 1, "rack": 2},
             "rate": {"start": "5/min", "factor": 1.5, "max": "40/min"}},
    "budget": {"failures": 3, "classes": {"silent": 0}, "on_exceeded": "rollback"},
    "window": [{"daily": "22:00-05:00", "days": ["sat", "sun"]}, {"daily": "12:00-13:00"}],
    "schedule": {"start": "2099-12-01T00:00:00Z", "end": "2099-12-02T00:00:00Z"},
    "retry": {"classes": {"download": {"attempts": 5}}}, "approvals": {"count": 1}}
POLICY_WAVES = [{"name": "first", "count": 20},
                {"name": "beside", "count": 20, "overlap": True, "gate": {"health": "none"}},
                {"name": "rest", "remaining": True}]
POLICY_TEXT = """
      gate      99% succeed of the first 80%, soak 1d, 2 approvals of rollout-admin (each \
good for 7d), hook check, restarts not 20% higher than before
      gate      99% succeed of the first 80%, soak 1d, 2 approvals of rollout-admin (each \
good for 7d), hook check
      gate      99% succeed of the first 80%, soak 1d, hook check, restarts not 20% higher than \
before
Starts after 1 approval of rollout-admin.
Schedule: from 2099-12-01 00:00:00 UTC, until 2099-12-02 00:00:00 UTC, then it pauses.
Window: 22:00-05:00 on sat, sun; 12:00-13:00 every day; by each device's own clock.
Pace: 20 updates at once, 2 in each rack, 1 in each site; 5 a minute at first, times 1.5 as they \
succeed, at most 40 a minute.
It ends by itself at 2099-12-02 00:00:00 UTC, before it can be through.
"""


def test_pace_windows_gates_and_times_are_shown(desk):
    file = desk.file(TARGET, POLICY_WAVES, **POLICY)
    told = desk.run(file).stdout
    lines = iter(told.splitlines())
    missing = [line for line in POLICY_TEXT.strip("\n").splitlines() if line not in lines]
    assert not missing, told
    assert "beside" in told and "(opens with the one before it)" in told
    assert "At worst 23 devices can be harmed" in told
    planned = desk.json(file)
    assert planned["policy"]["pace"] == {**POLICY["pace"], "rate": {**POLICY["pace"]["rate"],
                                                                    "factor": "1.5"}}
    assert planned["policy"]["window"][0]["zone"] == "device"
    assert planned["policy"]["schedule"]["at_end"] == "pause"
    assert [wave["overlap"] for wave in planned["waves"]] == [False, True, False]
    assert ["health" in wave["gate"] for wave in planned["waves"]] == [True, False, True]


def test_an_emergency_is_said_loudly(desk):
    told = desk.run(desk.file(TARGET, approvals={"count": 2}, gate={"soak": "7h"},
                              emergency={"for": "6h", "reason": "it burns"})).stdout
    assert "Emergency: for 6h from its start" in told and "it burns" in told
    assert "before it can be through" in told


def test_the_outlook_waits_for_schedule_rate_and_window(timed):
    def end_of(**more):
        file = timed.file(EVERYBODY, release="app/4.0.0", **more)
        line, = [line for line in timed.run(file).stdout.splitlines()
                 if line.startswith("Earliest end")]
        shortest = timed.json(file)["outlook"]["shortest_ms"]
        return times_of(line)[0], shortest
    members = timed.json(timed.file(EVERYBODY, release="app/4.0.0"))["members"]
    pace = {"in_flight": 1000}
    end, shortest = end_of(pace=pace, schedule={"start": "2099-12-01T00:00:00Z"})
    assert shortest == 95000
    assert end.isoformat().startswith("2099-12-01T00:01:35")
    end, _ = end_of(pace=pace, schedule={"start": "2099-12-01T00:00:00Z"},
                    window={"daily": "02:00-05:00", "zone": "Europe/Berlin"})
    assert end.isoformat().startswith("2099-12-01T01:01:35")
    rated = {**pace, "rate": {"start": "1/min", "factor": 1}}
    assert end_of(pace=rated)[1] == (members - 1) * 60000 + 95000
    work = (members - 1) * 60000 + 95000
    assert end_of(pace=rated, window={"daily": "02:00-03:00"})[1] == pytest.approx(24 * work)


def test_a_gate_counts_on_those_who_are_there(desk):
    """Nobody is online: who was seen a minute ago is expected within the hour."""
    planned = desk.json(desk.file(TARGET))
    outlook, members = planned["outlook"], planned["members"]
    assert outlook["away"]["within_1_hour"] == members > 60 and outlook["online"] == 0
    assert outlook["with_check_ins"] is None  # how long an update takes is not known
    told = desk.run(desk.file(TARGET)).stdout
    assert "not before 0s of pace and soaking, 1h if who is away comes back" in told
    assert f"Of the members 0 are online now; away, last seen: {members} within 1h." in told
    desk.world.db.rows("update device set online = true where not online")
    try:
        told = desk.run(desk.file(TARGET)).stdout
    finally:
        desk.world.db.rows("update device set online = false")
    assert f"Of the members {members} are online now.\n" in told and "comes back" not in told


def test_caps_per_attribute_make_rounds(desk):
    members = [device["id"] for device in desk.json(desk.file(TARGET), "--devices", "all")["devices"]]
    desk.world.db.rows("update device set attributes = jsonb_build_object('site', case when id = "
                       "any(%s) then 'north' else 'south' end) where id = any(%s)",
                       members[:40], members[:50])
    try:
        file = desk.file(TARGET, pace={"in_flight": 100, "per": {"site": 3, "rack": 1}})
        outlook, told = desk.json(file)["outlook"], desk.run(file).stdout
    finally:
        desk.world.db.rows("update device set attributes = '{}'")
    assert sorted(outlook["caps"], key=str) == [
        {"attribute": "rack", "most": 1, "crowd": 0, "rounds": 0},
        {"attribute": "site", "most": 3, "crowd": 40, "rounds": 14}]
    assert ("Of one site there are 40 members in a wave, and 3 may update at once: 14 updates one "
            "after the other.\n") in told
    assert "rack there" not in told


def test_listed_ids_that_are_not_in_the_wave_are_named(desk):
    members = [device["id"] for device in desk.json(desk.file(TARGET), "--devices", "all")["devices"]]
    _, reasons = kinds()
    revoked = next(one for one, reason in reasons.items() if reason == "is revoked")
    hub = next(one for one, reason in reasons.items() if reason == "does not match: hardware box")
    waves = [{"name": "lab", "devices": [members[0], "dev-0001", revoked, hub, "dev-O02"]},
             {"name": "second", "devices": [members[0], members[1]]},
             {"name": "rest", "remaining": True}]
    file = desk.file(TARGET, waves)
    strays = [{"id": "dev-0001", "reason": "is not registered"},
              {"id": "dev-O02", "reason": "is not registered"},
              {"id": revoked, "reason": "is revoked"},
              {"id": hub, "reason": "does not match: hardware box"}]
    planned = desk.json(file, "--devices", "all")
    assert sorted(planned["waves"][0]["strays"], key=str) == sorted(strays, key=str)
    # an earlier wave has it: it is in the campaign
    assert planned["waves"][1]["strays"] == [] and planned["waves"][1]["devices"] == 1
    assert all(one["wave"] for one in planned["devices"])
    for which, lists in (("lab", True), ("all", True), ("rest", False), ("left-out", False)):
        rows = [" ".join(line.split()) for line in desk.run(file, "--devices", which).stdout.splitlines()]
        assert [f"{one['id']} listed by lab; {one['reason']}" in rows for one in strays] == [lists] * 4
    told = desk.run(file).stdout
    line, = [line for line in told.splitlines() if "listed" in line]
    assert line.strip().startswith("4 of the 5 listed are not in it:") and "and 1 more" in line
    assert "dev-0001 (is not registered)" in line
    assert "listed" not in desk.run(desk.file(TARGET)).stdout


def test_exit_codes_and_that_nothing_changes(desk):
    tables = ("campaign", "wave", "place", "campaign_revision", "transition", "device", "release")

    def rows():
        return [desk.world.db.value(f"select count(*) from {table}") for table in tables]
    before = rows()
    file = desk.file(TARGET, name="codes")
    desk.run(file, expect=PENDING)
    desk.run(desk.file(TARGET, release="app/9.9.9"), expect=NOT_FOUND)
    desk.run(desk.world.folder / "none.yaml", expect=NOT_FOUND)
    desk.run(desk.file({"tag": []}), expect=USAGE)
    assert rows() == before
    desk.world.wavegate("campaign", "apply", file)
    try:
        assert desk.json(file, expect=0)["applied"] is True
        assert "Applied already" in desk.run(file, expect=0).stdout
        other = desk.file(TARGET, name="codes", pace={"in_flight": 7})
        assert "in_flight: 100 -> 7" in desk.run(other, expect=PENDING).stdout
        assert desk.json(other)["changes"].strip() == "pace.in_flight: 100 -> 7"
        desk.run(desk.file(TARGET, name="codes", release="app/4.0.0"), expect=CONFLICT)
    finally:
        desk.world.wavegate("campaign", "abort", "codes")
    desk.world.wait_campaign("codes", "aborted")


def test_overlaps_are_shown_with_who_goes_first(desk):
    for name, priority in (("urgent", 90), ("idle", 10)):
        desk.world.wavegate("campaign", "apply", desk.file(
            {"device": ["dev-13*", "dev-12*"]}, name=name, release="app/4.0.0", priority=priority))
    try:
        file = desk.file(TARGET, name="between")
        planned = desk.json(file, "--devices", "all")
        shared = sum(device.startswith(("dev-12", "dev-13")) for device in ids_of(planned))
        assert [(one["campaign"], one["priority"], one["devices"]) for one in planned["overlaps"]] \
            == [("urgent", 90, shared), ("idle", 10, shared)]
        text = desk.run(file).stdout
        assert f"{shared}  in urgent (running, priority 90): they do that one first" in text
        assert f"{shared}  in idle (running, priority 10): they do this one first" in text
    finally:
        for name in ("urgent", "idle"):
            desk.world.wavegate("campaign", "abort", name)
    for name in ("urgent", "idle"):
        desk.world.wait_campaign(name, "aborted")
    assert desk.json(file)["overlaps"] == []
