"""Three Mosquittos behind a HAProxy, devices shared out by their names.

TLS goes through to the brokers, and the server's name that a device asks for (its own id, below a wildcard) chooses its
broker; or it ends at HAProxy, which knows the certificate and lets in only who says its name as client id: a Mosquitto
without the PROXY protocol has nothing else to know a device by.
"""

import shutil
from pathlib import Path

from tests.lab import programs
from tests.lab.balancer import Balancer
from tests.lab.broker import ACL, Broker
from tests.lab.pki import SERVER, SERVICE
from tests.lab.process import LabError, free_port, poll, tail

DOMAIN = "brokers.test"
FLEET = [f"fleet-{number}" for number in range(8)]
HOSTS = f"localhost,127.0.0.1,*.{DOMAIN}"  # of the servers' certificate
HAPROXY = "haproxy"  # its user and group, where the lab is root's


class Names:
    """Every name below the brokers' domain is loopback, for the programs under test. nss_wrapper knows no wildcards, and does not
    survive a first look-up by two threads at once: preload/names.c."""

    def __init__(self, folder, devices):
        self._file, self._known = Path(folder) / "hosts", set()
        self.add([*FLEET, *devices])
        first = programs.BIN / "wg_names.so"
        programs.BESIDE.update(LD_PRELOAD=f"libnss_wrapper.so {first}" if first.exists() else "libnss_wrapper.so",
                               NSS_WRAPPER_HOSTS=str(self._file))

    def add(self, devices):
        if set(devices) <= self._known:
            return
        self._known.update(devices)
        new = self._file.with_suffix(".new")
        new.write_text("127.0.0.1 localhost\n" + "".join(f"127.0.0.1 {name}.{DOMAIN}\n" for name in sorted(self._known)))
        new.replace(self._file)

    @staticmethod
    def forget():
        for name in ("LD_PRELOAD", "NSS_WRAPPER_HOSTS"):
            programs.BESIDE.pop(name, None)


# HAProxy 2.6 does not find the name while it balances, and takes turns then: it is kept in a variable before.
THROUGH = """
frontend devices
    bind 127.0.0.1:{port}
    tcp-request inspect-delay 5s
    tcp-request content set-var(sess.name) req.ssl_sni,lower
    tcp-request content accept if {{ req.ssl_hello_type 1 }}
    default_backend brokers
backend brokers
    balance hash var(sess.name)
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
    """What a world takes for its broker: `url` is HAProxy's. guarded, options: of the brokers, where they see certificates."""

    mqtt = "5"

    def __init__(self, folder, pki, through, count=3, guarded=True, options=None):
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
            self.brokers.append(kind(place, pki, guarded=through and guarded, options=options))
        files = {"server.pem": self._pair(certificate, pki.key(SERVER)), "trust.pem": pki.folder / "device/chain.pem",
                 "crl.pem": pki.folder / "device/crl.pem"}
        self._pki, place = pki, self.folder / "haproxy"
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

    def fleet_urls(self):
        """Under names enough to meet each broker, where the name is what counts."""
        return list(map(self.device_url, FLEET)) if self.through else [self.url]

    def settings(self):
        """The orchestrator's list: it speaks to each by itself."""
        return [{"name": f"b{number}", "url": broker.url} for number, broker in enumerate(self.brokers, 1)]

    def doors(self, certificate):
        """A device has HAProxy alone; a service has each broker."""
        name = Path(certificate).stem
        if name.startswith("wavegate"):
            return [("localhost", broker.port) for broker in self.brokers]
        return [(f"{name}.{DOMAIN}" if self.through else "localhost", self.port)]

    @property
    def service_port(self):
        return self.brokers[0].port

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

    def start(self):
        """All that does not run."""
        for one in (*self.brokers, self.balancer):
            if not one.alive():
                one.start()

    def kill(self):
        """All brokers at once; HAProxy stays."""
        for broker in self.brokers:
            broker.kill()

    def give_crl(self):
        """The newest revocation list, to whoever judges certificates."""
        if not self.through:
            self.balancer.take_crl("crl.pem", self._pki.folder / "device/crl.pem")
        for broker in self.brokers:
            broker.give_crl()

    def reload(self):
        self.give_crl()
        for broker in self.brokers:
            broker.reload()

    def stop(self):
        self.balancer.stop()
        for broker in self.brokers:
            broker.stop()

    def close(self):
        self.stop()
