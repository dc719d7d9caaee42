"""Certificates and keys of one run, made by the real wavegate-pki."""

import tempfile
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

from tests.lab import programs
from tests.lab.process import LabError

OPERATORS = {"alice": "rollout-admin", "bob": "rollout-admin", "carol": "rollout-admin", "rita": "repository-admin",
             "dave": "deployment-admin", "sue": "support", "petra": "rollout-admin", "vera": "auditor",
             "otto": "owner"}
P256 = ("petra",)  # whose key is not Ed25519
SERVICE = "wavegated"
SERVER = "localhost"


@contextmanager
def apart(prefix="wg-"):
    """Authorities in a folder of their own, which others may enter, for tests without a world."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir="/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Pki(name)


class Pki:
    """folder/pki holds the authorities, folder/certs what they issued."""

    def __init__(self, folder, *init, hosts="localhost,127.0.0.1"):
        self.logs = Path(folder)
        self.folder = self.logs / "pki"
        self.certs = self.logs / "certs"
        self.director = self.certs / "director"
        self.revoked = set()
        self._watchers, self._names = [], []  # told of devices that get a certificate, or a token for one
        self.run("init", self.folder, *init)
        self.certs.mkdir(exist_ok=True)
        self._issue("server", SERVER, "--host", hosts)
        self._issue("service", SERVICE)
        for name, role in OPERATORS.items():
            self._issue("operator", name, "--role", role, "--key", "p256" if name in P256 else "ed25519")
        self.run("key", "make", self.director)

    def watch(self, tell):
        """tell(names) of devices, those from before first."""
        self._watchers.append(tell)
        tell(self._names)

    def _told(self, arguments):
        """The devices that these arguments name."""
        words = [str(word) for word in arguments]
        if words[0] == "token":
            return words[1:2]
        if words[:2] != ["issue", "device"]:
            return []
        if "--names" in words:
            return Path(words[words.index("--names") + 1]).read_text().split()
        return list(takewhile(lambda word: not word.startswith("--"), words[2:]))

    def run(self, *arguments):
        names = self._told(arguments)
        self._names += names
        for tell in self._watchers:
            tell(names)
        done = programs.run([programs.program("wavegate-pki"), *arguments],
                            env=programs.environment(self.logs))
        if done.returncode != 0:
            raise LabError(f"wavegate-pki {' '.join(map(str, arguments))}: exit code "
                           f"{done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def _issue(self, kind, *arguments, pki=None, out=None):
        self.run("issue", kind, *arguments, "--pki", pki or self.folder, "--out",
                 out or self.certs)

    def issue_operator(self, name, role, public_key):
        """A certificate for a key that somebody has already."""
        self._issue("operator", name, "--role", role, "--public-key", public_key)

    def issue_devices(self, names):
        names = list(names)
        for start in range(0, len(names), 16):
            self._issue("device", *names[start:start + 16])

    def foreign_device(self, name):
        """A certificate for the same name by an authority that nobody here trusts."""
        pki, out = self.logs / "foreign-pki", self.logs / "foreign-certs"
        if not pki.exists():
            self.run("init", pki)
        self._issue("device", name, pki=pki, out=out)
        return out / f"{name}.crt"

    def for_browsers(self):
        """A server's certificate, its key and its root, of P-256: browsers do not take Ed25519."""
        pki, out = self.logs / "browser-pki", self.logs / "browser-certs"
        if not pki.exists():
            self.run("init", pki, "--key", "p256")
            self._issue("server", SERVER, "--host", "localhost,127.0.0.1", "--key", "p256", pki=pki, out=out)
        return out / f"{SERVER}.crt", out / f"{SERVER}.key", pki / "server/root.crt"

    def revoke(self, name):
        self.run("revoke", name, "--pki", self.folder)
        self.revoked.add(name)

    def certificate(self, name):
        return self.certs / f"{name}.crt"

    def key(self, name):
        return self.certs / f"{name}.key"

    @property
    def server_root(self):
        """What devices and the orchestrator trust."""
        return self.folder / "server/root.crt"
