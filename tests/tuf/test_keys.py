"""Who must have signed: rotations of root, thresholds, keys that pretend to be several."""

import pytest
from securesystemslib.signer import SSlibKey

from tests.tuf.repository import days


def test_first_update(repo, client, server):
    client.refresh()
    assert server.metadata_requests() == ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"]
    for role, data in repo.signed.items():
        assert (client.metadata / f"{role}.json").read_bytes() == data
    server.requests.clear()
    client.refresh()
    assert server.metadata_requests() == ["2.root.json", "timestamp.json"]


def test_several_roots_at_once(repo, client, server):
    """Three versions behind, each with other keys of other kinds; intermediate ones may be expired."""
    for kind in ("ecdsa", "rsa", "ed25519"):
        old = repo.rotate("root", kind)
        repo.root.expires = days(-1 if kind != "ed25519" else 30)
        repo.publish("root", old + repo.signers["root"])
    client.refresh()
    assert client.versions()["root"] == 4
    assert server.metadata_requests()[:4] == [f"{n}.root.json" for n in (2, 3, 4, 5)]


@pytest.mark.parametrize("signers", ["old", "new"])
def test_root_wants_both_thresholds(repo, client, signers):
    old = repo.rotate("root")
    repo.publish("root", old if signers == "old" else repo.signers["root"])
    client.refresh(refused="signed by 0 of its keys, 1 are needed")
    assert client.versions() == {"root": 1}


def test_root_version_is_the_next(repo, client):
    repo.root.version = 2
    repo.publish("root")  # version 3 ...
    repo.files["/metadata/2.root.json"] = repo.signed["root"]  # ... in the place of 2
    client.refresh(refused="version 3 follows version 1")
    repo.files["/metadata/2.root.json"] = repo.files["/metadata/1.root.json"]
    client.refresh(refused="version 1 follows version 1")
    assert client.versions() == {"root": 1}


def test_timestamp_and_snapshot_are_forgotten_with_their_keys(repo, client):
    """5.3.11: the way out of a fast-forward attack."""
    repo.timestamp.version = repo.snapshot.version = 1000
    repo.publish_targets("targets")
    client.refresh()
    assert client.versions()["timestamp"] == 1001
    repo.rotate("timestamp")
    repo.rotate("snapshot")
    repo.publish("root")
    repo.timestamp.version = repo.snapshot.version = 1
    repo.publish_targets("targets")
    client.refresh()
    assert (client.versions()["timestamp"], client.versions()["snapshot"]) == (2, 2)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_threshold(repo, client, role):
    first = repo.signers[role][0]
    second = repo.add_key(role, "ecdsa")
    repo.add_key(role)
    repo.root.roles[role].threshold = 2
    repo.publish("root")
    repo.publish_targets("targets")
    repo.serve(role, repo.sign(role, [first]))
    client.refresh(refused="signed by 1 of its keys, 2 are needed")
    assert role not in client.versions()
    repo.serve(role, repo.sign(role, [first, second]))
    client.refresh()


def test_one_key_under_two_ids_counts_once(repo, client):
    """The ids are names that the repository gives: they do not make two signers of one."""
    signer = repo.signers["timestamp"][0]
    again = SSlibKey("another-name", signer.public_key.keytype, signer.public_key.scheme, signer.public_key.keyval,
                     {"note": "the same key"})
    repo.root.add_key(again, "timestamp")
    repo.root.roles["timestamp"].threshold = 2
    repo.publish("root")
    repo.publish("timestamp")

    def sign_twice(content):
        content["signatures"].append({"keyid": "another-name", "sig": content["signatures"][0]["sig"]})

    repo.replace_json("timestamp", sign_twice)
    client.refresh(refused="signed by 1 of its keys, 2 are needed")


def test_a_keyid_stands_once_among_signatures(repo, client):
    repo.replace_json("timestamp", lambda content: content["signatures"].append(content["signatures"][0]))
    client.refresh(refused="its keyid stands there twice")


def test_signatures_that_do_not_hold_do_not_count(repo, client):
    repo.add_key("timestamp")
    repo.publish("root")
    repo.publish("timestamp")

    def spoil(sig):
        def change(content):
            content["signatures"][0]["sig"] = sig
        return change

    for sig in ("", "zz", "00" * 64, "0" * 127, "ff" * 4096):
        repo.replace_json("timestamp", spoil(sig))
        client.refresh()
    (client.metadata / "timestamp.json").unlink()
    repo.replace_json("timestamp", lambda content: content["signatures"].pop())
    client.refresh(refused="signed by 0 of its keys, 1 are needed")


def test_unknown_fields_stay_under_the_signature(repo, client):
    repo.root.unrecognized_fields["x-note"] = 'quotes " and \\, tabs \t, é, 😀'
    repo.root.keys[repo.root.roles["root"].keyids[0]].unrecognized_fields["x-owner"] = {"b": [1, -2], "a": None}
    repo.publish("root")
    client.refresh()
    assert client.versions()["root"] == 2
    repo.publish("root")

    def change(content):
        content["signed"]["x-note"] = "another"

    repo.replace_json("root", change)
    client.refresh(refused="signed by 0 of its keys")


def test_keys_of_unknown_kinds_are_passed_over(repo, client):
    repo.root.add_key(SSlibKey("strange", "ecdsa", "ecdsa-sha2-nistp521", {"public": "?"}, {}), "targets")
    repo.publish("root")
    client.refresh()


def test_no_root_no_request(repo, client, server):
    (client.metadata / "root.json").unlink()
    client.refresh(refused="root.json: there is no trusted root")
    (client.metadata / "root.json").write_bytes(repo.signed["root"].replace(b'"version": 1', b'"version": 2'))
    client.refresh(refused="root.json: signed by 0 of its keys")
    assert not server.requests
