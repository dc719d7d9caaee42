"""The messages of docs/troubleshooting.md are those of the programs."""

import re
import subprocess

from tests.lab import programs

PAGE = programs.ROOT / "docs/troubleshooting.md"
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
GAP = re.compile(r"%[-0-9.*]*(?:ll|z)?[a-zA-Z]")


def texts():
    """Every string of our C sources; those that stand one behind the other are one."""
    files = subprocess.run(["git", "ls-files", "--", "*.c", "*.h"], cwd=programs.ROOT, capture_output=True, text=True, check=True).stdout.split()
    found = []
    for file in files:
        if file.startswith("tests/"):
            continue
        source = re.sub(r'"\s+(?:"|NEXT_LOOK\s*")', "", (programs.ROOT / file).read_text())
        found += [GAP.sub("..", text.replace('\\"', '"')) for text in LITERAL.findall(source)]
    return "\n".join(found)


def messages():
    """What stands between backticks in the first column of its tables."""
    for number, line in enumerate(PAGE.read_text().splitlines(), 1):
        if line.startswith("| `"):
            yield from ((number, message) for message in re.findall(r"`([^`]+)`", line.split(" | ")[0]))


def test_every_message_is_one_of_the_programs():
    known = texts()
    found = list(messages())
    assert len(found) > 30
    lacking = [f"{PAGE.name}:{number}: {message}: no program says {part!r}" for number, message in found
               for part in re.split(r"\s*\.\.\s*", message) if len(part) > 2 and part.strip() not in known]
    assert not lacking
