"""Applying again: what a revision changes at once, what it may not touch, and what it shows."""

import json
import subprocess
import threading

import psycopg2
import pytest

from tests.lab.mqtt import settle
from tests.lab.programs import SLOWER, span
from tests.system import seeded
from tests.system.crowd import Crowd

USAGE, PENDING, DENIED, CONFLICT = 2, 3, 4, 6
HEAD_AND_REST = [{"name": "head", "count": 2}, {"name": "rest", "remaining": True}]


@pytest.fixture(scope="module")
def crowd(ground):
    made = Crowd(ground, "revision")
    seeded.add_release(made.world, "2.0.0")
    seeded.add_release(made.world, "2.1.0", hardware="hub")
    seeded.add_release(made.world, "2.2.0", from_="<2.0.0")
    yield made
    made.check_counts()
    made.close()


def revisions(crowd, name):
    return crowd.db.rows("select r.revision, r.author, r.changes from campaign_revision r join "
                         "campaign c on c.id = r.campaign_id where c.name = %s order by 1", name)


def test_a_change_of_pace_takes_effect_at_once_and_is_kept(crowd):
    crowd.join("pace", 8)
    target = {"device": ["pace-*"]}
    assert crowd.apply("pace", target, pace={"in_flight": 2})["revision"] == 1
    crowd.world.wait("two are offered", lambda: len(crowd.in_hand("pace")) == 2)
    text = crowd.world.wavegate("campaign", "apply", crowd.file(
        "pace", target, pace={"in_flight": 5})).stdout
    assert text.startswith("pace.in_flight: 2 -> 5\n") and "revision 2" in text
    crowd.world.wait("five are offered", lambda: len(crowd.in_hand("pace")) == 5)
    told = crowd.apply("pace", target, pace={"in_flight": 1}, retry={"attempts": 3}, operator="bob")
    assert told["revision"] == 3 and told["changed"] is True
    assert sorted(told["changes"].splitlines()) == ["pace.in_flight: 5 -> 1",
                                                    "retry.attempts: 1 -> 3"]
    crowd.finish("pace", *sorted(crowd.in_hand("pace"))[:4])
    assert len(crowd.in_hand("pace")) == 1  # nobody was offered more while four were finished
    assert [row[:2] for row in revisions(crowd, "pace")] == [(1, "alice"), (2, "alice"), (3, "bob")]
    assert crowd.db.value("select author from campaign where name = 'pace'") == "bob"
    texts = crowd.db.rows("select r.text, r.digest from campaign_revision r join campaign c on "
                          "c.id = r.campaign_id where c.name = 'pace' order by r.revision")
    assert ['"in_flight": 2' in texts[0][0], '"in_flight": 5' in texts[1][0]] == [True, True]
    assert len({digest for _, digest in texts}) == 3
    assert crowd.db.rows("select t.actor from transition t join campaign c on c.id = t.campaign_id "
                         "where c.name = 'pace' and t.cause = 'revised' order by t.id") \
        == [("alice",), ("bob",)]
    same = crowd.apply("pace", target, pace={"in_flight": 1}, retry={"attempts": 3})
    assert same["changed"] is False and same["revision"] == 3 and len(revisions(crowd, "pace")) == 3


def test_a_change_of_budget_takes_effect_at_once(crowd):
    devices = crowd.join("budget", 6)
    target, gate = {"device": ["budget-*"]}, {"success": ">= 10%"}
    crowd.apply("budget", target, budget={"failures": 2}, gate=gate)
    crowd.finish("budget", *devices[:2], state="failed", cause="install", detail="no room")
    assert crowd.db.campaign_state("budget") == "running"
    crowd.apply("budget", target, budget={"failures": 1}, gate=gate)
    crowd.world.wait_campaign("budget", "paused")
    assert "2 of 6 devices failed, 1 tolerated" in crowd.db.value(
        "select cause from campaign where name = 'budget'")
    crowd.apply("budget", target, budget={"failures": 3}, gate=gate)
    assert crowd.db.campaign_state("budget") == "paused"  # going on is a decision of its own
    crowd.world.wavegate("campaign", "resume", "budget")
    crowd.finish("budget", *devices[2:])
    crowd.world.wait_campaign("budget", "finished")
    crowd.check_counts()


