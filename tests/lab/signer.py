"""wavegate-signer: the director's key in a process of its own."""

from pathlib import Path

import yaml

from tests.lab import programs
from tests.lab.process import Child


class Signer:
    def __init__(self, folder, pki, repository):
        self.folder = Path(folder) / "signer"
        self.folder.mkdir()
        self.log = self.folder / "signer.log"
        self.config = self.folder / "signer.yaml"
        self.socket = self.folder / "socket"
        self._child = None
        self.environment = {}
        self.settings = {
            "socket": str(self.socket), "director": str(pki.director), "state": str(self.folder / "state"),
            "repository": {"folder": str(repository.folder), "root": str(repository.root)},
            "refresh": "1s", "log": "debug"}
        self.configure()

    def configure(self, **more):
        self.settings.update(more)
        self.config.write_text(yaml.safe_dump(self.settings))

    def start(self):
        self._child = Child("wavegate-signer", [programs.program("wavegate-signer"), "--config", self.config],
                            self.log, env=programs.environment(self.folder, **self.environment), cwd=self.folder)

    def alive(self):
        return bool(self._child) and self._child.alive()

    def kill(self):
        return self._child.kill()

    def stop(self):
        return self._child.stop() if self._child else None
