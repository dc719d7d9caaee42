"""Whose grants are about region AT sees, whatever route is asked, nothing of devices elsewhere; who may everywhere sees all."""

import json

import pytest

from tests.lab import contract, fleet, payload
from tests.lab.events import Stream
from tests.lab.lab import World
from tests.lab.process import poll
from tests.system.story import campaign

PLACES = {"at-1": "rolled-back", "at-2": "succeeded", "at-3": "failed",
          "de-1": "rolled-back", "de-2": "rolled-back", "de-3": "succeeded", "de-4": "succeeded"}
REGIONS = {"at": "AT-9", "de": "DE-BY"}
ASKS = "approvals: {role: rollout-admin, count: 1}"


def fill(world):
    """Seven devices, each with something of every kind that a route tells of."""
    rows = world.db.rows
    for number, device in enumerate([*PLACES, "at-8", "de-8"]):
        region = REGIONS[device[:2]]
        rows("insert into device (id, hardware_model, hardware_revision, region, region_from, zone, boot, journal, registered_at, "
             "clock_off, position) values (%s, %s, 'B', %s, 'boundary', %s, %s, 'j', now() - interval '9 days', -90, st_point(%s, 48)::geography)", device, "other" if device.endswith("8") else "brake-controller", region,
             "Europe/Vienna" if region == "AT-9" else "Europe/Berlin", f"b{number}", 10 + number)
        rows("insert into device_software (device_id, component, version, version_key) values (%s, %s, '1.0.0', '111010')",
             device, fleet.COMPONENT)
        rows("insert into device_group (device_id, name) values (%s, 'all'), (%s, %s)", device, device, f"group-{device}")
        rows("insert into alarm (device_id, kind, count, first_at, last_at, why) values (%s, 'flood', 1, now(), now(), %s)",
             device, f"{device} says too much")
    rows("insert into release (component, version, version_key, sha256, length, from_range, notes, added_at, added_by) "
         "values (%s, '1.0.0', '111010', repeat('b', 64), 1, '', '', now(), 'rita')", fleet.COMPONENT)
    for region in REGIONS.values():
        rows("insert into boundary (kind, name, area, imported_at) values ('region', %s, "
             "st_multi(st_geomfromtext('POLYGON((0 0, 0 1, 1 1, 0 0))', 4326)), now())", region)


def run(world):
    """A campaign of all of them that has come to its ends, and one that names two."""
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
    world.apply(campaign("whole", "2.4.1", more=ASKS))
    world.apply(campaign("named", "2.4.1", more=ASKS, target="  - device: [at-8, de-8]"))
    for device, state in PLACES.items():
        world.db.rows("update place set state = %s, cause = %s, detail = %s, state_at = now() where device_id = %s", state,
                      "" if state == "succeeded" else "health", "" if state == "succeeded" else f"{device} squeals", device)
        world.db.rows("update wave_count set devices = devices - 1 where state = 'waiting' and campaign_id = "
                      "(select id from campaign where name = 'whole')")
        world.db.rows("insert into wave_count as w select id, 0, %s, %s, 1 from campaign where name = 'whole' "
                      "on conflict (campaign_id, wave, state, cause) do update set devices = w.devices + 1",
                      state, "" if state == "succeeded" else "health")
    world.db.rows("insert into outcome_count select id, 'region', 'DE-BY', 2 from campaign where name = 'whole'")


@pytest.fixture(scope="module")
def world(ground):
    made = World(ground, "api_scope")
    made.start_orchestrator()
    made.start_api()
    fill(made)
    run(made)
    for name, role in (("sue", "support"), ("petra", "auditor")):
        made.db.rows("insert into person (name, grants, made_at, changed_at) values (%s, %s::jsonb, now(), now())", name,
                     json.dumps([{"role": role, "scope": {"regions": ["AT"]}}]))
    yield made
    made.close()
    assert not made.sanitizer_report()


