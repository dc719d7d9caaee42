"""The command as people and scripts have it: forms of output, terminal, pager, words that are wrong."""

import csv
import fcntl
import io
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import time

import pytest

from tests.lab import programs
from tests.lab.lab import World
from tests.lab.process import poll
from tests.system.story import campaign

USAGE, PENDING, MISSING = 2, 3, 5
LISTS = ["campaign list", "device list", "device alarms", "group list", "group show pilot", "release list",
         "boundary list", "audit list", "context list", "fleet health"]
FORMULA = "=HYPERLINK(1)"
COUNT = 60  # lines, more than the terminal has
ROWS = 24


@pytest.fixture(scope="module")
def desk(ground):
    """A registry, a group and a campaign, and nobody who does anything."""
    world = World(ground, "command")
    world.start_orchestrator()
    rows = "".join(f"dev-{n:02},brake-controller,DE-BY\n" for n in range(COUNT))
    (world.folder / "fleet.csv").write_text("id,hardware_model,region\n" + rows)
    world.wavegate("device", "import", world.folder / "fleet.csv", operator="dave")
    world.wavegate("group", "add", "pilot", "dev-01", "dev-02", operator="dave")
    (world.folder / "payload").write_text("2.4.1")
    world.add_release(world.folder / "payload", "brake-controller", "2.4.1")
    world.db.rows("update device set region = %s where id = 'dev-01'", FORMULA)  # as somebody with the database may
    yield world
    world.close()
    assert not world.sanitizer_report()


def env_of(world, **more):
    return programs.environment(world.folder, **{"TERM": "xterm", **more})


def csv_of(world, *arguments, expect=0):
    """The text as it comes, with its line ends."""
    done = subprocess.run(world.orchestrator.command(*arguments, "--csv"), capture_output=True,
                          env=env_of(world), timeout=60 * programs.SLOWER, check=False)
    assert done.returncode == expect, done.stderr
    return done.stdout.decode()


class Terminal:
    """A command on a terminal of its own; what it shows."""

    def __init__(self, world, *arguments, operator="alice", **env):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, 100, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self.child = subprocess.Popen(world.orchestrator.command(*arguments, operator=operator), stdin=slave,
                                      stdout=slave, stderr=slave, env=env_of(world, **env), preexec_fn=take_terminal)
        self.text = ""

    def read_until(self, word, timeout=20):
        end = time.monotonic() + timeout * programs.SLOWER
        while not re.search(word, self.text):
            assert time.monotonic() < end, self.text
            self._read(0.2)
        return self.text

    def _read(self, wait):
        if select.select([self.master], [], [], wait)[0]:
            self.text += os.read(self.master, 65536).decode(errors="replace")

    def end(self, timeout=20):
        """The exit code; text holds all that was shown."""
        end = time.monotonic() + timeout * programs.SLOWER
        while self.child.poll() is None:
            assert time.monotonic() < end, self.text
            self._read(0.05)
        while select.select([self.master], [], [], 0)[0]:
            self._read(0)
        self.same = termios.tcgetattr(self.slave) == self.before
        os.close(self.slave)
        os.close(self.master)
        return self.child.returncode


# ---- forms ----

@pytest.mark.parametrize("line", LISTS)
def test_every_list_has_all_forms(desk, line):
    words = line.split()
    table = desk.wavegate(*words).stdout
    told = json.loads(desk.wavegate(*words, "--json").stdout)
    rows = next((told[key] for key in ("members", "groups", "items") if key in told), told)
    text = csv_of(desk, *words)
    read = list(csv.reader(io.StringIO(text, newline="")))
    quiet = desk.wavegate(*words, "--quiet").stdout.splitlines()
    assert text.count("\r\n") == len(read) == len(rows) + 1
    assert len(quiet) == len(rows) and all(quiet)
    if rows and words[1] not in ("show", "health"):
        assert [head.replace("_", " ").upper() for head in read[0]] == re.split("  +", table.splitlines()[0].strip())


def test_csv_harms_no_spreadsheet(desk):
    rows = list(csv.DictReader(io.StringIO(desk.wavegate("device", "list", "--csv").stdout, newline="")))
    assert rows[1]["region"] == "'" + FORMULA
    assert rows[2]["region"] == "DE-BY"


