"""The registry through the command: files of devices in and out, groups, boundaries, and a process
that dies in the middle."""

import csv
import io
import json
import os
import signal
import subprocess

import pytest

from tests.lab import programs
from tests.lab.lab import World
from tests.lab.process import poll
from tests.lab.programs import ROOT

FAILED, USAGE, DENIED, NOT_FOUND = 1, 2, 4, 5
MANY = 20000
HEADER = ("id,hardware_model,hardware_revision,region,zone,lat,lon,tags,groups,software.app,"
          "attribute.site,attribute.line\r\n")


@pytest.fixture(scope="module")
def shared(ground):
    made = World(ground, "registry")
    made.start_orchestrator()
    yield made
    made.close()
    assert not made.sanitizer_report()


@pytest.fixture
def registry(shared):
    """A migrated database without devices and boundaries."""
    shared.db.rows("truncate device, boundary cascade")
    return shared


def row(number):
    return (f"dev-{number:05d},brake-controller,{'ABC'[number % 3]},{('DE-BY', 'AT')[number % 2]},UTC,"
            f"{number / 1000:.3f},{-number / 500:.3f},t{number % 10};common,g{number % 7},"
            f"2.{number % 50}.0,plant-{number % 100},{number % 20}\r\n")


def count(world):
    return world.db.value("select count(*) from device")


def write(world, name, text):
    file = world.folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def take(world, file, *flags, expect=0):
    return world.wavegate("device", "import", file, *flags, operator="dave", expect=expect)


def export(world, *flags):
    """The bytes as they are, with their line ends."""
    done = subprocess.run(world.orchestrator.command("device", "export", *flags, operator="sue"), check=True, capture_output=True,
                          env=programs.environment(world.folder), timeout=60 * programs.SLOWER)
    return done.stdout


def test_a_large_file_with_bad_rows_at_known_lines(registry):
    rows = [row(number) for number in range(MANY)]
    rows[16] = rows[16].replace("dev-00016", "dev 16")
    rows[9999] = rows[9999].replace("UTC", "UTC,")
    rows[12345] = rows[12345].replace("AT", "at").replace("DE-BY", "at")
    rows[19999] = rows[3]
    file = write(registry, "fleet.csv", HEADER + "".join(rows))
    done = take(registry, file, expect=FAILED)
    told = [line.removeprefix(f"{file}:") for line in done.stderr.splitlines()]
    assert told == [
        "18: error: id: expected 1 to 64 letters, digits, '.', '_' or '-', found \"dev 16\"",
        "10001: error: expected 12 cells as in the header, found 13",
        "12347: error: region: expected an ISO 3166 code, as DE or DE-BY, found \"at\"",
        '20001: error: id: "dev-00003" is in line 5 already',
        f"wavegate: {file}: 4 rows are refused",
    ]
    assert done.stdout == "19996 new, 0 changed, 0 as before, 4 refused\n"
    assert count(registry) == MANY - 4
    assert registry.db.rows(
        "select hardware_model, hardware_revision, region, region_from, zone, st_y(position::geometry),"
        " st_x(position::geometry), position_from, attributes, (select array_agg(tag order by tag) from"
        " device_tag where device_id = id), (select array_agg(name) from device_group where"
        " device_id = id), (select version from device_software where device_id = id)"
        " from device where id = 'dev-01234'") == [
            ("brake-controller", "B", "DE-BY", "registry", "UTC", 1.234, -2.468, "registry",
             {"site": "plant-34", "line": 14}, ["common", "t4"], ["g2"], "2.34.0")]
    again = take(registry, file, expect=FAILED)
    assert again.stdout == "0 new, 0 changed, 19996 as before, 4 refused\n"


def test_what_goes_out_comes_in_again(registry):
    strange = [{"id": "odd-1", "hardware_model": "m", "software": {"app": "1:2.3~rc1,x", "boot": "1"},
                "lat": 0.1, "lon": -179.99999999999997, "tags": ["b", "a"],
                "attributes": {"n": 5, "t": "5", "e": "", "y": True, "s": "true", "r": 0.1, "c": "007",
                               "q": 'a "b", c', "l": "x\r\ny", "u": "é;", "sp": " x ", "z": "null"}},
               {"id": "odd-2", "attributes": {"q": '"', "weird name, \"really\"": -1.5e-7}},
               {"id": "odd-3"}]
    take(registry, write(registry, "strange.ndjson", "".join(json.dumps(one) + "\n" for one in strange)))
    take(registry, write(registry, "more.csv", HEADER + "".join(row(number) for number in range(3000))))
    before = registry.db.rows("select id, attributes, position::text from device order by id")
    for name in ("csv", "ndjson"):
        first = export(registry, "--format", name)
        registry.db.rows("truncate device cascade")
        take(registry, write(registry, f"again.{name}", first))
        assert export(registry, "--format", name) == first
        assert registry.db.rows("select id, attributes, position::text from device order by id") == before
        take(registry, registry.folder / f"again.{name}")
    assert len(list(csv.DictReader(io.StringIO(export(registry).decode(), newline="")))) == 3003
    lines = [json.loads(line) for line in export(registry, "--format", "ndjson", "--tag", "t3",
                                                 "--group", "g3").splitlines()]
    assert lines and all("t3" in one["tags"] and one["groups"] == ["g3"] for one in lines)
    assert [one["id"] for one in lines] == sorted(one["id"] for one in lines)


