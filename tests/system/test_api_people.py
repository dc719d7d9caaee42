"""People over HTTP: the first owner's link, sessions, second factors, tokens, people; who may what, and secrets that are nowhere."""

import base64
import hashlib
import hmac
import json
import re
import struct
import subprocess
import time

import pytest

from tests.lab import contract
from tests.lab.api import Client
from tests.lab.process import poll

COOKIE = "__Host-wavegate"
PASSWORD = "correct horse battery"
LINK = re.compile(r"https://\S+/#/setup/(wgo_\S+)")


class Session(Client):
    """Somebody in a browser: a cookie, and what writes repeat."""

    def __init__(self, api, answer):
        header = answer.headers["Set-Cookie"]
        self.cookie = header.split(";")[0].split("=", 1)[1]
        self.header = header
        self.me = answer.json()
        super().__init__(api, headers={"Cookie": f"{COOKIE}={self.cookie}", "X-CSRF-Token": self.me["csrf"]})


def code_of(secret, at=None):
    """RFC 6238."""
    step = int((at or time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start:start + 4])[0] & 0x7fffffff) % 1000000:06}"


def say(client, method, path, body=None, **more):
    """An answer that the contract has."""
    answer = client.ask(method, path, body=body, **more)
    contract.check(method, "/api/v1" + path, answer)
    return answer


def sign_in(api, name, password=PASSWORD, code=None, headers=None):
    body = {"name": name, "password": password, **({"code": code} if code else {})}
    return say(api.as_nobody(), "POST", "/session", body, headers=headers)


def link_of(api):
    assert poll(lambda: LINK.search(api.log.read_text()), 15), api.log.read_text()
    return LINK.search(api.log.read_text())[1]


def signed_in(api, name, password=PASSWORD, code=None):
    answer = sign_in(api, name, password, code)
    assert answer.status == 200, answer
    return Session(api, answer)


@pytest.fixture
def api(world):
    return world.start_api()


@pytest.fixture
def owner(api):
    answer = say(api.as_nobody(), "POST", "/setup", {"token": link_of(api), "name": "olga", "password": PASSWORD})
    assert answer.status == 200, answer
    return Session(api, answer)


def audit_of(world, kind):
    return world.db.rows(f"select actor, origin, subject, detail, why from audit where kind = '{kind}' order by number")


def test_the_first_owner_comes_in_by_a_link_that_is_used_once(world, api):
    nobody = api.as_nobody()
    assert say(nobody, "GET", "/sign-in-ways").json() == {"password": True, "certificate": True, "openid": [], "setup": True}
    link = link_of(api)
    weak = say(nobody, "POST", "/setup", {"token": link, "name": "olga", "password": "short"})
    assert weak.status == 400 and "short" not in weak.json()["detail"].replace("too short", "")
    slip = link[:-1] + ("A" if link[-1] != "A" else "B")
    assert say(nobody, "POST", "/setup", {"token": slip, "name": "olga", "password": PASSWORD}).status == 403
    made = say(nobody, "POST", "/setup", {"token": link, "name": "olga", "password": PASSWORD})
    assert made.status == 200 and made.json()["roles"] == ["owner"]
    parts = [part.strip() for part in made.headers["Set-Cookie"].split(";")]
    assert set(parts[1:]) == {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} and parts[0].startswith(COOKIE + "=wgs_")
    again = say(nobody, "POST", "/setup", {"token": link, "name": "eve", "password": PASSWORD})
    assert again.status == 403 and say(nobody, "GET", "/sign-in-ways").json()["setup"] is False
    olga = Session(api, made)
    me = say(olga, "GET", "/me").json()
    assert me["name"] == "olga" and me["csrf"] == olga.me["csrf"] and me["signed_in_by"] == "password"
    assert me["session_ends_at"] and me["second_factor"] is False
    # another start has no link to give
    other = world.start_api("wavegate-api-2")
    assert other.as_nobody().get("/sign-in-ways").status == 200 and not LINK.search(other.log.read_text())
    rows = audit_of(world, "setup-used")
    assert len(rows) == 1 and rows[0][0] == "olga" and rows[0][1] == "https 127.0.0.1"


