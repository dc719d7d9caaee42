"""The dashboard in a browser, on the real server and a real fleet: a browser's key approves a campaign, which runs; then each page
says what is there, and nothing is refused."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.lab import contract, programs
from tests.system.story import campaign

HERE = Path(__file__).parent
PEOPLE = {"olga": "owner", "ben": "rollout-admin"}


@pytest.fixture
def people(world):
    """Their certificates and keys; the owner's is made."""
    pki = world.ground.pki
    for name, role in PEOPLE.items():
        if not pki.certificate(name).exists():
            pki.run("issue", "operator", name, "--role", role, "--key", "p256", "--pki", pki.folder, "--out", pki.certs)
    return {name: {"certificate": str(pki.certificate(name)), "key": str(pki.key(name))} for name in PEOPLE}


def has_route(path):
    return any(route["path"].endswith(path) for route in contract.routes())


def test_every_page(world, people, fleet_of, release):
    agents = fleet_of(3)
    release("2.4.1")
    operators = world.orchestrator.settings["operators"]
    before = world.folder / "before.crl"
    before.write_bytes(Path(operators["crl"]).read_bytes())
    operators["crl"] = str(before)
    api = world.start_api(web=str(HERE.parents[1] / "orchestrator/web/dist"))
    world.apply(campaign("brake-2.4.1", "2.4.1", more="approvals: {role: rollout-admin}"), operator="alice")
    # A name has one certificate: that of the browser's key follows. The server has the list of before, and lets the old one in.
    world.ground.pki.revoke("ben")
    device = agents[0].id
    pages = [
        ["fleet", "Versions over time"], ["health", "silent"], ["devices", device], [f"devices/{device}", "brake-controller"],
        [f"devices/{device}?tab=timeline", "succeeded"], [f"devices/{device}?tab=logs", "It has uploaded none"],
        [f"devices/{device}?tab=explain", "brake-2.4.1"], ["campaigns", "brake-2.4.1"], ["campaigns/brake-2.4.1", "3 of 3 succeeded"],
        ["campaigns/brake-2.4.1/devices", device], ["campaigns/brake-2.4.1/failures", "0 devices failed"],
        ["campaigns/brake-2.4.1/history", "running"], ["campaigns/brake-2.4.1/file", "release: brake-controller/2.4.1"], ["plan", "whom a campaign would hit"],
        ["releases", "brake-controller"], ["releases/brake-controller/2.4.1", "brake-2.4.1"], ["audit", "Head of the chain"], ["me", "owner"], ["key", "Make a key"],
    ]
    pages += [[noun, heading] for noun, heading in (("people", "olga"), ("tokens", "No token yet")) if has_route(f"/{noun}")]
    issue = [programs.program("wavegate-pki"), "issue", "operator", "ben", "--role", "rollout-admin", "--pki", world.ground.pki.folder,
             "--out", world.folder / "issued", "--public-key"]
    (world.folder / "issued").mkdir()
    told = world.folder / "real.json"
    told.write_text(json.dumps({"url": f"https://localhost:{api.port}/", "people": people, "pages": pages,
                                "issue": [str(word) for word in issue], "issued": str(world.folder / "issued/ben.crt")}))
    done = subprocess.run(["node", "--test", str(HERE / "real.mjs")], env={**os.environ, "REAL": str(told)},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout
