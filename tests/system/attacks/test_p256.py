"""People, director and enrolment authority with P-256 keys: in files, under a passphrase, in a token; beside Ed25519; and
signatures that somebody has changed."""

import base64
import json

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.token import Tokens
from tests.system.attacks.test_trust import APPROVED, Enrolled, Trusted
from tests.system.story import all_succeeded, campaign, check_end

TWO = "approvals: {role: rollout-admin, count: 2}"
ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551


@pytest.fixture(name="trusted")
def trusted_(bare_world):
    made = Trusted(bare_world)
    yield made
    made.signer.stop()


@pytest.fixture(name="enrolled")
def enrolled_(bare_world):
    made = Enrolled(bare_world, "p256")
    yield made
    made.signer.stop()


def finish(trusted, name, version="2.4.1"):
    trusted.world.wait_campaign(name, "finished")
    check_end(trusted.world, name, version, all_succeeded(trusted.world))


def secret_file(world, text):
    file = world.folder / "secret"
    file.write_text(text)
    file.chmod(0o600)
    return file


def test_key_in_a_file(trusted):
    trusted.start()
    trusted.release("2.4.1")
    name = trusted.world.apply(campaign("file", "2.4.1", more=APPROVED))
    trusted.world.wavegate("campaign", "approve", name, operator="petra")
    finish(trusted, name)


def test_key_under_a_passphrase(trusted):
    world, pki = trusted.world, trusted.world.ground.pki
    secret, where = secret_file(world, "correct horse battery"), world.folder / "petra.pem"
    done = programs.run(["openssl", "pkcs8", "-topk8", "-in", pki.key("petra"), "-out", where, "-passout",
                         f"file:{secret}", "-scrypt"])
    assert done.returncode == 0, done.stderr
    where.chmod(0o600)
    trusted.start()
    trusted.release("2.4.1")
    name = world.apply(campaign("passphrase", "2.4.1", more=APPROVED))
    key = ("--operator-key", where, "--operator-secret")
    world.wavegate("campaign", "approve", name, *key, secret_file(world, "incorrect horse"), operator="petra", expect=1)
    refused = world.wavegate("campaign", "approve", name, "--operator-key", pki.key("alice"), operator="petra", expect=4)
    assert "not the one of petra's certificate" in refused.stderr
    world.wavegate("campaign", "approve", name, *key, secret_file(world, "correct horse battery"), operator="petra")
    finish(trusted, name)


