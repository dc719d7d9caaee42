"""A campaign through HTTP alone: planned, applied, approved by another person, paused, resumed, rolled back; and what is refused.
Statements are signed here, by the operators' own keys: the API holds none of them."""

import json

import pytest

from tests.lab import contract
from tests.lab.statement import signed
from tests.system.story import all_succeeded, campaign, check_end

ASKS = "approvals: {role: rollout-admin, count: 1}"
SLOW = "pace: {in_flight: 1}"
GATE = ("  - {name: canary, count: 1, gate: {approvals: {role: rollout-admin, count: 1}}}\n"
        "  - {name: bulk, remaining: true}")  # in no order of names: a statement has them by name


@pytest.fixture
def api(world):
    return world.start_api()


@pytest.fixture
def people(world, api):
    """people(name): a person who asks with their certificate, whose answers are held against the contract."""
    class Person:
        def __init__(self, name):
            self.name, self.client, self.pki = name, api.as_operator(name), world.ground.pki

        def post(self, path, body=None, **more):
            answer = self.client.post(path, body, **more)
            contract.check("POST", "/api/v1" + path, answer)
            return answer

        def done(self, path, body=None, **more):
            answer = self.post(path, body, **more)
            assert answer.status == 200, (path, answer.status, answer.body)
            return answer.json()

        def refused(self, status, path, body=None, **more):
            answer = self.post(path, body, **more)
            assert answer.status == status, (path, answer.status, answer.body)
            return answer.json()

        def read(self, path):
            return self.client.read(path)

        def sign(self, body):
            return signed(self.pki, self.name, body)

        def plan(self, text, files=None):
            return self.done("/campaigns/plan", {"file": text, "files": files or {}})

        def apply(self, text, files=None):
            """Plans, signs what the plan says, applies."""
            said = self.plan(text, files)["statement"]
            return self.done("/campaigns", {"file": text, "files": files or {}, **self.sign(said)})

        def approve(self, name, wave=None):
            said = self.done(f"/campaigns/{name}/statement", {"action": "approve", "wave": wave})["statement"]
            return self.done(f"/campaigns/{name}/approve", {"wave": wave, **self.sign(said)})

        def do(self, verb, name, status=200, **body):
            answer = self.post(f"/campaigns/{name}/{verb}", body)
            assert answer.status == status, (verb, name, answer.status, answer.body)
            return answer.json()
    return Person


@pytest.fixture
def limited(world):
    """limited(name, scope): that person's grant is about a part of the fleet alone."""
    def limit(name, **scope):
        grants = json.dumps([{"role": "rollout-admin", "scope": scope}])
        world.db.rows("insert into person (name, grants, made_at, changed_at) values (%s, %s::jsonb, now(), now()) "
                      "returning name", name, grants)
    return limit


def test_a_whole_campaign_by_http_alone(world, people, fleet_of, release):
    fleet_of(3)
    lunch = world.folder / "lunch"  # while it is there, nobody is through
    release("2.4.1", install=f'while [ -e "{lunch}" ]; do sleep 0.05; done')
    alice, bob, petra = people("alice"), people("bob"), people("petra")
    text = campaign("whole", "2.4.1", GATE, ASKS + "\n" + SLOW)
    assert alice.done("/campaigns/validate", {"file": text}) == {"valid": True, "problems": []}
    plan = alice.plan(text)
    assert (plan["members"], plan["applied"], plan["before"]) == (3, False, None)
    assert [wave["devices"] for wave in plan["waves"]] == [1, 2]
    assert plan["statement"]["operator"] == "alice" and world.db.rows("select 1 from campaign") == []
    applied = alice.done("/campaigns", {"file": text, **alice.sign(plan["statement"])})
    assert (applied["state"], applied["changed"], applied["devices"]) == ("awaiting-approval", True, 3)
    assert "It waits for 1 approval by rollout-admin" in applied["words"]
    again = alice.plan(text)
    assert again["applied"] and again["statement"] is None and again["before"] == text
    assert bob.approve("whole") == {"campaign": "whole", "wave": None, "operator": "bob", "judged": True, "approvals": 1,
                                    "approvals_needed": 1, "role": "rollout-admin"}
    world.wait("the canary is done", lambda: world.db.wave_states("whole")["canary"] == "at-gate")
    lunch.touch()
    assert petra.approve("whole", "canary")["wave"] == "canary"  # by a key on P-256
    paused = bob.do("pause", "whole", reason="lunch")
    assert (paused["to"], paused["cause"], paused["held"]) == ("paused", "paused by bob: lunch", False)
    assert "paused already" in bob.do("pause", "whole", status=409)["detail"]
    assert world.db.campaign_state("whole") == "paused"
    assert alice.do("resume", "whole")["to"] == "running"
    lunch.unlink()
    world.wait_campaign("whole", "finished")
    check_end(world, "whole", "2.4.1", all_succeeded(world))
    history = alice.read("/campaigns/whole/history")["items"]
    assert {row["actor"] for row in history} >= {"alice", "bob"}
    assert world.db.rows("select distinct actor from audit where subject = 'whole' and actor in ('alice', 'bob') "
                         "order by 1") == [("alice",), ("bob",)]


