"""A RabbitMQ cluster of three behind a HAProxy: MQTT 3.1.1 with mutual TLS, a certificate's name is its user.

Each user is let to its own branch by topic permissions, and to queues of its own name by the others. The Erlang port mapper is
the cluster's own, so that nothing is left and nothing of the machine is met. Where many worlds share a cluster, each has a virtual
host with ports of its own (rabbit_host.py).
"""

import json
import os
import shutil
import secrets
import subprocess
from pathlib import Path

from tests.lab.balancer import Balancer
from tests.lab.pki import SERVER, SERVICE
from tests.lab.process import Child, LabError, answers, free_port, poll, tail

BIN = Path("/usr/lib/rabbitmq/bin")
EXCHANGE = "amq.topic"
SERVICES = (SERVICE, "wavegate-enrol")

CONFIG = """listeners.tcp = none
mqtt.listeners.tcp = none
{listeners}
mqtt.allow_anonymous = false
mqtt.ssl_cert_login = true
mqtt.exchange = amq.topic
ssl_cert_login_from = common_name
ssl_options.cacertfile = {folder}/trust.pem
ssl_options.certfile = {folder}/server.crt
ssl_options.keyfile = {folder}/server.key
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
ssl_options.depth = 2
cluster_formation.peer_discovery_backend = classic_config
{nodes}
cluster_partition_handling = pause_minority
{definitions}
disk_free_limit.absolute = 50MB
log.console = true
log.console.level = info
log.file = false
"""

MANAGEMENT = """management.tcp.port = {port}
management.tcp.ip = 127.0.0.1
management_agent.disable_metrics_collector = true
"""

# Handshakes go through; a node that is gone gets nothing more. Who has several ports is asked at the first.
FRONT = """
frontend devices{number}
    bind 127.0.0.1:{port}
    default_backend nodes{number}
backend nodes{number}
    balance leastconn
    default-server {check} on-marked-down shutdown-sessions
{servers}
"""
CHECK = "check inter 300ms fall 2 rise 1"


def users(names):
    """Without passwords."""
    return [{"name": name, "password_hash": "", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ""}
            for name in names]


def grants(devices, vhost="/"):
    """What each device may, and services. RabbitMQ makes dots of slashes and takes rules for regular expressions, also what it
    puts in for `{username}`: so each name stands in its own rules, and literally."""
    def may(name):
        own, exchange = f"^mqtt-subscription-{literal(name)}qos[01]$", f"^{literal(EXCHANGE)}$"
        return {"user": name, "vhost": vhost, "configure": own, "write": f"{own}|{exchange}", "read": f"{own}|{exchange}"}

    return {
        "permissions": [may(name) for name in devices] +
                       [{"user": name, "vhost": vhost, "configure": ".*", "write": ".*", "read": ".*"} for name in SERVICES],
        # What a session has subscribed to is a durable queue of one node. When that is gone, who comes back would be refused the
        # same name as long as it stays away: so each queue has a second place.
        "policies": [{"vhost": vhost, "name": "two-places", "pattern": "^mqtt-subscription-", "apply-to": "queues", "priority": 0,
                      "definition": {"ha-mode": "exactly", "ha-params": 2, "ha-sync-mode": "automatic"}}],
        "topic_permissions": [branch(name, vhost) for name in devices]}


def literal(name):
    """Of what a name may hold, the dot alone means something else in an expression."""
    return name.replace(".", "\\.")


def branch(name, vhost="/"):
    """One word below up and down. No `#`: it would be all below, and what is for NAME.down is below NAME's down."""
    own = f"^wg\\.v1\\.d\\.{literal(name)}"
    return {"user": name, "vhost": vhost, "exchange": EXCHANGE, "write": f"{own}\\.up\\.[a-z]+$",
            "read": f"{own}\\.down\\.([a-z]+|\\*)$"}


