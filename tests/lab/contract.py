"""schemas/openapi.yaml and the table of routes that the program prints, and answers held against the first."""

import json
import re

import jsonschema
import yaml

from tests.lab import programs

DOCUMENT = yaml.load((programs.ROOT / "schemas/openapi.yaml").read_text(), Loader=yaml.CSafeLoader)


def routes():
    """As `wavegate-api --routes` has them."""
    return json.loads(programs.run([programs.program("wavegate-api"), "--routes"]).stdout)


def operations():
    """(METHOD, path): operation, of the contract."""
    return {(method.upper(), path): operation for path, item in DOCUMENT["paths"].items()
            for method, operation in item.items() if method in ("get", "post", "put", "patch", "delete")}


def _operation_of(method, path):
    bare = path.split("?")[0]
    for (known, pattern), operation in operations().items():
        if known == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), bare):
            return operation
    raise AssertionError(f"{method} {path} is not in the contract")


def _resolve(node):
    while "$ref" in node:
        found = DOCUMENT
        for step in node["$ref"][2:].split("/"):
            found = found[step]
        node = found
    return node


def check(method, path, answer):
    """The answer is one that the contract has for this route."""
    responses = _operation_of(method, path)["responses"]
    response = _resolve(responses.get(str(answer.status), responses.get("default", {})))
    assert answer.status < 400 or str(answer.status) in responses or "default" in responses
    if answer.status >= 400:
        response = _resolve(responses.get(str(answer.status), responses["default"]))
    if answer.status in (204, 303, 304):
        assert answer.body == b""
        return
    kind = (answer.headers["Content-Type"] or "").split(";")[0]
    assert kind in response["content"], (method, path, answer.status, kind)
    if not kind.endswith("json") or kind == "application/x-ndjson":
        return
    schema = {**response["content"][kind]["schema"], "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.draft202012_format_checker).validate(answer.json())
