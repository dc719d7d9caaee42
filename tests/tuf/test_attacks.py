"""What a repository that lies can try: rollback, freeze, mix-and-match, endless data, slowness."""

import json
import threading
import time

import pytest

from tests.tuf.repository import TOP, days


@pytest.mark.parametrize("role", TOP)
def test_expired(repo, client, role):
    client.refresh()
    repo.roles[role].signed.expires = days(-1)
    if role == "root":
        repo.publish("root")
    else:
        repo.publish_targets("targets")
    client.refresh(refused="expired: it was good until")
    # 5.3.10: the expired root itself is kept, since a later one is signed by its keys
    assert client.versions()[role] == (2 if role == "root" else 1)


def test_timestamp_rolls_back(repo, client):
    old = repo.signed["timestamp"]
    repo.publish_targets("targets")
    client.refresh()
    repo.files["/metadata/timestamp.json"] = old
    client.refresh(refused="rolled back: version 1, but 2 was seen")
    assert client.versions()["timestamp"] == 2


def test_timestamp_of_the_same_version_changes_nothing(repo, client):
    client.refresh()
    repo.timestamp.snapshot_meta.version = 100
    repo.serve("timestamp", repo.sign("timestamp"))
    client.refresh()
    assert json.loads((client.metadata / "timestamp.json").read_bytes())["signed"]["meta"]["snapshot.json"]["version"] == 1


@pytest.mark.parametrize("hashes", [False, True])
def test_snapshot_rolls_back(repo, client, hashes):
    repo.listed_hashes = hashes
    repo.publish_targets("targets")
    client.refresh()
    repo.snapshot.version = 0
    repo.publish("snapshot")
    repo.publish("timestamp")
    client.refresh(refused="rolls the snapshot back to version 1 from 2")
    assert client.versions() == {"root": 1, "timestamp": 2, "snapshot": 2, "targets": 2}


def test_targets_roll_back(repo, client):
    repo.publish_targets("targets")
    client.refresh()
    repo.targets.version = 0
    repo.publish_targets("targets")
    client.refresh(refused="a role is rolled back")
    assert client.versions()["snapshot"] == 2


def test_delegated_role_rolls_back_or_vanishes(repo, client):
    repo.delegate("targets", "a")
    repo.publish_targets("a", "targets")
    repo.publish_targets("a")
    client.refresh()
    listed = repo.snapshot.meta["a.json"]
    listed.version = 1
    repo.publish("snapshot")
    repo.publish("timestamp")
    client.refresh(refused="a role is rolled back")
    del repo.snapshot.meta["a.json"]
    repo.publish("snapshot")
    repo.publish("timestamp")
    client.refresh(refused="a role that was listed is missing")
    # ... and after an update that was cut short the rollback is still seen
    client.refresh(refused="a role that was listed is missing")


def test_mix_and_match(repo, client):
    """An honest old file in the place of a new one."""
    repo.listed_hashes = True
    repo.publish_targets("targets")
    old = {role: repo.signed[role] for role in ("snapshot", "targets")}
    repo.add_target("file", b"content")
    repo.publish_targets("targets")
    new = repo.signed["snapshot"]
    repo.serve("snapshot", old["snapshot"])
    client.refresh(refused="snapshot.json:")
    repo.serve("snapshot", new)
    repo.serve("targets", old["targets"])
    client.refresh(refused="targets.json:")
    assert client.versions() == {"root": 1, "snapshot": 3, "timestamp": 3}


@pytest.mark.parametrize("what", ["version", "hash", "length"])
@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_listed_otherwise(repo, client, role, what):
    repo.listed_hashes = what != "version"
    repo.publish_targets("targets")
    lister = "timestamp" if role == "snapshot" else "snapshot"
    meta = repo.timestamp.snapshot_meta if role == "snapshot" else repo.snapshot.meta["targets.json"]
    if what == "version":
        meta.version += 1
        repo.files[repo.file_of(role, meta.version)] = repo.signed[role]
    elif what == "hash":
        meta.hashes["sha256"] = "00" * 32
    else:
        meta.length += 1
    repo.publish(lister)
    if lister == "snapshot":
        repo.publish("timestamp")
    client.refresh(refused=f"{role}.json: ")
    assert role not in client.versions()


FILES = {"root": "/metadata/2.root.json", "timestamp": "/metadata/timestamp.json",
         "snapshot": "/metadata/1.snapshot.json", "targets": "/metadata/1.targets.json"}
LIMITS = {"root": 65536, "timestamp": 16384, "snapshot": 262144, "targets": 1048576}