@pytest.fixture(scope="module")
def read(world):
    """read(who, path): the document, that the contract has; of sue it names nothing of DE."""
    def get(who, path, status=200):
        answer = world.apis[0].as_operator(who).get(path)
        assert answer.status == status, (path, answer.status, answer.body)
        contract.check("GET", "/api/v1" + path.split("?")[0], answer)
        told = answer.body.decode() if isinstance(answer.body, bytes) else answer.body
        if who == "sue" and status == 200 and not path.startswith("/boundaries"):
            for word in ("de-1", "de-2", "de-3", "de-4", "de-8", "DE-BY", "Berlin"):
                assert word not in told, (path, word, told)
        return answer.json()
    return get


def only_at(items, key="device"):
    return {item[key][:2] for item in items} == {"at"}


def test_failures(read):
    part, whole = (read(who, "/campaigns/whole/failures?examples=9") for who in ("sue", "alice"))
    assert (part["failed"], part["succeeded"], part["read"], part["complete"]) == (2, 1, 2, True)
    assert sum(group["devices"] for group in part["groups"]) == 2 and part["left_out"] == 0
    assert {name for group in part["groups"] for name in group["sample"]} == {"at-1", "at-3"}
    assert all(set(group["region"]) == {"AT-9"} for group in part["groups"])
    assert (whole["failed"], whole["succeeded"], whole["read"]) == (4, 3, 4)
    assert {name for group in whole["groups"] for name in group["sample"]} == {"at-1", "at-3", "de-1", "de-2"}


def test_health(world, read):
    world.db.rows("insert into alarm (device_id, kind, count, first_at, last_at, why) "
                  "select id, 'quarantine', 1, now(), now(), id || ' smokes' from device")
    world.db.rows("update device set quarantined_at = now()")
    world.db.rows("insert into fleet_day values (current_date, 9, 0), (current_date - 7, 9, 0) on conflict do nothing")
    world.db.rows("insert into fleet_day_finding values (current_date - 7, 'wrong-clock', 9) on conflict do nothing")
    part, whole = (read(who, "/fleet/health?limit=50") for who in ("sue", "alice"))
    assert {kind: number for kind, number in part["counts"].items() if number} == {
        "alarm": 4, "quarantine": 4, "wrong-clock": 4}, part
    assert only_at(part["items"]) and (part["fleet"], part["compared_with"]) == (None, None)
    assert {(one["week_ago"], one["change"], one["trend"]) for one in part["findings"]} == {(None, None, None)}
    assert whole["counts"]["wrong-clock"] == whole["counts"]["alarm"] == whole["counts"]["quarantine"] == 9
    assert whole["fleet"] and whole["compared_with"]


FINDINGS = {
    "silent": "due_at = now() - interval '1 hour', presence_at = now() - interval '2 days'",
    "unused": "boot = '', due_at = now() - interval '1 hour', presence_at = now() - interval '91 days'",
    "crash-looping": "boot_run = 4, boot_at = now()",
    "certificate-ending": "certificate_ends = now() + interval '1 day'",
}


@pytest.mark.parametrize("kind", [*FINDINGS, "never-updated", "behind"])
def test_each_finding(world, read, kind):
    if kind in FINDINGS:
        world.db.rows(f"update device set {FINDINGS[kind]}")
    elif kind == "behind":
        world.db.rows("insert into release (component, version, version_key, sha256, length, from_range, notes, added_at, added_by) "
                      "select %s, '9.0.' || n, '119010' || n, repeat('a', 64), 1, '', '', now(), 'rita' "
                      "from generate_series(1, 3) n on conflict do nothing", fleet.COMPONENT)
    else:
        world.db.rows("update device set boot = 'b'")
        world.db.rows("update campaign set started_at = now() - interval '8 days' where name = 'named'")
    part, whole = (read(who, f"/fleet/health?kind={kind}&limit=50") for who in ("sue", "alice"))
    assert only_at(part["items"]) and part["counts"][kind] < whole["counts"][kind]
    assert not only_at(whole["items"])


