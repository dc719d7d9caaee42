"""SIGHUP: certificates, revocation lists and the log level are read again, without a connection lost."""

import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import threading

import pytest

from tests.lab import programs
from tests.lab.claim import Office
from tests.lab.files import Alone
from tests.lab.pki import Pki
from tests.lab.process import free_port, poll, tail

DEVICE = "dev-000001"
AGAIN, HOLDS = 'msg="read again"', "not read again: what was there before holds on"


@pytest.fixture(name="pki", scope="module")
def fixture_pki(tmp_path_factory):
    made = Pki(tmp_path_factory.mktemp("reload"))
    made.issue_devices([DEVICE])
    return made


def count(log, words):
    return log.read_text().count(words)


def shown(port, root):
    """SHA-256 of the certificate that a server shows to a new connection."""
    context = ssl.create_default_context(cafile=str(root))
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        with context.wrap_socket(raw, server_hostname="localhost") as link:
            return hashlib.sha256(link.getpeercert(binary_form=True)).hexdigest()


def another(pki, where, certificate, key, kind="server", name="localhost"):
    """Lays another pair of the same authority over these files, as an administrator would."""
    made = where / "another"
    if not made.exists():  # a copy: nobody else shall hear of the revocation
        shutil.copytree(pki.folder, made, ignore=shutil.ignore_patterns("*.new"))  # a service writes lists meanwhile
    pki.run("revoke", name, "--pki", made)
    hosts = ("--host", "localhost,127.0.0.1") if kind == "server" else ()
    pki.run("issue", kind, name, *hosts, "--pki", made, "--out", made)
    for suffix, target in ((".crt", certificate), (".key", key)):
        os.replace(made / f"{name}{suffix}", target)


def own_pair(pki, folder):
    """A server's pair in files that a test may replace."""
    pair = folder / "own.crt", folder / "own.key"
    shutil.copy(pki.certificate("localhost"), pair[0])
    shutil.copy(pki.key("localhost"), pair[1])
    return pair


def test_artifact_server(pki, tmp_path):
    server = Alone(tmp_path, pki)
    before = shown(server.port, pki.server_root)
    standing = http.client.HTTPSConnection("localhost", server.port, timeout=20, context=server.context())
    standing.connect()
    another(pki, tmp_path, tmp_path / "server.crt", tmp_path / "server.key")
    assert shown(server.port, pki.server_root) == before
    server.reload()
    after = shown(server.port, pki.server_root)
    assert after != before
    standing.request("GET", "/artifacts/x")  # the connection from before stands
    assert standing.getresponse().read() is not None
    (tmp_path / "server.crt").write_text("no certificate")
    server.add_key("second")
    server._child.signal(signal.SIGHUP)
    assert poll(lambda: count(server.log, HOLDS) == 1, 10), tail(server.log)
    assert shown(server.port, pki.server_root) == after
    target = server.target(server.put(b"x"), DEVICE, 1, key="second")
    assert server.ask(target, DEVICE)[0] == 403  # nothing of it was read
    (tmp_path / "server.crt").unlink()
    server._child.signal(signal.SIGHUP)
    assert poll(lambda: count(server.log, HOLDS) == 2, 10), tail(server.log)
    assert server.terminate() == 0


class Visitors:
    """Connect all the time, each for one request, as devices do: who is let go while it was just being taken comes again at once.
    What did not end well then either is in `wrong`."""

    def __init__(self, server, count):
        self._server, self._context = server, server.context()
        self.wrong, self.served, self._end = [], 0, threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _visit(self):
        link = http.client.HTTPSConnection("localhost", self._server.port, timeout=30 * programs.SLOWER, context=self._context)
        try:
            link.request("GET", "/artifacts/x")
            link.getresponse().read()
            return None
        except (OSError, http.client.HTTPException) as problem:
            return problem
        finally:
            link.close()

    def _run(self):
        while not self._end.is_set():
            problem = self._visit() and self._visit()
            if problem:
                self.wrong.append(problem)
                return
            self.served += 1

    def end(self):
        self._end.set()
        for thread in self._threads:
            thread.join(40)


def test_reloads_while_devices_come_and_go(pki, tmp_path):
    """The library ends the process over a socket that is closed too early."""
    server = Alone(tmp_path, pki)
    visitors, text = Visitors(server, 3), (tmp_path / "server.crt").read_text()
    for turn in range(60):
        before = visitors.served
        (tmp_path / "new.crt").write_text(text + "\n" * (turn % 2))
        os.replace(tmp_path / "new.crt", tmp_path / "server.crt")
        told = count(server.log, AGAIN) + count(server.log, HOLDS)  # many of them at once: there is a limit
        server._child.signal(signal.SIGHUP)
        assert poll(lambda: count(server.log, AGAIN) + count(server.log, HOLDS) > told, 10), tail(server.log)  # pylint: disable=cell-var-from-loop
        assert poll(lambda: visitors.served > before + 3, 20), (visitors.wrong, tail(server.log))  # pylint: disable=cell-var-from-loop
    visitors.end()
    assert not visitors.wrong
    assert server.terminate() == 0


def test_reloads_beside_old_connections(pki, tmp_path):
    """Where the certificate is the one from before, any number of connections may stand."""
    server = Alone(tmp_path, pki)
    standing = []
    for _ in range(18):
        link = http.client.HTTPSConnection("localhost", server.port, timeout=20, context=server.context())
        link.connect()
        standing.append(link)
        server.reload()
    for link in standing:
        link.request("GET", "/artifacts/x")
        assert link.getresponse().read() is not None
    assert server.terminate() == 0


