"""A TLS server that answers as the path says: python3 hostile.py FOLDER CERTIFICATE ARTIFACT LOG.

Prints its port. FOLDER/pki/device/chain.pem is whose certificates it asks for, without insisting. Every request is a
line of LOG: path with query, Range, If-Range, name in the client's certificate ("-": none shown), Referer.

/whole             ranges, a strong ETag
/cut/N/...         each answer ends after N bytes, with a connection that just ends
/swap/N/...        the first answer ends after N bytes; then the file is another one of the same length, with another ETag;
                   an If-Range is heeded
/swap206/N/...     the same, and 206 with the new ETag, whatever If-Range says
/shrunk/N/...      the same, and 416 from then on, unless all is asked for
/chunked, /chunked_more, /gzip, /wrong_range, /two_ranges, /big_head, /endless_head, /drip_head, /drip, /silent
/to?URL            302 to that URL;  /status/N?URL with another status
/loop              to itself;  /hops/N N redirects, then /whole
/other             other bytes of the same length, in ranges
"""

import http.server
import ssl
import sys
import threading
import time
from pathlib import Path

FOLDER, CERTIFICATE, ARTIFACT, LOG = sys.argv[1:]
CONTENT = Path(ARTIFACT).read_bytes()
OTHER = bytes(byte ^ 1 for byte in CONTENT)
lock = threading.Lock()
counts = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        self.request.settimeout(60)
        self.request.do_handshake()
        super().setup()

    def note(self):
        names = dict(pair[0] for pair in (self.connection.getpeercert() or {}).get("subject", ()))
        with lock:
            number = counts[self.path] = counts.get(self.path, 0) + 1
            with open(LOG, "a", encoding="utf-8") as log:
                log.write(" ".join([self.path, self.headers.get("Range", "-"), self.headers.get("If-Range", "-"),
                                    names.get("commonName", "-"), self.headers.get("Referer", "-")]) + "\n")
        return number

    def start(self):
        return int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))

    def send(self, content, start, etag='"one"', most=None, status=206, fields=()):
        body = content[start:]
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:most])

    def redirect(self, status, to):
        self.send_response(status)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def swap(self, kind, number, cut):
        start = self.start()
        if number == 1:
            return self.send(OTHER, start, '"old"', most=cut)
        if kind == "shrunk" and start > 0:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{start - 1}")
            return self.end_headers()
        if kind == "swap" and self.headers.get("If-Range") not in (None, '"new"'):
            return self.send(CONTENT, 0, '"new"', status=200)
        return self.send(CONTENT, start, '"new"')

    def chunks(self, content):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for at in range(0, len(content), 10000):
            piece = content[at:at + 10000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def drip(self, data):
        for at in range(len(data)):
            self.wfile.write(data[at:at + 1])
            time.sleep(0.05)

    def do_GET(self):  # noqa: N802
        self.close_connection = True
        number = self.note()
        path, _, query = self.path.partition("?")
        words = path.strip("/").split("/")
        try:
            self.answer(words, query, number)
        except (OSError, ValueError):
            pass

    def answer(self, words, query, number):  # pylint: disable=too-many-branches
        kind = words[0]
        if kind in ("whole", "artifacts"):
            self.send(CONTENT, self.start())
        elif kind == "other":
            self.send(OTHER, self.start())
        elif kind == "cut":
            self.send(CONTENT, self.start(), most=int(words[1]))
        elif kind in ("swap", "swap206", "shrunk"):
            self.swap(kind, number, int(words[1]))
        elif kind == "to":
            self.redirect(302, query)
        elif kind == "status":
            self.redirect(int(words[1]), query)
        elif kind == "loop":
            self.redirect(307, "/loop")
        elif kind == "hops":
            self.redirect(301, f"{int(words[1]) - 1}" if words[1] != "1" else "../whole")
        elif kind == "chunked":
            self.chunks(CONTENT)
        elif kind == "chunked_more":
            self.chunks(CONTENT + b"more")
        elif kind == "gzip":
            self.send(CONTENT, self.start(), fields=[("Content-Encoding", "gzip")])
        elif kind == "wrong_range":
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {self.start()}-{len(CONTENT)}/{len(CONTENT)}")
            self.end_headers()
        elif kind == "two_ranges":
            self.send(CONTENT, self.start(), fields=[("Content-Range", "bytes 0-1/2")])
        elif kind == "big_head":
            self.send(CONTENT, self.start(), fields=[("X-Pad", "x" * 60000)])
        elif kind == "endless_head":
            self.wfile.write(b"HTTP/1.1 206 Partial Content\r\n")
            while True:
                self.wfile.write(b"X-Pad: %s\r\n" % (b"x" * 1000))
        elif kind == "drip_head":
            self.drip(b"HTTP/1.1 206 Partial Content\r\nX-Pad: " + b"x" * 10000)
        elif kind == "drip":
            self.send(CONTENT, self.start(), most=0)
            self.drip(CONTENT[self.start():])
        elif kind == "silent":
            self.rfile.read(1)
        else:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):  # a client that went away, or shook no hands
        pass


if __name__ == "__main__":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE + ".crt", CERTIFICATE + ".key")
    context.load_verify_locations(f"{FOLDER}/pki/device/chain.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print(server.server_address[1], flush=True)
    server.serve_forever()