OPEN = [{"name": "lab", "devices": ["past-00", "past-01"], "gate": {"success": ">= 90%"}},
        {"name": "canary", "count": 2, "gate": {"success": ">= 90%"}},
        {"name": "rest", "remaining": True}]


def changed(number, **changes):
    """The waves, one of them with changes; None takes a key away."""
    waves = [dict(wave) for wave in OPEN]
    waves[number].update(changes)
    waves[number] = {key: value for key, value in waves[number].items() if value is not None}
    return waves


@pytest.fixture(scope="module")
def past(crowd):
    """A campaign whose first wave has passed, whose second is open and whose third is pending."""
    devices = crowd.join("past", 7)
    crowd.apply("past", {"device": ["past-*"]}, OPEN)
    crowd.finish("past", *devices[:2])
    crowd.world.wait("the second wave is open",
                     lambda: crowd.db.wave_states("past")["canary"] == "open")
    crowd.world.wait("and offered", lambda: len(crowd.in_hand("past")) == 2)
    assert crowd.db.wave_states("past") == {"lab": "passed", "canary": "open", "rest": "pending"}
    return devices


REWRITES = {
    "another version": ({"release": "app/4.0.0"}, "app/4.0.0"),
    "a list": ({"waves": changed(0, devices=["past-00", "past-05"])}, "wave lab"),
    "a longer list": ({"waves": changed(0, devices=["past-00", "past-01", "past-02"])}, "wave lab"),
    "a count": ({"waves": changed(1, count=3)}, "wave canary"),
    "a spread": ({"waves": changed(1, spread=["region"])}, "wave canary"),
    "another kind": ({"waves": changed(1, count=None, percent=20)}, "wave canary"),
    "a selector": ({"waves": changed(0, devices=None, select={"device": ["past-0*"]})}, "wave lab"),
    "another name": ({"waves": changed(0, name="lab2")}, "wave lab"),
    "another order": ({"waves": [OPEN[1], OPEN[0], OPEN[2]]}, "wave"),
    "one taken away": ({"waves": OPEN[:1]}, "wave canary"),
    "the first taken away": ({"waves": OPEN[1:]}, "wave"),
    "one put before": ({"waves": [{"name": "new", "count": 1}, *OPEN]}, "wave lab"),
    "a gate that was passed": ({"waves": changed(0, gate={"success": ">= 50%"})}, "wave lab"),
}


@pytest.mark.parametrize("what", REWRITES)
def test_the_past_is_not_rewritten(crowd, past, what):
    changes, words = REWRITES[what]
    crowd.world.wait("everything is at rest", lambda: not crowd.db.inconsistencies())
    before = crowd.stored("past")
    arguments = {"target": {"device": ["past-*"]}, "waves": OPEN, **changes}
    told = crowd.apply("past", expect=CONFLICT, **arguments)
    assert words in told and "past" in told
    file = crowd.file("past", **arguments)
    assert words in crowd.world.wavegate("campaign", "plan", file, expect=CONFLICT).stderr
    assert crowd.stored("past") == before


def test_several_rewrites_are_told_at_once(crowd, past):
    told = crowd.apply("past", {"device": ["past-*"]}, changed(1, count=3), expect=CONFLICT,
                       release="app/4.0.0")
    assert "app/4.0.0" in told and "wave canary" in told


def test_the_gate_of_a_wave_that_is_open_may_change(crowd, past):
    """It is still to come. That of one that was passed may not (above)."""
    told = crowd.apply("past", {"device": ["past-*"]}, changed(1, gate={"success": ">= 50%"}))
    assert "waves.canary.gate.success: >= 90% -> >= 50%" in told["changes"]
    crowd.apply("past", {"device": ["past-*"]}, OPEN)
    crowd.check_counts()


def test_an_ended_campaign_is_not_revised(crowd):
    devices = crowd.join("ended", 1)
    crowd.apply("ended", {"device": ["ended-*"]})
    crowd.finish("ended", *devices)
    crowd.world.wait_campaign("ended", "finished")
    before = crowd.stored("ended")
    told = crowd.apply("ended", {"device": ["ended-*"]}, pace={"in_flight": 3}, expect=CONFLICT)
    assert "finished" in told and "another name" in told
    assert crowd.stored("ended") == before
    assert crowd.apply("ended", {"device": ["ended-*"]})["changed"] is False


