"""Who may make a device install something: the repository, the people in its policy, and the signer.

The devices here trust a TUF repository; the director's key lies with wavegate-signer, or, where a test says so, with
whoever has stolen it.
"""

import base64
import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.files import Alone
from tests.lab.token import Tokens
from tests.system.story import all_succeeded, campaign, check_end

APPROVED = "approvals: {role: rollout-admin, count: 1}"


class Trusted:
    """A world with a repository; its devices ask it about everything."""

    def __init__(self, world):
        self.world = world
        world.trust(1)
        self.repository, self.signer = world.repository, world.signer

    def start(self, devices=1, signer=True):
        world = self.world
        if signer:
            world.start_signer()
        world.start_orchestrator()
        for device in fleet.devices()[:devices]:
            world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms",
                            health_every="100ms")
        world.start_agents()

    def release(self, version, *more, in_repository=True, **options):
        made = payload.make(self.world.folder, fleet.COMPONENT, version, **options)
        self.world.add_release(made, fleet.COMPONENT, version)
        if in_repository:
            self.repository.add(made, fleet.COMPONENT, version, *more)
        return made

    def end(self, name):
        self.world.wait_finished(name)
        (place,) = self.world.db.rows("select state, cause, detail from place")
        return place

    def signer_says(self, words):
        self.world.wait(f'the signer says "{words}"', lambda: words in self.signer.log.read_text(), 20)


@pytest.fixture
def trusted(bare_world):
    return Trusted(bare_world)


