"""A private Mosquitto: mutual TLS only; a certificate's name is its user, kept to its branch."""

import os
import shutil
import signal
from pathlib import Path

from tests.lab.pki import SERVER, SERVICE
from tests.lab.process import Child, LabError, answers, free_port, poll, tail

PROGRAM = "/usr/sbin/mosquitto"

ACL = f"""user {SERVICE}
topic readwrite wg/v1/#

pattern write wg/v1/d/%u/up/#
pattern read wg/v1/d/%u/down/#
"""

CONFIG = """per_listener_settings false
listener {port} 127.0.0.1
allow_anonymous false
require_certificate true
use_identity_as_username true
cafile {folder}/trust.pem
crlfile {folder}/crl.pem
certfile {folder}/server.crt
keyfile {folder}/server.key
acl_file {folder}/acl
max_inflight_messages 0
max_queued_messages 100000
persistence false
log_dest stderr
log_type error
log_type warning
log_type notice
log_type information
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""


class Broker:
    def __init__(self, folder, pki):
        self.folder = Path(folder) / "broker"
        self.log = self.folder / "mosquitto.log"
        self.port = free_port()
        self._pki = pki
        self._user = "mosquitto" if os.geteuid() == 0 else None
        self._child = None
        self.folder.mkdir()
        self._take_trust()
        self._take(pki.certificate(SERVER), "server.crt")
        self._take(pki.key(SERVER), "server.key")
        (self.folder / "acl").write_text(ACL)
        (self.folder / "acl").chmod(0o600)
        self._own(self.folder / "acl")
        (self.folder / "mosquitto.conf").write_text(
            CONFIG.format(port=self.port, folder=self.folder))
        self._own(self.folder)
        self.start()

    @property
    def url(self):
        return f"ssl://localhost:{self.port}"

    def _own(self, path):
        if self._user:
            shutil.chown(path, self._user, self._user)

    def _take(self, source, name):
        target = self.folder / name
        shutil.copyfile(source, target)
        target.chmod(0o600)
        self._own(target)

    def _take_trust(self):
        self._take(self._pki.folder / "broker/trust.pem", "trust.pem")
        self._take(self._pki.folder / "broker/crl.pem", "crl.pem")

    def start(self):
        # Started as its own user: giving up root by itself would undo the tie to us.
        self._child = Child("mosquitto", [PROGRAM, "-c", self.folder / "mosquitto.conf"], self.log,
                            user=self._user, cwd=self.folder)
        poll(lambda: answers(self.port) or not self._child.alive(), 10)
        if not self._child.alive() or not answers(self.port):
            raise LabError(f"mosquitto did not start:\n{tail(self.log)}")

    def reload(self):
        """Takes the newest revocation list."""
        self._take_trust()
        self._child.signal(signal.SIGHUP)

    def kill(self):
        self._child.kill()

    def stop(self):
        if self._child:
            self._child.stop()