class Node:
    def __init__(self, cluster, number):
        self.name, self.folder = f"r{number}@localhost", cluster.folder / f"r{number}"
        self.ports = [free_port() for _ in range(cluster.places)]
        self.log = cluster.folder / f"r{number}.log"
        self._cluster, self._child, self._starts = cluster, None, 0
        self.folder.mkdir()
        self.environment = {
            **cluster.environment, "RABBITMQ_NODENAME": self.name, "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self.folder), "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"), "RABBITMQ_CONF_ENV_FILE": "/nonexistent",
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"}

    def configure(self, nodes):
        management = self._cluster.management if self is nodes[0] else None
        (self.folder / "plugins").write_text(
            f"[rabbitmq_mqtt,rabbitmq_auth_mechanism_ssl{',rabbitmq_management' if management else ''}].\n")
        listeners = "\n".join(f"mqtt.listeners.ssl.{number} = 127.0.0.1:{port}" for number, port in enumerate(self.ports, 1))
        (self.folder / "rabbitmq.conf").write_text((MANAGEMENT.format(port=management) if management else "") + CONFIG.format(
            listeners=listeners, folder=self._cluster.folder,
            definitions=f"load_definitions = {self._cluster.folder}/definitions.json" if self is nodes[0] else "", nodes="\n".join(
                f"cluster_formation.classic_config.nodes.{number} = {node.name}" for number, node in enumerate(nodes, 1))))
        for path in (self.folder, *self.folder.iterdir()):
            self._cluster.own(path)

    def start(self):
        self._starts += 1
        self._child = Child(self.name, [BIN / "rabbitmq-server"], self.log, env=self.environment,
                            user=self._cluster.user, cwd=self.folder)

    def alive(self):
        return bool(self._child) and self._child.alive()

    def is_up(self):
        if not self.alive():
            raise LabError(f"{self.name} ended:\n{tail(self.log)}")
        return (answers(self.ports[0]) and
                self.log.read_text(errors="replace").count("Server startup complete") >= self._starts)

    def kill(self):
        """SIGKILL to the server and all that it started."""
        self._child.kill()

    def stop(self):
        if self._child:
            self._child.kill()  # nothing of it is kept


class OneAddress:
    """What has one port, at which everybody comes in."""

    @property
    def url(self):
        return f"ssl://localhost:{self.port}"

    def device_url(self, _device):
        return self.url

    def fleet_urls(self):
        return [self.url]

    def doors(self, _certificate):
        return [("localhost", self.port)]


class Rabbit(OneAddress):
    """What a world takes for its broker."""

    mqtt = "3.1.1"
    places, management = 1, None  # ports of each node for MQTT; the first node's for its HTTP API

    def __init__(self, folder, pki, devices, count=3):
        self.folder = Path(folder)
        self.folder.mkdir()
        self.user = "rabbitmq" if os.geteuid() == 0 else None
        cookie = self.folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)
        for source, name in ((pki.folder / "device/chain.pem", "device.pem"), (pki.folder / "server/chain.pem", "service.pem"),
                             (pki.certificate(SERVER), "server.crt"), (pki.key(SERVER), "server.key")):
            shutil.copyfile(source, self.folder / name)
            (self.folder / name).chmod(0o600)
        (self.folder / "trust.pem").write_text((self.folder / "device.pem").read_text() +
                                               (self.folder / "service.pem").read_text())
        epmd = free_port()
        self.environment = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin:/usr/sbin", "LC_ALL": "C.UTF-8",
                            "ERL_EPMD_PORT": str(epmd), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        self.nodes = [Node(self, number) for number in range(1, count + 1)]
        (self.folder / "definitions.json").write_text(json.dumps(self.definitions(devices)))
        for path in (self.folder, *self.folder.iterdir()):
            self.own(path)
        self._mapper = Child("epmd", ["/usr/bin/epmd"], self.folder / "epmd.log", env=self.environment, user=self.user,
                             cwd=self.folder)
        poll(lambda: answers(epmd), 5)
        for node in self.nodes:
            node.configure(self.nodes)
        for node in self.nodes:  # one behind the other: the first makes the cluster, the others join it
            node.start()
            self.await_up(node)
        self.ports = [free_port() for _ in range(self.places)]
        self.balancer = Balancer(self.folder.parent / "mqtt-haproxy", "".join(map(self._front, range(self.places))), self.ports)
        self.log = self.nodes[0].log

    def definitions(self, devices):
        return {"vhosts": [{"name": "/"}], "users": users([*devices, *SERVICES]), **grants(devices)}

    def _front(self, place):
        servers = "\n".join(f"    server r{number} 127.0.0.1:{node.ports[place]}" + (f" track nodes0/r{number}" if place else "")
                            for number, node in enumerate(self.nodes, 1))
        return FRONT.format(number=place, port=self.ports[place], check="" if place else CHECK, servers=servers)

    @staticmethod
    def await_up(node):
        # Where all were killed at once, the plugin for MQTT waits 98 s for its like on the others before it does anything (3.10).
        if not poll(node.is_up, 300, every=0.5):
            raise LabError(f"{node.name} did not start:\n{tail(node.log)}")

    def own(self, path):
        if self.user:
            shutil.chown(path, self.user, self.user)

    @property
    def port(self):
        return self.ports[0]

    service_port = port

    def settings(self):
        """One broker for the orchestrator: what comes to any node is heard at each."""
        return [{"name": "rabbit", "url": self.url, "mqtt": self.mqtt}]

    def control(self, *words, node=0):
        """rabbitmqctl: what it prints."""
        done = subprocess.run([BIN / "rabbitmqctl", "-q", "-n", self.nodes[node].name, *words], env=self.nodes[node].environment,
                              capture_output=True, text=True, timeout=60, check=False,
                              **({"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}))
        if done.returncode != 0:
            raise LabError(f"rabbitmqctl {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    def allow(self, rules):
        """From now on, for new sessions: rules as grants() gives them."""
        file = self.folder / "rules.json"
        file.write_text(json.dumps(rules))
        self.own(file)
        self.control("import_definitions", file)

    def running(self, node=0):
        return json.loads(self.control("cluster_status", "--formatter", "json", node=node))["running_nodes"]

    def kill(self):
        """All nodes at once; HAProxy stays."""
        for node in self.nodes:
            node.stop()

    def start(self):
        """All nodes that do not run, together: one waits for the others."""
        down = [node for node in self.nodes if not node.alive()]
        for node in down:
            node.start()
        for node in down:
            self.await_up(node)

    def stop(self):
        self.balancer.stop()
        self.kill()
        self._mapper.stop()

    def close(self):
        self.stop()
