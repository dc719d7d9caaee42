"""Who may become a device: attacks on the listener for claims, and on a device that claims."""

import fcntl
import json
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.lab import fleet, programs
from tests.lab.claim import AGE, ROUTE, Newborn, Office, csr, new_key
from tests.lab.pki import apart
from tests.lab.process import Child, free_port, poll, tail
from tests.system.test_enrol import Station
from tests.system.test_enrol import new_key as renewed_key

GUESSER, OTHER = "127.0.0.2", "127.0.0.3"
WRONG = "wgt1-" + "0" * 64
DER, SPKI = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo


@pytest.fixture(scope="module", name="pki")
def pki_():
    with apart() as made:
        made.run("issue", "service", "wavegate-enrol", "--pki", made.folder, "--out", made.certs)
        yield made


@pytest.fixture(name="office_of")
def office_of_(tmp_path, pki):
    made = []

    def office(**claim):
        made.append(Office(tmp_path, pki, f"ssl://localhost:{free_port()}", **claim))
        made[-1].start()
        return made[-1]
    yield office
    assert [one.close() for one in made] == [0] * len(made)


def statuses(office, count, source=GUESSER, device="victim", token=WRONG, wait=0):
    body = office.claim(device, token, new_key())
    got = []
    for _ in range(count):
        got.append(office.post(body, source)[0])
        time.sleep(wait)
    return got


def test_guessing_is_throttled_and_locks_nobody_out(office_of):
    office = office_of(wrong=5, window="1h")
    token, key = office.token("victim"), new_key()
    assert statuses(office, 8) == [403] * 5 + [429] * 3
    status, headers, problem = office.post(office.claim("victim", token, key), GUESSER)
    assert status == 429 and 3000 < int(headers["Retry-After"]) <= 3600 and "wrong tokens" in problem["detail"]
    assert office.listed("victim") == []
    # the name is not looked at for who has guessed before; it is for the device
    assert statuses(office, 1, OTHER, "another") == [403]
    assert statuses(office, 1, OTHER) == [429]
    assert office.post(office.claim("victim", token, key))[0] == 200


def test_who_has_guessed_waits_no_longer_than_the_window(office_of):
    """What is asked meanwhile does not make it longer."""
    office = office_of(wrong=1, window="1s")
    token, key = office.token("patient"), new_key()

    def asked():
        return office.post(office.claim("patient", token, key), GUESSER)
    assert poll(lambda: statuses(office, 1, device="patient") == [403] and asked()[0] == 429, 20)
    assert poll(lambda: asked()[0] == 200, 10, every=0.2)


def test_a_refusal_tells_nothing_of_names(office_of):
    office = office_of()
    office.token("known")
    answers = [office.post(office.claim(name, WRONG, new_key())) for name in ("known", "unknown")]
    assert answers[0][0] == 403 and answers[0][2] == answers[1][2]


