"""A TUF repository of one world, made by the real `wavegate release`, and the policy in it."""

import json

ROLES = ("root", "targets", "snapshot", "timestamp")


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

    def entry(self, where):
        """What a policy says of a person, by the certificate, or of a director, by the key."""
        return json.loads(self.release("policy-entry", where).stdout)

    def set_policy(self, count, directors=None, people=("alice", "bob", "carol", "petra"), **more):
        """Every class of hardware needs so many approvals. directors: key objects, else the lab's one."""
        policy = {"_type": "wavegate-policy", "v": 1,
                  "directors": directors or [self.entry(f"{self._pki.director}.pub")],
                  "people": [self.entry(self._pki.certificate(name)) for name in people],
                  "approvals": [{"hardware": ["*"], "role": "rollout-admin", "count": count}], **more}
        file = self.keys / "policy.json"
        file.write_text(json.dumps(policy))
        self.release("add-policy", file, repository=True)
        self.sign()

    def add(self, payload, component, version, *more):
        self.release("add", payload, "--component", component, "--version", version, *more, repository=True)
        self.sign()