def test_quiet_is_what_a_script_needs(desk):
    assert desk.wavegate("group", "show", "pilot", "--quiet").stdout == "dev-01\ndev-02\n"
    assert desk.wavegate("release", "list", "--quiet").stdout == "brake-controller/2.4.1\n"
    done = desk.wavegate("device", "list", "--quiet", "--limit", "2")
    assert done.stdout == "dev-00\ndev-01\n"
    assert done.stderr == "wavegate: There may be more: --after dev-01\n"
    changed = desk.wavegate("device", "tag", "dev-00", "+lab", "--quiet", operator="dave")
    assert changed.stdout == changed.stderr == ""
    assert "lab" in desk.wavegate("device", "show", "dev-00").stdout


def test_quiet_of_a_plan_and_a_status(desk):
    file = desk.folder / "quiet.yaml"
    file.write_text(campaign("quiet", "2.4.1", "  - {name: rest, remaining: true}"))
    planned = desk.wavegate("campaign", "plan", file, "--quiet", expect=PENDING)
    assert planned.stdout == ""
    assert csv_of(desk, "campaign", "plan", file, "--devices", "all", expect=PENDING).splitlines()[:2] == [
        "device,wave", "dev-00,rest"]
    assert desk.wavegate("campaign", "plan", file, "--devices", "all", "--quiet", expect=PENDING).stdout.split() == [
        f"dev-{n:02}" for n in range(COUNT)]
    done = desk.wavegate("campaign", "apply", file, "--draft", "--quiet")
    assert done.stdout == done.stderr == ""
    assert desk.wavegate("campaign", "plan", file, "--csv", expect=USAGE).stderr == (
        "wavegate: --csv lists devices: add --devices all, or use --json\n")
    assert desk.wavegate("campaign", "list", "--quiet").stdout == "quiet\n"
    assert desk.wavegate("campaign", "status", "quiet", "--quiet").stdout == "draft\n"


@pytest.mark.parametrize("words, said", [
    (["--json", "--csv"], "--json and --csv: expected one of them"),
    (["--csv", "--quiet"], "--csv and --quiet: expected one of them"),
])
def test_forms_exclude_one_another(desk, words, said):
    done = desk.wavegate("device", "list", *words, expect=USAGE)
    assert said in done.stderr and done.stdout == ""


def test_csv_of_what_is_no_list_is_refused_before_anything_is_done(desk):
    done = desk.wavegate("device", "tag", "dev-05", "+refused", "--csv", operator="dave", expect=USAGE)
    assert done.stderr == ("wavegate: --csv is for lists, and device tag is none: use --json, or wavegate device list "
                           "--csv\n")
    assert "refused" not in desk.wavegate("device", "show", "dev-05").stdout


# ---- words ----

@pytest.mark.parametrize("words, said", [
    ("get devices", 'expected one of campaign'),
    ("device get x", 'device has no verb "get": did you mean "wavegate device show"?'),
    ("group rm x", 'did you mean "wavegate group remove"?'),
    ("campaign stop x", 'did you mean "wavegate campaign abort"?'),
    ("device --limit 3 list", 'device has no verb "3"'),
    ("list devices", 'did you mean "wavegate device list"?'),
    ("camp status x", 'did you mean "wavegate campaign status"?'),
    ("device shwo", 'device has no verb "shwo": did you mean "wavegate device show"?'),
    ("device frobnicate", "expected one of list, show"),
    ("zebra", "unknown noun \"zebra\": expected one of campaign, release"),
    ("device list --onlin", 'unknown flag "--onlin": did you mean --online?'),
    ("device revoke a b", '"b" is too much: expected: wavegate device revoke ID'),
    ("device show", "expected: wavegate device show ID"),
    ("device list -json", 'unknown flag "-json": flags begin with two hyphens'),
    ("device list --limit --online", "--limit needs a value: --limit N, and --limit=--online if it is"),
    ("device export --csv", "device export takes --format csv"),
    ("completion tclsh", "expected one of bash, zsh, fish"),
    ("--json", '"--json" needs a command'),
    ("help device shwo", 'did you mean "wavegate device show"?'),
    ("help zebra", 'unknown noun "zebra"'),
])
def test_wrong_words_say_what_to_do(desk, words, said):
    done = programs.run([programs.program("wavegate"), *words.split()], env=env_of(desk))
    assert done.returncode == USAGE and done.stdout == ""
    text = json.loads(done.stderr)["error"]["text"] if "--json" in words else done.stderr
    assert said in text


