"""A TUF repository made by python-tuf, in memory; honest until a test makes it lie."""

import json
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from urllib.parse import quote

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (DelegatedRole, Delegations, Metadata, MetaFile, Root, Snapshot, SuccinctRoles, TargetFile,
                              Targets, Timestamp)
from tuf.api.serialization.json import JSONSerializer

TOP = ("root", "timestamp", "snapshot", "targets")
KINDS = {"ed25519": CryptoSigner.generate_ed25519, "ecdsa": CryptoSigner.generate_ecdsa,
         "rsa": CryptoSigner.generate_rsa}


def days(count):
    return datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=count)


class Repository:
    def __init__(self, files, consistent=True):
        self.files = files
        self.listed_hashes = False
        self.signers = {}
        self.signed = {}  # the bytes of each role, as served last
        self.roles = {"root": Metadata(Root(expires=days(30), consistent_snapshot=consistent)),
                      "timestamp": Metadata(Timestamp(expires=days(30))),
                      "snapshot": Metadata(Snapshot(expires=days(30))),
                      "targets": Metadata(Targets(expires=days(30)))}
        for role in TOP:
            self.add_key(role)
        self.publish("root")
        self.publish_targets("targets")

    def __getattr__(self, name):
        """repo.root, repo.timestamp...: what is under the signatures."""
        if name in TOP:
            return self.roles[name].signed
        raise AttributeError(name)

    # keys

    def add_key(self, role, kind="ed25519", delegator="root"):
        signer = KINDS[kind]()
        self.roles[delegator].signed.add_key(signer.public_key, role)
        self.signers.setdefault(role, []).append(signer)
        return signer

    def rotate(self, role, kind="ed25519"):
        """The role's keys make way for one new one; the old signers are returned."""
        old = self.signers.pop(role)
        for keyid in list(self.root.roles[role].keyids):
            self.root.revoke_key(keyid, role)
        self.add_key(role, kind)
        return old

    # publishing

    def sign(self, role, signers=None):
        metadata = self.roles[role]
        metadata.signatures.clear()
        for signer in self.signers[role] if signers is None else signers:
            metadata.sign(signer, append=True)
        return metadata.to_bytes(JSONSerializer())

    def file_of(self, role, version):
        if role == "timestamp" or (role != "root" and not self.root.consistent_snapshot):
            return f"/metadata/{quote(role, '')}.json"
        return f"/metadata/{version}.{quote(role, '')}.json"

    def serve(self, role, data):
        self.signed[role] = data
        self.files[self.file_of(role, self.roles[role].signed.version)] = data

    def list_in(self, lister, role):
        data = self.signed[role]
        more = {"length": len(data), "hashes": {"sha256": sha256(data).hexdigest()}} if self.listed_hashes else {}
        meta = MetaFile(self.roles[role].signed.version, **more)
        if lister == "timestamp":
            self.timestamp.snapshot_meta = meta
        else:
            self.snapshot.meta[f"{role}.json"] = meta

    def publish(self, role, signers=None):
        """The next version of one role (the first stays 1)."""
        if role in self.signed:
            self.roles[role].signed.version += 1
        self.serve(role, self.sign(role, signers))
        if role == "snapshot":
            self.list_in("timestamp", role)
        elif role not in TOP or role == "targets":
            self.list_in("snapshot", role)

    def publish_targets(self, *roles):
        for role in (*roles, "snapshot", "timestamp"):
            self.publish(role)

    def replace_json(self, role, change):
        """Changes what is served of a role, behind its signatures' back."""
        content = json.loads(self.signed[role])
        change(content)
        self.serve(role, json.dumps(content).encode())

    # targets

    def add_target(self, path, data, role="targets", custom=None, served=None, hashes=("sha256",)):
        target = TargetFile.from_data(path, data, list(hashes))
        if custom:
            target.unrecognized_fields["custom"] = custom
        self.roles[role].signed.targets[path] = target
        folder, _, name = path.rpartition("/")
        for value in target.hashes.values():
            prefixed = f"{value}.{name}" if self.root.consistent_snapshot else name
            whole = f"{folder}/{prefixed}" if folder else prefixed
            self.files[f"/targets/{quote(whole, '/')}"] = data if served is None else served

    def delegate(self, delegator, role, paths=("*",), terminating=False, prefixes=None):
        delegation = DelegatedRole(role, [], 1, terminating, None if prefixes else list(paths), prefixes)
        signed = self.roles[delegator].signed
        if signed.delegations is None:
            signed.delegations = Delegations({}, {})
        signed.delegations.roles[role] = delegation
        self.roles.setdefault(role, Metadata(Targets(expires=days(30))))
        self.add_key(role, delegator=delegator)

    def delegate_bins(self, bits, prefix):
        bins = SuccinctRoles([], 1, bits, prefix)
        self.targets.delegations = Delegations({}, None, bins)
        signer = CryptoSigner.generate_ed25519()
        self.targets.add_key(signer.public_key)
        for role in bins.get_roles():
            self.roles[role] = Metadata(Targets(expires=days(30)))
            self.signers[role] = [signer]
        return bins
