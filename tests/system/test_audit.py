"""The audit log through the command, and what somebody does to it who has the database's login."""

import csv
import hashlib
import json
from datetime import datetime, timezone

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.lab import World
from tests.system.story import campaign

BROKEN, USAGE, DENIED, NOT_FOUND, CONFLICT = 1, 2, 4, 5, 6
WAVES = "  - {name: rest, remaining: true}"
REASON = 'said "no" \\ at 9 o\'clock: é'


def canonical(row):
    """What is hashed, by other means than ours."""
    def text(value):
        if isinstance(value, dict):
            return "{" + ",".join(f"{text(key)}:{text(value[key])}" for key in sorted(value)) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(text, value)) + "]"
        if isinstance(value, str):
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return json.dumps(value)
    return text({key: value for key, value in row.items() if key != "hash"}).encode()


def made_anew(rows):
    """The same rows with numbers, links and hashes as they should be."""
    previous = "0" * 64
    for number, row in enumerate(rows, 1):
        row.update(number=number, previous=previous)
        row["hash"] = previous = hashlib.sha256(canonical(row)).hexdigest()
    return rows


@pytest.fixture(scope="module")
def story(ground):
    """What some people did, with no device in the fleet that could answer."""
    world = World(ground, "audit")
    world.start_orchestrator()
    world.wavegate("device", "tag", "dev-1", "+lab", "+blue", operator="dave")
    (world.folder / "fleet.csv").write_text(f"id,hardware_model\ndev-2,{fleet.COMPONENT}\ndev-3,{fleet.COMPONENT}\n")
    world.wavegate("device", "import", world.folder / "fleet.csv", operator="dave")
    world.wavegate("group", "add", "pilot", "dev-2", "dev-3", operator="dave")
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
    world.wavegate("device", "import", world.folder / "fleet.csv", operator="dave")
    world.apply(campaign("told", "2.4.1", WAVES))
    world.wavegate("campaign", "pause", "told", "--reason", REASON)
    world.wavegate("campaign", "abort", "told", operator="bob")
    world.wait_campaign("told", "aborted")
    world.db.rows("select wg_audit(null, '', 'note', 'two lines', jsonb_build_object('text', %s::text))", "a\r\n\tb\x01")
    world.orchestrator.stop()
    world.db.rows("create table kept as select * from audit")
    yield world
    world.close()
    assert not world.sanitizer_report()


@pytest.fixture
def log(story):
    """The log as it was written."""
    story.db.rows("truncate audit, audit_refusal")
    story.db.rows("insert into audit select * from kept")
    return story


def verify(world, *arguments, expect=0):
    done = world.wavegate("audit", "verify", *arguments, expect=expect)
    return done.stderr if expect else done.stdout


def head_of(world):
    return json.loads(verify(world, "--json"))["head"]


def found(world, *arguments):
    """Rows that the search gives, oldest first."""
    return json.loads(world.wavegate("audit", "list", *arguments, "--json").stdout)


def rows_of(world):
    return found(world)


def export(world, name):
    file = world.folder / name
    file.unlink(missing_ok=True)
    world.wavegate("audit", "export", file)
    return file


def write(file, rows, head=None):
    last = {"head": head or rows[-1]["hash"], "rows": len(rows)}
    file.write_text("".join(json.dumps(row) + "\n" for row in [*rows, last]))
    return file


def test_every_deed_is_a_row(log):
    rows = rows_of(log)
    told = [(row["actor"], row["kind"], row["subject"]) for row in rows]
    assert told[0] == ("engine", "log", "audit")
    for deed in [("dave", "tag", "dev-1"), ("dave", "import", "registry"), ("dave", "group", "pilot"),
                 ("rita", "release", f"{fleet.COMPONENT}/2.4.1"), ("alice", "revision", "told"),
                 ("alice", "campaign", "told"), ("bob", "campaign", "told"), ("engine", "campaign", "told")]:
        assert deed in told, deed
    assert told.count(("dave", "tag", "dev-1")) == 2
    assert told.count(("dave", "import", "registry")) == 1  # the second one changed nothing
    paused = next(row for row in rows if row["detail"].get("to") == "paused")
    assert paused["actor"] == "alice" and REASON in paused["detail"]["cause"]
    assert len(paused["detail"]["digest"]) == 64
    assert json.loads(json.dumps(rows)) == made_anew(rows)


