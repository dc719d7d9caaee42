"""Signing in by OpenID Connect: by a provider that is right, and by every wrong token, answer and browser."""

import time
import urllib.parse

import pytest

from tests.lab import contract
from tests.lab.api import Client
from tests.lab.issuer import CLIENT, SECRET, Issuer, Key, by_hmac, unsigned
from tests.lab.lab import World
from tests.system.test_api_people import COOKIE, PASSWORD, Session, audit_of, code_of, link_of, say

OWN = "__Host-wavegate-openid"
GRANTS = [{"role": "support"}]
SUBJECTS = {"olga": "sub-1", "sue": "sub-2", "vera": "sub-3", "alf": "sub-4"}


class Browser:
    """What it keeps between two pages: the cookie of a sign-in under way, and that of a session."""

    def __init__(self, api):
        self.api, self.kept, self.session = api, {}, None

    def ask(self, method, path, body=None):
        cookies = "; ".join(f"{name}={value}" for name, value in self.kept.items())
        answer = Client(self.api, headers={"Cookie": cookies} if cookies else {}).ask(method, path, body=body, prefix="")
        contract.check(method, path, answer)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.kept.pop(name, None)
            if value:
                self.kept[name] = value
            parts = {part.strip() for part in line.split(";")[1:]}
            assert {"Path=/", "Secure", "HttpOnly"} <= parts and f"SameSite={'Lax' if name == OWN else 'Strict'}" in parts
        return answer

    def start(self):
        answer = self.ask("GET", "/api/v1/openid/start")
        assert answer.status == 303 and OWN in self.kept, answer
        return answer.headers["Location"]

    def back(self, url):
        """Where the browser is sent then: "/" it is in."""
        parts = urllib.parse.urlsplit(url)
        answer = self.ask("GET", f"{parts.path}?{parts.query}")
        assert answer.status == 303, answer
        return answer.headers["Location"].removeprefix("/#/sign-in/")

    def sign_in(self, issuer, **claims):
        return self.back(issuer.agree(self.start(), **claims))

    def me(self):
        assert COOKIE in self.kept
        return Client(self.api, headers={"Cookie": f"{COOKIE}={self.kept[COOKIE]}"}).read("/me")


class Place:
    """A world, its server and its provider, for all tests of this file."""

    def __init__(self, ground):
        self.world = World(ground, "api_openid")
        certificate, key, root = ground.pki.for_browsers()
        self.issuer = Issuer(certificate, key)
        self.secret = self.world.folder / "client.secret"
        self.secret.write_text(SECRET + "\n")
        self.secret.chmod(0o600)
        self.oidc = {"issuer": self.issuer.url, "client_id": CLIENT, "client_secret_file": str(self.secret), "name": "Example",
                     "ca": str(root)}
        self.api = self.start()
        made = say(self.api.as_nobody(), "POST", "/setup", {"token": link_of(self.api), "name": "olga", "password": PASSWORD})
        self.owner = Session(self.api, made)
        for name in ("sue", "vera", "alf"):
            assert say(self.owner, "POST", "/people", {"name": name, "grants": GRANTS}).status == 200

    def start(self, name="wavegate-api", **more):
        api = self.world.add_api(name)
        api.settings["api"].update(url=f"https://localhost:{api.port}/", oidc={**self.oidc, **more})
        return api.start()

    def enter(self, name, api=None, **claims):
        browser = Browser(api or self.api)
        return browser, browser.sign_in(self.issuer, **{"sub": SUBJECTS[name], "preferred_username": name, **claims})

    def refused_why(self):
        return audit_of(self.world, "sign-in-refused")[-1][3]["why"]


@pytest.fixture(scope="module")
def shared(ground):
    made = Place(ground)
    yield made
    made.issuer.close()
    log = made.api.log.read_text()
    assert SECRET not in log and "code-" not in log and "eyJ" not in log and OWN not in log
    made.world.close()
    assert made.world.sanitizer_report() == ""


@pytest.fixture
def place(shared):
    shared.issuer.reset()
    shared.issuer.keys = [shared.issuer.rsa, shared.issuer.curve]
    yield shared


