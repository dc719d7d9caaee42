"""wavegate release on a TUF repository: every command, as admins use them, judged by python-tuf."""

import fcntl
import http.server
import json
import os
import pty
import re
import shutil
import subprocess
import termios
import threading
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (Encoding, PublicFormat, load_pem_private_key,
                                                          load_pem_public_key)
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.exceptions import ExpiredMetadataError
from tuf.api.metadata import Metadata
from tuf.ngclient import Updater

from tests.lab import programs
from tests.lab.process import poll
from tests.lab.programs import SLOWER
from tests.lab.token import Tokens
from tests.tuf.client import Client

WORD = "correct-horse-battery"
STATEMENT = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1",
             "predicate": {"buildDefinition": {"buildType": "https://example.org/make"},
                           "runDetails": {"builder": {"id": "https://ci.example.org/7"}}}}


class Desk:
    """One folder with keys, repositories and clients; commands run in it, without configuration."""

    def __init__(self, folder):
        self.folder = folder
        self.env = programs.environment(folder, HOME=str(folder), WAVEGATE_CONFIG="")

    def path(self, name):
        return self.folder / name

    def write(self, name, content, mode=0o644):
        path = self.path(name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return path

    def run(self, *words, code=0, env=None):
        argv = [str(programs.program("wavegate")), "release", *map(str, words)]
        done = subprocess.run(argv, cwd=self.folder, env=env or self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60 * SLOWER)
        codes = code if isinstance(code, tuple) else (code,)
        assert done.returncode in codes, f"{argv}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout if done.returncode == 0 else done.stderr + done.stdout

    def keys(self, *names, kind="ed25519"):
        for name in names:
            self.run("make-key", f"{name}.pem", "--no-passphrase", "--kind", kind)

    def repository(self, root="anna,ben", threshold=1, targets="anna", **more):
        """Keys and a repository with root 1 published."""
        self.keys("anna", "ben", "carl", "online")
        self.init(root, threshold, targets, **more)
        for name in root.split(","):
            self.run("sign", "--repository", "R", "--key", f"{name}.pem")
            if not (self.path("R/staged/root.json").exists() or self.path("R/staged/targets.json").exists()):
                break
        assert (self.path("R/metadata/timestamp.json")).exists()
        return self.path("R")

    def init(self, root, threshold, targets, **more):
        def public(names):
            return ",".join(f"{name}.pem.pub" for name in names.split(","))

        flags = [word for name, value in more.items() for word in (f"--{name.replace('_', '-')}", value)]
        self.run("init", "--repository", "R", "--root-keys", public(root), "--root-threshold", threshold,
                 "--targets-keys", public(targets), "--snapshot-key", "online.pem", "--timestamp-key",
                 "online.pem", *flags)

    def add(self, version, *flags, component="brake", code=0):
        self.write("firmware", f"{component} {version}\n" * 10)
        return self.run("add", "firmware", "--repository", "R", "--component", component, "--version", version,
                        *flags, code=code)

    def sign(self, *names, repository="R"):
        return self.run("sign", "--repository", repository, "--key", ",".join(f"{name}.pem" for name in names))

    def verify(self, code=0):
        return self.run("verify", "--repository", "R", code=code)


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    assert not programs.sanitizer_logs(tmp_path)


class Server:
    def __init__(self, folder):
        outer = self
        self.asked = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args):
                super().__init__(*args, directory=str(folder))

            def log_message(self, *_args):
                outer.asked.append(self.path)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def client(desk, server, name="client", root=None):
    """python-tuf's updater, with a folder of its own that starts with the given root."""
    folder = desk.path(name)
    if not folder.exists():
        (folder / "targets").mkdir(parents=True)
        shutil.copy(root or desk.path("R/metadata/1.root.json"), folder / "root.json")
    return Updater(metadata_dir=str(folder), metadata_base_url=f"{server.url}/metadata/",
                   target_base_url=f"{server.url}/targets/", target_dir=str(folder / "targets"),
                   bootstrap=(root or desk.path("R/metadata/1.root.json")).read_bytes())


def fetch(updater, path):
    info = updater.get_targetinfo(path)
    assert info, f"{path} is no target"
    return info, Path(updater.download_target(info)).read_bytes()


def published(desk, role):
    """The newest version of a role, by its file."""
    versions = [int(path.name.split(".")[0]) for path in desk.path("R/metadata").glob(f"*.{role}.json")]
    return Metadata.from_file(str(desk.path(f"R/metadata/{max(versions)}.{role}.json")))


# ---- releases ----

def test_a_release_with_its_papers_reaches_a_client(desk):
    repository = desk.repository()
    digest = sha256(b"brake 1.2.0\n" * 10).hexdigest()
    desk.write("build.cdx.json", json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5",
                                             "components": [{"name": "zlib"}, {"name": "lwip"}]}))
    desk.write("p.intoto.json", json.dumps({**STATEMENT, "subject": [{"name": "f", "digest": {"sha256": digest}}]}))
    desk.add("1.2.0", "--hardware", "brake:>=C,radio", "--depends", "gateway:^5", "--from", ">=1.0.0",
             "--security-version", "3", "--notes", "line one\nüber \"quoted\" \\", "--plain-sha256", "a" * 64,
             "--plain-length", "77", "--sbom", "build.cdx.json", "--provenance", "p.intoto.json")
    assert "staged" in desk.run("list", "--repository", "R")
    assert "\npublished" in desk.sign("anna")
    assert "all of it verifies" in desk.verify()

    with Server(repository) as server:
        info, content = fetch(client(desk, server), "brake/1.2.0/artifact")
        assert content == b"brake 1.2.0\n" * 10
        assert info.custom["wavegate"] == {
            "component": "brake", "version": "1.2.0", "from": ">=1.0.0", "depends": {"gateway": "^5"},
            "hardware": [{"model": "brake", "revision": ">=C"}, {"model": "radio"}], "security_version": 3,
            "notes": "line one\nüber \"quoted\" \\", "plain": {"sha256": "a" * 64, "length": 77},
            "papers": ["sbom", "provenance"]}
        assert f"/targets/brake/1.2.0/{digest}.artifact" in " ".join(server.asked)
        fetch(client(desk, server), "brake/1.2.0/sbom.cdx.json")

    shown = desk.run("show", "brake/1.2.0", "--repository", "R")
    assert "CycloneDX 1.5, 2 components" in shown
    assert "https://slsa.dev/provenance/v1, by https://ci.example.org/7" in shown
    assert "signed by          anna (" in shown
    rows = json.loads(desk.run("list", "--repository", "R", "--json"))["releases"]
    assert [(row["component"], row["version"], row["state"]) for row in rows] == [("brake", "1.2.0", "published")]


def opened(desk, name, *flags):
    """What the stock zstd makes of a file."""
    argv = ["zstd", "-q", "-d", "-c", *map(str, flags), str(desk.path(name))]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_forms_reach_a_client(desk):
    """Compressed, and as a patch over what was published before: targets of their own, which the stock zstd opens."""
    repository = desk.repository()
    old, new = (f"brake {version}\n".encode() * 10 for version in ("1.0.0", "1.1.0"))
    desk.add("1.0.0")
    desk.sign("anna")
    desk.add("1.1.0", "--compress", "--delta-from", "brake/1.0.0")
    desk.sign("anna")
    assert "all of it verifies" in desk.verify()
    patch = f"from-{sha256(old).hexdigest()[:16]}.zst"
    to = {"sha256": sha256(new).hexdigest(), "length": len(new)}
    with Server(repository) as server:
        updater = client(desk, server)
        info, _ = fetch(updater, "brake/1.1.0/artifact")
        assert info.custom["wavegate"]["forms"] == ["artifact.zst", patch]
        info, packed = fetch(updater, "brake/1.1.0/artifact.zst")
        assert info.custom["wavegate"] == {"form": "zstd", "to": to}
        assert opened(desk, desk.write("packed", packed)) == new
        info, packed = fetch(updater, f"brake/1.1.0/{patch}")
        assert info.custom["wavegate"] == {"form": "zstd-patch", "to": to,
                                           "from": {"sha256": sha256(old).hexdigest(), "length": len(old)}}
        base = desk.write("base", old)
        assert opened(desk, desk.write("packed", packed), f"--patch-from={base}") == new
    shown = json.loads(desk.run("show", "brake/1.1.0", "--repository", "R", "--json"))
    assert shown["targets"][f"brake/1.1.0/{patch}"]["form"]["form"] == "zstd-patch"


def test_a_form_joins_a_release_that_is_published(desk):
    """Made by the stock zstd, or by ours; what does not become the artifact is not taken."""
    desk.repository()
    desk.add("1.0.0")
    desk.sign("anna")
    subprocess.run(["zstd", "-q", str(desk.path("firmware")), "-o", str(desk.path("f.zst"))], check=True)
    named = ("--component", "brake", "--version", "1.0.0", "--repository", "R")
    desk.write("other", b"something else")
    desk.run("pack", "other", "--out", "other.zst")
    assert "becomes content with SHA-256" in desk.run("add-form", "other.zst", *named, code=1)
    assert "expected a zstd frame at byte 0" in desk.run("add-form", "firmware", *named, code=1)
    assert "no release brake/9.0.0" in desk.run("add-form", "f.zst", "--component", "brake", "--version", "9.0.0",
                                                "--repository", "R", code=5)
    desk.run("add-form", "f.zst", *named)
    assert "there already" in desk.run("add-form", "f.zst", *named, code=6)
    desk.sign("anna")
    assert "all of it verifies" in desk.verify()
    assert "pack first" in desk.add("1.1.0", "--compress", "--plain-sha256", "a" * 64, "--plain-length", "77", code=2)
    assert "the repository has no release brake/0.9.0" in desk.add("1.1.0", "--delta-from", "brake/0.9.0", code=5)
    assert "firmware.zst" in desk.run("pack", "firmware")
    assert "File exists" in desk.run("pack", "firmware", code=6)


def test_a_device_loads_its_component_alone(desk):
    repository = desk.repository()
    desk.add("1.0.0")
    desk.add("5.0.0", "--role-keys", "carl.pem.pub", component="gateway")
    desk.sign("anna", "carl")
    with Server(repository) as server:
        fetch(client(desk, server), "brake/1.0.0/artifact")
        assert not [line for line in server.asked if "gateway" in line]
        fetch(client(desk, server), "gateway/5.0.0/artifact")
    before = published(desk, "targets").signed.version
    desk.add("5.1.0", component="gateway")
    desk.sign("carl")
    assert published(desk, "gateway").signed.version == 2
    assert published(desk, "targets").signed.version == before  # carl needs nobody else
    assert "signs for nothing that is staged" in (
        desk.add("5.2.0", component="gateway") and desk.run("sign", "--repository", "R", "--key", "anna.pem", code=4))