@pytest.mark.parametrize("role", TOP)
def test_endless_data(client, server, role):
    server.files[FILES[role]] = lambda handler: handler.answer_endless()
    client.refresh(refused=f"more than {LIMITS[role]} bytes")
    assert not server.endless_taken_whole
    # what lies in the sockets' buffers comes on top
    assert server.endless_sent < LIMITS[role] + (8 << 20)


@pytest.mark.parametrize("role", TOP)
def test_too_long_is_refused_before_its_first_byte(client, server, role):
    server.files[FILES[role]] = lambda handler: handler.answer(b"", length=LIMITS[role] + 1)
    client.refresh(refused=f"more than {LIMITS[role]} bytes")


def test_a_told_length_is_the_limit(repo, client, server):
    repo.listed_hashes = True
    repo.publish_targets("targets")
    file = repo.file_of("targets", 2)
    data = repo.signed["targets"]
    server.files[file] = data + b" "
    client.refresh(refused=f"more than {len(data)} bytes")
    repo.snapshot.meta["targets.json"].length = 1 << 40
    repo.publish("snapshot")
    repo.publish("timestamp")
    server.requests.clear()
    client.refresh(refused=f"{1 << 40} bytes, at most 1048576 allowed")
    assert "2.targets.json" not in server.metadata_requests()


def test_slow_retrieval(client, server):
    """A byte now and then keeps no connection open."""
    gone = threading.Event()

    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while not gone.wait(0.02):
                handler.wfile.write(b" ")
        finally:
            gone.set()

    server.files["/metadata/timestamp.json"] = drip
    client.more = ["--grace", "400ms", "--rate", "100000"]
    begun = time.monotonic()
    client.refresh(refused="too slow: given up")
    assert 0.3 < time.monotonic() - begun < 20
    assert gone.wait(10)


def test_silence(client, server):
    gone = threading.Event()
    server.files["/metadata/timestamp.json"] = lambda handler: gone.wait(30)
    client.more = ["--grace", "300ms"]
    client.refresh(refused="too slow: given up")
    gone.set()


@pytest.mark.parametrize("status", [301, 500, 503])
def test_only_403_and_404_end_the_chain_of_roots(client, server, status):
    server.files["/metadata/2.root.json"] = lambda handler: handler.answer(b"", status=status)
    client.refresh(refused=f"answers {status}")


def test_absent(repo, client, server):
    del server.files["/metadata/1.targets.json"]
    client.refresh(refused="targets.json: the repository does not have it")
    server.files["/metadata/1.targets.json"] = lambda handler: handler.answer(b"", status=403)
    client.refresh(refused="targets.json: the repository does not have it")
    server.files["/metadata/1.targets.json"] = repo.signed["targets"]
    client.refresh()


def test_answers_in_other_forms(repo, client, server):
    """Chunked is taken; cut short, or no HTTP at all, is refused."""
    server.files["/metadata/timestamp.json"] = lambda handler: handler.answer_chunked(repo.signed["timestamp"])
    client.refresh()
    for role in ("timestamp", "snapshot", "targets"):
        (client.metadata / f"{role}.json").unlink()
    data = repo.signed["timestamp"]
    server.files["/metadata/timestamp.json"] = lambda handler: handler.answer(data[:-9], length=len(data))
    client.refresh(refused="the connection ended early")
    server.files["/metadata/timestamp.json"] = lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n\r\n")
    client.refresh(refused="not an HTTP answer")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b"{}", b'{"signed":{},"signatures":[]}',
                                  b"[" * 10000, b'{"signed":{"_type":1e9}}', b'{"a":1,"a":2}'])
def test_not_metadata(client, server, data):
    server.files["/metadata/timestamp.json"] = data
    client.refresh(refused="timestamp.json: ")
    assert client.versions() == {"root": 1}


def test_one_role_in_the_place_of_another(repo, client, server):
    repo.signers["timestamp"] = repo.signers["targets"]
    repo.root.roles["timestamp"].keyids = list(repo.root.roles["targets"].keyids)
    repo.publish("root")
    server.files["/metadata/timestamp.json"] = repo.signed["targets"]
    client.refresh(refused="timestamp.json: _type: expected")


@pytest.mark.parametrize("field,value", [("spec_version", "2.0.0"), ("version", 0), ("version", 1.5), ("version", "1"),
                                         ("expires", "tomorrow"), ("meta", {}), ("meta", {"snapshot.json": {}})])
def test_fields_are_checked(repo, client, field, value):
    def change(content):
        content["signed"][field] = value

    repo.replace_json("timestamp", change)
    client.refresh(refused="timestamp.json: ")
