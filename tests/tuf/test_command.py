"""The command line: what it says, and that it ends with 0 or 1 alone."""

import pytest


def test_help_and_version(client):
    for flag, word in (("--help", "usage: wavegate-tuf"), ("--version", "wavegate-tuf ")):
        done = client.run(flag)
        assert done.returncode == 0 and word in done.stdout


@pytest.mark.parametrize("arguments,says", [
    ([], "expected init, refresh or download"),
    (["renew"], "expected init, refresh or download"),
    (["refresh"], "--metadata-url is missing"),
    (["--metadata-url", "x", "refresh", "more"], '"more" is too much'),
    (["--metadata-url", "x", "download"], "--target-name is missing"),
    (["--metadata-url", "ftp://127.0.0.1/", "refresh"], "is no http: or https: URL"),
    (["--metadata-url", "http://user@127.0.0.1/", "refresh"], "is no http: or https: URL"),
    (["--metadata-url", "http://127.0.0.1:1/", "refresh"], "Connection refused"),
    (["--metadata-url", "http://127.0.0.1/", "--rate", "0", "refresh"], "--rate: expected a number"),
    (["--metadata-url", "http://127.0.0.1/", "--grace", "soon", "refresh"], "--grace: expected a time"),
    (["--metadata-url", "http://127.0.0.1/", "--cert", "x", "refresh"], "--cert and --key belong together"),
    (["--metadata-url", "http://127.0.0.1/", "--unheard-of", "refresh"], "--unheard-of"),
    (["init"], "expected: wavegate-tuf --metadata-dir DIR init ROOT"),
    (["init", "/nowhere/root.json"], "/nowhere/root.json"),
])
def test_what_is_wrong_is_said_in_one_line(client, arguments, says):
    done = client.run(*arguments)
    assert done.returncode == 1
    assert says in done.stderr and done.stderr.count("\n") == 1


def test_init_takes_nothing_but_a_root(repo, client):
    path = client.folder / "other.json"
    before = (client.metadata / "root.json").read_bytes()
    for data in (repo.signed["targets"], b"{}", b" " * 100000):
        path.write_bytes(data)
        assert client.run("init", str(path)).returncode == 1
    assert (client.metadata / "root.json").read_bytes() == before
