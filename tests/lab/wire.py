"""MQTT by hand, packet by packet: what a client library would not send, and every reason code."""

import socket
import ssl
import struct
import time

from tests.lab.programs import SLOWER

CONNACK, PUBLISH, PUBACK, SUBACK, UNSUBACK, PINGRESP, DISCONNECT = 2, 3, 4, 9, 11, 13, 14
OK, NOT_AUTHORIZED = 0, 0x87
PATIENCE = 10 * SLOWER  # seconds until what was to come does not come any more


class Cut(Exception):
    """The broker has ended the connection."""


def text(words):
    data = words if isinstance(words, bytes) else words.encode()
    return struct.pack(">H", len(data)) + data


def _length(number):
    out = b""
    while True:
        number, digit = divmod(number, 128)
        out += bytes([digit | (0x80 if number else 0)])
        if not number:
            return out


def packet(kind, flags, body):
    return bytes([kind << 4 | flags]) + _length(len(body)) + body


class Wire:
    """A TLS connection with one certificate, or none. connect() makes it an MQTT session.

    plain_port: a connection without TLS to that port instead.
    """

    def __init__(self, broker, ca, certificate=None, version=5, plain_port=None):
        context = ssl.create_default_context(cafile=str(ca))
        if certificate:
            context.load_cert_chain(certificate, str(certificate)[:-4] + ".key")
        self.version = version
        self.messages = []  # (topic, payload) in order of arrival
        self._number = 0
        self._bytes = b""
        raw = socket.create_connection(("localhost", plain_port or broker.port), PATIENCE)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if plain_port:
            self.socket = raw
            return
        try:
            self.socket = context.wrap_socket(raw, server_hostname="localhost")
        except BaseException:
            raw.close()
            raise

    def _properties(self, data=b""):
        return _length(len(data)) + data if self.version == 5 else b""

    def connect(self, client_id, will=None, properties=b"", user=None, clean=True):
        """The reason code of the CONNACK. will: topic, payload, retain."""
        flags = (0x02 if clean else 0) | (0x80 if user is not None else 0)
        body = text(client_id)
        if will:
            topic, payload, retain = will
            flags |= 0x04 | 0x08 | (0x20 if retain else 0)
            body += self._properties() + text(topic) + text(payload)
        if user is not None:
            body += text(user)
        self.send(packet(1, 0, text("MQTT") + bytes([self.version, flags]) +
                         struct.pack(">H", 60) + self._properties(properties) + body))
        return self._await(CONNACK)[1]

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            raise Cut from None

    def message(self, topic, payload, qos=1, retain=False):
        """The bytes of a PUBLISH, and the number that its PUBACK will bear."""
        data = payload if isinstance(payload, bytes) else payload.encode()
        number = b""
        if qos:
            self._number = self._number % 60000 + 1
            number = struct.pack(">H", self._number)
        return packet(PUBLISH, qos << 1 | int(retain),
                      text(topic) + number + self._properties() + data), self._number

    def publish(self, topic, payload, qos=1, retain=False):
        """The reason code of the PUBACK; None for QoS 0."""
        data, number = self.message(topic, payload, qos, retain)
        self.send(data)
        if not qos:
            return None
        while True:
            body = self._await(PUBACK)
            if struct.unpack(">H", body[:2])[0] == number:
                return body[2] if len(body) > 2 else OK

    def subscribe(self, topic, qos=1):
        """The reason code of the SUBACK: what is below 0x80 is granted."""
        self._number += 1
        self.send(packet(8, 2, struct.pack(">H", self._number) + self._properties() +
                         text(topic) + bytes([qos])))
        return self._await(SUBACK)[-1]

    def ping(self):
        """Returns when the broker has answered."""
        self.send(packet(12, 0, b""))
        self._await(PINGRESP)

    def read(self, timeout=PATIENCE):
        """The next packet that is no message: kind, body. Messages are kept and acknowledged."""
        deadline = time.monotonic() + timeout
        while True:
            kind, flags, body = self._packet(deadline)
            if kind != PUBLISH:
                return kind, body
            size = struct.unpack(">H", body[:2])[0]
            topic, rest = body[2:2 + size].decode(), body[2 + size:]
            if flags & 0x06:
                self.send(packet(PUBACK, 0, rest[:2]))
                rest = rest[2:]
            if self.version == 5:
                rest = rest[1 + rest[0]:]
            self.messages.append((topic, rest))

    def _await(self, wanted, timeout=PATIENCE):
        while True:
            kind, body = self.read(timeout)
            if kind == DISCONNECT:
                raise Cut(f"reason {body[0] if body else 0:#x}")
            if kind == wanted:
                return body

    def _packet(self, deadline):
        while True:
            whole = self._whole()
            if whole:
                return whole
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("no packet came")
            self.socket.settimeout(left)
            try:
                got = self.socket.recv(65536)
            except TimeoutError:
                raise TimeoutError("no packet came") from None
            except OSError:
                raise Cut from None
            finally:
                self.socket.settimeout(PATIENCE)
            if not got:
                raise Cut
            self._bytes += got

    def _whole(self):
        """Takes one whole packet off the bytes that have come; None: not there yet."""
        length = shift = 0
        for at in range(1, 5):
            if at >= len(self._bytes):
                return None
            length |= (self._bytes[at] & 0x7f) << shift
            shift += 7
            if not self._bytes[at] & 0x80:
                break
        end = at + 1 + length
        if len(self._bytes) < end:
            return None
        head, body = self._bytes[0], self._bytes[at + 1:end]
        self._bytes = self._bytes[end:]
        return head >> 4, head & 15, body

    def wait_cut(self, timeout=PATIENCE):
        """Seconds until the broker has ended the connection."""
        begin = time.monotonic()
        try:
            while True:
                left = timeout - (time.monotonic() - begin)
                if self.read(left)[0] == DISCONNECT:
                    break
        except Cut:
            pass
        return time.monotonic() - begin

    def is_alive(self):
        try:
            self.ping()
            return True
        except Cut:
            return False

    def on(self, topic):
        """The payloads that came on a topic; asks the broker first, so that all are there."""
        self.ping()
        return [payload for at, payload in self.messages if at == topic]

    def close(self):
        """Without a word: brings the last will."""
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