def test_key_that_never_left_its_token(trusted):
    """Made in SoftHSM; the authority and the policy get to see the public half."""
    world, pki = trusted.world, trusted.world.ground.pki
    tokens = Tokens(world.folder).add("tina")
    world.orchestrator.environment = tokens.environment
    der, pem = world.folder / "tina.der", world.folder / "tina.pub"
    tokens.tool("tina", "--keypairgen", "--key-type", "EC:prime256v1", "--label", "tina", "--id", "01", "--sensitive")
    tokens.tool("tina", "--read-object", "--type", "pubkey", "--label", "tina", "-o", der)
    tokens.run("openssl", "pkey", "-pubin", "-inform", "DER", "-in", der, "-out", pem)
    pki.issue_operator("tina", "rollout-admin", pem)
    assert not pki.key("tina").exists()
    trusted.repository.set_policy(1, people=("alice", "tina"))
    trusted.start()
    trusted.release("2.4.1")
    name = world.apply(campaign("token", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, "--operator-key", tokens.uri("tina", "tina", pin=False), "--operator-secret",
                   tokens.pin, operator="tina")
    finish(trusted, name)


def test_one_approver_of_each_kind(trusted):
    trusted.repository.set_policy(2)
    trusted.start()
    trusted.release("2.4.1")
    world = trusted.world
    name = world.apply(campaign("mixed", "2.4.1", more=TWO))
    world.wavegate("campaign", "approve", name, operator="petra")
    assert "approved" in world.wavegate("campaign", "approve", name, operator="petra", expect=6).stderr
    assert world.db.campaign_state(name) == "awaiting-approval"
    world.wavegate("campaign", "approve", name, operator="bob")
    finish(trusted, name)


def test_everything_is_p256(enrolled):
    """Author, director and enrolment records; a release published by Ed25519 beside them."""
    world = enrolled.world
    director = world.folder / "director"
    world.ground.pki.run("key", "make", director, "--key", "p256")
    enrolled.repository.set_policy(1, [enrolled.repository.entry(f"{director}.pub")])
    enrolled.signer.configure(director=str(director))
    enrolled.start()
    world.wavegate("device", "enrol", enrolled.records(), operator="dave")
    enrolled.release("2.4.1")
    name = world.apply(campaign("all", "2.4.1", more=APPROVED), operator="petra")
    world.wavegate("campaign", "approve", name, operator="alice")
    finish(enrolled, name)
    forged = enrolled.records()
    forged.write_text(forged.read_text().replace("lot-1", "lot-2"))
    refused = world.wavegate("device", "enrol", forged, operator="dave", expect=2)
    assert "the signature of key" in refused.stderr and "does not hold" in refused.stderr


def test_director_without_a_repository(bare_world):
    """The device knows the director by a file of its own, and the orchestrator signs itself."""
    director = bare_world.folder / "director"
    bare_world.ground.pki.run("key", "make", director, "--key", "p256")
    bare_world.orchestrator.settings["director"] = str(director)
    bare_world.orchestrator.write_config()
    bare_world.start_orchestrator()
    device = fleet.devices()[0]
    bare_world.add_agent(device, payload.make(bare_world.folder, device.component, device.version), soak="300ms",
                         health_every="100ms", directors=[f"{director}.pub"])
    bare_world.start_agents()
    bare_world.add_release(payload.make(bare_world.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
    name = bare_world.apply(campaign("plain", "2.4.1"))
    bare_world.wait_campaign(name, "finished")
    check_end(bare_world, name, "2.4.1", all_succeeded(bare_world))


# Signatures in DER, as hex.

def numbers(sig):
    raw = bytes.fromhex(sig)
    assert raw[0] == 0x30 and raw[1] == len(raw) - 2 and raw[2] == 2
    end = 4 + raw[3]
    assert raw[end] == 2
    return int.from_bytes(raw[4:end], "big"), int.from_bytes(raw[end + 2:], "big")


def der(*values):
    parts = [value.to_bytes(value.bit_length() // 8 + 1, "big") for value in values]
    body = b"".join(bytes([2, len(part)]) + part for part in parts)
    return (bytes([0x30, len(body)]) + body).hex()


SPOILS = {
    "digit": lambda sig: sig[:40] + ("0" if sig[40] != "0" else "1") + sig[41:],
    "zeros": lambda sig: der(0, 0),
    "raw": lambda sig: "".join(f"{number:064x}" for number in numbers(sig)),
    "tail": lambda sig: sig + "00",
    "beyond": lambda sig: der(numbers(sig)[0], numbers(sig)[1] + ORDER),
    "twin": lambda sig: der(numbers(sig)[0], ORDER - numbers(sig)[1]),
}


def spoil(statement, how):
    envelope = json.loads(statement)
    envelope["signatures"][0]["sig"] = SPOILS[how](envelope["signatures"][0]["sig"])
    return json.dumps(envelope)


@pytest.mark.parametrize("judge, how", [("device", "digit"), ("device", "zeros"), ("device", "raw"), ("device", "tail"),
                                        ("device", "beyond"), ("device", "twin"), ("signer", "digit"), ("signer", "twin")])
def test_one_approval_made_two(trusted, judge, how):
    """Who owns the database passes petra's approval off as two people's, with another signature. Changed, it is nobody's
    approval; turned into its twin it holds, and is still petra's one."""
    trusted.repository.set_policy(2)
    trusted.start(signer=judge == "signer")
    trusted.release("2.4.1")
    world = trusted.world
    name = world.apply(campaign(f"{judge}-{how}", "2.4.1", more=TWO))
    world.wavegate("campaign", "approve", name, operator="petra")
    (statement,) = world.db.rows("select statement from approval where operator = 'petra'")[0]
    spoiled = spoil(statement, how)
    assert spoiled != statement
    if how != "twin":  # then there is no sound one beside it
        world.db.rows("update approval set statement = %s returning 1", spoiled)
    world.db.rows("insert into approval (campaign_id, revision, wave, operator, role, digest, statement, chain, at, valid) "
                  "select campaign_id, revision, wave, 'bob', role, digest, %s, chain, at, true from approval returning 1",
                  spoiled)
    # nobody has told the signer what the device is, so it asks for what any hardware needs
    lacks = f"campaign {name} has {1 if how == 'twin' else 0} of the 2 approvals by rollout-admin that hardware " \
            f"{'*' if judge == 'signer' else fleet.COMPONENT} needs"
    if judge == "signer":
        trusted.signer_says(lacks)
        assert world.db.places(name) == {"dev-01": ("offered", "")}
    else:
        state, cause, detail = trusted.end(name)
        assert (state, cause, detail) == ("failed", "refused", lacks)
    assert world.agents["dev-01"].version() == world.agents["dev-01"].device.version


def test_the_orchestrator_refuses_a_changed_approval(trusted):
    trusted.start(signer=False)
    trusted.release("2.4.1")
    world = trusted.world
    name = world.apply(campaign("changed", "2.4.1", more=APPROVED))
    world.orchestrator.stop()
    waiting = world.wavegate("campaign", "approve", name, operator="petra")
    assert "is away" in waiting.stdout
    (statement,) = world.db.rows("select statement from approval")[0]
    world.db.rows("update approval set statement = %s returning 1", spoil(statement, "digit"))
    keyid = json.loads(statement)["signatures"][0]["keyid"]
    world.orchestrator.start()
    world.wait("it is judged", lambda: world.db.value("select valid is not null from approval"))
    assert world.db.rows("select valid, refusal from approval") == [
        (False, f"the signature of key {keyid[:16]} does not hold")]
    assert world.db.campaign_state(name) == "awaiting-approval"
    # what was refused may be said again
    world.wavegate("campaign", "approve", name, operator="petra")
    finish(trusted, name)


def test_what_a_policy_says(bare_world):
    """policy-entry against what openssl says of the same certificates and keys."""
    pki, folder = bare_world.ground.pki, bare_world.folder

    def entry(*words, expect=0):
        done = bare_world.wavegate("release", "policy-entry", *words, operator=None, expect=expect)
        return json.loads(done.stdout) if expect == 0 else done.stderr

    def public(certificate):
        return programs.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"]).stdout
    petra = {"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": {"public": public(pki.certificate("petra"))}}
    assert entry(pki.certificate("petra")) == {"name": "petra", "role": "rollout-admin", "key": petra}
    assert entry(pki.certificate("petra"), "--role", "owner")["role"] == "owner"
    assert entry(pki.key("petra")) == petra  # a director's, in a file
    alice = entry(pki.certificate("alice"))
    assert alice["key"]["keytype"] == alice["key"]["scheme"] == "ed25519"
    assert bytes.fromhex(alice["key"]["keyval"]["public"]) == base64.b64decode(
        "".join(public(pki.certificate("alice")).splitlines()[1:-1]))[-32:]
    assert entry(f"{pki.director}.pub")["keytype"] == "ed25519"
    assert "expected an operator's certificate" in entry(pki.folder / "operator/root.crt", expect=2)
    assert "is no certificate" in entry(f"{pki.director}.pub", "--role", "owner", expect=2)
    nothing = folder / "nothing"
    nothing.write_text("nothing")
    nothing.chmod(0o600)
    assert "no key in PEM form" in entry(nothing, expect=2)


def test_a_release_of_a_p256_admin(world):
    """plan says who has signed what it would roll back to, and that a changed signature is nobody's."""
    world.ground.pki.run("issue", "operator", "ruth", "--role", "repository-admin", "--key", "p256", "--pki",
                         world.ground.pki.folder, "--out", world.ground.pki.certs)
    for version in ("2.4.0", "2.4.1"):
        world.wavegate("release", "add", payload.make(world.folder, fleet.COMPONENT, version), "--component",
                       fleet.COMPONENT, "--version", version, operator="ruth")
    file = world.folder / "back.yaml"
    file.write_text(campaign("back", "2.4.1", more="rollback_to: brake-controller/2.4.0"))
    assert "signed by ruth" in world.wavegate("campaign", "plan", file, expect=None).stdout
    (statement,) = world.db.rows("select statement from release where version = '2.4.0'")[0]
    world.db.rows("update release set statement = %s where version = '2.4.0' returning 1", spoil(statement, "twin"))
    assert "signed by ruth" in world.wavegate("campaign", "plan", file, expect=None).stdout
    world.db.rows("update release set statement = %s where version = '2.4.0' returning 1", spoil(statement, "digit"))
    changed = world.wavegate("campaign", "plan", file, expect=None).stdout
    assert "signed by ruth" not in changed and "does not hold" in changed
