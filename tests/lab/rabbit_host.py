"""A RabbitMQ cluster that worlds share: each has a virtual host with ports of its own, and nothing is left of it.

A cluster takes half a minute to start. It is told by its HTTP API, which is quicker than rabbitmqctl.
"""

import base64
import hashlib
import http.client
import json
import secrets

from tests.lab.process import LabError, free_port
from tests.lab.programs import SLOWER
from tests.lab.rabbit import SERVICES, OneAddress, Rabbit, grants, users

LAB = "lab"  # who asks the HTTP API


def host_name(place):
    return f"world-{place}"


class RabbitHost(Rabbit):
    """devices: those that every world knows."""

    def __init__(self, folder, pki, devices, worlds):
        self.places, self.management = worlds, free_port()
        self._secret = secrets.token_hex(16)
        self._devices, self._users = list(devices), {*devices, *SERVICES}
        self._free, self.taken = list(range(worlds)), []
        super().__init__(folder, pki, devices)
        self._pki = pki
        pki.watch(self.know)

    def definitions(self, devices):
        """Users, and which port leads to which virtual host; these come with the worlds."""
        salt = secrets.token_bytes(4)
        known = base64.b64encode(salt + hashlib.sha256(salt + self._secret.encode()).digest()).decode()
        lab = {"name": LAB, "password_hash": known, "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": "administrator"}
        ports = {str(port): host_name(place) for node in self.nodes for place, port in enumerate(node.ports)}
        return {"vhosts": [{"name": "/"}], "users": [lab, *users([*devices, *SERVICES])],
                "global_parameters": [{"name": "mqtt_port_to_vhost_mapping", "value": ports}]}

    def ask(self, method, path, body=None):
        login = base64.b64encode(f"{LAB}:{self._secret}".encode()).decode()
        link = http.client.HTTPConnection("127.0.0.1", self.management, timeout=60 * SLOWER)
        try:
            link.request(method, f"/api{path}", json.dumps(body) if body else None,
                         {"Authorization": f"Basic {login}", "Content-Type": "application/json"})
            answer = link.getresponse()
            text = answer.read().decode()
            if answer.status >= 300:
                raise LabError(f"RabbitMQ: {method} {path}: {answer.status} {text}")
        finally:
            link.close()

    def take(self):
        """A place for one more world."""
        place = self._free.pop(0)
        self.taken.append(place)
        self.ask("POST", "/definitions", {"vhosts": [{"name": host_name(place)}], **grants(self._devices, host_name(place))})
        return place

    def give_back(self, place):
        """Queues, retained messages and sessions go with it."""
        self.ask("DELETE", f"/vhosts/{host_name(place)}")
        self.taken.remove(place)
        self._free.append(place)

    def know(self, names):
        """Devices that came later have a user each, in the worlds that are and those to come."""
        new = [name for name in names if name not in self._users]
        if not new:
            return
        self._users.update(new)
        self._devices += new
        rows = [grants(new, host_name(place)) for place in self.taken]
        # Topics first: who has permissions and nothing about topics may use all of them.
        self.ask("POST", "/definitions", {"users": users(new), "topic_permissions": [
            row for some in rows for row in some["topic_permissions"]]})
        self.ask("POST", "/definitions", {"permissions": [row for some in rows for row in some["permissions"]]})

    def forget_revoked(self):
        """It reads no lists: whoever is revoked has no user any more, and no session."""
        for name in self._pki.revoked & self._users:
            self.ask("DELETE", f"/users/{name}")
            self._users.remove(name)
            self._devices.remove(name)


class VirtualHost(OneAddress):
    """What a world takes for its broker."""

    mqtt = RabbitHost.mqtt

    def __init__(self, cluster, folder):
        self.cluster, self.folder, self.log = cluster, folder, cluster.log
        folder.mkdir()
        self._place = cluster.take()
        self.port = self.service_port = cluster.ports[self._place]

    def settings(self):
        return [{"name": "rabbit", "url": self.url, "mqtt": self.mqtt}]

    def start(self):
        self.cluster.start()

    def kill(self):
        self.cluster.kill()

    def stop(self):
        self.cluster.kill()

    def give_crl(self):
        self.cluster.forget_revoked()

    def reload(self):
        self.cluster.forget_revoked()

    def close(self):
        self.cluster.start()  # a test that failed may have left it dead
        self.cluster.give_back(self._place)
