"""Targets: found through delegations, fetched, checked, kept."""

from hashlib import sha256

import pytest
from securesystemslib.signer import CryptoSigner

from tests.tuf.repository import Repository, days


def visited(server):
    """Delegated roles that were fetched, in order."""
    names = [path.split(".", 1)[1].removesuffix(".json") for path in server.metadata_requests() if path[0].isdigit()]
    return [name for name in names if name not in ("root", "snapshot", "targets")]


def test_download(repo, client, server):
    repo.add_target("path/to/file.txt", b"content")
    repo.publish_targets("targets")
    client.download("path/to/file.txt")
    assert client.downloaded() == {"path%2Fto%2Ffile.txt": b"content"}
    assert server.requests[-1] == f"/targets/path/to/{sha256(b'content').hexdigest()}.file.txt"
    client.download("nothing", refused="the repository has no such target")


def test_what_is_there_is_not_fetched_again(repo, client, server):
    repo.add_target("file", b"one")
    repo.publish_targets("targets")
    client.download("file")
    client.download("file")
    assert sum(path.startswith("/targets/") for path in server.requests) == 1
    (client.targets / "file").write_bytes(b"eno")  # the same length
    client.download("file")
    assert client.downloaded() == {"file": b"one"}
    repo.add_target("file", b"two")
    repo.publish_targets("targets")
    client.download("file")
    assert client.downloaded() == {"file": b"two"}


@pytest.mark.parametrize("served,says", [(b"CONTENT", "sha256 is"), (b"conten", "6 bytes, expected 7"),
                                         (b"contents", "more than 7 bytes"), (b"", "0 bytes, expected 7")])
def test_wrong_bytes(repo, client, served, says):
    repo.add_target("file", b"content", served=served)
    repo.publish_targets("targets")
    client.download("file", refused=says)
    assert client.downloaded() == {}


def test_wrong_bytes_leave_the_old_ones(repo, client):
    repo.add_target("file", b"content")
    repo.publish_targets("targets")
    client.download("file")
    repo.add_target("file", b"CONTENT", served=b"conteNT")
    repo.publish_targets("targets")
    client.download("file", refused="sha256 is")
    assert client.downloaded() == {"file": b"content"}


def test_endless_target(repo, client, server):
    repo.add_target("file", b"content")
    repo.publish_targets("targets")
    for path in [path for path in server.files if path.startswith("/targets/")]:
        server.files[path] = lambda handler: handler.answer_endless()
    client.download("file", refused="more than 7 bytes")
    assert client.downloaded() == {} and not server.endless_taken_whole


@pytest.mark.parametrize("hashes", [("sha256",), ("sha512",), ("sha512", "sha256")])
def test_kinds_of_hashes(repo, client, hashes):
    repo.add_target("file", b"content", hashes=hashes)
    repo.publish_targets("targets")
    client.download("file")
    for kind in hashes:
        repo.add_target("other", b"content", hashes=hashes)
        wrong = "00" * (32 if kind == "sha256" else 64)
        repo.targets.targets["other"].hashes[kind] = wrong
        repo.files[f"/targets/{wrong}.other"] = b"content"
        repo.publish_targets("targets")
        client.download("other", refused=f"{kind} is ")


def test_unknown_hash_alone_is_no_hash(repo, client):
    repo.add_target("file", b"content")
    repo.targets.targets["file"].hashes = {"md5": "9a0364b9e99bb480dd25e1f0284c8555"}
    repo.publish_targets("targets")
    client.download("file", refused="neither sha256 nor sha512 is there")


def test_unprefixed(server, client):
    """consistent_snapshot off: no versions, no hashes in names."""
    server.files.clear()
    repo = Repository(server.files, consistent=False)
    repo.delegate("targets", "a", ["folder/*"])
    repo.add_target("folder/file", b"content", "a")
    repo.publish_targets("a", "targets")
    client.trust(repo.signed["root"])
    client.download("folder/file")
    assert server.requests == ["/metadata/2.root.json", "/metadata/timestamp.json", "/metadata/snapshot.json",
                               "/metadata/targets.json", "/metadata/a.json", "/targets/folder/file"]


