"""What the worlds of a ground stand on: one Mosquitto each, three behind HAProxy each, or a RabbitMQ cluster that they share.

WAVEGATE_LAB_BROKERS says which (`make scale-suite`), so that any system test runs on any of them.
"""

import os

from tests.lab.broker import Broker
from tests.lab.rabbit_host import RabbitHost, VirtualHost
from tests.lab.shards import HOSTS, Names, Shards

KINDS = ("haproxy-through", "haproxy-ended", "rabbit")
WORLDS = 8  # at the same time on one cluster
MQTT = "3.1.1" if os.environ.get("WAVEGATE_LAB_BROKERS") == "rabbit" else "5"  # what devices speak


def wanted():
    """The kind that was asked for; "": one Mosquitto each."""
    kind = os.environ.get("WAVEGATE_LAB_BROKERS", "")
    if kind and kind not in KINDS:
        raise ValueError(f"WAVEGATE_LAB_BROKERS: expected {', '.join(KINDS)}, found {kind}")
    return kind


class Brokers:
    """devices: their ids."""

    def __init__(self, folder, devices):
        self.kind, self._folder, self._devices = wanted(), folder, devices
        kind = self.kind
        self.hosts = HOSTS if kind.startswith("haproxy") else "localhost,127.0.0.1"
        self.names = Names(folder, devices) if kind == "haproxy-through" else None
        self._pki = self._rabbit = None

    def trust(self, pki):
        self._pki = pki

    def make(self, folder, guarded, options):
        """The broker of a world."""
        if self.kind == "rabbit":
            return VirtualHost(self._cluster(), folder / "broker")
        if self.kind:
            return Shards(folder / "brokers", self._pki, self.kind == "haproxy-through", guarded=guarded, options=options)
        return Broker(folder, self._pki, guarded, options)

    def _cluster(self):
        """Made when the first world wants it: it takes its time."""
        if not self._rabbit:
            self._rabbit = RabbitHost(self._folder / "rabbit", self._pki, self._devices, WORLDS)
        return self._rabbit

    def close(self):
        if self._rabbit:
            self._rabbit.stop()
        if self.names:
            self.names.forget()
