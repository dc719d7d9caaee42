"""Every command of the table: what it changes has a row of the audit log, and whom it refuses too. Made from the table itself: a
command that is added there and has no recipe here fails."""

import json
import re

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.lab import World
from tests.system import seeded
from tests.system.attacks.test_trust import age_key, public_key, signed
from tests.system.test_audit_logins import restrict

DENIED, NOT_FOUND = 4, 5
CLI = programs.ROOT / "orchestrator/cli/commands.c"
REASON = "ticket 4711"
WHY = ("--reason", REASON)


def table():
    """(noun, verb): what it needs, of every command."""
    text = CLI.read_text()
    rows = text[text.index("const struct command commands[] = {"):]
    rows = rows[:rows.index("\n};")]
    found = re.findall(r'\{"([\w-]+)",\s*"([\w-]+)",\s*"[^"]*",.*?,\s*([A-Z0-9_| ]+),\s*\w+_run\}', rows, re.S)
    assert len(found) == len(re.findall(r"_run\}", rows))
    return {(noun, verb): needs for noun, verb, needs in found}


COMMANDS = table()
CHANGES = [name for name, needs in COMMANDS.items() if re.search("CHANGES|SIGNS", needs)]
READS = [name for name, needs in COMMANDS.items() if needs.strip() == "SETTINGS_SERVER"]
assert len(CHANGES) > 40 and len(READS) > 15
# Who may do nothing of that noun; anybody makes tokens, but for who is known by certificate alone.
MAY_NOT = {"campaign": "sue", "release": "alice"}
# An event of a webhook's own: nothing that anybody set is another then.
SENDS = [("webhook", "test"), ("webhook", "retry")]


class Office:
    """A registry, releases and campaigns whose devices never answer; no orchestrator at work."""

    def __init__(self, ground):
        self.world = world = World(ground, "office")
        engine = restrict(world)  # each command under the login that may not change the log
        engine.stop()
        self.recipient = age_key(world.folder / "age.key")
        self.key = world.folder / "enrolment"
        ground.pki.run("key", "make", self.key)
        world.orchestrator.settings["enrolment"] = f"{self.key}.pub"
        world.orchestrator.write_config()
        devices = [verb for noun, verb in CHANGES if noun in ("campaign", "device")]
        file = world.folder / "devices.ndjson"
        file.write_text("".join(json.dumps({"id": f"d-{verb}", "hardware_model": "box", "software": {"app": "1.0.0"}}) + "\n"
                                for verb in devices))
        world.wavegate("device", "import", file, operator="dave")
        for version in ("1.0.0", "3.0.0"):
            seeded.add_release(world, version)
        world.wavegate("people", "add", "otto", "--role", "owner", operator="otto")
        world.db.rows("delete from setup_link")  # as the server does within ten minutes, between two looks of a test
        world.wavegate("webhook", "add", "told", "--url", "https://hooks.example.org/x", "--kinds", "alarm", "--disable")

    def apply(self, verb, *flags, **more):
        """The campaign c-VERB of the device d-VERB; its file."""
        file = self.world.folder / f"c-{verb}.yaml"
        file.write_text(seeded.campaign(f"c-{verb}", {"device": [f"d-{verb}"]}, None, **more))
        if flags is not None:
            self.world.wavegate("campaign", "apply", file, *flags)
        return file

    def file(self, name, text):
        path = self.world.folder / name
        path.write_text(text)
        return path

    def tables(self):
        """Every table of ours but the log's, as one hash each."""
        names = [name for (name,) in self.world.db.rows(
            "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' "
            "and c.relname !~ '^audit' and c.relname not in ('webhook_sender', 'once') and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')")]
        assert "device" in names and "transition" in names
        return {name: self.world.db.value(f"select md5(coalesce(string_agg(t::text, e'\\n' order by t::text), '')) from {name} t")
                for name in names}

    def rows(self, after=0):
        cursor = self.world.db.rows("select row_to_json(a)::text from audit a where number > %s order by number", after)
        return [json.loads(text) for (text,) in cursor]

    def last(self):
        return self.world.db.value("select max(number) from audit")


@pytest.fixture(scope="module")
def office(ground):
    made = Office(ground)
    yield made
    made.world.close()
    assert not made.world.sanitizer_report()


# What each command is given, once what it needs is there; operator and words.

def of_campaign(verb, *words, operator="alice", before=(), sql="", flags=(), **more):
    def prepare(office):
        office.apply(verb, *flags, **more)
        for command in before:
            office.world.wavegate("campaign", *command)
        if sql:
            office.world.db.rows(sql, f"c-{verb}")
        return operator, [f"c-{verb}", *words]
    return prepare


def of_device(verb, *words, operator="dave", before=(), sql="", campaign=False, **more):
    def prepare(office):
        if campaign:
            office.apply(verb, **more)
        for command in before:
            office.world.wavegate("device", *command, operator=operator)
        if sql:
            office.world.db.rows(sql, f"d-{verb}")
        return operator, [f"d-{verb}", *words]
    return prepare