def test_what_was_exported_can_be_imported_over_itself(registry):
    take(registry, write(registry, "some.csv", HEADER + "".join(row(number) for number in range(50))))
    for name in ("csv", "ndjson"):
        file = write(registry, f"over.{name}", export(registry, "--format", name))
        assert take(registry, file).stdout == "0 new, 0 changed, 50 as before, 0 refused\n"


TRAPS = {
    "a quote that opens late": ('a"b', "quote inside"),
    "text behind a closing quote": ('"a"b', "goes on behind its closing quote"),
    "a comma that is not quoted": ("a,b", "expected 2 cells as in the header, found 3"),
    "bytes that are no UTF-8": (b"\xff", "no UTF-8"),
    "a NUL": (b"a\x00b", "no UTF-8"),
}


@pytest.mark.parametrize("what", TRAPS)
def test_a_trap_takes_its_own_row_alone(registry, what):
    cell, words = TRAPS[what]
    cell = cell if isinstance(cell, bytes) else cell.encode()
    file = write(registry, "trap.csv", b"\xef\xbb\xbfid,attribute.note\r\nfirst,\"two\r\nlines\"\r\nbad," + cell
                 + b"\r\nlast,\"say \"\"hi\"\", x\"\r\n")
    done = take(registry, file, expect=FAILED)
    assert f"{file}:4: error: " in done.stderr and words in done.stderr
    assert registry.db.rows("select id, attributes->>'note' from device order by id") == [
        ("first", "two\r\nlines"), ("last", 'say "hi", x')]


