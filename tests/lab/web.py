"""A private nginx that serves the artifacts to devices with a certificate, in ranges."""

import os
import shutil
import signal
from pathlib import Path

from tests.lab import nginx
from tests.lab.pki import SERVER
from tests.lab.process import LabError, free_port, poll, tail

CONFIG = nginx.HTTP + """    log_format story escape=json '{{"device":"$ssl_client_s_dn","path":"$uri","status":$status,'
                                 '"range":"$http_range","sent":$body_bytes_sent}}';
    access_log {folder}/access.log story;
    default_type application/octet-stream;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/server.crt;
        ssl_certificate_key {folder}/server.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_client_certificate {folder}/device-chain.pem;
        ssl_verify_client on;
        ssl_verify_depth 3;
        {rate}
        location /artifacts/ {{ alias {artifacts}/; }}
        location /repositories/ {{ alias {repositories}/; }}
    }}
}}
"""


class Web:
    def __init__(self, folder, pki):
        self.folder = Path(folder) / "web"
        self.artifacts = Path(folder) / "artifacts"
        self.log = self.folder / "nginx.log"
        self.port = free_port()
        self._user = "www-data" if os.geteuid() == 0 else None
        self._child = None
        for path in (self.folder, self.folder / "tmp"):
            path.mkdir()
            self._own(path)
        self.artifacts.mkdir(exist_ok=True)
        self.repositories = Path(folder) / "repositories"
        self.repositories.mkdir(exist_ok=True)
        for source, name in ((pki.certificate(SERVER), "server.crt"),
                             (pki.key(SERVER), "server.key"),
                             (pki.folder / "device/chain.pem", "device-chain.pem")):
            shutil.copyfile(source, self.folder / name)
            (self.folder / name).chmod(0o600)
            self._own(self.folder / name)
        self._configure("")
        self.start()

    @property
    def url(self):
        return f"https://localhost:{self.port}/artifacts"

    def repository_url(self, name):
        return f"https://localhost:{self.port}/repositories/{name}"

    def _own(self, path):
        if self._user:
            shutil.chown(path, self._user, self._user)

    def _configure(self, rate):
        (self.folder / "nginx.conf").write_text(
            CONFIG.format(folder=self.folder, port=self.port, artifacts=self.artifacts,
                          repositories=self.repositories, rate=rate))

    def start(self):
        self._child = nginx.start(self.folder, self.port, self._user)

    def limit_rate(self, bytes_a_second, after=0):
        """Slows every answer from now on to this many bytes a second, each behind its first so many; 0 lifts the limit."""
        self._configure(f"limit_rate_after {after}; limit_rate {bytes_a_second};" if bytes_a_second else "")
        before = self._retired()
        self._child.signal(signal.SIGHUP)
        if not poll(lambda: self._retired() > before, 10):
            raise LabError(f"nginx did not reload:\n{tail(self.folder / 'error.log')}")

    def _retired(self):
        """How many workers have stopped to take connections: the last sign of a reload."""
        return (self.folder / "error.log").read_text().count("gracefully shutting down")

    def requests(self):
        """The access log: device, path, status, range, sent."""
        return nginx.requests(self.folder)

    def stop(self):
        if self._child:
            self._child.stop()
