"""A browser without a certificate, on the real server: the first owner's link, a password, the pages, out and in again."""

import json
import subprocess

from tests.lab.programs import ROOT


def test_the_first_owner_comes_in_by_a_browser(world):
    api = world.start_api(web=str(ROOT / "orchestrator/web/dist"))
    told = json.dumps({"link": api.setup_link(), "base": f"https://localhost:{api.port}"})
    done = subprocess.run(["node", ROOT / "tests/web/sign_in.mjs"], input=told, capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
