"""The contract, the table of routes and what is served are the same; every role, on every route, may what it may."""

import json

import jsonschema
import pytest

from tests.lab import contract, programs

ROLES = {"alice": "rollout-admin", "rita": "repository-admin", "dave": "deployment-admin", "sue": "support",
         "otto": "owner", "vera": "auditor"}
# what stands for {names} in paths: nothing of these is there
SAMPLES = {"id": "dev-77", "name": "none", "component": "nothing", "version": "1.0.0", "tag": "none", "event": "1", "sha256": "0" * 64}


def filled(path):
    for name, value in SAMPLES.items():
        path = path.replace("{" + name + "}", value)
    assert "{" not in path, path
    return path


@pytest.fixture(scope="module")
def api(ground):
    """One world for all routes; nothing in it is changed by requests for what is not there."""
    from tests.lab.lab import World
    world = World(ground, "api_contract")
    world.start_orchestrator()
    yield world.start_api()
    world.close()
    assert world.sanitizer_report() == ""


def test_the_document_is_an_openapi_document():
    document = contract.DOCUMENT
    assert document["openapi"].startswith("3.1.")
    names = [operation["operationId"] for operation in contract.operations().values()]
    assert len(names) == len(set(names))
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert name

    def walk(node):
        if isinstance(node, dict):
            if "$ref" in node:
                found = document
                for step in node["$ref"][2:].split("/"):
                    found = found[step]  # it is there
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)
    walk(document)


def test_routes_and_contract_are_the_same():
    table = {(route["method"], route["path"]): route for route in contract.routes()}
    known = contract.operations()
    assert set(table) == set(known)
    for key, route in table.items():
        operation = known[key]
        assert operation["operationId"] == route["operation"], key
        assert sorted(operation.get("x-permission", [])) == sorted(route["permissions"]), key
        assert (operation.get("security") == []) == route["open"], key
        assert ("requestBody" in operation) == route["body"], key


def test_the_page_of_roles_is_of_this_program():
    page = (programs.ROOT / "docs/roles.md").read_text()
    from docs.roles import page_of
    assert page == page_of(contract.routes()), "make docs"


def test_the_contract_is_served(api):
    served = api.as_nobody().get("/openapi.yaml", prefix="")
    assert served.body == (programs.ROOT / "schemas/openapi.yaml").read_bytes()


@pytest.mark.parametrize("who", [*ROLES, None])
def test_every_route_for_every_role(api, who):
    """Who may gets whatever there is, often nothing; who may not is told so, before anything is looked at."""
    client = api.as_operator(who) if who else api.as_nobody()
    for route in contract.routes():
        path = filled(route["path"])
        if route["operation"] == "streamEvents" and who and ROLES[who] in route["roles"]:
            continue  # it does not end: test_api_events.py
        answer = client.ask(route["method"], path, prefix="", body={} if route["body"] else None)
        allowed = route["open"] or (who and ROLES[who] in route["roles"])
        told = (who, route["method"], path, answer.status, answer.body[:300])
        if allowed:
            assert answer.status < 500 and not (answer.status == 403 and "permissions" in answer.json()), told
            assert answer.status != 401 or route["open"], told
        else:
            assert answer.status == (403 if who else 401), told
            assert answer.json()["code"] == ("not-allowed" if who else "sign-in"), told
        contract.check(route["method"], path, answer)


def test_each_refusal_says_what_is_missing(api):
    for route in contract.routes():
        if route["permissions"] and "support" not in route["roles"]:
            answer = api.as_operator("sue").ask(route["method"], filled(route["path"]), prefix="",
                                                body={} if route["body"] else None)
            assert json.loads(answer.body)["permissions"] == route["permissions"]
