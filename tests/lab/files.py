"""wavegate-files: as a server of its own, and behind an nginx with the set-up of deploy/nginx."""

import hashlib
import hmac
import http.client
import os
import shutil
import signal
import socket
import ssl
import time
from pathlib import Path

from tests.lab import nginx, programs
from tests.lab.pki import SERVER
from tests.lab.process import Child, LabError, answers, free_port, poll, tail

SETUP = programs.ROOT / "deploy/nginx/wavegate-files.conf"

MAIN = nginx.HTTP + """    include {folder}/wavegate-files.conf;
    {more}
}}
"""

# The same bytes without any question, to measure against.
PLAIN = """server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/server.crt;
        ssl_certificate_key {folder}/server.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_client_certificate {folder}/device-chain.pem;
        ssl_verify_client on;
        ssl_verify_depth 3;
        sendfile on;
        access_log off;
        root {root};
    }}"""


class Files:
    """What both have in common: artifacts, keys, a ledger, certificates, how a URL is made."""

    def __init__(self, folder, pki, user=None):
        self.folder, self.pki, self._user = Path(folder), pki, user
        self.artifacts = self.folder / "wavegate/artifacts"
        self.artifacts.mkdir(parents=True)
        self.keys = self.folder / "url-keys"
        self.ledger = self.folder / "ledger"
        self.log = self.folder / "program.log"
        self.port = free_port()
        self._child = None
        for name in ("server.crt", "server.key"):
            shutil.copy(pki.certs / name.replace("server", SERVER), self.folder / name)  # with its mode
        shutil.copyfile(pki.folder / "device/chain.pem", self.folder / "device-chain.pem")
        self.copy_crl()
        self.add_key("first")

    def copy_crl(self):
        shutil.copyfile(self.pki.folder / "device/crl.pem", self.folder / "device-crl.pem")

    def add_key(self, name):
        done = self.run("--keys", self.keys, "--add-key", name)
        if done.returncode != 0:
            raise LabError(done.stderr)
        if self._user:
            shutil.chown(self.keys, self._user, self._user)

    def run(self, *arguments):
        return programs.run([programs.program("wavegate-files"), *arguments],
                            env=programs.environment(self.folder))

    def key(self, name):
        return next(bytes.fromhex(words[1]) for words in
                    (line.split() for line in self.keys.read_text().splitlines())
                    if words and words[0] == name)

    def put(self, content):
        """Stores an artifact; its name."""
        name = hashlib.sha256(content).hexdigest()
        (self.artifacts / name).write_bytes(content)
        return name

    def target(self, artifact, device, size, seconds=600, key="first", prefix="/artifacts"):
        """Path and query of a signed URL, made without any code of ours."""
        ends = int(time.time()) + seconds
        path = f"{prefix}/{artifact}"
        text = f"wavegate artifact url v1\n{path}\n{device}\n{ends}\n{size}\n{key}\n"
        mac = hmac.new(self.key(key), text.encode(), hashlib.sha256).hexdigest()
        return f"{path}?d={device}&e={ends}&b={size}&k={key}&m={mac}"

    def _start(self, *arguments, ready):
        self._child = Child("wavegate-files", [
            programs.program("wavegate-files"), "--folder", self.artifacts, "--keys", self.keys,
            "--ledger", self.ledger, *arguments], self.log,
            env=programs.environment(self.folder), user=self._user)
        poll(lambda: ready() or not self._child.alive(), 10)
        if not ready():
            raise LabError(f"wavegate-files did not start:\n{tail(self.log)}")

    def kill(self):
        self._child.kill()

    def terminate(self):
        """Asks it to end and waits; the exit code."""
        return self._child.stop()

    def reload(self):
        """Has keys, authorities and revocations read again, and waits until they are."""
        before = self.log.read_text().count('msg="read again"')
        self._child.signal(signal.SIGHUP)
        if not poll(lambda: self.log.read_text().count('msg="read again"') > before, 5):
            raise LabError(f"not read again:\n{tail(self.log)}")

    def context(self, device=None, foreign=None):
        made = ssl.create_default_context(cafile=str(self.pki.server_root))
        if device or foreign:
            certificate = foreign or self.pki.certificate(device)
            made.load_cert_chain(certificate, str(certificate)[:-4] + ".key")
        return made

    def connect(self, device=None, timeout=20 * programs.SLOWER, buffer=None, foreign=None, port=None):
        """A TLS connection; raw, for requests that no library would send."""
        raw = socket.socket()
        if buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        raw.settimeout(timeout)
        raw.connect(("127.0.0.1", port or self.port))
        return self.context(device, foreign).wrap_socket(raw, server_hostname="localhost")

    def session(self, device=None):
        """A connection for several requests."""
        return http.client.HTTPSConnection("localhost", self.port, timeout=20 * programs.SLOWER,
                                           context=self.context(device))

    def ask(self, target, device=None, method="GET", foreign=None, **headers):
        """One request on a connection of its own: the status, the headers, the body."""
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=20 * programs.SLOWER,
                                                 context=self.context(device, foreign))
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def used(self):
        """All bytes that the ledger has counted: the last line of each URL."""
        last = {}
        for line in self.ledger.read_text().splitlines():
            words = line.split()
            if len(words) == 3:
                last[words[0]] = int(words[2])
        return sum(last.values())

    def sanitizer_report(self):
        return "\n".join(path.read_text(errors="replace")
                         for path in programs.sanitizer_logs(self.folder))


