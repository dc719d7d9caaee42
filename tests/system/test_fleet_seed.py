"""The synthetic fleet of wavegate-fleet: the same from the same seed, likely, stored as a whole or not at all."""

import csv
import io
import json
import re
from math import cos, radians

import pytest

from tests.lab import programs
from tests.lab.database import Database
from tests.lab.programs import ROOT

MIGRATIONS = ROOT / "orchestrator/store/migrations"
NOW = "2026-06-01T12:00:00Z"
TABLES = {"device": "id", "device_software": "device_id, component", "device_tag": "device_id, tag",
          "device_group": "device_id, name"}
MANY = 20000


def fleet(*arguments, expect=0):
    done = programs.run([programs.program("wavegate-fleet"), *arguments], timeout=120)
    assert done.returncode == expect, done.stderr
    return done


def seed(database, devices, name="one", expect=0):
    return fleet("seed", "--database", database.dsn, "--devices", devices, "--seed", name, "--now", NOW,
                 expect=expect)


def as_csv(devices, name="one"):
    text = fleet("seed", "--format", "csv", "--devices", devices, "--seed", name).stdout
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def make_database(ground):
    """make_database(name): a database with the schema and no devices."""
    made = []

    def make(name, migrated=True):
        database = Database(ground.postgres.fresh_database(f"seed_{name}"))
        made.append((database, f"seed_{name}"))
        for path in sorted(MIGRATIONS.glob("*.sql")) if migrated else ():
            database.rows(path.read_text())
        return database

    yield make
    for database, name in made:
        database.close()
        ground.postgres.drop_database(name)


@pytest.fixture(scope="module")
def many(make_database):
    database = make_database("many")
    said = seed(database, MANY).stdout
    assert said.startswith(f"{MANY} devices, ")
    return database


def content(database, below=None):
    """All rows of the four tables, or those of the devices up to an id."""
    rows = {}
    for table, order in TABLES.items():
        column = order.split(",", maxsplit=1)[0]
        condition = f"where {column} <= %s" if below else ""
        rows[table] = database.rows(f"select * from {table} {condition} order by {order}", *([below] if below else []))
    return rows


def test_a_device_depends_on_seed_and_number_alone(make_database, many):
    few = make_database("few")
    seed(few, 150)
    assert len(content(few)["device"]) == 150
    assert content(few) == content(many, below="dev-0000150")


def test_another_seed_gives_another_fleet():
    one, two = as_csv(100), as_csv(100, name="two")
    assert one == as_csv(100)
    assert [row["id"] for row in one] == [row["id"] for row in two]
    assert sum(a["attribute.site"] != b["attribute.site"] for a, b in zip(one, two)) > 80


def test_csv_says_what_the_database_holds(many):
    stored = {row[0]: row[1:] for row in many.rows(
        "select id, hardware_model, hardware_revision, region, zone, st_y(position::geometry), "
        "st_x(position::geometry), attributes from device where id <= 'dev-0000300'")}
    sets = {}
    for kind, sql in (("tags", "select device_id, tag from device_tag"),
                      ("groups", "select device_id, name from device_group")):
        for device, word in many.rows(sql):
            sets.setdefault((kind, device), set()).add(word)
    software = {(device, component): version for device, component, version in
                many.rows("select device_id, component, version from device_software")}
    rows = as_csv(300)
    assert [row["id"] for row in rows] == sorted(stored)
    for row in rows:
        model, revision, region, zone, lat, lon, attributes = stored[row["id"]]
        assert (row["hardware_model"], row["hardware_revision"], row["region"], row["zone"]) == \
            (model, revision, region, zone)
        assert (row["lat"] == "") == (lat is None) and (row["lon"] == "") == (lon is None)
        if lat is not None:
            assert (float(row["lat"]), float(row["lon"])) == pytest.approx((lat, lon), abs=1e-9)
        for kind in ("tags", "groups"):
            assert set(filter(None, row[kind].split(";"))) == sets.get((kind, row["id"]), set())
        for column in (name for name in row if name.startswith("software.")):
            assert row[column] == software.get((row["id"], column.removeprefix("software.")), "")
        attributes = attributes if isinstance(attributes, dict) else json.loads(attributes)
        assert {name: str(value) for name, value in attributes.items()} == \
            {name.removeprefix("attribute."): value for name, value in row.items() if name.startswith("attribute.")}


def semantic(version):
    """Its key of precedence (semver.org, 11); None when it is none."""
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?", version)
    if not found:
        return None
    words = found[4].split(".") if found[4] else []
    return (*map(int, found.groups()[:3]), not words,
            [(0, int(word), "") if word.isdigit() else (1, 0, word) for word in words])


def test_keys_have_the_order_of_versions(many):
    rows = many.rows("select distinct version, version_key from device_software where component = 'firmware'")
    assert len(rows) > 40
    assert {version for version, key in rows if key == ""} == {"factory"}
    keyed = [(key.encode(), semantic(version)) for version, key in rows if key]
    assert [precedence for _, precedence in sorted(keyed)] == sorted(precedence for _, precedence in keyed)
    assert many.value("select count(*) from device_software where component = 'base-os' and debian_key = ''") == 0
    maps = many.rows("select distinct version, calver_key from device_software where component = 'map-data'")
    by_key = [version for version, _ in sorted(maps, key=lambda row: row[1].encode())]
    assert by_key == sorted(by_key, key=lambda version: [int(part) for part in version.split(".")])


