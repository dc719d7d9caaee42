"""An MQTT client in a test's hand: any certificate, any bytes, everything that came in."""

import collections
import json
import socket
import ssl
import threading
import time
from functools import partial

import paho.mqtt.client as paho

from tests.lab.pki import SERVICE
from tests.lab.process import LabError, poll
from tests.lab.programs import SLOWER


FENCE = "wg/v1/d/nobody/down/ack"  # nobody means it, and it is not kept


class Refused(Exception):
    """The broker did not take the connection."""


class _Quiet(paho.Client):
    """A refusal ends its thread without a traceback; whatever the server's name is, it is on loopback."""

    def loop_forever(self, *arguments, **options):
        try:
            return super().loop_forever(*arguments, **options)
        except OSError:  # ssl.SSLError is one
            return paho.MQTT_ERR_CONN_LOST

    def _create_socket_connection(self):
        return socket.create_connection(("localhost", self._port), timeout=5)


class _Session:
    """One connection; connected when constructed."""

    def __init__(self, door, context, client_id, version, keep):
        self.acknowledged = set()
        self.subscribed = threading.Event()
        self._connected = threading.Event()
        self.refusal = None  # the reason code of a CONNACK that says no
        self.client = _Quiet(client_id=client_id, protocol=version)
        self.client.tls_set_context(context)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.on_publish = lambda _c, _u, mid: self.acknowledged.add(mid)
        self.client.on_message = lambda _c, _u, message: keep(message.topic, message.payload)
        self.client.reconnect_delay_set(30, 60)  # a refusal is an answer, not to be asked again
        try:
            self.client.connect(*door, keepalive=30)
        except (ssl.SSLError, OSError) as problem:
            raise Refused(str(problem)) from None
        self.client.loop_start()
        if not self._connected.wait(10 * SLOWER) or self.refusal:
            self.close()
            raise Refused(self.refusal or "no CONNACK")

    def _on_connect(self, _client, _user, _flags, code, *_):
        if code != 0:
            self.refusal = str(code)
        self._connected.set()

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


