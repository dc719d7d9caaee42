"""What is secret stays where it is: not in logs, arguments, environments, cores, error messages or files that others read."""

import contextlib
import os
import re
import stat
from pathlib import Path

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.process import free_port
from tests.system.attacks.test_trust import APPROVED, Sealed
from tests.system.story import campaign

PRIVATE = re.compile(r"-----BEGIN (?:EC |ENCRYPTED )?PRIVATE KEY-----\n(.+?)\n", re.DOTALL)


def secrets_of(world):
    """A line of every secret key in this world, as it might leak; and its bytes as hex."""
    found = {}
    for path in [*world.ground.pki.logs.rglob("*"), *world.folder.rglob("*")]:
        try:
            if not path.is_file() or path.stat().st_size > 65536:
                continue
            text = path.read_text(errors="replace")
        except FileNotFoundError:  # one that a program has just put in another's place
            continue
        for line in PRIVATE.findall(text):
            found[line] = path
        for key in re.findall(r"AGE-SECRET-KEY-1[A-Z0-9]+", text):
            found[key] = path
        if path.name == "kek":
            found[path.read_bytes().hex()] = path
        if path.name == "s3.secret":
            found[text.strip()] = path
        if path.name == "url-keys":
            for key in re.findall(r"^[^#\s]+\s+([0-9a-f]{64})\s*$", text, re.MULTILINE):
                found[key] = path
    return found


def is_ours(pid):
    try:
        return (Path("/proc") / pid / "exe").resolve().is_relative_to(programs.BIN)
    except OSError:
        return False


def processes():
    return [Path("/proc") / pid for pid in os.listdir("/proc") if pid.isdigit() and is_ours(pid)]


def command_of(process):
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def add_bucket(world):
    """A mirror more, of presigned URLs, that nobody answers at: whoever is sent there goes on to the other."""
    secret = world.folder / "s3.secret"
    secret.write_text("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n")
    secret.chmod(0o600)
    world.orchestrator.settings["artifacts"]["urls"].append(
        {"endpoint": f"https://localhost:{free_port()}", "bucket": "updates", "region": "lab-1", "style": "path",
         "access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_key_file": "s3.secret"})
    world.orchestrator.write_config()


@pytest.fixture
def told(bare_world):
    """A world that has seen a whole sealed campaign, with everything logged."""
    made = Sealed(bare_world)
    add_bucket(bare_world)
    made.start(devices=1)
    made.give_keys()
    made.release("2.4.1")
    name = bare_world.apply(campaign("told", "2.4.1", more=APPROVED))
    bare_world.wavegate("campaign", "approve", name, operator="bob")
    bare_world.wait_campaign(name, "finished")
    yield made
    made.signer.stop()


def test_logs_arguments_and_environments(told):
    world = told.world
    secrets = secrets_of(world)
    assert len(secrets) >= 13  # keys of roles, people, device, director; two age keys, the wrapping key, a bucket's
    assert "s3.secret" in {path.name for path in secrets.values()}
    logs = [*world.folder.rglob("*.log"), *world.broker.folder.rglob("*.log")]
    assert len(logs) >= 4
    seen = {str(log): log.read_text(errors="replace") for log in logs}
    running = processes()
    assert len(running) >= 3  # orchestrator, agent, signer
    for process in running:
        for name in ("cmdline", "environ"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # another test's may have ended
                seen[str(process / name)] = (process / name).read_bytes().decode(errors="replace")
    leaks = [(place, str(path)) for place, text in seen.items() for secret, path in secrets.items() if secret in text]
    assert not leaks
    assert not [place for place, text in seen.items() if "X-Amz-Signature" in text], "who has the URL may fetch"


def test_no_cores(told):
    """A program that dies leaves no picture of its memory, whatever the shell that started it allows."""
    # those that have long begun and stay: another test's may be about to
    ours = [process for process in processes() if str(told.world.folder) in command_of(process)]
    assert len(ours) >= 3
    for process in ours:
        limits = (process / "limits").read_text()
        assert re.search(r"Max core file size +0 ", limits), process
        if "asan" not in str(programs.BIN):  # where it is left on for the search for leaks
            assert (process / "mem").stat().st_uid == 0, process


@pytest.mark.parametrize("name", ["orchestrator.age", "kek"])
def test_others_can_read(told, name):
    """Then it is refused, by name, until it is mended."""
    world = told.world
    plain, file = world.folder / "x", world.folder / name
    plain.write_text("x" * 1000)
    world.wavegate("release", "seal", plain, "--for", told.recipient, operator=None)
    words = ["release", "add", f"{plain}.body", "--header", f"{plain}.header", "--component", "brake", "--version", "9.0.0"]
    file.chmod(0o644)
    assert name in world.wavegate(*words, operator="rita", expect=4).stderr
    file.chmod(0o600)
    world.wavegate(*words, operator="rita")


def test_a_device_key_that_others_can_read(told):
    world = told.world
    device = fleet.devices()[3]
    agent = world.add_agent(device, payload.make(world.folder, device.component, device.version))
    loose = world.folder / "loose.key"
    loose.write_bytes(Path(agent.settings["key"]).read_bytes())
    loose.chmod(0o644)
    agent.settings["key"] = str(loose)
    agent.start()
    world.wait("the agent ends", lambda: not agent.alive(), 10)
    assert "loose.key" in agent.log.read_text()


def test_what_programs_write_is_for_their_owner(told):
    """State, keys and books: nobody else reads them."""
    world = told.world
    for path in [*(world.folder / "devices").rglob("state/*"), *(world.folder / "keys").rglob("*"),
                 *(world.folder / "signer/state").rglob("*")]:
        if path.name == "payload.log":  # which the payload writes as it likes
            continue
        with contextlib.suppress(FileNotFoundError):  # one that a program has just put in another's place
            mode = path.stat().st_mode
            assert not stat.S_ISREG(mode) or not mode & (stat.S_IRWXG | stat.S_IRWXO), path
