"""What the tests have run of the commands that the pages name: noted by every process of pytest, judged behind the last one.

A command counts when it ended well. Where a page has it to be typed, one run must have had all its flags; where a sentence names
it, each of them some run. WAVEGATE_LEDGER names the folder of the notes.

usage: python3 -m tests.lab.ledger FOLDER
"""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.lab import pages, programs

FOLDER = os.environ.get("WAVEGATE_LEDGER", "")
SHELLS = ("sh", "bash")
PENDING = 3  # plan: what it is there to say
STOPPED = (0, -signal.SIGTERM, -signal.SIGKILL)  # daemons, which the lab ends
EVERYWHERE = {"--json", "--csv", "--quiet", "--config", "--operator", "--no-color", "--no-pager"}  # of every command: test_command.py
# Not run by the system tests, and by what instead.
ELSEWHERE = {
    "aws": "make scale-test", "rclone": "make scale-test",
    "docker": "make compose-test, which holds its own against docs/compose.md",
    "npm": "make web-test and tests/system/test_other_language.py, which have it install what a lock file pins",
    "systemctl": "nothing: it wants a system that systemd has started; the units that pages name are there (test_doc_others.py)",
}
# Targets of make that pages name: tests themselves, or as good as that, because they fail when what they measure is not as it should
# be; the others, and what runs them.
THEMSELVES = {"test", "unit", "web-test", "compose-test", "packages-test", "boot-test", "installers", "scale-suite", "sim", "sim-mutations", "fuzz",
              "cuts", "lint", "footprint"}
RUN_BY = {
    "demo": "tests/system/test_demo.py", "play": "tests/system/test_doc_stories.py", "docs": "unit.cli.pages and its like", "web": "make web-test",
    "packages": "make packages-test", "agent-small": "make footprint",
    **{name: "tests/system/test_benches.py" for name in ("bench", "bench-plan", "bench-intake", "bench-orchestrators", "bench-dispatch",
                                                                 "bench-dispatch-wide", "bench-growth", "speed")},
    "bench-campaign": "tests/system/test_fleet_benches.py", "bench-storm": "tests/system/test_fleet_benches.py", "soak": "make scale-test",
}


class Noted(subprocess.Popen):
    """Notes what it ran, and how that ended, once."""

    _written = False

    def poll(self):
        return self._note(super().poll())

    def wait(self, timeout=None):
        return self._note(super().wait(timeout))

    def _note(self, code):
        if code is not None and not self._written:
            self._written = True
            note(self.args, code)
        return code


def begin():
    """From here on every child of this process is noted."""
    if FOLDER:
        Path(FOLDER).mkdir(parents=True, exist_ok=True)
        subprocess.Popen = Noted


def calls_of(words):
    """The calls in what was run: one, or those of a shell's lines."""
    name = Path(words[0]).name
    if name in SHELLS:
        for text in (word for word in words[1:] if not word.startswith("-")):
            for line in text.splitlines():
                yield from both(pages.Line("run", line))
    elif name in pages.OTHERS or Path(words[0]).parent == programs.BIN and name in pages.PROGRAMS:
        yield pages.Call("run", [name, *words[1:]])


def both(line, whole=True):
    yield from pages.calls(line, whole)
    if whole:
        yield from pages.others(line)


def note(argv, code):
    words = [str(word) for word in argv] if isinstance(argv, (list, tuple)) else ["sh", "-c", str(argv)]
    with open(Path(FOLDER) / f"{os.getpid()}.ndjson", "a", encoding="utf-8") as file:
        for call in calls_of(words):
            file.write(json.dumps({"words": call.words, "code": code}) + "\n")


def ended_well(words, code):
    """Who asks for help has not run it."""
    if {"--help", "-h"} & set(words):
        return False
    return code in STOPPED or (code == PENDING and "plan" in words)


def shape(call):
    """What was called, with noun and verb, or as Python's module; the flags."""
    program = call.words[0]
    if program in pages.OTHERS:
        module = call.words[2:3] if call.words[1:2] == ["-m"] else []
        return (program, *module), frozenset(word.partition("=")[0] for word in call.words[1:] if re.match(r"--?[a-z]", word))
    head, words = pages.named(call)
    usage = pages.usage_of(program, *head)
    used = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
    return (program, *head), frozenset(used & set(usage.flags if usage else ())) - EVERYWHERE


def read(folder):
    """What ran: each shape to the sets of flags that it ran with."""
    ran = {}
    for file in sorted(Path(folder).glob("*.ndjson")):
        for line in file.read_text().splitlines():
            entry = json.loads(line)
            if ended_well(entry["words"], entry["code"]):
                name, flags = shape(pages.Call("run", entry["words"]))
                ran.setdefault(name, set()).add(flags)
    return ran


def lacking(call, ran):
    """Whether no test ran it."""
    if call.words[0] in ELSEWHERE:
        return False
    if call.words[0] == "make":
        return any(word not in THEMSELVES and word not in RUN_BY for word in call.words[1:] if "=" not in word)
    if "..." in call.words[:3]:
        return False  # a family of commands
    name, flags = shape(call)
    had = [sets for key, sets in ran.items() if key[:len(name)] == name]
    if call.whole:
        return not any(flags <= one for sets in had for one in sets)
    return not had or not flags <= frozenset().union(*(one for sets in had for one in sets))


def named():
    """Every command of the pages: of their blocks, and of their sentences."""
    for page in pages.pages():
        for line in pages.code_lines(page):
            yield from both(line)
        for line in pages.spans(page):
            yield from both(line, whole=False)


def main(folder):
    ran, all_of_them = read(folder), list(named())
    missing = [call for call in all_of_them if lacking(call, ran)]
    for call in missing:
        print(f"{call}: no test has run this", file=sys.stderr)
    print(f"commands of the pages: {len(all_of_them) - len(missing)} of {len(all_of_them)} were run by a test")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