def test_somebody_comes_in_and_stays_who_they_are(place):
    ways = say(place.api.as_nobody(), "GET", "/sign-in-ways").json()
    assert ways["openid"] == [{"name": "Example", "url": "/api/v1/openid/start"}]
    browser, to = place.enter("sue")
    assert to == "/" and OWN not in browser.kept
    me = browser.me()
    assert (me["name"], me["roles"], me["signed_in_by"], me["password"]) == ("sue", ["support"], "openid", False)
    assert place.owner.read("/people/sue")["openid"] is True and place.owner.read("/people/vera")["openid"] is False
    linked = audit_of(place.world, "openid-linked")[-1]
    assert linked[0] == linked[2] == "sue" and linked[3] == {"issuer": place.issuer.url, "subject": "sub-2"}
    row = audit_of(place.world, "sign-in")[-1]
    assert row[0] == "sue" and row[1] == "https 127.0.0.1" and row[3]["how"] == "oidc"
    # another name for the same account is sue, and her name for another account is nobody
    assert place.enter("sue", preferred_username="vera")[0].me()["name"] == "sue"
    browser, to = place.enter("sue", sub="sub-99")
    assert to == "another" and COOKIE not in browser.kept and "sue" in place.refused_why()
    # until an owner lets go of the first
    assert say(place.owner, "PATCH", "/people/sue", {"openid": True}).status == 400
    assert say(place.owner, "PATCH", "/people/sue", {"openid": False}).json()["openid"] is False
    assert audit_of(place.world, "openid-unlinked")[-1][0] == "olga"
    assert place.enter("sue", sub="sub-99")[1] == "/"
    assert say(place.owner, "PATCH", "/people/sue", {"openid": False}).status == 200


def test_both_kinds_of_keys(place):
    for key in (place.issuer.rsa, place.issuer.curve):
        place.issuer.bend = key.token
        assert place.enter("vera")[1] == "/", key.alg
    # without a name of the key there must be one of its kind
    place.issuer.bend = lambda claims: place.issuer.curve.token(claims, kid=None)
    assert place.enter("vera")[1] == "/"


def test_nobody_comes_in_who_is_not_there(place):
    assert place.enter("olga", sub="s", preferred_username="mallory")[1] == "nobody"
    assert place.enter("olga", sub="s", preferred_username="o lga")[1] == "not-allowed"
    assert place.enter("olga", sub="s", preferred_username=7)[1] == "not-allowed"
    assert say(place.owner, "PATCH", "/people/alf", {"disabled": True}).status == 200
    assert place.enter("alf")[1] == "disabled"
    assert "may not come in" in place.refused_why()
    assert [person["name"] for person in place.owner.every("/people")] == ["alf", "olga", "sue", "vera"]


def now():
    return int(time.time())


