"""A CONNECT proxy on a port of its own: python3 proxy.py LOG [USER:PASSWORD]. Prints the port.

It tunnels to whatever is asked for, but refuses hosts that begin with "refused."; each request is a line of LOG."""

import base64
import socket
import socketserver
import sys
import threading


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Handler(socketserver.StreamRequestHandler):
    rbufsize = 0

    def handle(self):
        head = b""
        while not head.endswith(b"\r\n\r\n") and (byte := self.rfile.read(1)):
            head += byte
        lines = head.decode("latin-1").split("\r\n")
        with open(self.server.log, "a", encoding="utf-8") as log:
            log.write(lines[0] + "\n")
        words = lines[0].split()
        wanted = self.server.credentials
        if len(words) != 3 or words[0] != "CONNECT":
            return self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if wanted and headers.get("proxy-authorization") != f"Basic {wanted}":
            return self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        host, port = words[1].rsplit(":", 1)
        if host.startswith("refused."):
            return self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        if host.endswith(".behind"):  # names that the proxy alone knows
            host = "localhost"
        try:
            behind = socket.create_connection((host.strip("[]"), int(port)), 10)
        except OSError:
            return self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        behind.settimeout(None)
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=pump, args=(behind, self.connection), daemon=True)
        back.start()
        pump(self.connection, behind)
        back.join()
        return behind.close()


class Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


if __name__ == "__main__":
    with Proxy(("127.0.0.1", 0), Handler) as proxy:
        proxy.log = sys.argv[1]
        proxy.credentials = base64.b64encode(sys.argv[2].encode()).decode() if len(sys.argv) > 2 else ""
        print(proxy.server_address[1], flush=True)
        proxy.serve_forever()
