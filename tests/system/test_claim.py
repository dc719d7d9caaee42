"""A device that was born without credentials claims them over the network."""

import fcntl
import json
import os
import re
import signal
import socket
import ssl
import tempfile
import threading
from pathlib import Path

import jsonschema
import pytest
from cryptography import x509

from tests.lab import fleet, payload, programs
from tests.lab.broker import Broker
from tests.lab.claim import Newborn, Office, new_key
from tests.lab.pki import Pki
from tests.lab.process import Child, free_port, poll, tail
from tests.lab.token import PIN, Tokens
from tests.system.story import campaign
from tests.system.test_pki import signed_body

DEVICE = fleet.Device("new-01", "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich")


@pytest.fixture(scope="module", name="pki")
def pki_(tmp_path_factory):
    folder = tmp_path_factory.mktemp("claim")
    folder.chmod(0o755)
    return Pki(folder)


@pytest.fixture(name="office")
def office_(tmp_path, pki):
    """No broker answers it: claims need none."""
    made = Office(tmp_path, pki, f"ssl://localhost:{free_port()}")
    made.start()
    yield made
    assert made.close() == 0


@pytest.fixture(name="newborn")
def newborn_(tmp_path, pki, request):
    """newborn(): a device with a name of this test's own."""
    made = []

    def make(**more):
        name = f"{request.node.name.split('[')[0].replace('_', '-')[:50]}-{os.getpid()}-{len(made)}"
        device = fleet.Device(name, "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich", **more)
        made.append(Newborn(device, tmp_path / "devices", pki, "ssl://localhost:1"))
        return made[-1]
    return make


def schema(name):
    return jsonschema.Draft7Validator(json.loads((programs.ROOT / f"schemas/{name}.schema.json").read_text()))


def test_a_device_claims_and_takes_part(bare_world):
    world = bare_world
    pki = world.ground.pki
    office = Office(world.folder, pki, world.broker.url)
    office.start()
    world.orchestrator.settings["enrolment"] = str(pki.folder / "device/enrolment.pub")
    world.orchestrator.write_config()
    world.start_orchestrator()
    device = Newborn(DEVICE, world.folder / "devices", pki, world.broker.url, office.token(DEVICE.id))
    device.settings.update({"soak": "300ms", "health_every": "100ms"})
    device.write_config()
    done = device.claim(office.url)
    assert done.returncode == 0 and done.stdout.startswith("new-01 is claimed: "), done
    assert not device.token.exists()
    device.provision(payload.make(world.folder, DEVICE.component, DEVICE.version))
    world.agents[DEVICE.id] = device
    world.start_agents()
    said = world.wavegate("device", "enrol", office.records, operator="dave").stdout
    assert "1 device is enrolled" in said
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
    name = world.apply(campaign("first", "2.4.1"))
    world.wait_campaign(name, "finished")
    assert device.version() == "2.4.1"
    assert office.close() == 0


def test_what_is_written_and_how(office, newborn):
    device = newborn()
    device.give(office.token(device.id))
    done = device.claim(office.url)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert len(done.stdout.splitlines()) == 1
    for secret in (device.key, device.age):
        assert secret.stat().st_mode & 0o777 == 0o600
    assert programs.run(["openssl", "verify", "-x509_strict", "-CAfile", office.pki.folder / "device/root.crt",
                         "-untrusted", office.pki.folder / "device/issuing.crt", device.certificate]).returncode == 0
    mine, = office.listed(device.id)
    certificate = x509.load_pem_x509_certificate(device.certificate.read_bytes())
    assert f"{certificate.serial_number:032x}" == mine["serial"]
    record, = office.enrolled()
    assert (record["device"], record["hardware"]) == (device.id, {"model": fleet.COMPONENT, "revision": "C"})
    assert record["age_key"] in device.age.read_text()
    # again: nothing is left to be done, and nobody has to be there for it
    office.child.stop()
    again = device.claim(office.url, "--claim-id", device.id, "--timeout", "1s")
    assert again.returncode == 0 and "was claimed before" in again.stdout, again
    office.start()


