"""wavegated and the wavegate command, with the one configuration file that both read."""

import signal
from pathlib import Path

import yaml

from tests.lab import programs
from tests.lab.pki import SERVICE
from tests.lab.process import Child


class Orchestrator:
    """One wavegated. Several may share a database and a broker; give each a name of its own."""

    def __init__(self, folder, pki, dsn, broker_url, artifacts, artifacts_url, name="wavegated"):
        self.name = name
        self.folder = Path(folder)
        self.log = self.folder / f"{name}.log"
        self.config = self.folder / f"{name}.yaml"
        self._pki = pki
        self._child = None
        self.environment = {}  # of both programs, beside the usual
        self.settings = {
            "database": dsn,
            "brokers": [{"name": "main", "url": broker_url}],
            "tls": {"ca": str(pki.server_root), "certificate": str(pki.certificate(SERVICE)),
                    "key": str(pki.key(SERVICE))},
            "director": str(pki.director),
            "operators": {"root": str(pki.folder / "operator/root.crt"),
                          "crl": str(pki.folder / "operator/crl.pem")},
            "artifacts": {"folder": str(artifacts), "urls": [artifacts_url]},
            "tick": "100ms",
            "orders": {"resend": "2s"},
            "log": "debug",
        }
        self.write_config()

    def write_config(self):
        self.config.write_text(yaml.safe_dump(self.settings, sort_keys=False))

    def start(self):
        self._child = Child(self.name, [programs.program("wavegated"), "--config", self.config],
                            self.log, env=programs.environment(self.folder, **self.environment), cwd=self.folder)

    @property
    def pid(self):
        return self._child.pid

    def alive(self):
        return bool(self._child) and self._child.alive()

    def kill(self):
        return self._child.kill()

    def terminate(self):
        """Asks it to end, without waiting."""
        if self._child:
            self._child.signal(signal.SIGTERM)

    def stop(self, timeout=10):
        return self._child.stop(timeout) if self._child else None

    def command(self, *arguments, operator=None):
        """The words of a wavegate call as that operator."""
        who = ["--operator", self._pki.certificate(operator)] if operator else []
        return [str(word) for word in (programs.program("wavegate"), *arguments,
                                       "--config", self.config, *who)]

    def wavegate(self, *arguments, operator="alice", timeout=60):
        """Runs the command to its end: returncode, stdout, stderr."""
        return programs.run(self.command(*arguments, operator=operator),
                            env=programs.environment(self.folder, **self.environment), timeout=timeout)
