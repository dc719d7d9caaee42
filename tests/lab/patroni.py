"""A PostgreSQL that survives: three servers under Patroni, three etcd, and a HAProxy that leads to whoever leads.

Synchronous: what is committed is with another server too. As plain users, on free ports, in one folder.
"""

import json
import os
import shutil
import signal
import urllib.error
import urllib.request
from pathlib import Path

import psycopg2
import yaml

from tests.lab.balancer import Balancer
from tests.lab.postgres import BIN, ROLE
from tests.lab.process import Child, LabError, free_port, poll, tail

SCOPE = "wavegate"

# Whoever leads says so on its own port; sessions with one that no longer does are ended.
LEADER = """
frontend database
    bind 127.0.0.1:{port}
    default_backend leader
backend leader
    option httpchk GET /primary
    http-check expect status 200
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""


class Etcd:
    """Three of them: two are enough to decide who leads."""

    def __init__(self, folder, user, count=3):
        self.ports = [free_port() for _ in range(count)]
        peers = [free_port() for _ in range(count)]
        cluster = ",".join(f"e{number}=http://127.0.0.1:{port}" for number, port in enumerate(peers))
        self._children = []
        for number, (port, peer) in enumerate(zip(self.ports, peers)):
            mine, theirs = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer}"
            self._children.append(Child(f"etcd-{number}", [
                "/usr/bin/etcd", "--name", f"e{number}", "--data-dir", folder / f"etcd-{number}",
                "--listen-client-urls", mine, "--advertise-client-urls", mine, "--listen-peer-urls", theirs,
                "--initial-advertise-peer-urls", theirs, "--initial-cluster", cluster,
                "--initial-cluster-state", "new", "--log-level", "warn"], folder / f"etcd-{number}.log", user=user,
                cwd=folder))
        if not poll(lambda: all(self._is_well(port) for port in self.ports), 20):
            raise LabError("etcd did not start:\n" + tail(folder / "etcd-0.log"))

    @staticmethod
    def _is_well(port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
                return json.load(answer)["health"] == "true"
        except OSError:
            return False

    def stop(self):
        for child in self._children:
            child.stop()


class Member:
    """One Patroni with its PostgreSQL. kill() takes both, as a machine that is switched off would."""

    def __init__(self, folder, number, user, etcd):
        self.name, self.folder, self._user = f"n{number}", folder, user
        self.port, self.rest = free_port(), free_port()
        self.data = folder / self.name
        self.log = folder / f"{self.name}.log"
        self._child = None
        (folder / f"{self.name}.yaml").write_text(yaml.safe_dump({
            "scope": SCOPE, "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self.rest}", "connect_address": f"127.0.0.1:{self.rest}"},
            "etcd3": {"hosts": [f"127.0.0.1:{port}" for port in etcd.ports]},
            "bootstrap": {
                # the shortest time that Patroni takes until one that says nothing no longer leads
                # strict: who has no copy left does not go on alone
                "dcs": {"ttl": 20, "loop_wait": 2, "retry_timeout": 3, "synchronous_mode": True,
                        "synchronous_mode_strict": True, "maximum_lag_on_failover": 1048576, "postgresql": {"use_pg_rewind": True}},
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
                "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust",
                           "host replication all 127.0.0.1/32 trust"]},
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}", "connect_address": f"127.0.0.1:{self.port}",
                "data_dir": str(self.data), "bin_dir": str(BIN), "pgpass": str(folder / f"{self.name}.pass"),
                "authentication": {"superuser": {"username": ROLE, "password": "lab"},
                                   "replication": {"username": "copier", "password": "lab"}},
                "parameters": {"unix_socket_directories": str(folder), "max_connections": 60,
                               "shared_buffers": "32MB", "wal_log_hints": "on",
                               "wal_retrieve_retry_interval": "500ms"}},
            "watchdog": {"mode": "off"}}))
        self.start()

    def start(self):
        # at SIGTERM it ends its PostgreSQL too
        self._child = Child(self.name, ["/usr/bin/patroni", self.folder / f"{self.name}.yaml"], self.log,
                            user=self._user, cwd=self.folder, death_signal=signal.SIGTERM)

    def role(self):
        """What it says of itself: master, replica; None when it says nothing."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rest}/patroni", timeout=2) as answer:
                status = json.load(answer)
        except urllib.error.HTTPError as answer:
            status = json.load(answer)
        except OSError:
            return None
        return status.get("role") if status.get("state") == "running" else None

    def members(self):
        """Of the cluster, as it knows it."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.rest}/cluster", timeout=2) as answer:
            return [one["name"] for one in json.load(answer)["members"]]

    def kill_patroni(self):
        """Alone: its PostgreSQL goes on, and believes that it leads."""
        self._child.kill()

    def kill(self):
        try:
            postmaster = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            postmaster = None
        self._child.kill()
        if postmaster:
            children = Path(f"/proc/{postmaster}/task/{postmaster}/children")
            own = [int(word) for word in children.read_text().split()] if children.exists() else []
            for pid in (postmaster, *own):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def alive(self):
        return self._child.alive()

    def stop(self):
        if self._child.alive():
            self._child.stop(timeout=20)
        else:
            self.kill()


class Patroni:
    """What a world takes for its PostgreSQL."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir()
        user = "postgres" if os.geteuid() == 0 else None
        if user:
            shutil.chown(self.folder, user, user)
        self.port = free_port()
        self._etcd = self._balancer = None
        self.members = []
        try:
            self._etcd = Etcd(self.folder, user)
            self.members = [Member(self.folder, number, user, self._etcd) for number in range(1, 4)]
            self._balancer = Balancer(self.folder.parent / "database-haproxy", LEADER.format(
                port=self.port, servers="\n".join(f"    server {one.name} 127.0.0.1:{one.port} check port {one.rest}"
                                                  for one in self.members)), [self.port])
            if not poll(lambda: self.leader() and self.has_copy(), 90, every=0.2):
                raise LabError(f"patroni did not come up:\n{tail(self.members[0].log)}")
        except BaseException:
            self.stop()
            raise

    def leader(self):
        return next((one for one in self.members if one.alive() and one.role() in ("master", "primary")), None)

    def has_copy(self):
        """A commit waits for another server."""
        try:
            return self.run("postgres", "select 1 from pg_stat_replication where sync_state = 'sync'") != []
        except psycopg2.Error:
            return False

    def copies(self):
        """Whom a commit waits for: names; "*" for any, "" for nobody."""
        return self.run("postgres", "show synchronous_standby_names")[0][0]

    def dsn(self, database):
        return f"host=127.0.0.1 port={self.port} user={ROLE} dbname={database}"

    def hosts_dsn(self, database):
        """Without the HAProxy: whoever asks looks for the one that can be written to."""
        ports = ",".join(str(one.port) for one in self.members)
        return (f"host={','.join(['127.0.0.1'] * len(self.members))} port={ports} user={ROLE} dbname={database} "
                "target_session_attrs=read-write")

    def run(self, database, sql):
        connection = psycopg2.connect(self.dsn(database))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def fresh_database(self, name, migrated=False):
        """Without tables, whatever is asked for: wavegated makes them."""
        del migrated
        self.run("postgres", f'create database "{name}"')
        self.run(name, "create extension postgis")
        return self.dsn(name)

    def drop_database(self, name):
        """It goes with the folder."""

    def stop(self):
        for one in self.members:
            one.stop()
        if self._balancer:
            self._balancer.stop()
        if self._etcd:
            self._etcd.stop()


