"""Bad campaign files and command lines: what is wrong, where, what was expected; nothing kept."""

import json
import re

import pytest

from tests.lab import fleet
from tests.lab.lab import World
from tests.lab.programs import ROOT
from tests.system.story import campaign

USAGE, DENIED, NOT_FOUND, CONFLICT, TIMEOUT = 2, 4, 5, 6, 8
GOOD = campaign("good", "2.4.1", "  - {name: canary, count: 1}\n  - {name: rest, remaining: true}",
                more="budget: {failures: 1%, on_exceeded: pause}")

# What is changed in the good file, at which text the problem lies ("" anywhere), and what is said.
BAD = {
    "an unknown key": ("waves:", "wavse:", "wavse:", 'did you mean "waves"'),
    "an unknown key deep inside": ("count: 1}", "cuont: 1}", "cuont", "count"),
    "a key of a later version": ("budget:", "window: {daily: x}\nbudget:", "window", "window"),
    "a bad duration": ("offer: 20s", "offer: 20 parsecs", "20 parsecs", "offer"),
    "a bad percentage": ("failures: 1%", "failures: 101%", "101%", "failures"),
    "a bad word": ("on_exceeded: pause", "on_exceeded: panic", "panic", "pause or abort"),
    "a bad release": ("brake-controller/2.4.1", "brake-controller", "brake-controller",
                      "COMPONENT/VERSION"),
    "a bad version range": ("- hardware: {model: brake-controller}",
                            '- software: {brake-controller: ">=two"}', '">=two"', "two"),
    "an unknown region": ("- hardware: {model: brake-controller}", "- region: [XQ]", "XQ", "XQ"),
    "two kinds of wave": ("count: 1}", "count: 1, percent: 5}", "{name: canary", "exactly one"),
    "a key twice": ("wavegate: 1", "wavegate: 1\nwavegate: 1", "", "wavegate"),
    "an alias": ("wavegate: 1", "wavegate: &a 1\nx: *a", "", ""),
    "a tab": ("waves:", "\twaves:", "", ""),
    "no release": (f"release: {fleet.COMPONENT}/2.4.1\n", "", "wavegate", '"release" is missing'),
    "not even YAML": ("wavegate: 1", "wavegate: [", "", ""),
}


def place_of(text, marker):
    """file:LINE:COLUMN: of the marker's first occurrence; any place when there is no marker."""
    if not marker:
        return r"bad\.yaml:\d+:\d+: "
    before = text[:text.index(marker)]
    return rf"bad\.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_refused(bad_file_world, what):
    old, new, marker, words = BAD[what]
    assert old in GOOD
    world = bad_file_world
    file = world.folder / "bad.yaml"
    text = GOOD.replace(old, new, 1)
    file.write_text(text)
    for verb in ("validate", "plan", "apply"):
        told = world.wavegate("campaign", verb, file, expect=USAGE)
        lines = [line for line in (told.stderr + told.stdout).splitlines()
                 if re.search(place_of(text, marker), line)]
        assert lines, told.stderr + told.stdout
        assert any(words in line for line in lines), lines
    assert world.db.value("select count(*) from campaign") == 0


@pytest.fixture(scope="module")
def bad_file_world(ground):
    made = World(ground, "files")
    made.start_orchestrator()
    yield made
    made.close()
    assert not made.sanitizer_report()


def test_all_problems_are_told_at_once(bad_file_world):
    world = bad_file_world
    file = world.folder / "many.yaml"
    file.write_text(GOOD.replace("offer: 20s", "offer: soon").replace("1%", "lots")
                    .replace("count: 1", "count: none"))
    done = world.wavegate("campaign", "validate", file, expect=USAGE)
    assert len(re.findall(r"many\.yaml:\d+:\d+: ", done.stderr + done.stdout)) == 3


def test_the_example_campaigns_are_valid(bad_file_world):
    files = sorted((ROOT / "campaigns").glob("*.yaml"))
    assert len(files) >= 2
    bad_file_world.wavegate("campaign", "validate", *files)


