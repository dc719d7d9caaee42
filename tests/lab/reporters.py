"""Devices without agents that report without end, and know what was acknowledged: one session speaks for all, or each has its own.

What they report is about no order of anybody: it is kept and acknowledged all the same, which is what they are for.
"""

import json
import socket
import ssl
import threading
import time
from functools import partial

import paho.mqtt.client as paho

from tests.lab.mqtt import Client
from tests.lab.pki import SERVICE

BOOT, JOURNAL, ORDER = "b" * 32, "c" * 32, "00000000-0000-4000-8000-000000000001"
AGAIN = 2.0  # seconds until a report without an acknowledgement is sent again, as agents do


def names(count):
    """Of those devices."""
    return [f"load-{number:04}" for number in range(count)]


def hello(sent):
    return {"v": 1, "online": True, "boot": BOOT, "journal": JOURNAL, "seq": sent, "agent": "0.1.0", "slot": "a",
            "region": "DE-BY", "hardware": {"model": "box", "revision": "C"}, "software": {}}


class _Shared:
    """One session for all. The broker must let it speak for them: plain rules."""

    def __init__(self, broker, pki, devices, hear):
        self._link = Client(broker, pki.certificate(SERVICE), pki.server_root, f"{SERVICE}-reporters")
        self._link.hear(hear)
        self._link.subscribe("wg/v1/d/+/down/ack")
        self._devices = devices

    def start(self):
        for device in self._devices:
            self.send(device, "hello", hello(0))

    def send(self, device, leaf, message):
        self._link.send(f"wg/v1/d/{device}/up/{leaf}", message)

    @staticmethod
    def is_up(_device):
        return True

    def close(self):
        self._link.close()


class _Session(paho.Client):
    """A device's: it comes back by itself, by whichever broker there is, subscribes and says hello. sent(): its reports."""

    def __init__(self, broker, pki, device, hear, sent):
        super().__init__(client_id=device, protocol=paho.MQTTv5 if broker.mqtt == "5" else paho.MQTTv311)
        context = ssl.create_default_context(cafile=str(pki.server_root))
        context.load_cert_chain(pki.certificate(device), str(pki.key(device)))
        self.tls_set_context(context)
        self._branch, self.up, self.comings = f"wg/v1/d/{device}", False, 0
        self.on_connect = lambda *_: self.subscribe(f"{self._branch}/down/ack", qos=1)
        self.on_subscribe = lambda *_: self._on_told(sent())
        self.on_disconnect = self._on_lost
        self.on_message = lambda _c, _u, message: hear(message.topic, message.payload)
        self.reconnect_delay_set(1, 2)
        (door, port), = broker.doors(pki.certificate(device))
        self.connect_async(door, port, keepalive=10)

    def _create_socket_connection(self):  # whatever the name: on loopback
        return socket.create_connection(("localhost", self._port), timeout=5)

    def _on_told(self, sent):
        self.up, self.comings = True, self.comings + 1
        self.send("hello", hello(sent))

    def _on_lost(self, *_):
        self.up = False

    def send(self, leaf, message):
        self.publish(f"{self._branch}/up/{leaf}", json.dumps(message), qos=1)


class _Own:
    """A session for each, with a certificate of its own."""

    def __init__(self, broker, pki, sent, hear):
        self._sessions = {device: _Session(broker, pki, device, hear, partial(sent.get, device)) for device in sent}

    def start(self):
        for session in self._sessions.values():
            session.loop_start()

    def send(self, device, leaf, message):
        self._sessions[device].send(leaf, message)

    def is_up(self, device):
        return self._sessions[device].up

    def came_back(self):
        """Those that have lost a session and have one again."""
        return {device for device, session in self._sessions.items() if session.up and session.comings > 1}

    def close(self):
        for session in self._sessions.values():
            session.disconnect()
        for session in self._sessions.values():
            session.loop_stop()


class Reporters:
    """window: reports of a device that wait for their acknowledgement. own: each has its certificate and a session, and pause
    seconds between two reports."""

    def __init__(self, broker, pki, count, window=4, own=False, pause=0.0):
        self.devices = names(count)
        self._window, self._pause = window, pause
        self._sent = dict.fromkeys(self.devices, 0)
        self.acknowledged = dict.fromkeys(self.devices, 0)
        self.moments = []  # when any acknowledgement came
        self._again = dict.fromkeys(self.devices, 0.0)
        self._next = dict.fromkeys(self.devices, 0.0)
        self._stop = threading.Event()
        self.link = _Own(broker, pki, self._sent, self._hear) if own else _Shared(broker, pki, self.devices, self._hear)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._more = True

    def start(self):
        self.link.start()
        self._thread.start()
        return self

    def _hear(self, topic, payload):
        device = topic.split("/")[3]
        if device in self.acknowledged:
            told = json.loads(payload)
            if told["journal"] == JOURNAL and told["seq"] > self.acknowledged[device]:
                self.acknowledged[device] = told["seq"]
                self.moments.append(time.monotonic())

    def _say(self, device, number):
        self.link.send(device, "report", {
            "v": 1, "journal": JOURNAL, "seq": number, "order": ORDER, "campaign": "nobody-s", "attempt": 1,
            "state": "downloading"})

    def _turn(self, device, now):
        got, sent = self.acknowledged[device], self._sent[device]
        if got < sent and now >= self._again[device]:
            self.link.send(device, "hello", hello(sent))  # perhaps nobody has heard it either
            for number in range(got + 1, sent + 1):
                self._say(device, number)
            self._again[device] = now + AGAIN
        elif self._more and sent < got + self._window and now >= self._next[device]:
            self._next[device] = now + self._pause
            self._sent[device] += 1
            self._say(device, self._sent[device])
            self._again[device] = now + AGAIN

    def _run(self):
        while not self._stop.is_set():
            now = time.monotonic()
            for device in filter(self.link.is_up, self.devices):
                self._turn(device, now)
            self._stop.wait(0.02)

    def total(self):
        return sum(self.acknowledged.values())

    def settle(self, world, timeout=60):
        """Nothing more is said; returns when all that was is acknowledged."""
        self._more = False
        world.wait("every report is acknowledged", lambda: self.acknowledged == self._sent, timeout)

    def longest_gap(self):
        """Seconds without any acknowledgement."""
        return max((after - before for before, after in zip(self.moments, self.moments[1:])), default=0.0)

    def lost(self, rows):
        """Devices of which the database lacks a report that it has acknowledged. rows: of (device, number)."""
        kept = {}
        for device, number in rows:
            kept.setdefault(device, set()).add(number)
        return {device: got for device, got in self.acknowledged.items()
                if not set(range(1, got + 1)) <= kept.get(device, set())}

    def close(self):
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.link.close()


KEPT = f"select device_id, seq from report where journal = '{JOURNAL}'"
