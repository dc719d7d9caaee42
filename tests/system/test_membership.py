"""Who comes later, and who goes first: membership, after, excludes, priority."""

import pytest

from tests.lab.mqtt import settle
from tests.system.crowd import Crowd

NOT_FOUND, CONFLICT = 5, 6
HEAD_AND_REST = [{"name": "head", "count": 2}, {"name": "rest", "remaining": True}]


@pytest.fixture(scope="module")
def crowd(ground):
    made = Crowd(ground, "membership")
    yield made
    made.check_counts()
    made.close()


def continuous(crowd, name, target, waves=None, **more):
    return crowd.apply(name, target, waves, membership="continuous", **more)


def wait_member(crowd, name, device, wave=None):
    crowd.world.wait(f"{device} has joined {name}", lambda: device in crowd.db.places(name), 10)
    if wave:
        assert device in crowd.waves(name)[wave]


# after


def test_nothing_is_offered_before_the_other_has_finished(crowd):
    first, second = crowd.join("one", 2), crowd.join("two", 2)
    crowd.apply("one", {"device": ["one-*"]})
    crowd.apply("two", {"device": ["two-*"]}, after=["one"])
    crowd.finish("one", first[0])
    settle()
    assert crowd.db.campaign_state("two") == "scheduled"
    assert {state for state, _ in crowd.db.places("two").values()} == {"waiting"}
    assert crowd.db.wave_states("two") == {"rest": "pending"}
    status = crowd.world.wavegate("campaign", "status", "two").stdout
    assert "scheduled" in status and "one" in status
    crowd.finish("one", first[1])
    crowd.world.wait_campaign("one", "finished")
    crowd.finish("two", *second)
    crowd.world.wait_campaign("two", "finished")
    moved = crowd.db.rows("select from_state, to_state from transition t join campaign c on "
                          "c.id = t.campaign_id where c.name = 'two' and wave is null "
                          "order by t.id")
    assert moved == [("", "scheduled"), ("scheduled", "running"), ("running", "finished")]


def test_after_several_waits_for_all(crowd):
    devices = crowd.join("several", 3)
    crowd.apply("several-a", {"device": devices[:1]})
    crowd.apply("several-b", {"device": devices[1:2]})
    crowd.apply("several-c", {"device": devices[2:]}, after=["several-a", "several-b"])
    crowd.finish("several-b", devices[1])
    crowd.world.wait_campaign("several-b", "finished")
    settle()
    assert crowd.db.campaign_state("several-c") == "scheduled"
    crowd.finish("several-a", devices[0])
    crowd.finish("several-c", devices[2])


def test_after_an_aborted_campaign_nothing_begins(crowd):
    devices = crowd.join("dead", 2)
    crowd.apply("dead-a", {"device": devices[:1]})
    crowd.apply("dead-b", {"device": devices[1:]}, after=["dead-a"])
    crowd.world.wavegate("campaign", "abort", "dead-a")
    crowd.world.wait("the abort is under way",
                     lambda: crowd.db.campaign_state("dead-a") in ("stopping", "aborted"))
    settle()
    assert crowd.db.campaign_state("dead-b") == "scheduled"
    crowd.world.wavegate("campaign", "abort", "dead-b")
    crowd.world.wait_campaign("dead-b", "aborted")


def test_after_a_campaign_that_is_none_is_refused(crowd):
    crowd.join("lonely", 1)
    told = crowd.apply("lonely", {"device": ["lonely-*"]}, after=["there-is-none"],
                       expect=NOT_FOUND)
    assert "there-is-none" in told
    assert crowd.db.campaign_state("lonely") is None


# excludes


def test_devices_with_a_place_in_an_excluded_campaign_are_left_out(crowd):
    devices = crowd.join("apart", 4)
    crowd.apply("apart-a", {"device": devices[:2]})
    crowd.finish("apart-a", devices[0])
    crowd.apply("apart-b", {"device": ["apart-*"]}, excludes=["apart-a"], release="app/4.0.0")
    assert set(crowd.db.places("apart-b")) == set(devices[2:])


@pytest.mark.parametrize("target,more", [
    ({"device": ["slip-*"]}, {"excludes": ["apart-c"]}),
    ({"device": ["slip-*"]}, {"supersedes": ["apart-c"]}),
    ({"any": [{"device": ["slip-*"]}, {"succeeded_in": "apart-c"}]}, {}),
    ({"device": ["slip-*"], "not": [{"failed_in": "apart-c"}]}, {}),
    ({"any": [{"device": ["slip-*"]}, {"not": {"any": [{"failed_in": ["apart-c"]}]}}]}, {})])