def test_messages_are_as_the_schemas_say(office):
    body = office.claim("schema-1", office.token("schema-1"), new_key())
    schema("claim-request").validate(body)
    status, headers, answer = office.post(body)
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, "application/json", "no-store")
    schema("claim-answer").validate(answer)
    status, headers, problem = office.post({**body, "token": "wgt1-" + "0" * 64})
    assert (status, headers["Content-Type"]) == (403, "application/problem+json")
    schema("problem").validate(problem)


def test_the_same_key_gets_the_same_and_another_nothing(office):
    key, token = new_key(), office.token("twice-1")
    first = office.post(office.claim("twice-1", token, key))
    assert first[0] == 200
    assert office.post(office.claim("twice-1", token, key))[2] == first[2]
    assert office.post(office.claim("twice-1", token, new_key()))[0] == 403
    assert office.post(office.claim("twice-1", token, key, hardware={"model": "other"}))[0] == 409
    assert len(office.listed("twice-1")) == len(office.enrolled()) == 1


@pytest.mark.parametrize("kind", ["EC:edwards25519", "EC:prime256v1"])
def test_keys_in_a_token(tmp_path, monkeypatch, kind):
    """Of the authority and of enrolment, in one token; while it is away nothing is issued, and no claim is used up."""
    tokens = Tokens(tmp_path).add("pki")
    for name, value in tokens.environment.items():
        monkeypatch.setenv(name, value)
    tokens.make_pair("pki", "issuing", number="01")
    tokens.make_pair("pki", "enrolment", kind, "02")
    made = Pki(tmp_path, "--device-token", tokens.uri("pki", "issuing"), "--enrolment-token", tokens.uri("pki", "enrolment"))
    office = Office(tmp_path, made, f"ssl://localhost:{free_port()}")
    office.start()
    first = office.claim("first-1", office.token("first-1"), new_key())
    status, _, answer = office.post(first)
    assert status == 200 and office.post(first)[2] == answer
    later = office.claim("later-1", office.token("later-1"), new_key())
    bring_back = tokens.take_away()
    assert office.post(later)[0] == 503
    assert [record["device"] for record in office.enrolled()] == ["first-1"]
    bring_back()
    assert office.post(later)[0] == 200
    bring_back = tokens.take_away()  # once more: what it found again it has lost again
    third = office.claim("third-1", office.token("third-1"), new_key())
    assert office.post(third)[0] == 503
    bring_back()
    assert office.post(third)[0] == 200
    assert len(office.listed("later-1")) == 1
    tokens.pin.write_text("0815")  # somebody has changed it: no fault of the device's, whose token stays good
    fourth = office.claim("fourth-1", office.token("fourth-1"), new_key())
    assert office.post(fourth)[0] == 503 and "wrong PIN" in office.log.read_text()
    tokens.pin.write_text(PIN)
    assert office.post(fourth)[0] == 200
    for line in office.records.read_text().splitlines():
        assert signed_body(tmp_path, json.loads(line))["lot"] == "claimed"
    assert len(office.enrolled()) == 4
    assert office.close() == 0


def test_records_can_be_carried_away(office):
    """The file may be renamed at any time; what a power cut left of a line is cut off."""
    for number in range(2):
        assert office.post(office.claim(f"away-{number}", office.token(f"away-{number}"), new_key()))[0] == 200
    office.records.rename(office.folder / "taken.ndjson")
    office.records.write_text('{"signed":{"device":"ha')
    assert office.post(office.claim("away-2", office.token("away-2"), new_key()))[0] == 200
    assert [record["device"] for record in office.enrolled()] == ["away-2"]
    assert len((office.folder / "taken.ndjson").read_text().splitlines()) == 2