def test_one_campaign(read):
    part, whole = (read(who, "/campaigns/whole") for who in ("sue", "alice"))
    assert part["said_last"]["failed"] == "at-3" and whole["said_last"]["failed"] == "de-2"
    assert part["waves"] == whole["waves"]  # the campaign is steered by all of them
    assert only_at(read("sue", "/campaigns/whole/devices")["items"])
    assert read("sue", "/campaigns/whole/file")["file"] == read("alice", "/campaigns/whole/file")["file"]
    assert read("sue", "/campaigns/named/file")["file"] is None
    assert "de-8" in read("alice", "/campaigns/named/file")["file"]
    read("sue", "/campaigns")


def test_words_that_name_a_device_elsewhere(world, read):
    world.db.rows("insert into transition (campaign_id, at, from_state, to_state, cause, actor) "
                  "select id, now(), 'running', 'paused', 'it smells: at-1, de-1 and de-2.', 'bob' from campaign where name = 'whole'")
    world.db.rows("update campaign set cause = 'it smells: at-1, de-1 and de-2.' where name = 'whole'")
    said = {who: [read(who, path) for path in ("/campaigns/whole/history", "/campaigns", "/campaigns/whole")]
            for who in ("sue", "alice")}
    for who, words in (("sue", "it smells: at-1, (elsewhere) and (elsewhere)."), ("alice", "it smells: at-1, de-1 and de-2.")):
        history, campaigns, one = said[who]
        assert (history["items"][0]["words"], campaigns["items"][-1]["cause"], one["cause"]) == (words,) * 3
    explained = {who: next(one for one in read(who, "/devices/at-1/explain")["campaigns"] if one["campaign"] == "named")
                 for who in ("sue", "alice")}
    assert "at-8, (elsewhere)" in explained["sue"]["reason"] and "at-8, de-8" in explained["alice"]["reason"]


def test_the_fleet_and_what_it_has(read):
    assert (read("sue", "/fleet")["devices"], read("alice", "/fleet")["devices"]) == (4, 9)
    cells = {who: sum(cell["devices"] for cell in read(who, "/fleet/map")["cells"]) for who in ("sue", "alice")}
    assert cells == {"sue": 4, "alice": 9}
    assert only_at(read("sue", "/devices")["items"], "id") and only_at(read("sue", "/alarms")["items"])
    groups = {one["group"]: one["devices"] for one in read("sue", "/groups")["items"]}
    assert groups == {"all": 4, **{f"group-at-{number}": 1 for number in (1, 2, 3, 8)}}
    assert read("sue", "/groups/all")["devices"] == 4
    for who, devices in (("sue", {"AT-9": 4, "DE-BY": 0}), ("alice", {"AT-9": 4, "DE-BY": 5})):
        assert {one["name"]: one["devices"] for one in read(who, "/boundaries")["items"]} == devices
    for who, devices in (("sue", 4), ("alice", 9)):
        assert read(who, f"/releases/{fleet.COMPONENT}/1.0.0")["devices"] == devices


@pytest.mark.parametrize("path", ["", "/timeline", "/explain", "/logs", "/alarms"])
def test_one_device(read, path):
    assert read("sue", "/devices/de-1" + path, 403)["code"] == "not-allowed"
    read("alice", "/devices/de-1" + path)
    read("sue", "/devices/at-1" + path)


def test_what_is_of_the_whole_fleet_alone(world, read):
    """Days, the audit log, figures: they are not kept by device."""
    assert read("sue", "/fleet/versions", 403)["code"] == "not-allowed"
    for path in ("/audit", "/audit/head", "/audit/export"):
        assert read("petra", path, 403)["code"] == "not-allowed"
    assert world.apis[0].as_operator("petra").ask("GET", "/metrics", prefix="").status == 403
    exported = world.apis[0].as_operator("sue").get("/devices/export?format=ndjson").body
    assert b"at-1" in exported and b"de-" not in exported


def test_events(world):
    stream = Stream(world.apis[0].as_operator("sue"), "devices").open()
    for device in ("de-1", "at-1"):
        world.db.rows("insert into change (kind, subject) values ('device', %s), ('alarm', %s)", device, device)
    assert poll(lambda: stream.subjects("device", "alarm") == ["at-1", "at-1"], 10), stream.events