@pytest.mark.parametrize("words, means", [("devices list", "device list"), ("group ls", "group list"),
                                          ("campaign show", "campaign status"), ("failures", "campaign failures"),
                                          ("device enroll", "device enrol")])
def test_other_words_are_taken(desk, words, means):
    def told(*words):
        done = programs.run([programs.program("wavegate"), *words], env=env_of(desk))
        assert done.returncode == 0, done.stderr
        return done.stdout
    assert told(*words.split(), "--help") == told("help", *words.split()) == told("help", *means.split())


@pytest.mark.parametrize("words, said", [
    ("device list --online --offline", "--online and --offline: expected one of them"),
    ("device list --tag=a,b", '"a,b" is no tag'),
    ("campaign status x --until gate", "--until goes with --watch"),
    ("audit list --since yesterday", 'or "2026-12-01 10:00" here, or a duration like 24h'),
    ("audit list --since 2026-02-30", 'got "2026-02-30"'),
])
def test_wrong_values_say_what_to_do(desk, words, said):
    assert said in desk.wavegate(*words.split(), expect=USAGE).stderr


def test_a_time_can_be_given_as_it_was_shown(desk):
    at = desk.wavegate("audit", "list", "--csv", "--limit", "1").stdout.splitlines()[1].split(",")[1]
    shown = re.search(r"20\S+ \S+ UTC", desk.wavegate("audit", "list", "--limit", "1").stdout)[0]
    for since in (at, shown, shown.removesuffix(" UTC"), shown[:16], shown[:10]):
        assert len(desk.wavegate("audit", "list", "--since", since, "--quiet").stdout.splitlines()) >= 1


def test_a_slip_of_the_pen_that_makes_a_device_is_told(desk):
    told = "dev-O1 was not known: it is registered now."
    assert told in desk.wavegate("device", "tag", "dev-O1", "+lab", operator="dave").stdout
    assert told not in desk.wavegate("device", "tag", "dev-O1", "+lab", operator="dave").stdout
    desk.db.rows("delete from device where id = 'dev-O1'")


def test_empty_lists_say_so(desk):
    assert desk.wavegate("device", "list", "--offline", "--tag", "nothing").stdout == "There is no such device.\n"
    assert desk.wavegate("audit", "list", "--actor", "nobody").stdout == "The log holds nothing like that.\n"


def test_flags_of_all_may_come_first(desk):
    command = desk.orchestrator.command()
    done = programs.run([command[0], *command[1:], "--json", "group", "--no-pager", "list"], env=env_of(desk))
    assert json.loads(done.stdout) == [{"group": "pilot", "devices": 2}]


@pytest.mark.parametrize("words", ["--help", "-h", "help", ""])
def test_help_has_every_command_and_exit_code(desk, words):
    done = programs.run([programs.program("wavegate"), *words.split()], env=env_of(desk))
    assert done.returncode == 0 and "campaign status NAME" in done.stdout and "\n  130  interrupted\n" in done.stdout


def test_help_of_a_command_is_the_same_either_way(desk):
    def told(*words):
        done = programs.run([programs.program("wavegate"), *words], env=env_of(desk))
        assert done.returncode == 0
        return done.stdout
    assert told("help", "device", "list") == told("device", "list", "--help") == told("device", "list", "-h")
    assert "columns: device, hardware" in told("help", "device", "list")
    assert told("help", "device") == told("device") == told("device", "--help") == told("device", "help")


# ---- the terminal ----

COLOUR = "\x1b[2mDEVICE"


def coloured(world, *arguments, **env):
    done = programs.run(world.orchestrator.command("device", "list", *arguments), env=env_of(world, **env))
    return COLOUR in done.stdout