def share(database, condition, table="device d"):
    return database.value(f"select count(*) from {table} where {condition}") / MANY


def test_shares_are_likely(many):
    assert 0.15 < share(many, "region like 'DE-%'") < 0.35
    assert 0.005 < share(many, "region = ''") < 0.02
    assert 0.05 < share(many, "position is null") < 0.12
    assert 0.65 < share(many, "online") < 0.8
    assert 0.8 < share(many, f"seen_at > '{NOW}'::timestamptz - interval '1 day'") < 0.97
    assert 0.005 < share(many, f"seen_at < '{NOW}'::timestamptz - interval '60 days'") < 0.06
    assert share(many, "true", "device_software") == pytest.approx(2.15, abs=0.05)
    tags = dict(many.rows("select tag, count(*)::float / %s from device_tag group by tag", MANY))
    assert 5 <= len(tags) <= 10 and max(tags.values()) > 0.4 and 0 < min(tags.values()) < 0.002
    versions = [count for count, in many.rows(
        "select count(*) from device_software where component = 'firmware' group by version order by 1 desc")]
    assert sum(versions[:5]) > MANY / 2 and versions[-1] < MANY / 1000
    assert many.value("select count(distinct hardware_model) from device") == 4
    assert many.rows("select distinct hardware_revision from device order by 1") == [(one,) for one in "ABCDE"]
    assert many.value("select count(*) from device where registered_at > seen_at or presence_at > seen_at "
                      "or changed_at > seen_at or changed_at < registered_at or seen_at > %s", NOW) == 0


def test_positions_lie_around_their_city(many):
    """A gaussian around Munich and Nuremberg: four deviations hold all but one in ten thousand."""
    middles = ((48.137, 11.576, 35), (49.452, 11.077, 30))
    found = many.rows("select st_y(position::geometry), st_x(position::geometry) from device "
                      "where region = 'DE-BY' and position is not null")
    assert len(found) > 300

    def apart(lat, lon, middle):
        north, east = (lat - middle[0]) * 111.2, (lon - middle[1]) * 111.2 * cos(radians(middle[0]))
        return max(abs(north), abs(east)) / middle[2]

    distances = [min(apart(lat, lon, middle) for middle in middles) for lat, lon in found]
    assert max(distances) < 4.5
    assert 0.3 < sum(one < 1 for one in distances) / len(distances) < 0.65


def test_all_or_nothing(make_database):
    database = make_database("twice")
    # in the second batch: the first was sent by then
    database.rows("insert into device (id, registered_at) values ('dev-0025000', now())")
    refused = seed(database, 30000, expect=6)
    assert "nothing was stored" in refused.stderr and "dev-0025000" in refused.stderr
    assert database.rows("select id from device") == [("dev-0025000",)]
    assert database.value("select count(*) from device_software") == 0


def test_an_ordinary_role_may_seed(make_database, ground):
    """The owner of the database, who may not turn off the checks of foreign keys."""
    database = make_database("owned", migrated=False)
    ground.postgres.run("postgres", "create role plain login")
    try:
        database.rows("create extension if not exists postgis; grant all on schema public to plain; set role plain")
        for path in sorted(MIGRATIONS.glob("*.sql")):
            database.rows(path.read_text())
        plain = Database(database.dsn.replace("user=wavegate", "user=plain"))
        seed(plain, 200)
        assert plain.value("select count(*) from device") == 200
        plain.close()
    finally:
        database.rows("reset role; drop owned by plain; drop role plain")


def test_without_the_schema(make_database):
    refused = seed(make_database("bare", migrated=False), 10, expect=5)
    assert "start wavegated" in refused.stderr


@pytest.mark.parametrize("arguments,words", [
    (["seed"], "--database"),
    (["seed", "--database", "dbname=x", "--format", "csv"], "one of"),
    (["seed", "--format", "xml"], "csv"),
    (["seed", "--format", "csv", "--devices", "0"], "1 to 9999999"),
    (["seed", "--format", "csv", "--devices", "-5"], "1 to 9999999"),
    (["seed", "--format", "csv", "--devices", "10x"], "10x"),
    (["seed", "--format", "csv", "--devices", "99999999999999999999"], "1 to 9999999"),
    (["seed", "--format", "csv", "--now", "yesterday"], "2026-12-01T00:00:00Z"),
    (["seed", "--format", "csv", "more"], "more"),
    (["sow"], "sow"),
])
def test_a_wrong_command_line_is_named(arguments, words):
    refused = fleet(*arguments, expect=2)
    assert words in refused.stderr and refused.stdout == ""


def test_no_server():
    refused = fleet("seed", "--database", "host=/nowhere", expect=1)
    assert "nothing was stored" in refused.stderr


def test_import_takes_the_csv(world):
    file = world.folder / "fleet.csv"
    file.write_text(fleet("seed", "--format", "csv", "--devices", 500).stdout)
    world.wavegate("device", "import", file, operator="dave")
    assert world.db.value("select count(*) from device") == 500
    assert world.db.rows("select distinct position_from from device order by 1") == [("",), ("registry",)]