def test_a_session_begins_and_ends(world, api, owner):
    assert sign_in(api, "olga", "wrong password").json()["code"] == "wrong"
    assert sign_in(api, "nobody-of-that-name").status == 401
    olga = signed_in(api, "olga")
    assert olga.read("/me")["name"] == "olga"
    # a page of another host signs nobody in
    assert sign_in(api, "olga", headers={"Origin": "https://evil.example"}).json()["code"] == "origin"
    assert sign_in(api, "olga", headers={"Origin": "null"}).status == 403
    assert sign_in(api, "olga", headers={"Origin": f"https://localhost:{api.port}"}).status == 200
    # an old cookie does not keep anybody out
    assert sign_in(api, "olga", headers={"Cookie": f"{COOKIE}=wgs_old"}).status == 200
    out = say(olga, "DELETE", "/session")
    assert out.status == 204 and "Max-Age=0" in out.headers["Set-Cookie"]
    gone = olga.get("/me")
    assert gone.status == 401 and gone.code == "sign-in"
    assert owner.get("/me").status == 200
    # a session ends by itself: unused for an hour, or after twelve
    for column, age in (("seen_at", "61 minutes"), ("made_at", "721 minutes")):
        late = signed_in(api, "olga")
        world.db.rows(f"update session set {column} = now() - interval '{age}' where id = (select max(id) from session)")
        assert late.get("/me").status == 401
    assert {row[2] for row in audit_of(world, "sign-out")} == {"olga"}


def test_a_write_repeats_the_second_value(api, owner):
    bare = Client(api, headers={"Cookie": f"{COOKIE}={owner.cookie}"})
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "A" * 43}, {"X-CSRF-Token": owner.me["csrf"][:-1]}):
        answer = say(bare, "POST", "/me/second-factor", headers=headers)
        assert answer.status == 403 and answer.code == "csrf", headers
    assert bare.get("/me").status == 200
    other = signed_in(api, "olga")
    assert say(bare, "POST", "/me/second-factor", headers={"X-CSRF-Token": other.me["csrf"]}).code == "csrf"
    assert say(owner, "POST", "/me/second-factor").status == 200


def test_wrong_passwords_lock_a_name(world, api, owner):
    for _ in range(5):
        assert sign_in(api, "olga", "wrong password").status == 401
    locked = sign_in(api, "olga")
    assert locked.status == 429 and locked.code == "locked" and 1 <= int(locked.headers["Retry-After"]) <= 60
    assert owner.get("/me").status == 200  # who is in stays in
    world.db.rows("delete from sign_in_failure")
    assert sign_in(api, "olga").status == 200
    assert {row[3]["why"] for row in audit_of(world, "sign-in-refused")} == {"password", "locked"}


def test_a_second_factor(world, api, owner):
    assert say(owner, "PUT", "/me/second-factor", {"code": "000000"}).status == 409
    offered = say(owner, "POST", "/me/second-factor").json()
    assert offered["secret"] in offered["uri"]
    assert sign_in(api, "olga").status == 200  # not in force before a code of it was typed
    wrong = f"{(int(code_of(offered['secret'])) + 1) % 1000000:06}"
    if wrong not in [code_of(offered["secret"], time.time() + drift) for drift in (-30, 0, 30)]:
        assert say(owner, "PUT", "/me/second-factor", {"code": wrong}).status == 403
    code = code_of(offered["secret"])
    assert say(owner, "PUT", "/me/second-factor", {"code": code}).status == 204
    assert owner.read("/me")["second_factor"] is True
    lacks = sign_in(api, "olga")
    assert lacks.status == 401 and lacks.code == "second-factor" and "Set-Cookie" not in lacks.headers
    used = sign_in(api, "olga", code=code)
    assert used.status == 401 and used.code == "wrong"  # each code once
    following = code_of(offered["secret"], time.time() + 30)
    assert sign_in(api, "olga", code=following).status == 200
    assert say(owner, "POST", "/me/second-factor").status == 409
    assert say(owner, "DELETE", "/me/second-factor", {"password": "wrong password"}).code == "wrong-password"
    assert say(owner, "DELETE", "/me/second-factor", {"password": PASSWORD}).status == 204
    assert sign_in(api, "olga").status == 200 and owner.read("/me")["second_factor"] is False


def test_a_password_is_changed_and_all_other_sessions_end(world, api, owner):
    other, fresh = signed_in(api, "olga"), "a much better passphrase"
    assert say(owner, "POST", "/me/password", {"old": "wrong password", "new": fresh}).code == "wrong-password"
    assert say(owner, "POST", "/me/password", {"old": PASSWORD, "new": "short"}).status == 400
    key = {"Idempotency-Key": "one"}
    assert say(owner, "POST", "/me/password", {"old": PASSWORD, "new": fresh}, headers=key).status == 204
    # no hash of that body is kept: a password could be guessed from it
    assert world.db.rows("select count(*) from once")[0][0] == 0
    assert owner.get("/me").status == 200 and other.get("/me").status == 401
    assert sign_in(api, "olga").status == 401 and sign_in(api, "olga", fresh).status == 200
    denied = say(api.as_operator("alice"), "POST", "/me/password", {"new": fresh})
    assert denied.status == 403 and "certificate alone" in denied.json()["detail"]


