"""Handshakes with the broker that come to nothing."""

import contextlib
import socket
import threading

import pytest

from tests.lab import fleet, payload
from tests.lab.programs import SLOWER

APPLICATION_DATA = 23
# of TLS 1.3: a hash and its record, with either cipher suite's; the extensions before it are shorter
FINISHED_SIZES = range(50, 80)


class Stalls:
    """Stands before the broker and keeps back the record that would end the handshake."""

    def __init__(self, broker_url):
        host, port = broker_url.split("//")[1].split(":")
        self._broker = (host, int(port))
        self._server = socket.create_server(("127.0.0.1", 0))
        self._links = []
        self.url = f"ssl://127.0.0.1:{self._server.getsockname()[1]}"
        self.stalled = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(self._broker)
                self._links += [near, far]
                threading.Thread(target=self._forward, args=(near, far), daemon=True).start()
                threading.Thread(target=self._answer, args=(far, near), daemon=True).start()

    @staticmethod
    def _forward(near, far):
        with contextlib.suppress(OSError):
            while some := near.recv(4096):
                far.sendall(some)

    def _answer(self, far, near):
        with contextlib.suppress(OSError, ValueError), far.makefile("rb") as records:
            while head := records.read(5):
                body = records.read(int.from_bytes(head[3:], "big"))
                if head[0] == APPLICATION_DATA and len(body) in FINISHED_SIZES:
                    self.stalled.set()
                    return
                near.sendall(head + body)

    def close(self):
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for link in [self._server, *self._links]:
            link.close()


@pytest.fixture
def stalls(bare_world):
    made = Stalls(bare_world.broker.url)
    yield made
    made.close()


def test_an_agent_that_is_stopped_in_a_handshake_loses_nothing(bare_world, stalls):
    """Each thread has a table of the curve's multiples; a sanitizer sees one that went with its thread."""
    agent = bare_world.add_agent(fleet.devices()[0], payload.make(bare_world.folder, fleet.COMPONENT, "2.3.7"),
                                 broker=stalls.url)
    agent.start()
    assert stalls.stalled.wait(20 * SLOWER)
    assert agent.stop() == 0