def release_add(office):
    return "rita", [payload.make(office.world.folder, "app", "5.0.0"), "--component", "app", "--version", "5.0.0"]


def release_add_form(office):
    made = payload.make(office.world.folder, "app", "6.0.0")
    with made.open("a") as file:
        file.write("# the same line\n" * 5000)
    office.world.wavegate("release", "add", made, "--component", "app", "--version", "6.0.0", operator="rita")
    office.world.wavegate("release", "pack", made)
    return "rita", [f"{made}.zst", "--component", "app", "--version", "6.0.0"]


def device_enrol(office):
    body = {"age_key": office.recipient, "device": "d-enrol", "enrolled": "2026-11-01T00:00:00.000Z",
            "hardware": {"model": fleet.COMPONENT, "revision": "C"},
            "identity_key": public_key(office.world.ground.pki.certificate("dev-01")), "lot": "lot-1",
            "type": "wavegate-enrolment", "v": 1}
    return "dave", [office.file("enrolment.ndjson", json.dumps(signed(body, office.key)) + "\n")]


def group(verb, *words):
    def prepare(office):
        if verb != "add":
            office.world.wavegate("group", "add", f"g-{verb}", "d-tag", operator="dave")
        return "dave", [f"g-{verb}", *words]
    return prepare


def release_proposed(verb, *words):
    def prepare(office):
        made = payload.make(office.world.folder, "app", f"7.0.0-{verb}")
        office.world.wavegate("release", "add", made, "--component", "app", "--version", f"7.0.0-{verb}", operator="rita")
        office.world.db.rows("update release set approvals_wanted = 1 where version = %s returning 1", f"7.0.0-{verb}")
        return "otto", [f"app/7.0.0-{verb}", *words]
    return prepare


def person(verb, *words):
    def prepare(office):
        if verb != "add":
            office.world.wavegate("people", "add", f"p-{verb}", "--role", "support", operator="otto")
        return "otto", [f"p-{verb}", *words]
    return prepare


def token_end(office):
    made = office.world.wavegate("token", "make", "ends", "--may", "campaign.read", "--for", "1h", "--json", operator="otto")
    return "otto", [json.loads(made.stdout)["id"]]


def webhook(verb, *words):
    def prepare(office):
        if verb != "add":
            office.world.wavegate("webhook", "add", f"w-{verb}", "--url", "https://hooks.example.org/x", "--kinds", "alarm",
                                  "--disable")
        return "otto", [f"w-{verb}", *words]
    return prepare


def webhook_retry(office):
    office.world.wavegate("webhook", "test", "told")
    (event,), *_ = office.world.db.rows("update webhook_event e set dead_at = now() from webhook w where w.id = webhook_id and w.name = 'told' returning e.xid || '-' || e.id")
    return "otto", ["told", event]


ALARM = ("insert into alarm (device_id, kind, count, first_at, last_at, why) values (%s, 'cloned', 1, now(), now(), 'w'); "
         "update device set quarantined_at = now() where id = 'd-clear'")
DONE = "update place set state = '{0}', cause = '{1}', attempt = 1, state_at = now() where device_id = replace(%s, 'c-', 'd-'); " \
       "update wave_count n set devices = 0 from campaign c where c.id = n.campaign_id and c.name = 'c-{2}'; " \
       "insert into wave_count select id, 0, '{0}', '{1}', 1 from campaign where name = 'c-{2}'"
