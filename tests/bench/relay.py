"""A TCP relay on loopback that counts what passes: bytes, and segments as the kernel counts them."""

import socket
import struct
import threading

from tests.lab.process import free_port

_SEGMENTS = struct.Struct("=II")
_SEGMENTS_AT = 136  # tcpi_segs_out, tcpi_segs_in of struct tcp_info (linux/tcp.h)
HEADERS = 20 + 32   # IPv4, and TCP with timestamps, of each segment


class Relay:
    """From its port to another; the segments are those of all connections, on the near side."""

    def __init__(self, port):
        self.port, self._to = free_port(), port
        self.bytes = 0
        self._nears = []
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                return
            self._nears.append(near)
            for a, b in ((near, far), (far, near)):
                a.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pass, args=(a, b), daemon=True).start()

    def _pass(self, source, target):
        try:
            while data := source.recv(65536):
                self.bytes += len(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def on_the_wire(self):
        """Bytes so far, with the headers of IP and TCP and segments that only acknowledge."""
        segments = 0
        for near in self._nears:
            info = near.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
            segments += 1 + sum(_SEGMENTS.unpack_from(info, _SEGMENTS_AT))  # one: SYN+ACK, before there is a socket
        return self.bytes + HEADERS * segments

    def close(self):
        self._listener.close()
        for near in self._nears:
            near.close()
