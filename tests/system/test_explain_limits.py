"""`device explain` of what limits a campaign: windows, caps for each value of an attribute, rates,
emergencies, slots given back, other campaigns that take over. Devices without agents."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from tests.system.crowd import Crowd



@pytest.fixture(scope="module")
def crowd(ground):
    made = Crowd(ground, "limits")
    yield made
    made.check_counts()
    made.close()


@pytest.fixture
def explain(crowd):
    def ask(device, name):
        told = json.loads(crowd.world.wavegate("device", "explain", device, "--campaign", name,
                                               "--json").stdout)["campaigns"][0]
        assert "unknown" not in json.dumps(told)
        return told
    return ask


def now_holds(crowd, explain, device, name, holds):
    """Waits until that is what holds the device; the whole explanation."""
    def held():
        told = explain(device, name)
        return told if told["holds"] == holds else None
    return crowd.world.wait(f"{device} is held by {holds} in {name}", held)


def seconds_until(text):
    return (datetime.fromisoformat(text.replace("Z", "+00:00"))
            - datetime.now(timezone.utc)).total_seconds()


def shut_window(zone, offset):
    """A window of half an hour that opens in about three hours by the clock in that zone."""
    begins = datetime.now(timezone.utc) + timedelta(hours=offset + 3)
    ends = begins + timedelta(minutes=30)
    return {"daily": f"{begins:%H:%M}-{ends:%H:%M}", "zone": zone}


def test_a_window_opens_in_the_time_of_the_device(crowd, explain):
    crowd.join("shut", 1, zone="Asia/Tokyo")
    crowd.join("lost", 1)
    crowd.apply("windows", {"any": [{"device": ["shut-00", "lost-00"]}]},
                window=shut_window("device", 9))
    told = now_holds(crowd, explain, "shut-00", "windows", "window")
    assert told["reason"].startswith("waits: its maintenance window opens ")
    assert told["reason"].endswith("+09:00 (Asia/Tokyo)")
    assert 2.9 * 3600 < seconds_until(told["until"]) <= 3 * 3600
    assert (told["window"]["zone"], told["window"]["open"]) == ("Asia/Tokyo", False)
    assert told["window"]["next"] == told["until"]
    told = explain("lost-00", "windows")
    assert (told["holds"], told["until"]) == ("zone", None)
    assert told["reason"] == ("waits: it has not said its time zone; wavegate device import gives "
                              "it one")
    status = crowd.world.wavegate("campaign", "status", "windows").stdout
    assert "open in 0 of 1 time zones, next opens " in status and "(Asia/Tokyo)" in status
    crowd.leave("shut-00")
    told = explain("shut-00", "windows")
    assert told["holds"] == "offline" and "its maintenance window opens " in told["reason"]


def test_a_window_of_the_site_asks_where_it_stands(crowd, explain):
    crowd.join("site", 1, zone="Asia/Tokyo")
    crowd.apply("sites", {"device": ["site-00"]}, window=shut_window("site", 0))
    told = now_holds(crowd, explain, "site-00", "sites", "zone")
    assert "the time zone of where it stands is not known" in told["reason"]
    assert told["window"] == {"zone": None, "open": None, "next": None}


def test_one_device_of_a_site_at_a_time(crowd, explain):
    first, second = crowd.join("per", 2, attributes={"site": "plant-7"})
    crowd.apply("per", {"device": ["per-*"]}, pace={"per": {"site": 1}}, budget={"failures": 1},
                gate={"success": ">= 1%"},
                timeout={"silent": "1s", "probation": "1s", "offer": "60s"})
    crowd.world.wait("one is in hand", lambda: len(crowd.in_hand("per")) == 1)
    busy, = crowd.in_hand("per")
    idle, = {first, second} - {busy}
    told = now_holds(crowd, explain, idle, "per", "value-cap")
    assert told["reason"] == (f"waits: 1 of 1 device with site plant-7 has an update in hand: "
                              f"{busy} (offered in campaign per)")
    crowd.report("per", busy, "rebooting")
    crowd.world.wait_place("per", busy, "silent")
    told = now_holds(crowd, explain, idle, "per", "value-cap")
    assert f"{busy} (went silent in campaign per " in told["reason"]
    assert told["reason"].endswith(" ago, and counts until it is heard)")
    crowd.hello(busy)
    crowd.finish("per", idle)


def test_a_rate_says_when_the_next_may_be_offered(crowd, explain):
    crowd.join("rate", 3)
    crowd.apply("rate", {"device": ["rate-*"]}, pace={"rate": {"start": "1/min"}})
    crowd.world.wait("one is in hand", lambda: len(crowd.in_hand("rate")) == 1)
    idle = min({"rate-00", "rate-01", "rate-02"} - crowd.in_hand("rate"))
    told = explain(idle, "rate")
    assert told["holds"] == "rate"
    assert told["reason"].startswith("waits: 1 device was offered the update in the last minute, 1 "
                                     "may be; the next at ")
    assert 30 < seconds_until(told["until"]) <= 60
    assert told["rate"] == {"in_a_minute": 1, "in_the_last": 1, "next": told["until"]}
    assert "at most 1 a minute (used up until " in crowd.world.wavegate(
        "campaign", "status", "rate").stdout


def test_a_slot_is_given_back_by_who_goes_away(crowd, explain):
    device, = crowd.join("away", 1)
    crowd.apply("away", {"device": [device]})
    crowd.world.wait_place("away", device, "offered")
    crowd.report("away", device, "downloading")
    crowd.world.wait_place("away", device, "downloading")
    crowd.leave(device)
    told = now_holds(crowd, explain, device, "away", "given-back")
    assert told["reason"].startswith("waits: it went offline with its update in hand ")
    assert "it keeps what it has done" in told["reason"]
    assert told["attempts"] == {"number": 1, "spent": 0, "again_at": None, "ready_at": None}
    crowd.hello(device)
    crowd.finish("away", device)


def test_who_has_it_already_is_satisfied(crowd, explain):
    device, = crowd.join("have", 1)
    crowd.leave(device)
    crowd.apply("have", {"device": [device]})
    crowd.hello(device, version="3.0.0")
    crowd.world.wait_place("have", device, "satisfied")
    told = explain(device, "have")
    assert (told["holds"], told["reason"]) == (
        "satisfied", "ran app 3.0.0 already when its turn came: nothing was to be done")
    crowd.world.wait_campaign("have", "finished")
    assert "1 satisfied" in crowd.world.wavegate("campaign", "status", "have").stdout


def test_a_later_campaign_takes_its_place(crowd, explain):
    device, = crowd.join("old", 1)
    crowd.leave(device)
    crowd.apply("older", {"device": [device]})
    crowd.apply("newer", {"device": [device]}, release="app/4.0.0", supersedes=["older"])
    told = now_holds(crowd, explain, device, "older", "superseded")
    assert told["reason"] == "was not updated: campaign newer supersedes it"
    crowd.world.wait_campaign("older", "finished")


def test_an_emergency_goes_first(crowd, explain):
    device, other = crowd.join("fire", 2)
    crowd.apply("calm", {"device": ["fire-*"]}, pace={"in_flight": 1})
    crowd.world.wait("one is in hand", lambda: len(crowd.in_hand("calm")) == 1)
    crowd.apply("alarm", {"device": ["fire-*"]}, release="app/4.0.0", priority=0,
                pace={"in_flight": 1},
                approvals={"role": "rollout-admin", "count": 2},
                emergency={"for": "1h", "reason": "it is exploited"})
    assert explain(device, "alarm")["holds"] == "approvals"
    for operator in ("bob", "carol"):
        crowd.world.wavegate("campaign", "approve", "alarm", operator=operator)
    crowd.world.wait("the emergency has one", lambda: len(crowd.in_hand("alarm")) == 1)
    busy, = crowd.in_hand("alarm")
    idle, = {device, other} - {busy}
    told = now_holds(crowd, explain, busy, "calm", "emergency")
    assert told["reason"].startswith("waits: the emergency campaign alarm ")
    told = now_holds(crowd, explain, idle, "calm", "emergency")
    assert told["reason"] == "waits: the emergency campaign alarm goes first"
    listed = crowd.world.wavegate("campaign", "list").stdout
    assert "running, emergency" in listed
    crowd.finish("alarm", busy)
    crowd.finish("alarm", idle)


def test_a_gate_says_what_its_hook_said(crowd, explain):
    first, second = crowd.join("hook", 2)
    crowd.apply("hook", {"device": ["hook-*"]}, [
        {"name": "head", "devices": [first], "gate": {"hook": {"run": "not-there", "every": "5m"}}},
        {"name": "rest", "remaining": True}])
    crowd.finish("hook", first)
    told = now_holds(crowd, explain, second, "hook", "gate-hook")
    told = crowd.world.wait("it was asked", lambda: next(
        (found for found in [explain(second, "hook")] if found["until"]), None))
    assert "wave head is at its gate: hook not-there says not yet: " in told["reason"]
    assert 4 * 60 < seconds_until(told["until"]) <= 5 * 60
    status = json.loads(crowd.world.wavegate("campaign", "status", "hook", "--json").stdout)
    assert status["waves"][0]["hook"]["answer"] == "hold"
    assert status["waves"][0]["hook"]["words"]
