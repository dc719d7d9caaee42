"""What operators do to a campaign, each by its command, and what the command says of it."""

import json
import re
from datetime import datetime, timedelta, timezone

import pytest

from tests.lab.mqtt import settle
from tests.lab.programs import span
from tests.system.crowd import Crowd

USAGE, DENIED, NOT_FOUND, CONFLICT, GATE, TIMEOUT = 2, 4, 5, 6, 7, 8
APPROVED = {"role": "rollout-admin", "count": 2, "expires": "1h"}
BACK = {"rollback_to": "app/1.0.0"}
# as if the last device of the campaign's waves had finished earlier
AN_HOUR_AGO = ("update wave w set last_finish = last_finish - interval '1 hour' from campaign c "
               "where c.id = w.campaign_id and c.name = %s")


@pytest.fixture(scope="module")
def crowd(ground):
    made = Crowd(ground, "control", releases=("1.0.0", "3.0.0", "4.0.0"))
    yield made
    made.check_counts()
    made.close()


@pytest.fixture
def ask(crowd):
    """ask(verb, name, ...): the JSON of `campaign VERB NAME`, or what is said when it fails."""
    def run(verb, name, *more, operator="alice", expect=0):
        done = crowd.world.wavegate("campaign", verb, name, "--json", *more, operator=operator,
                                    expect=expect)
        if expect == 0:
            return json.loads(done.stdout)
        told = json.loads(done.stderr)["error"]
        assert told["exit"] == expect
        return told["text"]
    return run


def said(crowd, verb, name, *more, operator="alice"):
    return crowd.world.wavegate("campaign", verb, name, *more, operator=operator).stdout


def explained(crowd, device, name):
    told = json.loads(crowd.world.wavegate("device", "explain", device, "--campaign", name,
                                           "--json").stdout)
    return told["campaigns"][0]


def wait_wave(crowd, name, wave, state):
    crowd.world.wait(f"wave {wave} of {name} is {state}",
                     lambda: crowd.db.wave_states(name)[wave] == state)