BROKEN = {
    "an unknown column": ("id,regoin\nd,DE\n", 'x.csv:1: error: unknown column "regoin": did you mean "region"?'),
    "no header": ("dev-1,DE\n", "x.csv:1: error: unknown column"),
    "semicolons": ("id;region\nd;DE\n", "separated by commas"),
    "nothing": ("", "x.csv:1: error: the file is empty"),
    "a quote that never closes": ("id,region\na,DE\nb,\"D\nc,DE\n", "x.csv:3: error: cell 2 opens with a quote"),
    "UTF-16": ("id\nd\n".encode("utf-16"), "UTF-16"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_stores_nothing(registry, what):
    text, words = BROKEN[what]
    done = take(registry, write(registry, "x.csv", text), expect=USAGE)
    assert words in done.stderr
    assert done.stdout == "" and count(registry) == 0


def test_all_or_nothing_and_dry_run(registry):
    good = write(registry, "good.csv", "id,region\na,DE\nb,AT\n")
    bad = write(registry, "bad.csv", "id,region\na,DE\nb,Austria\na,FR\n")
    assert take(registry, good, "--dry-run").stdout == "not stored: 2 new, 0 changed, 0 as before, 0 refused\n"
    assert count(registry) == 0
    done = take(registry, bad, "--all-or-nothing", expect=USAGE)
    assert "bad.csv:3: error: region" in done.stderr and "bad.csv:4: error: id" in done.stderr
    assert "nothing is stored: 2 rows are bad" in done.stderr
    assert count(registry) == 0
    take(registry, bad, "--dry-run", expect=FAILED)
    assert count(registry) == 0
    told = json.loads(take(registry, bad, "--json", expect=FAILED).stdout)
    assert told == {"rows": 3, "new": 1, "changed": 0, "unchanged": 0, "refused": 2, "stored": True,
                    "problems": [{"line": 3, "reason": "region: expected an ISO 3166 code, as DE or DE-BY, "
                                                       'found "Austria"'},
                                 {"line": 4, "reason": 'id: "a" is in line 2 already'}]}
    take(registry, good, "--all-or-nothing")
    assert count(registry) == 2


def test_many_bad_rows_are_counted(registry):
    file = write(registry, "bad.csv", "id\n" + "a b\n" * 1234 + "good\n")
    done = take(registry, file, expect=FAILED)
    lines = done.stderr.splitlines()
    assert len(lines) == 102 and "bad.csv:101: " in lines[99] and lines[100].endswith("1134 more rows are refused")
    assert count(registry) == 1


def test_who_may_and_what_is_not_there(registry):
    file = write(registry, "good.csv", "id\na\n")
    registry.wavegate("device", "import", file, operator="sue", expect=DENIED)
    registry.wavegate("device", "import", "/nowhere.csv", operator="dave", expect=NOT_FOUND)
    take(registry, registry.folder, expect=FAILED)  # a folder
    take(registry, file, "--format", "xml", expect=USAGE)
    registry.wavegate("group", "add", "g", "a", operator="dave", expect=NOT_FOUND)
    assert count(registry) == 0


class Feeding:
    """An import from a pipe that is fed as far as a test wants."""

    def __init__(self, world):
        self.world = world
        world.orchestrator.serve()
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            world.orchestrator.command("device", "import", "-", operator="dave"), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=programs.environment(world.folder))

    def kept(self):
        """Bytes that the server has of the file, which has no name there."""
        folder = f"/proc/{self.world.orchestrator.server.pid}/fd"
        for name in os.listdir(folder):
            try:
                if os.readlink(f"{folder}/{name}").startswith("/var/tmp/#"):
                    return os.stat(f"{folder}/{name}").st_size
            except FileNotFoundError:  # closed meanwhile
                pass
        return 0

    def feed(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.communicate()


def test_killed_while_it_reads_it_has_stored_nothing(registry):
    feeding = Feeding(registry)
    feeding.feed(HEADER + "".join(row(number) for number in range(5000)))
    arrived = poll(feeding.kept, 20)
    feeding.kill()
    assert arrived and poll(lambda: not feeding.kept(), 20)
    assert count(registry) == 0


def test_a_server_that_is_killed_while_it_stores_has_stored_nothing(registry):
    blocker = registry.ground.postgres.connect(f"wg_{registry.name}")
    blocker.autocommit = False
    with blocker.cursor() as cursor:
        cursor.execute("lock table device_tag in share mode")  # behind the devices, before the end
        feeding = Feeding(registry)
        feeding.feed(HEADER + "".join(row(number) for number in range(5000)))
        feeding.process.stdin.close()
        stores = ("select count(*) from pg_stat_activity where application_name = 'wavegate-api' and datname = "
                  "current_database() and wait_event_type = 'Lock' and query like '%device_tag%'")
        waits = poll(lambda: registry.db.value(stores), 20)
        registry.orchestrator.server.kill()
        assert feeding.process.wait(20 * programs.SLOWER) == FAILED and waits
    blocker.rollback()
    blocker.close()
    assert poll(lambda: registry.db.value(stores) == 0, 20)
    assert count(registry) == 0
    take(registry, write(registry, "fleet.csv", HEADER + "".join(row(number) for number in range(5000))))
    assert count(registry) == 5000


def test_two_at_once_register_every_device_once(registry):
    orders = [range(4000), range(5999, 1999, -1)]
    feedings = [Feeding(registry) for _ in orders]
    for feeding, order in zip(feedings, orders):
        feeding.feed(HEADER + "".join(row(number) for number in order))
    for feeding in feedings:
        feeding.process.stdin.close()
    told = [feeding.process.stdout.read().decode() for feeding in feedings]
    assert [feeding.process.wait() for feeding in feedings] == [0, 0]
    assert sum(int(line.split()[0]) for line in told) == 6000
    assert all(" 0 refused" in line for line in told)
    assert count(registry) == 6000


def peak(process):
    """Kilobytes that the process has held at most, while it still runs."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


def test_memory_does_not_grow_with_the_fleet(registry):
    def lines(many):
        return "".join(json.dumps({"id": f"n-{number}", "attributes": {"note": "x" * 200}}) + "\n"
                       for number in range(many))
    peaks = []
    for many in (100, MANY):
        feeding = Feeding(registry)
        feeding.feed(lines(many))  # all of it, but for what a pipe holds
        peaks.append(peak(feeding.process))
        out, err = feeding.process.communicate(timeout=60 * programs.SLOWER)
        assert feeding.process.returncode == 0, err
    assert out.decode() == f"{MANY - 100} new, 0 changed, 100 as before, 0 refused\n"
    size = len(export(registry, "--format", "ndjson"))
    with subprocess.Popen(registry.orchestrator.command("device", "export", "--format", "ndjson", operator="sue"),
                          stdout=subprocess.PIPE, env=programs.environment(registry.folder)) as process:
        assert len(process.stdout.read(size - 200000)) == size - 200000  # the rest does not fit into the pipe
        peaks.append(peak(process))
        process.communicate()
    if programs.SLOWER == 1:  # sanitizers keep what was freed
        assert max(peaks) < 32 * 1024, peaks


def test_groups(registry):
    take(registry, write(registry, "some.csv", "id\n" + "".join(f"d{number}\n" for number in range(5))))

    def group(*words, expect=0):
        return registry.wavegate("group", *words, operator="dave", expect=expect)

    assert group("add", "lab", "d1", "d2").stdout == "lab: 2 devices added\n"
    file = write(registry, "ids.txt", "# the pilots\nd2\n\r\n  d3  # and this one\r\nd4\n")
    assert group("add", "lab", "--file", file).stdout == "lab: 2 devices added\n"
    assert group("show", "lab").stdout.split() == ["d1", "d2", "d3", "d4"]
    assert json.loads(group("show", "lab", "--json", "--limit", "2", "--after", "d1").stdout) == {
        "group": "lab", "devices": 4, "members": ["d2", "d3"]}
    done = group("add", "lab", "d0", "d9", expect=NOT_FOUND)
    assert "d9" in done.stderr and "d0" not in done.stderr
    group("add", "lab", "--file", write(registry, "bad.txt", "d1\nd 2 x\nd/3\n"), expect=USAGE)
    group("add", "lab", expect=USAGE)
    group("add", "no good", "d1", expect=USAGE)
    registry.wavegate("group", "add", "lab", "d1", operator="sue", expect=DENIED)
    assert group("remove", "lab", "d1", "d0").stdout == "lab: 1 device removed\n"
    assert json.loads(group("list", "--json").stdout) == [{"group": "lab", "devices": 3}]
    assert group("delete", "lab").stdout == "lab: 3 devices removed\n"
    group("show", "lab", expect=NOT_FOUND)


def test_boundaries(registry):
    take(registry, write(registry, "some.csv", "id,lat,lon,region\nmuc,48.14,11.58,\nsea,0,0,\nfj,-17.8,178,\n"
                         "known,48.14,11.58,AT\n"))
    done = registry.wavegate("boundary", "import", ROOT / "deploy/boundaries/sample.geojson", operator="dave")
    assert "26 boundaries, 3 devices changed" in done.stdout

    def places():
        return {device: told for device, *told in registry.db.rows(
            "select id, region, region_from, zone, zone_from from device")}

    derived = {"muc": ["DE-BY", "boundary", "Europe/Berlin", "boundary"], "sea": ["", "", "", ""],
               "fj": ["FJ", "boundary", "Pacific/Fiji", "boundary"],
               "known": ["AT", "registry", "Europe/Berlin", "boundary"]}
    assert places() == derived
    take(registry, write(registry, "over.csv", export(registry)))  # which says nothing of what was derived
    assert places() == derived
    take(registry, write(registry, "more.ndjson", '{"id": "la", "lat": 34, "lon": -118.2}\n'
                         '{"id": "sea", "lat": 52.5, "lon": 13.4}\n'))
    assert places()["la"] == ["US-CA", "boundary", "America/Los_Angeles", "boundary"]
    assert places()["sea"] == ["DE", "boundary", "Europe/Berlin", "boundary"]
    listed = json.loads(registry.wavegate("boundary", "list", "--json").stdout)
    assert {(one["kind"], one["name"]): one["devices"] for one in listed}["region", "DE-BY"] == 1
    assert "0 devices changed" in registry.wavegate("boundary", "derive", operator="dave").stdout
    bad = write(registry, "bad.geojson", '{"type": "FeatureCollection", "features": [\n'
                '{"type": "Feature", "properties": {"region": "XX"}, "geometry": {"type": "Polygon", '
                '"coordinates": [[[0,0],[1,0],[1,1],[0,0]]]}},\n'
                '{"type": "Feature", "properties": {"region": "YY"}, "geometry": {"type": "Polygon", '
                '"coordinates": [[[0,0],[999,0],[1,1],[0,0]]]}}]}')
    done = registry.wavegate("boundary", "import", bad, operator="dave", expect=USAGE)
    assert "bad.geojson:3: error: feature 2: YY: the shape lies outside" in done.stderr
    assert registry.db.value("select count(*) from boundary where name in ('XX', 'YY')") == 0