def test_strangers_keep_no_renewal_waiting(office_of):
    """The folder is somebody else's: a token that is not good is refused without it."""
    office = office_of()
    with open(office.pki.folder / "lock", "r+", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert statuses(office, 3) == [403] * 3


def test_too_many_requests(office_of):
    office = office_of(requests=10, wrong=1000)
    assert statuses(office, 12) == [403] * 10 + [429] * 2
    assert statuses(office, 1, OTHER) == [403]
    with pytest.raises((ssl.SSLError, OSError)):  # beyond that there is not even a handshake
        for _ in range(12):
            office.connect(GUESSER).close()
    assert office.post(office.claim("busy-1", office.token("busy-1"), new_key()))[0] == 200


def test_of_many_keys_at_once_one_is_first(office_of):
    office = office_of()
    token, got = office.token("race-1"), []
    threads = [threading.Thread(target=lambda: got.append(office.post(office.claim("race-1", token, new_key()))[0]))
               for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [200] + [403] * 5
    assert len(office.listed("race-1")) == len(office.enrolled()) == 1


def test_tokens_that_are_not_good(office_of):
    office = office_of(wrong=100)
    token, key = office.token("late-1"), new_key()
    for other in (token[:-1], token.upper(), token + "0", " " + token, "x"):
        assert office.post(office.claim("late-1", other, key))[0] == 403
    assert office.post(office.claim("late-2", token, key))[0] == 403  # another's name
    office.token("late-1")  # a newer one takes its place
    assert office.post(office.claim("late-1", token, key))[0] == 403
    token = office.token("late-1")
    stored = office.pki.folder / "device/tokens/late-1.json"
    stored.write_text(json.dumps({**json.loads(stored.read_text()), "expires": "2016-11-01T00:00:00.000Z"}))
    assert office.post(office.claim("late-1", token, key))[0] == 403
    assert office.listed("late-1") == office.listed("late-2") == [] and office.enrolled() == []
    token = office.token("late-1")
    assert office.post(office.claim("late-1", token, key))[0] == 200
    office.pki.revoke("late-1")
    status, _, problem = office.post(office.claim("late-1", token, key))
    assert status == 403 and "revoked" in problem["detail"]


def garbage():
    """Bodies that are no claims, and what is said of them."""
    key = new_key()
    right = {"v": 1, "device": "bad-1", "token": "TOKEN", "csr": csr(key, "bad-1"), "age_key": AGE,
             "hardware": {"model": "ecu"}}
    lines = right["csr"].splitlines()
    broken = "\n".join([lines[0], lines[1][:-3] + "AAA", *lines[2:]]) + "\n"
    weak = csr(rsa.generate_private_key(65537, 1024), "bad-1")
    yield "", "line 1"
    yield "[" * 4000, "deep"
    yield b"\xff\xfe{}", ""
    yield "{}", "v: "
    yield json.dumps(right) + "x", ""
    yield '{"v":1,"v":1}', ""
    for change, words in (
            ({"csr": broken}, "csr"), ({"csr": weak}, "csr"), ({"csr": csr(key, "bad-2")}, "another name"),
            ({"csr": ""}, "csr"), ({"csr": "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----"}, "csr"),
            ({"device": "../../pki"}, "device"), ({"device": "a" * 65}, "device"), ({"device": ""}, "device"),
            ({"device": "wavegate-enrol", "csr": csr(key, "wavegate-enrol")}, ""),
            ({"age_key": "age1" + "q" * 58}, "age_key"), ({"age_key": AGE[:-1] + "q"}, "age_key"),
            ({"hardware": {"model": "a\n\"b"}}, "hardware"), ({"hardware": []}, "hardware"), ({"days": 9999}, "days"),
            ({"v": 2}, "v: "), ({"token": None}, "token")):
        yield json.dumps({**right, **change}), words


def test_garbage_is_refused_and_changes_nothing(office_of):
    office = office_of(wrong=100)
    token = office.token("bad-1")
    for body, words in garbage():
        body = body.replace("TOKEN", token) if isinstance(body, str) else body
        status, _, problem = office.post(body)
        assert status in (400, 403) and words in problem.get("detail", ""), (body, problem)
        assert token not in json.dumps(problem)
    assert office.listed("bad-1") == [] and office.enrolled() == []
    assert office.post(office.claim("bad-1", token, new_key()))[0] == 200
    assert token not in office.log.read_text() and "wgt1" not in office.log.read_text()


def talk(office, data, timeout=10):
    """What the server answers to these bytes; b'' when it only closes."""
    with socket.create_connection(("127.0.0.1", office.port), timeout) as raw, \
            office.context().wrap_socket(raw, server_hostname="localhost") as tls:
        tls.sendall(data)
        answer = b""
        while True:
            got = tls.recv(65536)
            if not got:
                return answer
            answer += got


def test_requests_that_are_too_large_or_none(office_of):
    office = office_of()
    head = f"POST {ROUTE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
    for data, status in ((head + b"Content-Length: 1000000\r\n\r\n" + b"a" * 100_000, 413),
                         (head + b"A: " + b"a" * 50_000, 431),
                         (head + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 411),
                         (head + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
                         (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 404),
                         (b"\0" * 5000, 400)):
        answer = talk(office, data)
        assert answer.startswith(b"HTTP/1.1 %d " % status) and b"problem+json" in answer, answer
        assert answer.count(b"HTTP/1.1") == 1
    with socket.create_connection(("127.0.0.1", office.port), 5) as raw:  # no TLS at all
        raw.sendall(head)
        assert not raw.recv(100).startswith(b"HTTP")
    assert office.post(office.claim("size-1", office.token("size-1"), new_key()))[0] == 200


@pytest.mark.parametrize("patience", ["1m", "2s"])
def test_slow_clients_keep_nobody_waiting(office_of, patience):
    """Others are answered while they are there; and they do not stay."""
    office = office_of(patience=patience, requests=1000)
    name, slow = f"quick-{patience}", []
    token = office.token(name)
    for number in range(100):  # more than one address may have
        raw = socket.create_connection(("127.0.0.1", office.port), 5)
        if number % 2:
            try:
                raw = office.context().wrap_socket(raw, server_hostname="localhost")
                raw.sendall(b"POST " if number % 4 == 1 else b"POST /v1/claim HTTP/1.1\r\nContent-Length: 9\r\n")
            except OSError:
                pass  # an older one had to go for a newer one
        slow.append(raw)
    for _ in range(5):
        assert office.post(office.claim(name, token, new_key_of(office)))[0] == 200
    if patience == "1m":
        assert sum(not has_ended(raw, 0) for raw in slow) > 10  # none of the five waited for them
    else:
        assert all(has_ended(raw, 10 * programs.SLOWER) for raw in slow)  # without a byte more from them
    for raw in slow:
        raw.close()


def has_ended(raw, patience):
    raw.settimeout(patience)
    try:
        while raw.recv(1000):
            pass
    except (TimeoutError, BlockingIOError, ssl.SSLWantReadError):
        return False
    except (ConnectionError, ssl.SSLError):
        pass
    return True


def new_key_of(office, kept={}):  # pylint: disable=dangerous-default-value
    """The same key each time: the same device asks again."""
    return kept.setdefault(office.port, new_key())


def test_drops_do_not_lengthen_a_deadline(office_of):
    """A byte now and then is no request."""
    office = office_of(patience="1s")
    with socket.create_connection(("127.0.0.1", office.port), 5) as raw, \
            office.context().wrap_socket(raw, server_hostname="localhost") as tls:
        begin = time.monotonic()
        tls.sendall(b"POST /v1/claim HTTP/1.1\r\nX: ")
        with pytest.raises((OSError, ssl.SSLError)):
            while time.monotonic() - begin < 10 * programs.SLOWER:
                tls.sendall(b"a")
                time.sleep(0.05)


def test_renewals_go_on_under_slow_claims(pki):
    folder = Path(tempfile.mkdtemp(dir=pki.logs))
    folder.chmod(0o755)
    port = free_port()
    station = Station(folder, pki, False, {"claim": {
        "listen": f"127.0.0.1:{port}", "certificate": str(pki.certificate("localhost")), "key": str(pki.key("localhost"))}})
    held = []
    try:
        device = station.device("renews-1").connect()
        held = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(40)]
        assert device.ask(device.renewal(device.csr(renewed_key())))["kind"] == "issued"
    finally:
        for raw in held:
            raw.close()
        assert station.close() == 0


@pytest.mark.parametrize("version, cipher", [("-tls1_1", "ALL:@SECLEVEL=0"), ("-tls1_2", "AES128-SHA"),
                                             ("-tls1_2", "ECDHE-ECDSA-AES128-SHA")])
def test_old_tls_is_refused(office_of, version, cipher):
    office = office_of()
    done = subprocess.run(["openssl", "s_client", "-connect", f"localhost:{office.port}", version, "-cipher", cipher, "-CAfile",
                           str(office.pki.server_root)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
                          check=False)
    assert "alert" in done.stderr and "New, (NONE), Cipher is (NONE)" in done.stdout, done


class Impostor:
    """A TLS server that writes down what it is told."""

    def __init__(self, certificate, key):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        self.heard = b""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            try:
                with self._context.wrap_socket(raw, server_side=True) as tls:
                    self.heard += tls.recv(65536)
            except OSError:
                pass

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


def self_signed(folder):
    key, certificate = folder / "own.key", folder / "own.crt"
    assert programs.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", key, "-out", certificate,
                         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]).returncode == 0
    return certificate, key


@pytest.mark.parametrize("who", ["another authority", "itself", "another host", "a device"])
def test_a_device_tells_its_token_to_nobody_else(tmp_path, pki, who):
    out = tmp_path / "out"
    if who == "another authority":
        pki.run("init", tmp_path / "foreign")
        pki.run("issue", "server", "localhost", "--host", "localhost", "--pki", tmp_path / "foreign", "--out", out)
        pair = out / "localhost.crt", out / "localhost.key"
    elif who == "itself":
        pair = self_signed(tmp_path)
    elif who == "another host":
        pki.run("issue", "server", "elsewhere", "--host", "elsewhere.example", "--pki", pki.folder, "--out", out)
        pair = out / "elsewhere.crt", out / "elsewhere.key"
    else:
        pki.issue_devices(["dev-impostor"])
        pair = pki.certificate("dev-impostor"), pki.key("dev-impostor")
    impostor = Impostor(*pair)
    device = Newborn(fleet.Device("trusts-1", "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich"), tmp_path / "devices", pki,
                     "ssl://localhost:1", WRONG)
    done = device.claim(impostor.url, "--timeout", "20s", timeout=15)
    impostor.close()
    assert done.returncode == 1 and "localhost" in done.stderr, done
    assert impostor.heard == b""
    assert device.token.exists() and not device.certificate.exists()


def test_a_false_answer_is_not_kept(tmp_path, pki, office_of):
    """Who has the server's key but not the device's gives it a certificate of another key."""
    office = office_of()
    token = office.token("false-1")
    other = office.post(office.claim("false-1", token, new_key()))[2]
    body = json.dumps(other).encode()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.certificate("localhost"), pki.key("localhost"))
    device = Newborn(fleet.Device("false-1", "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich"), tmp_path / "devices", pki,
                     "ssl://localhost:1", token)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        child = Child("claim", device.claiming(f"https://localhost:{listener.getsockname()[1]}"), device.log,
                      env=programs.environment(tmp_path))
        raw, _ = listener.accept()
        with context.wrap_socket(raw, server_side=True) as tls:
            tls.recv(65536)
            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            assert child.wait(20) == 1, tail(device.log)
    assert "another device or key" in device.log.read_text()
    assert device.token.exists() and not device.certificate.exists()


def test_secrets_stay_where_they_belong(tmp_path, pki, office_of):
    office = office_of()
    token = office.token("secret-1")
    device = Newborn(fleet.Device("secret-1", "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich"), tmp_path / "devices", pki,
                     "ssl://localhost:1", token)
    done = device.claim(office.url, "--log", "debug")
    assert done.returncode == 0, done
    key = serialization.load_pem_private_key(device.key.read_bytes(), None)
    raw = key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    for text in (done.stdout, done.stderr, office.log.read_text(),
                 (pki.folder / "device/tokens/secret-1.json").read_text(), office.records.read_text()):
        assert token not in text and "AGE-SECRET-KEY" not in text and "PRIVATE KEY" not in text
        assert raw.hex() not in text
    assert (pki.folder / "device/tokens").stat().st_mode & 0o077 == 0
    held = x509.load_pem_x509_certificate(device.certificate.read_bytes()).public_key()
    assert held.public_bytes(DER, SPKI) == key.public_key().public_bytes(DER, SPKI)
