"""What else is installed that updates devices, started as its own documentation says: at rest, at work, and asking."""

import json
import os
import shutil
import subprocess
import time

from tests.bench import bundles
from tests.bench.cost import Peak
from tests.bench.nothing_new import KEPT, NothingNew
from tests.bench.relay import Relay
from tests.lab.process import Child, LabError, free_port, poll, tail

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={folder}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/></policy>
</busconfig>
"""
RAUC = """[system]
compatible=bench
bootloader=noop
statusfile={folder}/status
mountprefix={folder}/mnt
[keyring]
path={folder}/key.crt
[slot.rootfs.0]
device={folder}/a
bootname=A
[slot.rootfs.1]
device={folder}/b
bootname=B
"""


FAST = 5             # seconds; of the polls that are counted
DAY = 86400
HAWKBIT_POLL = 300   # seconds; what a hawkBit server tells unless it is set otherwise (00:05:00)
MENDER_POLL, MENDER_INVENTORY = 1800, 28800  # seconds; the client's own defaults


def make_key(folder):
    """A pair, key.pem and key.crt, for signatures and for a server here."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem",
                    "-out", folder / "key.crt"], check=True, capture_output=True)


class Peer:
    """One program in a folder of its own; what it needs besides is not counted with it."""

    network = False  # whether it asks a server of itself

    def __init__(self, name, program, folder):
        self.name, self.program = name, shutil.which(program)
        self.folder = folder / f"{program}{len(name)}"
        self.child, self._helpers = None, []

    def start(self):
        self.folder.mkdir(mode=0o755)
        self._prepare()
        self.child = self._child(self.name, self._argv(), self._environment())
        if not poll(lambda: not self.child.alive(), 5, every=0.5):
            return
        raise LabError(f"{self.name} ended:\n{tail(self.folder / f'{self.name}.log')}")

    def stop(self):
        for one in [self.child, *reversed(self._helpers)]:
            if one:
                one.stop()

    def update(self, megabytes):
        """The most memory that it had on the way, as a Peak."""
        raise NotImplementedError

    def _installed(self, name, argv, target, megabytes, peak=None):
        """What asks for an installation, or does it, until it is done."""
        client = self._child(name, argv, self._environment())
        peak = peak or Peak(client.pid)
        try:
            code = client.wait(600)
        finally:
            client.stop()
            peak.end()
        if code or not target.exists() or target.stat().st_blocks * 512 < megabytes * 1_000_000:
            raise LabError(f"{self.name}: {name}: exit code {code}\n{tail(self.folder / f'{name}.log')}\n"
                           f"{tail(self.folder / f'{self.name}.log')}")
        return peak

    def _child(self, name, argv, env=None):
        return Child(name, argv, self.folder / f"{name}.log", cwd=self.folder, env=env)

    def _prepare(self):
        """What checks signatures wants a key before it starts."""
        if (self.folder.parent / "key.crt").exists():  # its server's
            for name in ("key.pem", "key.crt"):
                shutil.copy(self.folder.parent / name, self.folder)
            return
        make_key(self.folder)

    def _environment(self):
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": str(self.folder), "HOME": str(self.folder)}

    def _argv(self):
        raise NotImplementedError


class Swupdate(Peer):
    def __init__(self, folder, more=(), name="SWUpdate"):
        super().__init__(name, "swupdate", folder)
        self._more = list(more)

    def _argv(self):
        (self.folder / "swupdate.cfg").write_text('globals : { verbose = false; loglevel = 3; };\n')
        return [self.program, "-f", "swupdate.cfg", "-k", "key.crt", "-H", "bench:1.0", *self._more]

    def update(self, megabytes):
        """All its processes: one installs, another takes the connections."""
        slot = self.folder / "slot"
        slot.write_bytes(b"")
        swu = bundles.swu(self.folder, megabytes, slot)
        peak = Peak(self.child.pid, whole=True)
        return self._installed(f"client-{megabytes}", ["/usr/bin/swupdate-client", "-v", swu], slot, megabytes, peak)


class Poller(Swupdate):
    """Asks a hawkBit; at(port) before it is started, or nothing answers there."""

    network = True

    def __init__(self, folder, name="SWUpdate, hawkBit poller"):
        super().__init__(folder, (), name)
        self.poll, self.url = HAWKBIT_POLL, f"http://127.0.0.1:{free_port()}"

    def at(self, port, poll_every):
        self.url, self.poll = f"https://localhost:{port}", poll_every

    def _argv(self):
        self._more = ["-u", f"-t default -i bench -u {self.url} -x -p {self.poll}"]
        return super()._argv()


class Rauc(Peer):
    def __init__(self, folder):
        super().__init__("RAUC's service", "rauc", folder)

    def _prepare(self):
        super()._prepare()
        for slot in "ab":
            (self.folder / slot).touch()
        (self.folder / "system.conf").write_text(RAUC.format(folder=self.folder))
        (self.folder / "bus.conf").write_text(BUS.format(folder=self.folder))
        self._helpers.append(self._child("bus", ["/usr/bin/dbus-daemon", "--nofork", "--nopidfile",
                                                 f"--config-file={self.folder}/bus.conf"]))
        if not poll((self.folder / "bus").exists, 5):
            raise LabError(f"dbus-daemon did not start:\n{tail(self.folder / 'bus.log')}")

    def _environment(self):
        return {**super()._environment(), "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/bus"}

    def _argv(self):
        return [self.program, f"--conf={self.folder}/system.conf", "--override-boot-slot=A", "service"]

    def update(self, megabytes):
        """Of the service, which does it."""
        slot = self.folder / "b"
        with slot.open("wb") as file:
            file.truncate(megabytes * 1_000_000)
        bundle = bundles.rauc(self.folder, megabytes)
        return self._installed(f"client-{megabytes}", [self.program, "install", bundle], slot, megabytes,
                               Peak(self.child.pid))


