"""wavegate-signer keeps the repository fresh, with the keys of snapshot and timestamp alone."""

import json
import time

import pytest

from tests.lab import fleet, payload
from tests.lab.repository import Repository
from tests.lab.signer import Signer


class Kept:
    def __init__(self, world):
        self.world = world
        self.signer = None
        self.repository = None

    def make(self, expires):
        web = self.world.ground.web
        self.repository = Repository(web.repositories / self.world.name, self.world.folder / "repository-keys",
                                     web.repository_url(self.world.name), self.world.ground.pki, self.world.wavegate,
                                     expires=expires)
        # the keys of root and targets are elsewhere
        (self.repository.keys / "offline").mkdir()
        self.signer = Signer(self.world.folder, self.world.ground.pki, self.repository)
        self.signer.settings["repository"]["keep"] = "1s"
        self.signer.configure()

    def away(self, key):
        (self.repository.keys / key).rename(self.repository.keys / "offline" / key)

    def back(self, key):
        (self.repository.keys / "offline" / key).rename(self.repository.keys / key)

    def live(self, role="timestamp"):
        return json.loads((self.repository.folder / "metadata" / f"{role}.json").read_text())["signed"]

    def says(self, words):
        self.world.wait(f'the signer says "{words}"', lambda: words in self.signer.log.read_text(), 20)

    def verify(self, expect=0):
        return self.repository.release("verify", repository=True, expect=expect)


@pytest.fixture
def kept(bare_world):
    made = Kept(bare_world)
    yield made
    if made.signer:
        made.signer.stop()


def test_it_never_expires(kept):
    kept.make("timestamp=10s,snapshot=20s")  # each is made anew when half of it is over
    kept.away("root")
    kept.away("targets")
    born = time.monotonic()
    kept.signer.start()
    first = kept.live()["version"]
    kept.world.wait("three new timestamps", lambda: kept.live()["version"] >= first + 3, 40)
    assert time.monotonic() - born > 12, "no sooner than they were due"
    kept.verify()
    snapshot = kept.live()["meta"]["snapshot.json"]["version"]
    assert snapshot >= 2
    # what it has outlived stays what it was
    assert json.loads((kept.repository.folder / "metadata" / "1.root.json").read_text())
    assert not (kept.repository.folder / "metadata" / "2.root.json").exists()


def test_a_key_that_is_not_at_hand(kept):
    kept.make("timestamp=8s,snapshot=30d")
    kept.away("timestamp")
    kept.signer.start()
    kept.says("the repository is not kept fresh")
    assert "timestamp_left=" in kept.signer.log.read_text()
    assert str(kept.repository.keys / "timestamp") in kept.signer.log.read_text()
    before = kept.live()["version"]
    kept.back("timestamp")
    kept.world.wait("a new timestamp", lambda: kept.live()["version"] > before)
    kept.verify()


def test_what_was_signed_elsewhere_is_published(kept):
    kept.make("timestamp=1d,snapshot=7d")
    for key in ("snapshot", "timestamp"):
        kept.away(key)
    made = payload.make(kept.world.folder, fleet.COMPONENT, "2.4.1")
    kept.repository.add(made, fleet.COMPONENT, "2.4.1")
    before = kept.live()["version"]
    for key in ("snapshot", "timestamp"):
        kept.back(key)
    for key in ("root", "targets"):
        kept.away(key)
    kept.signer.start()
    kept.says("repository published")
    assert kept.live()["version"] == before + 1
    kept.verify()
    shown = kept.repository.release("show", f"{fleet.COMPONENT}/2.4.1", repository=True)
    assert fleet.COMPONENT in str(shown)


def test_people_are_told_in_time(kept):
    kept.make("root=5d,targets=90d,timestamp=1d,snapshot=7d")
    kept.signer.start()
    kept.says("people must sign metadata anew")
    (line,) = [line for line in kept.signer.log.read_text().splitlines() if "people must sign" in line]
    assert "role=root" in line and 'next="wavegate release rotate root, and sign"' in line


def test_a_repository_that_is_damaged_is_left_alone(kept):
    kept.make("timestamp=6s,snapshot=30d")
    file = kept.repository.folder / "metadata" / "timestamp.json"
    damaged = file.read_text().replace('"version":1', '"version":7').replace('"version": 1', '"version": 7')
    assert damaged != file.read_text()
    file.write_text(damaged)
    kept.signer.start()
    kept.says("the repository is not kept fresh")
    assert file.read_text() == damaged
