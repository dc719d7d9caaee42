"""Releases through HTTP alone: an artifact comes as a stream and is kept when its hash holds; a release and its forms are
published by a signed statement. The audit log as one stream, that `audit verify` reads."""

import hashlib
import json
import os
import socket
from datetime import datetime, timezone

import pytest

from tests.lab import contract, programs
from tests.lab.process import poll
from tests.lab.statement import signed

PIECE = os.urandom(1 << 20)


@pytest.fixture
def api(bare_world):
    return bare_world.start_api()


class Publisher:
    """A person who publishes with their own key; answers are held against the contract."""

    def __init__(self, world, api, name="rita"):
        self.world, self.name, self.client = world, name, api.as_operator(name)

    def put(self, data, sha256=None, **more):
        path = f"/artifacts/{sha256 or hashlib.sha256(data).hexdigest()}"
        answer = self.client.ask("PUT", path, body=data, **more)
        contract.check("PUT", "/api/v1" + path, answer)
        return answer

    def statement(self, component, version, sha256, **other):
        body = {"_type": "wavegate-statement", "v": 1, "kind": "release", "campaign": "", "digest": sha256, "wave": "",
                "operator": self.name, "at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "release": f"{component}/{version}", **other}
        return signed(self.world.ground.pki, self.name, body)

    def ask(self, path, body):
        answer = self.client.post(path, body)
        contract.check("POST", "/api/v1" + path, answer)
        return answer

    def publish(self, component, version, sha256, said=None, **more):
        said = said or self.statement(component, version, sha256)
        return self.ask("/releases", {"component": component, "version": version, "sha256": sha256, **said, **more})


def folder_of(world):
    return {path.name for path in world.ground.web.artifacts.iterdir()}


def high_water(pid):
    """Bytes that the process had in memory at most."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * 1024


def test_a_release_by_http_alone(bare_world, api):
    world, rita = bare_world, Publisher(bare_world, api)
    data = os.urandom(300_000)
    sha256 = hashlib.sha256(data).hexdigest()
    assert rita.client.get(f"/artifacts/{sha256}").status == 404
    assert rita.publish("fw", "1.0.0", sha256).status == 404  # the artifact comes first
    assert rita.put(data).json() == {"sha256": sha256, "length": 300_000, "added": True}
    assert rita.put(data).json()["added"] is False
    assert api.as_operator("alice").read(f"/artifacts/{sha256}") == {"sha256": sha256, "length": 300_000}
    file = world.ground.web.artifacts / sha256
    assert file.read_bytes() == data and file.stat().st_mode & 0o777 == 0o644

    made = rita.publish("fw", "1.0.0", sha256, notes="the first", hardware_model="cm4", depends={"boot": "^2"})
    assert made.status == 200 and made.json()["added"], made
    row = made.json()
    assert (row["component"], row["version"], row["sha256"], row["length"]) == ("fw", "1.0.0", sha256, 300_000)
    assert (row["added_by"], row["notes"], row["hardware_model"], row["depends"]) == ("rita", "the first", "cm4", {"boot": "^2"})
    assert row["signed"] and not row["sealed"] and row["with"] == {}
    again = rita.publish("fw", "1.0.0", sha256, hardware_model="cm4", depends={"boot": "^2"})
    assert again.status == 200 and again.json()["added"] is False
    assert rita.publish("fw", "1.0.0", sha256, hardware_model="other").status == 409
    packed = os.urandom(1000)
    form = {"sha256": hashlib.sha256(packed).hexdigest()}
    assert rita.ask("/releases/fw/1.0.0/forms", form).status == 404
    rita.put(packed)
    assert rita.ask("/releases/fw/1.0.0/forms", form).json()["forms"][0]["length"] == 1000
    assert rita.ask("/releases/fw/1.0.0/forms", form).json()["added"] is False
    assert rita.ask("/releases/fw/7.0.0/forms", form).status == 404
    assert rita.publish("app", "1.0.0", sha256, **{"with": {"fw": "1.0.0"}}).json()["with"] == {"fw": "1.0.0"}
    assert rita.publish("app", "2.0.0", sha256, **{"with": {"fw": "9.0.0"}}).status == 404
    assert world.db.rows("select actor, origin, kind, subject from audit where kind like 'release%%' order by number") == [
        ("rita", "https 127.0.0.1", "release", "fw/1.0.0"), ("rita", "https 127.0.0.1", "release-form", "fw/1.0.0"),
        ("rita", "https 127.0.0.1", "release", "app/1.0.0"), ("rita", "https 127.0.0.1", "release-companion", "app/1.0.0")]

    def refused(status, answer, word):
        assert (answer.status, word in answer.json()["detail"]) == (status, True), (answer.status, answer.body)
    other = hashlib.sha256(packed).hexdigest()
    refused(422, rita.publish("fw", "2.0.0", sha256, rita.statement("fw", "2.0.0", other)), "another release or artifact")
    refused(422, rita.publish("fw", "2.0.0", sha256, rita.statement("fw", "2.0.1", sha256)), "another release or artifact")
    refused(422, rita.publish("fw", "2.0.0", sha256, rita.statement("fw", "2.0.0", sha256, kind="apply")), "apply")
    refused(409, rita.publish("fw", "2.0.0", sha256, rita.statement("fw", "2.0.0", sha256, at="2020-01-01T00:00:00Z")), "day ago")
    otto = {**Publisher(world, api, "alice").statement("fw", "2.0.0", sha256)}
    refused(403, rita.publish("fw", "2.0.0", sha256, otto), "alice")
    refused(400, rita.publish("fw", "2.0.0", sha256, {"statement": None}), "statement and chain")
    refused(400, rita.publish("fw", "2.x", sha256, rita.statement("fw", "2.x", sha256)), "version")
    refused(400, rita.publish("fw", "2.0.0", sha256, **{"from": "much"}), "from")
    refused(400, rita.publish("fw", "2.0.0", sha256, header="age-encryption.org/v1"), "artifacts.keys")
    refused(400, rita.publish("fw", "2.0.0", sha256, colour="red"), "colour")
    assert rita.publish("fw", "2.0.0", "../../etc/passwd").status == 400
    assert [row["version"] for row in rita.client.every("/releases", component="fw")] == ["1.0.0"]


def test_what_does_not_hold_is_not_kept(bare_world, api):
    rita, before = Publisher(bare_world, api), folder_of(bare_world)
    wrong = rita.put(b"something", sha256="0" * 64)
    assert (wrong.status, wrong.code) == (422, "verify") and "expected 000" in wrong.json()["detail"]
    assert rita.put(b"", sha256="0" * 64).status in (400, 422)
    assert rita.put(b"something", sha256="A" * 64).status == 400
    for who, status in (("alice", 403), ("sue", 403)):
        answer = api.as_operator(who).ask("PUT", "/artifacts/" + "0" * 64, body=b"something")
        assert (answer.status, answer.code) == (status, "not-allowed")
    assert api.as_nobody().ask("PUT", "/artifacts/" + "0" * 64, body=b"something").status == 401
    assert folder_of(bare_world) == before

    # one whose end never comes leaves nothing
    link = rita.client.connection()
    link.putrequest("PUT", "/api/v1/artifacts/" + "1" * 64)
    link.putheader("Content-Length", "1000000")
    link.endheaders()
    link.send(b"x" * 100_000)
    assert poll(lambda: any(name.startswith(".incoming-") for name in folder_of(bare_world)), 5)
    link.sock.shutdown(socket.SHUT_RDWR)
    link.close()
    assert poll(lambda: folder_of(bare_world) == before, 5)

    # how large it is, is asked for before anything is taken
    link = rita.client.connection()
    link.putrequest("PUT", "/api/v1/artifacts/" + "1" * 64)
    link.putheader("Transfer-Encoding", "chunked")
    link.putheader("Expect", "100-continue")
    link.endheaders()
    assert link.getresponse().status == 411
    link.close()


def test_a_large_one_takes_no_memory(bare_world):
    api = bare_world.start_api("narrow", upload_max=200 << 20, body_max=1 << 16)
    rita, count = Publisher(bare_world, api), 64
    digest = hashlib.sha256()
    for _ in range(count):
        digest.update(PIECE)
    path, length = f"/artifacts/{digest.hexdigest()}", count * len(PIECE)
    before = high_water(api.pid)
    answer = rita.client.ask("PUT", path, body=(PIECE for _ in range(count)), headers={"Content-Length": str(length)})
    assert answer.status == 200 and answer.json()["length"] == length
    if programs.SLOWER == 1:  # sanitizers keep what was freed
        assert high_water(api.pid) - before < 16 << 20
    (bare_world.ground.web.artifacts / digest.hexdigest()).unlink()

    # the limit, before a byte is sent
    for sent, status in ((201 << 20, 413), (10 ** 16, 413)):
        link = rita.client.connection()
        link.putrequest("PUT", path)
        for name, value in (("Content-Length", str(sent)), ("Expect", "100-continue")):
            link.putheader(name, value)
        link.endheaders()
        assert link.getresponse().status == status
        link.close()


def test_a_server_without_artifacts_says_so(bare_world):
    api = bare_world.start_api("bare")
    api.stop()
    del api.settings["artifacts"]
    api.log.write_text("")
    rita = Publisher(bare_world, api.start())
    answer = rita.put(b"something")
    assert (answer.status, answer.code) == (501, "no-artifacts")


def test_the_log_as_one_stream(bare_world, api):
    """Every row, in order, with what `audit verify` asks of a file."""
    world = bare_world
    world.db.rows("select count(wg_audit(null, 'anna', 'group', 'g' || n, '{}')) from generate_series(1, 2500) n")
    client = api.as_operator("alice")
    assert client.get("/audit/export").status == 403
    vera = api.as_operator("vera")
    whole = vera.get("/audit/export")
    contract.check("GET", "/api/v1/audit/export", whole)
    rows = [json.loads(line) for line in whole.body.splitlines()]
    head = vera.read("/audit/head")
    assert [row["number"] for row in rows[:-1]] == list(range(1, len(rows))) and len(rows) > 2500
    assert rows[-1] == {"head": rows[-2]["hash"], "rows": len(rows) - 1} and head["hash"] == rows[-2]["hash"]
    assert head["protected"] is False and head["login"]
    part = [json.loads(line) for line in vera.get("/audit/export?first=1200&last=2300").body.splitlines()]
    assert part[0] == {"follows": f"1199:{rows[1198]['hash']}"} and part[1:-1] == rows[1199:2300]
    assert part[-1] == {"head": rows[2299]["hash"], "rows": 2300}
    for query, text in (("", whole.body), ("?first=1200&last=2300", vera.get("/audit/export?first=1200&last=2300").body)):
        file = world.folder / f"audit{len(query)}.ndjson"
        file.write_bytes(text)
        world.wavegate("audit", "verify", file)
    table = vera.get("/audit/export?last=3&format=csv")
    assert table.headers["Content-Type"].startswith("text/csv") and table.body.count(b"\r\n") == 4
    assert vera.get("/audit/export?first=99999").status == 404
    assert vera.get("/audit/export?first=x").status == vera.get("/audit/export?format=xml").status == 400
    assert vera.get("/audit/export?since=2001-01-01T00:00:00Z&until=2002-01-01T00:00:00Z").status == 404


def test_a_release_waits_for_others(bare_world):
    """Nobody's own word counts, and nobody's twice; until then no campaign installs it, companion or way back of one included."""
    world = bare_world
    world.orchestrator.settings["releases"] = {"approvals": 2}
    api = world.start_api()
    for name, role in (("rolf", "repository-admin"), ("odile", "owner")):
        world.ground.pki.run("issue", "operator", name, "--role", role, "--pki", world.ground.pki.folder, "--out",
                             world.ground.pki.certs)
    rita, rolf, odile = (Publisher(world, api, name) for name in ("rita", "rolf", "odile"))
    data = os.urandom(1000)
    sha256 = rita.put(data).json()["sha256"]
    row = rita.publish("fw", "2.0.0", sha256).json()
    assert (row["state"], row["approvals_wanted"], row["approvals"], row["refused"]) == ("proposed", 2, [], None)
    rita.publish("app", "1.0.0", sha256, **{"with": {"fw": "2.0.0"}})
    world.db.rows("update release set approvals_wanted = 0 where component = 'app' returning 1")

    def asked(who, what="approve", status=200, release="fw/2.0.0", **body):
        answer = who.ask(f"/releases/{release}/{what}", body)
        assert answer.status == status, (answer.status, answer.body)
        return answer.json()

    world.db.rows("insert into device (id, registered_at) select 'd-' || n, now() from generate_series(1, 3) n returning id")
    file = world.folder / "roll.yaml"

    def campaign(component, version, rollback=""):
        file.write_text(f"wavegate: 1\ncampaign: roll\nrelease: {component}/{version}\n"
                        f"target: {{device: [d-1, d-2, d-3]}}\nwaves:\n  - {{name: bulk, remaining: true}}\n{rollback}")
        return file

    def refused(word):
        told = world.wavegate("campaign", "plan", file, "--json", expect=3).stdout
        assert word in json.loads(told)["unready"]
        assert "cannot be applied yet" in world.wavegate("campaign", "plan", file, expect=3).stdout
        said = world.wavegate("campaign", "apply", file, expect=None)
        assert said.returncode != 0 and word in said.stderr and "nothing was stored" in said.stderr, said
        assert world.db.rows("select name from campaign where name = 'roll'") == []

    campaign("fw", "2.0.0")
    refused("0 of 2 approvals by others than rita: wavegate release approve fw/2.0.0")
    assert "rita published fw/2.0.0" in asked(rita, status=403)["detail"]
    assert api.as_operator("alice").post("/releases/fw/2.0.0/approve").code == "not-allowed"
    assert asked(rolf)["counts"] is True
    again = asked(rolf)
    assert again["counts"] is False and again["state"] == "proposed" and [one["by"] for one in again["approvals"]] == ["rolf"]
    refused("1 of 2 approvals")
    campaign("app", "1.0.0")  # its companion waits
    refused("release fw/2.0.0 is proposed")
    assert [row["version"] for row in rita.client.every("/releases", state="proposed")] == ["2.0.0"]
    assert asked(odile)["state"] == "published"
    asked(odile, status=409)
    assert "published already" in asked(odile, "refuse", 409, reason="too late")["detail"]
    campaign("fw", "2.0.0")
    assert json.loads(world.wavegate("campaign", "plan", file, "--json", expect=3).stdout)["unready"] is None
    world.wavegate("campaign", "apply", file)

    # a no is for good; one's own no withdraws
    for version in ("3.0.0", "3.0.1"):
        rita.publish("fw", version, sha256)
    asked(rolf, "refuse", 400, "fw/3.0.0")
    assert asked(rolf, "refuse", 200, "fw/3.0.0", reason="it eats flash")["withdrawn"] is False
    assert asked(odile, "approve", 409, "fw/3.0.0")["detail"] == "fw/3.0.0 was refused by rolf: it eats flash"
    withdrawn = asked(rita, "refuse", 200, "fw/3.0.1", reason="the wrong file")
    assert withdrawn["withdrawn"] and withdrawn["refused"]["reason"] == "the wrong file"
    rita.publish("fw", "3.0.2", sha256)
    answer = api.as_operator("alice").post("/releases/fw/3.0.2/refuse", {"reason": "no"})
    assert (answer.status, answer.code) == (403, "not-allowed")
    world.db.rows("update campaign set name = 'rolled' returning 1")
    campaign("fw", "3.0.0")
    refused("release fw/3.0.0 was refused by rolf: it eats flash")
    campaign("fw", "2.0.0", "rollback_to: fw/3.0.0\n")
    refused("release fw/3.0.0 was refused")
    told = world.db.rows("select actor, kind, subject, after ->> 'state', why from audit where kind like 'release-%%' "
                         "and kind <> 'release-companion' order by number")
    assert told == [("rolf", "release-approved", "fw/2.0.0", "proposed", None),
                    ("odile", "release-approved", "fw/2.0.0", "published", None),
                    ("rolf", "release-refused", "fw/3.0.0", "refused", "it eats flash"),
                    ("rita", "release-refused", "fw/3.0.1", "refused", "the wrong file")]
    assert world.db.rows("select distinct kind from change where subject = 'fw/3.0.0'") == [("release",)]
