"""Prints reference pages from the schemas: python3 -m docs.reference campaign|protocol"""

import json
import sys
from pathlib import Path

import yaml

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
PAGES = {"campaign": "docs/campaign-reference.md", "protocol": "docs/protocol.md"}
CAMPAIGN_HEAD = """# Every key of a campaign's file

Printed from `schemas/campaign.schema.json` (`make docs`), which editors use too; `docs/campaign.md` says how the parts work together. A key
that is not here is an error. **Bold**: it must be there.

"""
PROTOCOL_HEAD = """# The protocol between devices and orchestrator

Printed from `schemas/asyncapi.yaml` and the message schemas beside it (`make docs`). **Bold**: it must be there. `examples/device` is a device that was
written by this alone; a wrong member makes a message wrong, one that is not known is passed over.

"""


def one_line(text):
    """As the cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def code(value):
    return f"`{one_line(json.dumps(value, ensure_ascii=False))}`"


def limits(schema):
    """What a number, text or list may be, beside its type."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"{low} or more"
    longest = schema.get("maxLength") or schema.get("maxItems") or schema.get("maxProperties")
    return f"at most {longest}" if longest else ""


def code_keys(schema):
    """An object without a name of its own."""
    return "`{" + ", ".join(f"{key}: .." for key in schema["properties"]) + "}`"


class Reference:
    """One schema: tables of its objects, each once, the first where it is first named."""

    def __init__(self, schema, level):
        self._definitions, self._level = schema.get("definitions", {}), level
        self._waiting, self._done, self._words, self.lines = [], set(), {}, []

    def _resolve(self, schema):
        name = schema.get("$ref", "").rpartition("/")[2]
        return (name, {**self._definitions[name], **{k: v for k, v in schema.items() if k != "$ref"}}) if name else ("", schema)

    def _link(self, name, title):
        """A section of that name will come."""
        if name not in self._done and all(name != known for known, _, _ in self._waiting):
            self._waiting.append((name, title, self._definitions[name]))
        return f"[{name}](#{name})"

    def _type(self, schema):
        name, whole = self._resolve(schema)
        choices = whole.get("anyOf", ())
        if name and ("properties" in whole or len(choices) > 3 or any("properties" in each for each in choices)):
            return self._link(name, name)
        if "const" in whole:
            return code(whole["const"])
        if "enum" in whole:
            return ", ".join(f"`{value}`" for value in whole["enum"])
        for choice in ("anyOf", "oneOf"):
            if choice in whole and "properties" not in whole:
                return " or ".join(dict.fromkeys(self._type(each) for each in whole[choice]))
        if name and self._definitions[name].get("description") and whole.get("type") not in ("array", "object"):
            self._words[name] = self._definitions[name]
            return name
        kind = whole.get("type", "any")
        if isinstance(kind, list):
            return " or ".join(kind)
        if kind == "array":
            items = whole.get("items", {})
            return f"list of {self._type(items[0] if isinstance(items, list) else items)}"
        if not name and "properties" in whole:
            return code_keys(whole)
        if isinstance(whole.get("additionalProperties"), dict):
            return f"map of {self._type(whole['additionalProperties'])}"
        return " ".join(word for word in (name or ("map" if kind == "object" else kind), limits(whole)) if word)

    def _meaning(self, schema):
        _, whole = self._resolve(schema)
        words = [whole.get("description", "")]
        if "default" in whole:
            words.append(f"Default: {code(whole['default'])}.")
        if whole.get("examples"):
            words.append(f"Like {code(whole['examples'][0])}.")
        return one_line(" ".join(word for word in words if word))

    def section(self, title, schema):
        self.lines += [f"{'#' * self._level} {title}", ""]
        if schema.get("description") and self._level < 3:
            self.lines += [one_line(schema["description"]), ""]
        if "properties" not in schema:
            self.lines += ["One of: " + self._type({k: v for k, v in schema.items() if k != "$ref"}) + ".", ""]
        for each in (schema, *schema.get("anyOf", ())):
            if "properties" in each:
                self.lines += ["| key | what it is | meaning |", "|---|---|---|"]
                self._rows(each, "")
                self.lines.append("")

    def sections(self, title, schema):
        """And those of all that it names."""
        self.section(title, schema)
        while self._waiting:
            name, heading, definition = self._waiting.pop(0)
            self._done.add(name)
            self.section(heading, definition)
        if self._words:
            self.lines += [f"{'#' * self._level} Words", "", "| word | what it is |", "|---|---|"]
            self.lines += [f"| {name} | {one_line(' '.join((word['description'], self._bounds(word))).strip())} |"
                           for name, word in sorted(self._words.items())]
            self.lines.append("")

    @staticmethod
    def _bounds(word):
        return f"({limits(word)})" if limits(word) and word.get("type") == "integer" else ""

    def _inner(self, schema):
        """What the rows below belong to: a map's own keys, or those of a list's members; and how a path goes on."""
        name, whole = self._resolve(schema)
        if not name and "properties" in whole:
            return whole, "."
        items = whole.get("items")
        if not name and isinstance(items, dict) and "$ref" not in items and "properties" in items:
            return items, "[]."
        return None, ""

    def _rows(self, schema, above):
        for key, value in schema["properties"].items():
            if value is False or value is True:
                continue
            path = f"{above}{key}"
            shown = f"**`{path}`**" if key in schema.get("required", ()) else f"`{path}`"
            inner, separator = self._inner(value)
            kind = self._type(value) if not inner else "list of maps" if separator == "[]." else "map"
            self.lines.append(f"| {shown} | {kind} | {self._meaning(value)} |")
            if inner:
                self._rows(inner, path + separator)


def campaign_page():
    schema = json.loads((SCHEMAS / "campaign.schema.json").read_text())
    made = Reference(schema, 2)
    made.sections("The file", schema)
    return CAMPAIGN_HEAD + "\n".join(made.lines).rstrip() + "\n"


def channel_lines(topic, channel, messages):
    side = "publish" if "publish" in channel else "subscribe"
    operation = channel[side]
    message = messages[operation["message"]["$ref"].rpartition("/")[2]]
    binding = operation["bindings"]["$ref"].rpartition("/")[2]
    schema = json.loads((SCHEMAS / message["payload"]["$ref"]).read_text())
    who = "From the broker" if "{device}" not in topic else "From the device" if side == "publish" else "To the device"
    lines = [f"### {message['title']}: `{topic}`", "",
             f"{who}, QoS {1 if binding == 'once_at_least' else 0}. {one_line(operation['summary'])} {one_line(channel['description'])}",
             "", f"`schemas/{message['payload']['$ref']}`: {one_line(schema['description'])}", ""]
    made = Reference(schema, 4)
    made.sections(f"Members of {message['name']}", schema)
    return lines + made.lines


def protocol_page():
    document = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text())
    lines = [document["info"]["description"].strip(), "", "## Topics", ""]
    for topic, channel in document["channels"].items():
        lines += channel_lines(topic, channel, document["components"]["messages"])
    return PROTOCOL_HEAD + "\n".join(lines).rstrip() + "\n"


def page_of(name):
    return campaign_page() if name == "campaign" else protocol_page()


if __name__ == "__main__":
    sys.stdout.write(page_of(sys.argv[1]))