def test_a_row_says_from_where_and_what_was_before_and_after(log):
    rows = rows_of(log)

    def newest(kind, subject, actor):
        return next(row for row in reversed(rows) if (row["kind"], row["subject"], row["actor"]) == (kind, subject, actor))
    assert {row["origin"] for row in rows if row["actor"] in ("dave", "alice", "rita", "bob")} == {"https 127.0.0.1"}
    assert {row["origin"] for row in rows if row["actor"] == "engine" and row["kind"] == "campaign"} == {"engine"}
    assert rows[-1]["origin"] == "sql" and rows[-1]["actor"] == "login:wavegate"
    tag = newest("tag", "dev-1", "dave")
    assert (tag["before"], tag["after"]) == ({"given": False}, {"given": True})
    group = newest("group", "pilot", "dave")
    assert (group["before"], group["after"]) == ({"members": 0}, {"members": 2})
    paused = newest("campaign", "told", "alice")
    assert (paused["before"], paused["after"]) == ({"state": "running"}, {"state": "paused"})
    assert paused["why"].endswith(REASON)
    assert newest("campaign", "told", "bob")["after"] == {"state": "stopping", "stop": "abort", "held": True}
    revision = newest("revision", "told", "alice")
    assert "before" not in revision and revision["after"]["digest"] == revision["detail"]["digest"]
    assert newest("import", "registry", "dave")["after"] == {"new": 2, "changed": 0}


