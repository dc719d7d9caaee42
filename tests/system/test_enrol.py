"""Renewal of certificates over MQTT: wavegate-enrol between a real broker and devices in a test's hand."""

import base64
import hashlib
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tests.lab import fleet, payload, programs
from tests.lab.agent import Agent
from tests.lab.broker import Broker
from tests.lab.mqtt import Client, Refused
from tests.lab.pki import apart
from tests.lab.process import Child, poll, tail

pytestmark = pytest.mark.mosquitto("wavegate-enrol writes the revocation list of a Mosquitto of the test's own")
SERVICE = "wavegate-enrol"
PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER


def schema(name):
    return jsonschema.Draft7Validator(
        json.loads((programs.ROOT / f"schemas/message-{name}.schema.json").read_text()))


def b64(data):
    return base64.b64encode(data).decode()


def new_key(kind="ed25519"):
    return ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else ec.generate_private_key(ec.SECP256R1())


def sign(key, text):
    data = text.encode()
    return b64(key.sign(data) if isinstance(key, ed25519.Ed25519PrivateKey) else key.sign(data, ec.ECDSA(hashes.SHA256())))


class Device:
    """What a device keeps, and how it speaks."""

    def __init__(self, station, name):
        self.station, self.name = station, name
        self.certificate = station.pki.certificate(name)
        self.key = serialization.load_pem_private_key(station.pki.key(name).read_bytes(), None)
        self.client = None

    def connect(self, certificate=None):
        if self.client:
            self.client.close()
        self.client = Client(self.station.broker, certificate or self.certificate, self.station.pki.server_root,
                             self.name)
        self.client.subscribe(f"wg/v1/d/{self.name}/down/cert")
        return self

    def der(self):
        return x509.load_pem_x509_certificate(Path(self.certificate).read_bytes()).public_bytes(DER)

    def csr(self, key, name=None):
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name or self.name)])
        digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, digest).public_bytes(DER)

    def renewal(self, csr, **changes):
        text = f"wavegate-renew-1\n{self.name}\n{hashlib.sha256(csr).hexdigest()}\n"
        return {"v": 1, "kind": "renew", "csr": b64(csr), "certificate": b64(self.der()),
                "proof": sign(self.key, text), **changes}

    def used(self, serial, key):
        return {"v": 1, "kind": "used", "serial": serial,
                "proof": sign(key, f"wavegate-used-1\n{self.name}\n{serial}\n")}

    def say(self, message):
        if isinstance(message, dict):
            schema("csr").validate(message)
        self.client.publish(f"wg/v1/d/{self.name}/up/csr", message)

    def answers(self):
        return [json.loads(payload) for payload in self.client.on(f"wg/v1/d/{self.name}/down/cert")]

    def ask(self, message):
        before = len(self.answers())
        self.say(message)
        assert poll(lambda: len(self.answers()) > before, 10), tail(self.station.log)
        answer = self.answers()[-1]
        schema("cert").validate(answer)
        return answer

    def take(self, answer, key):
        """Writes the pair as a device would; returns the certificate's path and serial."""
        path = self.station.folder / f"{self.name}-{len(list(self.station.folder.iterdir()))}.crt"
        path.write_text(answer["chain"])
        path.with_suffix(".key").write_bytes(
            key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return path, f"{x509.load_pem_x509_certificate(path.read_bytes()).serial_number:032x}"


class Station:
    """Broker, authorities and the service."""

    def __init__(self, folder, pki, guarded, settings):
        self.folder, self.pki = folder, pki
        self.log = folder / "enrol.log"
        self.broker = Broker(folder, pki, guarded=guarded)
        (folder / "pid").write_text(str(self.broker.pid))
        self.settings = {"brokers": [self.broker.url], "ca": str(pki.server_root),
                         "certificate": str(pki.certificate(SERVICE)), "key": str(pki.key(SERVICE)),
                         "pki": str(pki.folder), "crl_file": str(self.broker.folder / "crl.pem"),
                         "broker_pid": str(folder / "pid"), "control": guarded, **settings}
        self.child = None
        self.start()

    def start(self):
        (self.folder / "enrol.json").write_text(json.dumps(self.settings))
        lines = self.log.read_text().count("broker connected") if self.log.exists() else 0
        self.child = Child("wavegate-enrol", [programs.program("wavegate-enrol"), "--config", self.folder / "enrol.json"],
                           self.log, env=programs.environment(self.folder))
        assert poll(lambda: self.log.read_text().count("broker connected") > lines, 10), tail(self.log)

    def device(self, name):
        self.pki.issue_devices([name])
        return Device(self, name)

    def listed(self):
        return json.loads(self.pki.run("list", "--pki", self.pki.folder, "--json"))

    def live(self, name):
        return {row["serial"] for row in self.listed() if row["name"] == name and not row["revoked"]}

    def close(self):
        code = self.child.stop() if self.child.alive() else 0
        self.broker.stop()
        found = [path.read_text() for path in programs.sanitizer_logs(self.folder)]
        assert not found, found
        return code


@pytest.fixture(scope="module", name="pki")
def pki_():
    with apart() as made:
        made.run("issue", "service", SERVICE, "--pki", made.folder, "--out", made.certs)
        yield made


@pytest.fixture(name="station_of")
def station_of_(pki):
    made = []

    def station(*, guarded=True, **settings):
        folder = Path(tempfile.mkdtemp(dir=pki.logs))
        folder.chmod(0o755)
        made.append(Station(folder, pki, guarded, settings))
        return made[-1]
    yield station
    assert [one.close() for one in made] == [0] * len(made)


def refused(device, certificate):
    try:
        Client(device.station.broker, certificate, device.station.pki.server_root, device.name).close()
        return False
    except Refused:
        return True


@pytest.mark.parametrize("guarded", [True, False])
def test_a_renewal_from_end_to_end(station_of, guarded):
    station = station_of(guarded=guarded)
    device = station.device("dev-a" if guarded else "dev-b").connect()
    old, key = device.certificate, new_key()
    first = device.ask(device.renewal(device.csr(key)))
    assert first["kind"] == "issued", first
    again = device.ask(device.renewal(device.csr(key)))
    assert again == first
    certificate, serial = device.take(first, key)
    assert programs.run(["openssl", "verify", "-x509_strict", "-CAfile", station.pki.folder / "device/root.crt",
                         "-untrusted", station.pki.folder / "device/issuing.crt", certificate]).returncode == 0
    assert len(station.live(device.name)) == 2
    device.connect()  # the old one still holds: the new one may never have come
    assert device.ask(device.renewal(device.csr(key))) == first
    device.connect(certificate)
    assert device.ask(device.used(serial, key)) == {"v": 1, "kind": "settled", "serial": serial}
    assert device.ask(device.used(serial, key))["kind"] == "settled"
    assert station.live(device.name) == {serial}
    assert poll(lambda: refused(device, old), 5), "the old certificate still opens the door"
    device.certificate, device.key = certificate, key
    device.connect()
    second = new_key("p256")
    answer = device.ask(device.renewal(device.csr(second)))
    certificate, serial = device.take(answer, second)
    device.connect(certificate)
    assert device.ask(device.used(serial, second))["kind"] == "settled"


def test_what_does_not_hold_gets_nothing(station_of):
    station = station_of(renewals=1)
    device, other = station.device("dev-c").connect(), station.device("dev-d")
    csr = device.csr(new_key())
    right = device.renewal(csr)
    foreign = station.pki.foreign_device("dev-c")
    stranger = x509.load_pem_x509_certificate(foreign.read_bytes()).public_bytes(DER)
    fresh = new_key()
    broken = bytearray(csr)
    broken[-1] ^= 1
    for cause, message in (
            ("broken", device.renewal(device.csr(fresh, "dev-d"))),
            ("broken", device.renewal(bytes(broken))),
            ("broken", {**right, "proof": sign(fresh, "wavegate-renew-1\ndev-c\n" + hashlib.sha256(csr).hexdigest())}),
            ("broken", device.renewal(device.csr(device.key))),
            ("broken", {**right, "csr": b64(b"\x30\x03\x02\x01\x00")}),
            ("foreign", {**right, "certificate": b64(other.der())}),
            ("foreign", {**right, "certificate": b64(stranger)}),
            ("foreign", {**right, "certificate": b64(b"\x30\x00")})):
        answer = device.ask(message)
        assert (answer["kind"], answer.get("cause")) == ("refused", cause), (answer, message)
    assert len(station.live("dev-c")) == 1 and len(station.live("dev-d")) == 1
    # what cannot be read is not answered, and the service lives on
    for message in (b"", b"{", b"[" * 9000, b"\xff" * 900, "{}", '{"v":1,"kind":"used","serial":"00","proof":"AAAA"}'):
        device.say(message)
    assert device.ask(right)["kind"] == "issued"
    rate = device.ask(device.renewal(device.csr(new_key())))
    assert (rate["cause"], len(station.live("dev-c"))) == ("rate", 2)
    assert 86_000 < rate["retry"] <= 86_400
    assert device.ask(right)["kind"] == "issued"  # what is there is given again all the same


def test_it_needs_no_other_key(station_of, pki):
    """What is on its machine when it is broken into: the device issuing authority's key, and no more."""
    copy = Path(tempfile.mkdtemp(dir=pki.logs)) / "pki"
    pki.issue_devices(["dev-j"])
    shutil.copytree(pki.folder, copy)
    shutil.rmtree(copy / "operator")
    for key in {*copy.glob("*/root.key"), *copy.glob("server/*.key"), copy / "device/enrolment.key"}:
        key.unlink()
    station = station_of(pki=str(copy))
    device, key = Device(station, "dev-j").connect(), new_key()
    answer = device.ask(device.renewal(device.csr(key)))
    certificate, serial = device.take(answer, key)
    assert device.connect(certificate).ask(device.used(serial, key))["kind"] == "settled"
    assert poll(lambda: refused(device, device.certificate), 5)


def test_a_revoked_device_renews_nothing(station_of):
    station = station_of(guarded=False)
    device = station.device("dev-e").connect()
    station.pki.revoke("dev-e")  # its session stands: the plain broker does not cut it
    answer = device.ask(device.renewal(device.csr(new_key())))
    assert answer["cause"] == "foreign" and not station.live("dev-e")


def test_a_lost_key_and_a_killed_service(station_of):
    station = station_of()
    device = station.device("dev-f").connect()
    lost, key = new_key(), new_key()
    first = device.ask(device.renewal(device.csr(lost)))
    second = device.ask(device.renewal(device.csr(key)))
    gone, serial = device.take(first, lost)[1], device.take(second, key)[1]
    assert gone not in station.live("dev-f") and serial in station.live("dev-f")
    # nobody but the holder of the newest key ends the old certificate
    device.say(device.used(gone, lost))
    device.say(device.used(serial, lost))
    station.child.kill()
    (station.broker.folder / "crl.pem").write_bytes((station.pki.folder / "server/crl.pem").read_bytes())
    station.start()  # a list that was not written before the end is written now
    assert poll(lambda: (station.broker.folder / "crl.pem").read_text().count("BEGIN") == 2, 5)
    assert device.ask(device.renewal(device.csr(key))) == second
    assert len(station.live("dev-f")) == 2


def test_a_flood_of_requests_is_not_looked_at(station_of):
    station = station_of(guarded=False)
    device = station.device("dev-g").connect()
    message = device.renewal(device.csr(new_key()))
    for _ in range(40):
        device.say(message)
    other = station.device("dev-h").connect()
    assert other.ask(other.renewal(other.csr(new_key())))["kind"] == "issued"
    assert poll(lambda: len(device.answers()) >= 20, 10) and len(device.answers()) == 20
    assert len(station.live("dev-g")) == 2


@pytest.mark.parametrize("change", [{"brokers": []}, {"brokers": ["tcp://x:1"]}, {"pki": "/nowhere"}, {"window": "x"},
                                    {"days": 0}, {"what": 1}, {"log": "loud"}, {"control": 1}, {"ca": ""}])
def test_a_wrong_configuration_is_told(tmp_path, pki, change):
    settings = {"brokers": ["ssl://localhost:1"], "ca": str(pki.server_root), "certificate": str(pki.certificate(SERVICE)),
                "key": str(pki.key(SERVICE)), "pki": str(pki.folder), **change}
    (tmp_path / "c.json").write_text(json.dumps(settings))
    done = programs.run([programs.program("wavegate-enrol"), "--config", tmp_path / "c.json"],
                        env=programs.environment(tmp_path), timeout=10)
    assert done.returncode in (2, 5), done
    assert re.match(r"(wavegate-enrol|\S+c\.json:\d+:\d+: error): ", done.stderr) and os.linesep not in done.stderr.strip()


def test_the_agent_connects_with_a_pair_in_one_file(station_of):
    """What agent/posix/renewal.c writes: chain, then key."""
    station = station_of()
    device = station.device("dev-i").connect()
    key = new_key()
    certificate, _ = device.take(device.ask(device.renewal(device.csr(key))), key)
    device.client.close()
    pair = station.folder / "identity.pem"
    pair.write_bytes(certificate.read_bytes() + certificate.with_suffix(".key").read_bytes())
    pair.chmod(0o600)
    agent = Agent(fleet.Device("dev-i", "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich"), station.folder, station.pki, station.broker.url)
    agent.settings.update({"certificate": str(pair), "key": str(pair)})
    agent.provision(payload.make(station.folder, agent.device.component, agent.device.version))
    agent.start()
    try:
        assert poll(lambda: "msg=connected" in agent.log.read_text(), 10), tail(agent.log)
    finally:
        agent.stop()


def test_an_agent_renews_by_itself(station_of):
    """Its certificate was made seventeen hours ago for a day: two thirds are over."""
    station = station_of()
    name = "dev-renews"
    made = programs.run(["faketime", "-f", "-17h", programs.program("wavegate-pki"), "issue", "device", name, "--days", "1",
                         "--pki", station.pki.folder, "--out", station.pki.certs],
                        env=programs.environment(station.folder, ASAN_OPTIONS="verify_asan_link_order=0"))
    assert made.returncode == 0, made.stderr
    first = station.live(name)
    agent = Agent(fleet.Device(name, "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich"), station.folder, station.pki,
                  station.broker.url)
    agent.provision(payload.make(station.folder, agent.device.component, agent.device.version))
    agent.start()
    try:
        assert poll(lambda: station.live(name) and not station.live(name) & first, 20), tail(agent.log)
        assert poll((agent.state / "identity.pem").exists, 10), tail(agent.log)
        connects = agent.log.read_text().count("msg=connected")
        assert connects == 2  # with the old pair, and with the new one
        agent.kill()
        second = agent.state / "identity.pem.1"
        second.unlink(missing_ok=True)  # as when the power goes before it is written
        agent.start()  # the pair of the factory is revoked: only the new one opens the door
        assert poll(lambda: agent.log.read_text().count("msg=connected") > connects, 10), tail(agent.log)
        assert second.read_text() == (agent.state / "identity.pem").read_text()
        agent.kill()
        pair = agent.state / "identity.pem"
        whole = pair.read_text()
        pair.write_text(whole.replace("A", "B"))
        agent.start()  # it is kept twice
        assert poll(lambda: agent.log.read_text().count("msg=connected") > connects + 1, 10), tail(agent.log)
        assert pair.read_text() == whole
        agent.kill()
        for copy in (pair, second):
            copy.write_text(whole[:99])
        agent.start()  # it does not end for that
        assert poll(lambda: "the renewed certificate is lost" in agent.log.read_text(), 10), tail(agent.log)
        assert agent.alive()
    finally:
        agent.stop()