def test_renewals_and_claims_stand_beside_each_other(office):
    """Whoever holds the folder's lock is waited for, by this thread alone: others are answered."""
    token = office.token("wait-1")
    answers = []
    with open(office.pki.folder / "lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        thread = threading.Thread(target=lambda: answers.append(office.post(office.claim("wait-1", token, new_key()))))
        thread.start()
        thread.join(0.5)
        assert not answers
        fcntl.flock(lock, fcntl.LOCK_UN)
        thread.join()
    assert answers[0][0] == 200


@pytest.mark.parametrize("change", [
    {"listen": ""}, {"listen": "nowhere"}, {"listen": "127.0.0.1:1:x"}, {"certificate": "/nowhere"}, {"key": "/nowhere"},
    {"requests": 0}, {"wrong": "many"}, {"window": "1ms"}, {"patience": "1h"}, {"what": 1}])
def test_a_wrong_configuration_is_told(tmp_path, pki, change):
    office = Office(tmp_path, pki, "ssl://localhost:1", **change)
    office.config.write_text(json.dumps(office.settings))
    done = programs.run([programs.program("wavegate-enrol"), "--config", office.config],
                        env=programs.environment(tmp_path), timeout=10)
    assert done.returncode in (2, 5), done
    last = done.stderr.splitlines()[-1]
    assert re.match(r"(wavegate-enrol|\S+enrol\.json:\d+:\d+: error): ", last) and "claim: " in last, last


def test_without_claim_nobody_listens(tmp_path, pki):
    office = Office(tmp_path, pki, "ssl://localhost:1")
    del office.settings["claim"]
    office.config.write_text(json.dumps(office.settings))
    child = Child("wavegate-enrol", [programs.program("wavegate-enrol"), "--config", office.config], office.log,
                  env=programs.environment(tmp_path))
    assert poll(lambda: "not connected" in office.log.read_text(), 10)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", office.port), 1)
    assert child.stop() == 0


def test_keys_that_are_there_are_kept(office, newborn):
    """P-256, for what knows nothing else, made by somebody else."""
    device = newborn()
    device.give(office.token(device.id))
    device.key.parent.mkdir(parents=True)
    assert programs.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                         device.key]).returncode == 0
    device.key.chmod(0o600)
    assert programs.run(["age-keygen", "-o", device.age]).returncode == 0
    key, age = device.key.read_bytes(), device.age.read_text()
    assert device.claim(office.url).returncode == 0
    assert (device.key.read_bytes(), device.age.read_text()) == (key, age)
    assert office.enrolled()[-1]["age_key"] in age
    held = x509.load_pem_x509_certificate(device.certificate.read_bytes()).public_key()
    assert held.curve.name == "secp256r1"


def test_many_devices_of_one_address_at_once(office):
    """A factory behind one address: each gets its own, and no other."""
    tokens = {f"many-{number}": office.token(f"many-{number}") for number in range(40)}
    answers = {}

    def ask(name, token):
        answers[name] = office.post(office.claim(name, token, new_key()))
    threads = [threading.Thread(target=ask, args=pair) for pair in tokens.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: answer[0] for name, answer in answers.items()} == dict.fromkeys(tokens, 200)
    for name, (_, _, answer) in answers.items():
        certificate = x509.load_pem_x509_certificate(answer["certificate"].encode())
        assert certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == name
        assert answer["enrolment"]["signed"]["device"] == name
    assert sorted(record["device"] for record in office.enrolled()) == sorted(tokens)


def test_a_device_with_one_file_for_both(office, newborn):
    device = newborn()
    device.settings["certificate"] = device.settings["key"]
    device.write_config()
    device.give(office.token(device.id))
    for words in ("is claimed", "was claimed before"):
        done = device.claim(office.url)
        assert done.returncode == 0 and words in done.stdout, done
    text = device.key.read_text()
    assert text.count("BEGIN CERTIFICATE") == 2 and "PRIVATE KEY" in text
    assert device.key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("why, code, words", [
    ("no token", 5, "token"), ("open token", 4, "chmod"), ("wrong token", 4, "not, or no longer, good"),
    ("expired", 4, "not, or no longer, good"), ("other hardware", 6, "other hardware"), ("no id", 2, "--claim-id"),
    ("no age key", 2, "age_key"), ("http", 2, "https"), ("other certificate", 6, "another device or key"),
    ("taken name", 6, "certificate that is in force")])
