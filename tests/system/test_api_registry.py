"""The registry through HTTP: files of devices in and out, enrolment, groups, boundaries, alarms, erasure; who may on a part alone."""

import concurrent.futures
import http.client
import json
import socket
from datetime import datetime, timedelta

import pytest

from tests.lab import contract, programs
from tests.lab.lab import World
from tests.lab.programs import ROOT
from tests.lab.statement import signed

CSV = {"Content-Type": "text/csv"}
FILE = "id,hardware_model,region,tags,groups\na-1,m1,DE,pilot,lab\na-2,m2,AT,,\na-3,m1,DE-BY,,lab\n"
RECIPIENT = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"


@pytest.fixture(scope="module")
def shared(ground):
    made = World(ground, "api_registry")
    made.start_orchestrator()
    made.start_api()
    yield made
    made.close()
    assert not made.sanitizer_report()


@pytest.fixture
def world(shared):
    """Without devices, boundaries and people."""
    shared.db.rows("truncate device, boundary, once cascade")
    shared.db.rows("delete from person")
    return shared


@pytest.fixture
def ask(world):
    """ask(who, method, path, body, status): the answer, held against the contract."""
    def run(who, method, path, body=None, status=200, headers=None):
        answer = world.apis[0].as_operator(who).ask(method, path, body, headers=headers)
        assert answer.status == status, (path, answer.status, answer.body)
        contract.check(method, "/api/v1" + path, answer)
        return answer
    return run


@pytest.fixture
def take(ask):
    def run(text, parameters="", who="dave", status=200, headers=None):
        return ask(who, "POST", "/devices/import" + parameters, text, status, {**CSV, **(headers or {})}).json()
    return run


def ids(world):
    return [one for one, in world.db.rows("select id from device order by id")]


def limit(world, name, role, **scope):
    world.db.rows("insert into person (name, grants, made_at, changed_at) values (%s, %s::jsonb, now(), now())",
                  name, json.dumps([{"role": role, "scope": scope}]))


def test_a_file_comes_in_and_goes_out(world, ask, take):
    dry = take(FILE, "?dry_run=true")
    assert (dry["new"], dry["stored"]) == (3, False) and ids(world) == []
    bad = FILE + "b 1,m,DE,,\na-1,m,DE,,\n"
    refused = take(bad, "?all_or_nothing=true", status=422)
    assert refused["code"] == "bad-file" and refused["refused"] == 2 and not refused["stored"] and ids(world) == []
    told = take(bad)
    assert {key: told[key] for key in ("rows", "new", "changed", "unchanged", "refused", "stored")} == {
        "rows": 5, "new": 3, "changed": 0, "unchanged": 0, "refused": 2, "stored": True}
    assert [one["line"] for one in told["problems"]] == [5, 6] and "line 2" in told["problems"][1]["reason"]
    assert ids(world) == ["a-1", "a-2", "a-3"]
    assert world.db.rows("select actor, origin, subject from audit where kind = 'import'") == [
        ("dave", "https 127.0.0.1", "registry")]
    csv = ask("sue", "GET", "/devices/export").body
    assert csv.startswith(b"id,hardware_model") and len(csv.splitlines()) == 4
    assert take(csv)["unchanged"] == 3
    lines = ask("sue", "GET", "/devices/export?format=ndjson&group=lab").body
    assert [json.loads(line)["id"] for line in lines.splitlines()] == ["a-1", "a-3"]
    assert [line.split(b",")[0] for line in ask("sue", "GET", "/devices/export?tag=pilot").body.splitlines()] == [b"id", b"a-1"]
    assert take(lines, "?format=ndjson")["unchanged"] == 2
    for file, parameters, line in (("colour\nred\n", "", 1), ("id\n\"open\n", "", 2), (FILE, "?format=ndjson", None)):
        answer = take(file, parameters, status=422 if line else 200)
        assert answer["problems"][0]["line"] == line or not line and answer["refused"] == 4
    assert take("id\nx\n", "?format=xml", status=400)["code"] == "usage"
    assert take("id\nx\n", "?dry_run=perhaps", status=400)["code"] == "usage"
    assert ask("dave", "GET", "/devices/export?tag=a%20b", status=400).code == "usage"


def test_a_key_is_about_the_file_and_the_parameters(take):
    key = {"Idempotency-Key": "k-1"}
    first = take(FILE, headers=key)
    assert take(FILE, headers=key) == first and first["new"] == 3
    assert take(FILE + "a-4,m,DE,,\n", status=422, headers=key)["code"] == "key-reused"
    assert take(FILE, "?dry_run=true", status=422, headers=key)["code"] == "key-reused"