FOREIGN, FOREIGN_EC = Key("rsa-1"), Key("ec-1", curve=True)
WRONG = {
    "alg none": (lambda issuer, claims: unsigned(claims), "only RS256 and ES256"),
    "alg None": (lambda issuer, claims: unsigned(claims, "None"), "only RS256 and ES256"),
    "hmac by the public key": (lambda issuer, claims: by_hmac(claims, issuer.rsa.public_pem(), "rsa-1"), "only RS256 and ES256"),
    "rsa signature said to be ecdsa": (lambda issuer, claims: issuer.rsa.token(claims, alg="ES256"), "no ES256 key"),
    "ecdsa signature said to be rsa": (lambda issuer, claims: issuer.curve.token(claims, alg="RS256"), "no RS256 key"),
    "signed by another rsa key": (lambda issuer, claims: FOREIGN.token(claims), "signature does not hold"),
    "signed by another curve key": (lambda issuer, claims: FOREIGN_EC.token(claims), "signature does not hold"),
    "a key of its own in the header": (lambda issuer, claims: FOREIGN.token(claims, jwk=FOREIGN.jwk(), jku="https://x/"),
                                       "signature does not hold"),
    "claims exchanged": (lambda issuer, claims: swapped(issuer.rsa.token(claims), issuer.rsa.token({**claims, "sub": "x"})),
                         "signature does not hold"),
    "a header that must be understood": (lambda issuer, claims: issuer.rsa.token(claims, crit=["b64"], b64=False), "crit"),
    "unknown kid": (lambda issuer, claims: issuer.rsa.token(claims, kid="rsa-9"), 'no RS256 key "rsa-9"'),
    "wrong aud": (lambda issuer, claims: issuer.rsa.token({**claims, "aud": "another"}), "aud"),
    "aud of many without azp": (lambda issuer, claims: issuer.rsa.token({**claims, "aud": [CLIENT, "another"]}), "azp"),
    "wrong azp": (lambda issuer, claims: issuer.rsa.token({**claims, "azp": "another"}), "azp"),
    "no aud": (lambda issuer, claims: issuer.rsa.token({**claims, "aud": None}), "aud"),
    "wrong iss": (lambda issuer, claims: issuer.rsa.token({**claims, "iss": issuer.url + "/"}), "iss"),
    "wrong nonce": (lambda issuer, claims: issuer.rsa.token({**claims, "nonce": "another"}), "nonce"),
    "no nonce": (lambda issuer, claims: issuer.rsa.token({key: claims[key] for key in claims if key != "nonce"}), "nonce"),
    "expired": (lambda issuer, claims: issuer.rsa.token({**claims, "exp": now() - 61}), "exp"),
    "exp as text": (lambda issuer, claims: issuer.rsa.token({**claims, "exp": "9999999999"}), "exp"),
    "exp beyond all": (lambda issuer, claims: issuer.rsa.token({**claims, "exp": 1e300}), "exp"),
    "no exp": (lambda issuer, claims: issuer.rsa.token({**claims, "exp": None}), "exp"),
    "of the future": (lambda issuer, claims: issuer.rsa.token({**claims, "iat": now() + 90}), "future"),
    "not yet": (lambda issuer, claims: issuer.rsa.token({**claims, "nbf": now() + 90}), "future"),
    "older than the sign-in": (lambda issuer, claims: issuer.rsa.token({**claims, "iat": now() - 90}), "older"),
    "no sub": (lambda issuer, claims: issuer.rsa.token({**claims, "sub": ""}), "sub"),
    "a long sub": (lambda issuer, claims: issuer.rsa.token({**claims, "sub": "s" * 256}), "sub"),
    "two parts": (lambda issuer, claims: issuer.rsa.token(claims).rsplit(".", 1)[0], "three parts"),
    "padding": (lambda issuer, claims: issuer.rsa.token(claims) + "==", "signature is none"),
    "huge": (lambda issuer, claims: issuer.rsa.token({**claims, "more": "x" * 20000}), "longer than"),
    "not even text": (lambda issuer, claims: {"a": 1}, "no ID token"),
}


def swapped(one, other):
    """The claims of the other under the signature of the one."""
    return ".".join((one.split(".")[0], other.split(".")[1], one.split(".")[2]))


def test_wrong_tokens_are_refused_and_told_of(place):
    for what, (bend, why) in WRONG.items():
        place.issuer.bend = lambda claims, bend=bend: bend(place.issuer, claims)
        before = len(place.api.log.read_text())
        browser, to = place.enter("vera")
        assert to == "answer" and COOKIE not in browser.kept, what
        assert why in place.refused_why(), (what, place.refused_why())
        told = place.api.log.read_text()[before:].replace('\\"', '"')
        assert why in "".join(line for line in told.splitlines() if "sign-in by OpenID Connect refused" in line), what
    place.issuer.bend = None
    assert place.enter("vera", aud=[CLIENT, "another"], azp=CLIENT)[1] == "/"


def test_keys_that_are_new_are_asked_for_and_not_too_often(place):
    fresh = Key("rsa-2")
    api = place.start("wavegate-api-keys")
    assert place.enter("vera", api)[1] == "/"
    place.issuer.bend = fresh.token
    before = place.issuer.asked.count("/keys")
    assert place.enter("vera", api)[1] == "answer"
    place.issuer.keys = [fresh]
    assert place.enter("vera", api)[1] == "/"
    place.issuer.bend = lambda claims: fresh.token(claims, kid="no-such")
    for _ in range(5):
        assert place.enter("vera", api)[1] == "answer"
    assert place.issuer.asked.count("/keys") - before == 3
    # two keys of one name: which one is meant is not guessed; weak ones and others' are none
    place.issuer.bend, place.issuer.keys = Key("rsa-1").token, [Key("rsa-1"), Key("rsa-1")]
    assert place.enter("vera", place.start("wavegate-api-keys-2"))[1] == "answer"
    assert "which one is meant" in place.refused_why()
    api.stop()