def test_metadata_is_what_python_tuf_says_it_should_be(desk):
    desk.repository()
    desk.add("1.0.0")
    desk.sign("anna")
    root, targets = published(desk, "root"), published(desk, "targets")
    for key in root.signed.keys.values():
        assert key.keyid in key_ids(desk)
    root.signed.verify_delegate("root", root.signed_bytes, root.signatures)
    root.signed.verify_delegate("targets", targets.signed_bytes, targets.signatures)
    root.signed.verify_delegate("snapshot", published(desk, "snapshot").signed_bytes,
                                published(desk, "snapshot").signatures)
    brake = published(desk, "brake")
    targets.signed.verify_delegate("brake", brake.signed_bytes, brake.signatures)
    assert root.signed.consistent_snapshot
    year = root.signed.expires - datetime.now(timezone.utc)
    assert timedelta(days=364) < year <= timedelta(days=365)
    listed = published(desk, "snapshot").signed.meta
    assert set(listed) == {"targets.json", "brake.json"}
    assert listed["brake.json"].length == len(desk.path("R/metadata/1.brake.json").read_bytes())


def key_ids(desk):
    return {SSlibKey.from_crypto(load_pem_public_key(path.read_bytes())).keyid for path in desk.folder.glob("*.pub")}


def test_papers_must_fit(desk):
    desk.repository()
    desk.write("other.json", json.dumps({**STATEMENT, "subject": [{"digest": {"sha256": "b" * 64}}]}))
    desk.write("list.json", "[1]")
    desk.write("torn.json", "{")
    desk.write("plain.json", "{}")
    assert "no subject has the artifact's sha256" in desk.add("1.0.0", "--provenance", "other.json", code=1)
    assert "no in-toto statement" in desk.add("1.0.0", "--provenance", "plain.json", code=2)
    assert "neither CycloneDX" in desk.add("1.0.0", "--sbom", "plain.json", code=2)
    for name in ("list.json", "torn.json"):
        assert "not JSON as expected" in desk.add("1.0.0", "--sbom", name, code=2)
    assert list(desk.path("R/staged").iterdir()) == []


def test_what_a_device_would_refuse_is_refused(desk):
    desk.repository()
    assert "expected MODEL" in desk.add("1.0.0", "--hardware", "a b", code=2)
    assert "1.0" in desk.add("1.0", code=2)
    assert "from" in desk.add("1.0.0", "--from", ">>1", code=2)
    assert "cannot be the name of a component" in desk.add("1.0.0", component="snapshot", code=2)
    assert "COMPONENT/VERSION" in desk.add("../../etc", code=2)
    assert "control characters" in desk.add("1.0.0", "--notes", "a\x1b[2Kb", code=2)
    assert "belong together" in desk.add("1.0.0", "--plain-length", "3", code=2)
    desk.add("1.0.0")
    assert "there already" in desk.add("1.0.0", code=6)
    assert "no release brake/9.9.9" in desk.run("show", "brake/9.9.9", "--repository", "R", code=5)


def policy(count, **more):
    """Of two people and a director, whose keys nobody needs."""
    def key():
        public = ed25519.Ed25519PrivateKey.generate().public_key()
        return {"keytype": "ed25519", "scheme": "ed25519",
                "keyval": {"public": public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()}}
    return {"_type": "wavegate-policy", "v": 1, "directors": [key()],
            "people": [{"name": name, "role": "rollout-admin", "key": key()} for name in ("alice", "bob")],
            "approvals": [{"hardware": ["*"], "role": "rollout-admin", "count": count}], **more}


def test_a_policy_is_a_target_that_can_be_replaced(desk):
    repository = desk.repository()
    for count in (1, 2):
        made = policy(count)
        desk.write("p.json", json.dumps(made))
        desk.run("add-policy", "p.json", "--repository", "R")
        desk.sign("anna")
        with Server(repository) as server:
            assert json.loads(fetch(client(desk, server), "policy.json")[1]) == made


def test_a_policy_that_no_device_could_use_is_not_staged(desk):
    repository = desk.repository()
    desk.write("p.json", json.dumps(policy(2)))
    desk.run("add-policy", "p.json", "--repository", "R")
    desk.sign("anna")
    before = {path: path.read_bytes() for path in sorted(repository.rglob("*")) if path.is_file()}
    twice = policy(1)
    twice["people"][1] = dict(twice["people"][0])
    for text, says in (("{", "p.json"), (json.dumps({"approvals": 1}), "_type"), (json.dumps(policy(9)), "approvals"),
                       (json.dumps(policy(1, directors=[])), "directors"), (json.dumps(twice), "people"), (" " * 70_000, "p.json")):
        desk.write("p.json", text)
        told = desk.run("add-policy", "p.json", "--repository", "R", code=2)
        assert says in told and "p.json" in told, told
    assert before == {path: path.read_bytes() for path in sorted(repository.rglob("*")) if path.is_file()}


def test_a_revoked_release_is_gone_and_its_reason_stays(desk):
    repository = desk.repository()
    desk.add("1.0.0")
    desk.add("1.1.0")
    desk.sign("anna")
    assert "--reason" in desk.run("revoke", "brake/1.0.0", "--repository", "R", code=2)
    desk.run("revoke", "brake/1.0.0", "--repository", "R", "--reason", "bricks revision C")
    assert "to be revoked" in desk.run("list", "--repository", "R")
    desk.sign("anna")
    with Server(repository) as server:
        updater = client(desk, server)
        assert updater.get_targetinfo("brake/1.0.0/artifact") is None
        fetch(updater, "brake/1.1.0/artifact")
    assert len(list(repository.glob("targets/brake/1.0.0/*.artifact"))) == 1
    custom = published(desk, "brake").signed.unrecognized_fields["custom"]
    assert custom["wavegate"]["revoked"]["1.0.0"]["reason"] == "bricks revision C"
    assert "bricks revision C" in desk.run("show", "brake/1.0.0", "--repository", "R", code=5)
    assert "revoked: bricks revision C" in desk.run("list", "--repository", "R")
    assert "was revoked" in desk.add("1.0.0", code=6)
    desk.verify()


