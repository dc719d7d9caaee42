"""Devices without agents that report without end, over one session, and know what was acknowledged.

What they report is about no order of anybody: it is kept and acknowledged all the same, which is what they are for.
"""

import json
import threading
import time

from tests.lab.mqtt import Client
from tests.lab.pki import SERVICE

BOOT, JOURNAL, ORDER = "b" * 32, "c" * 32, "00000000-0000-4000-8000-000000000001"
AGAIN = 2.0  # seconds until a report without an acknowledgement is sent again, as agents do


class Reporters:
    """window: reports of a device that wait for their acknowledgement. The broker must let one speak for all: plain rules."""

    def __init__(self, broker, pki, count, window=4, name="reporters"):
        self.devices = [f"load-{number:04}" for number in range(count)]
        self._window = window
        self._sent = dict.fromkeys(self.devices, 0)
        self.acknowledged = dict.fromkeys(self.devices, 0)
        self.moments = []  # when any acknowledgement came
        self._again = dict.fromkeys(self.devices, 0.0)
        self._stop = threading.Event()
        self._link = Client(broker, pki.certificate(SERVICE), pki.server_root, f"{SERVICE}-{name}")
        self._link.hear(self._hear)
        self._link.subscribe("wg/v1/d/+/down/ack")
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._more = True

    def start(self):
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
        self._link.send(f"wg/v1/d/{device}/up/report", {
            "v": 1, "journal": JOURNAL, "seq": number, "order": ORDER, "campaign": "nobody-s", "attempt": 1,
            "state": "downloading"})

    def _turn(self, device, now):
        got, sent = self.acknowledged[device], self._sent[device]
        if sent == 0:
            self._link.send(f"wg/v1/d/{device}/up/hello", {
                "v": 1, "online": True, "boot": BOOT, "journal": JOURNAL, "seq": 0, "agent": "0.1.0", "slot": "a",
                "region": "DE-BY", "hardware": {"model": "box", "revision": "C"}, "software": {}})
        if got < sent and now >= self._again[device]:
            for number in range(got + 1, sent + 1):
                self._say(device, number)
            self._again[device] = now + AGAIN
        elif self._more and sent < got + self._window:
            self._sent[device] += 1
            self._say(device, self._sent[device])
            self._again[device] = now + AGAIN

    def _run(self):
        while not self._stop.is_set():
            now = time.monotonic()
            for device in self.devices:
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
        self._link.close()


KEPT = f"select device_id, seq from report where journal = '{JOURNAL}'"
