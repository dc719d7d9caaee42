"""A repository on a server of its own, and a client that trusts its first root."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "build" / "python-tuf"))
sys.path.insert(0, str(ROOT))

# pylint: disable=wrong-import-position
from tests.lab import ledger  # noqa: E402
from tests.tuf.client import Client  # noqa: E402
from tests.tuf.repository import Repository  # noqa: E402
from tests.tuf.server import Server  # noqa: E402


def pytest_configure():
    ledger.begin()


@pytest.fixture(name="server")
def server_():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def repo(server):
    return Repository(server.files)


@pytest.fixture
def client(repo, server, tmp_path):
    made = Client(tmp_path, server.url)
    made.trust(repo.signed["root"])
    return made