def test_colour_is_asked_for_and_refused(desk):
    assert not coloured(desk)
    assert coloured(desk, CLICOLOR_FORCE="1")
    assert not coloured(desk, CLICOLOR_FORCE="0")
    assert not coloured(desk, CLICOLOR_FORCE="1", NO_COLOR="1")
    assert not coloured(desk, "--csv", CLICOLOR_FORCE="1")
    for term, has in (("xterm", True), ("dumb", False)):
        shown = Terminal(desk, "group", "list", TERM=term)
        assert shown.end() == 0 and ("\x1b[" in shown.text) == has


def test_long_text_on_a_terminal_goes_through_the_pager(desk):
    shown = Terminal(desk, "device", "list", PAGER="sed s/^/paged:/")
    assert shown.end() == 0 and "paged:dev-59" in shown.text
    own = Terminal(desk, "device", "list", PAGER="false", WAVEGATE_PAGER="sed s/^/own:/")
    assert own.end() == 0 and "own:dev-59" in own.text
    for words in (["--no-pager"], ["--json"], ["--csv"], ["--quiet"], ["--limit", "10"]):
        shown = Terminal(desk, "device", "list", *words, PAGER="sed s/^/paged:/")
        assert shown.end() == 0 and "dev-09" in shown.text and "paged:" not in shown.text
    piped = programs.run(desk.orchestrator.command("device", "list"), env=env_of(desk, PAGER="sed s/^/paged:/"))
    assert "paged:" not in piped.stdout


@pytest.mark.parametrize("pager", ["", "cat", "/no/such/pager", "true"])
def test_a_pager_that_is_none_or_leaves_early_harms_nothing(desk, pager):
    shown = Terminal(desk, "device", "list", PAGER=pager)
    assert shown.end() == 0 and ("dev-59" in shown.text) == (pager != "true") and "wavegate:" not in shown.text


def test_a_reader_that_goes_away_hears_no_word(desk):
    command = " ".join(map(str, desk.orchestrator.command("device", "list", "--json")))
    for before in ("", "trap '' PIPE; "):
        done = subprocess.run(["bash", "-c", f"{before}{command} | true"],
                              capture_output=True, text=True, env=env_of(desk), timeout=30 * programs.SLOWER, check=False)
        assert done.returncode == 0 and done.stderr == ""


def test_times_are_where_the_reader_is(desk):
    env = env_of(desk, TZ="Asia/Tokyo")
    command = desk.orchestrator.command
    table = programs.run(command("audit", "list", "--limit", "1"), env=env).stdout
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d JST", table)
    text = programs.run(command("audit", "list", "--limit", "1", "--csv"), env=env).stdout
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ", row["at"])


# ---- completion, by the real shells ----

class Shell(Terminal):
    """An interactive shell that has the script; what it offers for a line."""

    STARTS = {
        "bash": (["bash", "--norc", "--noprofile", "-i"],
                 "bind 'set show-all-if-ambiguous on'; bind 'set page-completions off'; bind 'set bell-style none'; "
                 "bind 'set enable-bracketed-paste off'; bind 'set completion-query-items 0'; "
                 'eval "$(wavegate completion bash)"'),
        "zsh": (["zsh", "-f", "-i"],
                "unsetopt zle_bracketed_paste list_beep auto_menu; LISTMAX=1000; autoload -U compinit; compinit -u -D; "
                'eval "$(wavegate completion zsh)"'),
    }

    def __init__(self, world, shell, **env):
        command, start = self.STARTS[shell]
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 120, 0, 0))
        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self.child = subprocess.Popen(command, stdin=self.slave, stdout=self.slave, stderr=self.slave, cwd=world.folder,
                                      env=shell_env(world, **env), preexec_fn=take_terminal)
        self.text = ""
        self._say(f"{start}; PS1='NE''XT '; echo rea''dy\n", r"ready\r?\n[^\n]*NEXT ")

    def _say(self, keys, until):
        self.text = ""
        os.write(self.master, keys.encode())
        return self.read_until(until)

    def offered(self, line):
        """All words that the terminal showed for the line and a tab, and the line that came of it, told by echo."""
        shown = self._say(f"{line}\t\t\x01echo \x05 do''ne\n", r"done\r?\n[^\n]*NEXT ")
        return set(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\r]", " ", shown).split())

    def close(self):
        self.child.kill()
        self.child.wait()
        os.close(self.slave)
        os.close(self.master)