def at(**ahead):
    return (datetime.now(timezone.utc) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")


# start


def test_a_draft_is_started_by_hand(crowd, ask):
    crowd.join("draft", 2)
    target = {"device": ["draft-*"]}
    assert crowd.apply("draft", target, flags=["--draft"])["state"] == "draft"
    settle()
    assert {state for state, _ in crowd.db.places("draft").values()} == {"waiting"}
    told = explained(crowd, "draft-00", "draft")
    assert told["holds"] == "draft"
    assert told["reason"] == "waits: the campaign is a draft; wavegate campaign start draft"
    assert ask("status", "draft")["waits_for"] == "a draft, not started"
    assert "nothing to approve" in ask("approve", "draft", operator="bob", expect=CONFLICT)
    # a draft may be changed, and stays one
    assert crowd.apply("draft", target, flags=["--draft"], pace={"in_flight": 1})["state"] == "draft"
    assert ask("start", "draft") == {"campaign": "draft", "from": "draft", "to": "running",
                                     "cause": "started by alice"}
    crowd.world.wait("one is offered its update", lambda: len(crowd.in_hand("draft")) == 1)
    assert "nothing to start" in ask("start", "draft", expect=CONFLICT)
    assert "--draft is for a new campaign: draft is running" in crowd.apply(
        "draft", target, flags=["--draft"], expect=CONFLICT)


def test_a_draft_starts_as_its_file_says(crowd, ask):
    crowd.join("begin", 1)
    target = {"device": ["begin-*"]}
    crowd.apply("begin-asks", target, flags=["--draft"], approvals=APPROVED)
    assert said(crowd, "start", "begin-asks") == (
        "begin-asks is awaiting-approval. It waits for 2 approvals by rollout-admin: "
        "wavegate campaign approve begin-asks\n")
    start = at(hours=1)
    crowd.apply("begin-later", target, flags=["--draft"], schedule={"start": start})
    assert said(crowd, "start", "begin-later").startswith(
        f"begin-later is scheduled. It starts at {start[:-1].replace('T', ' ')} UTC.")
    assert explained(crowd, "begin-00", "begin-later")["holds"] == "schedule"
    for name in ("begin-asks", "begin-later"):
        ask("abort", name)
        crowd.world.wait_campaign(name, "aborted")


def test_a_campaign_waits_for_approvals_of_its_start(crowd, ask):
    crowd.join("start", 2)
    file = crowd.file("start", {"device": ["start-*"]}, approvals=APPROVED)
    done = crowd.world.wavegate("campaign", "apply", file)
    assert done.stdout == ("start is awaiting-approval for 2 devices. It waits for 2 approvals by "
                           "rollout-admin: wavegate campaign approve start\n")
    assert ask("status", "start")["waits_for"] == "0 of 2 approvals by rollout-admin"
    assert "someone else must approve it" in ask("approve", "start", expect=DENIED)
    assert "it is for rollout-admin or owner" in ask("approve", "start", operator="sue", expect=DENIED)
    assert "expected one of them" in ask("approve", "start", "--start", "--wave", "all",
                                         operator="bob", expect=USAGE)
    told = ask("approve", "start", "--start", operator="bob")
    assert told == {"campaign": "start", "wave": None, "operator": "bob", "judged": True,
                    "approvals": 1, "approvals_needed": 2, "role": "rollout-admin"}
    assert "bob has approved the start of start already" in ask("approve", "start", operator="bob",
                                                                expect=CONFLICT)
    told = explained(crowd, "start-00", "start")
    assert told["holds"] == "approvals"
    assert told["reason"] == ("waits: the campaign starts when it is approved: 1 of 2 approvals by "
                              "rollout-admin; wavegate campaign approve start")
    crowd.world.wavegate("campaign", "status", "start", "--watch", "--until", "gate", "--timeout", span(20))
    assert {state for state, _ in crowd.db.places("start").values()} == {"waiting"}
    assert said(crowd, "approve", "start", operator="carol") == (
        "carol approves the start of start: 2 of 2 approvals by rollout-admin.\n")
    crowd.world.wait_campaign("start", "running")
    assert "its start waits for no approval" in ask("approve", "start", "--start", operator="bob",
                                                    expect=CONFLICT)
    crowd.finish("start", "start-00", "start-01")
    crowd.world.wait_campaign("start", "finished")


def test_an_approval_of_the_start_expires(crowd, ask):
    crowd.join("lapse", 1)
    crowd.apply("lapse", {"device": ["lapse-*"]}, approvals=APPROVED,
                schedule={"start": at(hours=3)})
    ask("approve", "lapse", operator="bob")
    assert ask("approve", "lapse", operator="carol")["approvals"] == 2
    crowd.world.wait_campaign("lapse", "scheduled")
    crowd.db.rows("update approval set at = at - interval '2 hours' where operator = 'bob' and "
                  "campaign_id = (select id from campaign where name = 'lapse')")
    crowd.world.wait_campaign("lapse", "awaiting-approval")
    told = explained(crowd, "lapse-00", "lapse")
    assert "1 of 2 approvals by rollout-admin; 1 given before has expired" in told["reason"]
    assert ask("approve", "lapse", operator="bob")["approvals"] == 2
    crowd.world.wait_campaign("lapse", "scheduled")


def test_a_revision_of_what_runs_is_approved_again(crowd, ask):
    crowd.join("again-asked", 2)
    target = {"device": ["again-asked-*"]}
    crowd.apply("asked", target, approvals=APPROVED, pace={"in_flight": 1})
    for operator in ("bob", "carol"):
        ask("approve", "asked", operator=operator)
    crowd.world.wait("one is in hand", lambda: len(crowd.in_hand("asked")) == 1)
    idle, = set(crowd.db.places("asked")) - crowd.in_hand("asked")
    told = crowd.world.wavegate("campaign", "apply", crowd.file(
        "asked", target, approvals=APPROVED, pace={"in_flight": 1}, priority=60)).stdout
    assert "asked is at revision 2, for 2 devices. It waits for 2 approvals by rollout-admin: " \
           "wavegate campaign approve asked\n" in told
    crowd.world.wait_campaign("asked", "awaiting-approval")
    told = explained(crowd, idle, "asked")
    assert told["holds"] == "approvals"
    assert "goes on when this revision is approved: 0 of 2 approvals by rollout-admin" in told["reason"]
    for operator in ("bob", "carol"):
        ask("approve", "asked", "--start", operator=operator)
    crowd.world.wait_campaign("asked", "running")
    ask("abort", "asked")


# pause, resume


def test_a_hold_keeps_devices_from_switching_over(crowd, ask):
    crowd.join("hold", 3)
    crowd.apply("hold", {"device": ["hold-*"]}, pace={"in_flight": 2})
    crowd.world.wait("two are in hand", lambda: len(crowd.in_hand("hold")) == 2)
    first, second = sorted(crowd.in_hand("hold"))
    crowd.report("hold", first, "rebooting")
    crowd.world.wait_place("hold", first, "rebooting")
    crowd.report("hold", second, "installing")
    crowd.world.wait_place("hold", second, "installing")
    assert said(crowd, "pause", "hold", "--reason", "lunch") == (
        "hold is paused. Updates in hand finish; nobody is offered more.\n")
    assert "--hold keeps updates in hand from switching over" in ask("pause", "hold",
                                                                     expect=CONFLICT)
    told = ask("pause", "hold", "--hold", "--reason", "look first")
    assert (told["held"], told["in_hand"]) == (True, 1)
    assert told["not_recalled"] == {"rebooting": 1, "probation": 0, "words": told["not_recalled"]["words"]}
    assert told["cause"] == "paused with hold by alice: look first"
    assert "already, and nobody switches over" in ask("pause", "hold", "--hold", expect=CONFLICT)
    crowd.report("hold", second, "rebooting")
    crowd.world.wait("it waits for the word", lambda: ask("status", "hold")["ready"] == 1)
    assert crowd.db.state_of("hold", second) == "installing"
    status = ask("status", "hold")
    assert status["held"] and "are held before they switch over, 1 is ready" in status["waits_for"]
    text = said(crowd, "status", "hold")
    assert "1 device has installed and waits for the word to switch over" in text
    listed = crowd.world.wavegate("campaign", "list").stdout
    assert re.search(r"^hold +paused, held +app 3.0.0 +3 +alice$", listed, re.M)
    told = explained(crowd, second, "hold")
    assert told["holds"] == "held" and told["attempts"]["ready_at"]
    assert "the campaign is held (paused with hold by alice: look first); wavegate campaign " \
           "resume hold gives it" in told["reason"]
    told = ask("resume", "hold")
    assert told["released"] == 1
    crowd.world.wait_place("hold", second, "rebooting")
    assert ask("status", "hold")["held"] is False
    crowd.finish("hold", first, second)
    crowd.world.wait("the last one is in hand", lambda: crowd.in_hand("hold"))
    crowd.finish("hold", *crowd.in_hand("hold"))
    crowd.world.wait_campaign("hold", "finished")


def test_what_the_budget_stopped_is_not_resumed(crowd, ask):
    devices = crowd.join("spent", 3)
    crowd.apply("spent", {"device": ["spent-*"]}, budget={"failures": 5, "classes": {"boot": 0}},
                gate={"success": ">= 10%"})
    crowd.finish("spent", devices[0], state="rolled-back", cause="boot", detail="no kernel")
    crowd.world.wait_campaign("spent", "paused")
    told = ask("resume", "spent", expect=CONFLICT)
    assert "1 of 3 devices failed by boot, 0 tolerated; apply a file with a greater one" in told
    assert crowd.db.campaign_state("spent") == "paused"
    told = explained(crowd, devices[1], "spent")
    assert told["holds"] in ("budget", "moving")


# abort


def test_an_abort_says_what_it_could_not_recall(crowd, ask):
    devices = crowd.join("abort", 5)
    crowd.apply("abort", {"device": ["abort-*"]}, pace={"in_flight": 4})
    crowd.world.wait("four are in hand", lambda: len(crowd.in_hand("abort")) == 4)
    in_hand = sorted(crowd.in_hand("abort"))
    for device, state in zip(in_hand, ("rebooting", "probation", "downloading", "accepted")):
        crowd.report("abort", device, state)
        crowd.world.wait_place("abort", device, state)
    told = ask("abort", "abort", "--reason", "wrong notes")
    assert told["not_recalled"] == {"rebooting": 1, "probation": 1, "words": told["not_recalled"]["words"]}
    assert (told["withdrawn"], told["asked"], told["to"]) == (1, 2, "stopping")
    assert "stopping already: aborted by alice: wrong notes" in ask("abort", "abort",
                                                                    expect=CONFLICT)
    text = crowd.world.wavegate("campaign", "status", "abort").stdout
    assert ("2 devices have switched over and cannot be recalled (1 rebooting, 1 on probation): "
            "they finish or fall back by themselves") in text
    assert "because: aborted by alice: wrong notes" in text
    assert ask("status", "abort")["not_recalled"] == told["not_recalled"]
    told = explained(crowd, in_hand[0], "abort")
    assert "this update cannot be recalled any more" in told["reason"]
    assert "is being withdrawn" in explained(crowd, in_hand[2], "abort")["reason"]
    crowd.finish("abort", *in_hand[:2])
    crowd.finish("abort", *in_hand[2:], state="withdrawn", cause="withdrawn")
    crowd.world.wait_campaign("abort", "aborted")
    assert "nothing to abort" in ask("abort", "abort", expect=CONFLICT)
    assert set(devices) - set(in_hand) == {device for device, (state, _) in crowd.db.places(
        "abort").items() if state == "withdrawn"} - set(in_hand)


# gates


def gated(crowd, name, gate):
    devices = crowd.join(name, 3)
    crowd.apply(name, {"device": [f"{name}-*"]}, [
        {"name": "head", "devices": devices[:1], "gate": gate}, {"name": "rest", "remaining": True}])
    crowd.finish(name, devices[0])
    wait_wave(crowd, name, "head", "soaking")
    return devices


def test_a_gate_is_advanced_by_hand(crowd, ask):
    gated(crowd, "forward", {"soak": "1h"})
    assert "--reason TEXT is needed" in ask("advance", "forward", expect=USAGE)
    assert "has not opened" in ask("advance", "forward", "--wave", "rest", "--reason", "x",
                                   expect=CONFLICT)
    assert 'forward has no wave "tail"' in ask("advance", "forward", "--wave", "tail", "--reason",
                                               "x", expect=NOT_FOUND)
    told = ask("advance", "forward", "--reason", "looked at it")
    assert told["wave"] == "head" and told["words"] == "by alice: looked at it"
    assert told["waits_for"].startswith("passes its gate: advanced by alice: looked at it")
    wait_wave(crowd, "forward", "rest", "open")
    cause = crowd.db.value("select w.cause from wave w join campaign c on c.id = w.campaign_id "
                           "where c.name = 'forward' and w.name = 'head'")
    assert "advanced by alice: looked at it" in cause
    assert "has passed its gate already" in ask("advance", "forward", "--wave", "head", "--reason",
                                                "again", expect=CONFLICT)


def test_an_advance_does_not_stand_for_approvals(crowd, ask):
    gated(crowd, "signed", {"soak": "1h", "approvals": {"role": "rollout-admin", "count": 1}})
    told = ask("advance", "signed", "--reason", "no time")
    assert told["waits_for"] == "0 of 1 approvals by rollout-admin"
    assert "advanced already, by alice: no time" in ask("advance", "signed", "--reason", "again",
                                                        expect=CONFLICT)
    wait_wave(crowd, "signed", "head", "at-gate")
    assert explained(crowd, "signed-01", "signed")["holds"] == "gate-approvals"
    assert ask("approve", "signed", operator="bob")["wave"] == "head"
    wait_wave(crowd, "signed", "rest", "open")


def test_a_gate_is_held_and_let_go(crowd, ask):
    devices = gated(crowd, "keep", {"soak": "1h"})
    told = ask("hold", "keep", "--reason", "a call from support")
    assert told == {"campaign": "keep", "wave": "head", "manual": "hold",
                    "words": "by alice: a call from support",
                    "waits_for": "held by alice: a call from support", "done": "held", "paused": False}
    crowd.db.rows(AN_HOUR_AGO, "keep")
    wait_wave(crowd, "keep", "head", "at-gate")
    settle()
    assert crowd.db.wave_states("keep") == {"head": "at-gate", "rest": "pending"}
    told = explained(crowd, devices[1], "keep")
    assert told["holds"] == "gate-held"
    assert told["reason"] == ("waits: its wave rest has not opened; wave head is at its gate: held "
                              "by alice: a call from support; wavegate campaign unhold keep lets "
                              "it go on")
    assert "held by alice" in said(crowd, "status", "keep")
    assert "held already, by alice: a call from support" in ask("hold", "keep", "--reason", "x",
                                                                expect=CONFLICT)
    assert "not held" in ask("unhold", "keep", "--wave", "rest", expect=CONFLICT)
    assert ask("unhold", "keep")["manual"] == ""
    wait_wave(crowd, "keep", "rest", "open")
    assert "no wave of keep is held now" in ask("unhold", "keep", expect=CONFLICT)


# campaigns that follow


def test_a_running_campaign_is_rolled_back(crowd, ask):
    devices = crowd.join("undo", 4)
    crowd.apply("undo", {"device": ["undo-*"]}, pace={"in_flight": 2}, **BACK)
    crowd.world.wait("two are in hand", lambda: len(crowd.in_hand("undo")) == 2)
    updated, busy = sorted(crowd.in_hand("undo"))
    crowd.report("undo", busy, "rebooting")
    crowd.world.wait_place("undo", busy, "rebooting")
    crowd.finish("undo", updated)
    assert "--reason TEXT is needed" in ask("rollback", "undo", expect=USAGE)
    told = ask("rollback", "undo", "--reason", "it smells", operator="bob")
    assert (told["campaign"], told["from"], told["from_state"]) == ("undo-rollback", "undo", "stopping")
    assert (told["component"], told["version"]) == ("app", "1.0.0")
    assert told["not_recalled"]["rebooting"] == 1
    assert crowd.db.value("select author from campaign where name = 'undo-rollback'") == "bob"
    assert "sends its devices back already" in ask("rollback", "undo", "--reason", "again",
                                                   expect=CONFLICT)
    status = ask("status", "undo")
    assert (status["stop"], status["rolled_back_by"]) == ("rollback", "undo-rollback")
    assert ask("status", "undo-rollback")["rolls_back"] == "undo"
    crowd.finish("undo", busy)  # too late to be recalled: it is sent back when it has finished
    for device in crowd.in_hand("undo"):
        crowd.finish("undo", device, state="withdrawn", cause="withdrawn")
    crowd.world.wait_campaign("undo", "rolled-back")
    done = crowd.world.wavegate("campaign", "status", "undo", expect=GATE)
    assert "campaign undo-rollback sends its devices back" in done.stdout
    crowd.finish("undo-rollback", updated, busy)
    crowd.world.wait_campaign("undo-rollback", "finished")
    assert set(crowd.db.places("undo-rollback")) == {updated, busy}
    assert set(devices) == set(crowd.db.places("undo"))


def test_a_finished_campaign_is_rolled_back_and_stays_finished(crowd, ask):
    devices = crowd.join("back", 1)
    crowd.apply("back", {"device": ["back-*"]}, **BACK)
    crowd.finish("back", *devices)
    crowd.world.wait_campaign("back", "finished")
    text = said(crowd, "rollback", "back", "--reason", "late news")
    assert text == ("back-rollback is running: app 1.0.0 for 1 device of back. wavegate campaign "
                    "status back-rollback --watch\n")
    assert crowd.db.campaign_state("back") == "finished"
    crowd.finish("back-rollback", *devices)
    crowd.world.wait_campaign("back-rollback", "finished")


def test_there_is_no_way_back_without_a_release(crowd, ask):
    devices = crowd.join("oneway", 1)
    crowd.apply("oneway", {"device": ["oneway-*"]})
    assert "names no rollback_to" in ask("rollback", "oneway", "--reason", "x", expect=CONFLICT)
    assert crowd.db.campaign_state("oneway") == "running"
    crowd.finish("oneway", *devices)


def test_the_failed_ones_are_tried_again(crowd, ask):
    devices = crowd.join("again", 3)
    crowd.apply("again", {"device": ["again-*"]}, budget={"failures": 3},
                gate={"success": ">= 10%"}, **BACK)
    assert "no device of again has failed" in ask("retry-failed", "again", expect=CONFLICT)
    crowd.finish("again", devices[0])
    crowd.finish("again", devices[1], state="failed", cause="verify")
    crowd.finish("again", devices[2], state="rolled-back", cause="health")
    told = ask("retry-failed", "again", "--print")
    assert told["campaign"] == "again-retry"
    assert told["file"]["target"] == {"failed_in": ["again"]}
    printed = said(crowd, "retry-failed", "again", "--print")
    assert json.loads(printed) == told["file"]
    assert crowd.db.value("select count(*) from campaign where name = 'again-retry'") == 0
    told = ask("retry-failed", "again", operator="bob")
    assert (told["campaign"], told["devices"], told["state"]) == ("again-retry", 2, "running")
    assert set(crowd.db.places("again-retry")) == set(devices[1:])
    assert crowd.db.value("select author from campaign where name = 'again-retry'") == "bob"
    assert ask("retry-failed", "again", "--print")["campaign"] == "again-retry-2"
    crowd.finish("again-retry", *devices[1:])
    crowd.world.wait_campaign("again-retry", "finished")


def test_what_took_approvals_takes_them_once_more(crowd, ask):
    device, = crowd.join("twice", 1)
    crowd.apply("twice", {"device": ["twice-*"]}, budget={"failures": 1}, approvals={"role": "rollout-admin"})
    ask("approve", "twice", operator="bob")
    crowd.world.wait_campaign("twice", "running")
    crowd.finish("twice", device, state="failed", cause="verify")
    assert ask("retry-failed", "twice")["state"] == "awaiting-approval"
    assert ask("approve", "twice-retry", operator="bob")["judged"]
    crowd.world.wait_campaign("twice-retry", "running")


# who, what, how


@pytest.mark.parametrize("verb", ["start", "approve", "pause", "resume", "abort", "advance", "hold",
                                  "unhold", "rollback", "retry-failed"])
def test_who_may_and_what_is_not_there(crowd, ask, verb):
    more = ["--reason", "x"] if verb in ("advance", "hold", "rollback") else []
    assert "it is for rollout-admin or owner" in ask(verb, "nothing", *more, operator="sue", expect=DENIED)
    assert 'there is no campaign "nothing"' in ask(verb, "nothing", *more, expect=NOT_FOUND)
    assert "is no campaign name" in ask(verb, "no/name", *more, expect=USAGE)


def test_a_reason_is_plain_text(crowd, ask):
    for reason in ("two\nlines", "\x1b[2J", "x" * 161):
        assert "at most 160 bytes of plain text" in ask("abort", "any", "--reason", reason,
                                                        expect=USAGE)


def test_a_picture_that_is_watched_stays_calm(crowd, ask):
    crowd.join("calm", 2)
    crowd.apply("calm", {"device": ["calm-*"]},
                pace={"in_flight": 1, "rate": {"start": "5/min", "max": "10/min"}},
                window={"daily": "00:00-24:00", "zone": "Europe/Berlin"})
    crowd.world.wait("one is offered its update", lambda: len(crowd.in_hand("calm")) == 1)
    told = crowd.world.wavegate("campaign", "status", "calm", "--watch", "--timeout", "2s",
                                expect=TIMEOUT).stdout
    assert told.count("in flight 1 of 1") == 1
    assert ", at most 5 a minute\n" in told
    assert "  window: always open\n" in told
    assert "  looked after by " in told
    status = ask("status", "calm")
    assert status["rate"]["in_a_minute"] == 5 and status["rate"]["in_the_last"] == 1
    assert status["lease"]["token"] >= 1
    assert status["window"] == {"zones": 1, "open": 1, "next": None, "next_in": None, "words": "always open"}
