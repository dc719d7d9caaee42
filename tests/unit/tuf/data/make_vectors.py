"""Writes keys.json beside itself: keys, ids and signatures as python securesystemslib makes them.

    PYTHONPATH=build/python-tuf /usr/bin/python3 tests/unit/tuf/data/make_vectors.py
"""
import json
from pathlib import Path

from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner

SIGNED = {
    "text": 'quote " backslash \\ slash / tab \t newline \n del \x7f é € 😀 \ud7ff\ue000',
    "numbers": [0, -1, 2**63 - 1, -(2**63)],
    "é": True,
    "z": False,
    "Z": None,
    "😀": 1,
    "\ue000": 2,
    "nested": {"b": [], "a": {}},
}


def vector(signer):
    data = encode_canonical(SIGNED).encode()
    key = signer.public_key
    return {"key": key.to_dict(), "keyid": key.keyid, "sig": signer.sign(data).signature}


if __name__ == "__main__":
    makers = (CryptoSigner.generate_ed25519, CryptoSigner.generate_ecdsa, CryptoSigner.generate_rsa)
    content = {
        "signed": SIGNED,
        "canonical": encode_canonical(SIGNED),
        "vectors": [vector(make()) for make in makers],
    }
    out = Path(__file__).with_name("keys.json")
    out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
