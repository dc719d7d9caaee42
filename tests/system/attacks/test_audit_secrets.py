"""Secrets in whatever the commands take: none of them is in the audit log, in what programs print and log, or in the database."""

import re

import pytest

from tests.lab import programs
from tests.lab.lab import World
from tests.system import seeded

USAGE, DENIED = 2, 4
PASSPHRASE = "correct-horse-Qx7vbattery"
PASSWORD = "pw-7Hq3zR9tLx"
AGE = "AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQQPZRY9X8GF2TVDW0S3"
BODY = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v7VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"
PEM = f"-----BEGIN PRIVATE KEY-----\n{BODY}\n-----END PRIVATE KEY-----\n"
BEARER = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWEtdG9rZW4"
SECRETS = [PASSPHRASE, PASSWORD, AGE, BODY, BEARER]
TOLD = [PEM.replace("\n", " "), f"the token is {BEARER}", f"password={PASSWORD}", f"https://me:{PASSWORD}@host/", AGE]


@pytest.fixture(scope="module")
def office(ground):
    """Its database is reached with a password, its operator's key opened by a passphrase."""
    world = World(ground, "secrets")
    world.outputs = []
    world.orchestrator.settings["database"] = world.db.dsn + f" password={PASSWORD}"
    world.orchestrator.write_config()
    world.start_orchestrator()
    for version in ("1.0.0", "3.0.0"):
        seeded.add_release(world, version)
    for name in ("dave", "alice", "rita"):
        key = world.folder / f"{name}.key"
        done = programs.run(["openssl", "pkcs8", "-topk8", "-in", ground.pki.key(name), "-out", key, "-v2", "aes-256-cbc",
                             "-iter", "10000", "-passout", f"pass:{PASSPHRASE}"])
        assert done.returncode == 0, done.stderr
        key.chmod(0o600)
    secret = world.folder / "secret"
    secret.write_text(PASSPHRASE + "\n")
    secret.chmod(0o600)
    (world.folder / "key.pem").write_text(PEM)
    (world.folder / "age.pem").write_text(AGE + "\n")
    yield world
    world.close()
    assert not world.sanitizer_report()


def run(world, *words, operator="dave"):
    """As the operator whose key is behind the passphrase."""
    done = programs.run([*world.orchestrator.command(*words, operator=operator), "--operator-key",
                         world.folder / f"{operator}.key", "--operator-secret", world.folder / "secret"],
                        env=programs.environment(world.folder))
    world.outputs.append((words, done.stdout + done.stderr))
    return done


def check(world):
    """Nothing of it in what was printed, logged or stored since."""
    for words, text in world.outputs:
        for secret in SECRETS:
            assert secret not in text, words
    log = world.orchestrator.log.read_text()
    stored = "\n".join(text for (text,) in world.db.rows("select a::text from audit a union all select r::text from audit_refusal r"))
    assert "refused" in stored or "tag" in stored
    for secret in SECRETS:
        assert secret not in log
        assert secret not in stored


def test_passphrases_of_keys_and_passwords_of_databases(office):
    assert run(office, "device", "tag", "dev-1", "+lab").returncode == 0
    (office.folder / "wrong").write_text(PASSPHRASE + "x\n")
    (office.folder / "wrong").chmod(0o600)
    done = programs.run([*office.orchestrator.command("device", "tag", "dev-1", "+lab", operator="dave"), "--operator-key",
                         office.folder / "dave.key", "--operator-secret", office.folder / "wrong"])
    assert done.returncode != 0
    office.outputs.append(("wrong passphrase", done.stdout + done.stderr))
    check(office)


STRINGS = ["{} host=/nowhere password=" + PASSWORD, "postgresql://wavegate:" + PASSWORD + "@127.0.0.1:1/wavegate",
           "postgresql://wavegate:" + PASSWORD + "@[bad/wavegate", "postgresql://wavegate:" + PASSWORD + "@host:port/%zz",
           "host=/nowhere password='" + PASSWORD, "host=/nowhere password = a " + PASSWORD, PASSWORD + "=x", PASSWORD,
           "postgresql://wavegate:ab@" + PASSWORD + "@127.0.0.1:1/wavegate"]


@pytest.mark.parametrize("number", range(len(STRINGS)))
def test_connection_strings_that_are_wrong(office, number):
    """libpq names the word that it does not understand."""
    settings = office.orchestrator.settings
    office.orchestrator.settings = {**settings, "database": STRINGS[number]}
    config = office.orchestrator.config
    office.orchestrator.config = office.folder / "wrong.yaml"
    try:
        office.orchestrator.write_config()
        daemon = programs.run([programs.program("wavegated"), "--migrate", "--database", STRINGS[number]])
        assert daemon.returncode != 0
        office.outputs.append((STRINGS[number], daemon.stdout + daemon.stderr))
    finally:
        office.orchestrator.settings, office.orchestrator.config = settings, config
    check(office)


@pytest.mark.parametrize("text", TOLD)
def test_reasons_are_refused_that_hold_one(office, text):
    """They are kept for others to read."""
    before = office.db.value("select max(number) from audit where kind <> 'setup-link'")
    for words in (["device", "revoke", "dev-1"], ["device", "clear", "dev-1"], ["device", "erase", "dev-1", "--yes"],
                  ["device", "quarantine", "dev-1"]):
        done = run(office, *words, f"--reason={text}")
        assert done.returncode == USAGE and "say it without" in done.stderr, done.stderr
    for reason in ([f"--reason={text}"], ["--reason", text]):
        assert run(office, "campaign", "pause", "none", *reason, operator="alice").returncode == USAGE
    assert office.db.value("select max(number) from audit where kind <> 'setup-link'") == before
    check(office)


@pytest.mark.parametrize("file", ["key.pem", "age.pem"])
def test_keys_where_other_files_belong(office, file):
    path = office.folder / file
    for words, operator in ((["campaign", "validate"], "alice"), (["campaign", "apply"], "alice"), (["campaign", "plan"], "alice"),
                            (["device", "import"], "dave"), (["device", "enrol"], "dave"), (["boundary", "import"], "dave"),
                            (["group", "add", "g", "--file"], "dave"), (["audit", "verify"], "dave"), (["release", "show"], "rita")):
        assert run(office, *words, path, operator=operator).returncode != 0, words
        if words[0] in ("campaign", "group"):
            office.outputs.pop()  # who gave the file is shown what is wrong in it
    for flag in ("--config", "--operator-key"):
        done = programs.run([*office.orchestrator.command("device", "tag", "dev-1", "+x", operator="dave"), flag, path])
        office.outputs.append((flag, done.stdout + done.stderr))
        assert done.returncode != 0
    check(office)


@pytest.mark.parametrize("text", [AGE, PASSWORD + "/" + PASSWORD, PEM])
def test_secrets_in_the_place_of_names(office, text):
    for words in (["device", "age-key", "dev-1", text], ["device", "tag", text, "+a"], ["device", "tag", "dev-1", "+" + text],
                  ["group", "add", text, "dev-1"], ["campaign", "abort", text], ["device", "revoke", text, "--reason", "r"]):
        operator = "alice" if words[0] == "campaign" else "dave"
        assert run(office, *words, operator=operator).returncode != 0, words
        # whose role may not: what was asked for is told
        done = run(office, *words, operator="alice" if operator == "dave" else "dave")
        assert done.returncode in (USAGE, DENIED)
    stored = "\n".join(text for (text,) in office.db.rows("select a::text from audit a where kind = 'refused'"))
    assert "[removed]" in stored or text not in stored
    for secret in SECRETS:
        assert secret not in re.sub(r"\s", "", stored)