# ---- several admins ----

def carry(desk, source, target, code=0):
    desk.run("export", "bundle.json", "--repository", source)
    return desk.run("import", "bundle.json", "--repository", target, code=code)


def test_two_admins_sign_on_machines_of_their_own(desk):
    desk.keys("anna", "ben", "online")
    desk.init("anna,ben", 2, "anna,ben", targets_threshold=2)
    for name in ("anna", "ben"):
        assert "compare root 1" not in carry(desk, "R", name.upper()) or name
        said = desk.sign(name, repository=name.upper())
        assert "not published yet" in said or "release refresh" in said
        assert not desk.path(f"{name.upper()}/metadata/timestamp.json").exists()
        carry(desk, name.upper(), "R")
    assert "published: 4 files" in desk.run("refresh", "--repository", "R")
    desk.verify()

    desk.add("1.0.0")
    carry(desk, "R", "ANNA")
    said = desk.sign("anna", repository="ANNA")
    assert "+ brake/1.0.0/artifact sha256" in said and "needs 1 more of: ben" in said
    desk.run("refresh", "--repository", "R", "--force")  # the machine goes on meanwhile
    assert "2 new signatures" in carry(desk, "ANNA", "R")
    assert "nothing is due" in desk.run("refresh", "--repository", "R")
    assert "\npublished" in desk.sign("ben")
    assert "all of it verifies" in desk.verify()
    with Server(desk.path("R")) as server:
        fetch(client(desk, server), "brake/1.0.0/artifact")


def test_the_same_signer_twice_is_one(desk):
    desk.keys("anna", "ben", "online")
    desk.init("anna,ben", 2, "anna")
    desk.sign("anna")
    assert "needs 1 more of: ben" in desk.sign("anna")
    assert "1 of 2 signatures" in desk.run("list", "--repository", "R")
    assert "not signed yet" in desk.run("refresh", "--repository", "R", code=6)
    assert "nothing is published yet" in desk.verify(code=1)


def test_only_a_continuation_is_imported(desk):
    desk.repository()
    desk.run("export", "first.json", "--repository", "R")
    desk.run("import", "first.json", "--repository", "COPY")
    desk.add("1.0.0")
    desk.run("export", "early.json", "--repository", "R")

    bundle = json.loads(desk.path("early.json").read_text())
    file = bundle["files"]["staged/brake.json"]
    file["text"] = file["text"].replace("1.0.0", "6.6.6")
    desk.write("damaged.json", json.dumps(bundle))
    assert "damaged" in desk.run("import", "damaged.json", "--repository", "R", code=1)

    file["sha256"] = sha256(file["text"].encode()).hexdigest()
    desk.write("changed.json", json.dumps(bundle))
    assert "they differ" in desk.run("import", "changed.json", "--repository", "R", code=6)

    file = bundle["files"]["metadata/1.targets.json"]
    file["text"] = file["text"].replace('"targets":{}', '"targets":{"x":{"length":1,"hashes":{"sha256":"00"}}}')
    file["sha256"] = sha256(file["text"].encode()).hexdigest()
    desk.write("forged.json", json.dumps(bundle))
    assert "bundle" in desk.run("import", "forged.json", "--repository", "NEW", code=1)

    bundle = json.loads(desk.path("early.json").read_text())
    file = bundle["files"]["staged/brake.json"]
    file["text"] = file["text"].replace("brake/1.0.0/artifact", "brake/1.0.0/\\u001b[2K\\rartifact")
    file["sha256"] = sha256(file["text"].encode()).hexdigest()
    desk.write("hiding.json", json.dumps(bundle))
    assert "control characters" in desk.run("import", "hiding.json", "--repository", "NEW", code=2)

    other = desk.path("other")
    other.mkdir()
    stranger = Desk(other)
    stranger.repository()
    stranger.run("export", desk.path("stranger.json"), "--repository", "R")
    assert "another repository" in desk.run("import", "stranger.json", "--repository", "R", code=6)

    desk.sign("anna")
    desk.add("1.1.0")
    desk.sign("anna")
    assert "0 new staged roles, 0 new signatures" in desk.run("import", "early.json", "--repository", "R")
    desk.run("export", "late.json", "--repository", "R")
    assert "newer published metadata" in desk.run("import", "late.json", "--repository", "COPY")
    assert not desk.run("import", "first.json", "--repository", "COPY").startswith("newer")
    desk.verify()


# ---- rotation ----

