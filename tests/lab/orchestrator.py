"""wavegated and the wavegate command, with the one configuration file that both read."""

import copy
import signal
from pathlib import Path

import yaml

from tests.lab import programs
from tests.lab.api import Api
from tests.lab.pki import SERVICE
from tests.lab.process import Child


MAY = {"audit": "vera", "people": "vera", "webhook": "otto"}  # as whom to ask, where alice may not
# Nouns of the command that ask no server.
OFFLINE = ("context", "completion", "help", "kek", "--help", "--version")


class Orchestrator:
    """One wavegated. Several may share a database and a broker; give each a name of its own."""

    def __init__(self, folder, pki, dsn, broker_url, artifacts, artifacts_url, name="wavegated"):
        self.name = name
        self.folder = Path(folder)
        self.log = self.folder / f"{name}.log"
        self.config = self.folder / f"{name}.yaml"
        self._pki = pki
        self._child = None
        self._served = None  # the settings that the server was started with
        self.server = None   # the wavegate-api that the command asks; started when it is needed first
        self.environment = {}  # of both programs, beside the usual
        self.api = {}          # settings of that wavegate-api, beside the usual
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

    def hang_up(self):
        """Asks it to read its files again."""
        self._child.signal(signal.SIGHUP)

    def stop(self, timeout=10):
        return self._child.stop(timeout) if self._child else None

    def serve(self):
        """The command's wavegate-api runs, with the settings as they are now."""
        if self.server and self.server.alive() and self._served == self.settings:
            return
        if self.server:
            self.server.stop()
        self.server = Api(self.folder, self._pki, self.settings, name=f"{self.name}-api",
                          environment=self.environment, **self.api).start()
        self.settings["server"] = {"url": f"https://localhost:{self.server.port}", "ca": str(self.server.root)}
        # who asks when nobody is named; as whom programs act that are tests' own is --operator's
        self.settings["operator"] = {"certificate": str(self._pki.certificate("alice")), "key": str(self._pki.key("alice"))}
        self._served = copy.deepcopy(self.settings)
        self.write_config()

    def command(self, *arguments, operator=""):
        """The words of a wavegate call as that operator; "": as one who may, None: nobody is named."""
        operator = MAY.get(str(arguments[0]) if arguments else "", "alice") if operator == "" else operator
        who = ["--operator", self._pki.certificate(operator)] if operator else []
        return [str(word) for word in (programs.program("wavegate"), *arguments,
                                       "--config", self.config, *who)]

    def wavegate(self, *arguments, operator="", timeout=60):
        """Runs the command to its end: returncode, stdout, stderr."""
        if arguments[0] not in OFFLINE and "--repository" not in arguments:
            self.serve()
        return programs.run(self.command(*arguments, operator=operator),
                            env=programs.environment(self.folder, **self.environment), timeout=timeout)
