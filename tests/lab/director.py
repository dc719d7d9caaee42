"""A hand that gives orders: it stands where the orchestrator does, signs with the director's key and hears every report.

For what the agent does with an order, without a campaign around it. It acknowledges all that comes and lets a device that
asks switch over.
"""

import datetime
import hashlib
import json
import shutil
import threading
import uuid

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tests.lab.mqtt import Client
from tests.lab.pki import SERVICE

FINAL = ("succeeded", "failed", "rolled-back", "withdrawn")


def _canonical(body):
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Device:
    """What was heard of one device."""

    def __init__(self):
        self.hello, self.reports, self.order = None, {}, None  # reports: (journal, number) -> report
        self.body = None  # of the order in hand

    def said(self):
        """(state, cause, detail) of the reports about the order in hand, in their order."""
        ours = sorted((key, report) for key, report in self.reports.items() if report["order"] == self.order)
        return [(report["state"], report.get("cause", ""), report.get("detail", "")) for _, report in ours]

    def end(self):
        """The final one of them; None: it has none yet."""
        return next((said for said in self.said() if said[0] in FINAL), None)


class Director(Client):
    def __init__(self, world):
        self._web, self._counter = world.ground.web, 0
        self._key = load_pem_private_key(world.ground.pki.director.read_bytes(), None)
        self.devices, self._placed = {}, {}
        self._lock = threading.RLock()
        pki = world.ground.pki
        super().__init__(world.broker, pki.certificate(SERVICE), pki.server_root, SERVICE)
        self.hear(self._hear)
        self.subscribe("wg/v1/d/+/up/#")

    def _device(self, name):
        with self._lock:
            return self.devices.setdefault(name, Device())

    def _hear(self, topic, payload):
        _, _, _, name, _, leaf = topic.split("/")
        if not payload or leaf not in ("hello", "report"):
            return
        said, device = json.loads(payload), self._device(name)
        with self._lock:
            if leaf == "hello":
                if not said["online"]:
                    return
                device.hello = said
                if device.order and not device.said() and device.body["boot"] != said["boot"]:
                    self._send(name, device)  # the device was off when it came
            elif said.get("seq"):
                device.reports[said["journal"], said["seq"]] = said
            if device.hello:
                self._acknowledge(name, device)

    def _acknowledge(self, name, device):
        journal = device.hello["journal"]
        seq = max([number for of, number in device.reports if of == journal], default=0)
        ack = {"v": 1, "journal": journal, "seq": seq}
        if device.order and not device.end():
            ack["order"] = device.order
            if any(state == "rebooting" for state, _, _ in device.said()):
                ack["go"] = True
        self.send(f"wg/v1/d/{name}/down/ack", ack)

    def _place(self, made):
        """The web server has it; where."""
        if made in self._placed:
            return self._placed[made]
        content = made.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        shutil.copyfile(made, self._web.artifacts / sha256)
        self._placed[made] = {"sha256": sha256, "length": len(content), "urls": [f"{self._web.url}/{sha256}"]}
        return self._placed[made]

    def _send(self, name, device):
        self._counter += 1
        device.body |= {"boot": device.hello["boot"], "counter": self._counter}
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        signature = self._key.sign(_canonical(device.body)).hex()
        envelope = {"signed": device.body,
                    "signatures": [{"keyid": hashlib.sha256(public).hexdigest(), "sig": signature}]}
        self.send(f"wg/v1/d/{name}/down/order", envelope)

    def order(self, name, release, companions=()):
        """release and companions: (component, version, file)."""
        device = self._device(name)
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        component, version, made = release
        body = {
            "_type": "wavegate-order", "v": 1, "kind": "install", "id": str(uuid.uuid4()), "device": name,
            "campaign": "by-hand", "digest": "0" * 64, "attempt": 1,
            "not_before": (now - datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "expires": (now + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "release": {"component": component, "version": version}, "artifact": self._place(made),
            "timeouts": {"download": 60, "install": 60, "probation": 60}}
        if companions:
            body["with"] = [{"component": component, "version": version, **self._place(made)}
                            for component, version, made in companions]
        with self._lock:
            device.order, device.body = body["id"], body
            self._send(name, device)

    def runs(self, name):
        """What the device says that it runs: component -> version."""
        hello = self._device(name).hello
        return hello and hello["software"]