def test_approved_signed_and_released(trusted):
    trusted.start(devices=3)
    trusted.release("2.4.1", "--hardware", fleet.COMPONENT, "--security-version", "2")
    world = trusted.world
    name = world.apply(campaign("whole", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_a_stolen_director_cannot_do_without_approvals(trusted):
    """The device counts them itself."""
    trusted.start(signer=False)
    trusted.release("2.4.1")
    name = trusted.world.apply(campaign("unapproved", "2.4.1"))
    state, cause, detail = trusted.end(name)
    assert (state, cause) == ("failed", "refused")
    assert "0 of the 1 approvals by rollout-admin" in detail


def test_the_signer_does_not_sign_what_nobody_approved(trusted):
    trusted.start()
    trusted.release("2.4.1")
    name = trusted.world.apply(campaign("unapproved", "2.4.1"))
    trusted.signer_says("0 of the 1 approvals by rollout-admin")
    assert trusted.world.db.places(name) == {"dev-01": ("offered", "")}
    for words in (("device", "explain", "dev-01"), ("campaign", "status", name)):
        told = trusted.world.wait("it is told", lambda words=words: next(
            (text for text in [trusted.world.wavegate(*words).stdout] if "not signed: " in text), None))
        assert "not signed: the signer refuses: " in told and "0 of the 1 approvals" in told
    assert trusted.world.agents["dev-01"].phase() in (None, "idle")


def test_a_release_that_only_the_database_knows(trusted):
    trusted.start(signer=False)
    trusted.release("2.4.1", in_repository=False)
    name = trusted.world.apply(campaign("planted", "2.4.1", more=APPROVED))
    trusted.world.wavegate("campaign", "approve", name, operator="bob")
    state, cause, detail = trusted.end(name)
    assert (state, cause) == ("failed", "verify")
    assert "the repository has no release" in detail


def test_another_artifact_under_a_known_name(trusted):
    trusted.start(signer=False)
    trusted.release("2.4.1")
    other = payload.make(trusted.world.folder, fleet.COMPONENT, "2.4.9")
    trusted.world.add_release(other, fleet.COMPONENT, "2.4.9")
    trusted.world.db.rows("update release r set sha256 = o.sha256, length = o.length from release o "
                          "where r.version = '2.4.1' and o.version = '2.4.9' returning 1")
    name = trusted.world.apply(campaign("swapped", "2.4.1", more=APPROVED))
    trusted.world.wavegate("campaign", "approve", name, operator="bob")
    state, cause, detail = trusted.end(name)
    assert (state, cause) == ("failed", "verify")
    assert "not in the repository what the order says" in detail


def together(trusted):
    """A release with its app, in the repository and in the database; the door beside it."""
    world = trusted.world
    for component, version, *more in (("app", "5.0.1"), ("door", "1.0.0"), (fleet.COMPONENT, "2.4.1", "--with", "app/5.0.1")):
        made = payload.make(world.folder, component, version)
        trusted.repository.add(made, component, version, *more)
        world.wavegate("release", "add", made, "--component", component, "--version", version, *more, operator="rita")


COMPANIONS = {
    "left out": ("delete from release_companion", "has other companions in the repository than in the order"),
    "added": ("insert into release_companion select component, version, 'door', '1.0.0' from release where version = '2.4.1'",
              "has other companions in the repository than in the order"),
    "swapped": ("update release_companion set with_component = 'door', with_version = '1.0.0'",
                "has other companions in the repository than in the order"),
    "other bytes": ("update release r set sha256 = o.sha256, length = o.length from release o where r.component = 'app' and "
                    "o.component = 'door'", "app/5.0.1 is not in the repository what the order says it is"),
}


@pytest.mark.parametrize("lie", COMPANIONS)
@pytest.mark.parametrize("signer", [True, False], ids=["signer", "device"])
def test_companions(trusted, lie, signer):
    """Changed in the database: the signer does not sign such an order; a device refuses it from a stolen director."""
    trusted.start(signer=signer)
    together(trusted)
    world = trusted.world
    change, says = COMPANIONS[lie]
    world.db.rows(change + " returning 1")
    name = world.apply(campaign("companions", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    if signer:
        trusted.signer_says(says)
        assert world.db.places(name) == {"dev-01": ("offered", "")}
    else:
        state, cause, detail = trusted.end(name)
        assert (state, cause) == ("failed", "verify") and says in detail


def test_a_revoked_companion_is_not_signed(trusted):
    """Who runs the campaign is told which one it was."""
    trusted.start()
    together(trusted)
    world = trusted.world
    trusted.repository.release("revoke", "app/5.0.1", "--reason", "drops frames", repository=True)
    trusted.repository.sign()
    name = world.apply(campaign("revoked", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    trusted.signer_says("the repository has no release app/5.0.1")
    world.wait("it is told", lambda: "the repository has no release app/5.0.1" in
               world.wavegate("campaign", "status", name).stdout)


def test_a_wave_does_not_grow_in_the_database(trusted):
    """The signer counts for itself, and holds against it what the people have signed."""
    trusted.start(devices=3)
    trusted.release("2.4.1")
    world = trusted.world
    name = world.apply(campaign("widened", "2.4.1", waves="  - {name: lab, count: 1}\n  - {name: rest, remaining: true}",
                                more=APPROVED + "\ngate: {soak: 1h}"))
    for lie in ("update place set wave = 0", "update wave set members = 3 where number = 0", "delete from wave_count",
                "insert into wave_count select id, 0, 'waiting', '', 3 from campaign"):
        world.db.rows(f"{lie} returning 1")
    world.wavegate("campaign", "approve", name, operator="bob")
    trusted.signer_says("wave lab has 1 devices by what people have signed")
    world.wait("one device is updated", lambda: "succeeded" in {state for state, _ in world.db.places(name).values()})
    assert sorted(state for state, _ in world.db.places(name).values()) == ["offered", "offered", "succeeded"]


GATED = """  - {name: lab, count: 1, gate: {approvals: {role: rollout-admin, count: 1}}}
  - {name: early, count: 1, gate: {soak: SOAK}}
  - {name: rest, remaining: true}"""


def test_a_gate_that_was_opened_in_the_database(trusted):
    """The signer asks for the people's words itself, wave by wave."""
    trusted.start(devices=3)
    trusted.release("2.4.1")
    world = trusted.world
    name = world.apply(campaign("burst", "2.4.1", waves=GATED.replace("SOAK", "0s"), more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait("the gate", lambda: world.db.wave_states(name)["lab"] == "at-gate")
    world.db.rows("update wave set state = 'passed' where name = 'lab' returning 1")
    trusted.signer_says("the gate of wave lab of burst has 0 of the 1 approvals by rollout-admin it asks for")
    assert sorted(state for state, _ in world.db.places(name).values()) == ["offered", "succeeded", "waiting"]


def test_gates_that_passed_stay_so(trusted):
    """The same person opens start and gate; a revision needs approvals of its start alone."""
    trusted.start(devices=3)
    trusted.release("2.4.1")
    world = trusted.world
    name = world.apply(campaign("gated", "2.4.1", waves=GATED.replace("SOAK", "1h"), more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait("the gate", lambda: world.db.wave_states(name)["lab"] == "at-gate")
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait("the next wave is through", lambda: world.db.wave_states(name)["early"] == "soaking")
    world.apply(campaign("gated", "2.4.1", waves=GATED.replace("SOAK", "0s"), more=APPROVED))
    world.wait_campaign(name, "awaiting-approval")
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    assert "order refused" not in trusted.signer.log.read_text()


def test_an_edited_campaign(trusted):
    """Whoever rewrites a campaign in the database has no approvals for what he has made of it."""
    trusted.start()
    trusted.release("2.4.1")
    trusted.release("2.5.0")
    world = trusted.world
    name = world.apply(campaign("edited", "2.4.1", more=APPROVED))
    world.db.rows("update campaign set version = '2.5.0' returning 1")
    world.wavegate("campaign", "approve", name, operator="bob")
    trusted.signer_says("has applied campaign edited with brake-controller/2.5.0")
    assert world.agents["dev-01"].version() == world.agents["dev-01"].device.version


def test_offline_repository(trusted):
    """A device that cannot ask puts it off; nothing is refused, nothing is installed."""
    trusted.start(signer=False)
    trusted.release("2.4.1")
    world = trusted.world
    timestamp = trusted.repository.folder / "metadata" / "timestamp.json"
    kept = timestamp.read_bytes()
    timestamp.write_bytes(b"{}")
    name = world.apply(campaign("offline", "2.4.1", more=APPROVED + "\nretry: {backoff: 1s}"))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait("it is put off", lambda: world.db.value("select count(*) from report where state = 'deferred'") > 0)
    timestamp.write_bytes(kept)
    world.wait_campaign(name, "finished", 60)
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_the_signer_comes_back(trusted):
    trusted.start()
    trusted.release("2.4.1")
    world = trusted.world
    trusted.signer.kill()
    name = world.apply(campaign("waits", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait("the orchestrator has tried", lambda: "order not signed" in world.orchestrator.log.read_text())
    trusted.signer.start()
    world.wait_campaign(name, "finished", 60)
    check_end(world, name, "2.4.1", all_succeeded(world))


def age_key(file):
    """A key of age's own; its recipient."""
    done = programs.run(["age-keygen", "-o", file])
    assert done.returncode == 0, done.stderr
    return next(line.split(": ")[1] for line in file.read_text().splitlines() if "public key" in line)


class Sealed(Trusted):
    """And its artifacts are age files: the body once, a header for each device."""

    def __init__(self, world):
        super().__init__(world)
        self.identity = world.folder / "orchestrator.age"
        self.recipient = age_key(self.identity)
        kek = world.folder / "kek"
        kek.write_bytes(os.urandom(32))
        for file in (kek, self.identity):
            file.chmod(0o600)
        world.orchestrator.settings["artifacts"].update(
            keys=str(world.folder / "keys"), kek=str(kek), identity=str(self.identity))
        world.orchestrator.write_config()

    def start(self, devices=1, signer=True):
        super().start(0, signer)
        world = self.world
        for device in fleet.devices()[:devices]:
            key = world.folder / f"{device.id}.age"
            recipient = age_key(key)
            world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms",
                            health_every="100ms", age_key=str(key))
            self.recipients = {**getattr(self, "recipients", {}), device.id: recipient}
        world.start_agents()

    def give_keys(self):
        for device, recipient in self.recipients.items():
            self.world.wavegate("device", "age-key", device, recipient, operator="dave")

    def release(self, version, *more, **options):
        made = payload.make(self.world.folder, fleet.COMPONENT, version, **options)
        done = self.world.wavegate("release", "seal", made, "--for", self.recipient, "--json", operator=None)
        sealed = json.loads(done.stdout)
        self.world.wavegate("release", "add", sealed["body"], "--header", sealed["header"], "--component",
                            fleet.COMPONENT, "--version", version, operator="rita")
        self.repository.add(sealed["body"], fleet.COMPONENT, version, "--plain-sha256", sealed["plain_sha256"],
                            "--plain-length", sealed["plain_length"], *more)
        return made, sealed


@pytest.fixture
def sealed(bare_world):
    return Sealed(bare_world)


def test_an_encrypted_artifact(sealed):
    sealed.start(devices=2)
    sealed.give_keys()
    made, files = sealed.release("2.4.1", size=300_000)
    world = sealed.world
    name = world.apply(campaign("sealed", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    # the web server gave out ciphertext, which age itself opens with the header for its identity
    stored = (world.ground.web.artifacts / files["sha256"]).read_bytes()
    assert b"padding" not in stored
    whole = world.folder / "whole.age"
    whole.write_bytes(Path(files["header"]).read_bytes() + stored)
    opened = world.folder / "opened"
    done = programs.run(["age", "-d", "-i", sealed.identity, "-o", opened, whole])
    assert done.returncode == 0, done.stderr
    assert opened.read_bytes() == made.read_bytes()


def test_a_device_without_a_key_gets_no_header(sealed):
    sealed.start()
    sealed.release("2.4.1")
    world = sealed.world
    name = world.apply(campaign("keyless", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait("nothing is sent", lambda: "the registry has no age key of this device" in
               world.orchestrator.log.read_text())
    sealed.give_keys()
    world.wait_campaign(name, "finished", 60)
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_signed_urls(sealed):
    """Devices fetch with a URL that is theirs alone, from a server that counts."""
    files = Alone(sealed.world.folder / "files", sealed.world.ground.pki)
    try:
        sealed.world.orchestrator.settings["artifacts"].update(
            folder=str(files.artifacts), urls=[f"https://localhost:{files.port}/artifacts"], url_keys=str(files.keys))
        sealed.world.orchestrator.write_config()
        sealed.start(devices=2)
        sealed.give_keys()
        _, made = sealed.release("2.4.1", size=300_000)
        world = sealed.world
        name = world.apply(campaign("signed", "2.4.1", more=APPROVED))
        world.wavegate("campaign", "approve", name, operator="bob")
        world.wait_campaign(name, "finished")
        check_end(world, name, "2.4.1", all_succeeded(world))
        assert files.used() >= 2 * made["length"]
        assert files.ask(f"/artifacts/{made['sha256']}", device="dev-01")[0] == 403  # without a token
    finally:
        files.stop()
    assert not files.sanitizer_report()


class Enrolled(Sealed):
    """And what devices are is signed: neither orchestrator nor signer believes the database."""

    def __init__(self, world, kind="ed25519"):
        super().__init__(world)
        # the authority makes its enrolment key with the first lot
        self.key = world.folder / "enrolment"
        world.ground.pki.run("key", "make", self.key, "--key", kind)
        world.orchestrator.settings["enrolment"] = f"{self.key}.pub"
        self.signer.configure(enrolment=f"{self.key}.pub")
        world.orchestrator.write_config()

    def records(self, **changed):
        """Signed by openssl, as wavegate-pki does it for a lot."""
        lines = []
        for device, recipient in self.recipients.items():
            body = {"age_key": recipient, "device": device, "enrolled": "2026-11-01T00:00:00.000Z",
                    "hardware": {"model": fleet.COMPONENT, "revision": "C"},
                    "identity_key": public_key(self.world.ground.pki.certificate(device)), "lot": "lot-1",
                    "type": "wavegate-enrolment", "v": 1, **changed}
            lines.append(json.dumps(signed(body, self.key)))
        file = self.world.folder / "enrolment.ndjson"
        file.write_text("\n".join(lines) + "\n")
        return file


def public_key(certificate):
    done = programs.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"])
    return base64.b64decode("".join(done.stdout.splitlines()[1:-1])).hex()


def signed(body, key):
    """The envelope of common/signed.h; keys of the body are sorted and all ASCII."""
    message = key.parent / "message"
    message.write_text(json.dumps(body, sort_keys=True, separators=(",", ":")))
    public = base64.b64decode("".join(Path(f"{key}.pub").read_text().splitlines()[1:-1]))
    p256 = len(public) > 64
    done = programs.run(["openssl", "pkeyutl", "-sign", "-rawin", *(["-digest", "sha256"] if p256 else []), "-inkey", key,
                         "-in", message, "-out", key.parent / "signature"])
    assert done.returncode == 0, done.stderr
    public = public[-65:] if p256 else public[-32:]
    return {"signed": body, "signatures": [{"keyid": hashlib.sha256(public).hexdigest(),
                                            "sig": (key.parent / "signature").read_bytes().hex()}]}


@pytest.fixture
def enrolled(bare_world):
    return Enrolled(bare_world)


def test_an_age_key_swapped_in_the_database(enrolled):
    """The header is for the key in the signed record, whatever the row says."""
    enrolled.start()
    world = enrolled.world
    world.wavegate("device", "enrol", enrolled.records(), operator="dave")
    thief = age_key(world.folder / "thief.age")
    world.db.rows("update device set age_recipient = %s returning 1", thief)
    enrolled.release("2.4.1")
    name = world.apply(campaign("swapped-key", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_a_device_that_nobody_enrolled(enrolled):
    enrolled.start()
    enrolled.give_keys()
    enrolled.release("2.4.1")
    world = enrolled.world
    name = world.apply(campaign("unknown", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait("nothing is sent", lambda: "there is no signed enrolment record" in
               world.orchestrator.log.read_text())
    forged = enrolled.records()
    forged.write_text(forged.read_text().replace("lot-1", "lot-2"))
    refused = world.wavegate("device", "enrol", forged, operator="dave", expect=2)
    assert "enrolment.ndjson:1" in refused.stderr
    world.wavegate("device", "enrol", enrolled.records(), operator="dave")
    world.wait_campaign(name, "finished", 60)
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_a_plan_tells_what_the_policy_will_want(trusted):
    """Before a campaign is applied of which no order would be signed."""
    world = trusted.world
    world.orchestrator.settings["repository"] = str(trusted.repository.folder)
    trusted.repository.set_policy(2)
    trusted.start()
    trusted.release("2.4.1")
    file = world.folder / "plan.yaml"

    def plan(more):
        file.write_text(campaign("wants", "2.4.1", more=more))
        text = world.wavegate("campaign", "plan", file, expect=3).stdout
        return text, json.loads(world.wavegate("campaign", "plan", file, "--json", expect=3).stdout)["repository_policy"]
    text, lacking = plan(APPROVED)
    assert f"wants 2 approvals of rollout-admin for hardware {fleet.COMPONENT}, this campaign asks for 1" in " ".join(text.split())
    assert lacking == {"problem": "", "lacks": [{"hardware": fleet.COMPONENT, "role": "rollout-admin", "wanted": 2, "asked": 1}]}
    text, lacking = plan(APPROVED.replace("count: 1", "count: 2"))
    assert "repository's policy" not in text and lacking == {"problem": "", "lacks": []}
    for policy in (trusted.repository.folder / "targets").glob("*policy.json"):
        policy.write_text(policy.read_text().replace('"count": 2', '"count": 0'))
    text, lacking = plan(APPROVED)
    assert "policy is not known" in text and "hash" in lacking["problem"]


def test_the_directors_key_in_a_token(trusted):
    """P-256 behind PKCS#11: the key never leaves it, and the policy names it."""
    world, signer = trusted.world, trusted.signer
    tokens, public = Tokens(world.folder).add("signer"), world.folder / "director.der"
    signer.environment = tokens.environment
    tokens.make_pair("signer", "director")
    tokens.tool("signer", "--read-object", "--type", "pubkey", "--label", "director", "-o", public)
    pem = programs.run(["openssl", "pkey", "-pubin", "-inform", "DER", "-in", public]).stdout
    trusted.repository.set_policy(1, [{"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": {"public": pem}}])
    signer.configure(director=tokens.uri("signer", "director", pin=False), director_secret=str(tokens.pin))
    trusted.start()
    trusted.release("2.4.1")
    name = world.apply(campaign("token", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))
    # it is pulled, and plugged in again: orders wait, and nothing is restarted
    trusted.release("2.4.2")
    bring_back = tokens.take_away()
    name = world.apply(campaign("away", "2.4.2", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    # the signer may have to see the new release first
    world.wait("the order is not signed for want of the token", lambda: world.db.value(
        "select count(*) from update_order where refusal like '%token%'") > 0)
    assert "not signed" in world.wavegate("campaign", "status", name).stdout
    bring_back()
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.2", all_succeeded(world))
    assert signer.log.read_text().count("msg=listening") == 1


def test_metadata_from_before_a_time_that_is_known(trusted):
    """A device that has seen a later time verified does not believe that it is earlier: an update is put off, not refused."""
    trusted.start(devices=0, signer=False)
    trusted.release("2.4.1")
    world = trusted.world
    device = fleet.devices()[0]
    agent = world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms",
                            health_every="100ms")
    agent.state.mkdir(exist_ok=True)
    # three days ahead of its clock, which stands before what was verified: it counts as none
    ahead = int(time.time() * 1000) + 3 * 86_400_000
    (agent.state / "time.json").write_text(json.dumps({"time": ahead}))
    world.start_agents()
    name = world.apply(campaign("no-clock", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait("metadata of before that time are not believed", lambda: world.db.value(
        "select count(*) from report where state = 'deferred' and detail like '%expired%'") > 0)


def test_a_policy_that_asks_for_an_sbom(trusted):
    trusted.repository.set_policy(1, require=["sbom"])
    trusted.start()
    trusted.release("2.4.1")
    world = trusted.world
    name = world.apply(campaign("papers", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    trusted.signer_says("has no SBOM, and the policy asks for it")
    sbom = world.folder / "brake.cdx.json"
    sbom.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": []}))
    world.wavegate("campaign", "abort", name, "--reason", "papers are missing")
    trusted.release("2.4.2", "--sbom", sbom)
    name = world.apply(campaign("with-papers", "2.4.2", more=APPROVED))
    world.wavegate("campaign", "approve", name, operator="bob")
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.2", all_succeeded(world))


@pytest.mark.parametrize("kept", ["passphrase", "token"])
def test_an_approvers_key(trusted, kept):
    """Where a rollout admin keeps it: under a passphrase, or in a token that it never leaves."""
    world, pki = trusted.world, trusted.world.ground.pki
    secret = world.folder / "secret"
    secret.write_text("correct horse battery")
    secret.chmod(0o600)
    where = world.folder / "bob.pem"
    if kept == "passphrase":
        done = programs.run(["openssl", "pkcs8", "-topk8", "-in", pki.key("bob"), "-out", where, "-passout",
                             f"file:{secret}", "-scrypt"])
        assert done.returncode == 0, done.stderr
        where.chmod(0o600)
    else:
        tokens = Tokens(world.folder).add("bob")
        tokens.take_in("bob", "bob", pki.key("bob"))
        secret, where = tokens.pin, tokens.uri("bob", "bob", pin=False)
        world.orchestrator.environment = tokens.environment
    trusted.start()
    trusted.release("2.4.1")
    name = world.apply(campaign("kept", "2.4.1", more=APPROVED))
    world.wavegate("campaign", "approve", name, "--operator-key", where, "--operator-secret", secret, operator="bob")
    world.wait_campaign(name, "finished")
    assert world.wavegate("campaign", "approve", name, "--operator-key", pki.key("alice"), operator="bob", expect=4).stderr