BACK = {"rollback_to": "app/1.0.0"}
GATE = {"waves": [{"name": "first", "count": 1}, {"name": "rest", "remaining": True}]}
RECIPES = {
    ("campaign", "apply"): lambda office: ("alice", [office.file("c-apply.yaml", seeded.campaign(
        "c-apply", {"device": ["d-apply"]}, None))]),
    ("campaign", "start"): of_campaign("start", *WHY, flags=["--draft"]),
    ("campaign", "approve"): of_campaign("approve", operator="bob", approvals={"role": "rollout-admin", "count": 1}),
    ("campaign", "pause"): of_campaign("pause", *WHY),
    ("campaign", "resume"): of_campaign("resume", *WHY, before=[("pause", "c-resume")]),
    ("campaign", "advance"): of_campaign("advance", "--wave", "rest", *WHY, sql="update wave w set state = 'at-gate' "
                                         "from campaign c where c.id = w.campaign_id and c.name = %s"),
    ("campaign", "hold"): of_campaign("hold", "--wave", "rest", *WHY),
    ("campaign", "unhold"): of_campaign("unhold", *WHY, before=[("hold", "c-unhold", "--wave", "rest", "--reason", "x")]),
    ("campaign", "abort"): of_campaign("abort", *WHY),
    ("campaign", "rollback"): of_campaign("rollback", *WHY, sql=DONE.format("succeeded", "", "rollback"), **BACK),
    ("campaign", "retry-failed"): of_campaign("retry-failed", sql=DONE.format("failed", "verify", "retry-failed"), **BACK),
    ("release", "add"): release_add,
    ("release", "add-form"): release_add_form,
    ("release", "approve"): release_proposed("approve"),
    ("release", "refuse"): release_proposed("refuse", *WHY),
    ("people", "add"): person("add", "--role", "support"),
    ("people", "invite"): person("invite"),
    ("people", "change"): person("change", "--disable"),
    ("people", "remove"): person("remove"),
    ("token", "make"): lambda office: ("otto", ["t-make", "--may", "campaign.read", "--for", "1h"]),
    ("token", "end"): token_end,
    ("webhook", "add"): webhook("add", "--url", "https://hooks.example.org/x", "--kinds", "alarm"),
    ("webhook", "change"): webhook("change", "--kinds", "people"),
    ("webhook", "remove"): webhook("remove"),
    ("webhook", "test"): webhook("test"),
    ("webhook", "retry"): webhook_retry,
    ("device", "tag"): of_device("tag", "+lab"),
    ("device", "retry"): of_device("retry", "--campaign", "c-retry", *WHY, campaign=True, operator="sue",
                                   sql="update place set retry_at = now() + interval '1 day' where device_id = %s"),
    ("device", "cancel"): of_device("cancel", "--campaign", "c-cancel", *WHY, campaign=True, operator="sue"),
    ("device", "quarantine"): of_device("quarantine", *WHY),
    ("device", "clear"): of_device("clear", *WHY, sql=ALARM),
    ("device", "revoke"): of_device("revoke", *WHY),
    ("device", "reinstate"): of_device("reinstate", *WHY, before=[("revoke", "d-reinstate", *WHY)]),
    ("device", "erase"): of_device("erase", *WHY, "--yes"),
    ("device", "enrol"): device_enrol,
    ("device", "age-key"): lambda office: ("dave", ["d-age-key", office.recipient]),
    ("device", "import"): lambda office: ("dave", [office.file("more.csv", "id,hardware_model\nd-more,box\n")]),
    ("group", "add"): group("add", "d-tag"),
    ("group", "remove"): group("remove", "d-tag"),
    ("group", "delete"): group("delete"),
    ("boundary", "import"): lambda office: ("dave", [programs.ROOT / "deploy/boundaries/sample.geojson"]),
    ("boundary", "derive"): lambda office: ("dave", []),
}
READINGS = {
    ("campaign", "plan"): lambda office: [office.file("c-plan.yaml", seeded.campaign("c-plan", {"device": ["d-tag"]}, None))],
    ("campaign", "status"): lambda office: ["c-pause"],
    ("campaign", "failures"): lambda office: ["c-pause"],
    ("device", "show"): lambda office: ["d-tag"],
    ("device", "explain"): lambda office: ["d-tag"],
    ("device", "logs"): lambda office: ["d-tag"],
    ("group", "show"): lambda office: ["g-add"],
    ("release", "show"): lambda office: ["app/1.0.0"],
    ("people", "show"): lambda office: ["otto"],
    ("webhook", "show"): lambda office: ["told"],
    ("webhook", "dead"): lambda office: ["told"],
    ("audit", "export"): lambda office: [office.world.folder / "exported.ndjson"],
}


def name_of(command):
    return " ".join(command)


@pytest.mark.parametrize("command", CHANGES, ids=name_of)
def test_every_change_is_a_row_and_every_refusal(office, command):
    """Of somebody whose role may not, nothing changes but that row."""
    assert command in RECIPES, f"wavegate {name_of(command)} is new: add to RECIPES what it is given, see that it writes a row"
    operator, words = RECIPES[command](office)
    last, before = office.last(), office.tables()
    other = MAY_NOT.get(command[0], "rita")
    office.world.db.rows("delete from audit_refusal")
    hidden = command == ("token", "end")  # that of another is not there
    office.world.wavegate(*command, *words, operator=other, expect=NOT_FOUND if hidden else DENIED)
    assert office.tables() == before
    told = office.rows(last)
    assert {(row["actor"], row["kind"], row["origin"]) for row in told} == (
        set() if hidden else {(other, "refused", "https 127.0.0.1")}), told
    last = office.last()
    office.world.wavegate(*command, *words, operator=operator)
    changed = {name for name, digest in office.tables().items() if digest != before[name]}
    rows = office.rows(last)
    assert changed or command == ("boundary", "derive")
    if command in SENDS:
        return
    assert rows, f"wavegate {name_of(command)} changes {', '.join(sorted(changed))} and tells nobody"
    assert {row["actor"] for row in rows} == {operator}
    assert {row["origin"] for row in rows} == {"https 127.0.0.1"}
    assert any(row["after"] or row["before"] for row in rows) or command[0] == "webhook" or command == ("people", "invite"), rows
    if REASON in words:
        assert any(REASON in (row["why"] or "") for row in rows), rows


@pytest.mark.parametrize("command", READS, ids=name_of)
def test_what_everybody_may_changes_nothing(office, command):
    words = READINGS.get(command, lambda office: [])(office)
    last, before = office.last(), office.tables()
    done = office.world.wavegate(*command, *words, expect=None)
    assert done.returncode in (0, 3), done.stderr
    assert office.tables() == before
    assert office.rows(last) == []
