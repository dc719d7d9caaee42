"""An MQTT client in a test's hand: any certificate, any bytes, everything that came in."""

import json
import ssl
import threading
import time

import paho.mqtt.client as paho

from tests.lab.pki import SERVICE
from tests.lab.process import LabError, poll
from tests.lab.programs import SLOWER


FENCE = "wg/v1/d/nobody/down/ack"  # nobody means it, and it is not kept


class Refused(Exception):
    """The broker did not take the connection."""


class _Quiet(paho.Client):
    """A refusal ends its thread without a traceback."""

    def loop_forever(self, *arguments, **options):
        try:
            return super().loop_forever(*arguments, **options)
        except OSError:  # ssl.SSLError is one
            return paho.MQTT_ERR_CONN_LOST


class Client:
    """Connected when constructed; Refused when the broker will not have it."""

    def __init__(self, broker, certificate, ca, client_id, version=paho.MQTTv5):
        self.messages = []  # (topic, bytes) in order of arrival
        self.fences = 0
        self._acknowledged = set()
        self._connected = threading.Event()
        self._subscribed = threading.Event()
        self._client = _Quiet(client_id=client_id, protocol=version)
        context = ssl.create_default_context(cafile=str(ca))
        context.load_cert_chain(certificate, str(certificate)[:-4] + ".key")
        self._client.tls_set_context(context)
        self.refusal = None  # the reason code of a CONNACK that says no
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_publish = lambda _c, _u, mid: self._acknowledged.add(mid)
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(30, 60)  # a refusal is an answer, not to be asked again
        try:
            self._client.connect("localhost", broker.port, keepalive=30)
        except (ssl.SSLError, OSError) as problem:
            raise Refused(str(problem)) from None
        self._client.loop_start()
        if not self._connected.wait(10 * SLOWER) or self.refusal:
            self.close()
            raise Refused(self.refusal or "no CONNACK")

    def _on_connect(self, _client, _user, _flags, code, *_):
        if code != 0:
            self.refusal = str(code)
        self._connected.set()

    def _on_message(self, _client, _user, message):
        if message.topic == FENCE:
            self.fences += 1
        else:
            self.messages.append((message.topic, message.payload))

    def subscribe(self, topic):
        self._subscribed.clear()
        self._client.subscribe(topic, qos=1)
        if not self._subscribed.wait(10 * SLOWER):
            raise LabError(f"no answer to the subscription of {topic}")

    def ask(self, topic):
        """Subscribes without waiting for an answer."""
        self._client.subscribe(topic, qos=1)

    def publish(self, topic, payload):
        """QoS 1; returns when the broker has answered. Objects are sent as JSON."""
        if not isinstance(payload, (bytes, str)):
            payload = json.dumps(payload)
        number = self._client.publish(topic, payload, qos=1).mid
        if not poll(lambda: number in self._acknowledged, 10):
            raise LabError(f"no PUBACK for {topic}")

    def send(self, topic, payload):
        """QoS 1, without waiting; what the connection cannot take is gone."""
        self._client.publish(topic, json.dumps(payload), qos=1)

    def hear(self, callback):
        """callback(topic, payload) for what comes in, which is not kept then."""
        self._client.on_message = lambda _c, _u, message: callback(message.topic, message.payload)

    def on(self, topic):
        """The payloads that came in on one topic."""
        return [payload for at, payload in list(self.messages) if at == topic]

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Puppet(Client):
    """A device without an agent: the test says what it says."""

    def __init__(self, world, device, client_id=None):
        self.id, self.device = device.id, device
        self.boot, self.journal = "b" * 32, "a" * 32
        super().__init__(world.broker, world.ground.pki.certificate(device.id),
                         world.ground.pki.server_root, client_id or device.id)
        self.subscribe(f"wg/v1/d/{device.id}/down/#")

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