def test_files_come_along_and_no_path_is_read(world, people, fleet_of, release):
    fleet_of(2)
    release("2.4.1")
    alice = people("alice")
    waves = "  - {name: lab, devices: {file: %s}}\n  - {name: rest, remaining: true}"
    secret = world.folder / "secret.txt"
    secret.write_text("dev-02\n")
    (world.folder / "lab.txt").write_text("dev-02\n")  # where the server runs: never looked at
    for name in ("lab.txt", "/etc/passwd", "../secret.txt", str(secret), "areas/../../secret.txt", "secret.txt"):
        text = campaign("sent", "2.4.1", waves % name)
        problem = alice.refused(422, "/campaigns/plan", {"file": text, "files": {}})
        assert problem["code"] == "bad-file" and len(problem["problems"]) == 1
        found = problem["problems"][0]
        assert (found["line"], found["column"] > 0) == (8, True) and "file:" in found["error"]
        assert "root:" not in json.dumps(problem) and "dev-02" not in json.dumps(problem)
        checked = alice.done("/campaigns/validate", {"file": text})
        assert not checked["valid"] and checked["problems"][0]["line"] == 8
    text = campaign("sent", "2.4.1", waves % "lists/lab.txt")
    applied = alice.apply(text, {"lists/lab.txt": "dev-01\n"})
    assert applied["devices"] == 2
    assert world.db.rows("select p.device_id from place p join wave w on w.campaign_id = p.campaign_id and "
                         "w.number = p.wave where w.name = 'lab'") == [("dev-01",)]


def test_what_a_file_has_wrong_is_told(people):
    alice = people("alice")
    text = campaign("wrong", "2.4.1").replace("campaign: wrong", "campaing: wrong")
    told = alice.refused(422, "/campaigns/plan", {"file": text})
    assert {problem["line"] for problem in told["problems"]} >= {2}
    assert any("did you mean" in (problem["hint"] or "") for problem in told["problems"])
    assert alice.refused(400, "/campaigns/plan", {})["code"] == "bad-input"
    assert alice.refused(400, "/campaigns/plan", {"file": 7})["code"] == "bad-input"
    assert alice.refused(400, "/campaigns/plan", {"file": text, "files": ["lab.txt"]})["code"] == "bad-input"
    assert alice.refused(400, "/campaigns/plan", {"file": text, "path": "/etc/passwd"})["code"] == "bad-input"
    assert alice.refused(404, "/campaigns/plan", {"file": campaign("none", "9.9.9")})["code"] == "not-found"


