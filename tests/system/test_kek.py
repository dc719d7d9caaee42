"""Key-encryption keys: `wavegate kek make`, `wavegated --kek-list`, `--kek-rewrap`, in files and in SoftHSM's tokens.

Envelopes are made and opened here by Python's cryptography, as orchestrator/release/file_key.h says.
"""

import json
import os
import stat
import subprocess

import pytest
import yaml
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.lab import programs
from tests.lab.process import poll
from tests.lab.token import PIN, Tokens

IN_FILE, IN_TOKEN = "wavegate-file-key-1", "wavegate-file-key-2"


def derive(key, info, length, salt=None):
    return HKDF(hashes.SHA256(), length, salt, info).derive(key)


class Desk:
    """A folder with a configuration, key-encryption keys and wrapped file keys."""

    def __init__(self, folder):
        self.folder, self.keys = folder, folder / "keys"
        self.keys.mkdir()
        self.tokens = Tokens(folder).add("T")
        self.artifacts = {f"{number:064x}": os.urandom(16) for number in range(1, 4)}

    def use(self, *keks):
        """Configures them, the first in force."""
        (self.folder / "wavegate.yaml").write_text(yaml.safe_dump(
            {"artifacts": {"keys": "keys", "kek": keks[0] if len(keks) == 1 else list(keks)}}))

    def command(self, *words):
        verb, *more = words
        start = ("wavegate", "kek", "make") if verb == "make" else ("wavegated", f"--kek-{verb}")
        return [str(word) for word in (programs.program(start[0]), *start[1:], *more, "--config",
                                       self.folder / "wavegate.yaml")]

    def environment(self):
        return programs.environment(self.folder, **self.tokens.environment)

    def run(self, *words, code=0):
        done = programs.run(self.command(*words), env=self.environment())
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout if code == 0 else done.stderr

    def make(self, where):
        return json.loads(self.run("make", where, "--json"))["id"]

    def rewrap(self, code=0):
        answer = self.run("rewrap", "--json", code=code)
        return json.loads(answer)["rewrapped"] if code == 0 else answer

    def wrap(self, file):
        """File keys, wrapped by the key of a file."""
        key = file.read_bytes()
        kek = derive(key, b"wavegate kek id", 16).hex()
        for artifact, secret in self.artifacts.items():
            salt = os.urandom(32)
            sealed = ChaCha20Poly1305(derive(key, IN_FILE.encode(), 32, salt)).encrypt(
                bytes(12), secret, f"{IN_FILE}\n{kek}\n{artifact}".encode())
            (self.keys / f"{artifact}.json").write_text(json.dumps(
                {"artifact": artifact, "format": IN_FILE, "kek": kek, "salt": salt.hex(), "sealed": sealed.hex()}))

    def open(self, key):
        """What the envelopes hold, for who has the key's bytes."""
        opened = {}
        for one in self.envelopes():
            bound = f"{one['format']}\n{one['kek']}\n{one['artifact']}".encode()
            sealed = bytes.fromhex(one["sealed"])
            if one["format"] == IN_FILE:
                sealing = derive(key, IN_FILE.encode(), 32, bytes.fromhex(one["salt"]))
                opened[one["artifact"]] = ChaCha20Poly1305(sealing).decrypt(bytes(12), sealed, bound)
            else:
                opened[one["artifact"]] = AESGCM(key).decrypt(bytes.fromhex(one["iv"]), sealed, bound)
        return opened

    def envelopes(self):
        return [json.loads(path.read_text()) for path in sorted(self.keys.glob("*.json"))]

    def told(self):
        return {(one["format"], one["kek"]) for one in self.envelopes()}


@pytest.fixture(name="desk")
def desk_(tmp_path):
    made = Desk(tmp_path)
    yield made
    assert not programs.sanitizer_logs(tmp_path)