def test_a_client_three_roots_behind_catches_up(desk):
    repository = desk.repository(root="anna,ben", threshold=2, targets="anna")
    desk.add("1.0.0")
    desk.sign("anna")
    with Server(repository) as server:
        client(desk, server).refresh()  # knows timestamp and snapshot of the first keys
        desk.path("ours").mkdir()
        ours = Client(desk.path("ours"), server.url)
        ours.trust(desk.path("R/metadata/1.root.json").read_bytes())
        ours.refresh()
        assert Metadata.from_file(str(desk.path("client/root.json"))).signed.version == 1

        desk.keys("online2", kind="p256")
        desk.run("rotate", "timestamp", "snapshot", "--add", "online2.pem", "--remove", "online.pem.pub",
                 "--repository", "R")
        desk.sign("anna", "ben")
        desk.verify()

        desk.run("rotate", "root", "--add", "carl.pem.pub", "--remove", "ben.pem.pub", "--repository", "R")
        assert "by the keys of root 2" in desk.sign("anna", "carl")  # the old threshold counts too
        assert "\npublished" in desk.sign("ben")

        desk.run("rotate", "targets", "brake", "--add", "ben.pem.pub", "--remove", "anna.pem.pub",
                 "--repository", "R")
        assert "needs 1 more" in desk.sign("anna", "carl")
        assert published(desk, "root").signed.version == 3  # a root that targets do not fit waits
        assert "\npublished" in desk.sign("ben")
        assert "all of it verifies" in desk.verify()

        info, _ = fetch(client(desk, server), "brake/1.0.0/artifact")
        assert info
        assert published(desk, "root").signed.version == 4
        fetch(client(desk, server, name="fresh"), "brake/1.0.0/artifact")
        ours.download("brake/1.0.0/artifact")


def test_a_threshold_is_raised_and_a_role_renewed(desk):
    desk.repository(root="anna,ben", threshold=1)
    desk.run("rotate", "root", "--threshold", "2", "--repository", "R")
    assert "needs 1 more of" in desk.sign("anna")
    desk.sign("ben")
    assert published(desk, "root").signed.roles["root"].threshold == 2
    desk.run("rotate", "targets", "--repository", "R")
    desk.sign("anna", "ben")
    assert "expected 1 to 2" in desk.run("rotate", "root", "--threshold", "3", "--repository", "R", code=2)
    assert "no role nobody" in desk.run("rotate", "nobody", "--repository", "R", code=5)
    desk.verify()


def test_a_lost_online_key_is_replaced(desk):
    repository = desk.repository()
    desk.keys("online2")
    desk.path("online.pem").unlink()
    said = desk.run("refresh", "--repository", "R", "--force", code=4)
    assert "online.pem" in said and "is signed by 0 of its keys" in said
    desk.run("rotate", "timestamp", "snapshot", "--add", "online2.pem", "--remove", "online.pem.pub",
             "--repository", "R")
    desk.sign("anna")
    desk.verify()
    with Server(repository) as server:
        client(desk, server).refresh()


# ---- power cuts ----

SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
static void step(void)
{
    static int steps;
    const char *at = getenv("CUT_AT");
    if (at && ++steps == atoi(at)) kill(getpid(), SIGKILL);
}
int rename(const char *from, const char *to)
{
    step();
    return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
}
int unlink(const char *path)
{
    step();
    return ((int (*)(const char *))dlsym(RTLD_NEXT, "unlink"))(path);
}
"""


def cut(desk, steps):
    """A publication that is killed before its nth change of a name; True if it got that far."""
    shim = desk.path("cut.so")
    if not shim.exists():
        source = desk.write("cut.c", SHIM)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, source, "-ldl"], check=True)
    env = dict(desk.env, LD_PRELOAD=str(shim), CUT_AT=str(steps))
    env["ASAN_OPTIONS"] += ":verify_asan_link_order=0"
    done = subprocess.run([str(programs.program("wavegate")), "release", "sign", "--repository", "R", "--key",
                           "anna.pem"], cwd=desk.folder, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60 * SLOWER, check=False)
    assert done.returncode in (0, -9), done.stderr
    return done.returncode == -9


def test_a_power_cut_while_publishing_leaves_a_repository_that_verifies(desk):
    desk.repository(root="anna", targets="anna")
    desk.add("1.0.0")
    desk.sign("anna")
    desk.keys("online2")
    desk.add("1.1.0")
    desk.add("5.0.0", component="gateway")
    desk.run("rotate", "timestamp", "snapshot", "targets", "brake", "--add", "online2.pem", "--repository", "R")
    desk.run("rotate", "timestamp", "snapshot", "--remove", "online.pem.pub", "--repository", "R")
    shutil.copytree(desk.path("R"), desk.path("before"))
    cuts = 0
    while True:
        shutil.rmtree(desk.path("R"))
        shutil.copytree(desk.path("before"), desk.path("R"))
        reached = cut(desk, cuts + 1)
        desk.verify()
        if not reached:
            break
        cuts += 1
        desk.run("sign", "--repository", "R", "--key", "anna.pem", code=(0, 6))  # 6: nothing is left to sign
        assert [path.name for path in desk.path("R/staged").glob("*.json")] == []
        assert published(desk, "root").signed.version == 2
        assert published(desk, "gateway").signed.version == 1
    assert cuts >= 12  # the staged files, keys.json, six files of metadata, and what is tidied


def test_a_power_cut_while_a_lost_key_is_replaced_is_mended(desk):
    desk.repository(root="anna", targets="anna")
    desk.keys("online2")
    desk.path("online.pem").unlink()
    desk.run("rotate", "timestamp", "snapshot", "--add", "online2.pem", "--remove", "online.pem.pub",
             "--repository", "R")
    shutil.copytree(desk.path("R"), desk.path("before"))
    reached, cuts = True, 0
    while reached:
        shutil.rmtree(desk.path("R"))
        shutil.copytree(desk.path("before"), desk.path("R"))
        cuts += 1
        reached = cut(desk, cuts)
        desk.run("sign", "--repository", "R", "--key", "anna.pem", code=(0, 6))
        desk.run("refresh", "--repository", "R")
        assert published(desk, "root").signed.version == 2
        desk.verify()
    assert cuts > 5


# ---- time ----

def test_what_has_expired_is_told_and_refreshed(desk):
    repository = desk.repository(expires="timestamp=2s,snapshot=60s")
    desk.verify()
    assert "expires in" in desk.run("verify", "--repository", "R")

    def expired():
        done = subprocess.run([str(programs.program("wavegate")), "release", "verify", "--repository", "R"],
                              cwd=desk.folder, env=desk.env, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 1 else None

    said = poll(expired, 10, every=0.2)
    assert said and re.search(r"WRONG timestamp: expired at .* ago", said)
    with Server(repository) as server:
        with pytest.raises(ExpiredMetadataError):
            client(desk, server).refresh()
        assert "published: 1 files" in desk.run("refresh", "--repository", "R")
        client(desk, server, name="later").refresh()
    assert published(desk, "snapshot").signed.version == 1  # not due


def test_what_is_staged_must_be_signed_in_time(desk):
    desk.repository()
    desk.write("R/keys.json", desk.path("R/keys.json").read_text().replace('"90d"', '"1s"'))
    desk.add("1.0.0")

    def refused():
        done = subprocess.run([str(programs.program("wavegate")), "release", "sign", "--repository", "R", "--key",
                               "carl.pem"], cwd=desk.folder, env=desk.env, capture_output=True, text=True, check=False)
        return done.stderr if done.returncode == 6 else None

    said = poll(refused, 10, every=0.2)
    assert said and "expired at" in said and "release rotate" in said


def test_refresh_says_what_people_must_renew(desk):
    desk.repository(expires="targets=5d")
    assert re.search(r"targets expires in 4d 23h: release rotate targets", desk.run("refresh", "--repository", "R"))
    assert "nothing is due" in desk.run("refresh", "--repository", "R")
    assert "published: 1 files" in desk.run("refresh", "--repository", "R", "--before", "2d")
    assert "published: 2 files" in desk.run("refresh", "--repository", "R", "--before", "8d")


# ---- damage ----

def test_verify_finds_what_was_changed(desk):
    repository = desk.repository()
    desk.add("1.0.0")
    desk.sign("anna")
    artifact = next(repository.glob("targets/brake/1.0.0/*.artifact"))
    good = artifact.read_bytes()
    for content, word in ((good[:-1] + b"x", "another hash"), (good[:-1], "another length"), (None, "missing")):
        artifact.unlink()
        if content is not None:
            artifact.write_bytes(content)
        assert word in desk.verify(code=1)
        artifact.write_bytes(good)
    desk.verify()
    metadata = repository / "metadata/1.brake.json"
    good = metadata.read_bytes()
    metadata.write_bytes(good.replace(b"brake 1", b"brake 1") + b" ")
    assert "1.brake.json" in desk.verify(code=1)
    metadata.write_bytes(good)
    timestamp = repository / "metadata/timestamp.json"
    timestamp.write_bytes(timestamp.read_bytes().replace(b'"sig":"', b'"sig":"00'))
    assert "signed by 0 of its keys, 1 are needed" in desk.verify(code=1)


def test_nothing_is_built_on_metadata_that_is_not_signed(desk):
    repository = desk.repository()
    desk.add("1.0.0")
    desk.sign("anna")
    path = repository / "metadata/2.targets.json"
    envelope = json.loads(path.read_text())
    envelope["signed"]["targets"]["evil/1/artifact"] = {"length": 1, "hashes": {"sha256": "00" * 32}}
    path.write_text(json.dumps(envelope))
    assert "not of the length" in desk.add("1.1.0", code=1)
    # whoever has stolen the online key can have it listed, but not signed
    signer = CryptoSigner(load_pem_private_key(desk.path("online.pem").read_bytes(), None))
    relist(repository, "2.snapshot", "targets.json", path, signer)
    relist(repository, "timestamp", "snapshot.json", repository / "metadata/2.snapshot.json", signer)
    assert "targets 2 is signed by 0 of its keys, 1 are needed" in desk.add("1.1.0", code=1)


def relist(repository, lister, name, listed, signer):
    """Makes timestamp or snapshot tell of a file as it is now."""
    path = repository / f"metadata/{lister}.json"
    metadata = Metadata.from_file(str(path))
    meta = metadata.signed.meta[name] if lister != "timestamp" else metadata.signed.snapshot_meta
    meta.length = len(listed.read_bytes())
    meta.hashes = {"sha256": sha256(listed.read_bytes()).hexdigest()}
    metadata.sign(signer)
    metadata.to_file(str(path))


def test_two_writers_do_not_meet(desk):
    desk.repository()
    with open(desk.path("R/.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another process" in desk.add("1.0.0", code=6)
        desk.verify()  # readers need no lock


# ---- keys ----

def test_keys_under_a_passphrase(desk):
    desk.write("word", WORD + "\n", 0o600)
    desk.write("wrong", "something else", 0o600)
    desk.write("open", WORD, 0o644)
    desk.write("short", "short", 0o600)
    desk.keys("online")
    desk.run("make-key", "ours.pem", "--passphrase-file", "word", "--kind", "p256")
    assert desk.path("ours.pem").stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED PRIVATE KEY" in desk.path("ours.pem").read_bytes()
    assert "fewer than 8" in desk.run("make-key", "x.pem", "--passphrase-file", "short", code=2)
    assert "never overwritten" in desk.run("make-key", "ours.pem", "--passphrase-file", "word", code=6)
    made = subprocess.run(["openssl", "pkey", "-in", "ours.pem", "-passin", f"pass:{WORD}", "-pubout"],
                          cwd=desk.folder, capture_output=True, check=True).stdout
    assert made == desk.path("ours.pem.pub").read_bytes()

    for name, how in (("pbkdf2", ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256"]),
                      ("scrypt", ["-scrypt"])):
        subprocess.run("openssl genpkey -algorithm ed25519 | openssl pkcs8 -topk8 -passout "
                       f"pass:{WORD} -out {name}.pem " + " ".join(how), shell=True, cwd=desk.folder, check=True)
        desk.path(f"{name}.pem").chmod(0o600)
    desk.run("init", "--repository", "R", "--root-keys", "pbkdf2.pem,scrypt.pem,ours.pem", "--root-threshold", 3,
             "--targets-keys", "ours.pem", "--snapshot-key", "online.pem", "--timestamp-key", "online.pem",
             "--passphrase-file", "word")

    def sign(key, *flags, code):
        return desk.run("sign", "--repository", "R", "--key", key, *flags, code=code)

    assert "pbkdf2.pem: wrong passphrase" in sign("pbkdf2.pem", "--passphrase-file", "wrong", code=1)
    assert "chmod 600" in sign("pbkdf2.pem", "--passphrase-file", "open", code=4)
    assert "absent" in sign("pbkdf2.pem", "--passphrase-file", "absent", code=5)
    assert "gone.pem" in sign("gone.pem", code=5)
    desk.path("scrypt.pem").chmod(0o640)
    assert "scrypt.pem" in sign("scrypt.pem", "--passphrase-file", "word", code=4)
    desk.path("scrypt.pem").chmod(0o600)
    reader, writer = os.pipe()
    os.write(writer, f"{WORD}\nwrong\n".encode())
    os.close(writer)
    argv = [str(programs.program("wavegate")), "release", "sign", "--repository", "R", "--key", "scrypt.pem,pbkdf2.pem",
            "--passphrase-fd", str(reader)]
    done = subprocess.run(argv, cwd=desk.folder, env=desk.env, pass_fds=[reader], capture_output=True, text=True,
                          timeout=60 * SLOWER, check=False)
    os.close(reader)
    assert "pbkdf2.pem: wrong passphrase" in done.stderr  # a line a key, in their order
    # every key that keys.json tells of
    assert "\npublished" in desk.run("sign", "--repository", "R", "--passphrase-file", "word")
    desk.verify()
    assert WORD not in desk.path("R/keys.json").read_text()


def on_terminal(desk, answers, *words):
    """Runs the command on a terminal of its own and types an answer to each prompt."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(desk.folder)
        path = str(programs.program("wavegate"))
        os.execve(path, [path, "release", *words], desk.env)
    seen = b""
    for prompt, answer in answers:
        while prompt not in seen:
            seen += os.read(terminal, 4096)
        assert not termios.tcgetattr(terminal)[3] & termios.ECHO
        os.write(terminal, answer)
        seen = seen.replace(prompt, b"")
    try:
        while block := os.read(terminal, 4096):
            seen += block
    except OSError:  # the other end is closed
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen


