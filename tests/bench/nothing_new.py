"""An update server that has nothing to do for anybody: what hawkBit and Mender's server answer then, over TLS."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.lab.process import free_port

KEPT = 1.5  # seconds; after which an idle connection is closed, as it is long before the next poll of a real interval
MENDER = "/api/devices/"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = KEPT
    wbufsize = -1  # an answer leaves in one piece, as from a real server

    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length:
            self.rfile.read(length)
        elif "chunked" in (self.headers.get("Transfer-Encoding") or ""):
            while size := int(self.rfile.readline(), 16):
                self.rfile.read(size + 2)
            self.rfile.readline()
        status, kind, body = self.server.says(self.path)
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        self.server.note(self.path)

    do_GET = do_POST = do_PUT = do_PATCH = _answer

    def log_message(self, *_):
        pass


class NothingNew(ThreadingHTTPServer):
    """Until close(); seen holds the paths that were asked for."""

    daemon_threads = True

    def __init__(self, certificate, key, seconds):
        self.seen, self._sleep = [], f"00:00:{seconds:02}"
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", free_port()), _Handler)
        self.port = self.server_address[1]
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate, key)
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()

    def finish_request(self, request, client_address):
        """In the thread of the connection: a slow handshake holds up nobody else."""
        request.settimeout(10)
        super().finish_request(self._tls.wrap_socket(request, server_side=True), client_address)

    def handle_error(self, request, client_address):
        pass  # who went away is heard of by its own log

    def says(self, path):
        if not path.startswith(MENDER):
            return 200, "application/hal+json;charset=UTF-8", json.dumps(
                {"config": {"polling": {"sleep": self._sleep}}}, separators=(",", ":")).encode()
        if path.endswith("auth_requests"):
            return 200, "application/jwt", b"x" * 900  # as long as one of RS256 with its claims
        if "/inventory/" in path:
            return 200, "application/json", b""
        return 204, "", b""

    def note(self, path):
        with self._lock:
            self.seen.append(path)

    def count(self, part):
        with self._lock:
            return sum(part in path for path in self.seen)

    def close(self):
        self.shutdown()
        self.server_close()
