"""One device through HTTP: retry, cancel, quarantine, clear, revoke, reinstate, tags, and why it is where it is."""

import json

import pytest

from tests.lab import contract
from tests.lab.statement import signed
from tests.system.story import campaign

ASKS = "approvals: {role: rollout-admin, count: 1}"


@pytest.fixture
def api(world):
    return world.start_api()


@pytest.fixture
def ask(api):
    """ask(who, method, path, body, status): the answer's document, held against the contract."""
    def run(who, method, path, body=None, status=200):
        answer = api.as_operator(who).ask(method, path, body)
        assert answer.status == status, (path, answer.status, answer.body)
        contract.check(method, "/api/v1" + path, answer)
        return answer.json()
    return run


@pytest.fixture
def limited(world):
    def limit(name, role, **scope):
        world.db.rows("insert into person (name, grants, made_at, changed_at) values (%s, %s::jsonb, now(), now()) "
                      "returning name", name, json.dumps([{"role": role, "scope": scope}]))
    return limit


def test_why_a_device_waits_as_the_command_says_it(world, ask, fleet_of, release):
    fleet_of(2)
    release("2.4.1")
    world.apply(campaign("waits", "2.4.1", more=ASKS))
    told = ask("sue", "GET", "/devices/dev-01/explain")
    assert told["campaigns"][0]["holds"] == "approvals" and told["id"] == "dev-01"
    said = json.loads(world.wavegate("device", "explain", "dev-01", "--json").stdout)
    for document in (told, said):  # what a device says meanwhile
        for key in ("seen_at", "presence_at", "timeline"):
            document.pop(key)
    assert told == said
    one = ask("sue", "GET", "/devices/dev-01/explain?campaign=waits")
    assert [place["campaign"] for place in one["campaigns"]] == ["waits"]
    assert ask("sue", "GET", "/devices/dev-01/explain?campaign=none", status=404)["code"] == "not-found"
    assert ask("sue", "GET", "/devices/dev-99/explain", status=404)["code"] == "not-found"


def test_a_device_is_taken_out_and_put_aside(world, ask, fleet_of, release):
    fleet_of(3)
    release("2.4.1")
    world.apply(campaign("acts", "2.4.1", more=ASKS))
    act = {"reason": "its owner asked", "campaign": "acts"}
    assert "reason" in ask("sue", "POST", "/devices/dev-01/cancel", {"campaign": "acts"}, 400)["detail"]
    assert "campaign" in ask("sue", "POST", "/devices/dev-01/cancel", {"reason": "x"}, 400)["detail"]
    secret = {"reason": "password=hunter2hunter2", "campaign": "acts"}
    assert ask("sue", "POST", "/devices/dev-01/cancel", secret, 400)["code"] == "usage"
    assert ask("rita", "POST", "/devices/dev-01/cancel", act, 403)["code"] == "not-allowed"
    assert "withdrawn from acts" in ask("sue", "POST", "/devices/dev-01/cancel", act)["words"]
    assert world.db.state_of("acts", "dev-01") == "withdrawn"
    assert ask("sue", "POST", "/devices/dev-01/cancel", act, 409)["code"] == "conflict"
    assert ask("sue", "POST", "/devices/dev-02/retry", act, 409)["code"] == "conflict"
    held = ask("sue", "POST", "/devices/dev-02/quarantine", {"reason": "smoke was seen"})
    assert held["quarantined_at"] and held["held_why"] and "in quarantine" in held["words"]
    assert ask("dave", "POST", "/devices/dev-02/clear", {"reason": "x", "kind": "nothing"}, 400)["code"] == "usage"
    assert ask("sue", "POST", "/devices/dev-02/clear", {"reason": "it is well", "kind": "flood"}, 403)["code"] == "not-allowed"
    assert ask("sue", "POST", "/devices/dev-02/clear", {"reason": "it is well"})["quarantined_at"] is None
    assert ask("sue", "POST", "/devices/dev-02/clear", {"reason": "again"}, 404)["code"] == "not-found"
    assert ask("sue", "POST", "/devices/dev-03/revoke", {"reason": "stolen"}, 403)["code"] == "not-allowed"
    assert "is revoked" in ask("dave", "POST", "/devices/dev-03/revoke", {"reason": "stolen"})["words"]
    assert ask("dave", "GET", "/devices/dev-03")["revoked_at"]
    assert "already" in ask("dave", "POST", "/devices/dev-03/revoke", {"reason": "stolen"})["words"]
    assert "no more" in ask("dave", "POST", "/devices/dev-03/reinstate", {"reason": "found"})["words"]
    assert ask("dave", "PUT", "/devices/dev-03/tags/found")["tags"] == ["found"]
    assert ask("dave", "DELETE", "/devices/dev-03/tags/found")["tags"] == []
    assert ask("dave", "PUT", "/devices/dev-03/tags/b%20ad", status=400)["code"] == "usage"
    assert ask("dave", "PUT", "/devices/dev-99/tags/lab", status=404)["code"] == "not-found"
    assert ask("dave", "POST", "/devices/dev-99/quarantine", {"reason": "x"}, 404)["code"] == "not-found"
    assert {who for who, in world.db.rows("select actor from audit where subject in ('dev-01', 'dev-02', 'dev-03')")} >= {"sue", "dave"}


def test_what_has_ended_takes_a_campaign_of_that_device(world, ask, fleet_of, release):
    fleet_of(2)
    release("2.4.1")
    world.apply(campaign("ended", "2.4.1", more=ASKS))
    act = {"reason": "by mistake", "campaign": "ended"}
    ask("sue", "POST", "/devices/dev-02/cancel", act)
    assert ask("sue", "POST", "/devices/dev-02/retry", act, 409)["code"] == "needs-campaign"
    said = ask("alice", "POST", "/campaigns/ended/statement", {"action": "retry-failed", "device": "dev-02"})
    word = signed(world.ground.pki, "alice", said["statement"])
    sue = signed(world.ground.pki, "sue", said["statement"] | {"operator": "sue"})
    assert ask("sue", "POST", "/devices/dev-02/retry", {**act, **sue}, 403)["code"] == "not-allowed"
    made = ask("alice", "POST", "/devices/dev-02/retry", {**act, **word})
    assert made["from"] == "ended" and made["devices"] == 1
    assert list(world.db.places(made["campaign"])) == ["dev-02"]


def test_a_device_outside_of_a_grant(world, ask, fleet_of, limited):
    """dev-01 is in DE-BY: whose grant is about AT alone does not touch it."""
    fleet_of(1)
    limited("sue", "support", regions=["AT"])
    limited("dave", "deployment-admin", regions=["DE"])
    assert ask("sue", "GET", "/devices/dev-01/explain", status=403)["code"] == "not-allowed"
    assert ask("sue", "POST", "/devices/dev-01/quarantine", {"reason": "x"}, 403)["code"] == "not-allowed"
    assert world.db.rows("select 1 from alarm") == []
    assert ask("dave", "PUT", "/devices/dev-01/tags/mine")["tags"] == ["mine"]