def test_a_new_target_re_makes_pending_waves_only(crowd):
    """Opened ones keep their members, also those that the new target does not mean."""
    crowd.join("north", 12)
    crowd.leave(*[f"north-{number:02}" for number in range(12)])
    crowd.join("south", 12, region="AT-9")
    crowd.leave(*[f"south-{number:02}" for number in range(12)])
    waves = [{"name": "first", "count": 4}, {"name": "second", "percent": 25},
             {"name": "third", "count": 3}, {"name": "rest", "remaining": True}]
    everybody = {"device": ["north-*", "south-*"]}
    crowd.apply("remade", everybody, waves)
    crowd.world.wait("the first is open", lambda: crowd.db.wave_states("remade")["first"] == "open")
    before, kept_rows = crowd.waves("remade"), crowd.stored("remade")[2]
    assert [len(before[wave["name"]]) for wave in waves] == [4, 6, 3, 11]
    south = {**everybody, "region": ["AT"]}
    planned = crowd.plan("remade", south, waves)
    told = crowd.apply("remade", south, waves)
    assert "target" in told["changes"]
    after = crowd.waves("remade")
    assert after["first"] == before["first"]
    kept_south = sum(device.startswith("south") for device in before["first"])
    pending = set().union(*(after[wave] for wave in ("second", "third", "rest")))
    assert pending == {f"south-{number:02}" for number in range(12)} - before["first"]
    matched = 4 + 12 - kept_south
    assert [len(after[wave["name"]]) for wave in waves] == \
        [4, -(-matched // 4), 3, 12 - kept_south - 3 - -(-matched // 4)]
    assert [wave["devices"] for wave in planned["waves"]] == \
        [len(after[wave["name"]]) for wave in waves]
    assert [wave["opened"] for wave in planned["waves"]] == [True, False, False, False]
    assert told["devices"] == planned["members"] == matched
    first_rows = [row for row in kept_rows if row[1] in before["first"]]
    assert [row for row in crowd.stored("remade")[2] if row[1] in before["first"]] == first_rows
    crowd.check_counts()
    fewer = [waves[0], {"name": "new", "count": 2}, waves[3]]
    told = crowd.apply("remade", everybody, fewer)
    assert any(line.startswith("- waves.third") for line in told["changes"].splitlines())
    assert any(line.startswith("+ waves.new") for line in told["changes"].splitlines())
    assert {name: len(members) for name, members in crowd.waves("remade").items()} == \
        {"first": 4, "new": 2, "rest": 18}
    crowd.check_counts()


def test_the_plan_of_a_revision_knows_the_opened_waves(crowd):
    """They are members: they are listed, kept in a saved plan and drawn on a map."""
    crowd.join("known", 6, position={"lat": 48, "lon": 11})
    target, file = {"device": ["known-*"]}, crowd.world.folder / "known.json"
    crowd.apply("known", target, HEAD_AND_REST, pace={"in_flight": 1})
    crowd.world.wait("one is offered", lambda: crowd.in_hand("known"))
    stored = crowd.waves("known")
    planned = crowd.plan("known", target, HEAD_AND_REST, pace={"in_flight": 2},
                         flags=("--devices", "all", "--save", file))
    listed = {"head": set(), "rest": set()}
    for device in planned["devices"]:
        listed[device["wave"]].add(device["id"])
    assert listed == stored
    saved = json.loads(file.read_text())["waves"]
    assert {name: set(members) for name, members in saved.items()} == stored
    assert planned["outlook"]["online"] == 6
    assert planned["waves"][0]["region"] == {"DE-BY": 2}
    assert planned["left_out"] == [{"reason": planned["left_out"][0]["reason"],
                                    "devices": planned["fleet"] - 6}]


def test_the_plan_of_what_is_applied_shows_what_is_stored(crowd):
    """Also the waves that have not opened: they do not change with the fleet."""
    crowd.join("shown", 4)
    target = {"device": ["shown-*"]}
    crowd.apply("shown", target, HEAD_AND_REST, pace={"in_flight": 1})
    crowd.world.wait("the first is open", lambda: crowd.in_hand("shown"))
    crowd.join("shown-later", 3)
    planned = crowd.plan("shown", target, HEAD_AND_REST, pace={"in_flight": 1},
                         flags=("--devices", "all"))
    assert planned["applied"] is True
    listed = {wave["name"]: {device["id"] for device in planned["devices"]
                             if device["wave"] == wave["name"]} for wave in planned["waves"]}
    assert listed == crowd.waves("shown")
    assert [(wave["devices"], wave["opened"]) for wave in planned["waves"]] == [(2, True),
                                                                               (2, False)]
    assert planned["in_no_wave"] == 3


def test_an_opened_wave_does_not_get_who_is_listed_later(crowd):
    """What was a stray when the wave opened stays one, and the plan says why."""
    waves = [{"name": "lab", "devices": ["strays-00", "strays-02", "strays-99"]},
             {"name": "rest", "remaining": True}]
    crowd.join("strays", 2)
    crowd.apply("strays", {"device": ["strays-*"]}, waves, pace={"in_flight": 1})
    crowd.world.wait("the first is open", lambda: crowd.in_hand("strays"))
    crowd.join("strays", 3)
    planned = crowd.plan("strays", {"device": ["strays-*"]}, waves, pace={"in_flight": 2})
    assert planned["waves"][0]["strays"] == [
        {"id": "strays-02", "reason": "the wave has opened without it"},
        {"id": "strays-99", "reason": "is not registered"}]
    assert planned["waves"][1]["devices"] == 2


def test_a_change_far_behind_in_a_long_text_is_visible(crowd):
    crowd.join("long", 2)
    def target(last):
        return {"device": [*(f"a-rather-long-name-{number}" for number in range(20)), "long-00",
                           last]}
    crowd.apply("long", target("long-00"))
    line, = crowd.apply("long", target("long-01"))["changes"].splitlines()
    before, after = line.split(" -> ")
    assert before.removeprefix("target: ") != after, line
    assert "long-01" in after


def test_approvals_of_an_earlier_revision_do_not_count(crowd):
    devices = crowd.join("approved", 3)
    waves = [{"name": "head", "count": 1, "gate": {"approvals": {"count": 1}}},
             {"name": "rest", "remaining": True}]
    target = {"device": ["approved-*"]}
    crowd.apply("approved", target, waves)
    crowd.world.wavegate("campaign", "approve", "approved", "--wave", "head", operator="bob")
    crowd.world.wait("it is checked", lambda: crowd.db.value(
        "select valid from approval a join campaign c on c.id = a.campaign_id where name = %s",
        "approved"))
    crowd.apply("approved", target, waves, pace={"in_flight": 9})
    head, = crowd.waves("approved")["head"]
    crowd.finish("approved", head)
    crowd.world.wait("it is at its gate",
                     lambda: crowd.db.wave_states("approved")["head"] == "at-gate")
    settle()
    assert crowd.db.wave_states("approved") == {"head": "at-gate", "rest": "pending"}
    crowd.world.wavegate("campaign", "approve", "approved", operator="alice", expect=DENIED)
    crowd.world.wavegate("campaign", "approve", "approved", operator="bob")
    crowd.world.wait("it has passed",
                     lambda: crowd.db.wave_states("approved")["head"] == "passed")
    crowd.finish("approved", *set(devices) - {head})
    crowd.world.wait_campaign("approved", "finished")


def test_approvals_do_not_come_back_with_the_text(crowd):
    """The file of revision 1 applied as revision 3 is approved anew."""
    crowd.join("back-again", 2)
    waves = [{"name": "head", "count": 1, "gate": {"approvals": {"count": 1}}},
             {"name": "rest", "remaining": True}]
    target = {"device": ["back-again-*"]}
    crowd.apply("back-again", target, waves)
    crowd.world.wavegate("campaign", "approve", "back-again", "--wave", "head", operator="bob")
    crowd.apply("back-again", target, waves, pace={"in_flight": 9})
    crowd.apply("back-again", target, waves, operator="bob")
    head, = crowd.waves("back-again")["head"]
    crowd.finish("back-again", head)
    crowd.world.wait("it is at its gate",
                     lambda: crowd.db.wave_states("back-again")["head"] == "at-gate")
    settle()
    assert crowd.db.wave_states("back-again")["head"] == "at-gate"
    crowd.world.wavegate("campaign", "approve", "back-again", operator="alice")
    crowd.world.wait("it has passed",
                     lambda: crowd.db.wave_states("back-again")["head"] == "passed")


def test_the_author_of_a_revision_cannot_approve_it(crowd):
    devices = crowd.join("author", 2)
    waves = [{"name": "head", "count": 1, "gate": {"approvals": {"count": 1}}},
             {"name": "rest", "remaining": True}]
    crowd.apply("author", {"device": ["author-*"]}, waves)
    crowd.apply("author", {"device": ["author-*"]}, waves, pace={"in_flight": 1}, operator="bob")
    crowd.world.wavegate("campaign", "approve", "author", "--wave", "head", operator="bob",
                         expect=DENIED)
    crowd.world.wavegate("campaign", "approve", "author", "--wave", "head", operator="alice")
    head, = crowd.waves("author")["head"]
    crowd.finish("author", head)
    crowd.world.wait("it has passed", lambda: crowd.db.wave_states("author")["head"] == "passed")
    crowd.finish("author", *set(devices) - {head})


def save(crowd, name, target, waves=None):
    file = crowd.world.folder / f"{name}.plan.json"
    crowd.world.wavegate("campaign", "plan", crowd.file(name, target, waves), "--save", file,
                         expect=PENDING)
    return file


def test_a_saved_plan_is_applied_as_long_as_the_fleet_is_the_same(crowd):
    crowd.join("same", 5)
    target = {"device": ["same-*"]}
    file = save(crowd, "same", target, HEAD_AND_REST)
    crowd.apply("same", target, HEAD_AND_REST, flags=("--plan", file))
    saved = json.loads(file.read_text())["waves"]
    assert crowd.waves("same") == {name: set(members) for name, members in saved.items()}
    crowd.world.wait("it is under way", lambda: crowd.in_hand("same"))
    again = crowd.apply("same", target, HEAD_AND_REST, flags=("--plan", file))
    assert again["changed"] is False  # whoever repeats the command is not told of a drift


def test_a_drift_is_refused_unless_it_is_allowed(crowd):
    crowd.join("drift", 10)
    target = {"device": ["drift-*"], "not": [{"tag": ["out"]}]}
    file = save(crowd, "drift", target)
    crowd.world.wavegate("device", "tag", "drift-03", "+out", operator="dave")
    told = crowd.apply("drift", target, flags=("--plan", file), expect=CONFLICT)
    assert "1 of" in told and "--drift" in told
    crowd.apply("drift", target, flags=("--plan", file, "--drift", "9%"), expect=CONFLICT)
    for bad in ("lots", "-1%", "101%", "5%%", "nan"):
        crowd.apply("drift", target, flags=("--plan", file, "--drift", bad), expect=USAGE)
    other = {"device": ["drift-*"]}
    assert "another campaign file" in crowd.apply("drift", other, expect=CONFLICT,
                                                  flags=("--plan", file))
    broken = crowd.world.folder / "broken.plan.json"
    for text in ("", '{"wavegate_plan": 1, "waves": []}', file.read_text()[:-9],
                 '{"wavegate_plan": 2, "waves": {}}'):
        broken.write_text(text)
        crowd.apply("drift", target, flags=("--plan", broken), expect=USAGE)
    assert crowd.db.campaign_state("drift") is None
    crowd.join("drift-more", 1)
    crowd.apply("drift", target, flags=("--plan", file, "--drift", "10%"), expect=CONFLICT)
    crowd.apply("drift", target, flags=("--plan", file, "--drift", "20%"))
    assert len(crowd.db.places("drift")) == 10


@pytest.mark.parametrize("version,words", [("9.9.9", "does not exist"), ("2.1.0", "hardware"),
                                           ("2.2.0", "<2.0.0")])
def test_a_way_back_that_is_none_is_refused(crowd, version, words):
    crowd.join("back", 1)
    told = crowd.apply("back", {"device": ["back-*"]}, rollback_to=f"app/{version}",
                       expect=CONFLICT)
    assert f"app/{version}" in told and words in told
    assert crowd.db.campaign_state("back") is None


def test_a_running_campaign_cannot_come_to_wait(crowd):
    """`after` that has no effect would be worse than a refusal."""
    crowd.join("waits", 4)
    crowd.apply("waits", {"device": ["waits-*"]}, pace={"in_flight": 1})
    crowd.world.wait("it is under way", lambda: crowd.in_hand("waits"))
    before = crowd.stored("waits")
    told = crowd.apply("waits", {"device": ["waits-*"]}, pace={"in_flight": 1}, after=["past"],
                       expect=CONFLICT)
    assert "after" in told
    assert crowd.stored("waits") == before


def test_a_running_campaign_cannot_become_an_emergency(crowd):
    """What people agreed to start was none."""
    target = {"device": ["burns-*"]}
    crowd.join("burns", 4)
    crowd.apply("burns", target, pace={"in_flight": 1})
    crowd.world.wait("it is under way", lambda: crowd.in_hand("burns"))
    before = crowd.stored("burns")
    told = crowd.apply("burns", target, pace={"in_flight": 1}, approvals={"count": 2},
                       emergency={"for": "6h", "reason": "it burns"}, expect=CONFLICT)
    assert "emergency: it was approved as it is" in told
    assert crowd.stored("burns") == before


def test_campaigns_do_not_come_to_wait_for_each_other(crowd):
    crowd.join("ring", 3)
    crowd.apply("ring-0", {"device": ["ring-*"]})
    crowd.apply("ring-1", {"device": ["ring-*"]}, after=["ring-0"])
    crowd.apply("ring-2", {"device": ["ring-*"]}, after=["ring-1"])
    told = crowd.apply("ring-1", {"device": ["ring-*"]}, after=["ring-0", "ring-2"],
                       expect=CONFLICT)
    assert "ring-2" in told
    crowd.apply("ring-1", {"device": ["ring-*"]})  # waits for nothing any more
    crowd.world.wait_campaign("ring-1", "running")


def test_a_wave_that_opens_meanwhile_is_kept(crowd):
    """The plan is made, then a wave opens: it is made anew, and that wave stays as it is."""
    crowd.join("race", 4)
    crowd.apply("race", {"device": ["race-*"]}, HEAD_AND_REST, pace={"in_flight": 1})
    crowd.world.wait("one is offered", lambda: len(crowd.in_hand("race")) == 1)
    ticker = psycopg2.connect(crowd.db.dsn)
    told = []
    try:
        ticker.cursor().execute("update wave set state = 'open' where number = 1 and campaign_id = "
                                "(select id from campaign where name = 'race')")
        reviser = threading.Thread(target=lambda: told.append(crowd.apply(
            "race", {"device": ["race-00"]}, HEAD_AND_REST, pace={"in_flight": 1})))
        reviser.start()
        crowd.world.wait("the revision waits for the wave", lambda: crowd.db.value(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' "
            "and datname = current_database()"))
        ticker.commit()
        reviser.join(60 * SLOWER)
    finally:
        ticker.close()
    assert told and told[0]["revision"] == 2
    assert len(crowd.db.places("race")) == 4
    crowd.check_counts()


def test_a_revision_is_seen_by_who_is_watching(crowd):
    """Another number of waves is no reason to end."""
    device, = crowd.join("watch", 1)
    head = [{"name": "head", "count": 1}]
    crowd.apply("watch", {"device": ["watch-*"]}, head)
    with subprocess.Popen(crowd.world.orchestrator.command(
            "campaign", "status", "watch", "--watch", "--timeout", span(30)), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watch:
        assert "watch" in watch.stdout.readline()
        crowd.apply("watch", {"device": ["watch-*"]}, [*head, {"name": "more", "remaining": True}])
        crowd.finish("watch", device)
        told, problems = watch.communicate(timeout=60 * SLOWER)
    assert watch.returncode == 0, problems
    assert "more" in told and "finished" in told