def test_a_state_is_good_once_and_in_its_browser(place):
    issuer, browser, other = place.issuer, Browser(place.api), Browser(place.api)
    claims = {"sub": SUBJECTS["vera"], "preferred_username": "vera"}
    url = issuer.agree(browser.start(), **claims)
    assert browser.back(url) == "/" and browser.back(url) == "over"
    assert Browser(place.api).back(url) == "over"
    # another browser, with a sign-in of its own or none, that is given the code
    url = issuer.agree(browser.start(), **claims)
    other.start()
    assert other.back(url) == "browser" and COOKIE not in other.kept and "another browser" in place.refused_why()
    assert browser.back(url) == "over"  # it is used up
    assert Browser(place.api).back(issuer.agree(browser.start(), **claims)) == "browser"
    # a code of one sign-in brought to another: PKCE and the nonce do not fit
    one, two = issuer.agree(browser.start(), **claims), issuer.agree(other.start(), **claims)
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(two).query)["state"][0]
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(one).query)["code"][0]
    assert other.back(f"/api/v1/openid/back?state={state}&code={code}&iss={issuer.url}") == "answer"
    assert "invalid_grant" in place.refused_why()
    for query in ("", "?state=", "?state=x&code=y", "?code=y", "?error=access_denied", "?state=" + "A" * 1000):
        assert browser.back("/api/v1/openid/back" + query) == "over"
    url = issuer.agree(browser.start(), **claims)
    place.world.db.rows("update openid_try set ends_at = now() - interval '1 second'")
    assert browser.back(url) == "over"
    # what the database keeps of states and cookies is no use to who reads it
    location = browser.start()
    row = str(place.world.db.rows("select state, browser from openid_try"))
    assert urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["state"][0] not in row and browser.kept[OWN] not in row


def test_answers_of_another_provider(place):
    browser = Browser(place.api)
    claims = {"sub": SUBJECTS["vera"], "preferred_username": "vera"}
    for issuer in ("https://evil.example", None):
        url = place.issuer.agree(browser.start(), **claims).split("&iss=")[0]
        assert browser.back(url + (f"&iss={issuer}" if issuer else "")) == "answer"
        assert "iss" in place.refused_why()
    url = place.issuer.agree(browser.start(), **claims)
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["state"][0]
    assert browser.back(f"/api/v1/openid/back?state={state}&error=access_denied&iss={place.issuer.url}") == "refused"
    assert "access_denied" in place.refused_why()


REDIRECT = (302, {"Location": "https://localhost:1/elsewhere"}, b"")


def test_a_provider_that_is_away_or_lies_about_itself(place):
    issuer, metadata = place.issuer, "/.well-known/openid-configuration"
    bad = [{"issuer": "https://evil.example"}, {"issuer": issuer.url + "/"}, {"token_endpoint": "http://localhost/token"},
           {"authorization_endpoint": "javascript:alert(1)"}, {"authorization_endpoint": "https://x/\r\nSet-Cookie: a=b"},
           {"jwks_uri": None}, {"code_challenge_methods_supported": ["plain"]}, {"response_types_supported": ["id_token"]}]
    whole = [REDIRECT, (200, {}, b"{"), (200, {}, b"[]"), (500, {}, b"{}"), (200, {}, b'{"a": "' + b"x" * 300000 + b'"}')]
    good = dict(issuer.metadata)
    for turn, wrong in enumerate(bad + whole):
        issuer.metadata = {**good, **(wrong if isinstance(wrong, dict) else {})}
        issuer.answers = {} if isinstance(wrong, dict) else {metadata: wrong}
        api = place.start(f"wavegate-api-bad-{turn}")
        answer = Browser(api).ask("GET", "/api/v1/openid/start")
        assert answer.status == 303 and answer.headers["Location"] == "/#/sign-in/away", wrong
        assert "sign-in by OpenID Connect refused" in api.log.read_text()
        api.kill()
    issuer.reset()
    # who is believed sends on to nowhere else
    for path, word in (("/token", "answer"), ("/keys", "away")):
        api = place.start(f"wavegate-api-on{path.replace('/', '-')}")
        issuer.answers = {path: REDIRECT}
        assert place.enter("vera", api)[1] == word, path
        issuer.answers = {}
        api.kill()