class Mender(Peer):
    """With an identity, which Debian's package leaves to others, in a view of the file system of its own."""

    network = True

    def __init__(self, folder):
        super().__init__("Mender's client", "mender", folder)
        self._url, self._every = f"https://127.0.0.1:{free_port()}", (MENDER_POLL, MENDER_INVENTORY)

    def at(self, port, poll_every, inventory_every):
        self._url, self._every = f"https://localhost:{port}", (poll_every, inventory_every)

    def _prepare(self):
        super()._prepare()
        if os.geteuid() != 0:
            raise LabError("wants root, for the paths that are fixed in it")
        (self.folder / "mender.conf").write_text(json.dumps({
            "ServerURL": self._url, "ServerCertificate": str(self.folder / "key.crt"), "DBus": {"Enabled": False},
            "UpdatePollIntervalSeconds": self._every[0], "InventoryPollIntervalSeconds": self._every[1]}))
        for name in ("data/scripts", "etc", "identity"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "data/device_type").write_text("device_type=bench\n")
        (self.folder / "etc/artifact_info").write_text("artifact_name=bench-1\n")
        identity = self.folder / "identity/mender-device-identity"
        identity.write_text("#!/bin/sh\necho mac=02:00:00:00:00:01\n")
        identity.chmod(0o755)

    def _argv(self, *command):
        view = ('mount --bind "$0/etc" /etc/mender && mount --bind "$0/identity" /usr/share/mender/identity && '
                'exec "$@" --no-syslog --config "$0/mender.conf" --fallback-config "$0/mender.conf" --data "$0/data" ')
        return ["/usr/bin/unshare", "-m", "/bin/sh", "-c", view + " ".join(command or ["daemon"]), self.folder, self.program]

    def update(self, megabytes):
        """Of the process that installs, which is not the daemon, whose own installations a server starts."""
        self.child.stop()
        target = self.folder / "target"
        artifact = bundles.mender(self.folder, megabytes, target)
        peak = self._installed(f"install-{megabytes}", self._argv("install", artifact.name), target / "image", megabytes)
        self._child(f"commit-{megabytes}", self._argv("commit"), self._environment()).wait(60)
        shutil.rmtree(target)
        return peak


def peers(folder):
    return [Swupdate(folder, ["-w", f"-r {folder} -p {free_port()}"]), Poller(folder), Rauc(folder), Mender(folder)]


class Wire:
    """Bytes of one poll, with the headers of IP and TCP, and how far apart they are in the field."""

    def __init__(self, what, size, seconds):
        self.what, self.size, self.seconds = what, size, seconds
        self.day = size * DAY / seconds


def _count(peer, server, relay, part, polls=3):
    """Bytes from after one poll to after others, for each; each is a connection of its own."""
    def polled(number):
        if not poll(lambda: server.count(part) >= number, 12 * FAST, every=0.05):
            raise LabError(f"{peer.name}: {server.count(part)} polls, not {number}:\n"
                           f"{tail(peer.folder / f'{peer.name}.log')}")
        time.sleep(KEPT + 1)  # the answer, and the end of the connection
    polled(server.count(part) + 1)
    wire, asked, others = relay.on_the_wire(), server.count(part), len(server.seen)
    polled(asked + polls)
    wire, asked, others = relay.on_the_wire() - wire, server.count(part) - asked, len(server.seen) - others
    if others != asked:
        raise LabError(f"{peer.name}: {others - asked} other requests between {asked} polls: {sorted(set(server.seen))}")
    return wire / asked


def _asking(peer, part, every):
    """What one of its polls costs, asked faster than in the field of a server that has nothing to do for it."""
    peer.folder.parent.mkdir(mode=0o755)
    key = peer.folder.parent
    make_key(key)
    server = NothingNew(key / "key.crt", key / "key.pem", FAST)
    relay = Relay(server.port)
    try:
        peer.at(relay.port, *every)
        peer.start()
        return _count(peer, server, relay, part)
    finally:
        peer.stop()
        relay.close()
        server.close()


def wires(name, folder):
    """What passes on a day with nothing to do, as Wire after Wire; none for what has no network."""
    if name == "SWUpdate, hawkBit poller":
        return [Wire("a poll", _asking(Poller(folder / "poll"), "/controller/v1/bench", [FAST]), HAWKBIT_POLL)]
    if name == "Mender's client":
        return [Wire("a check", _asking(Mender(folder / "check"), "/deployments/", [FAST, DAY]), MENDER_POLL),
                Wire("an inventory", _asking(Mender(folder / "inventory"), "/inventory/", [DAY, FAST]), MENDER_INVENTORY)]
    return []
