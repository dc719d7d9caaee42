"""Invitations: somebody is added, given a link, and chooses a password by it; once, and in time."""

import re
import subprocess
from datetime import datetime, timezone

import pytest

from tests.system.test_api_people import PASSWORD, Session, audit_of, code_of, link_of, say, sign_in

LINK = re.compile(r"https://\S+/#/invitation/(wgi_\S+)")
GRANTS = [{"role": "support", "scope": {"regions": ["DE"]}}]


@pytest.fixture
def api(world):
    return world.start_api(url="https://wavegate.example/")


@pytest.fixture
def owner(api):
    return Session(api, say(api.as_nobody(), "POST", "/setup", {"token": link_of(api), "name": "olga", "password": PASSWORD}))


def add(owner, name, grants=None):
    answer = say(owner, "POST", "/people", {"name": name, "grants": grants or GRANTS})
    assert answer.status == 200 and answer.json()["invited"] is False
    return name


def invite(owner, name, **body):
    answer = say(owner, "POST", f"/people/{name}/invitation", body)
    assert answer.status == 200, answer
    return answer.json()


def token_of(made):
    return LINK.fullmatch(made["link"])[1]


def accept(api, token, password=PASSWORD, **more):
    return say(api.as_nobody(), "POST", "/invitation", {"token": token, "password": password}, **more)


def hours_left(made):
    return (datetime.fromisoformat(made["ends_at"].replace("Z", "+00:00")) - datetime.now(timezone.utc)).total_seconds() / 3600


def test_who_was_invited_chooses_a_password_once(world, api, owner):
    made = invite(owner, add(owner, "sue"))
    assert made["link"].startswith("https://wavegate.example/#/invitation/") and made["name"] == "sue"
    assert 23.9 < hours_left(made) <= 24
    assert owner.read("/people/sue")["invited"] is True
    token, nobody = token_of(made), api.as_nobody()
    for _ in range(2):  # to look uses nothing up
        assert say(nobody, "POST", "/invitation/look", {"token": token}).json() == {"name": "sue"}
    assert accept(api, token, "short").status == 400
    evil = accept(api, token, headers={"Origin": "https://evil.example"})
    assert evil.status == 403 and evil.code == "origin"
    sue = Session(api, accept(api, token))
    assert (sue.me["name"], sue.me["roles"], sue.me["password"]) == ("sue", ["support"], True)
    assert sue.read("/me")["grants"] == GRANTS
    secret = say(sue, "POST", "/me/second-factor").json()["secret"]
    assert say(sue, "PUT", "/me/second-factor", {"code": code_of(secret)}).status == 204
    # used
    for again in (accept(api, token, "another good password"), say(nobody, "POST", "/invitation/look", {"token": token})):
        assert again.status == 403 and "was used" in again.json()["detail"]
    assert sign_in(api, "sue", "another good password").status == 401 and sign_in(api, "sue").code == "second-factor"
    person = owner.read("/people/sue")
    assert person["invited"] is False and person["password"] is True
    assert [(row[0], row[2]) for row in audit_of(world, "invitation")] == [("olga", "sue")]
    assert [(row[0], row[1]) for row in audit_of(world, "invitation-used")] == [("sue", "https 127.0.0.1")]
    assert audit_of(world, "sign-in")[1][3]["how"] == "invitation"
    # the link is nowhere but in that answer
    dump = subprocess.run(["pg_dump", "--inserts", "-d", world.db.dsn], capture_output=True, text=True, check=True).stdout
    assert token not in dump and token not in api.log.read_text()


def test_links_that_hold_no_more(world, api, owner):
    for name in ("one", "two", "three", "four"):
        add(owner, name)
    old, new = token_of(invite(owner, "one")), token_of(invite(owner, "one", **{"for": "7d"}))
    assert accept(api, old).status == 403 and accept(api, new).status == 200
    late = token_of(invite(owner, "two", **{"for": "10m"}))
    world.db.rows("update invitation set ends_at = now() - interval '1 second' where person = 'two'")
    assert accept(api, late).status == 403 and owner.read("/people/two")["invited"] is False
    back = token_of(invite(owner, "three"))
    assert say(owner, "DELETE", "/people/three/invitation").status == 204
    assert say(owner, "DELETE", "/people/three/invitation").status == 204
    assert accept(api, back).status == 403 and len(audit_of(world, "invitation-withdrawn")) == 1
    gone = token_of(invite(owner, "four"))
    assert say(owner, "DELETE", "/people/four").status == 204 and accept(api, gone).status == 403
    # who was shut out since, or came in by something else
    out = token_of(invite(owner, "two"))
    assert say(owner, "PATCH", "/people/two", {"disabled": True}).status == 200
    assert accept(api, out).status == 403 and owner.read("/people/two")["password"] is False
    slip = new[:-1] + ("A" if new[-1] != "A" else "B")
    for wrong in (slip, "", "wgo_" + new[4:], "x" * 60):
        assert accept(api, wrong).status == 403, wrong
    for span in ("9m", "31d", "soon", "-1h"):
        assert say(owner, "POST", "/people/three/invitation", {"for": span}).status == 400, span


def test_who_may_invite_whom(world, api, owner):
    add(owner, "sue")
    add(owner, "oleg", [{"role": "owner", "scope": {"regions": ["DE"]}}])
    oleg = Session(api, accept(api, token_of(invite(owner, "oleg"))))
    world.db.rows("update person set grants = '[{\"role\": \"owner\"}]' where name = 'sue'")
    assert say(oleg, "POST", "/people/sue/invitation", {}).status == 403  # she may more than he
    assert say(oleg, "DELETE", "/people/sue/invitation").status == 403
    assert say(api.as_operator("alice"), "POST", "/people/sue/invitation", {}).status == 403
    assert say(owner, "POST", "/people/nobody/invitation", {}).status == 404
    # who can come in by a password is not let in by a link beside it: that would be a way past the old one
    assert say(owner, "POST", "/people/oleg/invitation", {}).status == 409
    assert say(owner, "PATCH", "/people/oleg", {"password": False}).status == 200
    assert say(owner, "POST", "/people/oleg/invitation", {}).status == 200
    world.db.rows("update person set factor = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' where name = 'oleg'")
    assert say(owner, "POST", "/people/oleg/invitation", {}).status == 409
