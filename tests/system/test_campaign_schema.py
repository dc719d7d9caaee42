"""The JSON Schema of the campaign file and `wavegate campaign validate` say the same of every
example and of thousands of changed ones; where they cannot, the cases are named here with the
reason.

Both are asked about the same text. How the scalars of YAML are read is decided here, twice:

- As the parser reads: a scalar in quotes is text. One without quotes is what the schema asks for
  there: text where it asks for text (`no`, `010`, `22:30`, `~` and `true` are then only letters),
  and a number, true, false or null where it asks for that and the scalar is spelt as in JSON. No
  other spelling of YAML 1.1 or 1.2 is a number or a truth anywhere (`1_0`, `0x1F`, `.5`, `yes`).
- As an editor reads, which knows no schema while it reads: what is spelt as in JSON is that, all
  else is text. Examples hold in both readings, but for the names in PARSER_IS_MILDER."""

import copy
import json
import random
import re
import shutil

import jsonschema
import pytest
import yaml

from tests.lab import programs
from tests.lab.programs import ROOT

DATA = ROOT / "tests/unit/campaign/data/schema"
GOOD_FILES = [*sorted((DATA / "good").glob("*.yaml")), *sorted((ROOT / "campaigns").glob("*.yaml")),
              *sorted((DATA.parent / "good").glob("*.yaml"))]
BAD_FILE = 2
FILES_A_CALL = 32
MUTANTS = int(2500 / programs.SLOWER)
SEED = 20261121