def test_a_passphrase_is_asked_for_and_not_shown(desk):
    word = WORD.encode()
    code, seen = on_terminal(desk, [(b"new passphrase: ", word + b"\n"), (b"the same again: ", word + b"\n")],
                             "make-key", "anna.pem")
    assert code == 0 and word not in seen
    code, seen = on_terminal(desk, [(b"new passphrase: ", word + b"\n"), (b"the same again: ", b"other one\n")],
                             "make-key", "ben.pem")
    assert code == 2 and b"differ" in seen
    code, seen = on_terminal(desk, [(b"new passphrase: ", b"\x03")], "make-key", "ben.pem")
    assert code == 130 and not desk.path("ben.pem").exists()
    desk.keys("online")
    desk.run("init", "--repository", "R", "--root-keys", "anna.pem.pub", "--targets-keys", "anna.pem.pub",
             "--snapshot-key", "online.pem", "--timestamp-key", "online.pem")
    code, seen = on_terminal(desk, [(b"passphrase of anna.pem: ", word + b"\n")], "sign", "--repository", "R",
                             "--key", "anna.pem")
    assert code == 0 and b"published" in seen and word not in seen


@pytest.fixture
def token(desk):
    """A SoftHSM token with a P-256 and an Ed25519 key, its PIN in a file."""
    tokens = Tokens(desk.folder).add("admins")
    desk.env.update(tokens.environment)
    tokens.make_pair("admins", "p256")
    tokens.make_pair("admins", "ed", "EC:edwards25519", "02")
    tokens.add("admins-2")  # last: pkcs11-tool takes the beginning of a name for the name; we do not
    return lambda name, pin="pin": tokens.uri("admins", name, desk.path(pin))


def test_keys_behind_pkcs11(desk, token):
    desk.keys("online")
    desk.run("init", "--repository", "R", "--root-keys", f"{token('p256')},{token('ed')}", "--root-threshold", 2,
             "--targets-keys", token("p256"), "--snapshot-key", "online.pem", "--timestamp-key", "online.pem")
    assert "wrong PIN" in desk.run("sign", "--repository", "R", "--key", token("ed", "wrong-pin"), code=4)
    assert "holds no private key" in desk.run("sign", "--repository", "R", "--key", token("nobody"), code=5)
    assert "pin-value would show" in desk.run("sign", "--repository", "R", "--key",
                                              token("ed") + "&pin-value=4711", code=2)
    assert "\npublished" in desk.run("sign", "--repository", "R")  # keys.json tells of both
    desk.verify()
    root = published(desk, "root")
    root.signed.verify_delegate("root", root.signed_bytes, root.signatures)
    assert {key.keytype for key in root.signed.keys.values()} == {"ecdsa", "ed25519"}
    with Server(desk.path("R")) as server:
        client(desk, server).refresh()


