"""Bad campaign files and command lines: what is wrong, where, what was expected; nothing kept."""

import json
import os
import pty
import re
import subprocess

import pytest

from tests.lab import fleet, programs
from tests.lab.lab import World
from tests.lab.programs import ROOT
from tests.system.story import OFFER, campaign

USAGE, DENIED, NOT_FOUND, CONFLICT, TIMEOUT = 2, 4, 5, 6, 8
GOOD = campaign("good", "2.4.1", "  - {name: canary, count: 1}\n  - {name: rest, remaining: true}",
                more="budget: {failures: 1%, on_exceeded: pause}")

# What is changed in the good file, at which text the problem lies ("" anywhere), and what is said.
BAD = {
    "an unknown key": ("waves:", "wavse:", "wavse:", 'did you mean "waves"'),
    "an unknown key deep inside": ("count: 1}", "cuont: 1}", "cuont", "count"),
    "a bad window": ("budget:", "window: {daily: x}\nbudget:", "x}\nbudget", "02:00-05:00"),
    "a bad duration": (OFFER, "offer: 20 parsecs", "20 parsecs", "offer"),
    "a bad percentage": ("failures: 1%", "failures: 101%", "101%", "failures"),
    "a bad word": ("on_exceeded: pause", "on_exceeded: panic", "panic", "pause, abort or rollback"),
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


def problems_in(text):
    """What is said of each problem, from its place to the next: with its line and hint."""
    return re.split(r"\n(?=\S+:\d+:\d+: error: )", text)


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
        found = [problem for problem in problems_in(told.stderr)
                 if re.search(place_of(text, marker), problem)]
        assert found, told.stderr + told.stdout
        assert any(words in problem for problem in found), found
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
    file.write_text(GOOD.replace(OFFER, "offer: soon").replace("1%", "lots")
                    .replace("count: 1", "count: none"))
    done = world.wavegate("campaign", "validate", file, expect=USAGE)
    assert len(re.findall(r"many\.yaml:\d+:\d+: ", done.stderr + done.stdout)) == 3


def validate(*files, **more):
    return programs.run([programs.program("wavegate"), "campaign", "validate", *files], **more)


def test_a_problem_is_shown_as_compilers_do(tmp_path):
    file = tmp_path / "shown.yaml"
    file.write_text(GOOD.replace("rest, remaining", "rest, remainig")
                    .replace("campaign: good", "campaign: 日本 # 日本"), encoding="utf-8")
    done = validate(file)
    assert done.returncode == USAGE and done.stdout == ""
    number = GOOD[:GOOD.index("rest, remaining")].count("\n") + 1
    assert f"""{file}:2:11: error: campaign: expected letters, digits, '.', '_' or '-', \
starting with a letter or digit, got "日本"
    2 | campaign: 日本 # 日本
      |           ^
""" in done.stderr
    assert f"""{file}:{number}:18: error: wave has no key "remainig"
{number:5} |   - {{name: rest, remainig: true}}
      |                  ^
      = hint: did you mean "remaining"?
""" in done.stderr
    assert done.stderr.endswith("\n1 file, 3 problems\n"), done.stderr


def test_every_file_is_checked(tmp_path):
    good, bad, odd = (tmp_path / name for name in ("good.yaml", "bad.yaml", "odd\x1b[31m.yaml"))
    good.write_text(GOOD)
    bad.write_text(GOOD.replace(OFFER, "offer: soon").replace("1%", "lots"))
    odd.write_text("a: 1\n\tb: \x1b[31m\n")
    done = validate(bad, tmp_path / "none.yaml", odd, good)
    assert done.returncode == USAGE
    assert done.stdout == f"{good}: valid\n"
    assert f"{tmp_path}/none.yaml: error: No such file or directory\n" in done.stderr
    assert f"{tmp_path}/odd?[31m.yaml:2:1: error: a tab is not allowed" in done.stderr
    assert "    2 |  b: ?[31m\n" in done.stderr
    assert done.stderr.endswith("\n4 files, 4 problems\n")
    assert "\x1b" not in done.stderr
    assert validate(tmp_path / "none.yaml", good).returncode == NOT_FOUND


def test_problems_are_json_when_asked(tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(GOOD)
    bad.write_text(GOOD.replace("budget:", "budgte:"))
    done = validate(good, bad, tmp_path / "none.yaml", "--json")
    assert done.returncode == USAGE and done.stderr == ""
    line = GOOD[:GOOD.index("budget:")].count("\n") + 1
    assert json.loads(done.stdout) == [
        {"file": str(bad), "line": line, "column": 1, "error": 'a campaign has no key "budgte"',
         "hint": 'did you mean "budget"?',
         "source": "budgte: {failures: 1%, on_exceeded: pause}"},
        {"file": str(tmp_path / "none.yaml"), "line": None, "column": None,
         "error": "No such file or directory", "hint": None, "source": None}]
    done = validate(good, "--json")
    assert done.returncode == 0 and json.loads(done.stdout) == []


def on_a_terminal(*arguments, **env):
    """What a program writes when its standard error is a terminal."""
    leader, follower = pty.openpty()
    env = {"TERM": "xterm", "PATH": os.environ["PATH"], **env}
    with subprocess.Popen([str(word) for word in arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=follower, env=env) as process:
        os.close(follower)
        text = b""
        try:
            while (got := os.read(leader, 65536)):
                text += got
        except OSError:
            pass  # the terminal's way to say that nobody writes any more
        process.wait(20 * programs.SLOWER)
    os.close(leader)
    return text.decode()


def test_colour_is_for_terminals(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text(GOOD.replace("budget:", "budgte:"))
    command = (programs.program("wavegate"), "campaign", "validate", file)
    assert "\x1b[1;31merror:\x1b[0m" in on_a_terminal(*command)
    assert "\x1b" not in on_a_terminal(*command, NO_COLOR="1")
    assert "\x1b" not in on_a_terminal(*command, TERM="dumb")
    assert "\x1b" not in validate(file).stderr


LAUGHS = "".join(f"{name}: &{name} [{', '.join('*' + before for before in [last] * 9)}]\n"
                 for last, name in zip("abcdefghijk", "bcdefghijkl"))

# Bytes that YAML would take, or take for something else, and what is said of them.
TRAPS = {
    "a key twice": (GOOD + "waves: []\n", 'the key "waves" stands here twice'),
    "an anchor": (GOOD.replace("waves:", "waves: &w"), "anchors are not allowed"),
    "an alias": (GOOD + "gate: *w\n", "aliases are not allowed"),
    "a merge": (GOOD + "<<: {gate: {}}\n", 'a campaign has no key "<<"'),
    "a billion laughs": ("a: &a [ha]\n" + LAUGHS + GOOD, "aliases are not allowed"),
    "a tag": (GOOD.replace("count: 1}", "count: !!int 1}"), "tags are not allowed"),
    "a tab": (GOOD.replace("waves:", "waves:\t# here"), "a tab is not allowed: use spaces"),
    "two documents": (GOOD + "---\n" + GOOD, "a second document starts here"),
    "a NUL": (GOOD + "# \0\n", "a NUL character is not allowed"),
    "a NUL in quotes": (GOOD.replace("campaign: good", r'campaign: "go\0od"'),
                        "a NUL character is not allowed"),
    "Latin 1": (GOOD.replace("waves:", "waves: # ü").encode("latin-1"), "is not valid UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), "the file is UTF-16: save it as UTF-8"),
    "an escape sequence": (GOOD + "# \x1b[2J\n", "a control character is not allowed"),
    "a number out of range": (GOOD + "pace: {in_flight: 18446744073709551617}\n",
                              "expected a whole number from 1 to"),
    "a number below": (GOOD + "pace: {in_flight: -1}\n", "expected a whole number from 1 to"),
    "nothing of it": (GOOD.replace("count: 1}", "percent: 0}"), "more than 0"),
    "a number of YAML 1.1": (GOOD + "pace: {in_flight: 1_0}\n", 'got "1_0"'),
    "a truth of YAML 1.1": (GOOD.replace("remaining: true", "remaining: yes"),
                            'did you mean "true"?'),
    "brackets without end": (GOOD + "gate: " + "[" * 100000, "nested too deep"),
    "no text at all": (b"", "the file is empty"),
    "too much": (GOOD + "# more\n" * 200000, "more than 1048576 bytes"),
}


@pytest.mark.parametrize("what", TRAPS)
def test_a_trap_is_refused_by_name(tmp_path, what):
    content, words = TRAPS[what]
    file = tmp_path / "trap.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = validate(file, timeout=10)
    assert done.returncode == USAGE, done.stderr
    assert words in done.stderr and "\x1b" not in done.stderr


# Where a campaign's list of devices may not be, and what is said; made in its folder.
BESIDE = {
    "absolute": ("/etc/hostname", lambda path: None, "in the campaign's folder"),
    "above": ("../out.txt", lambda path: None, "in the campaign's folder"),
    "above by a detour": ("lists/../../out.txt", lambda path: (path / "lists").mkdir(),
                          "in the campaign's folder"),
    "a link that leads out": ("link.txt", lambda path: (path / "link.txt").symlink_to(
        "../out.txt"), "link.txt: leads out of the campaign's folder"),
    "a link by its full name": ("link.txt", lambda path: (path / "link.txt").symlink_to(
        path.parent / "out.txt"), "link.txt: leads out of the campaign's folder"),
    "a folder that leads out": ("lists/out.txt", lambda path: (path / "lists").symlink_to(".."),
                                "leads out of the campaign's folder"),
    "a link to a device": ("link.txt", lambda path: (path / "link.txt").symlink_to("/dev/zero"),
                           "leads out of the campaign's folder"),
    "a link to itself": ("link.txt", lambda path: (path / "link.txt").symlink_to("link.txt"),
                         "Too many levels of symbolic links"),
    "a pipe": ("pipe", lambda path: os.mkfifo(path / "pipe"),
               "pipe: expected a file, found a device, pipe or socket"),
    "a folder": ("lists", lambda path: (path / "lists").mkdir(),
                 "lists: expected a file, found a folder"),
    "nowhere": ("none.txt", lambda path: None, "none.txt: No such file or directory"),
    "in a folder of almost that name": ("link.txt", lambda path: (path / "link.txt").symlink_to(
        "../folder-of-others/out.txt"), "leads out of the campaign's folder"),
}


def with_list(name):
    return GOOD.replace("count: 1}", f"devices: {{file: {name}}}}}")


@pytest.mark.parametrize("what", BESIDE)
def test_files_named_inside_stay_in_the_folder(tmp_path, what):
    name, make, words = BESIDE[what]
    folder = tmp_path / "folder"
    for made in (folder, tmp_path / "folder-of-others"):
        made.mkdir()
        (made.parent / "out.txt").write_text("dev-01\n")
        (made / "out.txt").write_text("dev-01\n")
    make(folder)
    (folder / "c.yaml").write_text(with_list(name))
    done = validate(folder / "c.yaml", timeout=10)
    assert done.returncode == USAGE, done.stderr
    assert words in done.stderr and done.stderr.endswith("\n1 file, 1 problem\n")


def test_links_inside_the_folder_are_followed(tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    (folder / "lists").mkdir(parents=True)
    (folder / "lists" / "lab.txt").write_text("dev-01\n")
    (folder / "lab.txt").symlink_to("lists/lab.txt")
    (folder / "full.txt").symlink_to(folder / "lists/lab.txt")
    for name in ("lab.txt", "full.txt", "lists/lab.txt", "./lists//lab.txt"):
        (folder / "c.yaml").write_text(with_list(name))
        assert validate(folder / "c.yaml").returncode == 0, name
    # the folder is that of the campaign's own file, whatever it is called by
    (tmp_path / "called.yaml").symlink_to("folder/c.yaml")
    assert validate(tmp_path / "called.yaml").returncode == 0
    monkeypatch.chdir(folder)
    assert validate("c.yaml").returncode == 0


def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", "/dev/zero", tmp_path):
        done = validate(path, timeout=10)
        assert done.returncode == USAGE and "expected a file, found" in done.stderr


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
    bad_file_world.wait("the list is read", lambda: bad_file_world.wavegate(
        "campaign", "pause", "nobody", operator="mallory", expect=None).returncode != NOT_FOUND)
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
    release("2.4.2")
    file.write_text(GOOD.replace("2.4.1", "2.4.2"))
    world.wavegate("campaign", "apply", file, expect=CONFLICT)  # it is under way with 2.4.1
    assert world.db.value("select count(*) from campaign") == 1
