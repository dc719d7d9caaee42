"""Three Mosquittos behind a HAProxy, devices shared out by their names.

TLS goes through to the brokers, and the server's name that a device asks for (its own id, below a wildcard) chooses its
broker; or it ends at HAProxy, which knows the certificate and lets in only who says its name as client id: a Mosquitto
without the PROXY protocol has nothing else to know a device by.
"""

import shutil
from pathlib import Path

from tests.lab.balancer import Balancer
from tests.lab.broker import ACL, Broker
from tests.lab.pki import SERVER, SERVICE
from tests.lab.process import LabError, free_port, poll, tail

DOMAIN = "brokers.test"
HAPROXY = "haproxy"  # its user and group, where the lab is root's

THROUGH = """
frontend devices
    bind 127.0.0.1:{port}
    tcp-request inspect-delay 5s
    tcp-request content accept if {{ req.ssl_hello_type 1 }}
    default_backend brokers
backend brokers
    balance hash req.ssl_sni,lower
    hash-type consistent
    default-server check inter 300ms fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""

# The name in the certificate, and nothing else, is who a device is: topics go by the client id.
ENDED = """
frontend devices
    bind 127.0.0.1:{port} ssl crt {folder}/server.pem ca-file {folder}/trust.pem verify required crl-file {folder}/crl.pem ca-ignore-err 3 ssl-min-ver TLSv1.2
    tcp-request inspect-delay 10s
    tcp-request content reject unless {{ req.payload(0,0),mqtt_is_valid }}
    tcp-request content set-var(sess.id) req.payload(0,0),mqtt_field_value(connect,client_identifier)
    tcp-request content reject unless {{ ssl_c_s_dn(CN),strcmp(sess.id) eq 0 }}
    tcp-request content accept
    default_backend brokers
backend brokers
    balance hash var(sess.id)
    hash-type consistent
    default-server check inter 300ms fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""

# For HAProxy alone: a socket that nobody else may open.
INSIDE = """
listener 0 {socket}
allow_anonymous true
acl_file {folder}/acl.inside
"""
INSIDE_ACL = """pattern write wg/v1/d/%c/up/#
pattern read wg/v1/d/%c/down/#
"""


class InsideBroker(Broker):
    """Its own listener is for services; devices come through HAProxy, by a socket and without TLS."""

    @property
    def socket(self):
        return self.folder / "devices.sock"

    def start(self):
        self.socket.unlink(missing_ok=True)  # of one that was killed
        super().start()
        if not poll(self.socket.exists, 5):
            raise LabError(f"mosquitto has no socket:\n{tail(self.log)}")
        if self._user:  # the folder says who reaches it
            shutil.chown(self.folder, self._user, HAPROXY)
            self.folder.chmod(0o710)
            self.socket.chmod(0o666)

    def configure(self, rules):
        super().configure(rules)
        file = self.folder / "mosquitto.conf"
        (self.folder / "acl.inside").write_text(INSIDE_ACL)
        (self.folder / "acl.inside").chmod(0o600)
        self._own(self.folder / "acl.inside")
        (self.folder / "acl").write_text(ACL.split("pattern", maxsplit=1)[0])
        file.write_text(file.read_text().replace("per_listener_settings false", "per_listener_settings true") +
                        INSIDE.format(socket=self.socket, folder=self.folder))


class Shards:
    """What a world takes for its broker: `url` is HAProxy's."""

    def __init__(self, folder, pki, through, count=3):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o755)
        self.through, self.port = through, free_port()
        certificate = pki.certificate(SERVER)
        kind = Broker if through else InsideBroker
        self.brokers = []
        for number in range(1, count + 1):
            place = self.folder / f"b{number}"
            place.mkdir()
            self.brokers.append(kind(place, pki, guarded=through))
        files = {"server.pem": self._pair(certificate, pki.key(SERVER)), "trust.pem": pki.folder / "device/chain.pem",
                 "crl.pem": pki.folder / "device/crl.pem"}
        place = self.folder / "haproxy"
        self.balancer = Balancer(place, (THROUGH if through else ENDED).format(
            port=self.port, folder=place, servers=self._servers()), [self.port], files)
        self.log = self.balancer.log

    def _pair(self, certificate, key):
        pair = self.folder / "server.pem"
        pair.write_text(certificate.read_text() + key.read_text())
        return pair

    def _servers(self):
        return "\n".join(f"    server b{number} " + (f"127.0.0.1:{broker.port}" if self.through else f"unix@{broker.socket}")
                         for number, broker in enumerate(self.brokers, 1))

    @property
    def url(self):
        return f"ssl://localhost:{self.port}"

    def device_url(self, device):
        """By its own name, where the name is what HAProxy goes by."""
        return f"ssl://{device}.{DOMAIN}:{self.port}" if self.through else self.url

    def settings(self):
        """The orchestrator's list: it speaks to each by itself."""
        return [{"name": f"b{number}", "url": broker.url} for number, broker in enumerate(self.brokers, 1)]

    def connected(self, number):
        """Devices whose session at that broker stands, by its log."""
        inside = set()
        for line in self.brokers[number].log.read_text().splitlines():
            words = line.split()
            if "New client connected" in line or "New client" in line and "connected" in line:
                inside.add(line.split(" as ")[1].split()[0])
            elif "Client" in words and ("disconnected" in line or "closed" in line or "timeout" in line):
                inside.discard(words[words.index("Client") + 1])
        return {name for name in inside if not name.startswith(SERVICE)}

    def stop(self):
        self.balancer.stop()
        for broker in self.brokers:
            broker.stop()
