"""A reader of a stream of events, as a browser reads it: in a thread, with the id of what it has seen."""

import contextlib
import json
import socket
import threading
from dataclasses import dataclass, field

from tests.lab.programs import SLOWER


@dataclass
class Stream:
    """One connection; what came stays."""
    client: object
    topics: str = ""
    last: str = ""  # id of the last event; "" nothing was seen
    events: list = field(default_factory=list)
    retry: int = 0
    ended: bool = False

    def open(self, timeout=40):
        """Returns when the server has answered and said where the stream begins."""
        self._link = self.client.connection(timeout)
        headers = dict(self.client.headers, Accept="text/event-stream")
        if self.last:
            headers["Last-Event-ID"] = self.last
        path = "/api/v1/events" + (f"?topics={self.topics}" if self.topics else "")
        self._link.request("GET", path, headers=headers)
        self._socket = self._link.sock  # the connection lets go of it
        self.answer = self._link.getresponse()
        assert self.answer.status == 200, (self.answer.status, self.answer.read())
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        self._block()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def _block(self):
        """One block of lines; False at the end."""
        data = None
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if not line:
                break
            name, _, value = line.partition(": ")
            if name == "id":
                self.last = value
            elif name == "retry":
                self.retry = int(value)
            elif name == "data":
                data = json.loads(value)
            else:
                raise AssertionError(line)
        if data:
            self.events.append(data)
        return bool(line) or not self.answer.isclosed()

    def _read(self):
        try:
            while not self.answer.isclosed() and self._block():
                pass
        except (OSError, ValueError, AttributeError):
            pass
        self.ended = True

    def close(self):
        """The reader is in the middle of a line: it has to come out of it before anything can be closed."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if hasattr(self, "_thread"):
            self._thread.join()
        self._link.close()

    def wait_end(self, timeout=15):
        self._thread.join(timeout * SLOWER)
        return self.ended

    def of(self, *kinds):
        return [event for event in list(self.events) if event["kind"] in kinds]

    def subjects(self, *kinds):
        return [event.get("subject") for event in self.of(*kinds)]