def test_a_campaign_that_is_none_is_refused(crowd, target, more):
    """A slip in a name would let in whom it was to keep out."""
    crowd.join("slip", 1)
    told = crowd.apply("slip", target, expect=NOT_FOUND, **more)
    assert "apart-c" in told
    assert crowd.db.campaign_state("slip") is None


# priority


def orders(crowd, device):
    """Campaigns that have given the device an install order, in turn."""
    return [name for name, in crowd.db.rows(
        "select c.name from update_order o join campaign c on c.id = o.campaign_id "
        "where device_id = %s and kind = 'install' order by o.made_at", device)]


def test_the_higher_priority_goes_first_then_the_older(crowd):
    """All three wait for the device; it does one update at a time."""
    device, = crowd.join("turn", 1)
    crowd.leave(device)
    for name, priority in (("turn-old", 50), ("turn-young", 50), ("turn-urgent", 80)):
        crowd.apply(name, {"device": [device]}, priority=priority, release="app/4.0.0")
        crowd.world.wait(f"{name} is open", lambda: crowd.db.wave_states(name)["rest"] == "open")
    crowd.hello(device)
    for turn, name in enumerate(("turn-urgent", "turn-old", "turn-young")):
        crowd.world.wait_place(name, device, "offered")
        assert orders(crowd, device) == ["turn-urgent", "turn-old", "turn-young"][:turn + 1]
        assert crowd.db.value("select count(*) from place where device_id = %s and state = "
                              "'offered'", device) == 1
        crowd.report(name, device, "failed", cause="install", detail="not today")


def test_what_is_in_hand_is_finished_first(crowd):
    device, = crowd.join("hand", 1)
    crowd.apply("hand-idle", {"device": [device]}, priority=0)
    crowd.world.wait_place("hand-idle", device, "offered")
    crowd.apply("hand-urgent", {"device": [device]}, priority=100, release="app/4.0.0")
    crowd.world.wait("it is open", lambda: crowd.db.wave_states("hand-urgent")["rest"] == "open")
    settle()
    assert crowd.db.state_of("hand-urgent", device) == "waiting"
    crowd.finish("hand-idle", device)
    crowd.finish("hand-urgent", device)
    assert orders(crowd, device) == ["hand-idle", "hand-urgent"]


def test_who_cannot_offer_now_holds_nobody_back(crowd):
    """Paused, scheduled, and pending waves of a higher priority do not."""
    devices = crowd.join("idle", 3)
    crowd.leave(*devices)
    crowd.apply("idle-paused", {"device": ["idle-*"]}, priority=90)
    crowd.world.wavegate("campaign", "pause", "idle-paused")
    crowd.apply("idle-later", {"device": ["idle-*"]}, priority=90, after=["idle-paused"])
    crowd.apply("idle-wave", {"device": ["idle-*"]}, priority=90, waves=[
        {"name": "first", "devices": devices[:1]}, {"name": "rest", "remaining": True}])
    crowd.apply("idle-low", {"device": ["idle-*"]}, priority=1, release="app/4.0.0")
    crowd.world.wait("they are open", lambda: crowd.db.wave_states("idle-low")["rest"] == "open"
                     and crowd.db.wave_states("idle-wave")["first"] == "open")
    crowd.hello(*devices)
    for device in devices[1:]:
        crowd.world.wait_place("idle-low", device, "offered")
    crowd.world.wait_place("idle-wave", devices[0], "offered")
    assert crowd.in_hand("idle-low") == set(devices[1:])
    assert crowd.in_hand("idle-paused") | crowd.in_hand("idle-later") == set()


def test_a_revision_changes_who_goes_first(crowd):
    device, = crowd.join("swap", 1)
    crowd.leave(device)
    crowd.apply("swap-a", {"device": [device]}, priority=60)
    crowd.apply("swap-b", {"device": [device]}, priority=40, release="app/4.0.0")
    told = crowd.apply("swap-b", {"device": [device]}, priority=70, release="app/4.0.0")
    assert told["changes"] == "priority: 40 -> 70\n"
    crowd.world.wait("both are open", lambda: {
        crowd.db.wave_states(name)["rest"] for name in ("swap-a", "swap-b")} == {"open"})
    crowd.hello(device)
    crowd.finish("swap-b", device)
    crowd.finish("swap-a", device)


