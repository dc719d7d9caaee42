"""Statements that a person signs on their own machine, and sends with the certificate."""

import hashlib
import json

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key


def canonical(body):
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def envelope(pki, name, body):
    """The body, signed by that operator's key."""
    key = load_pem_private_key(pki.key(name).read_bytes(), None)
    if isinstance(key, Ed25519PrivateKey):
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        signature = key.sign(canonical(body))
    else:
        public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        signature = key.sign(canonical(body), ec.ECDSA(SHA256()))
    return {"signed": body, "signatures": [{"keyid": hashlib.sha256(public).hexdigest(), "sig": signature.hex()}]}


def signed(pki, name, body):
    """What goes into the body of a request."""
    return {"statement": envelope(pki, name, body), "chain": pki.certificate(name).read_text()}
