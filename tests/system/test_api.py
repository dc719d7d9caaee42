"""The API on the wire: who is let in, lists and their pages, forms, tags, limits, a stop; with real certificates."""

import contextlib
import csv
import http.client
import io
import json
import socket
import ssl
import time

import pytest

from tests.lab import fleet
from tests.lab.process import poll
from tests.lab.programs import SLOWER
from tests.system.story import campaign

READERS = ("alice", "rita", "dave", "sue")


@pytest.fixture
def api(world):
    return world.start_api()


def seed_devices(world, count):
    """Registered, never seen."""
    file = world.folder / "many.csv"
    lines = ["id,region,tags"] + [f"m-{number:05},{'DE-BY' if number % 4 else 'AT-9'},{'odd' if number % 2 else ''}"
                                  for number in range(count)]
    file.write_text("\n".join(lines) + "\n")
    world.wavegate("device", "import", file, operator="dave")


def test_who_is_let_in(world, api):
    nobody = api.as_nobody()
    refused = nobody.get("/devices")
    assert (refused.status, refused.code) == (401, "sign-in") and "Bearer" in refused.headers["WWW-Authenticate"]
    assert nobody.get("/healthz", prefix="").body == b"ok\n" and nobody.get("/readyz", prefix="").status == 200
    me = api.as_operator("alice").read("/me")
    assert me["name"] == "alice" and me["roles"] == ["rollout-admin"] and me["signed_in_by"] == "certificate"
    assert "campaign.steer" in me["permissions"] and "people.manage" not in me["permissions"]
    for name in READERS:
        assert api.as_operator(name).get("/campaigns").status == 200
    denied = api.as_operator("alice").get("/audit")
    assert denied.status == 403 and denied.json()["permissions"] == ["audit.read"]
    assert world.db.rows("select actor, origin, detail ->> 'what', why from audit where kind = 'refused'") == [
        ("alice", "https 127.0.0.1", "GET /audit", "alice may not do that: it is for auditor or owner")]
    assert api.with_token("wgt_nonsense").get("/devices").status in (401, 403)


def test_a_certificate_that_was_revoked(world, api):
    """A list that has become another one is read by itself, and counts for connections from then on."""
    ground = world.ground
    ground.pki.run("issue", "operator", "eve", "--role", "rollout-admin", "--pki", ground.pki.folder, "--out",
                   ground.pki.certs)
    eve = api.as_operator("eve")
    assert eve.get("/me").status == 200
    ground.pki.revoke("eve")
    assert poll(lambda: eve.get("/me").status == 403, 10)
    assert "revoked" in eve.get("/me").json()["detail"]


def test_lists_come_page_by_page_and_as_streams(world, api):
    seed_devices(world, 2500)
    alice = api.as_operator("alice")
    ids = [row["id"] for row in alice.every("/devices", limit=1000)]
    assert ids == [f"m-{number:05}" for number in range(2500)]
    assert len(alice.every("/devices", limit=700, region="AT", tag="odd")) == 0
    assert len(alice.every("/devices", limit=700, region="DE", tag="odd")) == 1250
    assert [row["id"] for row in alice.every("/devices", q="m-0010")] == [f"m-0010{digit}" for digit in range(10)]
    lines = alice.get("/devices", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(lines.body.decode(), newline="")))
    assert [row["id"] for row in rows] == ids and rows[0]["region"] == "AT-9" and lines.headers["Content-Type"].startswith("text/csv")
    streamed = alice.get("/devices?format=ndjson&tag=odd").body.splitlines()
    assert [json.loads(line)["id"] for line in streamed] == ids[1::2]


