"""A TUF repository of one world, made by the real `wavegate release`, and the policy in it."""

import base64
import json
from pathlib import Path

from tests.lab import programs
from tests.lab.pki import OPERATORS
from tests.lab.process import LabError

ROLES = ("root", "targets", "snapshot", "timestamp")


def _run(*words):
    done = programs.run([str(word) for word in words])
    if done.returncode != 0:
        raise LabError(f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def key_object(public_pem):
    """A TUF key object of an Ed25519 public key, as PEM."""
    body = "".join(line for line in public_pem.splitlines() if "-----" not in line)
    return {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": base64.b64decode(body)[-32:].hex()}}


class Repository:
    """folder/metadata and folder/targets are what a web server gives out."""

    def __init__(self, folder, keys, url, pki, wavegate, expires=None):
        """keys: a folder that nobody gives out; expires: times of roles, as release init takes them."""
        self.folder, self.keys, self.url = folder, keys, url
        self._pki, self._wavegate = pki, wavegate
        self.keys.mkdir(parents=True)
        for role in ROLES:
            self.release("make-key", self.keys / role, "--no-passphrase")
        self.release("init", "--root-keys", self.keys / "root", "--targets-keys", self.keys / "targets",
                     "--snapshot-key", self.keys / "snapshot", "--timestamp-key", self.keys / "timestamp",
                     *(["--expires", expires] if expires else []), repository=True)
        self.sign()

    def release(self, verb, *words, repository=False, expect=0):
        where = ["--repository", self.folder] if repository else []
        return self._wavegate("release", verb, *words, *where, operator=None, expect=expect)

    def sign(self):
        """With the keys that what is staged needs: keys.json says where they are."""
        self.release("sign", repository=True)

    @property
    def root(self):
        return self.folder / "metadata" / "1.root.json"

    def person(self, name, role=None):
        certificate = self._pki.certificate(name)
        public = _run("openssl", "x509", "-in", certificate, "-noout", "-pubkey")
        return {"name": name, "role": role or OPERATORS[name], "key": key_object(public)}

    def set_policy(self, count, directors=None, **more):
        """Every class of hardware needs so many approvals. directors: key objects, else the lab's one."""
        policy = {"_type": "wavegate-policy", "v": 1,
                  "directors": directors or [key_object(Path(f"{self._pki.director}.pub").read_text())],
                  "people": [self.person(name) for name in ("alice", "bob", "carol")],
                  "approvals": [{"hardware": ["*"], "role": "rollout-admin", "count": count}], **more}
        file = self.keys / "policy.json"
        file.write_text(json.dumps(policy))
        self.release("add-policy", file, repository=True)
        self.sign()

    def add(self, payload, component, version, *more):
        self.release("add", payload, "--component", component, "--version", version, *more, repository=True)
        self.sign()