class Fish:
    """fish says by itself what it would offer."""

    def __init__(self, world, **env):
        self.world, self.env = world, env

    def offered(self, line):
        script = f"wavegate completion fish | source; complete -C '{line}'"
        done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, timeout=30 * programs.SLOWER,
                              cwd=self.world.folder, env=shell_env(self.world, **self.env), check=True)
        assert done.stderr == ""
        return {line.split("\t")[0] for line in done.stdout.splitlines()}

    def close(self):
        pass


def shell_env(world, **more):
    bin_folder = os.path.dirname(programs.program("wavegate"))
    return env_of(world, PATH=f"{bin_folder}:{os.environ['PATH']}", HOME=str(world.folder),
                  **{"WAVEGATE_CONFIG": str(world.orchestrator.config), **more})


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(desk, request):
    made = Fish(desk) if request.param == "fish" else Shell(desk, request.param)
    yield made
    made.close()


@pytest.mark.parametrize("name,checks", [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")])
def test_completion_prints_a_script_of_that_shell(name, checks):
    script = programs.run([programs.program("wavegate"), "completion", name]).stdout
    assert "wavegate" in script
    subprocess.run([name, checks], input=script, text=True, timeout=30 * programs.SLOWER, check=True)


OFFERED = [
    ("wavegate ca", {"campaign"}, {"device"}),
    ("wavegate ", {"campaign", "release", "device", "group", "audit", "help"}, {"list"}),
    ("wavegate device re", {"revoke", "reinstate"}, {"show"}),
    ("wavegate device list --o", {"--online", "--offline"}, {"--json", "--tag"}),
    ("wavegate device export --format ", {"csv", "ndjson"}, {"fleet.csv"}),
    ("wavegate device import fl", {"fleet.csv"}, {"payload"}),
    ("wavegate device show dev-3", {f"dev-3{n}" for n in range(10)}, {"dev-29", "dev-40"}),
    ("wavegate group show ", {"pilot"}, {"fleet.csv"}),
    ("wavegate help device sh", {"show"}, {"list"}),
]


def test_every_shell_offers_the_same(shell):
    for line, there, absent in OFFERED:
        # names come from the server, which is not waited for long: who is offered none presses the key again
        offers = poll(lambda line=line, there=there: next((found for found in [shell.offered(line)] if there <= found), None), 20)
        assert offers, (line, shell.offered(line))
        assert not absent & offers, (line, offers)


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_without_a_server_no_shell_says_a_word_or_waits(desk, name):
    config = desk.folder / "away.yaml"
    # an address that answers nobody: a connection is begun, and hangs
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config.write_text(f"database: host=127.0.0.1 port={silent.getsockname()[1]}\n")
        for wrong in (config, desk.folder / "missing.yaml"):
            env = {"WAVEGATE_CONFIG": str(wrong)}
            assert shortest_of_three(desk, env) < 3 * programs.SLOWER  # it waits 0.9 seconds
            made = Fish(desk, **env) if name == "fish" else Shell(desk, name, **env)
            assert not {word for word in made.offered("wavegate device show dev-3") if "error" in word or "dev-30" in word}
            made.close()


def shortest_of_three(world, env):
    """Seconds without a word, on a machine that is busy with tests."""
    taken = []
    for _ in range(3):
        begun = time.monotonic()
        done = programs.run([programs.program("wavegate"), "__complete", "device", "show", "dev-1"], env=env_of(world, **env))
        taken.append(time.monotonic() - begun)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        if taken[-1] < 3:
            break
    return min(taken)


# ---- manual ----

def pages():
    folder = os.path.join(os.path.dirname(os.path.dirname(programs.program("wavegate"))), "man")
    return sorted(os.path.join(top, name) for top, _, names in os.walk(folder) for name in names)


def test_man_pages_are_clean_for_mandoc_and_groff():
    names = [os.path.basename(page) for page in pages()]
    assert {"wavegate.1", "wavegate-device.1", "wavegate-exit-codes.7"} <= set(names)
    done = subprocess.run(["mandoc", "-Tlint", "-Wall", *pages()], capture_output=True, text=True, check=False)
    # pages that mandoc does not find are ours, and are not installed where tests run
    assert [line for line in done.stdout.splitlines() if "referenced manual not found" not in line] == []
    for page in pages():
        done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", page], capture_output=True, text=True, check=True)
        assert done.stderr == "" and "WAVEGATE" in done.stdout


def test_the_manual_can_be_searched():
    """Hyphens are hyphens."""
    text = "".join(subprocess.run(["mandoc", "-Tutf8", page], capture_output=True, text=True, check=True).stdout
                   for page in pages())
    text = re.sub(".\x08", "", text)
    for word in ("--all-or-nothing", "--no-pager", "wavegate campaign retry-failed NAME", "130", "WAVEGATE_PAGER"):
        assert word in text


# ---- contexts ----

class Contexts:
    """A person with contexts of their own, in a folder without a configuration."""

    def __init__(self, world, folder):
        self.world, self.folder = world, folder
        self.file = folder / "wavegate" / "contexts.yaml"

    def run(self, *words, expect=0, **env):
        full = {key: value for key, value in env_of(self.world, XDG_CONFIG_HOME=str(self.folder), **env).items() if value}
        done = subprocess.run([programs.program("wavegate"), *map(str, words)], env=full, cwd=self.folder, text=True,
                              capture_output=True, timeout=30 * programs.SLOWER, check=False)
        assert done.returncode == expect, done.stdout + done.stderr
        return done


@pytest.fixture
def contexts(desk, tmp_path):
    return Contexts(desk, tmp_path)


def test_contexts_are_added_used_shown_and_removed(desk, contexts):
    assert "There is no context yet" in contexts.run("context", "list").stdout
    config = desk.orchestrator.config
    assert contexts.run("context", "add", "lab", "--config", config).stdout == "lab is added, and in use.\n"
    odd = contexts.folder / 'it\'s "odd": #1.yaml'
    os.symlink(config, odd)
    assert contexts.run("context", "add", "odd", "--config", odd.name, "--quiet").stdout == ""
    assert contexts.file.stat().st_mode & 0o777 == 0o600
    assert contexts.run("context", "show", "--quiet").stdout == "lab\n"
    assert contexts.run("context", "list", "--quiet").stdout == "lab\nodd\n"
    assert json.loads(contexts.run("context", "show", "odd", "--json").stdout)["config"] == str(odd)
    assert contexts.run("group", "list", "--quiet", "--context", "odd").stdout == "pilot\n"
    contexts.run("context", "use", "odd")
    assert contexts.run("group", "list", "--quiet").stdout == "pilot\n"
    assert "no context is in use now" in contexts.run("context", "remove", "odd").stdout
    assert "wavegate context use NAME" in contexts.run("context", "show", expect=MISSING).stderr
    assert "/etc/wavegate/wavegate.yaml" in contexts.run("group", "list", expect=MISSING).stderr
    assert 'expected one of lab' in contexts.run("context", "use", "lap", expect=MISSING).stderr


def test_what_is_named_goes_before_what_is_kept(desk, contexts):
    good, bad = desk.orchestrator.config, contexts.folder / "bad.yaml"
    contexts.run("context", "add", "bad", "--config", bad)
    contexts.run("context", "add", "good", "--config", good)
    contexts.run("group", "list", expect=MISSING)
    for words, env in ((["--config", good], {}), (["--context", "good"], {}), ([], {"WAVEGATE_CONFIG": str(good)}),
                       ([], {"WAVEGATE_CONTEXT": "good"}),
                       (["--config", good, "--context", "bad"], {}),
                       (["--config", good], {"WAVEGATE_CONTEXT": "bad", "WAVEGATE_CONFIG": str(bad)}),
                       (["--context", "good"], {"WAVEGATE_CONTEXT": "bad", "WAVEGATE_CONFIG": str(bad)}),
                       ([], {"WAVEGATE_CONTEXT": "bad", "WAVEGATE_CONFIG": str(good)})):
        assert contexts.run("group", "list", "--quiet", *words, **env).stdout == "pilot\n"
    assert 'no context "zebra"' in contexts.run("group", "list", expect=MISSING, WAVEGATE_CONTEXT="zebra").stderr


def test_a_change_tells_where_it_goes_when_there_are_several(desk, contexts):
    config, dave = desk.orchestrator.config, desk.ground.pki.certificate("dave")
    contexts.run("context", "add", "lab", "--config", config, "--certificate", dave)
    tag = ["device", "tag", "dev-09", "+told"]
    assert contexts.run(*tag).stderr == ""
    contexts.run("context", "add", "other", "--config", config)
    assert contexts.run(*tag).stderr == f"wavegate: context lab ({config})\n"
    assert contexts.run(*tag, "--quiet").stderr == contexts.run(*tag, "--json").stderr == ""
    assert contexts.run("device", "show", "dev-09").stderr == ""
    assert contexts.run(*tag, "--config", config, "--operator", dave).stderr == ""


def test_a_server_is_kept_for_when_it_is_spoken_to(contexts):
    contexts.run("context", "add", "far", "--server", "https://wavegate.example", "--ca", "ca.crt", "--token-file", "t")
    kept = json.loads(contexts.run("context", "show", "--json").stdout)
    assert kept["token_file"] == str(contexts.folder / "t") and kept["config"] is None
    assert "no such file" in contexts.run(
        "campaign", "list", expect=5).stderr.lower()


@pytest.mark.parametrize("words, code, said", [
    (["x"], USAGE, "expected --config FILE or --server URL"),
    (["x", "--server", "https://a", "--config", "b"], USAGE, "and one of them"),
    (["x", "--server", "http://a"], USAGE, 'expected https://HOST, got "http://a"'),
    (["a b", "--config", "x"], USAGE, '"a b" is no name of a context'),
    (["x", "--server", "https://a", "--token-file", "t", "--certificate", "c"], USAGE, "expected one of them"),
])
def test_bad_contexts_are_not_kept(contexts, words, code, said):
    assert said in contexts.run("context", "add", *words, expect=code).stderr
    assert not contexts.file.exists()


@pytest.mark.parametrize("text, said", [
    ("contexts: [a]", ":1:11: error: contexts: expected a map"),
    ("contexts: {a: {confg: x}}", 'did you mean "config"?'),
    ("contexts: {a: {ca: x}}", ":1:12: error: a: expected server or config"),
    ("current: b\ncontexts: {a: {config: x}}", ':1:10: error: current: there is no context "b"'),
    ("contexts: {a: {config: x}, a: {config: y}}", ":1:28: error:"),
    ("nonsense", "expected a map"),
    ("contexts: {'../a': {config: x}}", "is no name of a context"),
])
def test_a_bad_file_of_contexts_is_told_by_line(contexts, text, said):
    contexts.file.parent.mkdir()
    contexts.file.write_text(text)
    assert said in contexts.run("context", "list", expect=USAGE).stderr
    assert contexts.file.read_text() == text


def test_contexts_that_others_may_change_are_not_believed(desk, contexts):
    contexts.run("context", "add", "lab", "--config", desk.orchestrator.config)
    for mode in (0o620, 0o602):
        contexts.file.chmod(mode)
        assert "others may write to it" in contexts.run("group", "list", expect=4).stderr
    contexts.file.chmod(0o644)
    contexts.run("group", "list")


# ---- progress ----

def rows_of(begin, count):
    return "".join(f"prog-{n:05}\n" for n in range(begin, begin + count))


def feeding(world, *words, stderr):
    command = world.orchestrator.command("device", "import", "-", "--format", "csv", *words, operator="dave")
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, env=env_of(world))


class Screen:
    """A terminal for standard error alone."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        self.text = ""

    def read(self, wait=0.1):
        while select.select([self.master], [], [], wait)[0]:  # all that is there already
            self.text += os.read(self.master, 65536).decode()
            wait = 0
        return self.text

    def close(self):
        os.close(self.slave)
        os.close(self.master)


def test_an_import_shows_how_far_it_is_on_a_terminal(desk):
    screen = Screen()
    with feeding(desk, "--dry-run", stderr=screen.slave) as child:
        child.stdin.write(b"id\n")
        for block in range(0, 100000, 100):  # until it is seen, which needs half a second of work
            child.stdin.write(rows_of(block, 100).encode())
            child.stdin.flush()
            if "kB" in screen.read():
                break
        child.stdin.close()
        assert child.wait(30 * programs.SLOWER) == 0 and b"new" in child.stdout.read()
    assert re.search(r"\r\x1b\[K-: [0-9.]+ kB", screen.read())
    assert screen.read().endswith("\r\x1b[K")
    screen.close()


def test_quiet_shows_no_progress(desk):
    screen = Screen()
    with feeding(desk, "--dry-run", "--quiet", stderr=screen.slave) as child:
        child.stdin.write(b"id\n")
        end = time.monotonic() + 1.5  # else it would be shown after half a second
        for row in range(100000):
            child.stdin.write(rows_of(row, 1).encode())
            child.stdin.flush()
            if screen.read() or time.monotonic() > end:
                break
        child.stdin.close()
        assert child.wait(30 * programs.SLOWER) == 0 and child.stdout.read() == b""
    assert screen.read() == ""
    screen.close()


def test_an_import_that_is_interrupted_stores_nothing_and_ends_with_130(desk):
    with feeding(desk, stderr=subprocess.PIPE) as child:
        child.stdin.write(b"id\n" + rows_of(0, 20000).encode())
        child.stdin.flush()
        child.send_signal(signal.SIGINT)
        assert child.wait(30 * programs.SLOWER) == 130
        assert b"interrupted: nothing was changed" in child.stderr.read()
    assert "prog-" not in desk.wavegate("device", "list", "--quiet").stdout


def test_a_release_that_is_interrupted_leaves_nothing_in_the_folder(desk):
    big, folder = desk.folder / "big", desk.ground.web.artifacts
    with open(big, "wb") as file:
        file.truncate(8 << 30)  # nothing but a length: it takes long to hash, and no room
    before = set(os.listdir(folder))
    command = desk.orchestrator.command("release", "add", big, "--component", "brake-controller", "--version", "3.0.0",
                                        operator="rita")
    screen = Screen()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=screen.slave, env=env_of(desk)) as child:
        end = time.monotonic() + 30 * programs.SLOWER
        while "% of 8.6 GB" not in screen.read():
            assert time.monotonic() < end and child.poll() is None, screen.text
        child.send_signal(signal.SIGINT)
        assert child.wait(30 * programs.SLOWER) == 130
    assert set(os.listdir(folder)) == before
    assert "interrupted: nothing was changed" in screen.read() and " left" in screen.text
    screen.close()
    big.unlink()


# ---- a live view ----

@pytest.fixture
def watched(desk):
    """A draft that has devices, and waits for nobody."""
    if "watched" not in desk.wavegate("campaign", "list", "--quiet").stdout:
        file = desk.folder / "watched.yaml"
        file.write_text(campaign("watched", "2.4.1", "  - {name: rest, remaining: true}"))
        desk.wavegate("campaign", "apply", file, "--draft")
    return desk


def test_ctrl_c_leaves_the_terminal_as_it_was(watched):
    shown = Terminal(watched, "campaign", "status", "watched", "--watch")
    shown.read_until("watched")
    os.write(shown.master, b"\x03")
    assert shown.end() == 130 and shown.same
    assert "?25l" not in shown.text and shown.text.rfind("\x1b[0m") >= max(
        shown.text.rfind(f"\x1b[{colour}m") for colour in (1, 2, 31, 32, 36))


def test_a_watched_campaign_is_a_line_a_change_where_nothing_can_be_drawn_over(watched):
    command = watched.orchestrator.command("campaign", "status", "watched", "--watch")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env_of(watched)) as child:
        first = child.stdout.readline()
        assert first.startswith("watched  ")
        watched.wavegate("campaign", "start", "watched")
        line = next(line for line in child.stdout if re.match(r"20\d\d-", line))
        assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC  running: rest (pending|open) 0/60; "
                            r"0 in flight, 0 failed\n", line)
        watched.wavegate("campaign", "abort", "watched", "--reason", "seen enough")
        told, problems = child.communicate(timeout=30 * programs.SLOWER)
    assert child.returncode == 7 and problems == ""
    assert re.search(r"^watched  .* aborted", told, re.MULTILINE) and "\x1b" not in told