# membership


def test_who_comes_to_match_joins_by_tag_hello_version_group_and_place(crowd):
    """Within moments, not when the whole fleet is looked at the next time."""
    devices = crowd.join("late", 8)
    near = {"position": {"lat": 60.0, "lon": 25.0}}
    continuous(crowd, "late", {"device": ["late-*", "new-*"], "any": [
        {"tag": ["beta"]}, {"group": ["testers"]}, {"software": {"app": ">=1.5.0"}},
        {"region": ["FI"]}, {"within": {"lat": 60, "lon": 25, "km": 10}},
        {"attribute": {"site": "helsinki"}}, {"hardware": {"model": "box", "revision": ">=D"}}]})
    assert crowd.db.places("late") == {}
    crowd.world.wait("it is open", lambda: crowd.db.wave_states("late")["rest"] == "open")
    events = [
        lambda device: crowd.world.wavegate("device", "tag", device, "+beta", operator="dave"),
        lambda device: crowd.world.wavegate("group", "add", "testers", device, operator="dave"),
        lambda device: crowd.hello(device, version="1.5.0"),
        lambda device: crowd.hello(device, region="FI"),
        lambda device: crowd.hello(device, **near),
        lambda device: crowd.hello(device, attributes={"site": "helsinki"}),
        lambda device: crowd.hello(device, hardware={"model": "box", "revision": "D"})]
    for device, event in zip(devices, events):
        event(device)
    crowd.hello("new-00", region="FI")
    joined = {*devices[:7], "new-00"}
    for device in joined:
        wait_member(crowd, "late", device)
    assert set(crowd.db.places("late")) == joined
    crowd.finish("late", *joined)
    crowd.check_counts()
    settle()
    assert crowd.db.campaign_state("late") == "running"
    assert crowd.db.wave_states("late") == {"rest": "open"}
    assert set(crowd.db.places("late")) == joined  # who has the release does not join again
    status = crowd.world.wavegate("campaign", "status", "late").stdout
    assert "open for devices that come to match" in status


def test_a_tag_lets_a_silent_device_join(crowd):
    """Nothing but the tag changes: it says no hello that would draw a look at it."""
    device, = crowd.join("tagged", 1)
    crowd.join("other", 1)
    continuous(crowd, "tagged", {"device": ["tagged-*", "other-*"], "tag": ["join"]})
    crowd.world.wavegate("device", "tag", "other-00", "+join", operator="dave")
    wait_member(crowd, "tagged", "other-00")
    crowd.db.rows("update device set changed_at = now() - interval '1 hour' where id = %s", device)
    crowd.world.wavegate("device", "tag", device, "+join", operator="dave")
    wait_member(crowd, "tagged", device)


def test_they_join_the_last_wave_that_is_open(crowd):
    devices = crowd.join("last", 4)
    continuous(crowd, "last", {"device": ["last-*"]}, HEAD_AND_REST)
    head = crowd.waves("last")["head"]
    crowd.world.wait("the head is offered", lambda: crowd.in_hand("last") == head)
    crowd.join("last-x", 1)
    wait_member(crowd, "last", "last-x-00", "head")
    crowd.finish("last", *head, "last-x-00")
    crowd.world.wait("the rest is open", lambda: crowd.db.wave_states("last") ==
                     {"head": "passed", "rest": "open"})
    crowd.join("last-y", 1)
    wait_member(crowd, "last", "last-y-00", "rest")
    crowd.finish("last", "last-y-00", *set(devices) - head)
    assert crowd.db.campaign_state("last") == "running"
    crowd.check_counts()


def test_they_join_at_its_pace(crowd):
    crowd.join("slow", 1)
    continuous(crowd, "slow", {"device": ["slow-*"]}, pace={"in_flight": 2})
    crowd.world.wait_place("slow", "slow-00", "offered")
    later = crowd.join("slow-later", 6)
    for device in later:
        wait_member(crowd, "slow", device)
    crowd.world.wait("two are in hand", lambda: len(crowd.in_hand("slow")) == 2)
    left = {"slow-00", *later}
    while left:
        device = sorted(crowd.world.wait("somebody is offered",
                                         lambda: crowd.in_hand("slow") & left))[0]
        assert len(crowd.in_hand("slow")) <= 2
        crowd.finish("slow", device)
        left.remove(device)


