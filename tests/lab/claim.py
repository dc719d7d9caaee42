"""Claims over the network: wavegate-enrol with its HTTPS listener, and devices that were born without credentials."""

import http.client
import json
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.lab import programs
from tests.lab.agent import Agent
from tests.lab.process import Child, free_port, poll, tail

SERVICE = "wavegate-enrol"
ROUTE = "/v1/claim"
AGE = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"  # of the specification's examples


def new_key():
    return ed25519.Ed25519PrivateKey.generate()


def csr(key, name):
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, digest)
    return made.public_bytes(serialization.Encoding.PEM).decode()


class Office:
    """wavegate-enrol over a broker and a folder of authorities, listening for claims."""

    def __init__(self, folder, pki, broker_url, **claim):
        self.folder, self.pki = Path(folder), pki
        self.log = self.folder / "enrol.log"
        self.config = self.folder / "enrol.json"
        self.port = free_port()
        self.records = self.folder / "claimed.ndjson"
        if not pki.certificate(SERVICE).exists():
            pki.run("issue", "service", SERVICE, "--pki", pki.folder, "--out", pki.certs)
        self.settings = {"brokers": [broker_url], "ca": str(pki.server_root),
                         "certificate": str(pki.certificate(SERVICE)), "key": str(pki.key(SERVICE)),
                         "pki": str(pki.folder),
                         "claim": {"listen": f"127.0.0.1:{self.port}", "certificate": str(pki.certificate("localhost")),
                                   "key": str(pki.key("localhost")), "records": "claimed.ndjson", **claim}}
        self.child = None

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def start(self):
        self.config.write_text(json.dumps(self.settings))
        before = self._said()
        self.child = Child("wavegate-enrol", [programs.program("wavegate-enrol"), "--config", self.config], self.log,
                           env=programs.environment(self.folder), cwd=self.folder)
        assert poll(lambda: self._said() > before or not self.child.alive(), 10) and self.child.alive(), tail(self.log)

    def _said(self):
        return self.log.read_text().count("claims are listened for") if self.log.exists() else 0

    def token(self, device, *more):
        made = self.pki.run("token", device, "--pki", self.pki.folder, "--json", *more)
        return json.loads(made)["token"]

    def context(self, ca=None):
        return ssl.create_default_context(cafile=str(ca or self.pki.server_root))

    def connect(self, source="127.0.0.1", timeout=30):
        made = http.client.HTTPSConnection("localhost", self.port, timeout=timeout * programs.SLOWER,
                                           source_address=(source, 0), context=self.context())
        made.connect()
        return made

    def post(self, body, source="127.0.0.1", **headers):
        """Status, headers and JSON of the answer."""
        data = body if isinstance(body, (bytes, str)) else json.dumps(body)
        connection = self.connect(source)
        try:
            connection.request("POST", ROUTE, data, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read())
        finally:
            connection.close()

    @staticmethod
    def claim(device, token, key, **changed):
        return {"v": 1, "device": device, "token": token, "csr": csr(key, device), "age_key": AGE,
                "hardware": {"model": "ecu", "revision": "C"}, **changed}

    def enrolled(self):
        """What the records say, signatures aside."""
        if not self.records.exists():
            return []
        return [json.loads(line)["signed"] for line in self.records.read_text().splitlines()]

    def listed(self, device):
        rows = json.loads(self.pki.run("list", "--pki", self.pki.folder, "--json"))
        return [row for row in rows if row["name"] == device]

    def close(self):
        code = self.child.stop() if self.child and self.child.alive() else 0
        found = [path.read_text() for path in programs.sanitizer_logs(self.folder)]
        assert not found, found
        return code


class Newborn(Agent):
    """A device with an agent, a token, and nothing else."""

    def __init__(self, device, folder, pki, broker_url, token=None):
        super().__init__(device, folder, pki, broker_url)
        self.token = self.folder / "token"
        self.certificate, self.key, self.age = (self.folder / name for name in ("id/device.crt", "id/device.key", "id/age.txt"))
        self.settings.update({"id": device.id, "certificate": "id/device.crt", "key": "id/device.key",
                              "age_key": "id/age.txt"})
        self.write_config()
        if token:
            self.give(token)

    def give(self, token):
        self.token.write_text(token + "\n")
        self.token.chmod(0o600)

    def claiming(self, url, *more):
        return self._argv("--claim", self.token, "--claim-url", url, *more)

    def claim(self, url, *more, timeout=60):
        """Runs it to its end: returncode, stdout, stderr."""
        return programs.run(self.claiming(url, *more), env=self._environment(), timeout=timeout)