def test_words_that_do_not_hold(world, people, fleet_of, release):
    """Whose statement it is, what it says, who signed it: each must be right, or nothing is stored."""
    fleet_of(2)
    release("2.4.1")
    alice, bob, sue = people("alice"), people("bob"), people("sue")
    text, other = campaign("words", "2.4.1", more=ASKS), campaign("other", "2.4.1", more=ASKS)
    said = alice.plan(text)["statement"]

    def refused(status, who=alice, file=text, **word):
        return who.refused(status, "/campaigns", {"file": file, **word})

    assert "statement" in refused(400)["detail"]
    assert "chain" in refused(400, statement=alice.sign(said)["statement"])["detail"]
    assert "alice's" in refused(403, bob, **alice.sign(said))["detail"]
    assert refused(403, sue, **alice.sign(said))["code"] == "not-allowed"  # wrong role: not even looked at
    forged = alice.sign(said)
    forged["statement"]["signed"] = said | {"digest": "0" * 64}
    assert refused(422, **forged)["code"] == "verify"
    assert refused(422, **{**bob.sign(said), "chain": alice.sign(said)["chain"]})["code"] == "verify"
    assert "campaign words" in refused(422, file=other, **alice.sign(said))["detail"]
    assert "another file" in refused(422, file=text + SLOW + "\n", **alice.sign(said))["detail"]
    assert refused(422, **alice.sign({**said, "operator": "bob"}))["code"] == "verify"
    assert refused(409, **alice.sign({**said, "at": "2020-01-01T00:00:00.000Z"}))["code"] == "conflict"
    assert world.db.rows("select 1 from campaign") == []
    alice.apply(text)
    alice.apply(other)
    # approvals: never one's own, never with a statement for another campaign
    own = alice.refused(403, "/campaigns/words/approve", alice.sign(
        alice.done("/campaigns/words/statement", {"action": "approve"})["statement"]))
    assert "someone else must approve it" in own["detail"]
    word = bob.sign(bob.done("/campaigns/other/statement", {"action": "approve"})["statement"])
    assert "campaign other" in bob.refused(422, "/campaigns/words/approve", word)["detail"]
    assert bob.refused(422, "/campaigns/words/approve", bob.sign(said | {"operator": "bob"}))["code"] == "verify"
    assert "statement" in bob.refused(400, "/campaigns/words/approve")["detail"]
    for verb in ("approve", "pause", "abort", "rollback"):
        assert sue.refused(403, f"/campaigns/words/{verb}")["code"] == "not-allowed"
    assert world.db.rows("select 1 from approval") == []
    assert bob.done("/campaigns/other/approve", word)["judged"]


def test_a_fleet_that_grew_since_it_was_looked_at(world, people, fleet_of, release):
    """What is signed is how many devices each wave has: one more, and it must be looked at again."""
    fleet_of(2)
    release("2.4.1")
    alice, bob = people("alice"), people("bob")
    text = campaign("grown", "2.4.1", more=ASKS)
    word = alice.sign(alice.plan(text)["statement"])
    file = world.folder / "one.csv"
    file.write_text("id,hardware_model,hardware_revision\nnew-01,brake-controller,C\n")
    world.wavegate("device", "import", file, operator="dave")
    told = alice.refused(409, "/campaigns", {"file": text, **word})
    assert "other sizes" in told["detail"] and world.db.rows("select 1 from campaign") == []
    assert alice.apply(text)["devices"] == 3
    asked = bob.done("/campaigns/grown/statement", {"action": "approve"})["statement"]
    assert asked["waves"] == {"rest": 3}
    fewer = asked | {"waves": {"rest": 2}}
    assert bob.refused(409, "/campaigns/grown/approve", bob.sign(fewer))["code"] == "conflict"


def test_a_person_for_a_part_of_the_fleet(world, people, fleet_of, release, limited):
    """dev-09 is in AT-9, dev-01 in DE-BY: who may in AT alone plans, applies and steers nothing else."""
    fleet_of(9)
    release("2.4.1")
    limited("petra", regions=["AT"])
    alice, petra = people("alice"), people("petra")
    inside = campaign("inside", "2.4.1", target="  - region: [AT]", more=ASKS)
    wide = campaign("wide", "2.4.1", more=ASKS)
    told = petra.refused(403, "/campaigns/plan", {"file": wide})
    assert (told["code"], told["outside"]) == ("outside-scope", 8)
    word = petra.sign(alice.plan(wide)["statement"] | {"operator": "petra"})
    assert petra.refused(403, "/campaigns", {"file": wide, **word})["outside"] == 8
    later = inside.replace("waves:", "membership: continuous\nwaves:").replace("campaign: inside", "campaign: later")
    assert petra.refused(403, "/campaigns/plan", {"file": later})["code"] == "outside-scope"
    assert petra.apply(inside)["devices"] == 1
    alice.apply(wide)
    for verb, body in (("pause", {}), ("abort", {}), ("start", {}), ("hold", {"reason": "mine"}),
                       ("statement", {"action": "approve"}), ("approve", {})):
        assert petra.refused(403, f"/campaigns/wide/{verb}", body)["outside"] == 8, verb
    # nor may a revision take the others' devices out of a campaign
    narrow = inside.replace("campaign: inside", "campaign: wide")
    assert petra.refused(403, "/campaigns/plan", {"file": narrow})["outside"] == 8
    assert alice.approve("inside")["judged"]
    world.wait_campaign("inside", "finished")
    assert petra.refused(409, "/campaigns/inside/pause")["code"] == "conflict"