def test_what_the_settings_want_of_who_comes_in(place):
    api = place.start("wavegate-api-wants", person_claim="email", person_domain="example.org", scopes="openid email",
                      require={"groups": "wavegate", "mfa": "true"})
    good = {"email": "vera@Example.ORG", "email_verified": True, "mfa": True}
    assert place.enter("vera", api, **good)[1] == "/"
    assert say(place.owner, "PATCH", "/people/vera", {"openid": False}).status == 200
    for wrong in ({"email": "vera@example.org.evil.example"}, {"email": "vera"}, {"email": "@example.org"}, {"groups": ["staff"]},
                  {"email_verified": False}, {"email_verified": "true"}, {"mfa": "yes"}, {"mfa": None}, {"groups": "wavegate2"}):
        assert place.enter("vera", api, **{**good, **wrong})[1] == "not-allowed", wrong
    api.stop()


def test_claims_that_are_told_beside_the_token(place):
    """OpenID Connect Core, section 5.3: with the access token, and of the same account."""
    issuer = place.issuer
    issuer.metadata["userinfo_endpoint"] = f"{issuer.url}/me"
    api = place.start("wavegate-api-beside", require={"groups": "wavegate"})

    def enter(subject="sub-3", **beside):
        issuer.beside = {"sub": subject, **beside}
        browser = Browser(api)
        return browser.sign_in(issuer, sub="sub-3", groups=None)

    assert enter(preferred_username="vera", groups=["wavegate"]) == "/"
    assert enter(preferred_username="vera") == "not-allowed" and enter() == "not-allowed"
    assert enter(subject="sub-2", preferred_username="vera", groups=["wavegate"]) == "answer"
    assert "another account" in place.refused_why()
    # what the token says is not said otherwise
    issuer.beside = {"sub": "sub-3", "groups": ["wavegate"], "preferred_username": "olga", "iss": "https://x"}
    assert place.enter("vera", api, groups=["staff"])[1] == "not-allowed"
    issuer.answers = {"/me": REDIRECT}
    assert Browser(api).sign_in(issuer, sub="sub-3", groups=None) == "away"
    api.stop()


def test_a_second_factor_is_asked_for_whoever_vouches(place):
    secret = say(place.owner, "POST", "/me/second-factor").json()["secret"]
    assert say(place.owner, "PUT", "/me/second-factor", {"code": code_of(secret)}).status == 204
    browser, to = place.enter("olga")
    assert to == "code" and COOKIE not in browser.kept
    assert audit_of(place.world, "openid-linked")[-1][0] != "olga"  # not before the code
    assert Browser(place.api).ask("POST", "/api/v1/openid/code", {"code": "123456"}).code == "over"
    right = code_of(secret, time.time() + 30)
    for _ in range(5):
        assert browser.ask("POST", "/api/v1/openid/code", {"code": f"{(int(right) + 500000) % 1000000:06}"}).code == "wrong"
    assert browser.ask("POST", "/api/v1/openid/code", {"code": right}).status == 429
    place.world.db.rows("delete from sign_in_failure")
    assert browser.ask("POST", "/api/v1/openid/code", {"code": ""}).status == 400
    done = browser.ask("POST", "/api/v1/openid/code", {"code": right})
    assert done.status == 200 and done.json()["name"] == "olga" and OWN not in browser.kept
    assert browser.me()["signed_in_by"] == "openid"
    assert browser.ask("POST", "/api/v1/openid/code", {"code": right}).code == "over"
    place.world.db.rows("update person set factor = '' where name = 'olga'")


def test_a_server_without_a_provider_has_no_such_door(place):
    api = place.world.start_api("wavegate-api-without")
    for method, path in (("GET", "/openid/start"), ("GET", "/openid/back?state=x")):
        assert say(api.as_nobody(), method, path).status == 404
    assert say(api.as_nobody(), "GET", "/sign-in-ways").json()["openid"] == []
    api.stop()
    # a secret that others can read is none
    place.secret.chmod(0o644)
    wrong = place.world.add_api("wavegate-api-secret", url="https://localhost", oidc=place.oidc)
    with pytest.raises(AssertionError):
        wrong.start()
    place.secret.chmod(0o600)
    assert "client_secret_file" in wrong.log.read_text() and SECRET not in wrong.log.read_text()
