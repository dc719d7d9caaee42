"""The same over TLS: the server's certificate is checked, and ours is shown."""

import ssl
import subprocess

import pytest

from tests.lab import programs
from tests.tuf.client import Client
from tests.tuf.repository import Repository
from tests.tuf.server import Server


@pytest.fixture(scope="module", name="pki")
def pki_(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pki")

    def pki(*arguments):
        subprocess.run([programs.program("wavegate-pki"), *arguments], cwd=folder, check=True, capture_output=True)

    pki("init", "pki")
    pki("issue", "server", "web", "--host", "127.0.0.1", "--out", "out")
    pki("issue", "server", "other", "--host", "other.example", "--out", "out")
    pki("issue", "device", "dev-1", "--out", "out")
    return folder


def serve(pki, name, ask_client=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / f"out/{name}.crt", pki / f"out/{name}.key")
    if ask_client:
        context.load_verify_locations(pki / "pki/device/chain.pem")
        context.verify_mode = ssl.CERT_REQUIRED
    return Server(context)


@pytest.mark.parametrize("name,ca,refused", [("web", "server", None), ("web", "device", "wavegate-tuf: "),
                                             ("other", "server", "mismatch")])
def test_server_certificate(pki, tmp_path, name, ca, refused):
    server = serve(pki, name)
    try:
        client = Client(tmp_path, server.url)
        client.trust(Repository(server.files).signed["root"])
        client.more = ["--ca", str(pki / f"pki/{ca}/chain.pem")]
        client.refresh(refused)
        assert bool(server.requests) == (refused is None)
    finally:
        server.close()


def test_our_certificate(pki, tmp_path):
    server = serve(pki, "web", ask_client=True)
    try:
        client = Client(tmp_path, server.url)
        client.trust(Repository(server.files).signed["root"])
        client.more = ["--ca", str(pki / "pki/server/chain.pem")]
        client.refresh(refused="wavegate-tuf: ")
        client.more += ["--cert", str(pki / "out/dev-1.crt"), "--key", str(pki / "out/dev-1.key")]
        client.refresh()
    finally:
        server.close()
