"""A private Mosquitto: mutual TLS only; a certificate's name is its user, kept to its branch.

Guarded, by our plugin, as it should be run; or not, by a list of rules alone, as any broker would do.
"""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.lab import programs
from tests.lab.pki import SERVER, SERVICE
from tests.lab.process import Child, LabError, answers, free_port, poll, tail

PROGRAM = "/usr/sbin/mosquitto"

ACL = f"""user {SERVICE}
topic readwrite wg/v1/#

user wavegate-enrol
topic read wg/v1/d/+/up/csr
topic write wg/v1/d/+/down/cert

pattern write wg/v1/d/%u/up/#
pattern read wg/v1/d/%u/down/#
"""

CONFIG = """per_listener_settings false
listener {port} 127.0.0.1
allow_anonymous false
require_certificate true
tls_version tlsv1.2
cafile {folder}/trust.pem
certfile {folder}/server.crt
keyfile {folder}/server.key
{rules}
max_inflight_messages 0
max_inflight_bytes 4194304
max_queued_bytes 33554432
max_queued_messages 100000
persistence false
log_dest stderr
log_type error
log_type warning
log_type notice
log_type information
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""

PLAIN_RULES = """use_identity_as_username true
crlfile {folder}/crl.pem
acl_file {folder}/acl"""

PLUGIN = "wavegate_guard.so"
GUARD_RULES = """plugin {folder}/wavegate_guard.so
plugin_opt_device_authority {folder}/device.pem
plugin_opt_service_authority {folder}/service.pem
plugin_opt_crl {folder}/crl.pem
plugin_opt_orchestrators {service}
max_packet_size 262144"""


class Broker:
    """options: of the plugin, "device_drops": 10 and the like."""

    mqtt = "5"

    def __init__(self, folder, pki, guarded=True, options=None, start=True, port=None):
        self.folder = Path(folder) / "broker"
        self.log = self.folder / "mosquitto.log"
        self.port = port or free_port()
        self._pki = pki
        self._user = "mosquitto" if os.geteuid() == 0 else None
        self._child = None
        self.folder.mkdir()
        self.guarded = guarded
        self._environment = None
        self._take_trust()
        self.take_pair(pki.certificate(SERVER), pki.key(SERVER))
        self.configure(self._guard(options or {}) if guarded else self._plain())
        self._own(self.folder)
        if start:
            self.start()

    def _plain(self):
        (self.folder / "acl").write_text(ACL)
        (self.folder / "acl").chmod(0o600)
        self._own(self.folder / "acl")
        return PLAIN_RULES.format(folder=self.folder)

    def _guard(self, options):
        plugin = programs.program(PLUGIN)
        self._take(plugin, PLUGIN)
        self._take(self._pki.folder / "device/issuing.crt", "device.pem")
        self._take(self._pki.folder / "server/issuing.crt", "service.pem")
        if b"__asan_init" in plugin.read_bytes():
            # Mosquitto itself is not sanitized: the plugin finds the sanitizer all the same.
            runtime = subprocess.run(["gcc", "-print-file-name=libasan.so"], text=True, check=True,
                                     capture_output=True).stdout.strip()
            self._environment = programs.environment(self.folder, LD_PRELOAD=runtime)
            self._environment["ASAN_OPTIONS"] += ":detect_leaks=0:quarantine_size_mb=1"
        return "\n".join([GUARD_RULES.format(folder=self.folder, service=SERVICE)] +
                         [f"plugin_opt_{key} {value}" for key, value in options.items()])

    def configure(self, rules):
        (self.folder / "mosquitto.conf").write_text(
            CONFIG.format(port=self.port, folder=self.folder, rules=rules))

    @property
    def url(self):
        return f"ssl://localhost:{self.port}"

    def device_url(self, _device):
        return self.url

    def settings(self):
        """The orchestrator's list."""
        return [{"name": "main", "url": self.url}]

    def fleet_urls(self):
        """For simulated devices."""
        return [self.url]

    def doors(self, _certificate):
        """(host, port) of each session that whoever has this certificate needs, to hear and tell everybody."""
        return [("localhost", self.port)]

    @property
    def service_port(self):
        """Where a service may speak for any device."""
        return self.port

    def _own(self, path):
        if self._user:
            shutil.chown(path, self._user, self._user)

    def _take(self, source, name):
        """Copies, whole or not at all: the plugin looks at its files all the time."""
        target, new = self.folder / name, self.folder / f"{name}.new"
        shutil.copyfile(source, new)
        new.chmod(0o600)
        self._own(new)
        new.replace(target)

    def take_pair(self, certificate, key):
        """From its next start on."""
        self._take(certificate, "server.crt")
        self._take(key, "server.key")

    def _take_trust(self):
        self._take(self._pki.folder / "broker/trust.pem", "trust.pem")
        self._take(self._pki.folder / "broker/crl.pem", "crl.pem")

    def run(self):
        """Starts it, without waiting: also for a configuration that it will refuse."""
        # Started as its own user: giving up root by itself would undo the tie to us.
        self._child = Child("mosquitto", [PROGRAM, "-c", self.folder / "mosquitto.conf"], self.log,
                            env=self._environment, user=self._user, cwd=self.folder)
        return self._child

    def start(self):
        self.run()
        poll(lambda: answers(self.port) or not self._child.alive(), 10)
        if not self._child.alive() or not answers(self.port):
            raise LabError(f"mosquitto did not start:\n{tail(self.log)}")

    def alive(self):
        return bool(self._child) and self._child.alive()

    @property
    def pid(self):
        return self._child.pid

    def give_crl(self):
        """The newest revocation list, without a word: enough for the plugin."""
        self._take_trust()

    def reload(self):
        """Takes the newest revocation list, and reads its configuration again."""
        self._take_trust()
        self._child.signal(signal.SIGHUP)

    def kill(self):
        self._child.kill()

    def stop(self):
        if self._child:
            self._child.stop()

    def close(self):
        """It is not needed any more."""
        self.stop()
