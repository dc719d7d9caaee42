"""A web service that webhooks are given to: over TLS, and as bad as a test wants it."""

import base64
import hashlib
import hmac
import http.server
import json
import ssl
import threading
import time
from dataclasses import dataclass

from tests.lab.pki import SERVER


@dataclass
class Delivery:
    path: str
    headers: dict
    body: bytes
    status: int

    @property
    def event(self):
        return json.loads(self.body)

    def is_signed_by(self, secret):
        """As Standard Webhooks has it."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        text = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        mac = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        return self.headers["webhook-signature"] == f"v1,{mac}"


class Receiver:
    """answer: what the next deliveries get: a status, or a function of the delivery's path and event that returns one."""

    def __init__(self, pki):
        self.deliveries = []
        self.answer = 200
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.answer
                if callable(status):
                    status = status(self.path, json.loads(body))
                outer.deliveries.append(Delivery(self.path, {key.lower(): value for key, value in self.headers.items()},
                                                 body, status))
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"https://localhost:{outer.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(str(pki.certificate(SERVER)), str(pki.key(SERVER)))
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, path="/hook"):
        return f"https://localhost:{self.port}{path}"

    def taken(self, path=None):
        """Events that were answered with 2xx."""
        return [one.event for one in list(self.deliveries) if one.status < 300 and path in (None, one.path)]

    def subjects(self, path=None):
        return [event.get("subject") for event in self.taken(path)]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def slow(seconds):
    """An answer that takes its time."""
    def answer(_path, _event):
        time.sleep(seconds)
        return 200
    return answer
