"""What an editor with the YAML language server shows of a campaign file, through the real server."""

import json
import re

import pytest

from tests.editor.client import LanguageServer
from tests.lab.programs import ROOT

FIRST_LINE = "# yaml-language-server: $schema=../schemas/campaign.schema.json\n"
EXAMPLES = sorted((ROOT / "campaigns").glob("*.yaml"))
EXAMPLE = (ROOT / "campaigns/brake-2.4.1.yaml").read_text(encoding="utf-8")
ERROR = 1  # severity


@pytest.fixture(scope="module")
def editor(tmp_path_factory):
    log = tmp_path_factory.mktemp("editor") / "yaml-language-server.log"
    with LanguageServer(log) as server:
        yield server


@pytest.fixture(scope="module")
def schema():
    return json.loads((ROOT / "schemas/campaign.schema.json").read_text(encoding="utf-8"))


def property_of(node, name):
    """The first property of that name, wherever it is in the schema."""
    if isinstance(node, dict):
        if name in node.get("properties", {}):
            return node["properties"][name]
        node = list(node.values())
    found = (property_of(part, name) for part in node) if isinstance(node, list) else ()
    return next((one for one in found if one), None)


def place_of(text, marker):
    """Line and character, from 0, of the marker's first occurrence."""
    before = text[:text.index(marker)]
    return before.count("\n"), len(before) - before.rfind("\n") - 1


def at_mark(text):
    """The text of a file without its mark '|', and where that was."""
    text = FIRST_LINE + text
    return text.replace("|", "", 1), *place_of(text, "|")


def test_an_empty_file_is_offered_every_key(editor, schema):
    text, line, character = at_mark("|")
    offered = editor.completions(editor.show(text), line, character)
    assert set(schema["properties"]) <= set(offered)
    without = [key for key in schema["properties"] if not offered[key].get("documentation")]
    assert not without, "keys that are offered without a word about them"


def test_a_wave_is_offered_its_keys(editor):
    text, line, character = at_mark("waves:\n  - name: canary\n    |\n")
    offered = editor.completions(editor.show(text), line, character)
    assert {"devices", "percent", "count", "remaining", "gate"} <= set(offered)
    assert "name" not in offered, "it is there already"
    assert "in_flight" not in offered, "a key of another place"


def test_values_are_offered(editor, schema):
    text, line, character = at_mark("budget:\n  failures: 1%\n  on_exceeded: |\n")
    offered = editor.completions(editor.show(text), line, character)
    assert {"pause", "rollback"} <= set(offered) == set(property_of(schema, "on_exceeded")["enum"])


KEYS = {
    "pace": ("pace:\n  rate:\n    |\n", {"start", "factor", "max"}),
    "classes of the budget": ("budget:\n  classes:\n    |\n", {"silent", "boot", "verify"}),
    "classes of a retry": ("retry:\n  classes:\n    download:\n      |\n", {"attempts", "backoff"}),
    "window": ("window:\n  |\n", {"daily", "zone", "days"}),
    "windows": ("window:\n  - daily: 02:00-05:00\n    |\n", {"zone", "days"}),
    "schedule": ("schedule:\n  |\n", {"start", "end", "at_end"}),
    "hook": ("gate:\n  hook:\n    |\n", {"run", "url", "timeout", "every"}),
    "health": ("gate:\n  health:\n    |\n", {"metric", "worse", "margin", "settle"}),
    "emergency": ("emergency:\n  |\n", {"for", "reason"}),
}


@pytest.mark.parametrize("what", KEYS)
def test_keys_are_offered_where_they_belong(editor, what):
    marked, expected = KEYS[what]
    text, line, character = at_mark(marked)
    assert expected <= set(editor.completions(editor.show(text), line, character))


VALUES = {
    "a day": ("window:\n  daily: 02:00-05:00\n  days:\n    - |\n", {"sat", "sun"}),
    "what happens at the end": ("schedule:\n  at_end: |\n", {"pause", "finish-started"}),
    "what is worse": ("gate:\n  health:\n    metric: m\n    worse: |\n", {"higher", "lower"}),
}


@pytest.mark.parametrize("what", VALUES)
def test_values_are_offered_where_they_belong(editor, what):
    marked, expected = VALUES[what]
    text, line, character = at_mark(marked)
    assert expected <= set(editor.completions(editor.show(text), line, character))


def test_a_key_explains_itself(editor, schema):
    place = place_of(EXAMPLE, "in_flight")
    told = editor.hover(editor.show(EXAMPLE), *place)
    in_flight = property_of(schema, "in_flight")
    assert in_flight["title"] in told and in_flight["description"] in told


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_key_of_the_examples_explains_itself(editor, file):
    text, silent = file.read_text(encoding="utf-8"), []
    uri = editor.show(text)
    for number, line in enumerate(text.splitlines()):
        for key in re.finditer(r"(?:^|[ {])([a-z_]+):(?= |$)", line.partition("#")[0]):
            if not editor.hover(uri, number, key.start(1)).strip():
                silent.append((number + 1, key.group(1)))
    assert not silent


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_examples_have_nothing_wrong(editor, file):
    text = file.read_text(encoding="utf-8")
    assert text.startswith(FIRST_LINE)
    assert editor.diagnostics(editor.show(text)) == []


MISTAKES = {
    "an unknown key": ("waves:", "wavse:", "wavse"),
    "an unknown key of a wave": ("remaining: true", "remaining: true, spraed: 1", "spraed"),
    "a wrong type": ("in_flight: 8", "in_flight: many", "many"),
    "a wrong word": ("on_exceeded: abort", "on_exceeded: panic", "panic"),
    "a bad duration": ("soak: 2s", "soak: 2 s", "2 s"),
    "a bad rate": ("in_flight: 8", "in_flight: 8, rate: {start: 50/h}", "50/h"),
    "a bad window": ("pace:", 'window: {daily: 22:30}\npace:', "22:30"),
    "a bad day": ("pace:", "window: {daily: 22:30-05:00, days: [sat, Sun]}\npace:", "Sun"),
    "a bad time": ("pace:", "schedule: {start: 2026-12-01}\npace:", "2026-12-01"),
    "a bad hook": ("soak: 2s", 'hook: {url: "http://x"}', '"http://x"'),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_shown_where_it_is(editor, what):
    good, bad, marker = MISTAKES[what]
    assert good in EXAMPLE
    text = EXAMPLE.replace(good, bad, 1)
    line, character = place_of(text, marker)
    told = editor.diagnostics(editor.show(text))
    places = [(one["range"]["start"]["line"], one["range"]["start"]["character"])
              for one in told if one["severity"] == ERROR]
    assert (line, character) in places, told


def test_a_missing_key_is_shown(editor):
    told = editor.diagnostics(editor.show(EXAMPLE.replace("release: brake-controller/2.4.1\n", "")))
    assert any("release" in one["message"] for one in told)