CODES = [
    (("campaign", "validate", "/nowhere/x.yaml"), None, NOT_FOUND),
    (("campaign", "status", "nobody"), None, NOT_FOUND),
    (("campaign", "approve", "nobody"), "bob", NOT_FOUND),
    (("device", "show", "nobody"), None, NOT_FOUND),
    (("device", "explain", "nobody"), None, NOT_FOUND),
    (("campaign", "status", "a/b"), None, USAGE),
    (("campaign",  "frobnicate", "x"), None, USAGE),
    (("frobnicate", "x"), None, USAGE),
    (("campaign", "status"), None, USAGE),
    (("campaign", "status", "x", "--wach"), None, USAGE),
    (("campaign", "pause", "nobody"), "sue", DENIED),
    (("device", "tag", "nobody", "+x"), "alice", DENIED),
    (("release", "add", "/etc/hostname", "--component", "x", "--version", "1.0.0"), "alice",
     DENIED),
    (("release", "add", "/etc/hostname", "--component", "x", "--version", "one"), "rita", USAGE),
    (("release", "list"), None, 0),
    (("campaign", "list"), None, 0),
    (("device", "list"), None, 0),
    (("--help",), None, 0),
    (("campaign", "plan", "--help"), None, 0),
]


@pytest.mark.parametrize("arguments,operator,code", CODES,
                         ids=lambda value: "-".join(value) if isinstance(value, tuple) else None)
def test_exit_codes(bad_file_world, arguments, operator, code):
    done = bad_file_world.wavegate(*arguments, operator=operator, expect=None)
    assert done.returncode == code, done.stdout + done.stderr
    if code:
        assert done.stderr.strip()
        assert done.stdout == ""


def test_errors_are_json_when_asked(bad_file_world):
    done = bad_file_world.wavegate("campaign", "status", "nobody", "--json", operator=None,
                                   expect=NOT_FOUND)
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "not-found" and error["exit"] == NOT_FOUND and error["text"]


def test_a_revoked_operator_may_do_nothing(bad_file_world):
    pki = bad_file_world.ground.pki
    pki.run("issue", "operator", "mallory", "--role", "rollout-admin", "--pki", pki.folder,
            "--out", pki.certs)
    bad_file_world.wavegate("campaign", "pause", "nobody", operator="mallory", expect=NOT_FOUND)
    pki.revoke("mallory")
    done = bad_file_world.wavegate("campaign", "pause", "nobody", operator="mallory", expect=None)
    assert done.returncode in (1, DENIED)
    assert "revoked" in done.stderr


def test_conflicts_and_time_outs(world, fleet_of, release):
    fleet_of(1)
    file = world.folder / "good.yaml"
    file.write_text(GOOD)
    done = world.wavegate("campaign", "apply", file, expect=None)  # no such release yet
    assert done.returncode in (NOT_FOUND, CONFLICT) and "2.4.1" in done.stderr
    made = release("2.4.1")
    world.wavegate("release", "add", made, "--component", "brake-controller", "--version", "2.4.1",
                   operator="rita", expect=None)
    file.write_text(GOOD.replace("brake-controller}", "toaster}"))
    world.wavegate("campaign", "apply", file, expect=CONFLICT)  # hits nobody
    assert world.db.value("select count(*) from campaign") == 0
    world.agents["dev-01"].stop()
    world.wait("the device is offline", lambda: not world.db.online())
    file.write_text(GOOD)
    world.wavegate("campaign", "apply", file)
    world.wavegate("campaign", "status", "good", "--watch", "--timeout", "1s", operator=None,
                   expect=TIMEOUT)
    assert "offline" in world.wavegate("device", "explain", "dev-01", operator=None).stdout
    file.write_text(GOOD.replace("20s", "21s"))
    world.wavegate("campaign", "apply", file, expect=CONFLICT)
    assert world.db.value("select count(*) from campaign") == 1
