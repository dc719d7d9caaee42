"""A provider of OpenID Connect, as good or as bad as a test wants it, over TLS on loopback; people are who the test says."""

import base64
import hashlib
import hmac
import http.server
import json
import secrets
import ssl
import threading
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

CLIENT = "wavegate test"
SECRET = "s3cret: with / signs&"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Key:
    """A key of the provider's, RSA or P-256."""

    def __init__(self, kid, curve=False):
        self.kid = kid
        self.private = ec.generate_private_key(ec.SECP256R1()) if curve else rsa.generate_private_key(65537, 2048)
        self.alg = "ES256" if curve else "RS256"

    def jwk(self):
        numbers = self.private.public_key().public_numbers()
        if self.alg == "RS256":
            return {"kty": "RSA", "kid": self.kid, "use": "sig", "n": number(numbers.n), "e": number(numbers.e)}
        return {"kty": "EC", "crv": "P-256", "kid": self.kid, "alg": "ES256", "x": b64(numbers.x.to_bytes(32, "big")),
                "y": b64(numbers.y.to_bytes(32, "big"))}

    def sign(self, data):
        if self.alg == "RS256":
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def token(self, claims, **header):
        text = ".".join(b64(json.dumps(part).encode()) for part in ({"alg": self.alg, "kid": self.kid, **header}, claims))
        return text + "." + b64(self.sign(text.encode()))

    def public_pem(self):
        return self.private.public_key().public_bytes(serialization.Encoding.PEM,
                                                      serialization.PublicFormat.SubjectPublicKeyInfo)


def unsigned(claims, alg="none"):
    return ".".join(b64(json.dumps(part).encode()) for part in ({"alg": alg}, claims)) + "."


def by_hmac(claims, secret, kid):
    """What a reader that is confused about algorithms takes: the public key as the secret of an HMAC."""
    text = ".".join(b64(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": kid}, claims))
    return text + "." + b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())


class Issuer:
    """bend(claims) makes the token of the next codes instead of a right one; answers: what a path is answered with."""

    def __init__(self, certificate, key):
        self.rsa, self.curve = Key("rsa-1"), Key("ec-1", curve=True)
        self.keys = [self.rsa, self.curve]
        self.codes, self.asked, self.access = {}, [], None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, body=b""):
                status, headers, body = outer.serve(self.path, self.headers, body)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.answer()

            def do_POST(self):
                self.answer(self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(str(certificate), str(key))
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.reset()

    def reset(self):
        """Right again."""
        self.bend, self.answers, self.beside = None, {}, {}
        self.metadata = {
            "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize?tenant=1", "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys", "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": True}

    def serve(self, path, headers, body):
        path = path.split("?")[0]
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        document = {"/.well-known/openid-configuration": lambda: self.metadata,
                    "/keys": lambda: {"keys": [{"kty": "oct", "k": "AA", "kid": "x"}, *[key.jwk() for key in self.keys]]},
                    "/me": lambda: self.beside if headers["Authorization"] == f"Bearer {self.access}" else {"error": "invalid_token"},
                    "/token": lambda: self.redeem(headers, dict(urllib.parse.parse_qsl(body.decode())))}.get(path)
        answer = document() if document else {"error": "not_found"}
        return 400 if "error" in answer else 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def redeem(self, headers, form):
        """RFC 6749, section 4.1.3; RFC 7636, section 4.6."""
        given = base64.b64decode((headers["Authorization"] or "Basic ").split(" ")[1]).decode().split(":")
        if [urllib.parse.unquote(part) for part in given] != [CLIENT, SECRET]:
            return {"error": "invalid_client"}
        known = self.codes.pop(form["code"], None)
        if (not known or form["grant_type"] != "authorization_code" or form["redirect_uri"] != known["redirect_uri"]
                or b64(hashlib.sha256(form["code_verifier"].encode()).digest()) != known["code_challenge"]):
            return {"error": "invalid_grant"}
        token = self.bend(known["claims"]) if self.bend else self.rsa.token(known["claims"])
        self.access = "at-" + secrets.token_hex(8)
        return {"access_token": self.access, "token_type": "Bearer", "id_token": token}

    def agree(self, location, **claims):
        """As if somebody had signed in on the page at this location: the address that the browser goes back to."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT and asked["code_challenge_method"] == "S256"
        assert asked["tenant"] == "1" and "openid" in asked["scope"].split()
        now, code = int(time.time()), "code-" + secrets.token_hex(16)
        self.codes[code] = {**asked, "claims": {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300,
                                                "nonce": asked["nonce"], "groups": ["staff", "wavegate"], **claims}}
        back = {"state": asked["state"], "code": code, "iss": self.url}
        return asked["redirect_uri"] + "?" + urllib.parse.urlencode(back)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
