"""Reference pages are those that the schemas make, and every key and every topic is on them."""

import argparse
import json

import pytest
import yaml

from docs import reference, sizing
from tests.lab import programs

SCHEMAS = programs.ROOT / "schemas"


@pytest.mark.parametrize("name", reference.PAGES)
def test_the_page_is_the_schema_s(name):
    assert (programs.ROOT / reference.PAGES[name]).read_text() == reference.page_of(name), "make docs"


def keys_of(schema):
    """At any depth, definitions too."""
    if isinstance(schema, list):
        return set().union(*map(keys_of, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = {key for key, value in schema.get("properties", {}).items() if isinstance(value, dict)}
    inner = [value for key, value in schema.items() if key not in ("examples", "if", "then", "else")]
    return own.union(*map(keys_of, inner))


def test_every_key_of_a_campaign_is_there():
    keys = keys_of(json.loads((SCHEMAS / "campaign.schema.json").read_text()))
    page = (programs.ROOT / reference.PAGES["campaign"]).read_text()
    assert len(keys) > 70
    assert not [key for key in keys if f"`{key}`" not in page and f".{key}`" not in page and f"{key}: .." not in page]


def test_every_topic_and_member_is_there():
    document = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text())
    page = (programs.ROOT / reference.PAGES["protocol"]).read_text()
    assert not [topic for topic in document["channels"] if f"`{topic}`" not in page]
    for message in document["components"]["messages"].values():
        keys = keys_of(json.loads((SCHEMAS / message["payload"]["$ref"]).read_text()))
        assert not [key for key in keys if f"`{key}`" not in page and f".{key}`" not in page and f"{key}: .." not in page]


def test_how_large_it_has_to_be_is_computed_from_what_was_measured():
    known = sizing.figures(sizing.FIGURES.read_text())
    assert set(known) == set(sizing.NAMES)
    options = argparse.Namespace(hours=24, reports=6, updates=12)
    page = sizing.page(known, [1_000_000, 10_000_000], options)
    assert "?" not in page and page in (programs.ROOT / "docs/scaling.md").read_text()