def test_from_file_to_token_to_token_and_back(desk):
    desk.tokens.add("U")
    first, last = desk.folder / "first", desk.folder / "last"
    places = [desk.tokens.uri("T", "kek"), desk.tokens.uri("T", "second"), desk.tokens.uri("U", "kek"), str(last)]
    first_id = desk.make(first)
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    desk.wrap(first)
    old, seen = str(first), set()
    for place in places:
        kek = desk.make(place)
        desk.use(place, old)
        counts = json.loads(desk.run("list", "--json"))
        assert [one["file_keys"] for one in counts["keks"]] == [0, 3] and counts["under_others"] == 0
        assert desk.rewrap() == 3 and desk.rewrap() == 0
        desk.use(place)  # the old one has left
        counts = json.loads(desk.run("list", "--json"))
        assert counts["keks"] == [{"where": place, "id": kek, "file_keys": 3}] and counts["under_others"] == 0
        assert desk.told() == {(IN_FILE if place == str(last) else IN_TOKEN, kek)}
        seen |= {kek, first_id, *(one.get("iv") for one in desk.envelopes())}
        old = place
    assert desk.open(last.read_bytes()) == desk.artifacts
    assert len(seen - {None}) == 5 + 3 * 3  # no id and no initialisation vector twice
    for path in desk.keys.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rewrapping_cut_off(desk):
    """Killed in the middle: the next run ends it, and every file key is what it was."""
    desk.artifacts = {f"{number:064x}": os.urandom(16) for number in range(40)}
    desk.make(desk.folder / "first")
    desk.wrap(desk.folder / "first")
    for number in range(40, 80):  # who reads it stands there: somewhere in the middle
        pipe = desk.keys / f"{number:064x}.json"
        os.mkfifo(pipe, 0o600)
        if 5 < os.listdir(desk.keys).index(pipe.name) < 35:
            break
        pipe.unlink()
    kek = desk.make(desk.tokens.uri("T", "kek"))
    desk.use(desk.tokens.uri("T", "kek"), "first")

    def is_read():
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return None
    with subprocess.Popen(desk.command("rewrap"), env=desk.environment()) as child:
        end = poll(is_read, 60)
        child.kill()
    assert end
    os.close(end)
    pipe.unlink()
    before = sum(one["format"] == IN_TOKEN for one in desk.envelopes())
    assert 0 < before < 40 and desk.rewrap() == 40 - before
    assert desk.told() == {(IN_TOKEN, kek)}
    desk.make(desk.folder / "last")
    desk.use("last", desk.tokens.uri("T", "kek"))
    assert desk.rewrap() == 40 and desk.open((desk.folder / "last").read_bytes()) == desk.artifacts


def test_a_key_whose_bytes_are_known(desk):
    """What a token wraps is what the standard says: AES-256-GCM, bound to format, key and artifact."""
    key, kek = bytes(11 + byte % 245 for byte in os.urandom(32)), os.urandom(16).hex()
    (desk.folder / "aes").write_bytes(key)  # softhsm2-util would stop at a NUL or a new line
    desk.tokens.add("copy")
    for token in ("T", "copy"):
        desk.tokens.run("softhsm2-util", "--import", desk.folder / "aes", "--aes", "--token", token, "--label", "known",
                        "--id", kek, "--pin", PIN)
    desk.make(desk.folder / "first")
    desk.wrap(desk.folder / "first")
    desk.use(desk.tokens.uri("T", "known"), "first")
    assert desk.rewrap() == 3
    assert desk.told() == {(IN_TOKEN, kek)}
    assert desk.open(key) == desk.artifacts
    desk.make(desk.folder / "last")
    desk.use("last", desk.tokens.uri("copy", "known"))  # the same key elsewhere
    assert desk.rewrap() == 3 and desk.open((desk.folder / "last").read_bytes()) == desk.artifacts


def test_a_key_made_by_pkcs11_tool(desk):
    kek = os.urandom(16).hex()
    desk.tokens.tool("T", "--keygen", "--key-type", "AES:32", "--label", "by-hand", "--id", kek, "--sensitive")
    desk.make(desk.folder / "first")
    desk.wrap(desk.folder / "first")
    desk.use(desk.tokens.uri("T", "by-hand", more=f";type=secret-key;id=%{'%'.join(kek[i:i + 2] for i in range(0, 32, 2))}"),
             "first")
    assert desk.rewrap() == 3 and desk.told() == {(IN_TOKEN, kek)}


def test_the_key_stays_in_its_token(desk):
    """And what `kek make` makes says so to others."""
    desk.make(desk.tokens.uri("T", "kek"))
    shown = desk.tokens.tool("T", "-O")
    assert "sensitive, always sensitive, never extractable, local" in shown and "Usage:      encrypt, decrypt\n" in shown
    assert "CKR_ATTRIBUTE_SENSITIVE" in desk.tokens.refused("T", "--read-object", "--type", "secrkey", "--label", "kek")
    assert "already" in desk.run("make", desk.tokens.uri("T", "kek"), code=6)
    assert "already" in desk.run("make", desk.tokens.uri("T", "kek", more=";type=secret-key"), code=6)


@pytest.fixture(name="wrapped")
def wrapped_(desk):
    """File keys under a token's key."""
    desk.make(desk.folder / "first")
    desk.wrap(desk.folder / "first")
    desk.make(desk.tokens.uri("T", "kek"))
    desk.use(desk.tokens.uri("T", "kek"), "first")
    assert desk.rewrap() == 3
    desk.make(desk.folder / "next")
    desk.use("next", desk.tokens.uri("T", "kek"))
    return desk


