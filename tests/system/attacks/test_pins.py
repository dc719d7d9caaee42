"""Whom a pinned device believes: rogue authorities below the right root, replaced authorities, and lists of pins that come
over the network from who need not be trusted."""

import base64
import datetime
import hashlib
import json
import os
import tempfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.lab import fleet, payload, programs
from tests.lab.agent import Agent
from tests.lab.mqtt import Client
from tests.lab.pki import SERVICE, Pki
from tests.lab.process import poll, tail
from tests.lab.repository import Repository
from tests.lab.web import Web
from tests.system.test_enrol import SERVICE as ENROL
from tests.system.test_enrol import Station

pytestmark = pytest.mark.mosquitto("the certificates of a Mosquitto of the test's own are changed within")
PEM = serialization.Encoding.PEM
RAW = serialization.PrivateFormat.PKCS8
OPEN = serialization.NoEncryption()
HOST = "localhost"


def load_key(path):
    return serialization.load_pem_private_key(Path(path).read_bytes(), None)


def pin_of(key):
    info = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(info).hexdigest()


def certificate(name, key, issuer, issuer_key, *, authority):
    """By the book (RFC 5280): what the root signs, wolfSSL and OpenSSL believe."""
    now = datetime.datetime.utcnow()
    key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    made = (x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Wavegate"),
                                     x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "server"),
                                     x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer.subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(authority, 0 if authority else None), True)
            .add_extension(x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), False))
    if not authority:
        names = [x509.DNSName(HOST)]
        made = (made.add_extension(x509.SubjectAlternativeName(names), False)
                .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False))
    return made.sign(issuer_key, None)


class Authority:
    """An issuing authority below the right root of servers: made by whoever has that root's key."""

    def __init__(self, pki, name, key):
        root = x509.load_pem_x509_certificate(pki.server_root.read_bytes())
        self.key, self.name = key, name
        self.certificate = certificate(name, key, root, load_key(pki.folder / "server/root.key"), authority=True)
        self.pem = self.certificate.public_bytes(PEM)

    def serve(self, folder, *along):
        """Writes a server's key, and its chain with whatever else it shows."""
        key = ed25519.Ed25519PrivateKey.generate()
        leaf = certificate(HOST, key, self.certificate, self.key, authority=False).public_bytes(PEM)
        put(folder / "server.crt", b"".join([leaf, self.pem, *along]))
        put(folder / "server.key", key.private_bytes(PEM, RAW, OPEN))


def put(path, data):
    """In place of a file of the same owner."""
    before, new = path.stat(), path.with_suffix(".next")
    new.write_bytes(data)
    new.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(new, before.st_uid, before.st_gid)
    new.replace(path)


class Ground:
    """Broker, enrolment service, the pins' own key, and a spare key for the server authority."""

    def __init__(self, folder):
        self.folder, self.pki = folder, Pki(folder)
        self.pki.run("issue", "service", ENROL, "--pki", self.pki.folder, "--out", self.pki.certs)
        for name in ("pins", "stranger", "spare", "second", "third"):
            self.pki.run("key", "make", folder / name)
        self.issuing = self.pki.folder / "server/issuing.crt"
        self.right = self.pair()
        self.rogue = Authority(self.pki, "server issuing", ed25519.Ed25519PrivateKey.generate())
        self.factory = self.sign(1, "server=" + str(self.issuing), "server-backup=" + self.public("spare"))
        (folder / "factory.json").write_text(self.factory)
        self.handed_on = folder / "handed-on.json"
        self.station = Station(folder, self.pki, True, {"pins": str(self.handed_on)})
        self.agents = []
        self.web = None

    def public(self, name):
        return str(self.folder / f"{name}.pub")

    def sign(self, number, *pins, key="pins"):
        return self.pki.run("pins", "--key", self.folder / key, "--number", str(number), *pins)

    def hand_on(self, text):
        new = self.handed_on.with_suffix(".new")
        new.write_text(text)
        new.replace(self.handed_on)

    def agent(self, name, *, pinned=True, issue=True, **settings):
        if issue:
            self.pki.issue_devices([name])
        agent = Agent(fleet.Device(name, "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich"), self.folder, self.pki,
                      self.station.broker.url)
        agent.settings.update(settings)
        if pinned:
            agent.settings.update({"pins": str(self.folder / "factory.json"), "pins_key": self.public("pins")})
        agent.provision(payload.make(self.folder, agent.device.component, agent.device.version))
        self.agents.append(agent)
        return agent

    def serve(self, authority, *along):
        """The broker starts again with that authority's chain."""
        self.station.broker.kill()
        authority.serve(self.station.broker.folder, *along)
        self.station.broker.start()

    def serve_own(self, pair):
        """The broker starts again with a certificate that wavegate-pki has issued."""
        self.station.broker.kill()
        for name, data in zip(("server.crt", "server.key"), pair):
            put(self.station.broker.folder / name, data)
        self.station.broker.start()

    def replace_authority(self):
        """What an operator does: the spare key comes from its safe, servers and services get new certificates."""
        where = ("--pki", self.pki.folder)
        self.pki.run("replace", "server", "--key", self.folder / "spare", *where)
        for kind, name, *more in (("server", HOST, "--host", "localhost,127.0.0.1"), ("service", ENROL)):
            self.pki.run("revoke", name, *where)
            self.pki.run("issue", kind, name, *more, *where, "--out", self.pki.certs)
        put(self.station.broker.folder / "service.pem", (self.pki.folder / "server/issuing.crt").read_bytes())
        self.station.broker.give_crl()
        self.serve_own(self.pair())

    def pair(self):
        return self.pki.certificate(HOST).read_bytes(), self.pki.key(HOST).read_bytes()

    def close(self):
        for agent in self.agents:
            agent.stop()
        if self.web:
            self.web.stop()
        assert self.station.close() == 0


