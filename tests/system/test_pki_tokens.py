"""wavegate-pki with keys in SoftHSM's tokens: authorities, enrolment, pins."""

import json

import pytest

from tests.lab.token import PIN, Tokens
from tests.system.test_pki import LOT, certificate, openssl, pki, signed_body, verify, write_lot

DOMAINS = ("device", "server", "operator")
ED25519, P256 = "EC:edwards25519", "EC:prime256v1"


@pytest.fixture(name="tokens")
def tokens_(tmp_path, monkeypatch):
    made = Tokens(tmp_path).add("pki")
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


def test_an_issuing_authority_in_a_token(tmp_path, tokens):
    tokens.make_pair("pki", "device-issuing")
    token = tokens.uri("pki", "device-issuing")
    pki(tmp_path, "init", "pki", "--device-token", token)
    key = tmp_path / "pki/device/issuing.key"
    assert key.read_text() == token + "\n"
    pki(tmp_path, "issue", "device", "dev-1", "dev-2", "--out", "out")
    pki(tmp_path, "revoke", "dev-2")
    listed = ("-x509_strict", "-crl_check", "-CRLfile", "pki/device/crl.pem")
    assert verify(tmp_path, "device", "dev-1", *listed).returncode == 0
    assert "certificate revoked" in verify(tmp_path, "device", "dev-2", *listed).stderr
    tokens.pin.write_text("9999\n")
    pki(tmp_path, "issue", "device", "dev-3", "--out", "out", expect=4)
    tokens.pin.write_text(PIN + "\n")
    key.write_text(token.replace("device-issuing", "other"))
    pki(tmp_path, "issue", "device", "dev-3", "--out", "out", expect=5)
    other = tmp_path / "pki/server/issuing.key"
    key.write_text(other.read_text())  # some key, but not this certificate's
    assert "another certificate" in pki(tmp_path, "issue", "device", "dev-3", "--out", "out", expect=2)


@pytest.fixture(name="roots")
def roots_(tokens):
    """URIs of three roots' keys of both kinds, and of an enrolment key, in a token of their own."""
    tokens.add("offline")
    for number, (name, kind) in enumerate((("device", P256), ("server", ED25519), ("operator", P256),
                                           ("enrolment", ED25519), ("pins", ED25519)), 1):
        tokens.make_pair("offline", name, kind, f"{number:02}")
    return {name: tokens.uri("offline", name) for name in (*DOMAINS, "enrolment", "pins")}


def flags(roots, *names):
    return [word for name in names for word in (f"--{name}-root-token", roots[name])]


def test_roots_in_tokens(tmp_path, roots, tokens):
    said = pki(tmp_path, "init", "pki", *flags(roots, *DOMAINS))
    assert "Take the roots' tokens offline" in said
    bring_back = tokens.take_away()  # as said
    pki(tmp_path, "issue", "device", "dev-1", "dev-2", "--out", "out")
    pki(tmp_path, "issue", "server", "broker", "--host", "broker.example", "--out", "out")
    pki(tmp_path, "issue", "operator", "alice", "--role", "owner", "--out", "out")
    pki(tmp_path, "revoke", "dev-2")
    for domain, name in (("device", "dev-1"), ("server", "broker"), ("operator", "alice")):
        key = tmp_path / f"pki/{domain}/root.key"
        assert key.read_text() == roots[domain] + "\n" and key.stat().st_mode & 0o777 == 0o600
        assert "PRIVATE KEY" in (tmp_path / f"pki/{domain}/issuing.key").read_text()
        done = verify(tmp_path, domain, name, "-x509_strict", "-crl_check", "-CRLfile", f"pki/{domain}/crl.pem")
        assert done.returncode == 0, done.stderr
        assert openssl(tmp_path, "verify", "-x509_strict", "-check_ss_sig", "-CAfile", f"pki/{domain}/root.crt",
                       f"pki/{domain}/root.crt").returncode == 0
    bring_back()
    tokens.tool("offline", "--read-object", "--type", "pubkey", "--label", "device", "-o", tmp_path / "device.der")
    public = openssl(tmp_path, "pkey", "-pubin", "-inform", "DER", "-in", "device.der").stdout
    assert public == openssl(tmp_path, "x509", "-in", "pki/device/root.crt", "-noout", "-pubkey").stdout
    for name in ("root", "issuing"):
        assert certificate(tmp_path / f"pki/device/{name}.crt").issuer == certificate(tmp_path / "pki/device/root.crt").subject


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_root_and_its_issuing_authority_in_tokens(tmp_path, roots, tokens, domain):
    """The others keep theirs in files."""
    tokens.make_pair("pki", "issuing", ED25519)
    said = pki(tmp_path, "init", "pki", *flags(roots, domain), f"--{domain}-token", tokens.uri("pki", "issuing"))
    assert "Take pki/*/root.key offline" in said
    in_tokens = {path.parent.name for path in (tmp_path / "pki").glob("*/root.key") if "pkcs11:" in path.read_text()}
    assert in_tokens == {domain}
    pki(tmp_path, "crl")
    kind, more = {"device": ("device", ()), "server": ("service", ()), "operator": ("operator", ("--role", "owner"))}[domain]
    pki(tmp_path, "issue", kind, "one", *more, "--out", "out")
    assert verify(tmp_path, domain, "one", "-x509_strict").returncode == 0