def test_waves_that_name_their_devices_do_not_stand_in_the_way(crowd):
    """Their lists and spreads ask for values that a look for new members has no use for."""
    devices = crowd.join("listed", 3)
    continuous(crowd, "listed", {"device": ["listed-*"]}, [
        {"name": "lab", "devices": devices[:1]}, {"name": "chosen", "select": {"tag": ["none"]}},
        {"name": "canary", "count": 1, "spread": ["attribute.site", "software.app"]},
        {"name": "rest", "remaining": True}])
    crowd.world.wait_place("listed", devices[0], "offered")
    crowd.join("listed-x", 1)
    wait_member(crowd, "listed", "listed-x-00", "lab")


def test_who_may_not_be_in_it_does_not_join(crowd):
    crowd.join("choosy", 1)
    crowd.join("choosy-had", 1)
    crowd.apply("choosy-a", {"device": ["choosy-had-00"]})
    continuous(crowd, "choosy", {"device": ["choosy-*"]}, excludes=["choosy-a"])
    crowd.world.wait_place("choosy", "choosy-00", "offered")
    crowd.db.rows("insert into device (id, registered_at, revoked_at) values "
                  "('choosy-revoked', now(), now())")
    crowd.hello("choosy-there", version="3.0.0")
    crowd.hello("choosy-had-00", region="AT")
    crowd.hello("choosy-last")  # looked at together with the others, or behind them
    wait_member(crowd, "choosy", "choosy-last")
    assert set(crowd.db.places("choosy")) == {"choosy-00", "choosy-last"}


def test_a_snapshot_takes_nobody_in(crowd):
    crowd.join("still", 2)
    crowd.apply("still", {"device": ["still-*"]}, pace={"in_flight": 1})
    continuous(crowd, "moving", {"device": ["still-*"]}, release="app/4.0.0")
    crowd.join("still-later", 1)
    wait_member(crowd, "moving", "still-later-00")
    settle()
    assert set(crowd.db.places("still")) == {"still-00", "still-01"}


def test_membership_can_be_revised(crowd):
    crowd.join("both", 1)
    target = {"device": ["both-*"]}
    crowd.apply("both", target)
    told = continuous(crowd, "both", target)
    assert told["changes"] == "membership: snapshot -> continuous\n"
    crowd.join("both-a", 1)
    wait_member(crowd, "both", "both-a-00")
    continuous(crowd, "both", {"device": ["both-*"], "region": ["AT"]})
    crowd.join("both-b", 1)
    crowd.join("both-c", 1, region="AT-9")
    wait_member(crowd, "both", "both-c-00")  # by the target as it is now
    assert "both-b-00" not in crowd.db.places("both")
    crowd.apply("both", target)
    continuous(crowd, "both-witness", target, release="app/4.0.0")
    crowd.join("both-d", 1)
    wait_member(crowd, "both-witness", "both-d-00")
    settle()
    assert "both-d-00" not in crowd.db.places("both")
    crowd.check_counts()


def test_it_joins_nobody_while_it_is_paused(crowd):
    crowd.join("rests", 1)
    continuous(crowd, "rests", {"device": ["rests-*"]})
    crowd.world.wait_place("rests", "rests-00", "offered")
    crowd.world.wavegate("campaign", "pause", "rests")
    crowd.join("rests-later", 1)
    settle()
    assert set(crowd.db.places("rests")) == {"rests-00"}
    crowd.world.wavegate("campaign", "resume", "rests")
    wait_member(crowd, "rests", "rests-later-00")


def test_empty_waves_are_skipped_when_it_runs(crowd):
    devices = crowd.join("gap", 1)
    crowd.apply("gap", {"device": ["gap-*"]}, [
        {"name": "nobody", "select": {"tag": ["there-is-none"]},
         "gate": {"approvals": {"count": 2}, "soak": "1h"}}, {"name": "rest", "remaining": True}])
    crowd.finish("gap", *devices)
    crowd.world.wait_campaign("gap", "finished")
    assert crowd.db.value("select w.cause from wave w join campaign c on c.id = w.campaign_id "
                          "where c.name = 'gap' and number = 0") == "no devices"