def test_what_ends_at_once(office, newborn, why, code, words):
    device = newborn()
    url = office.url
    terms = ("--model", "another") if why == "other hardware" else ()
    device.give(office.token(device.id, *terms))
    if why == "no token":
        device.token.unlink()
    elif why == "open token":
        device.token.chmod(0o644)
    elif why == "wrong token":
        device.give("wgt1-" + "0" * 64)
    elif why == "expired":
        stored = office.pki.folder / f"device/tokens/{device.id}.json"
        stored.write_text(json.dumps({**json.loads(stored.read_text()), "expires": "2016-11-01T00:00:00.000Z"}))
    elif why == "no id":
        del device.settings["id"]
    elif why == "no age key":
        del device.settings["age_key"]
    elif why == "http":
        url = url.replace("https", "http")
    elif why == "other certificate":
        device.certificate.parent.mkdir(parents=True)
        device.certificate.write_bytes(office.pki.certificate("alice").read_bytes())
        device.key.write_bytes(office.pki.key("alice").read_bytes())
        device.key.chmod(0o600)
    elif why == "taken name":
        office.pki.issue_devices([device.id])
    device.write_config()
    before = device.token.exists()
    done = device.claim(url, timeout=15)
    assert done.returncode == code and words in done.stderr, done
    assert device.token.exists() == before
    assert why == "other certificate" or not device.certificate.exists()
    assert "wgt1" not in done.stderr + done.stdout


def pins(office, folder, number, named):
    """Gives a list of pins that name this key or certificate; the key that signs it beside it."""
    run, spare = office.pki.run, folder / "spare.pub"
    for name in ("pins", "spare"):
        if not (folder / f"{name}.pub").exists():
            run("key", "make", folder / name)
    (folder / "pins.json").write_text(run("pins", "--key", folder / "pins", "--number", number, f"server={named}",
                                          f"server-backup={spare}"))
    return {"pins": str(folder / "pins.json"), "pins_key": str(folder / "pins.pub")}


def test_it_holds_to_the_factorys_pins(office, newborn, tmp_path):
    """CA and name are right; the authority that signed the server's certificate is not one that is pinned."""
    other = tmp_path / "other"
    other.mkdir()
    office.pki.run("key", "make", other / "stranger")
    device = newborn()
    device.give(office.token(device.id))
    device.settings.update(pins(office, other, 1, other / "stranger.pub"))
    device.write_config()
    done = device.claim(office.url, timeout=15)
    assert done.returncode == 1 and "no pin fits: use server, list 1" in done.stderr, done
    assert device.token.exists() and not device.certificate.exists() and not office.listed(device.id)
    device.settings.update(pins(office, other, 2, office.pki.folder / "server/issuing.crt"))
    device.write_config()
    done = device.claim(office.url)
    assert done.returncode == 0 and not device.token.exists(), done
    # a list that is damaged is no reason to do without one
    born = newborn()
    born.give(office.token(born.id))
    born.settings.update(device.settings | {"id": born.id})
    (other / "pins.json").write_text("{}")
    born.write_config()
    done = born.claim(office.url)
    assert done.returncode == 2 and "pins" in done.stderr and born.token.exists(), done


def test_it_waits_for_a_server_that_is_away(office, newborn):
    device = newborn()
    device.give(office.token(device.id))
    office.child.stop()
    late = device.claim(office.url, "--timeout", "2s")
    assert late.returncode == 8 and "the time is up" in late.stderr, late
    child = Child("claim", device.claiming(office.url), device.log, env=programs.environment(office.folder))
    assert poll(lambda: "asked again" in device.log.read_text(), 10)
    office.start()
    assert child.wait(30) == 0
    assert not device.token.exists()


def test_it_comes_again_when_it_is_told_to(tmp_path, pki, newborn):
    """Somebody behind its address has guessed: it waits as long as the server says."""
    office = Office(tmp_path, pki, "ssl://localhost:1", wrong=1, window="1h")
    office.start()
    device = newborn()
    device.give(office.token(device.id))
    assert office.post(office.claim("guessed", "wgt1-0", new_key()))[0] == 403
    middle = Middle(office, pki.certificate("localhost"), pki.key("localhost"))
    child = Child("claim", device.claiming(middle.url), device.log, env=programs.environment(tmp_path))
    (status, headers, problem), talk = middle.swallow()
    assert status == 429 and int(headers["Retry-After"]) > 3000
    middle.tell(talk, status, problem, **{"Retry-After": "1"})  # the same, an hour later
    office.child.stop()
    office.start()  # nobody has guessed
    (status, headers, answer), talk = middle.swallow()
    middle.tell(talk, status, answer)
    assert child.wait(20) == 0, tail(device.log)
    assert device.log.read_text().count("the server answers 429: too many wrong tokens") == 1
    middle.close()
    assert office.close() == 0


