"""The client is killed at each step: what it trusted stays usable, and nothing is believed that was not."""

import subprocess
import threading

import pytest

from tests.tuf.client import ENVIRONMENT
from tests.tuf.repository import days


def build_history(repo):
    """From version 1: two rotations of root (the second with new timestamp and snapshot keys), new targets, a
    delegation."""
    for rotated in ((), ("timestamp", "snapshot")):
        old = repo.rotate("root")
        for role in rotated:
            repo.rotate(role)
        repo.publish("root", old + repo.signers["root"])
    repo.delegate("targets", "a")
    repo.add_target("file", b"content", "a")
    repo.publish_targets("a", "targets")


STEPS = ["2.root.json", "3.root.json", "4.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json", "1.a.json",
         "file"]


@pytest.mark.parametrize("step", STEPS)
def test_killed_while_it_waits(repo, client, server, step):
    client.refresh()
    build_history(repo)
    path = next((path for path in server.files if path.endswith(f"/{step}") or path.endswith(f".{step}")),
                f"/metadata/{step}")
    content = server.files.get(path)
    asked, over = threading.Event(), threading.Event()

    def hang(_):
        asked.set()
        over.wait(30)

    server.files[path] = hang
    with subprocess.Popen(client.command(*client.download_arguments("file")), env=ENVIRONMENT) as process:
        assert asked.wait(20)
        process.kill()
    over.set()
    versions = client.versions()
    assert versions["root"] == min(STEPS.index(step) + 1, 3)
    if content is None:
        del server.files[path]
    else:
        server.files[path] = content
    client.download("file")
    assert client.versions() == {"root": 3, "timestamp": 2, "snapshot": 2, "targets": 2, "a": 1}
    assert client.downloaded() == {"file": b"content"}


def test_killed_in_the_middle_of_a_target(repo, client, server):
    data = bytes(range(256)) * 4096
    repo.add_target("file", data)
    repo.publish_targets("targets")
    path = next(path for path in server.files if path.startswith("/targets/"))
    half, over = threading.Event(), threading.Event()

    def stall(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2])
        handler.wfile.flush()
        half.set()
        over.wait(30)

    server.files[path] = stall
    with subprocess.Popen(client.command(*client.download_arguments("file")), env=ENVIRONMENT) as process:
        assert half.wait(20)
        process.kill()
    over.set()
    assert "file" not in client.downloaded()
    server.files[path] = data
    client.download("file")
    assert client.downloaded() == {"file": data}


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
@pytest.mark.parametrize("damage", [b"", b"{", b"\0" * 100, b"[" * 100000], ids=["empty", "cut", "zeros", "deep"])
def test_damaged_files_are_fetched_again(repo, client, role, damage):
    client.refresh()
    (client.metadata / f"{role}.json").write_bytes(damage)
    client.refresh()
    assert (client.metadata / f"{role}.json").read_bytes() == repo.signed[role]


def test_a_cut_between_timestamp_and_snapshot(repo, client, server):
    """The stored timestamp is of the version that is served; the snapshot that it tells of is missing still."""
    client.refresh()
    repo.publish_targets("targets")
    held = server.files.pop("/metadata/2.snapshot.json")
    client.refresh(refused="snapshot.json: the repository does not have it")
    assert client.versions()["timestamp"] == 2
    server.files["/metadata/2.snapshot.json"] = held
    client.refresh()
    assert client.versions() == {"root": 1, "timestamp": 2, "snapshot": 2, "targets": 2}


def test_what_is_stored_is_not_believed_blindly(repo, client):
    """Stored metadata that today's root does not vouch for guards nothing and is replaced."""
    client.refresh()
    repo.rotate("targets")
    repo.publish("root")
    repo.serve("targets", repo.sign("targets"))
    client.refresh()
    assert (client.metadata / "targets.json").read_bytes() == repo.signed["targets"]


def test_an_unwritable_folder_is_told(repo, client):
    client.refresh()
    repo.timestamp.expires = days(20)
    repo.publish("timestamp")
    (client.metadata / "timestamp.json.new").mkdir()
    client.refresh(refused="timestamp.json.new")
    assert client.versions()["timestamp"] == 1