def test_claims(pki, tmp_path):
    office = Office(tmp_path, pki, f"ssl://localhost:{free_port()}")
    certificate, key = own_pair(pki, tmp_path)
    office.settings["claim"].update(certificate=str(certificate), key=str(key))
    office.start()
    before = shown(office.port, pki.server_root)
    another(pki, tmp_path, certificate, key)
    office.child.signal(signal.SIGHUP)
    assert poll(lambda: count(office.log, AGAIN) == 1, 10), tail(office.log)
    assert poll(lambda: shown(office.port, pki.server_root) != before, 10)
    after = shown(office.port, pki.server_root)
    shutil.copy(pki.key("localhost"), key)  # of another certificate
    office.child.signal(signal.SIGHUP)
    assert poll(lambda: count(office.log, HOLDS) == 1, 10), tail(office.log)
    assert shown(office.port, pki.server_root) == after
    # the log level, which silences the line that says so
    another(pki, tmp_path, certificate, key)
    office.config.write_text(json.dumps({**office.settings, "log": "error"}))
    office.child.signal(signal.SIGHUP)
    assert poll(lambda: shown(office.port, pki.server_root) != after, 10)
    assert count(office.log, AGAIN) == 1
    assert office.close() == 0


def test_api(bare_world):
    bare_world.start_orchestrator()
    orchestrator = bare_world.orchestrator
    orchestrator.serve()
    api = orchestrator.server
    pki, folder = bare_world.ground.pki, bare_world.folder
    certificate, key = own_pair(pki, folder)
    api.stop()
    api.settings["api"].update(certificate=str(certificate), key=str(key))
    api.root = pki.server_root
    api.start()
    alice = api.as_operator("alice")
    standing = alice.connection()
    standing.connect()
    before = shown(api.port, pki.server_root)
    another(pki, folder, certificate, key)
    api.hang_up()
    assert poll(lambda: count(api.log, AGAIN) == 1, 10), tail(api.log)
    assert shown(api.port, pki.server_root) != before
    standing.request("GET", "/api/v1/campaigns")  # taken under the certificate of before
    answer = standing.getresponse()
    assert answer.status == 200 and answer.read()
    standing.close()
    assert alice.get("/campaigns").status == 200
    # the log level: the line of the second time is not written any more, and that of a third one is
    for level, lines in (("error", 1), ("info", 2)):
        api.settings["log"] = level
        api.config.write_text(json.dumps(api.settings))
        now = shown(api.port, pki.server_root)
        another(pki, folder, certificate, key)
        api.hang_up()
        assert poll(lambda: shown(api.port, pki.server_root) != now, 10), tail(api.log)
        assert poll(lambda: count(api.log, AGAIN) == lines, 10), tail(api.log)
    api.config.write_text("api: [")
    api.hang_up()
    assert poll(lambda: count(api.log, HOLDS) == 1, 10), tail(api.log)
    assert alice.get("/campaigns").status == 200


@pytest.mark.mosquitto("it counts connections in the log of the test's own Mosquitto")
def test_orchestrator(bare_world):
    """Comes back to its broker with another certificate, and devices are heard as before."""
    bare_world.start_orchestrator()
    orchestrator = bare_world.orchestrator
    pki, folder = bare_world.ground.pki, bare_world.folder
    certificate, key = folder / "own.crt", folder / "own.key"
    shutil.copy(pki.certificate("wavegated"), certificate)
    shutil.copy(pki.key("wavegated"), key)
    orchestrator.stop()
    orchestrator.settings["tls"].update(certificate=str(certificate), key=str(key))
    orchestrator.settings["log"] = "info"
    orchestrator.write_config()
    orchestrator.start()
    connected = 'msg="broker connected"'
    before = count(orchestrator.log, connected)
    assert poll(lambda: count(orchestrator.log, connected) > before, 20), tail(orchestrator.log)
    before = count(orchestrator.log, connected)
    orchestrator.hang_up()
    assert poll(lambda: count(orchestrator.log, f'{AGAIN} brokers="as before"') == 1, 10), tail(orchestrator.log)
    another(pki, folder, certificate, key, "service", "wavegated")
    orchestrator.hang_up()
    assert poll(lambda: count(orchestrator.log, f'{AGAIN} brokers="connected anew"') == 1, 10), tail(orchestrator.log)
    assert poll(lambda: count(orchestrator.log, connected) > before, 20), tail(orchestrator.log)
    orchestrator.config.write_text("brokers: 1\n")
    orchestrator.hang_up()
    assert poll(lambda: count(orchestrator.log, HOLDS) == 1, 10), tail(orchestrator.log)
    assert f"{orchestrator.config}:1:10: error" in orchestrator.log.read_text() and orchestrator.alive()
    orchestrator.settings["log"] = "error"
    orchestrator.write_config()
    said, joined = count(orchestrator.log, AGAIN), "New client connected"
    before = count(bare_world.broker.log, joined)
    another(pki, folder, certificate, key, "service", "wavegated")
    orchestrator.hang_up()  # of which it says nothing; but it comes back
    assert poll(lambda: count(bare_world.broker.log, joined) > before, 20), tail(orchestrator.log)
    orchestrator.settings["log"] = "info"
    orchestrator.write_config()
    orchestrator.hang_up()
    assert poll(lambda: count(orchestrator.log, AGAIN) == said + 1, 10), tail(orchestrator.log)
    assert orchestrator.stop() == 0