def test_nested_delegations_in_order(repo, client, server):
    for delegator, role, paths in (("targets", "a", ["*.doc"]), ("targets", "b", ["x/*"]), ("b", "c", ["y/*"]),
                                   ("b", "d", ["x/?.zip"]), ("targets", "e", ["x/*"])):
        repo.delegate(delegator, role, paths)
    repo.add_target("x/1.zip", b"by d", "d")
    repo.add_target("x/1.zip", b"by e", "e")
    repo.add_target("y/1.zip", b"by c, who was not asked", "c")
    repo.publish_targets("a", "b", "c", "d", "e", "targets")
    client.download("x/1.zip")
    assert visited(server) == ["b", "d"]
    assert client.downloaded() == {"x%2F1.zip": b"by d"}
    server.requests.clear()
    client.download("y/1.zip", refused="no such target")
    client.download("x/y/1.zip", refused="no such target")  # a star is not a slash
    assert visited(server) == []
    server.requests.clear()
    client.download("x/12.zip", refused="no such target")
    assert visited(server) == ["e"]  # b is stored already


def test_terminating(repo, client, server):
    repo.delegate("targets", "a", terminating=True)
    repo.delegate("targets", "b")
    repo.delegate("a", "c")
    repo.add_target("file", b"by b", "b")
    repo.publish_targets("a", "b", "c", "targets")
    client.download("file", refused="no such target")
    assert visited(server) == ["a", "c"]


def test_terminating_below(repo, client, server):
    """It ends the search above it, too: b is never asked."""
    repo.delegate("targets", "a")
    repo.delegate("targets", "b")
    repo.delegate("a", "c", terminating=True)
    repo.delegate("a", "d")
    repo.delegate("c", "e")
    repo.add_target("file", b"by b", "b")
    repo.publish_targets("a", "b", "c", "d", "e", "targets")
    client.download("file", refused="no such target")
    assert visited(server) == ["a", "c", "e"]


def test_cycle(repo, client, server):
    repo.delegate("targets", "a")
    repo.delegate("a", "b")
    repo.delegate("b", "a")
    repo.publish_targets("a", "b", "targets")
    client.download("file", refused="no such target")
    assert visited(server) == ["a", "b"]


def test_roles_that_cannot_be_had_end_the_search(repo, client, server):
    """Nobody else speaks in the place of a role that is withheld."""
    repo.delegate("targets", "a")
    repo.delegate("targets", "b")
    repo.add_target("file", b"by b", "b")
    repo.publish_targets("a", "b", "targets")
    del server.files["/metadata/1.a.json"]
    client.download("file", refused="a.json: the repository does not have it")
    assert client.downloaded() == {}


def test_role_that_the_snapshot_does_not_list(repo, client):
    repo.delegate("targets", "a")
    repo.publish("a")
    del repo.snapshot.meta["a.json"]
    repo.publish_targets("targets")
    client.download("file", refused="a.json: the snapshot does not list it")


def test_delegated_role_is_checked(repo, client):
    repo.delegate("targets", "a")
    repo.add_target("file", b"content", "a")
    repo.roles["a"].signed.expires = days(-1)
    repo.publish_targets("a", "targets")
    client.download("file", refused="a.json: expired")
    repo.roles["a"].signed.expires = days(1)
    repo.publish_targets("a", "targets")
    repo.serve("a", repo.sign("a", [CryptoSigner.generate_ed25519()]))
    client.download("file", refused="a.json: signed by 0 of its keys")
    assert "a" not in client.versions()
    client.refresh()  # the rest is as good as before


def test_a_role_has_the_keys_of_who_delegates_to_it(repo, client):
    """Keys of another delegation, or of root, do not sign for a role."""
    repo.delegate("targets", "a")
    repo.delegate("targets", "b")
    repo.publish_targets("a", "b", "targets")
    for others in (repo.signers["b"], repo.signers["root"]):
        repo.serve("a", repo.sign("a", others))
        client.download("file", refused="a.json: signed by 0 of its keys")


