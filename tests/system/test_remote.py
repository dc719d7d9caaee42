"""The command and its server: every way in, and what is said when there is none."""

import json
import os
import shutil
import socket
import subprocess
import threading
from datetime import datetime, timedelta, timezone

import pytest

from tests.lab import programs
from tests.lab.process import free_port
from tests.lab.token import PIN, Tokens
from tests.system.story import campaign
from tests.system.test_api_people import Session

DENIED, USAGE, NOT_FOUND, FAILED = 4, 2, 5, 1
LIST = ("campaign", "list")


@pytest.fixture(name="desk")
def desk_(bare_world, tmp_path, monkeypatch):
    """A world with a server, and a folder of contexts."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("WAVEGATE_CONFIG", raising=False)
    bare_world.orchestrator.serve()
    return bare_world


def ask(world, *words, expect=0, **more):
    done = programs.run([programs.program("wavegate"), *words],
                        env=programs.environment(world.folder, XDG_CONFIG_HOME=os.environ["XDG_CONFIG_HOME"], **more), timeout=30)
    assert done.returncode == expect, (words, done)
    return done


def context(world, name, *words, **more):
    server = world.orchestrator.server
    url = more.pop("url", f"https://localhost:{server.port}")
    ask(world, "context", "add", name, "--server", url, "--ca", more.pop("ca", server.root), *words)
    return ("--context", name)


def test_every_way_in(desk):
    pki, server = desk.ground.pki, desk.orchestrator.server
    certificate = context(desk, "certificate", "--certificate", pki.certificate("alice"))
    assert json.loads(ask(desk, *LIST, *certificate, "--json").stdout) == []
    token = desk.folder / "token"
    setup = server.as_nobody().post("/setup", {"token": server.setup_link().rsplit("/", 1)[1], "name": "olga",
                                               "password": "correct horse battery"})
    olga = Session(server, setup)
    tomorrow = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat(timespec="seconds").replace("+00:00", "Z")
    made = olga.post("/tokens", {"name": "ci", "permissions": ["campaign.read"], "ends_at": tomorrow})
    assert made.status == 200, made
    token.write_text(made.json()["token"] + "\n")
    token.chmod(0o600)
    by_token = context(desk, "token", "--token-file", token)
    assert ask(desk, *LIST, *by_token).stdout
    token.chmod(0o644)
    assert "chmod 600" in ask(desk, *LIST, *by_token, expect=DENIED).stderr
    token.chmod(0o600)
    token.write_text("wgt_" + "A" * 43 + "\n")
    assert "token" in ask(desk, *LIST, *by_token, expect=DENIED).stderr
    token.write_text("two\nlines\n")
    assert "in one line" in ask(desk, *LIST, *by_token, expect=USAGE).stderr


def test_a_key_under_a_passphrase(desk):
    pki = desk.ground.pki
    key, secret = desk.folder / "sealed.key", desk.folder / "secret"
    secret.write_text("a long passphrase\n")
    secret.chmod(0o600)
    sealed = programs.run(["openssl", "pkcs8", "-topk8", "-in", pki.key("alice"), "-out", key, "-passout", f"file:{secret}"])
    assert sealed.returncode == 0, sealed
    key.chmod(0o600)
    sealed = context(desk, "sealed", "--certificate", pki.certificate("alice"), "--key", key)
    ask(desk, *LIST, *sealed, "--operator-secret", secret)
    secret.write_text("a wrong passphrase\n")
    assert "passphrase" in ask(desk, *LIST, *sealed, "--operator-secret", secret, expect=FAILED).stderr


def test_a_key_in_a_token(desk, tmp_path, monkeypatch):
    pki, tokens = desk.ground.pki, Tokens(tmp_path).add("desk")
    tokens.make_pair("desk", "alice")
    tokens.tool("desk", "--read-object", "--type", "pubkey", "--label", "alice", "-o", desk.folder / "theo.der")
    programs.run(["openssl", "pkey", "-pubin", "-inform", "DER", "-in", desk.folder / "theo.der", "-out", desk.folder / "theo.pem"])
    pki.issue_operator("theo", "rollout-admin", desk.folder / "theo.pem")
    way = context(desk, "token", "--certificate", pki.certificate("theo"), "--key", tokens.uri("desk", "alice"))
    assert json.loads(ask(desk, *LIST, *way, "--json", **tokens.environment).stdout) == []
    tokens.pin.write_text("9999\n")
    ask(desk, *LIST, *way, expect=DENIED, **tokens.environment)
    tokens.pin.write_text(PIN + "\n")
    ask(desk, *LIST, *way, **tokens.environment)


def test_what_is_no_server(desk):
    pki, server = desk.ground.pki, desk.orchestrator.server
    who = ("--certificate", pki.certificate("alice"))
    gone = free_port()
    said = ask(desk, *LIST, *context(desk, "gone", *who, url=f"https://localhost:{gone}"), expect=FAILED).stderr
    assert said.startswith(f"wavegate: https://localhost:{gone}: ") and "connect" in said
    said = ask(desk, *LIST, *context(desk, "other", *who, ca=pki.server_root), expect=FAILED).stderr
    assert "certificate" in said and f"localhost:{server.port}" in said
    with socket.create_server(("127.0.0.1", 0)) as plain:  # a broker, say, that speaks no TLS
        port = plain.getsockname()[1]
        plain.settimeout(20)
        words = context(desk, "plain", *who, url=f"https://localhost:{port}")

        def answer():
            link, _ = plain.accept()
            link.sendall(b"220 mail\r\n")
            link.close()
        thread = threading.Thread(target=answer)
        thread.start()
        assert "localhost" in ask(desk, *LIST, *words, expect=FAILED).stderr
        thread.join()
    nobody = context(desk, "nobody")
    assert "operator.certificate" in ask(desk, *LIST, *nobody, expect=USAGE).stderr
    missing = context(desk, "missing", "--certificate", desk.folder / "none.crt")
    ask(desk, *LIST, *missing, expect=NOT_FOUND)


def test_authorities_of_the_system_do_not_count(desk, tmp_path):
    """Who names an authority trusts that one alone, whatever the machine trusts besides."""
    trusted = tmp_path / "certs"
    trusted.mkdir()
    shutil.copy(desk.orchestrator.server.root, trusted / "root.crt")
    way = context(desk, "other", "--certificate", desk.ground.pki.certificate("alice"), ca=desk.ground.pki.server_root)
    inside = ["unshare", *(["--map-root-user"] if os.geteuid() != 0 else []), "--mount", "sh", "-c",
              f'mount --bind {trusted} /etc/ssl/certs && exec "$@"', "sh"]
    for words, expect in ((["ls", "/etc/ssl/certs"], 0), ([programs.program("wavegate"), *LIST, *way], FAILED)):
        done = programs.run([*inside, *words], timeout=30, env=programs.environment(
            desk.folder, XDG_CONFIG_HOME=os.environ["XDG_CONFIG_HOME"]))
        assert done.returncode == expect, done
    assert "certificate" in done.stderr, done


def test_a_watch_outlives_its_server(world, fleet_of, release):
    device, = fleet_of(1)
    release("2.4.1")
    name = world.apply(campaign("watched", "2.4.1", more="approvals: {role: rollout-admin}"))
    server = world.orchestrator.server
    with subprocess.Popen(world.orchestrator.command("campaign", "status", name, "--watch", "--timeout", programs.span(60)), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watch:
        assert name in watch.stdout.readline()
        server.kill()
        assert "it is asked again" in watch.stderr.readline()
        server.start()
        world.wavegate("campaign", "approve", name, operator="bob")
        told, _ = watch.communicate(timeout=90 * programs.SLOWER)
    assert watch.returncode == 0 and "finished" in told, told
    assert world.db.places(name)[device.id][0] == "succeeded"


def test_a_certificate_of_elsewhere_is_refused(desk):
    other = desk.folder / "other"
    for words in (("init", other), ("issue", "operator", "mallory", "--role", "owner", "--pki", other, "--out", other)):
        made = programs.run([programs.program("wavegate-pki"), *words])
        assert made.returncode == 0, made.stderr
    way = context(desk, "mallory", "--certificate", other / "mallory.crt")
    ask(desk, *LIST, *way, expect=DENIED)
    shutil.rmtree(other)
