"""Signing in by a real provider of OpenID Connect (oidc-provider, tests/oidc/provider.mjs), in a real browser."""

import json
import subprocess

import pytest

from tests.lab.process import free_port, poll
from tests.lab.programs import ROOT
from tests.system.test_api_people import PASSWORD, Session, link_of, say


@pytest.fixture(params=[("RS256", "a secret: of & the client"), ("ES256", "")], ids=["RS256", "public ES256"])
def provider(request, world):
    """The provider, and a wavegate-api that believes it."""
    alg, secret = request.param
    certificate, key, root = world.ground.pki.for_browsers()
    issuer = f"https://localhost:{free_port()}"
    oidc = {"issuer": issuer, "client_id": "wavegate test", "name": "Example", "ca": str(root), "require": {"groups": "wavegate"}}
    if secret:
        file = world.folder / "client.secret"
        file.write_text(secret + "\n")
        file.chmod(0o600)
        oidc["client_secret_file"] = str(file)
    api = world.add_api(web=str(ROOT / "orchestrator/web/dist"))
    url = f"https://127.0.0.1:{api.port}"  # another site than the provider's, as browsers see it
    api.settings["api"].update(url=url, oidc=oidc)
    log = world.folder / "provider.log"
    wanted = {"issuer": issuer, "certificate": str(certificate), "key": str(key), "client": "wavegate test", "secret": secret or None,
              "redirect": url + "/api/v1/openid/back", "alg": alg}
    with log.open("w") as out, subprocess.Popen(["node", ROOT / "tests/oidc/provider.mjs"], stdin=subprocess.PIPE, stdout=out,
                                                stderr=out, text=True) as child:
        child.stdin.write(json.dumps({name: value for name, value in wanted.items() if value}))
        child.stdin.close()
        try:
            assert poll(lambda: "ready" in log.read_text() or child.poll() is not None, 15) and child.poll() is None, log.read_text()
            yield api.start(), url
        finally:
            child.terminate()


def test_a_browser_there_and_back(world, provider):
    api, url = provider
    made = say(api.as_nobody(), "POST", "/setup", {"token": link_of(api), "name": "olga", "password": PASSWORD})
    assert say(Session(api, made), "POST", "/people", {"name": "sue", "grants": [{"role": "support"}]}).status == 200
    told = json.dumps({"base": url, "name": "sue", "stranger": "mallory"})
    done = subprocess.run(["node", ROOT / "tests/oidc/walk.mjs"], input=told, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr + api.log.read_text()[-2000:] + (world.folder / "provider.log").read_text()
    assert world.db.rows("select subject, person from openid_link") == [("sue", "sue")]