def test_too_many_roles(repo, client):
    repo.delegate("targets", "r0")
    for i in range(40):
        repo.delegate(f"r{i}", f"r{i + 1}")
    repo.publish_targets(*(f"r{i}" for i in range(41)), "targets")
    client.download("file", refused="more than 32 roles")


def test_hash_prefixes(repo, client, server):
    prefix = sha256(b"folder/file").hexdigest()[:3]
    repo.delegate("targets", "other", prefixes=["g" + prefix])
    repo.delegate("targets", "bin", prefixes=["ffff", prefix])
    repo.add_target("folder/file", b"content", "bin")
    repo.publish_targets("other", "bin", "targets")
    client.download("folder/file")
    assert visited(server) == ["bin"]


@pytest.mark.parametrize("bits", [1, 4, 5, 9])
def test_succinct_bins(repo, client, bits):
    bins = repo.delegate_bins(bits, "bin")
    names = ["a", "b/c", "file.txt", "é"]
    used = [bins.get_role_for_target(name) for name in names]
    for name, role in zip(names, used):
        repo.add_target(name, name.encode(), role)
    repo.publish_targets(*sorted(set(used)), "targets")
    for name in names:
        client.download(name)
    assert sorted(client.downloaded().values()) == sorted(name.encode() for name in names)


ODD_ROLES = ["?", "#", "%", "%2e", "/a", "../a", "..", ".", "a b", "é", "a.json", "targets.json.new", "\\", "x" * 80]


def test_odd_role_names(repo, client):
    """Names become files and URLs; none may leave its folder."""
    for role in ODD_ROLES:
        repo.delegate("targets", role)
    repo.publish_targets(*ODD_ROLES, "targets")
    before = sorted(path for path in client.folder.rglob("*") if "metadata" not in path.parts)
    client.download("file", refused="no such target")
    assert len(client.versions()) == 4 + len(ODD_ROLES)
    after = sorted(path for path in client.folder.rglob("*") if "metadata" not in path.parts)
    assert set(after) - set(before) <= {client.targets}


@pytest.mark.parametrize("role", ["root", "timestamp", "snapshot", "targets", "", "x" * 81],
                         ids=["root", "timestamp", "snapshot", "targets", "empty", "long"])
def test_roles_that_may_not_be_delegated_to(repo, client, role):
    repo.delegate("targets", "a")
    repo.publish_targets("a", "targets")

    def rename(content):
        content["signed"]["delegations"]["roles"][0]["name"] = role

    repo.replace_json("targets", rename)
    client.refresh(refused="targets.json: delegations: roles[0]: name")


@pytest.mark.parametrize("path", ["..", ".", "../x", "a/../../x", "/etc/passwd", "a//b", "a/", "a\nb", ""])
def test_paths_that_leave(repo, client, server, path):
    repo.add_target("file", b"content")
    repo.targets.targets[path] = repo.targets.targets["file"]
    repo.publish_targets("targets")
    client.download(path, refused="the target's path must be relative")
    assert not any(asked.startswith("/targets/") for asked in server.requests)


@pytest.mark.parametrize("path", ["a b", "?x=1", "a#b", "%2e%2e", "é/ü", "a\\..\\b", "a..b", "~", "a+b&c=d"])
def test_odd_paths(repo, client, path):
    repo.add_target(path, b"content")
    repo.publish_targets("targets")
    client.download(path)
    assert list(client.downloaded().values()) == [b"content"]


def test_links_in_the_targets_folder_are_not_followed(repo, client, tmp_path):
    repo.add_target("file", b"content")
    repo.publish_targets("targets")
    client.targets.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"precious")
    (client.targets / "file").symlink_to(elsewhere)
    (client.targets / "file.new").symlink_to(elsewhere)
    client.download("file")
    assert elsewhere.read_bytes() == b"precious"
    assert not (client.targets / "file").is_symlink()
