"""wavegate-pki as its user sees it; what it makes is judged by openssl."""

import hashlib
import json
import os
import subprocess
from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.lab import programs
from tests.lab.process import poll


def pki(folder, *arguments, expect=0):
    done = subprocess.run([programs.program("wavegate-pki"), *map(str, arguments)], cwd=folder, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout if expect == 0 else done.stderr


def openssl(folder, *arguments):
    return subprocess.run(["openssl", *arguments], cwd=folder, text=True, capture_output=True, check=False)


@pytest.fixture(name="made")
def made_(tmp_path):
    pki(tmp_path, "init", "pki")
    return tmp_path


def verify(folder, domain, name, *more):
    return openssl(folder, "verify", "-CAfile", f"pki/{domain}/root.crt", "-untrusted",
                   f"pki/{domain}/issuing.crt", *more, f"out/{name}.crt")


def test_many_at_once(made):
    """Of thousands the ledger is written first, then the files; all of them, or what is wrong is said."""
    names = [f"dev-{number:04}" for number in range(1100)]
    (made / "names").write_text("\n".join(names) + "\n")
    pki(made, "issue", "device", "alone", "--names", "names", "--out", "out")
    assert {path.name for path in (made / "out").iterdir()} == {
        f"{name}.{kind}" for name in (*names, "alone") for kind in ("crt", "key")}
    assert {path.stat().st_mode & 0o777 for path in (made / "out").glob("*.key")} == {0o600}
    for name in ("alone", names[0], names[999], names[1000], names[-1]):
        assert verify(made, "device", name, "-x509_strict", "-purpose", "sslclient").returncode == 0
        key = serialization.load_pem_private_key((made / f"out/{name}.key").read_bytes(), None)
        found = x509.load_pem_x509_certificate((made / f"out/{name}.crt").read_bytes())
        plain = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        assert found.public_key().public_bytes(*plain) == key.public_key().public_bytes(*plain)
        assert name in found.subject.rfc4514_string()
    listed = pki(made, "list")
    assert all(name in listed for name in names)
    pki(made, "revoke", names[1000])
    (made / "names").write_text(f"new\n{names[3]}\n")
    assert names[3] in pki(made, "issue", "device", "--names", "names", "--out", "out", expect=6)
    assert not (made / "out/new.crt").exists()
    assert "--names" in pki(made, "issue", "device", "--out", "out", expect=2)


def test_init_never_overwrites(made):
    before = (made / "pki/device/root.key").read_text()
    error = pki(made, "init", "pki", expect=6)
    assert "nothing was changed" in error
    assert (made / "pki/device/root.key").read_text() == before
    for key in (made / "pki").glob("*/*.key"):
        assert os.stat(key).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
def test_chains_and_purposes_hold(made, kind):
    pki(made, "issue", "device", "dev-1", "--key", kind, "--out", "out")
    pki(made, "issue", "server", "broker", "--host", "broker.example,192.0.2.7,::1", "--key", kind, "--out", "out")
    assert verify(made, "device", "dev-1", "-x509_strict", "-purpose", "sslclient").returncode == 0
    assert verify(made, "server", "broker", "-x509_strict", "-purpose", "sslserver").returncode == 0
    assert verify(made, "device", "dev-1", "-purpose", "sslserver").returncode != 0
    assert verify(made, "server", "broker", "-purpose", "sslclient").returncode != 0
    # separate roots: a device's certificate is nothing to the server authority
    assert openssl(made, "verify", "-CAfile", "pki/server/chain.pem", "out/dev-1.crt").returncode != 0
    text = openssl(made, "x509", "-in", "out/broker.crt", "-noout", "-ext", "subjectAltName").stdout
    assert "DNS:broker.example" in text and "IP Address:192.0.2.7" in text and "IP Address:0:0:0:0:0:0:0:1" in text


def test_revoking_fills_the_lists(made):
    pki(made, "issue", "device", "dev-1", "dev-2", "--out", "out")
    listed = ("-crl_check", "-CRLfile", "pki/device/crl.pem")
    assert verify(made, "device", "dev-2", *listed).returncode == 0
    pki(made, "revoke", "dev-2")
    assert "certificate revoked" in verify(made, "device", "dev-2", *listed).stderr
    assert verify(made, "device", "dev-1", *listed).returncode == 0
    number = openssl(made, "crl", "-in", "pki/device/crl.pem", "-noout", "-crlnumber").stdout
    pki(made, "crl", "--days", "7")
    again = openssl(made, "crl", "-in", "pki/device/crl.pem", "-noout", "-crlnumber").stdout
    assert int(again.split("=")[1], 16) > int(number.split("=")[1], 16)
    assert (made / "pki/broker/crl.pem").read_text().count("BEGIN X509 CRL") == 2
    rows = {row["name"]: row for row in json.loads(pki(made, "list", "--json"))}
    assert rows["dev-2"]["revoked"] and not rows["dev-1"]["revoked"]
    pki(made, "revoke", "dev-2", expect=5)
    pki(made, "issue", "device", "dev-2", "--out", "out")  # its name is free again


def test_a_name_stands_for_one_thing(made):
    pki(made, "issue", "device", "dev-1", "--out", "out")
    pki(made, "issue", "service", "svc", "--out", "out")
    for arguments in (("device", "dev-1"), ("device", "svc"), ("service", "dev-1"), ("device", "wavegated")):
        assert "wavegate-pki: " in pki(made, "issue", *arguments, "--out", "out", expect=6)


@pytest.mark.parametrize("arguments", [
    ("issue", "device", "a/b"), ("issue", "robot", "r"), ("issue", "operator", "o"), ("issue", "server", "s"),
    ("issue", "operator", "o", "--role", "king"), ("issue", "device", "d", "--days", "0"),
    ("issue", "device", "d", "--key", "rsa"), ("issue", "device", "d", "--hosst", "x"), ("frobnicate",), ("revoke",)])
def test_wrong_use_is_told(made, arguments):
    assert pki(made, *arguments, expect=2).startswith("wavegate-pki: ")


def test_keys_are_never_overwritten_and_read_by_openssl(made):
    pki(made, "key", "make", "director")
    assert os.stat(made / "director").st_mode & 0o777 == 0o600
    pki(made, "key", "make", "director", expect=6)
    public = openssl(made, "pkey", "-in", "director", "-pubout").stdout
    assert public == (made / "director.pub").read_text() == pki(made, "key", "public", "director")


def certificate(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
def test_certificates_say_what_they_are_for(tmp_path, kind):
    pki(tmp_path, "init", "pki", "--key", kind, "--permit-host", "example,192.0.2.0/24")
    pki(tmp_path, "issue", "device", "dev.1", "--days", "10", "--out", "out")
    pki(tmp_path, "issue", "server", "broker", "--host", "broker.example,192.0.2.7", "--out", "out")
    for domain, units, uses in (("device", {"device"}, 1), ("server", {"server", "service"}, 2),
                                ("operator", {"owner", "rollout-admin", "repository-admin", "deployment-admin",
                                              "support", "auditor"}, 1)):
        root, issuing = (certificate(tmp_path / f"pki/{domain}/{name}.crt") for name in ("root", "issuing"))
        for made_, path in ((root, 1), (issuing, 0)):
            basic = made_.extensions.get_extension_for_class(x509.BasicConstraints)
            assert basic.critical and basic.value.ca and basic.value.path_length == path
            usage = made_.extensions.get_extension_for_class(x509.KeyUsage)
            assert usage.critical and usage.value.key_cert_sign and usage.value.crl_sign
            assert not usage.value.digital_signature
        names = issuing.extensions.get_extension_for_class(x509.NameConstraints)
        assert names.critical and names.value.excluded_subtrees is None
        permitted = [tree.value for tree in names.value.permitted_subtrees]
        assert {name.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value
                for name in permitted if isinstance(name, x509.Name)} == units
        assert ("example" in permitted) == (domain == "server")
        assert len(issuing.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == uses
    leaf = certificate(tmp_path / "out/dev.1.crt")
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical and usage.value.digital_signature and not usage.value.key_cert_sign
    assert leaf.subject.rfc4514_string() == "CN=dev.1,OU=device,O=Wavegate"
    assert timedelta(days=10) < leaf.not_valid_after - leaf.not_valid_before <= timedelta(days=11)
    for domain, name in (("device", "dev.1"), ("server", "broker")):
        assert verify(tmp_path, domain, name, "-x509_strict").returncode == 0
    for host in ("broker.org", "192.0.3.1", "192.0.2.7"):  # elsewhere, elsewhere, no name
        pki(tmp_path, "issue", "server", "other", "--host", host, "--out", "out",
            expect=2 if host == "192.0.2.7" else 4)


def test_a_stolen_issuing_key_names_only_its_own_kind(made):
    """Signed by openssl with the device authority's own key: right in all but the name."""
    (made / "out").mkdir()
    openssl(made, "req", "-new", "-newkey", "ed25519", "-nodes", "-keyout", "k", "-out", "r", "-subj", "/CN=x")
    for unit, right in (("device", True), ("service", False), ("server", False)):
        done = openssl(made, "x509", "-req", "-in", "r", "-CA", "pki/device/issuing.crt", "-CAkey",
                       "pki/device/issuing.key", "-subj", f"/O=Wavegate/OU={unit}/CN=wavegated", "-out",
                       f"out/{unit}.crt", "-days", "1")
        assert done.returncode == 0, done.stderr
        found = verify(made, "device", unit)
        assert (found.returncode == 0) == right, found.stdout + found.stderr
        assert right or "permitted subtree violation" in found.stderr


def test_lifetimes_come_from_a_file(made):
    file = made / "pki/pki.json"
    policy = json.loads(file.read_text())
    policy["days"].update({"device": 7, "crl": 3})
    file.write_text(json.dumps(policy))
    pki(made, "issue", "device", "short", "--out", "out")
    pki(made, "issue", "device", "long", "--days", "9", "--out", "out")
    pki(made, "crl")
    rows = {row["name"]: row["not_after"] for row in json.loads(pki(made, "list", "--json"))}
    now = datetime.now(timezone.utc)
    assert now + timedelta(days=6) < datetime.fromisoformat(rows["short"].replace("Z", "+00:00")) \
        < now + timedelta(days=7)
    assert datetime.fromisoformat(rows["long"].replace("Z", "+00:00")) > now + timedelta(days=8)
    ends = x509.load_pem_x509_crl((made / "pki/device/crl.pem").read_bytes()).next_update
    assert ends < datetime.utcnow() + timedelta(days=3)
    pki(made, "issue", "device", "ever", "--days", "3650", "--out", "out", expect=6)  # outlives its authority
    policy["days"]["devise"] = 1
    file.write_text(json.dumps(policy))
    assert "devise" in pki(made, "issue", "device", "d", "--out", "out", expect=2)


def test_a_ledger_torn_by_a_power_cut_is_mended(made):
    pki(made, "issue", "device", "dev-1", "--out", "out")
    ledger = made / "pki/device/ledger"
    whole = ledger.read_text()
    ledger.write_text(whole + whole[:-20])
    pki(made, "issue", "device", "dev-2", "--out", "out")
    assert [line.split()[1] for line in ledger.read_text().splitlines()] == ["dev-1", "dev-2"]
    ledger.write_text(whole[:-20] + "\n" + whole)
    assert "ledger:1:1: error" in pki(made, "list", expect=2)


LOT = [{"id": "dev-1", "hardware_model": "ecu", "hardware_revision": "C"}, {"id": "dev-2", "hardware_model": "ecu"}]


@pytest.fixture(name="station")
def station_(made):
    """The factory's age key: identity file and recipient."""
    done = subprocess.run(["age-keygen", "-o", made / "station.txt"], check=True, capture_output=True, text=True)
    return made / "station.txt", done.stderr.split("Public key: ")[1].strip()


def write_lot(folder, rows):
    (folder / "lot.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))


def signed_body(folder, envelope, by="pki/device/enrolment.pub"):
    """Checks the signature as anybody with the public key would."""
    public = serialization.load_pem_public_key((folder / by).read_bytes())
    body = json.dumps(envelope["signed"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    signature, = envelope["signatures"]
    p256 = isinstance(public, ec.EllipticCurvePublicKey)
    form = ((serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint) if p256 else
            (serialization.Encoding.Raw, serialization.PublicFormat.Raw))
    assert signature["keyid"] == hashlib.sha256(public.public_bytes(*form)).hexdigest()
    public.verify(bytes.fromhex(signature["sig"]), body, *([ec.ECDSA(hashes.SHA256())] if p256 else []))
    return envelope["signed"]


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
def test_a_lot_is_sealed_and_signed_for(made, station, kind):
    identity, recipient = station
    write_lot(made, LOT)
    pki(made, "batch", "lot-7", "--devices", "lot.ndjson", "--station", recipient, "--out", "lots", "--key", kind,
        "--days", "90")
    lot = made / "lots/lot-7"
    assert not (made / "lots/lot-7.part").exists()
    manifest = signed_body(made, json.loads((lot / "manifest.json").read_text()))
    assert (manifest["type"], manifest["lot"], manifest["station"]) == ("wavegate-lot", "lot-7", recipient)
    rows = [json.loads(line) for line in (lot / "devices.ndjson").read_text().splitlines()]
    assert rows == LOT
    records = [signed_body(made, json.loads(line)) for line in (lot / "enrolment.ndjson").read_text().splitlines()]
    assert [entry["device"] for entry in manifest["devices"]] == ["dev-1", "dev-2"]
    ledger = {row["name"]: row["serial"] for row in json.loads(pki(made, "list", "--json"))}
    (made / "out").mkdir()
    for entry, record in zip(manifest["devices"], records):
        sealed = lot / f"bundles/{entry['device']}.age"
        assert hashlib.sha256(sealed.read_bytes()).hexdigest() == entry["bundle_sha256"]
        bundle = json.loads(subprocess.run(["age", "-d", "-i", identity, sealed], check=True, capture_output=True).stdout)
        (made / f"out/{entry['device']}.crt").write_text(bundle["chain"])
        assert verify(made, "device", entry["device"], "-x509_strict", "-purpose", "sslclient").returncode == 0
        leaf = certificate(made / f"out/{entry['device']}.crt")
        assert leaf.fingerprint(hashes.SHA256()).hex() == entry["certificate_sha256"]
        assert f"{leaf.serial_number:032x}" == entry["serial"] == ledger[entry["device"]]
        key = serialization.load_pem_private_key(bundle["key"].encode(), None)
        spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        assert spki.hex() == entry["identity_key"] == record["identity_key"]
        (made / "age.txt").write_text(bundle["age_identity"] + "\n")
        done = subprocess.run(["age-keygen", "-y", "age.txt"], cwd=made, check=True, capture_output=True, text=True)
        assert done.stdout.strip() == entry["age_key"] == record["age_key"]
        assert bundle["server_root"] == (made / "pki/server/root.crt").read_text()
        assert (record["type"], record["device"], record["hardware"]) == \
            ("wavegate-enrolment", entry["device"], entry["hardware"])
    assert b"PRIVATE KEY" not in b"".join(file.read_bytes() for file in lot.rglob("*") if file.is_file())
    pki(made, "batch", "lot-7", "--devices", "lot.ndjson", "--station", recipient, "--out", "lots", expect=6)
    pki(made, "revoke", "dev-2")


@pytest.mark.parametrize("rows, code, words", [
    ([], 2, "no devices"), ([LOT[0], LOT[0]], 2, "lot.ndjson:2: error: id: dev-1 is there twice"),
    ([{"id": "a/b", "hardware_model": "x"}], 2, "no name"), ([{"id": "a"}], 2, "hardware_model"),
    ([{"id": "wavegated", "hardware_model": "x"}], 6, "kept for a service"),
    ([LOT[1], {"id": "svc", "hardware_model": "x"}], 6, "server or service"),
    ([LOT[1], {"id": "there", "hardware_model": "x"}], 6, "in force")])
def test_a_wrong_lot_makes_nothing(made, station, rows, code, words):
    pki(made, "issue", "service", "svc", "--out", "out")
    pki(made, "issue", "device", "there", "--out", "out")
    before = (made / "pki/device/ledger").read_text()
    write_lot(made, rows)
    error = pki(made, "batch", "lot", "--devices", "lot.ndjson", "--station", station[1], "--out", "lots", expect=code)
    assert words in error
    assert not (made / "lots").exists() and (made / "pki/device/ledger").read_text() == before
    pki(made, "batch", "lot", "--devices", "lot.ndjson", "--station", "age1nobody", expect=2)


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
def test_a_certificate_for_a_key_made_elsewhere(made, kind):
    """The authority sees the public half alone."""
    pki(made, "key", "make", "tina", "--key", kind)
    words = ("issue", "operator", "tina", "--role", "rollout-admin", "--out", "out", "--public-key")
    assert "tina.crt: operator" in pki(made, *words, "tina.pub")
    assert not (made / "out/tina.key").exists()
    shown = openssl(made, "x509", "-in", "out/tina.crt", "-noout", "-pubkey").stdout
    assert shown == (made / "tina.pub").read_text() == pki(made, "key", "public", "tina")
    assert verify(made, "operator", "tina", "-x509_strict", "-purpose", "sslclient").returncode == 0
    assert "for one NAME" in pki(made, *words, "tina.pub", "bert", expect=2)
    assert "for one NAME" in pki(made, *words, "tina.pub", "--key", kind, expect=2)
    pki(made, *words, "nobody.pub", expect=5)
    assert "no PUBLIC KEY" in pki(made, *words, "tina", expect=2)
    assert openssl(made, "genpkey", "-algorithm", "ed448", "-out", "other").returncode == 0
    assert openssl(made, "pkey", "-in", "other", "-pubout", "-out", "other.pub").returncode == 0
    assert "neither Ed25519 nor P-256" in pki(made, *words, "other.pub", expect=2)


def test_a_p256_authority_enrols_by_p256(tmp_path):
    pki(tmp_path, "init", "pki", "--key", "p256")
    assert "prime256v1" in openssl(tmp_path, "pkey", "-pubin", "-in", "pki/device/enrolment.pub", "-noout", "-text").stdout
    assert "expected ed25519 or p256" in pki(tmp_path, "key", "make", "x", "--key", "rsa", expect=2)


def test_what_ended_long_ago_leaves_the_list(made):
    """Ledger lines of certificates whose end is 29 and 31 days past; a list lasts 30 days."""
    ledger, now = made / "pki/device/ledger", datetime.now(timezone.utc)

    def at(days):
        return (now - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    ledger.write_text(f"41aa short device - {at(29)} {at(100)}\n41bb long device - {at(31)} {at(100)}\n"
                      f"41cc lives device - {at(-9)} {at(1)}\n41dd ended device - {at(1)} -\n")
    pki(made, "crl")
    listed = x509.load_pem_x509_crl((made / "pki/device/crl.pem").read_bytes())
    assert sorted(entry.serial_number for entry in listed) == [0x41aa, 0x41cc]


@pytest.fixture(name="born")
def born_(made, station):
    """A device without credentials: its token, and requests of any key."""
    def request(name, kind="ed25519", subject="dev-9"):
        options = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256") if kind == "p256" else ("-algorithm", kind)
        assert openssl(made, "genpkey", *options, "-out", f"{name}.key").returncode == 0
        assert openssl(made, "req", "-new", "-key", f"{name}.key", "-subj", f"/CN={subject}", "-out",
                       f"{name}.csr").returncode == 0
        return f"{name}.csr"

    def claim(token, csr, expect=0, device="dev-9", out="out"):
        return pki(made, "claim", device, "--token", token, "--csr", csr, "--age", station[1], "--model", "ecu", "--out",
                   out, expect=expect)
    (made / "token").write_text(json.loads(pki(made, "token", "dev-9", "--expires", "1h", "--json"))["token"] + "\n")
    return made, request, claim


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
def test_a_token_is_good_once(born, kind):
    made, request, claim = born
    stored = (made / "pki/device/tokens/dev-9.json")
    assert os.stat(stored).st_mode & 0o777 == 0o600
    assert (made / "token").read_text().strip() not in stored.read_text()
    claim("token", request("mine", kind))
    chain = (made / "out/dev-9.crt").read_text()
    assert verify(made, "device", "dev-9", "-x509_strict", "-purpose", "sslclient").returncode == 0
    record = signed_body(made, json.loads((made / "out/dev-9.enrolment.json").read_text()))
    assert (record["device"], record["hardware"]) == ("dev-9", {"model": "ecu"})
    claim("token", "mine.csr")  # the answer was lost: the same key gets the same
    assert (made / "out/dev-9.crt").read_text() == chain
    assert "no longer, good" in claim("token", request("other"), expect=4)
    assert len(json.loads(pki(made, "list", "--json"))) == 1
    pki(made, "token", "dev-9", expect=6)  # it has a certificate


def test_a_wrong_token_gets_nothing(born):
    made, request, claim = born
    right = (made / "token").read_text()
    request("mine")
    for text in ("wgt1-" + "0" * 64, right.upper(), right.strip()[:-1], "", "x"):
        (made / "bad").write_text(text)
        assert "not, or no longer, good" in claim("bad", "mine.csr", expect=4)
    assert "not, or no longer, good" in claim("token", request("elsewhere", subject="dev-8"), expect=4, device="dev-8")
    claim("token", request("named", subject="dev-8"), expect=1)
    broken = bytearray((made / "mine.csr").read_bytes())
    at = broken.index(b"-----END") - 8
    broken[at] = ord("A") if broken[at] != ord("A") else ord("B")
    (made / "broken.csr").write_bytes(broken)
    claim("token", "broken.csr", expect=1)
    pki(made, "token", "dev-9", "--expires", "1h")  # a new one takes the old one's place
    claim("token", "mine.csr", expect=4)
    (made / "token").write_text(json.loads(pki(made, "token", "dev-9", "--expires", "1s", "--json"))["token"])
    ends = json.loads((made / "pki/device/tokens/dev-9.json").read_text())["expires"]
    assert poll(lambda: datetime.now(timezone.utc) > datetime.fromisoformat(ends.replace("Z", "+00:00")), 5)
    claim("token", "mine.csr", expect=4)
    assert json.loads(pki(made, "list", "--json")) == []
    pki(made, "token", "a/b", expect=2)
    pki(made, "token", "dev-1", "--expires", "1y", expect=2)


def test_of_two_claims_at_once_one_is_first(born, station):
    made, request, _ = born
    for name in "abcd":
        request(name)
    claims = [subprocess.Popen([programs.program("wavegate-pki"), "claim", "dev-9", "--token", "token", "--csr",
                                f"{name}.csr", "--age", station[1], "--model", "ecu", "--out", f"out-{name}"],
                               cwd=made, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for name in "abcd"]
    assert sorted(one.wait(20 * programs.SLOWER) for one in claims) == [0, 4, 4, 4]
    assert len(json.loads(pki(made, "list", "--json"))) == 1
    assert len(list(made.glob("out-*/dev-9.crt"))) == 1


def test_a_server_authority_that_was_kept_back_takes_over(made):
    pki(made, "key", "make", "spare")
    pki(made, "issue", "server", "localhost", "--host", "localhost", "--out", "out")
    before = certificate(made / "pki/server/issuing.crt")
    key = (made / "pki/server/root.key").rename(made / "away.key")
    was = {file: file.read_bytes() for file in (made / "pki").rglob("*") if file.is_file()}
    assert "root.key" in pki(made, "replace", "server", "--key", "spare", expect=5)
    pki(made, "replace", "device", "--key", "spare", "--root-key", key, expect=2)
    pki(made, "replace", "server", "--root-key", key, expect=2)
    pki(made, "replace", "server", "--key", "spare", "--root-key", "pki/device/root.key", expect=2)
    for file, data in was.items():
        assert file.read_bytes() == data, file
    for _ in range(2):  # the second time after a cut, perhaps
        pki(made, "replace", "server", "--key", "spare", "--root-key", key)
    after = certificate(made / "pki/server/issuing.crt")
    spare = serialization.load_pem_public_key((made / "spare.pub").read_bytes())
    raw = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert after.public_key().public_bytes(*raw) == spare.public_bytes(*raw)
    assert after.subject != before.subject
    kept, = (made / "pki/server").glob("issuing-*.crt")
    assert certificate(kept) == before
    assert kept.with_suffix(".key").stat().st_mode & 0o777 == 0o600
    pki(made, "revoke", "localhost")
    pki(made, "issue", "server", "localhost", "--host", "localhost", "--out", "out")
    assert verify(made, "server", "localhost", "-x509_strict", "-purpose", "sslserver", "-crl_check", "-CRLfile",
                  "pki/server/crl.pem").returncode == 0
    assert (made / "pki/server/issuing.crt").read_text() in (made / "pki/broker/trust.pem").read_text()


def test_pins_are_signed_and_have_a_backup(made, station):
    pki(made, "key", "make", "pins")
    pki(made, "key", "make", "spare")
    text = pki(made, "pins", "--key", "pins", "--number", "3", "server=pki/server/issuing.crt",
               "server-backup=spare.pub", "device=pki/device/issuing.crt", "device-backup=spare.pub")
    envelope = json.loads(text)
    hashes_ = {(pin["use"], pin["backup"]): pin["sha256"] for pin in envelope["signed"]["pins"]}
    spki = certificate(made / "pki/server/issuing.crt").public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert hashes_[("server", False)] == hashlib.sha256(spki).hexdigest()
    assert hashes_[("server", True)] == hashes_[("device", True)] and envelope["signed"]["number"] == 3
    (made / "pins.json").write_text(text)
    identity, recipient = station
    write_lot(made, LOT[:1])
    lot = ("--devices", "lot.ndjson", "--station", recipient, "--out", "lots", "--pins", "pins.json")
    pki(made, "batch", "lot-8", *lot, expect=2)
    assert "sign" in pki(made, "batch", "lot-8", *lot, "--pins-key", "spare.pub", expect=1)
    pki(made, "batch", "lot-8", *lot, "--pins-key", "pins.pub")
    sealed = made / "lots/lot-8/bundles/dev-1.age"
    bundle = json.loads(subprocess.run(["age", "-d", "-i", identity, sealed], check=True, capture_output=True).stdout)
    assert bundle["pins"] == envelope and bundle["pins_key"] == (made / "pins.pub").read_text()
    pki(made, "pins", "--key", "pins", "--number", "3", "server=spare.pub", "device-backup=spare.pub", expect=2)
    pki(made, "pins", "--key", "pins", "--number", "0", "server=spare.pub", "server-backup=pins.pub", expect=2)
    pki(made, "pins", "--key", "pins", "--number", "1", "broker=spare.pub", "server-backup=pins.pub", expect=2)
