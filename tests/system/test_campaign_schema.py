"""The JSON Schema of the campaign file and `wavegate campaign validate` say the same of every
example; where they cannot, the cases are named here with the reason."""

import json

import jsonschema
import pytest
import yaml

from tests.lab import programs
from tests.lab.programs import ROOT

DATA = ROOT / "tests/unit/campaign/data/schema"
BAD_FILE = 2

# What a schema cannot know; each file under parser_only/ is one of these.
PARSER_ONLY = {
    "duplicate_key": "a loader for editors keeps one of the two",
    "tab": "gone when the text is loaded",
    "anchor": "gone when the text is loaded",
    "tag_of_yaml": "gone when the text is loaded",
    "unknown_country": "the list of ISO 3166 is the parser's",
    "bad_range": "ranges have a grammar of their own",
    "empty_range": "needs the order of revisions",
    "prerelease_with_zero": "the pattern stops short of the whole of semver",
    "percents_over_100": "a sum over all waves",
    "number_of_5_decimals": "a JSON number has no decimals to count",
    "whole_number_with_point": "5.0 is a whole number in JSON Schema",
    "two_waves_of_one_name": "compares waves with each other",
    "remaining_not_last": "depends on the place in the list",
    "file_not_there": "needs the folder",
    "soak_too_long": "bounds of durations are not patterns",
    "backoff_too_short": "bounds of durations are not patterns",
    "too_deep": "depth is not counted by a schema",
    "too_deep_in_canonical_form": "depth is not counted by a schema",
}

# The parser takes text where it expects text; an editor wants such names in quotes.
PARSER_IS_MILDER = {
    "a name that looks like a number": ("campaign: c", "campaign: 2024"),
    "a tag that looks like a number": ("tag: [t]", "tag: [17]"),
    "a name that looks like a truth": ("name: all", "name: true"),
}


class JsonScalars(yaml.SafeLoader):
    """YAML with the scalars that JSON has: true, false, numbers; all else is text."""

    yaml_implicit_resolvers = {}


def _resolve(tag, pattern, first):
    JsonScalars.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", yaml.reader.re.compile(pattern),
                                      list(first))


_resolve("bool", r"^(true|false)$", "tf")
_resolve("int", r"^-?(0|[1-9][0-9]*)$", "-0123456789")
_resolve("float", r"^-?(0|[1-9][0-9]*)\.[0-9]+$", "-0123456789")


@pytest.fixture(scope="module")
def schema():
    with open(ROOT / "schemas/campaign.schema.json", encoding="utf-8") as file:
        loaded = json.load(file)
    jsonschema.Draft7Validator.check_schema(loaded)
    return jsonschema.Draft7Validator(loaded)


def complaints(schema, file):
    loaded = yaml.load(file.read_text(encoding="utf-8"), Loader=JsonScalars)
    return [f"{list(error.path)}: {error.message}" for error in schema.iter_errors(loaded)]


def validate(file):
    return programs.run([programs.program("wavegate"), "campaign", "validate", file])


def examples(folder):
    return sorted((DATA / folder).glob("*.yaml"))


def by_name(file):
    return file.stem


@pytest.mark.parametrize("file", [*examples("good"), *sorted((ROOT / "campaigns").glob("*.yaml")),
                                  *sorted((DATA.parent / "good").glob("*.yaml"))], ids=by_name)
def test_both_accept_a_good_file(schema, file):
    assert not complaints(schema, file)
    done = validate(file)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", examples("bad"), ids=by_name)
def test_both_refuse_a_bad_file(schema, file):
    assert complaints(schema, file)
    done = validate(file)
    assert done.returncode == BAD_FILE
    assert done.stderr.startswith(f"{file}:"), done.stderr


@pytest.mark.parametrize("file", examples("parser_only"), ids=by_name)
def test_only_the_parser_can_know(schema, file):
    assert file.stem in PARSER_ONLY
    assert not complaints(schema, file)
    done = validate(file)
    assert done.returncode == BAD_FILE
    assert done.stderr.startswith(f"{file}:"), done.stderr


def test_every_named_case_has_its_file():
    assert set(PARSER_ONLY) == {file.stem for file in examples("parser_only")}
    assert len(examples("good")) >= 6 and len(examples("bad")) >= 60


@pytest.mark.parametrize("what", PARSER_IS_MILDER)
def test_the_parser_is_milder_with_names(schema, tmp_path, what):
    old, new = PARSER_IS_MILDER[what]
    text = (DATA / "good/smallest.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "mild.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert complaints(schema, file)
    assert validate(file).returncode == 0


def _properties(node, path=""):
    """Every key that a campaign may have, with its schema and its path."""
    if isinstance(node, dict):
        for key, value in node.get("properties", {}).items():
            yield f"{path}/{key}", value
        for key, value in node.items():
            yield from _properties(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _properties(value, f"{path}/{index}")


def test_an_editor_has_words_for_every_key(schema):
    """A title to show, and something to say on hover: here or where it refers to."""
    definitions = schema.schema["definitions"]
    without = []
    for path, key in _properties(schema.schema):
        refers = definitions.get(key.get("$ref", "").rpartition("/")[2], {})
        if "title" not in key or "description" not in {**refers, **key}:
            without.append(path)
    assert not without


def test_defaults_and_examples_are_valid_themselves(schema):
    definitions = schema.schema["definitions"]
    for path, key in _properties(schema.schema):
        one = jsonschema.Draft7Validator({**key, "definitions": definitions})
        for value in [*([key["default"]] if "default" in key else []), *key.get("examples", [])]:
            assert one.is_valid(value), (path, value)