# What a schema cannot know: the reason, and the parser's words for it. Each file under parser_only/
# is one of these, and of a changed file that the schema accepts the parser says nothing else.
PARSER_ONLY = {
    "duplicate_key": ("a loader for editors keeps one of the two", "the key .* stands here twice"),
    "tab": ("gone when the text is loaded", "a tab is not allowed"),
    "anchor": ("gone when the text is loaded", "anchors are not allowed"),
    "tag_of_yaml": ("gone when the text is loaded", "tags are not allowed"),
    "unknown_country": ("the list of ISO 3166 is the parser's", "region: expected an ISO 3166"),
    "unknown_subdivision": ("the list of ISO 3166 is the parser's", "region: expected an ISO 3166"),
    "unknown_zone": ("the list of IANA is the parser's", "timezone: expected an IANA"),
    "pattern_fits_no_zone": ("the list of IANA is the parser's", "timezone: expected an IANA"),
    "bad_range": ("ranges have a grammar of their own", "not a version or the beginning of one"),
    "range_of_two_operators": ("ranges have a grammar of their own", "not a version or the begin"),
    "range_compares_with_nothing": ("ranges have a grammar of their own", "compares with nothing"),
    "range_behind_a_wildcard": ("ranges have a grammar of their own", "number behind a wildcard"),
    "range_of_two_hyphens": ("ranges have a grammar of their own", "stands behind a hyphen range"),
    "hyphen_alone": ("ranges have a grammar of their own", "\"-\" stands between two versions"),
    "range_with_empty_alternative": ("ranges have a grammar of their own", "an empty alternative"),
    "range_of_a_long_version": ("ranges have a grammar of their own", "expected at most 64 bytes"),
    "revision_with_tilde": ("ranges have a grammar of their own", "begins with '[~^!]': expected"),
    "bad_revision": ("ranges have a grammar of their own", "is not a hardware revision"),
    "bad_debian_version": ("versions have a grammar of their own", "is not a Debian version"),
    "bad_calendar_version": ("versions have a grammar of their own", "is not a calendar version"),
    "range_of_17_parts": ("ranges have a grammar of their own", "has more than 16 parts"),
    "empty_range": ("needs the order of revisions", "nothing can be in"),
    "percents_over_100": ("a sum over all waves", "add up to more than 100"),
    "number_of_5_decimals": ("a JSON number has no decimals to count",
                             r'at most 4 decimals, got "-?\d+\.\d{5,}"'),
    "degrees_of_8_decimals": ("a JSON number has no decimals to count",
                              r'at most 7 decimals, got "-?\d+\.\d{8,}"'),
    "kilometres_of_4_decimals": ("a JSON number has no decimals to count",
                                 r'at most 3 decimals, got "\d+\.\d{4,}"'),
    "whole_number_with_point": ("5.0 is a whole number in JSON Schema",
                                r'(whole number .*|expected 1), got "-?\d+\.0+"'),
    "number_with_exponent": ("1e3 is a number like any other in JSON Schema",
                             r'decimals, got "-?\d+(\.\d+)?[eE][-+]?\d+"'),
    "whole_number_with_sign": ("-0 is 0 in JSON Schema", 'whole number .*, got "-0"'),
    "count_with_exponent": ("1e3 is a whole number in JSON Schema",
                            r'(whole number .*|expected 1), got "-?\d+(\.\d+)?[eE]'),
    "two_waves_of_one_name": ("compares waves with each other", "two waves are named"),
    "remaining_not_last": ("depends on the place in the list", "only the last wave can take"),
    "after_itself": ("compares with the campaign's name", "a campaign cannot name itself"),
    "rollback_to_another_component": ("compares with the release", "rollback_to: expected a relea"),
    "rollback_to_itself": ("compares with the release", "rollback_to: expected another version"),
    "excludes_33": ("doubles do not count", "more than 32 campaigns"),
    "patterns_101": ("ids in the same list do not count", "more than 100 patterns"),
    "conditions_33": ("counts through all levels", "more than 32 conditions"),
    "values_513": ("counts through all levels", "more than 512 values"),
    "too_deep": ("depth is not counted by a schema", "nested more than 8 deep"),
    "too_deep_in_canonical_form": ("depth is not counted by a schema", "nested more than 8 deep"),
    "bytes_not_characters": ("a schema counts characters", "expected 1 to 255 bytes of text, got"),
    "soak_too_long": ("bounds of durations are not patterns", "soak: expected 0s to 90d, got"),
    "backoff_too_short": ("bounds of durations are not patterns", r"expected 1s to \d+d, got"),
    "rate_max_below_start": ("compares two numbers", r"max: expected at least the \d+/min of s"),
    "factor_of_5_decimals": ("a JSON number has no decimals to count",
                             r'at most 4 decimals, got "-?\d+\.\d{5,}"'),
    "window_in_no_zone": ("the list of IANA is the parser's", "zone: expected device, site or an"),
    "windows_17": ("counts through all windows", "window: more than 16 windows"),
    "windows_of_two_zones": ("compares windows with each other", "are all in one zone"),
    "schedule_end_before_start": ("compares two times", "end: expected a time after the start"),
    "no_such_day": ("months and years are counted by the parser", r"expected a time like"),
    "overlap_of_the_first_wave": ("depends on the place in the list", "no wave before the first"),
    "supersedes_itself": ("compares with the campaign's name", "a campaign cannot name itself"),
    "supersedes_what_it_waits_for": ("compares two lists", 'stands under "after" too'),
    "hook_timeout_too_long": ("bounds of durations are not patterns", "expected 1s to (10m|1d), g"),
    "emergency_too_long": ("bounds of durations are not patterns", "for: expected 1m to 7d, got"),
    "expires_too_short": ("bounds of durations are not patterns", "expires: expected 1m to 365d"),
    "last_seen_too_short": ("bounds of durations are not patterns", "expected 1s to 3650d, got"),
    "last_seen_too_long": ("bounds of durations are not patterns",
                           r'expected a duration .*got "[1-9]\d{3,}[dhms]+"'),
    "bbox_south_above_north": ("compares two numbers", "south has to be less than north"),
    "bbox_without_width": ("compares two numbers", "west and east are the same"),
    "ring_not_closed": ("compares two positions", "the ring is not closed"),
    "ring_without_surface": ("needs geometry", "the ring encloses nothing"),
    "ring_crosses_itself": ("needs geometry", "the edge .* (crosses|touches|lies on) the edge"),
    "hole_outside": ("needs geometry", "the hole does not lie inside its outer ring"),
    "hole_in_a_hole": ("needs geometry", "the hole lies inside another hole"),
    "ring_around_the_pole": ("needs geometry", "the ring goes around a pole"),
    "ring_too_wide": ("needs geometry", "more than 360 degrees wide"),
    "area_text_unbalanced": ("parentheses are not patterns", r"area: at character \d+: expected"),
    "area_text_ring_of_3": ("numbers in text are not counted", "a ring has at least 4 positions"),
    "area_text_beyond_180": ("numbers in text are not compared",
                             "(longitude: expected a number from -180|latitude: expected)"),
    "file_not_there": ("needs the folder", "No such file or directory|Not a directory"),
    "file_is_a_folder": ("needs the folder", "(expected a file, found a folder|Is a directory)"),
    "area_file_not_there": ("needs the folder", "No such file or directory"),
    "area_file_of_no_area": ("needs the file", r"^\S+:\d+:\d+: "),
    "list_file_of_no_ids": ("needs the file", ", line 2: .* is no device id"),
    "list_file_empty": ("needs the file", "devices: the list is empty"),
}
NAMED = [re.compile(words) for _, words in PARSER_ONLY.values()]