def test_what_is_refused_is_told_with_its_origin(world, api, owner):
    assert say(api.as_operator("alice"), "POST", "/me/second-factor").status == 403
    assert say(owner, "PUT", "/me/second-factor", {"code": "000000"}).status == 409
    assert api.as_operator("sue").get("/audit").status == 403
    rows = audit_of(world, "refused")
    assert [(row[0], row[1], row[3]["what"]) for row in rows] == [
        ("alice", "https 127.0.0.1", "POST /me/second-factor"), ("olga", "https 127.0.0.1", "PUT /me/second-factor"),
        ("sue", "https 127.0.0.1", "GET /audit")]
    assert "no second factor was offered" in rows[1][4]


def test_secrets_are_nowhere(world, api, owner):
    secrets = [PASSWORD, "wrong password 17", owner.cookie, owner.me["csrf"]]
    sign_in(api, "olga", secrets[1])
    offered = say(owner, "POST", "/me/second-factor", headers={"Idempotency-Key": "two"}).json()["secret"]
    assert say(owner, "PUT", "/me/second-factor", {"code": code_of(offered)}).status == 204
    dump = subprocess.run(["pg_dump", "--inserts", "-d", world.db.dsn], capture_output=True, text=True, check=True).stdout
    link = link_of(api)
    log = api.log.read_text()
    assert log.count(link) == 1  # the one that is printed, and used by now
    for secret in [*secrets, link]:
        assert secret not in dump
    for secret in [*secrets, offered]:
        assert secret not in log
    assert offered not in json.dumps(world.db.rows("select detail, before, after, why from audit"))
    assert world.db.rows("select count(*) from once where body like '%secret%'")[0][0] == 0


SUPPORT_DE = [{"role": "support", "scope": {"regions": ["DE"]}}]


def in_a_day():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))


def seed(world):
    file = world.folder / "some.csv"
    file.write_text("id,region\nde-1,DE-BY\nde-2,DE-BE\nat-1,AT-9\n")
    world.wavegate("device", "import", file, operator="dave")


def test_people_are_added_changed_and_shut_out(world, api, owner):
    seed(world)
    sue = api.as_operator("sue")
    assert len(sue.every("/devices")) == 3  # by the role of the certificate
    made = say(owner, "POST", "/people", {"name": "sue", "grants": SUPPORT_DE})
    assert made.status == 200 and made.json()["grants"] == SUPPORT_DE and made.json()["password"] is False
    # from now on the table counts, whatever the certificate says: only devices inside
    assert [row["id"] for row in sue.every("/devices")] == ["de-1", "de-2"]
    assert sue.get("/devices/at-1").status in (403, 404)
    assert say(sue, "POST", "/devices/at-1/quarantine", {"reason": "smokes"}).status in (403, 404)
    assert say(sue, "POST", "/devices/de-1/quarantine", {"reason": "smokes"}).status == 200
    assert say(owner, "POST", "/people", {"name": "sue", "grants": SUPPORT_DE}).status == 409
    assert [row["name"] for row in owner.every("/people", limit=1)] == ["olga", "sue"]
    # who comes by certificate chooses the first password, and no second one without the first
    assert say(sue, "POST", "/me/password", {"new": PASSWORD}).status == 204
    assert say(sue, "POST", "/me/password", {"new": PASSWORD + "!"}).code == "wrong-password"
    browser = signed_in(api, "sue")
    assert len(browser.every("/devices")) == 2 and browser.get("/people").status == 403
    world.db.rows("delete from sign_in_failure")  # of the address, which is everybody's here
    for _ in range(5):
        sign_in(api, "sue", "wrong password")
    assert owner.read("/people/sue")["locked_until"]
    assert say(owner, "PATCH", "/people/sue", {"unlock": True}).json()["locked_until"] is None
    # an old version is not changed
    before = owner.get("/people/sue").headers["ETag"]
    assert say(owner, "PATCH", "/people/sue", {"disabled": True}, headers={"If-Match": before}).status == 200
    assert say(owner, "PATCH", "/people/sue", {"disabled": False}, headers={"If-Match": before}).status == 412
    assert browser.get("/me").status == 401 and sue.get("/me").status == 403
    assert sign_in(api, "sue").status in (401, 429)  # the address may have to wait
    assert say(owner, "DELETE", "/people/sue").status == 204 and say(owner, "GET", "/people/sue").status == 404
    kinds = [row[0] for row in world.db.rows("select kind from audit where subject = 'sue' and actor = 'olga' order by number")]
    assert kinds[0] == "person-made" and kinds[-1] == "person-deleted" and "person" in kinds


