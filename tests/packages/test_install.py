"""Installed, upgraded, removed and purged in a Debian of its own."""

import re

import pytest

from tests.packages.debs import FOLDER, NAMES, made, older, run
from tests.packages.root import Root, make_base

CHANGED = {"wavegate-server": ["etc/wavegate/wavegated.yaml", "etc/wavegate/api.yaml"], "wavegate-cli": ["etc/wavegate/wavegate.yaml"],
           "wavegate-agent": []}
KEPT = "etc/wavegate/wavegated.yaml"
PROGRAMS = ("wavegated", "wavegate-api", "wavegate-signer", "wavegate-enrol", "wavegate-files", "wavegate-agent", "wavegate",
            "wavegate-pki", "wavegate-tuf")
USERS = ("wavegate", "wavegate-signer", "wavegate-enrol", "wavegate-files")


@pytest.fixture(name="root", scope="module")
def fixture_root():
    make_base(", ".join(run("dpkg-deb", "-f", deb, "Depends").strip() for deb in made().values()))
    with Root(FOLDER / "root") as root:
        root.before = root.tree()
        yield root


def owner(root, path):
    return root.run("stat", "-c", "%U:%G:%a", f"/{path}").strip()


def enabled(root):
    return [path for path in root.tree() if path.startswith("etc/systemd") and ".wants/" in path and "wavegate" in path]


def state(root, name):
    return root.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", name)


def test_fresh(root):
    """Older ones first. Everything is there and nothing runs."""
    out = FOLDER / "older"
    out.mkdir(parents=True, exist_ok=True)
    root.install([older(deb, "0.0.9-1", CHANGED[name], out) for name, deb in made().items()])
    assert [state(root, name) for name in NAMES] == ["installed 0.0.9-1"] * 3
    for program in PROGRAMS:
        said = root.run(program, "--version")
        assert re.match(rf"{program} \d+\.\d+\.\d+", said), said
    assert not enabled(root)
    for user in USERS:
        assert f":/var/lib/{user}:" in root.run("getent", "passwd", user)
        assert root.run("getent", "passwd", user).strip().endswith("/nologin")
    assert owner(root, KEPT) == "root:wavegate:640"
    assert owner(root, "etc/wavegate/signer.yaml") == "root:wavegate:640"
    assert owner(root, "etc/wavegate/enrol.json") == "root:wavegate-enrol:640"
    assert owner(root, "etc/wavegate/credentials/signer") == "root:root:700"
    assert owner(root, "var/lib/wavegate/keys") == "wavegate:wavegate:700"
    assert owner(root, "var/lib/wavegate/artifacts") == "wavegate:www-data:2750"
    assert "wavegate-server.conf" in root.run("systemd-analyze", "cat-config", "sysusers.d")


def test_check(root):
    """The shipped configuration says what it wants, to who may read it; with that there, nothing is wrong with it."""
    unconfigured = root.ask("runuser", "-u", "wavegate", "--", "wavegated")
    assert unconfigured.returncode == 2, unconfigured
    assert re.search(r"^/etc/wavegate/wavegated.yaml:\d+:\d+: error: tls.ca: /etc/wavegate/tls/server-root.crt: No such file",
                     unconfigured.stderr, re.MULTILINE), unconfigured.stderr
    assert "Permission denied" in root.ask("runuser", "-u", "wavegate-files", "--", "wavegated", "--check").stderr
    root.run("mkdir", "/etc/wavegate/tls")
    root.run("wavegate-pki", "init", "/debs/pki")
    root.run("wavegate-pki", "issue", "service", "wavegated", "--pki", "/debs/pki", "--out", "/etc/wavegate/tls")
    for file in ("server/root.crt", "operator/root.crt", "operator/crl.pem"):
        root.run("cp", f"/debs/pki/{file}", f"/etc/wavegate/tls/{file.replace('/', '-')}")
    assert "the configuration is fine" in root.run("runuser", "-u", "wavegate", "--", "wavegated", "--check")
    root.run("mv", "/etc/wavegate/tls/wavegated.key", "/etc/wavegate/credentials/wavegated/tls.key")
    root.run("rm", "-r", "/etc/wavegate/tls", "/debs/pki", "/etc/wavegate/credentials/wavegated/tls.key")


def test_conffile_is_kept(root):
    """Upgraded: what was edited stays, what was not is the new one's."""
    edited = root.text(KEPT).replace("log: info", "log: debug")
    (root.folder / KEPT).write_text(edited)
    (root.folder / "var/lib/wavegate/artifacts/one").write_text("kept")
    root.install(made().values(), "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold")
    version = run("dpkg-deb", "-f", made()["wavegate-server"], "Version").strip()
    assert [state(root, name) for name in NAMES] == [f"installed {version}"] * 3
    assert root.text(KEPT) == edited and (root.folder / f"{KEPT}.dpkg-dist").exists()
    assert "older version" not in root.text("etc/wavegate/api.yaml") + root.text("etc/wavegate/wavegate.yaml")
    assert owner(root, KEPT) == "root:wavegate:640" and owner(root, "etc/wavegate/api.yaml") == "root:wavegate:640"
    assert root.text("var/lib/wavegate/artifacts/one") == "kept"
    assert not enabled(root)
    root.run("dpkg", "--verify", *NAMES)


def test_remove(root):
    """What people wrote stays; an enabled unit is not left dangling."""
    root.run("systemctl", "enable", "wavegated.service", "wavegate-agent.service")
    assert len(enabled(root)) == 2
    root.run("apt-get", "-qq", "-y", "remove", *NAMES)
    assert root.ask("wavegate", "--version").returncode != 0
    assert "log: debug" in root.text(KEPT) and root.text("var/lib/wavegate/artifacts/one") == "kept"
    root.install(made().values(), "-o", "Dpkg::Options::=--force-confold")
    assert len(enabled(root)) == 2 and "log: debug" in root.text(KEPT)
    root.run("dpkg", "--configure", "-a")


def test_purge(root):
    """Nothing is left but users, and what people laid into /etc/wavegate."""
    (root.folder / "etc/wavegate/tls").mkdir(exist_ok=True)
    (root.folder / "etc/wavegate/tls/mine.key").write_text("mine")
    (root.folder / f"{KEPT}.dpkg-dist").unlink(missing_ok=True)
    for command in (("apt-get", "-qq", "-y", "purge", *NAMES), ("apt-get", "-qq", "-y", "install", "--no-install-recommends",
                                                               *root.put(made().values())), ("dpkg", "-P", *NAMES)):
        root.run(*command)
    now = root.tree()
    left = set(now) - set(root.before)
    users = {"etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-"}
    assert left - users == {"etc/wavegate", "etc/wavegate/tls", "etc/wavegate/tls/mine.key"}
    missing = set(root.before) - set(now)
    assert not missing