# The parser takes text where it expects text; an editor wants what looks like more in quotes.
PARSER_IS_MILDER = {
    "a name that looks like a number": ("campaign: c", "campaign: 2024"),
    "a tag that looks like a number": ("tag: [t]", "tag: [17]"),
    "a name that looks like a truth": ("name: rest", "name: true"),
    "a range that looks like a number": ("tag: [t]", "software: {app: 1.2}"),
}

# What YAML 1.1 reads as something else, or other readers do.
SURPRISES = ["no", "yes", "on", "y", "NO", "1_0", "22:30", "010", "1e3", "1e1", ".5", "5.", "0x1F",
             "0o17", "~", "null", "true", "True", "+5", "-0", "5.0", ".inf", "2026-12-01", "=",
             "<<", "17", "0", "-5", "3.25", "1.00001", "12%", "22:30-05:00", "50/min",
             "2026-12-01T00:00:00Z", "none"]
JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
JSON_WORDS = {"true": True, "false": False, "null": None, "": None}
# Without quotes in a list or a map in one line.
SAFE = re.compile(r"-?[A-Za-z0-9.~^=+<_][^,:#\[\]{}\"\n]*(?<! )|\d[-+.:0-9TtZz]*[0-9Zz]|~|")


class Plain(str):
    """A scalar without quotes."""


def load(text):
    """Lists, maps and text; what was without quotes is Plain."""
    return _tree(yaml.compose(text, Loader=yaml.CSafeLoader))


def _tree(node):
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.style else Plain(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_tree(item) for item in node.value]
    return {key.value: _tree(value) for key, value in node.value}


def write(tree):
    """Maps and lists in one line each, but for the first."""
    return "".join(f"{_written(key)}: {_written(value)}\n" for key, value in tree.items())