def test_commands_say_what_they_need(desk):
    assert "--repository" in desk.run("sign", code=2)
    assert "release init" in desk.run("verify", "--repository", "nowhere", code=5)
    assert "--root-keys is needed" in desk.run("init", "--repository", "R", code=2)
    desk.repository()
    assert "already" in desk.run("init", "--repository", "R", "--root-keys", "anna.pem.pub", "--targets-keys",
                                 "anna.pem.pub", "--snapshot-key", "online.pem", "--timestamp-key", "online.pem",
                                 code=6)
    assert "nothing is staged" in desk.run("sign", "--repository", "R", "--key", "anna.pem", code=6)


def three(desk, *more, code=0):
    """brake 2.0.0 with app and modem, which are there."""
    desk.repository()
    desk.add("5.0.1", component="app")
    desk.add("1.2.0", "--depends", "app:>=5", component="modem")
    return desk.add("2.0.0", "--with", "app/5.0.1", "--with", "modem/1.2.0", *more, code=code)


def test_companions_are_part_of_what_is_signed(desk):
    three(desk)
    desk.sign("anna")
    assert "all of it verifies" in desk.verify()
    together = {"app": "5.0.1", "modem": "1.2.0"}
    with Server(desk.path("R")) as server:
        info, _ = fetch(client(desk, server), "brake/2.0.0/artifact")
        assert info.custom["wavegate"]["with"] == together
    shown = json.loads(desk.run("show", "brake/2.0.0", "--repository", "R", "--json"))
    assert shown["facts"]["with"] == together and "unusable" not in shown
    assert '"app":"5.0.1"' in desk.run("show", "brake/2.0.0", "--repository", "R")
    listed = json.loads(desk.run("list", "--repository", "R", "--json"))["releases"]
    assert next(one for one in listed if one["component"] == "brake")["facts"]["with"] == together


@pytest.mark.parametrize("before,flags,says", [
    ((), ("--with", "app/9.0.0"), "the repository has no release app/9.0.0"),
    ((), ("--with", "app"), "expected COMPONENT/VERSION"),
    ((), ("--with", "app/5.0.1", "--with", "app/5.0.1"), "--with: app is given twice"),
    ((), ("--with", "brake/2.0.0"), "\"brake\" is no other component"),
    ((), ("--with", "app/5.0.1", "--depends", "app:^6"),
     "brake/2.0.0 needs app ^6, together with it comes app/5.0.1"),
    ((("1.0.0", "--depends", "brake:^2"),), ("--with", "modem/1.0.0", "--depends", "modem:*"),
     "need each other: neither can come first"),
    ((("1.0.0", "--with", "app/5.0.1"),), ("--with", "modem/1.0.0"),
     "modem/1.0.0, which has companions of its own"),
])
def test_companions_that_do_not_go_together(desk, before, flags, says):
    """Nothing is stored; the error names the two."""
    desk.repository()
    desk.add("5.0.1", component="app")
    for version, *more in before:
        desk.add(version, *more, component="modem")
    assert says in desk.add("2.0.0", *flags, code=(1, 2, 5))
    assert not any(desk.path("R/targets").glob("brake/2.0.0/*"))
    assert "brake" not in desk.run("list", "--repository", "R")


def test_at_most_four_companions(desk):
    desk.repository()
    flags = []
    for name in "abcde":
        desk.add("1.0.0", component=name)
        flags += ["--with", f"{name}/1.0.0"]
    assert "--with: expected at most 4 releases" in desk.add("2.0.0", *flags, code=2)
    desk.add("2.0.0", *flags[:8])


def test_a_revoked_companion_makes_the_release_unusable(desk):
    three(desk)
    desk.sign("anna")
    said = desk.run("revoke", "app/5.0.1", "--reason", "drops frames", "--repository", "R")
    assert "brake/2.0.0 comes with app/5.0.1 and can no longer be installed: revoke it too" in said
    desk.sign("anna")
    why = "app/5.0.1 was revoked: drops frames"
    assert f"published, unusable: {why}" in desk.run("list", "--repository", "R")
    assert why in desk.run("show", "brake/2.0.0", "--repository", "R")
    assert json.loads(desk.run("show", "brake/2.0.0", "--repository", "R", "--json"))["unusable"] == why
    assert f"WRONG brake/2.0.0 cannot be installed: {why}" in desk.verify(code=1)
    assert why in desk.add("2.0.1", "--with", "app/5.0.1", code=5)
    desk.run("revoke", "brake/2.0.0", "--reason", "its app is gone", "--repository", "R")
    desk.sign("anna")
    assert "all of it verifies" in desk.verify()


def test_companions_cross_to_another_machine(desk):
    three(desk)
    desk.run("export", "bundle", "--repository", "R")
    shutil.copytree(desk.path("R"), desk.path("S"))
    for name in ("staged", "targets"):
        shutil.rmtree(desk.path("S") / name, ignore_errors=True)
    desk.run("import", "bundle", "--repository", "S")
    shown = json.loads(desk.run("show", "brake/2.0.0", "--repository", "S", "--json"))
    assert shown["facts"]["with"] == {"app": "5.0.1", "modem": "1.2.0"}
