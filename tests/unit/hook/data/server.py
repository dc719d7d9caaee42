"""server.py CERTIFICATE_AND_KEY: an HTTPS service that answers as its path says, on a free port of
127.0.0.1 that it prints. Ends with its standard input."""

import http.server
import os
import ssl
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        _, what, rest = self.path.split("/", 2)
        getattr(self, "do_" + what)(rest, body)

    def answer(self, status, text, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_status(self, rest, body):
        self.answer(int(rest), b"" if rest == "204" else b"\n said " + rest.encode() + b"\nmore\n")

    def do_empty(self, rest, body):
        self.answer(int(rest), b"")

    def do_echo(self, rest, body):
        kind = self.headers["content-type"]
        self.answer(200, f"{self.command} {rest} {kind} {len(body)} {body[:20].decode()}".encode())

    def do_redirect(self, rest, body):
        self.answer(302, b"", [("location", "/status/200")])

    def do_flood(self, rest, body):
        self.answer(200, b"x" * (3 << 20))

    def do_hang(self, rest, body):
        threading.Event().wait()

    def do_drop(self, rest, body):
        self.connection.close()

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