class Client:
    """Connected when constructed; Refused when the broker will not have it.

    Where brokers are several, whoever has a service's certificate has a session with each, as wavegated has: it hears what
    devices say at any of them, and what it says to a device is said at all.
    """

    def __init__(self, broker, certificate, ca, client_id, version=None):
        self.messages = []  # (topic, bytes) in order of arrival
        self._callback = lambda topic, payload: self.messages.append((topic, payload))
        context = ssl.create_default_context(cafile=str(ca))
        context.load_cert_chain(certificate, str(certificate)[:-4] + ".key")
        doors = broker.doors(certificate)
        self._fences, self._lock = [0] * len(doors), threading.Lock()
        self._seen, self._kept = [collections.Counter() for _ in doors], collections.Counter()
        version = version or (paho.MQTTv5 if broker.mqtt == "5" else paho.MQTTv311)
        self._sessions = []
        try:
            for number, door in enumerate(doors):
                self._sessions.append(_Session(door, context, client_id, version, partial(self._keep, number)))
        except Refused:
            self.close()
            raise

    def _keep(self, number, topic, payload):
        if topic == FENCE:
            self._fences[number] += 1
        elif "/down/" not in topic or self._is_new(number, topic, payload):
            self._callback(topic, payload)

    def _is_new(self, number, topic, payload):
        """What is for devices is said at one broker, or at each: then once is enough."""
        with self._lock:
            seen = self._seen[number]
            seen[topic, payload] += 1
            if seen[topic, payload] <= self._kept[topic, payload]:
                return False
            self._kept[topic, payload] = seen[topic, payload]
            return True

    @property
    def fences(self):
        """Those that have come over each session."""
        return min(self._fences)

    def _for(self, topic):
        return self._sessions if "/down/" in topic else self._sessions[:1]

    def subscribe(self, topic):
        for session in self._sessions:
            session.subscribed.clear()
            session.client.subscribe(topic, qos=1)
        for session in self._sessions:
            if not session.subscribed.wait(10 * SLOWER):
                raise LabError(f"no answer to the subscription of {topic}")

    def ask(self, topic):
        """Subscribes without waiting for an answer."""
        for session in self._sessions:
            session.client.subscribe(topic, qos=1)

    def publish(self, topic, payload):
        """QoS 1; returns when the broker has answered. Objects are sent as JSON."""
        if not isinstance(payload, (bytes, str)):
            payload = json.dumps(payload)
        numbers = [(session, session.client.publish(topic, payload, qos=1).mid) for session in self._for(topic)]
        if not poll(lambda: all(number in session.acknowledged for session, number in numbers), 10):
            raise LabError(f"no PUBACK for {topic}")

    def send(self, topic, payload):
        """QoS 1, without waiting; what the connection cannot take is gone."""
        for session in self._for(topic):
            session.client.publish(topic, json.dumps(payload), qos=1)

    def hear(self, callback):
        """callback(topic, payload) for what comes in, which is not kept then."""
        self._callback = callback

    def on(self, topic):
        """The payloads that came in on one topic."""
        return [payload for at, payload in list(self.messages) if at == topic]

    def close(self):
        for session in self._sessions:
            session.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Puppet(Client):
    """A device without an agent: the test says what it says."""

    def __init__(self, world, device, client_id=None, broker=None):
        self.id, self.device = device.id, device
        self.boot, self.journal = "b" * 32, "a" * 32
        super().__init__(broker or world.broker, world.ground.pki.certificate(device.id),
                         world.ground.pki.server_root, client_id or device.id)
        self.subscribe(f"wg/v1/d/{device.id}/down/+")

    def up(self, leaf, payload):
        self.publish(f"wg/v1/d/{self.id}/up/{leaf}", payload)

    def hello(self, seq=0, **changes):
        message = {"v": 1, "online": True, "boot": self.boot, "journal": self.journal, "seq": seq,
                   "agent": "0.1.0", "slot": "a", "region": self.device.region,
                   "hardware": {"model": self.device.model, "revision": self.device.revision},
                   "software": {self.device.component: self.device.version}}
        self.up("hello", {**message, **changes})

    def report(self, seq, order, state, **more):
        """A report about an order as it came in (its "signed" part)."""
        self.up("report", {"v": 1, "journal": self.journal, "seq": seq, "order": order["id"],
                           "campaign": order["campaign"], "attempt": order["attempt"],
                           "state": state, **more})

    def orders(self):
        return [json.loads(payload)["signed"]
                for payload in self.on(f"wg/v1/d/{self.id}/down/order")]

    def wait_order(self, timeout=15):
        """The first order that came in."""
        if not poll(self.orders, timeout):
            raise LabError(f"{self.id} was given no order")
        return self.orders()[0]

    def acknowledged(self):
        """The highest report number that the orchestrator has acknowledged in this journal."""
        acks = [json.loads(payload) for payload in self.on(f"wg/v1/d/{self.id}/down/ack")]
        return max((ack["seq"] for ack in acks if ack["journal"] == self.journal), default=0)


def observer(world, name="observer"):
    """A client that hears everything: it has the orchestrator's certificate."""
    client = Client(world.broker, world.ground.pki.certificate(SERVICE),
                    world.ground.pki.server_root, f"{SERVICE}-{name}")
    client.subscribe("wg/v1/#")
    return client


def catch_up(ear):
    """Returns when an observer has heard all that the broker had for it."""
    before = ear.fences
    ear.publish(FENCE, b"{}")
    if not poll(lambda: ear.fences > before, 10):
        raise LabError("the observer does not hear itself")


def settle(seconds=0.3):
    """For what must not happen: gives it the time in which it would have."""
    time.sleep(seconds)
