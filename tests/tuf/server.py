"""A web server whose files are a dict: path -> bytes, or a function that answers as it likes."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802
        self.close_connection = True
        self.server.owner.requests.append(self.path)
        content = self.server.owner.files.get(self.path)
        try:
            if callable(content):
                content(self)
            elif content is None:
                self.answer(b"not here", status=404)
            else:
                self.answer(content)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def answer(self, body, status=200, length=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def answer_chunked(self, body, size=7):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for at in range(0, len(body), size):
            piece = body[at:at + size]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def answer_endless(self, piece=b" " * 65536):
        """Without a length: as long as the client takes it, and far beyond every limit."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        for _ in range(4096):
            self.wfile.write(piece)
            self.server.owner.endless_sent += len(piece)
        self.server.owner.endless_taken_whole = True

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


class Server:
    def __init__(self, context=None):
        self.files = {}
        self.requests = []
        self.endless_sent = 0
        self.endless_taken_whole = False
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.owner = self
        self._http.handle_error = lambda *_: None  # connections that the client ends early are meant
        if context:
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def metadata_requests(self):
        return [path.removeprefix("/metadata/") for path in self.requests if path.startswith("/metadata/")]

    def close(self):
        self._http.shutdown()
        self._http.server_close()