def test_nobody_gives_more_than_they_have_and_the_last_owner_stays(api, owner):
    assert say(owner, "PATCH", "/people/olga", {"disabled": True}).status == 409
    assert say(owner, "PATCH", "/people/olga", {"grants": SUPPORT_DE}).status == 409
    assert say(owner, "DELETE", "/people/olga").status == 409
    part = [{"role": "owner", "scope": {"regions": ["DE"]}}]
    assert say(owner, "POST", "/people", {"name": "dave", "grants": part}).status == 200
    dave = api.as_operator("dave")
    for body in ({"name": "eve", "grants": [{"role": "owner"}]}, {"name": "eve", "grants": [{"role": "auditor"}]},
                 {"name": "eve", "grants": [{"role": "auditor", "scope": {"regions": ["AT"]}}]}):
        assert say(dave, "POST", "/people", body).status == 403, body
    assert say(dave, "PATCH", "/people/dave", {"grants": [{"role": "owner"}]}).status == 403
    assert say(dave, "PATCH", "/people/olga", {"second_factor": False}).status == 403
    inside = [{"role": "auditor", "scope": {"regions": ["DE-BY"]}}]
    assert say(dave, "POST", "/people", {"name": "eve", "grants": inside}).status == 200
    for body in ({}, {"colour": "red"}, {"unlock": False}, {"second_factor": True}, {"grants": [{"role": "king"}]}):
        assert say(owner, "PATCH", "/people/eve", body).status == 400, body


def test_a_token_may_what_it_says_as_far_as_its_maker_may(world, api, owner):
    seed(world)
    wish = {"name": "pipeline", "permissions": ["device.read"], "scope": {"regions": ["AT"]}, "ends_at": in_a_day()}
    made = say(owner, "POST", "/tokens", wish, headers={"Idempotency-Key": "three"})
    assert made.status == 200, made
    token = made.json()["token"]
    script = api.with_token(token)
    assert [row["id"] for row in script.every("/devices")] == ["at-1"]
    denied = say(script, "GET", "/people")
    assert denied.status == 403 and denied.json()["permissions"] == ["people.read"]
    assert say(script, "POST", "/tokens", {**wish, "name": "more"}).status == 403
    assert say(script, "POST", "/me/password", {"old": PASSWORD, "new": PASSWORD + "!"}).status == 403
    assert say(owner, "POST", "/tokens", wish).status == 409
    for body in ({**wish, "name": "x", "ends_at": "2020-01-01T00:00:00Z"}, {**wish, "name": "x", "permissions": []},
                 {**wish, "name": "x", "permissions": ["device.fly"]}, {**wish, "name": "x", "ends_at": "soon"}):
        assert say(owner, "POST", "/tokens", body).status == 400, body
    # somebody else's is not seen, nor ended
    assert say(owner, "POST", "/people", {"name": "sue", "grants": SUPPORT_DE}).status == 200
    sue = api.as_operator("sue")
    assert sue.every("/tokens") == []
    number = made.json()["id"]
    assert say(sue, "DELETE", f"/tokens/{number}").status == 404
    assert say(sue, "POST", "/tokens", {**wish, "scope": {}}).status == 403
    theirs = say(sue, "POST", "/tokens", {**wish, "scope": {"regions": ["DE-BY"]}}).json()
    assert [row["person"] for row in owner.every("/tokens", limit=1)] == ["olga", "sue"]
    listed = say(owner, "GET", "/tokens").json()["items"][0]
    assert listed["used_at"] and "token" not in listed
    # what its maker may no more, it may no more
    assert [row["id"] for row in api.with_token(theirs["token"]).every("/devices")] == ["de-1"]
    elsewhere = [{"role": "support", "scope": {"regions": ["AT"]}}]
    assert say(owner, "PATCH", "/people/sue", {"grants": elsewhere}).status == 200
    assert not [row for row in api.with_token(theirs["token"]).get("/devices").json().get("items", [])]
    assert say(owner, "PATCH", "/people/sue", {"disabled": True}).status == 200
    assert api.with_token(theirs["token"]).get("/me").status == 401
    # ended: by its maker, by time
    assert say(owner, "DELETE", f"/tokens/{number}").status == 204
    assert script.get("/me").status == 401 and say(owner, "DELETE", f"/tokens/{number}").status == 404
    short = say(owner, "POST", "/tokens", {**wish, "name": "short"}).json()
    world.db.rows("update token set ends_at = now() - interval '1 second' where name = 'short'")
    late = api.with_token(short["token"]).get("/me")
    assert late.status == 401 and "ended" in late.json()["detail"]
    # shown once, and nowhere else
    dump = subprocess.run(["pg_dump", "--inserts", "-d", world.db.dsn], capture_output=True, text=True, check=True).stdout
    for secret in (token, theirs["token"], short["token"]):
        assert secret not in dump and secret not in api.log.read_text()