def test_rows_are_found_by_who_and_what_and_when(log):
    def listed(*arguments):
        return found(log, *arguments)
    assert {row["actor"] for row in listed("--actor", "dave")} == {"dave"}
    assert {row["subject"] for row in listed("--campaign", "told")} == {"told"}
    assert listed("--since", "2200-01-01T00:00:00Z") == []
    assert len(listed("--since", "1h")) == len(rows_of(log))
    assert [row["number"] for row in listed("--limit", "2")] == [row["number"] for row in rows_of(log)][-2:]
    shown = log.wavegate("audit", "list", "--actor", "dave").stdout
    assert "tag lab" in shown
    everything = rows_of(log)
    middle = everything[len(everything) // 2]
    assert {row["kind"] for row in listed("--kind", "tag")} == {"tag"}
    assert {row["subject"] for row in listed("--device", "dev-1")} == {"dev-1"}
    assert [row["subject"] for row in listed("--subject", "pilot")] == ["pilot"]
    assert listed("--text", "SAID \"NO\"") == [row for row in everything if REASON in row.get("why", "")] != []
    assert listed("--text", "nobody says this") == []
    assert listed("--before", middle["number"]) == everything[:middle["number"] - 1]
    at = f"{datetime.fromtimestamp(middle['at'] / 1000, timezone.utc):%FT%T}.{middle['at'] % 1000:03}Z"
    assert listed("--until", at) == [row for row in everything if row["at"] < middle["at"]]
    assert listed("--since", at) == [row for row in everything if row["at"] >= middle["at"]]
    assert listed("--actor", "dave", "--kind", "group", "--text", "pilot", "--since", "1h") == [
        row for row in everything if (row["actor"], row["kind"]) == ("dave", "group")] != []
    assert "Further back: --before 2" in log.wavegate("audit", "list", "--limit", len(everything) - 1).stdout
    for wrong in (["--before", "x"], ["--limit", "0"], ["--campaign", "told", "--device", "dev-1"]):
        log.wavegate("audit", "list", *wrong, expect=USAGE)
    log.wavegate("audit", "list", "--since", "yesterday", expect=USAGE)
    log.wavegate("audit", "verify", "--head", "x", expect=USAGE)


def test_a_log_as_it_was_written_holds(log):
    count = log.db.value("select count(*) from audit")
    head = head_of(log)
    assert head == f"{count}:{log.db.value('select hash from audit order by number desc limit 1')}"
    earlier = log.db.rows("select number, hash from audit where number = 3")[0]
    file = export(log, "log.ndjson")
    for place in ([], [file]):
        assert f"{count} rows hold" in verify(log, *place)
        for noted in (head, head.split(":")[1], f"{earlier[0]}:{earlier[1]}"):
            verify(log, *place, "--head", noted)
    assert len(file.read_text().splitlines()) == count + 1
    log.wavegate("audit", "export", file, expect=BROKEN)  # nothing is written over


def test_a_file_needs_no_database(log):
    file = export(log, "alone.ndjson")
    settings = log.orchestrator.settings
    log.orchestrator.settings = {**settings, "database": "host=/nowhere"}
    log.orchestrator.write_config()
    try:
        verify(log, file)
        log.wavegate("audit", "verify", expect=BROKEN)
    finally:
        log.orchestrator.settings = settings
        log.orchestrator.write_config()


def test_a_file_is_verified_with_nothing_but_the_file(log):
    """No configuration, no database, no variable of the environment."""
    file = export(log, "nothing.ndjson")
    for arguments, code, words in ([], 0, "rows hold"), (["--head", "3:" + "0" * 64], BROKEN, "made anew"):
        done = programs.run([programs.program("wavegate"), "audit", "verify", str(file), *arguments],
                            env={"WAVEGATE_CONFIG": "/nowhere"})
        assert done.returncode == code and words in done.stdout + done.stderr


def test_a_range_is_a_file_that_can_be_verified(log):
    rows = rows_of(log)

    def ranged(name, *arguments):
        file = log.folder / name
        file.unlink(missing_ok=True)
        log.wavegate("audit", "export", file, *arguments)
        return file
    file = ranged("range.ndjson", "--first", 4, "--last", 7)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines == [{"follows": f"3:{rows[2]['hash']}"}, *rows[3:7], {"head": rows[6]["hash"], "rows": 7}]
    assert "rows 4 to 7 hold" in verify(log, file)
    for number in (3, 5, 7):
        verify(log, file, "--head", f"{number}:{rows[number - 1]['hash']}")
    assert "row 7 is not the one" in verify(log, file, "--head", f"7:{rows[4]['hash']}", expect=BROKEN)
    assert "begins with row 4" in verify(log, file, "--head", f"2:{rows[1]['hash']}", expect=BROKEN)
    assert "row 8 is missing" in verify(log, file, "--head", f"9:{rows[8]['hash']}", expect=BROKEN)
    text = file.read_text().splitlines(keepends=True)
    for changed, words in ((text[:1] + text[2:], "row 4 is missing"), (text[1:], "row 1 is missing"),
                           (text[:2] + text[:1] + text[2:], "at its top")):
        file.write_text("".join(changed))
        assert words in verify(log, file, expect=BROKEN)
    at = f"{datetime.fromtimestamp(rows[3]['at'] / 1000, timezone.utc):%FT%T}.{rows[3]['at'] % 1000:03}Z"
    later = [row for row in rows if row["at"] >= rows[3]["at"]]
    assert [json.loads(line) for line in ranged("since.ndjson", "--since", at).read_text().splitlines()][1:-1] == later
    earlier = [row for row in rows if row["at"] < rows[3]["at"]]
    assert [json.loads(line) for line in ranged("until.ndjson", "--until", at).read_text().splitlines()][:-1] == earlier
    for empty in (["--since", "2200-01-01T00:00:00Z"], ["--until", "2001-01-01T00:00:00Z"], ["--first", "4000"]):
        log.wavegate("audit", "export", log.folder / "empty.ndjson", *empty, expect=NOT_FOUND)
        assert not (log.folder / "empty.ndjson").exists()
    with ranged("log.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [int(row["number"]) for row in table] == [row["number"] for row in rows]
    assert [row["why"] for row in table] == [row.get("why", "") for row in rows]
    assert json.loads(table[-1]["detail"]) == rows[-1]["detail"]


def test_the_head_is_had_alone(log):
    assert log.wavegate("audit", "head").stdout.strip() == head_of(log)
    told = json.loads(log.wavegate("audit", "head", "--json").stdout)
    assert told["head"] == head_of(log) and told["protected"] is False and told["login"] == "wavegate"
    assert "not protected" in verify(log)


def test_what_is_refused_is_a_row(log):
    """In the name of who was refused. Again and again is one row."""
    def refusals():
        return [row for row in rows_of(log) if row["kind"] == "refused"]
    before = len(refusals())
    log.wavegate("device", "tag", "dev-1", "+red", operator="alice", expect=DENIED)
    log.wavegate("campaign", "resume", "told", operator="bob", expect=CONFLICT)
    refused = refusals()[before:]
    assert [(row["actor"], row["kind"], row["subject"], row["detail"]["what"], row["origin"]) for row in refused] == [
        ("alice", "refused", "dev-1", "POST /devices/{id}/tags", "https 127.0.0.1"),
        ("bob", "refused", "told", "POST /campaigns/{name}/resume", "https 127.0.0.1")]
    assert "alice may not" in refused[0]["why"] and "aborted" in refused[1]["why"]
    assert refused[0]["detail"]["status"] == 403
    for _ in range(3):
        log.wavegate("device", "tag", "dev-1", "+red", operator="alice", expect=DENIED)
    assert len(refusals()) == before + 2
    log.db.rows("update audit_refusal set since = since - interval '1 hour'")
    repeated = refusals()[-1]
    assert (repeated["actor"], repeated["detail"]["what"], repeated["detail"]["repeated"]) == (
        "alice", "POST /devices/{id}/tags", 3)
    verify(log)


DEEDS = {
    "edited": ("update audit set actor = 'bob' where number = 5", "row 5 was edited"),
    "edited within": ("update audit set detail = detail || '{\"more\": 1}' where number = 5", "row 5 was edited"),
    "deleted": ("delete from audit where number = 5", "row 5 is missing"),
    "deleted from the beginning": ("delete from audit where number < 5", "row 1 is missing"),
    "all deleted": ("delete from audit", "row 1 is missing"),
    "deleted, the rest counted anew": (
        "delete from audit where number = 5; "
        "update audit set number = number + 1000 where number > 5; "
        "update audit set number = number - 1001 where number > 1000", "row 5 does not follow on row 4"),
    "reordered": ("update audit set number = 1000 where number = 5; update audit set number = 5 where number = 6; "
                  "update audit set number = 6 where number = 1000", "row 5 does not follow on row 4"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_was_done_to_rows_is_told(log, deed):
    sql, words = DEEDS[deed]
    log.db.rows(sql)
    assert words in verify(log, expect=BROKEN)
    assert words in verify(log, export(log, "spoiled.ndjson"), expect=BROKEN)


def test_a_log_that_was_cut_off_needs_a_noted_head(log):
    head = head_of(log)
    count = int(head.split(":")[0])
    log.db.rows("delete from audit where number > 5")
    verify(log)
    assert "row 6 is missing" in verify(log, "--head", head, expect=BROKEN)
    assert f"of row {count}" in verify(log, export(log, "cut.ndjson"), "--head", head, expect=BROKEN)
    assert "cut off at row 6" in verify(log, "--head", head.split(":")[1], expect=BROKEN)


def test_a_log_that_was_made_anew_needs_a_noted_head(log):
    """Whoever has the login and can hash makes a log that holds: nothing in it tells."""
    head = head_of(log)
    rows = rows_of(log)
    rows[4]["actor"] = "bob"
    for row in made_anew(rows):
        log.db.rows("update audit set actor = %s, previous = %s, hash = %s where number = %s",
                    row["actor"], row["previous"], row["hash"], row["number"])
    verify(log)
    assert f"row {len(rows)} is not the one that was noted" in verify(log, "--head", head, expect=BROKEN)
    assert "made anew" in verify(log, "--head", head.split(":")[1], expect=BROKEN)


def test_what_was_done_to_a_file_is_told(log):
    file = export(log, "file.ndjson")
    lines = file.read_text().splitlines(keepends=True)
    rows = [json.loads(line) for line in lines[:-1]]

    def expect(words, changed):
        file.write_text(changed if isinstance(changed, str) else "".join(changed))
        assert words in verify(log, file, expect=BROKEN)
    expect("row 5 was edited", [line.replace("alice", "bob ").replace("dave", "bob ") if number == 4 else line
                                for number, line in enumerate(lines)])
    expect("row 5 is missing", lines[:4] + lines[5:])
    expect("row 5 is out of order", lines[:4] + [lines[5], lines[4]] + lines[6:])
    expect("row 4 is out of order", lines[:5] + lines[3:])
    expect("the file is cut off", lines[:5])
    expect("row 6 is missing: the file says", lines[:5] + lines[-1:])
    expect("not that of its last row", lines[:-1] + [json.dumps({"head": "0" * 64, "rows": len(rows)}) + "\n"])
    expect("stands behind the head", lines + lines[-1:])
    expect("row 3 cannot be read", lines[:2] + [lines[2][:40] + "\n"] + lines[3:])
    expect("row 1", "")
    expect("row 1", "\x00\xff\n")
    verify(log, write(file, rows))
    assert "row 1 is missing" in verify(log, write(file, rows[1:]), expect=BROKEN)


def test_the_log_goes_on_behind_what_was_spoiled(log):
    log.db.rows("update audit set actor = 'bob' where number = 5")
    log.wavegate("device", "tag", "dev-1", "+green", operator="dave")
    newest = rows_of(log)[-1]
    assert (newest["actor"], newest["detail"]["tag"]) == ("dave", "green")
    assert "row 5 was edited" in verify(log, expect=BROKEN)