def peak(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


def test_a_large_file_is_not_held_in_memory(world, take):
    """48 MB of rows that are bad are read to the end, in some MB."""
    line = "no good " + "x" * 1000 + ",m,DE,,\n"
    take(FILE)
    before = peak(world.apis[0].pid)
    told = take("id,hardware_model,region,tags,groups\n" + line * 48000)
    assert (told["refused"], len(told["problems"])) == (48000, 100)
    if programs.SLOWER == 1:  # sanitizers keep what was freed
        assert peak(world.apis[0].pid) - before < 16 * 1024


def head_of(api, path, headers, who=None):
    """The answer to a request whose body never comes."""
    client = api.as_operator(who) if who else api.as_nobody()
    link = client.tls.wrap_socket(socket.create_connection(("localhost", api.port), 20 * programs.SLOWER), server_hostname="localhost")
    with link:
        words = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        link.sendall(f"POST /api/v1{path} HTTP/1.1\r\nHost: localhost\r\n{words}\r\n".encode())
        answer = http.client.HTTPResponse(link)
        answer.begin()
        return answer.status, json.loads(answer.read())["code"]


def test_who_may_not_send_a_file_is_told_before_it_comes(world):
    large = {"Content-Type": "text/csv", "Content-Length": 500 * 1024 * 1024}
    chunked = {"Content-Type": "text/csv", "Transfer-Encoding": "chunked"}
    for path in ("/devices/import", "/devices/enrol", "/boundaries/import", "/groups/lab/add"):
        for headers in (large, chunked):
            assert head_of(world.apis[0], path, headers) == (401, "sign-in")
            assert head_of(world.apis[0], path, headers, "alice") == (403, "not-allowed")
    assert head_of(world.apis[0], "/devices/import", {**large, "Content-Length": 10 ** 14}, "dave") == (413, "limit")
    assert head_of(world.apis[0], "/fleet", large, "dave")[0] == 413
    assert world.db.rows("select distinct actor, detail ->> 'what' from audit where kind = 'refused' and "
                         "detail ->> 'what' like '%%enrol'") == [("alice", "POST /devices/enrol")]


def test_limits_of_files(world):
    api = world.start_api("small", file_max=65536)
    (world.folder / "nowhere").mkdir()
    nowhere = world.start_api("nowhere", files=str(world.folder / "nowhere"))
    (world.folder / "nowhere").rmdir()  # a start would have said so
    text = "id\n" + "".join(f"d-{number:07}\n" for number in range(10000))
    dave = api.as_operator("dave")
    assert dave.ask("POST", "/devices/import", text, headers=CSV).code == "limit"
    assert dave.ask("POST", "/devices/import", iter([text.encode()]), headers=CSV).code == "limit"
    assert dave.ask("POST", "/devices/import", iter([b"id\n", b"d-1\n"]), headers=CSV).json()["new"] == 1
    refused = nowhere.as_operator("dave").ask("POST", "/devices/import", "id\nd-2\n", headers=CSV)
    assert (refused.status, refused.code) == (503, "spool")
    assert ids(world) == ["d-1"]
    for one in (api, nowhere):
        one.stop()
        world.apis.remove(one)


def test_rows_outside_of_a_grant_are_refused_one_by_one(world, ask, take):
    take(FILE)
    limit(world, "dave", "deployment-admin", regions=["DE"])
    limit(world, "sue", "support", groups=["lab"], models=["m1"])
    told = take("id,region\na-1,DE-BE\na-2,DE\na-3,AT\nb-1,DE\nb-2,AT\nb-3,\n")
    assert [one["line"] for one in told["problems"]] == [3, 4, 6, 7] and (told["new"], told["changed"]) == (1, 1)
    assert "outside" in told["problems"][0]["reason"]
    assert world.db.rows("select id, region from device order by id") == [
        ("a-1", "DE-BE"), ("a-2", "AT"), ("a-3", "DE-BY"), ("b-1", "DE")]
    limited = ask("dave", "GET", "/devices/export?format=ndjson").body.splitlines()
    assert [json.loads(line)["id"] for line in limited] == ["a-1", "a-3", "b-1"]
    assert len(ask("sue", "GET", "/devices/export").body.splitlines()) == 3
    assert ask("dave", "POST", "/groups/g/add", {"devices": ["a-1", "a-2"]}, 403).json()["outside"] == 1
    ask("dave", "POST", "/groups/g/add", {"devices": ["a-1"]})
    world.db.rows("insert into device_group values ('a-2', 'g')")
    assert ask("dave", "DELETE", "/groups/g", status=403).code == "outside-scope"
    assert ask("dave", "GET", "/groups/g").json() == {"items": [{"device": "a-1"}], "next": None, "group": "g", "devices": 1}
    for path in ("/devices/enrol", "/boundaries/import", "/boundaries/derive"):
        assert ask("dave", "POST", path, "x", 403, headers=CSV).code == "not-allowed"
    for path, body in (("/devices/a-2/age-key", {"recipient": RECIPIENT}), ("/devices/a-2/tags", {"add": ["x"]})):
        assert ask("dave", "PUT" if "age" in path else "POST", path, body, 403).code == "not-allowed"
    assert ask("dave", "POST", "/devices/new-1/tags", {"add": ["x"]}, 404).code == "not-found"
    assert ask("dave", "POST", "/devices/a-2/erase", {"reason": "x"}, 403).code == "not-allowed"
    # whose scope is a group brings devices into it, and takes none from elsewhere
    world.db.rows("delete from person")
    limit(world, "dave", "deployment-admin", groups=["lab"])
    told = take("id,groups\na-2,lab\na-3,lab other\na-1,other\nc-1,lab\nc-2,\n")
    assert [one["line"] for one in told["problems"]] == [2, 4, 6] and (told["new"], told["changed"]) == (1, 1)
    # a region that a boundary told is nobody's word, and stays
    world.db.rows("delete from person")
    ask("dave", "POST", "/boundaries/import", (ROOT / "deploy/boundaries/sample.geojson").read_bytes())
    take("id,lat,lon\nmuc,48.14,11.58\n")
    assert world.db.value("select region from device where id = 'muc'").startswith("DE")
    limit(world, "dave", "deployment-admin", regions=["DE"])
    assert take("id,region,lat,lon,tags\nmuc,,48.14,11.58,here\nnew,,48.2,11.6,\nfar,,-17.8,178,\n")["problems"][0]["line"] == 4


def test_the_fleet_is_counted_once_for_all_who_look(world, ask, take):
    """A while later anew, and for each part of it by itself."""
    take(FILE)
    limit(world, "sue", "support", regions=["AT"])
    world.wait("it is counted anew", lambda: ask("rita", "GET", "/fleet").json()["devices"] == 3)
    with concurrent.futures.ThreadPoolExecutor(8) as people:
        told = list(people.map(lambda _: ask("rita", "GET", "/fleet").json(), range(40)))
    assert {one["devices"] for one in told} == {3}
    counted = sorted({datetime.fromisoformat(one["as_of"].replace("Z", "+00:00")) for one in told})
    assert all(after - before >= timedelta(seconds=1.9) for before, after in zip(counted, counted[1:])), counted
    part = ask("sue", "GET", "/fleet").json()
    assert part["devices"] == 1 and [one["region"] for one in part["regions"]] == ["AT"]
    world.wait("and again", lambda: ask("rita", "GET", "/fleet").json()["as_of"] > told[-1]["as_of"])


def test_groups(world, ask, take):
    take("id\n" + "".join(f"d{number}\n" for number in range(5)))
    text = {"Content-Type": "text/plain"}
    assert ask("dave", "POST", "/groups/lab/add", {"devices": ["d1", "d2"]}).json() == {"group": "lab", "changed": 2}
    assert ask("dave", "POST", "/groups/lab/add", "# pilots\nd2\r\n\n d3 # this\nd4", headers=text).json()["changed"] == 2
    first = ask("sue", "GET", "/groups/lab?limit=3").json()
    assert (first["devices"], [one["device"] for one in first["items"]]) == (4, ["d1", "d2", "d3"])
    assert ask("sue", "GET", f"/groups/lab?cursor={first['next']}").json()["items"] == [{"device": "d4"}]
    assert ask("sue", "GET", "/groups/lab?format=csv").body.split() == [b"device", b"d1", b"d2", b"d3", b"d4"]
    assert "d9" in ask("dave", "POST", "/groups/lab/add", {"devices": ["d0", "d9"]}, 404).json()["detail"]
    wrong = ask("dave", "POST", "/groups/lab/add", "d1\nd/2\n", 422, headers=text).json()
    assert wrong["problems"][0]["line"] == 2
    for body in ({}, {"devices": "d1"}, {"devices": ["d 1"]}, {"devices": []}, {"ids": ["d1"]}, []):
        assert ask("dave", "POST", "/groups/lab/add", body, 400).code in ("usage", "bad-input")
    assert ask("dave", "POST", "/groups/lab/add", "d1", 415, headers=CSV).code == "type"
    assert ask("dave", "POST", "/groups/lab/remove", {"devices": ["d1", "d0"]}).json()["changed"] == 1
    assert ask("dave", "DELETE", "/groups/lab").json() == {"group": "lab", "changed": 3}
    assert ask("sue", "GET", "/groups/lab", status=404).code == "not-found"
    assert ask("dave", "DELETE", "/groups/lab", status=404).code == "not-found"
    assert {(actor, subject) for actor, subject in world.db.rows("select actor, subject from audit where kind = 'group'")} >= {
        ("dave", "lab")}


def test_boundaries(world, ask, take):
    take("id,lat,lon\nmuc,48.14,11.58\n")
    sample = (ROOT / "deploy/boundaries/sample.geojson").read_bytes()
    assert ask("dave", "POST", "/boundaries/import", sample).json() == {"boundaries": 26, "left_out": 0, "devices_changed": 1}
    items, cursor = [], ""
    while cursor is not None:
        page = ask("sue", "GET", f"/boundaries?limit=10{cursor and '&cursor=' + cursor}").json()
        items, cursor = items + page["items"], page["next"]
    assert len(items) == 26 and items == sorted(items, key=lambda one: (one["kind"], one["name"]))
    assert sum(one["devices"] for one in items if one["kind"] == "region") == 1
    world.db.rows("update device set region = '', region_from = ''")
    assert ask("dave", "POST", "/boundaries/derive").json() == {"devices_changed": 1}
    bad = ask("dave", "POST", "/boundaries/import", sample[:-200], 422).json()
    assert bad["problems"][0]["feature"] > 1
    assert world.db.value("select count(*) from boundary") == 26


def test_alarms(world, ask, take):
    take(FILE)
    world.db.rows("""insert into alarm (device_id, kind, count, first_at, last_at, why, cleared_at, cleared_by, cleared_why) values
        ('a-1', 'flood', 3, now() - interval '1 h', now() - interval '3 min', 'many', null, '', ''),
        ('a-1', 'cloned', 1, now() - interval '1 h', now() - interval '2 min', 'two', now(), 'dave', 'one of them was sold'),
        ('a-2', 'escape', 1, now() - interval '1 h', now() - interval '1 min', 'elsewhere', null, '', '')""")

    def kinds(path):
        return [(one["device"], one["kind"]) for one in ask("sue", "GET", path).json()["items"]]
    assert kinds("/alarms") == [("a-2", "escape"), ("a-1", "flood")]
    assert kinds("/alarms?cleared=true") == [("a-2", "escape"), ("a-1", "cloned"), ("a-1", "flood")]
    assert kinds("/devices/a-1/alarms") == [("a-1", "flood")]
    assert kinds("/devices/a-1/alarms?cleared=true") == [("a-1", "cloned"), ("a-1", "flood")]
    first = ask("sue", "GET", "/alarms?cleared=true&limit=1").json()
    assert kinds(f"/alarms?cleared=true&cursor={first['next']}") == [("a-1", "cloned"), ("a-1", "flood")]
    assert ask("sue", "GET", "/alarms?cleared=perhaps", status=400).code == "usage"
    assert ask("sue", "GET", "/devices/none/alarms", status=404).code == "not-found"
    limit(world, "sue", "support", regions=["AT"])
    assert kinds("/alarms") == [("a-2", "escape")]
    assert ask("sue", "GET", "/devices/a-1/alarms", status=403).code == "not-allowed"


def test_erase_age_key_and_tags(world, ask, take):
    take(FILE)
    asked = ask("dave", "POST", "/devices/a-1/statement", {"action": "erase"}).json()["statement"]
    assert (asked["kind"], asked["device"], asked["operator"]) == ("erase", "a-1", "dave")
    pki = world.ground.pki
    word = {"reason": "it was stolen", **signed(pki, "dave", asked)}
    assert ask("dave", "POST", "/devices/a-1/erase", {"reason": "it was stolen"}, 400).code == "usage"
    assert ask("dave", "POST", "/devices/a-2/erase", word, 422).code == "verify"
    assert ask("sue", "POST", "/devices/a-1/erase", word, 403).code == "not-allowed"
    other = {**word, **signed(pki, "alice", {**asked, "operator": "alice"})}
    assert ask("dave", "POST", "/devices/a-1/erase", other, 403).code == "not-allowed"
    assert world.db.value("select count(*) from erasure") == 0
    told = ask("dave", "POST", "/devices/a-1/erase", word).json()
    assert told["revoked_at"] and told["erasure"]["asked_by"] == "dave" and "asked by 1 so far" in told["words"]
    assert ask("dave", "PUT", "/devices/a-1/age-key", {"recipient": RECIPIENT}).json()["identity"]["age_recipient"] == RECIPIENT
    for wrong in ({"recipient": "age1x"}, {}, {"recipient": 5}):
        assert ask("dave", "PUT", "/devices/a-1/age-key", wrong, 400).code in ("usage", "bad-input")
    assert ask("dave", "POST", "/devices/a-1/tags", {"add": ["x", "y"], "remove": ["pilot"]}).json()["tags"] == ["x", "y"]
    assert ask("dave", "POST", "/devices/new/tags", {"add": ["x"]}).json()["registered"] is True
    assert ask("dave", "POST", "/devices/a-1/tags", {"add": ["z", "b ad"]}, 400).code == "bad-input"
    assert ask("sue", "GET", "/devices/a-1").json()["tags"] == ["x", "y"]