@pytest.mark.parametrize("member", ["sealed", "iv", "kek", "artifact"])
def test_a_changed_envelope(wrapped, member):
    """Also under another artifact's name: the others are not touched, and nothing of it comes out."""
    path = sorted(wrapped.keys.iterdir())[0]
    envelope = json.loads(path.read_text())
    envelope[member] = ("1" if envelope[member][0] == "0" else "0") + envelope[member][1:]
    if member == "artifact":
        path.rename(wrapped.keys / f"{envelope[member]}.json")
        path = wrapped.keys / f"{envelope[member]}.json"
    path.write_text(json.dumps(envelope))
    said = wrapped.rewrap(code=5 if member == "kek" else 1)
    assert str(path) in said
    assert ("not at hand" if member == "kek" else "it was changed, or sealed by another key") in said
    assert json.loads(path.read_text()) == envelope


def test_another_key_under_the_same_name_and_id(wrapped):
    """A token that was made anew: what it cannot open stays as it is, and can be opened by who has the old one."""
    kek = wrapped.envelopes()[0]["kek"]
    before = wrapped.envelopes()
    wrapped.tokens.add("copy").tool("copy", "--keygen", "--key-type", "AES:32", "--label", "kek", "--id", kek, "--sensitive")
    wrapped.use("next", wrapped.tokens.uri("copy", "kek"))
    assert "sealed by another key" in wrapped.rewrap(code=1)
    assert wrapped.envelopes() == before
    wrapped.use("next", wrapped.tokens.uri("T", "kek"))
    assert wrapped.rewrap() == 3


@pytest.mark.parametrize("where, code, words", [
    ({"name": "nobody"}, 5, 'token T holds no secret key "nobody": have it made there'),
    ({"token": "nowhere"}, 5, 'no token "nowhere" is there: see pkcs11-tool'),
    ({"pin": "wrong"}, 4, "wrong PIN in "),
    ({"pin": False}, 4, "there is no terminal to ask on"),
    ({"pin": "/nowhere/pin"}, 5, "/nowhere/pin"),
    ({"name": "pair"}, 2, '"pair" is another kind of object, no secret key'),
    ({"name": "short"}, 2, '"short" is no AES key of 256 bits'),
    ({"name": "open"}, 4, '"open" can be taken out: make another'),
    ({"name": "numbered"}, 2, "has 1 bytes: expected 16, random"),
    ({"name": "kek", "more": ";type=private"}, 2, "expected type=secret-key"),
    ({"name": "kek", "more": ";type=cert"}, 2, "the value of type cannot be used"),
])
def test_what_cannot_be_used(desk, where, code, words):
    tokens, numbers = desk.tokens, ("01", "02" * 16, "03" * 16, "04" * 16)
    desk.make(tokens.uri("T", "kek"))
    tokens.make_pair("T", "pair", number="07")
    for name, number, kind, *more in (("numbered", numbers[0], "AES:32", "--sensitive"),
                                      ("short", numbers[1], "AES:16", "--sensitive"),
                                      ("open", numbers[2], "AES:32", "--extractable")):
        tokens.tool("T", "--keygen", "--key-type", kind, "--label", name, "--id", number, *more)
    pin = tokens.wrong_pin if where.get("pin") == "wrong" else where.get("pin")
    desk.use(tokens.uri(where.get("token", "T"), where.get("name", "kek"), pin, where.get("more", "")))
    said = desk.run("list", code=code)
    assert words in said and "0815" not in said and PIN not in said


def test_more_that_cannot_be_used(desk):
    kek = desk.tokens.uri("T", "kek")
    desk.make(kek)
    desk.use(kek.replace("/usr/lib/softhsm", "/nowhere"))
    assert "the PKCS#11 module /nowhere/libsofthsm2.so cannot be loaded: name it by module-path=" in desk.run("list", code=5)
    desk.use(kek, kek)
    assert "are the same key-encryption key" in desk.run("list", code=2)
    desk.use(f"{kek}&pin-value={PIN}")
    assert PIN not in desk.run("list", code=2)
    desk.use(desk.tokens.uri("T", "kek", pin=False))
    assert json.loads(desk.run("list", "--json", "--passphrase-file", desk.tokens.pin))["under_others"] == 0
    desk.use("wavegate.yaml")  # a file, but no key
    (desk.folder / "wavegate.yaml").chmod(0o600)
    assert "expected a key of 32 bytes" in desk.run("list", code=2)