@pytest.fixture(name="ground")
def ground_():
    with tempfile.TemporaryDirectory(prefix="wg-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        made = Ground(folder)
        yield made
        made.close()


def count(agent, text):
    return agent.log.read_text().count(text) if agent.log.exists() else 0


def connects(agent, before):
    assert poll(lambda: count(agent, "msg=connected") > before, 20), tail(agent.log)


def is_refused(agent, before, text="no pin fits"):
    assert poll(lambda: count(agent, text) > before, 20), tail(agent.log)


def number(agent):
    """Of the newest list that came over the network; 0: none."""
    try:
        return json.loads((agent.state / "pins.json").read_text())["signed"]["number"]
    except FileNotFoundError:
        return 0


def test_a_rogue_authority_below_the_right_root(ground):
    """It names the right host, and shows the right authority's certificate beside its own."""
    pinned, plain = ground.agent("dev-pinned"), ground.agent("dev-plain", pinned=False)
    for agent in (pinned, plain):
        agent.start()
        connects(agent, 0)
    for along in ((), (ground.issuing.read_bytes(),)):
        was, refusals = count(plain, "msg=connected"), count(pinned, "no pin fits")
        mine = count(pinned, "msg=connected")
        ground.serve(ground.rogue, *along)
        connects(plain, was)
        is_refused(pinned, refusals + 2)
        assert count(pinned, "msg=connected") == mine
    assert f"no pin fits: use server, list 1, found {pin_of(ground.rogue.key)}" in pinned.log.read_text()
    assert count(plain, "no pin fits") == 0
    ground.serve_own(ground.right)
    connects(pinned, mine)


def wavegate(*words, operator=None, expect=0):
    done = programs.run([programs.program("wavegate"), *map(str, words)], timeout=20)
    assert (operator, done.returncode) == (None, expect), done
    return done.stdout


def test_downloads_ask_the_pins_too(ground):
    """The repository's server: the same root, the right name, a rogue authority."""
    ground.web = web = Web(ground.folder, ground.pki)
    repository = Repository(web.repositories / "main", ground.folder / "repository-keys", web.repository_url("main"), ground.pki,
                            wavegate)
    settings = {"url": repository.url, "root": str(repository.root)}
    right = [(web.folder / name, (web.folder / name).read_bytes()) for name in ("server.crt", "server.key")]
    ground.rogue.serve(web.folder, ground.issuing.read_bytes())
    web.stop()
    web.start()
    pinned = ground.agent("dev-loads", repository=settings)
    plain = ground.agent("dev-plain", pinned=False, repository=settings)
    pinned.start()
    plain.start()
    found = f"connecting to localhost: no pin fits: use server, list 1, found {pin_of(ground.rogue.key)}"
    is_refused(pinned, 0, found)
    connects(plain, 0)
    assert poll(lambda: served(web, "dev-plain"), 10), tail(plain.log)
    assert not served(web, "dev-loads")
    pinned.stop()
    web.stop()
    for path, data in right:
        put(path, data)
    web.start()
    pinned.start()
    assert poll(lambda: served(web, "dev-loads"), 10), tail(pinned.log)


def served(web, name):
    """What the web server gave to that device."""
    lines = map(json.loads, (web.folder / "access.log").read_text().splitlines())
    return [line["path"] for line in lines if f"CN={name}," in f"{line['device']}," and line["status"] == 206]


def test_the_server_authority_is_replaced_by_its_backup(ground):
    agent, away, busy = ground.agent("dev-here"), ground.agent("dev-away"), ground.agent("dev-busy")
    for one in (agent, away, busy):
        one.start()
        connects(one, 0)
    away.stop()
    busy.kill()
    was = count(agent, "msg=connected")
    ground.replace_authority()  # its key was offline until today
    connects(agent, was)
    assert number(agent) == 0
    ground.hand_on(ground.sign(2, "server=" + ground.public("spare"), "server-backup=" + ground.public("second")))
    assert poll(lambda: number(agent) == 2, 30), tail(agent.log)
    for one in (away, busy):  # months later, they come in by the backup pin of their old list
        was = count(one, "msg=connected")
        one.start()
        connects(one, was)
        assert poll(lambda one=one: number(one) == 2, 20), tail(one.log)
    agent.kill()  # the power is cut: the list was kept before
    agent.start()
    refusals = [count(one, "no pin fits: use server, list 2") for one in (agent, away)]
    ground.serve_own(ground.right)  # whoever has the old authority's key
    for one, before in zip((agent, away), refusals):
        is_refused(one, before, "no pin fits: use server, list 2")
    was = [count(one, "msg=connected") for one in (agent, away)]
    ground.serve_own(ground.pair())
    for one, before in zip((agent, away), was):
        connects(one, before)


def test_lists_that_do_not_hold(ground):
    agent = ground.agent("dev-lists")
    agent.start()
    connects(agent, 0)
    old, mine, spare = ground.factory, "server=" + str(ground.issuing), "server-backup=" + ground.public("spare")
    ground.hand_on(ground.sign(3, mine, spare))
    assert poll(lambda: number(agent) == 3, 20), tail(agent.log)
    kept = (agent.state / "pins.json").read_bytes()
    forged = json.loads(ground.sign(9, mine, spare))
    forged["signed"]["pins"][1]["sha256"] = pin_of(ground.rogue.key)
    unsigned = {**forged, "signatures": []}
    locking = ground.sign(9, "server=" + ground.public("second"), "server-backup=" + ground.public("third"))
    wrong = [(old, "an old list"), (ground.sign(2, mine, spare), "an old list"), (kept.decode(), "an old list"),
             (ground.sign(9, mine, spare, key="stranger"), "sign"), (json.dumps(forged), "sign"),
             (json.dumps(unsigned), "sign"), ('{"signed": {"number": 9}}', ""), ("{}", ""), ("[]", ""), ("9", ""),
             (json.dumps({"signed": {"x": "y" * 20_000}}), ""), (locking, "list 9 would end this connection")]
    with Client(ground.station.broker, ground.pki.certificate(SERVICE), ground.pki.server_root, SERVICE) as thief:
        for text, says in wrong:
            before = agent.log.read_text().count("is not taken")
            thief.publish(f"wg/v1/d/{agent.id}/down/cert", f'{{"v":1,"kind":"pins","pins":{text}}}')
            assert poll(lambda before=before: agent.log.read_text().count("is not taken") > before, 10), text
            line = [line for line in agent.log.read_text().splitlines() if "is not taken" in line][-1]
            assert says in line, line
            assert (agent.state / "pins.json").read_bytes() == kept
    assert agent.alive() and count(agent, "msg=connected") == 1
    agent.stop()
    agent.start()
    connects(agent, 1)  # nothing of it was kept either
    ground.hand_on(ground.sign(4, mine, spare))
    assert poll(lambda: number(agent) == 4, 30), tail(agent.log)


def test_a_list_that_would_lock_out_waits_for_the_servers(ground):
    """The list is out before the brokers have moved: devices keep the old one until they have."""
    agent = ground.agent("dev-early")
    ground.hand_on(ground.sign(2, "server=" + ground.public("spare"), "server-backup=" + ground.public("second")))
    agent.start()
    connects(agent, 0)
    is_refused(agent, 1, "list 2 would end this connection")
    assert number(agent) == 0
    ground.replace_authority()
    connects(agent, 1)
    assert poll(lambda: number(agent) == 2, 30), tail(agent.log)


class DeviceAuthority:
    """An issuing authority below the root of devices."""

    def __init__(self, pki, key):
        root = x509.load_pem_x509_certificate((pki.folder / "device/root.crt").read_bytes())
        self.key = key
        self.certificate = certificate("device issuing", key, root, load_key(pki.folder / "device/root.key"), authority=True)

    def answer(self, message):
        """To a renewal."""
        der = base64.b64decode(message["csr"])
        request = x509.load_der_x509_csr(der)
        name, = request.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        leaf = certificate(name.value, Bare(request.public_key()), self.certificate, self.key, authority=False)
        chain = leaf.public_bytes(PEM) + self.certificate.public_bytes(PEM)
        return {"v": 1, "kind": "issued", "request": hashlib.sha256(der).hexdigest(), "chain": chain.decode()}


class Bare:
    """A key of which the public half alone is here."""

    def __init__(self, public):
        self.public_key = lambda: public


@pytest.mark.parametrize("pinned", [True, False])
def test_who_may_renew_a_device(ground, pinned):
    """A chain of another authority of devices is kept if a pin names it; else whoever stands between could give the device a
    pair that only they take."""
    ground.station.child.stop()
    name = "dev-renews"
    made = programs.run(["faketime", "-f", "-17h", programs.program("wavegate-pki"), "issue", "device", name, "--days", "1",
                         "--pki", ground.pki.folder, "--out", ground.pki.certs],
                        env=programs.environment(ground.folder, ASAN_OPTIONS="verify_asan_link_order=0"))
    assert made.returncode == 0, made.stderr
    pins = ["server=" + str(ground.issuing), "server-backup=" + ground.public("spare")]
    if pinned:
        pins += [f"device={ground.pki.folder}/device/issuing.crt", "device-backup=" + ground.public("second")]
    (ground.folder / "factory.json").write_text(ground.sign(2, *pins))
    agent = ground.agent(name, issue=False)
    topic = f"wg/v1/d/{name}"
    with Client(ground.station.broker, ground.pki.certificate(SERVICE), ground.pki.server_root, SERVICE) as service:
        service.subscribe(f"{topic}/up/csr")
        agent.start()

        def renewals():
            messages = [json.loads(payload) for payload in service.on(f"{topic}/up/csr")]
            return [message for message in messages if message["kind"] == "renew"]
        assert poll(renewals, 20), tail(agent.log)
        authority = DeviceAuthority(ground.pki, load_key(ground.folder / "second"))
        service.publish(f"{topic}/down/cert", authority.answer(renewals()[0]))
        says = "certificate renewed: it is tried" if pinned else "an authority that is not known here"
        assert poll(lambda: says in agent.log.read_text(), 10), tail(agent.log)
        has_chain = "BEGIN CERTIFICATE" in (agent.state / "identity.next.pem").read_text()
        assert has_chain == pinned


def test_a_flood_of_questions_is_not_answered(ground):
    ground.hand_on(ground.sign(2, "server=" + str(ground.issuing), "server-backup=" + ground.public("spare")))
    device = ground.station.device("dev-asks").connect()
    for _ in range(40):
        device.say({"v": 1, "kind": "pins", "number": 1})
    other = ground.station.device("dev-other").connect()
    answer = other.ask({"v": 1, "kind": "pins", "number": 0})
    assert answer["kind"] == "pins" and answer["pins"]["signed"]["number"] == 2
    assert poll(lambda: len(device.answers()) >= 20, 10) and len(device.answers()) == 20
    before = len(other.answers())
    other.say({"v": 1, "kind": "pins", "number": 2})  # it has it: there is nothing to say
    assert other.ask({"v": 1, "kind": "pins", "number": 1})["kind"] == "pins"
    assert len(other.answers()) == before + 1


def test_a_device_whose_pins_cannot_be_read_says_so(ground):
    agent = ground.agent("dev-broken")
    agent.settings["pins_key"] = ground.public("stranger")
    agent.write_config()
    done = programs.run([programs.program("wavegate-agent"), "--config", agent.config], timeout=10,
                        env=programs.environment(ground.folder))
    assert done.returncode == 2, done
    assert "factory.json" in done.stderr.splitlines()[-1] and "sign" in done.stderr.splitlines()[-1]