def _written(value):
    if isinstance(value, dict):
        pairs = (f"{_written(key)}: {_written(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return value if isinstance(value, Plain) else json.dumps(value, ensure_ascii=False)


def as_editor(value):
    """What is spelt as in JSON becomes that."""
    if isinstance(value, dict):
        return {key: as_editor(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_editor(item) for item in value]
    if not isinstance(value, Plain):
        return value
    if JSON_NUMBER.fullmatch(value):
        return float(value) if re.search("[.eE]", value) else int(value)
    return JSON_WORDS.get(value, str(value))


def _is(kind):
    """Whether a scalar can be of that type of JSON Schema."""
    standard = jsonschema.Draft7Validator.TYPE_CHECKER
    return lambda _, value: standard.is_type(as_editor(value), kind)


def _of_number(keyword):
    """A keyword about numbers, also for those that are still Plain."""
    judge = jsonschema.Draft7Validator.VALIDATORS[keyword]
    return lambda own, bound, value, schema: judge(own, bound, as_editor(value), schema)


def _pattern(own, pattern, value, _):
    """As ECMA 262 has it: '$' is the end, not also what comes before a last newline."""
    if own.is_type(value, "string") and not re.search(pattern.replace("$", r"\Z"), value):
        yield jsonschema.ValidationError(f"{value!r} does not match {pattern!r}")


def _is_nothing(value):
    return isinstance(value, Plain) and not value


# The reading of the parser.
AsParser = jsonschema.validators.extend(
    jsonschema.Draft7Validator,
    {"pattern": _pattern, **{keyword: _of_number(keyword) for keyword in (
        "minimum", "maximum", "exclusiveMinimum", "const")}},
    type_checker=jsonschema.Draft7Validator.TYPE_CHECKER.redefine_many({
        "string": lambda _, value: isinstance(value, str) and not _is_nothing(value),
        **{kind: _is(kind) for kind in ("integer", "number", "boolean", "null")}}))


@pytest.fixture(scope="module")
def loaded_schema():
    with open(ROOT / "schemas/campaign.schema.json", encoding="utf-8") as file:
        loaded = json.load(file)
    jsonschema.Draft7Validator.check_schema(loaded)
    return loaded


@pytest.fixture(scope="module")
def schema(loaded_schema):
    return AsParser(loaded_schema)


@pytest.fixture(scope="module")
def editor(loaded_schema):
    validator = jsonschema.validators.extend(jsonschema.Draft7Validator, {"pattern": _pattern})
    return validator(loaded_schema)


def validate(*files):
    return programs.run([programs.program("wavegate"), "campaign", "validate", *files])


def problems_of(files):
    """What the parser says of each file, in a list that is empty for a good one."""
    told = {str(file): [] for file in files}
    for at in range(0, len(files), FILES_A_CALL):
        some = [str(file) for file in files[at:at + FILES_A_CALL]]
        done = validate(*some, "--json")
        for problem in json.loads(done.stdout):
            told[problem["file"]].append(problem["error"])
        assert (done.returncode == BAD_FILE) == any(told[file] for file in some), done
    return list(told.values())


def complaints(validator, tree):
    return [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(tree)]


def examples(folder):
    return sorted((DATA / folder).glob("*.yaml"))


def by_name(file):
    return file.stem


@pytest.mark.parametrize("file", GOOD_FILES, ids=by_name)
def test_both_accept_a_good_file(schema, editor, file):
    tree = load(file.read_text(encoding="utf-8"))
    assert not complaints(schema, tree)
    assert not complaints(editor, as_editor(tree))
    done = validate(file)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", examples("bad"), ids=by_name)
def test_both_refuse_a_bad_file(schema, editor, file):
    tree = load(file.read_text(encoding="utf-8"))
    assert complaints(schema, tree)
    assert complaints(editor, as_editor(tree))
    done = validate(file)
    assert done.returncode == BAD_FILE
    assert done.stderr.startswith(f"{file}:"), done.stderr


@pytest.mark.parametrize("file", examples("parser_only"), ids=by_name)
def test_only_the_parser_can_know(schema, editor, file):
    tree = load(file.read_text(encoding="utf-8"))
    assert not complaints(schema, tree)
    assert not complaints(editor, as_editor(tree))
    told = problems_of([file])[0]
    assert told
    assert [text for text in told if not re.search(PARSER_ONLY[file.stem][1], text)] == []


def test_every_named_case_has_its_file():
    assert set(PARSER_ONLY) == {file.stem for file in examples("parser_only")}
    assert len(examples("good")) >= 17 and len(examples("bad")) >= 330


@pytest.mark.parametrize("what", PARSER_IS_MILDER)
def test_the_parser_is_milder_than_an_editor(schema, editor, tmp_path, what):
    old, new = PARSER_IS_MILDER[what]
    text = (DATA / "good/smallest.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "mild.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    tree = load(file.read_text(encoding="utf-8"))
    assert complaints(editor, as_editor(tree)) and not complaints(schema, tree)
    assert validate(file).returncode == 0


# ---- good files with something changed ----

def places(tree):
    """Every place of a tree, as what holds it and the key or index there."""
    for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
        yield tree, key
        if isinstance(tree[key], (dict, list)):
            yield from places(tree[key])


def writable(tree):
    """The tree with quotes where they are needed in one line."""
    if isinstance(tree, dict):
        return {key: writable(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return ["" if value == "" else writable(value) for value in tree]
    return tree if isinstance(tree, Plain) and SAFE.fullmatch(tree) else str(tree)


class Changes:
    """Draws changes from a seed: the same seed, the same changed files."""

    def __init__(self, seed, trees):
        self._random = random.Random(seed)
        self._trees = trees
        self._values = [holder[key] for tree in trees for holder, key in places(tree)]
        self._keys = sorted({key for tree in trees for holder, key in places(tree)
                             if isinstance(holder, dict)})

    def next(self):
        tree = copy.deepcopy(self._random.choice(self._trees))
        for _ in range(self._random.choice((1, 1, 1, 2))):
            there = list(places(tree))
            if there:
                self._change(*self._random.choice(there))
        return writable(tree)

    def _change(self, holder, key):
        value = holder[key]
        kind = (self._change_map if isinstance(value, dict) else
                self._change_list if isinstance(value, list) else
                self._change_number if JSON_NUMBER.fullmatch(value) else self._change_text)
        self._random.choice((self._leave_out, self._rename, self._put_other, self._put_foreign,
                             kind, kind, kind))(holder, key)

    def _leave_out(self, holder, key):
        del holder[key]

    def _rename(self, holder, key):
        if isinstance(holder, list):
            return self._leave_out(holder, key)
        value = holder.pop(key)
        at = self._random.randrange(len(key) + 1)
        holder[self._random.choice((self._random.choice(self._keys), key[:at] + "x" + key[at:],
                                    key[:at] + key[at + 1:], key.upper(), "a b", ""))] = value

    def _put_other(self, holder, key):
        holder[key] = self._random.choice((
            {}, [], "", "x", Plain("x"), Plain(""), Plain("17"), "17", Plain("true"), Plain("null"),
            Plain("-3.5"), [holder[key]], {str(key): holder[key]}, {"file": "list.txt"}, ["x"],
            Plain(self._random.choice(SURPRISES))))

    def _put_foreign(self, holder, key):
        holder[key] = copy.deepcopy(self._random.choice(self._values))

    def _change_map(self, holder, key):
        name, value = self._random.choice(self._keys), self._random.choice(self._values)
        holder[key] = self._random.choice(({}, {**holder[key], name: copy.deepcopy(value)}))

    def _change_list(self, holder, key):
        items = holder[key]
        items.insert(self._random.randrange(len(items) + 1),
                     copy.deepcopy(self._random.choice(items + self._values[:1])))
        holder[key] = self._random.choice(([], items, items, items * 2, items * 40))

    def _change_number(self, holder, key):
        text = str(holder[key])
        new = self._random.choice(("-" + text, "0", "1", "90", "100", "101", "180", "181", "1e2",
                                   "360.5", "100000001", "-0.0", "0" + text, text + "0",
                                   text + ".0", text + ".25", text + ".123456789",
                                   "1" * 20, text + "%"))
        holder[key] = self._random.choice((Plain, Plain, str))(new)

    def _change_text(self, holder, key):
        text, at = str(holder[key]), self._random.randrange(len(holder[key]) + 1)
        sign = self._random.choice(" /.,-_*?<>=!~^|%:0x9(){}[]#\n\u00e9")
        new = self._random.choice((text[:at] + sign + text[at:], text[:at] + text[at + 1:],
                                   text[:at], text * 5, text.upper(), text.lower(), text + "\n",
                                   text, sign))
        holder[key] = self._random.choice((Plain, str))(new)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where changed files find the files that they name."""
    beside = tmp_path_factory.mktemp("changed")
    for source in (DATA / "good", ROOT / "campaigns", DATA.parent / "good"):
        shutil.copytree(source, beside, ignore=shutil.ignore_patterns("*.yaml"), dirs_exist_ok=True)
    return beside


def compare(schema, folder, trees):
    """The verdicts of both; returns how many files each of them is for, good and bad."""
    files, good = [], []
    for number, tree in enumerate(trees):
        text = write(tree)
        assert write(load(text)) == text, "the text does not say what the tree does"
        files.append(folder / f"{number}.yaml")
        files[-1].write_text(text, encoding="utf-8")
        good.append(schema.is_valid(tree))
    differ = []
    for file, tree, is_good, told in zip(files, trees, good, problems_of(files)):
        unnamed = [text for text in told if not any(name.search(text) for name in NAMED)]
        if is_good and unnamed or not is_good and not told:
            differ.append(f"{file.read_text(encoding='utf-8')}parser: {unnamed}\n"
                          f"schema: {complaints(schema, tree)}")
    assert not differ, "\n\n".join([f"{len(differ)} differ", *differ[:5]])
    return good.count(True), good.count(False)


def good_trees():
    return [writable(load(file.read_text(encoding="utf-8"))) for file in GOOD_FILES]


def test_both_say_the_same_of_changed_files(schema, folder):
    changes = Changes(SEED, good_trees())
    good, bad = compare(schema, folder, [changes.next() for _ in range(MUTANTS)])
    assert good > MUTANTS / 10 and bad > MUTANTS / 3, "the changes are of one kind"


def test_both_read_surprises_alike(schema, folder):
    """Each where every scalar of the good files stands, in an own file."""
    trees, seen = [], set()
    for tree in good_trees():
        for holder, key in places(tree):
            kept, path = holder[key], (key if isinstance(key, str) else None, type(holder))
            if isinstance(kept, (dict, list)) or path in seen:
                continue
            seen.add(path)
            for text in SURPRISES:
                holder[key] = Plain(text)
                trees.append(copy.deepcopy(tree))
            holder[key] = kept
    compare(schema, folder, trees)


# ---- what an editor shows ----

def _properties(node, path=""):
    """Every key that a campaign may have, with its schema and its path."""
    for word, part in node.items():
        if word in ("properties", "definitions"):
            for name, below in part.items():
                if word == "properties":
                    yield f"{path}/{name}", below
                yield from _properties(below, f"{path}/{name}")
        elif word not in ("if", "then", "else", "examples"):
            for below in part if isinstance(part, list) else [part]:
                if isinstance(below, dict):
                    yield from _properties(below, path)


def test_an_editor_has_words_for_every_key(loaded_schema):
    """A title to show, and something to say on hover: here or where it refers to."""
    definitions = loaded_schema["definitions"]
    without = []
    for path, key in _properties(loaded_schema):
        told = {**definitions.get(key.get("$ref", "").rpartition("/")[2], {}), **key}
        without += [f"{path}: {word}" for word in ("title", "description", "examples")
                    if not (key if word == "title" else told).get(word)]
    assert not without


def _patterns(node):
    if isinstance(node, dict) and isinstance(node.get("pattern"), str):
        yield node
    for part in node.values() if isinstance(node, dict) else node:
        if isinstance(part, (dict, list)):
            yield from _patterns(part)


def test_an_editor_has_words_for_every_pattern(loaded_schema):
    """Which it shows instead of the pattern, where the language server is the usual one."""
    assert not [one for one in _patterns(loaded_schema) if not one.get("patternErrorMessage")]


def test_defaults_and_examples_are_valid_themselves(loaded_schema):
    definitions = loaded_schema["definitions"]
    for path, key in _properties(loaded_schema):
        one = jsonschema.Draft7Validator({**key, "definitions": definitions})
        for value in [*([key["default"]] if "default" in key else []), *key.get("examples", [])]:
            assert one.is_valid(value), (path, value)