def test_an_old_tag_and_a_key_that_comes_again(world, people, fleet_of, release):
    fleet_of(1)
    release("2.4.1")
    alice, bob = people("alice"), people("bob")
    text = campaign("tagged", "2.4.1", more=ASKS)
    alice.apply(text)
    tag = alice.client.get("/campaigns/tagged").headers["ETag"]
    assert tag.startswith('"v1-')
    revised = text + SLOW + "\n"
    word = alice.sign(alice.plan(revised)["statement"])
    alice.refused(412, "/campaigns", {"file": revised, **word}, headers={"If-Match": '"v9"'})
    answer = alice.post("/campaigns", {"file": revised, **word}, headers={"If-Match": tag})
    assert answer.status == 200 and answer.json()["revision"] == 2 and answer.headers["ETag"] == '"v2"'
    assert alice.refused(412, "/campaigns/tagged/pause", {}, headers={"If-Match": tag})["code"] == "stale"
    approval = bob.done("/campaigns/tagged/statement", {"action": "approve"})["statement"]
    assert bob.refused(412, "/campaigns/tagged/approve", bob.sign(approval), headers={"If-Match": tag})["code"] == "stale"
    once = {"Idempotency-Key": "approval-1"}
    first = bob.post("/campaigns/tagged/approve", bob.sign(approval), headers=once)
    assert first.status == 200
    world.wait_campaign("tagged", "finished")
    repeated = bob.post("/campaigns/tagged/approve", bob.sign(approval), headers=once)
    assert (repeated.status, repeated.json()) == (200, first.json())
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert bob.refused(422, "/campaigns/tagged/approve", {"wave": "rest"}, headers=once)["code"] == "key-reused"
    assert world.db.rows("select count(*) from approval") == [(1,)]


def test_gates_by_hand(world, people, fleet_of, release):
    fleet_of(2)
    release("2.4.1")
    alice = people("alice")
    alice.apply(campaign("gates", "2.4.1", "  - {name: canary, count: 1, gate: {soak: 10m}}\n"
                                           "  - {name: rest, remaining: true}"))
    assert "reason" in alice.do("hold", "gates", status=400)["detail"]
    held = alice.do("hold", "gates", wave="canary", reason="the lab looks")
    assert (held["manual"], held["words"]) == ("hold", "by alice: the lab looks")
    assert alice.do("unhold", "gates", wave="canary")["manual"] == ""
    assert alice.do("advance", "gates", wave="nothing", reason="x", status=404)["code"] == "not-found"
    world.wait("the canary soaks", lambda: world.db.wave_states("gates")["canary"] in ("soaking", "at-gate"))
    assert alice.do("advance", "gates", wave="canary", reason="seen enough")["manual"] == "advance"
    world.wait_campaign("gates", "finished")


def test_back_by_http(world, people, fleet_of, release):
    """A rollback is a campaign of its own, and needs its person's word as such."""
    fleet_of(2)
    release("2.3.7")
    release("2.4.1")
    alice = people("alice")
    alice.apply(campaign("forth", "2.4.1", more="rollback_to: brake-controller/2.3.7"))
    world.wait_campaign("forth", "finished")
    assert alice.done("/campaigns/forth/statement", {"action": "pause"})["statement"] is None
    assert "action" in alice.refused(400, "/campaigns/forth/statement", {"action": "fly"})["detail"]
    assert "nothing to retry" in alice.refused(409, "/campaigns/forth/statement", {"action": "retry-failed"})["detail"]
    said = alice.done("/campaigns/forth/statement", {"action": "rollback"})
    assert said["statement"]["campaign"] == "forth-rollback" and "forth-rollback" in said["words"]
    assert "statement" in alice.do("rollback", "forth", status=400, reason="worse")["detail"]
    made = alice.do("rollback", "forth", reason="worse", **alice.sign(said["statement"]))
    assert (made["campaign"], made["version"], made["devices"]) == ("forth-rollback", "2.3.7", 2)
    world.wait_campaign("forth-rollback", "finished")
    assert {state for state, _ in world.db.places("forth-rollback").values()} == {"succeeded"}


def test_a_draft_is_started(world, people, fleet_of, release):
    fleet_of(1)
    release("2.4.1")
    alice = people("alice")
    text = campaign("drafted", "2.4.1")
    word = alice.sign(alice.plan(text)["statement"])
    assert alice.done("/campaigns", {"file": text, "draft": True, **word})["state"] == "draft"
    assert alice.do("start", "drafted")["to"] == "running"
    world.wait_campaign("drafted", "finished")
    assert "nothing to start" in alice.do("start", "drafted", status=409)["detail"]