class Alone(Files):
    """HTTPS by wavegate-files."""

    def __init__(self, folder, pki, *more, bearer=False):
        super().__init__(folder, pki)
        self._more = [*more, *(["--bearer"] if bearer else
                               ["--client-ca", self.folder / "device-chain.pem",
                                "--client-crl", self.folder / "device-crl.pem"])]
        self.start()

    def start(self):
        self._start("--listen", f"127.0.0.1:{self.port}", "--certificate",
                    self.folder / "server.crt", "--key", self.folder / "server.key", *self._more,
                    ready=lambda: answers(self.port))

    def stop(self):
        self._child.stop()


class Fronted(Files):
    """nginx sends the bytes and asks wavegate-files --verify-only. plain_port: without asking."""

    def __init__(self, folder, pki):
        user = "www-data" if os.geteuid() == 0 else None
        super().__init__(folder, pki, user)
        self.plain_port = free_port()
        self._nginx = None
        (self.folder / "tmp").mkdir()
        setup = SETUP.read_text()
        for old, new in (("/etc/wavegate/tls/", f"{self.folder}/"),
                         ("/run/wavegate-files/", f"{self.folder}/"),
                         ("/var/log/nginx/", f"{self.folder}/"),
                         ("/var/lib/wavegate;", f"{self.folder}/wavegate;"),
                         ("listen 8443", f"listen 127.0.0.1:{self.port}")):
            if old not in setup:
                raise LabError(f"{SETUP}: there is no {old}")
            setup = setup.replace(old, new)
        (self.folder / "wavegate-files.conf").write_text(setup)
        plain = PLAIN.format(port=self.plain_port, folder=self.folder,
                             root=self.folder / "wavegate")
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, more=plain))
        if user:
            for path in [self.folder, *self.folder.rglob("*")]:
                shutil.chown(path, user, user)
        self.start()
        self._nginx = nginx.start(self.folder, self.port, user)

    def _ready(self):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.folder / "verify.sock")) == 0

    def start(self):
        self._start("--verify-only", "--socket", self.folder / "verify.sock", "--settle",
                    self.folder / "settle.sock", "--client-ca", self.folder / "device-chain.pem",
                    "--client-crl", self.folder / "device-crl.pem", ready=self._ready)

    def stop(self):
        self._nginx.stop()
        self._child.stop()