def test_who_does_not_read_is_cut(world):
    """A stream that nobody takes ends, and holds neither a connection of the database nor its place."""
    seed_devices(world, 20000)
    api = world.start_api(patience="2s", database_connections=1)
    alice = api.as_operator("alice")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", api.port))
    with alice.tls.wrap_socket(raw, server_hostname="localhost") as lazy:
        lazy.sendall(b"GET /api/v1/devices?format=ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert lazy.recv(12) == b"HTTP/1.1 200"
        assert poll(lambda: "slow connections ended" in api.log.read_text(), 20)
        assert alice.get("/devices?limit=1").status == 200


WRONG = (
    ("/devices?limit=0", "limit"), ("/devices?limit=1001", "limit"), ("/devices?limit=x", "limit"),
    ("/devices?colour=red", "colour"), ("/devices?online=perhaps", "online"), ("/devices?format=xml", "format"),
    ("/devices?version=2.4.1", "component"), ("/campaigns?cursor=x", "cursor"), ("/fleet/map?box=1,2,3", "box"),
    ("/fleet/map?box=nan,0,1,1", "box"), ("/fleet/map?cells=1000", "cells"), ("/devices?tag=a&tag=b", "twice"),
    ("/devices/%2e%2e%2fetc", "%2F"), ("/devices/a%20b", "a b"), ("/fleet/health?kind=sad", "sad"))


def test_a_request_that_is_wrong_is_told_what(api):
    for path, detail in WRONG:
        answer = api.as_operator("alice").get(path)
        assert answer.status == 400 and detail in answer.json()["detail"], (path, answer)


def test_what_is_not_there_and_what_is_not_taken(api):
    alice = api.as_operator("alice")
    for path in ("/devices/dev-99", "/campaigns/none", "/campaigns/none/devices", "/campaigns/none/failures", "/nothing",
                 "/releases/brake-controller/9.9.9", "/devices/dev-99/timeline"):
        assert (alice.get(path).status, path) == (404, path)
    wrong = alice.ask("DELETE", "/devices")
    assert wrong.status == 405 and "GET" in wrong.headers["Allow"]


def test_a_campaign_as_the_command_shows_it(world, api, fleet_of, release):
    fleet_of(3)
    release("2.4.1")
    name = world.apply(campaign("shown", "2.4.1"))
    world.wait_campaign(name, "finished")
    alice = api.as_operator("alice")
    shown = alice.read(f"/campaigns/{name}")
    told = json.loads(world.wavegate("campaign", "status", name, "--json").stdout)
    for document in (shown, told):
        document.pop("lease")
    assert shown == told
    assert alice.read("/campaigns")["items"][0]["succeeded"] == 3
    places = alice.every(f"/campaigns/{name}/devices", limit=2)
    assert {place["device"]: place["state"] for place in places} == {f"dev-0{n}": "succeeded" for n in (1, 2, 3)}
    assert alice.every(f"/campaigns/{name}/devices", state="failed") == []
    history = alice.every(f"/campaigns/{name}/history", limit=2)
    assert history[0]["to"] == "finished" and history[-1]["actor"] == "alice"
    device = alice.read("/devices/dev-01")
    assert device["software"] == {fleet.COMPONENT: "2.4.1"} and device["online"] is True
    timeline = alice.every("/devices/dev-01/timeline", limit=2)
    assert timeline[0]["state"] == "succeeded" and timeline[-1]["state"] == "accepted"
    counts = alice.read("/fleet")
    assert (counts["devices"], counts["online"]) == (3, 3)
    cells = alice.read("/fleet/map?box=11,48,12,49&cells=4")["cells"]
    assert sum(cell["devices"] for cell in cells) == 3
    made = alice.read("/releases/brake-controller/2.4.1")
    assert made["campaigns"] == [{"campaign": name, "state": "finished"}] and made["devices"] == 3


def test_a_page_of_another_host_changes_nothing(world, api):
    """A browser would show the certificate for it."""
    seed_devices(world, 1)
    dave = api.as_operator("dave")
    for origin in ("https://evil.example", "http://localhost", f"https://localhost:{api.port}.evil.example", "null"):
        asked = dave.ask("PUT", "/devices/m-00000/tags/bad", headers={"Origin": origin})
        assert (asked.status, asked.code, origin) == (403, "origin", origin)
    assert dave.ask("PUT", "/devices/m-00000/tags/good", headers={"Origin": f"https://localhost:{api.port}"}).status < 300
    assert dave.read("/devices/m-00000")["tags"] == ["good"]


def test_a_document_that_did_not_change_is_not_sent_again(world, api, release):
    release("2.4.1")
    alice = api.as_operator("alice")
    first = alice.get("/releases/brake-controller/2.4.1")
    again = alice.get("/releases/brake-controller/2.4.1", headers={"If-None-Match": first.headers["ETag"]})
    assert first.status == 200 and (again.status, again.body) == (304, b"")


def test_bounds_on_what_a_stranger_sends(world):
    api = world.start_api(body_max=65536, patience="2s")
    nobody = api.as_nobody()
    large = nobody.connection()  # told before it is sent
    large.putrequest("POST", "/api/v1/session")
    large.putheader("Content-Length", "70000")
    large.endheaders()
    assert large.getresponse().status == 413
    large.close()
    with contextlib.suppress(OSError):  # it hangs up, or says so first
        assert nobody.get("/me", headers={"X-Long": "a" * 100000}).status in (413, 431)
    assert nobody.get("/" + "a" * 5000).status == 414
    twice = nobody.connection()
    twice.putrequest("GET", "/api/v1/me")
    for value in ("Bearer a", "Bearer b"):
        twice.putheader("Authorization", value)
    twice.endheaders()
    assert twice.getresponse().status == 400
    twice.close()
    # a request that trickles in is ended; a handshake that never ends too
    slow = nobody.connection()
    slow.putrequest("GET", "/api/v1/me")
    slow.connect()
    slow.sock.settimeout(0.3)
    began = time.monotonic()
    with pytest.raises((OSError, ssl.SSLError, http.client.HTTPException)):
        slow.sock.sendall(b"GET /api/v1/me HTTP/1.1\r\n")
        while time.monotonic() < began + 20 * SLOWER:
            slow.sock.sendall(b"X: y\r\n")
            try:
                if slow.sock.recv(1) == b"":
                    raise ConnectionResetError
            except (TimeoutError, ssl.SSLWantReadError):
                pass
    assert nobody.get("/healthz", prefix="").status == 200


def test_who_asks_too_often_is_told_when_to_come_again(world):
    api = world.start_api(rate=1, burst=5)
    nobody = api.as_nobody()
    answers = [nobody.get("/healthz", prefix="") for _ in range(8)]
    assert [answer.status for answer in answers] == [200] * 5 + [429] * 3
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_a_database_that_goes_away_and_comes_back(world, api):
    alice = api.as_operator("alice")
    assert alice.get("/campaigns").status == 200
    world.db.rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'wavegate-api' "
                  "and datname = current_database()")
    assert poll(lambda: alice.get("/campaigns").status == 200, 10)


def test_a_stop_lets_what_is_under_way_end(world, api):
    alice = api.as_operator("alice")
    kept = alice.connection()
    kept.request("GET", "/api/v1/me")
    assert kept.getresponse().read()
    assert api.stop() == 0
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", api.port), timeout=2):
        pass
    kept.close()