def test_it_ends_when_it_is_told_to(newborn, office):
    device = newborn()
    device.give(office.token(device.id))
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection, and says nothing
        child = Child("claim", device.claiming(f"https://localhost:{silent.getsockname()[1]}"), device.log,
                      env=programs.environment(office.folder))
        silent.accept()
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(10) == 130, tail(device.log)
    assert device.token.exists() and not device.certificate.exists()


class Middle:
    """Stands between device and office, and keeps an answer to itself."""

    def __init__(self, office, certificate, key):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._office = office
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"

    def swallow(self):
        """One request goes to the office; its answer stays here. Returns it with the connection."""
        raw, _ = self._listener.accept()
        talk = self._context.wrap_socket(raw, server_side=True)
        bytes_ = b""
        while b"\r\n\r\n" not in bytes_ or len(bytes_.split(b"\r\n\r\n", 1)[1]) < int(
                bytes_.lower().split(b"content-length: ")[1].split(b"\r\n")[0]):
            bytes_ += talk.recv(65536)
        return self._office.post(bytes_.split(b"\r\n\r\n", 1)[1]), talk

    @staticmethod
    def tell(talk, status, answer, **headers):
        """What the device gets to hear instead; the end of the connection."""
        body = json.dumps(answer).encode()
        kind = "application/json" if status == 200 else "application/problem+json"
        lines = {"Content-Type": kind, "Content-Length": len(body), "Connection": "close", **headers}
        talk.sendall(f"HTTP/1.1 {status} it\r\n".encode() + b"".join(f"{name}: {value}\r\n".encode() for name, value in lines.items())
                     + b"\r\n" + body)
        talk.close()

    def close(self):
        self._listener.close()


def test_killed_between_question_and_answer(office, newborn):
    """The key that asked is on disk, and the one that asks again; what was issued is what it gets."""
    device = newborn()
    device.give(office.token(device.id))
    middle = Middle(office, office.pki.certificate("localhost"), office.pki.key("localhost"))
    child = Child("claim", device.claiming(middle.url), device.log, env=programs.environment(office.folder))
    (status, _, answer), talk = middle.swallow()
    assert status == 200
    key, age = device.key.read_bytes(), device.age.read_bytes()
    assert child.kill() == -signal.SIGKILL
    talk.close()
    middle.close()
    assert not device.certificate.exists() and device.token.exists()
    assert device.claim(office.url).returncode == 0
    assert (device.key.read_bytes(), device.age.read_bytes()) == (key, age)
    assert device.certificate.read_text() == answer["certificate"]
    assert len(office.listed(device.id)) == 1


def test_killed_before_the_token_is_gone(office, newborn):
    device = newborn()
    token = office.token(device.id)
    device.give(token)
    assert device.claim(office.url).returncode == 0
    device.give(token)  # as if it had never been removed
    office.child.stop()
    done = device.claim(office.url, "--timeout", "1s")
    assert done.returncode == 0 and not device.token.exists(), done
    office.start()


def test_an_agent_that_runs_is_not_disturbed(pki, newborn):
    with tempfile.TemporaryDirectory(prefix="wg-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        broker = Broker(folder, pki, guarded=False)
        office = Office(folder, pki, broker.url)
        office.start()
        device = newborn()
        device.settings["broker"] = broker.url
        device.give(office.token(device.id))
        try:
            assert device.claim(office.url).returncode == 0
            device.provision(payload.make(folder, device.device.component, device.device.version))
            device.start()
            assert poll(lambda: "msg=connected" in device.log.read_text(), 10), tail(device.log)
            done = device.claim(office.url)
            assert done.returncode == 6 and "in use by an agent" in done.stderr, done
        finally:
            device.stop()
            broker.stop()
            assert office.close() == 0