@pytest.mark.parametrize("name", ["enrolment", "device"])
def test_enrolment_is_signed_in_a_token(tmp_path, roots, tokens, name):
    pki(tmp_path, "init", "pki", "--enrolment-token", roots[name])
    key = tmp_path / "pki/device/enrolment.key"
    assert key.read_text() == roots[name] + "\n" and key.stat().st_mode & 0o777 == 0o600
    write_lot(tmp_path, LOT)
    tokens.run("age-keygen", "-o", tmp_path / "station.txt")
    station = tokens.run("age-keygen", "-y", tmp_path / "station.txt").strip()
    pki(tmp_path, "batch", "lot-7", "--devices", "lot.ndjson", "--station", station, "--out", "lots")
    manifest = signed_body(tmp_path, json.loads((tmp_path / "lots/lot-7/manifest.json").read_text()))
    assert manifest["lot"] == "lot-7"
    for line in (tmp_path / "lots/lot-7/enrolment.ndjson").read_text().splitlines():
        assert signed_body(tmp_path, json.loads(line))["type"] == "wavegate-enrolment"


@pytest.mark.parametrize("name", ["pins", "device"])
def test_pins_are_signed_in_a_token(tmp_path, roots, tokens, name):
    pki(tmp_path, "init", "pki")
    pki(tmp_path, "key", "make", "spare")
    (tmp_path / "pins.pub").write_text(pki(tmp_path, "key", "public", roots[name]))
    where = tokens.uri("offline", name, pin=False)
    words = ("--number", "1", "server=pki/server/issuing.crt", "server-backup=spare.pub")
    made = json.loads(pki(tmp_path, "pins", "--key", where, "--secret", tokens.pin, *words))
    assert signed_body(tmp_path, made, by="pins.pub")["number"] == 1
    assert "there is no terminal" in pki(tmp_path, "pins", "--key", where, *words, expect=4)


def test_a_root_in_a_token_replaces_the_authority_of_servers(tmp_path, roots, tokens):
    """The one before is in a token as well."""
    tokens.make_pair("pki", "issuing")
    issuing = tokens.uri("pki", "issuing")
    pki(tmp_path, "init", "pki", *flags(roots, "server"), "--server-token", issuing)
    pki(tmp_path, "key", "make", "spare")
    folder, bring_back = tmp_path / "pki/server", tokens.take_away()
    before = (folder / "issuing.crt").read_bytes()
    assert "no token" in pki(tmp_path, "replace", "server", "--key", "spare", expect=5)
    assert (folder / "issuing.crt").read_bytes() == before and (folder / "issuing.key").read_text() == issuing + "\n"
    bring_back()
    (tmp_path / "away.key").write_text(roots["operator"] + "\n")
    assert "another certificate" in pki(tmp_path, "replace", "server", "--key", "spare", "--root-key", "away.key", expect=2)
    assert (folder / "issuing.crt").read_bytes() == before
    pki(tmp_path, "replace", "server", "--key", "spare")
    (folder / "root.key").rename(tmp_path / "away.key")
    pki(tmp_path, "replace", "server", "--key", "spare", "--root-key", "away.key")  # again, after a cut perhaps
    kept, = folder.glob("issuing-*.key")
    assert kept.read_text() == issuing + "\n" and kept.with_suffix(".crt").read_bytes() == before
    assert openssl(tmp_path, "x509", "-in", folder / "issuing.crt", "-noout", "-pubkey").stdout == (tmp_path / "spare.pub").read_text()
    tokens.take_away()
    pki(tmp_path, "issue", "server", "broker", "--host", "broker.example", "--out", "out")
    done = verify(tmp_path, "server", "broker", "-x509_strict", "-crl_check", "-CRLfile", "pki/server/crl.pem")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments, code, words", [
    (("--device-root-token", "{wrong}"), 4, "wrong PIN"),
    (("--operator-root-token", "{nobody}"), 5, 'holds no private key "nobody"'),
    (("--server-root-token", "{device}", "--server-token", "{device}"), 2, "named for something else too"),
    (("--device-root-token", "{device}", "--operator-root-token", "{device}"), 2, "named for something else too"),
    (("--enrolment-token", "{device}", "--device-token", "{device}"), 2, "named for something else too"),
    (("--enrolment-token", "{wrong}"), 4, "wrong PIN"),
    (("--device-root-token", "{unread}"), 4, "add pin-source=file:/PATH to the URI"),
    (("--device-root-token", "root.key"), 2, "expected pkcs11:"),
])
def test_nothing_is_made_when_a_token_does_not_open(tmp_path, roots, tokens, arguments, code, words):
    known = {**roots, "nobody": tokens.uri("offline", "nobody"), "unread": tokens.uri("offline", "device", pin=False),
             "wrong": tokens.uri("offline", "device", tokens.wrong_pin)}
    said = pki(tmp_path, "init", "pki", *(word.format(**known) for word in arguments), expect=code)
    assert words in said and "0815" not in said and PIN not in said
    assert not (tmp_path / "pki").exists()
    pki(tmp_path, "init", "pki", *flags(roots, "device"))
