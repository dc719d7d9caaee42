"""wavegate-pki as its user sees it; what it makes is judged by openssl."""

import json
import os
import subprocess

import pytest

from tests.lab import programs


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
    # not -x509_strict: wolfCrypt 5.5 does not mark basicConstraints critical
    assert verify(made, "device", "dev-1", "-purpose", "sslclient").returncode == 0
    assert verify(made, "server", "broker", "-purpose", "sslserver").returncode == 0
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


