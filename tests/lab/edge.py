"""The edge of a CDN with deploy/cdn/edge.mjs, a cache, and an origin behind it that knows of no URLs."""

import json
import os
import shutil

from tests.lab import nginx, programs
from tests.lab.files import Files
from tests.lab.process import Child, LabError, answers, free_port, poll, tail

WORKER = programs.ROOT / "deploy/cdn/edge.mjs"
HOST = programs.ROOT / "tests/lab/edge_host.mjs"

ORIGIN = nginx.HTTP + """    log_format origin escape=json '{{"path":"$request_uri","status":$status,"range":"$http_range"}}';
    access_log {folder}/access.log origin;
    default_type application/octet-stream;
    server {{
        listen 127.0.0.1:{port};
        location /store/ {{ alias {artifacts}/; }}
    }}
}}
"""


class Edge(Files):
    """Looks like the servers of tests/lab/files.py to whoever asks it."""

    def __init__(self, folder, pki):
        super().__init__(folder, pki)
        self._user = "www-data" if os.geteuid() == 0 else None
        self._origin = None
        self._origin_port = free_port()
        self._requests = self.folder / "edge.log"
        (self.folder / "tmp").mkdir()
        (self.folder / "nginx.conf").write_text(ORIGIN.format(folder=self.folder, port=self._origin_port, artifacts=self.artifacts))
        if self._user:
            for path in (self.folder, self.folder / "tmp"):
                shutil.chown(path, self._user, self._user)
        self.start()

    def start(self):
        self.start_origin()
        settings = self.folder / "edge.json"
        settings.write_text(json.dumps({
            "port": self.port, "certificate": str(self.folder / "server.crt"), "key": str(self.folder / "server.key"),
            "worker": str(WORKER), "log": str(self._requests),
            "env": {"URL_KEYS": self.keys.read_text(), "ORIGIN": f"http://127.0.0.1:{self._origin_port}/store"}}))
        self._child = Child("edge", ["node", HOST, settings], self.log, env=programs.environment(self.folder))
        poll(lambda: answers(self.port) or not self._child.alive(), 10)
        if not answers(self.port):
            raise LabError(f"the edge did not start:\n{tail(self.log)}")

    def start_origin(self):
        self._origin = nginx.start(self.folder, self._origin_port, self._user)

    def stop_origin(self):
        self._origin.stop()

    def served(self):
        """What devices were answered: path, status, range, sent."""
        lines = self._requests.read_text().splitlines() if self._requests.exists() else []
        return [json.loads(line) for line in lines]

    def fetched(self):
        """What the origin was asked for, as it says itself: path, status, range."""
        return nginx.requests(self.folder)

    def stop(self):
        self._child.stop()
        self._origin.stop()
