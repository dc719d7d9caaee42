"""Compressed artifacts and patches in a campaign: which device takes which form, and what comes over the line."""

import base64
import json
import random

import pytest

from tests.lab import fleet, payload, programs
from tests.system.story import all_succeeded, campaign, check_end

OLD, NEW = "2.3.7", "2.4.1"


def lines(seed, count):
    """Lines of a script that do nothing, and compress by a quarter at most."""
    chance = random.Random(seed)
    return ["# " + base64.b64encode(chance.randbytes(90)).decode() + "\n" for _ in range(count)]


class Forms:
    """A world whose devices trust a repository, and payloads that differ in a few lines."""

    def __init__(self, world):
        self.world = world
        world.trust(0)
        self.repository = world.repository
        self.old = self.made(OLD, 6000)
        self.repository.add(self.old, fleet.COMPONENT, OLD)
        self.forms = {}  # sha256 -> name of the target

    def made(self, version, count, changes=20):
        path = payload.make(self.world.folder, fleet.COMPONENT, version)
        text = lines(1, count)
        for at in range(0, count, max(1, count // changes)):
            text[at] = f"# {version}\n"
        with path.open("a") as file:
            file.writelines(text)
        return path

    def start(self, devices, **settings):
        world = self.world
        world.start_signer()
        world.start_orchestrator()
        for device in fleet.devices()[:devices]:
            world.add_agent(device, self.old, soak="300ms", health_every="100ms", **settings)

    def publish(self, made, version, *more):
        """In the repository with its forms, then in the database with all of them."""
        self.repository.add(made, fleet.COMPONENT, version, *more)
        self.world.add_release(made, fleet.COMPONENT, version)
        return self.offer(version)

    def offer(self, version, header=None):
        targets = self.repository.folder / "targets" / fleet.COMPONENT / version
        for file in sorted(targets.iterdir()):
            sha256, name = file.name.split(".", 1)
            if name.endswith(".zst"):
                self.add_form(file, version, *(("--header", header[name]) if header else ()))
                self.forms[name.split("-")[0]] = sha256
        return self.forms

    def add_form(self, file, version, *more):
        self.world.wavegate("release", "add-form", file, "--component", fleet.COMPONENT, "--version", version, *more,
                            operator="rita")

    def run(self, name, version):
        self.world.apply(campaign(name, version))
        self.world.wait_campaign(name, "finished")
        check_end(self.world, name, version, all_succeeded(self.world))

    def came(self, device):
        """What the device told of the download."""
        return self.world.db.value("select detail from report where state = 'installing' and device_id = %s "
                                   "order by seq desc limit 1", device)

    def sent(self, sha256, device=None):
        """Answers of the web server with that file: (first byte asked for, bytes sent)."""
        return [(int((request["range"] or "bytes=0-")[6:].rstrip("-") or 0), request["sent"])
                for request in self.world.ground.web.requests() if request["path"].endswith(sha256) and
                (device is None or device in request["device"])]


@pytest.fixture
def forms(bare_world):
    return Forms(bare_world)


def test_patches_where_the_base_matches(forms):
    """Who runs what the patch is made over gets the patch; the one whose slot was changed the compressed whole."""
    forms.start(3)
    slot = forms.world.agents["dev-02"].state / "slots/a/payload"
    was = slot.read_bytes()
    slot.write_bytes(was[:-100] + b"#" * 99 + b"\n")
    forms.world.start_agents()
    new = forms.made(NEW, 6100)
    found = forms.publish(new, NEW, "--compress", "--delta-from", f"{fleet.COMPONENT}/{OLD}")
    told = forms.repository.release("show", f"{fleet.COMPONENT}/{NEW}", repository=True).stdout
    assert "form zstd-patch" in told and "form zstd\n" in told and "from sha256" in told
    forms.run("patched", NEW)
    size = new.stat().st_size
    for device in ("dev-01", "dev-03"):
        ((start, sent),) = forms.sent(found["from"], device)
        assert start == 0 and sent < size // 20
        assert forms.came(device) == f"came as a patch: {sent} bytes fetched, {size} installed"
        assert not forms.sent(found["artifact.zst"], device)
    ((start, sent),) = forms.sent(found["artifact.zst"], "dev-02")
    assert size // 2 < sent < size
    assert forms.came("dev-02") == f"came compressed: {sent} bytes fetched, {size} installed"
    assert not forms.sent(found["from"], "dev-02")


def test_cut_in_the_middle_of_a_stream(forms):
    """After the power is cut it goes on behind the last frame that is on the disk."""
    forms.start(1)
    world, web = forms.world, forms.world.ground.web
    agent = world.agents["dev-01"]
    world.start_agents()
    new = forms.made(NEW, 120_000)
    found = forms.publish(new, NEW, "--compress")
    sha256 = found["artifact.zst"]
    length = (web.artifacts / sha256).stat().st_size
    slot = agent.state / "slots/b"
    whole = new.stat().st_size
    web.limit_rate(20_000, after=int(6.2 * (1 << 20) * length / whole))
    try:
        world.apply(campaign("cut", NEW))
        # synced every 4 MiB from where it began; the mark is the frame before that
        for least, kept in ((5, 3), (11, 7)):
            world.wait(f"{least} MiB are there", lambda least=least: (slot / "payload.part").exists() and
                       (slot / "payload.part").stat().st_size > least << 20, 40)
            agent.kill()
            marked = [int(number) for number in (agent.state / "part.mark").read_text().split()[1:]]
            assert 0 < marked[0] < length and marked[1] >= kept << 20
            # the next one comes to where there are 12 MiB, and stands there
            web.limit_rate(20_000 if least == 5 else 0, after=int(12.2 * (1 << 20) * length / whole) - marked[0])
            agent.start()
    finally:
        web.limit_rate(0)
    world.wait_campaign("cut", "finished")
    check_end(world, "cut", NEW, all_succeeded(world))
    world.wait("the web server has said it all", lambda: len(forms.sent(sha256)) >= 3, 20)
    starts = [start for start, _ in forms.sent(sha256)]
    assert starts[0] == 0 and sorted(starts)[1] > length // 8 and sorted(starts)[-1] > length // 3
    # each cut costs what was under way: 4 MiB of content, and what the line holds
    assert sum(sent for _, sent in forms.sent(sha256)) < length + 2 * (8 << 20)


def test_a_form_that_does_not_open(forms):
    """It is given up for the next one; a form that the repository does not know is not even asked for."""
    forms.start(1)
    forms.world.start_agents()
    new = forms.made(NEW, 6100)
    found = forms.publish(new, NEW, "--compress", "--delta-from", f"{fleet.COMPONENT}/{OLD}")
    artifacts = forms.world.ground.web.artifacts
    planted = forms.world.folder / "planted.zst"
    forms.world.wavegate("release", "pack", forms.old, "--out", planted, operator=None)
    forms.add_form(planted, NEW)
    planted_sha256 = forms.world.db.value("select sha256 from release_form order by added_at desc limit 1")
    patch, packed = (artifacts / found[name] for name in ("from", "artifact.zst"))
    good = patch.read_bytes()
    patch.write_bytes(good[:200] + bytes(byte ^ 0x55 for byte in good[200:]))
    packed.unlink()
    forms.run("spoiled", NEW)
    assert forms.sent(found["from"]) and forms.sent(found["artifact.zst"])
    assert forms.came("dev-01").startswith("came whole: ")
    assert planted_sha256 not in found.values() and not forms.sent(planted_sha256)


def test_a_form_that_becomes_something_else_is_refused(forms):
    """Before it is published."""
    new, other = forms.made(NEW, 6100), forms.made("2.4.2", 6100)
    forms.repository.add(new, fleet.COMPONENT, NEW)
    packed = forms.world.folder / "other.zst"
    forms.repository.release("pack", other, "--out", packed)
    done = forms.repository.release("add-form", packed, "--component", fleet.COMPONENT, "--version", NEW,
                                    repository=True, expect=1)
    assert "the artifact has" in done.stderr
    done = forms.repository.release("pack", other, "--base", forms.world.folder / "none", "--out", "x", expect=5)
    assert "No such file" in done.stderr


def test_an_order_names_six_forms_at_most(forms):
    forms.start(0)
    new = forms.made(NEW, 100)
    forms.world.add_release(new, fleet.COMPONENT, NEW)
    named = ("--component", fleet.COMPONENT, "--version", NEW)
    for number in range(7):
        file = forms.world.folder / f"form-{number}"
        file.write_bytes(bytes([number]) * 100)
        for _ in range(2):  # the same twice is one
            done = forms.world.wavegate("release", "add-form", file, *named, operator="rita",
                                        expect=0 if number < 6 else 2)
    assert "has 6 forms already" in done.stderr
    forms.world.wavegate("release", "add-form", file, "--component", fleet.COMPONENT, "--version", "9.9.9",
                         operator="rita", expect=5)
    forms.world.wavegate("release", "add-form", file, *named, operator="bob", expect=4)
    assert forms.world.db.value("select count(*) from audit where kind = 'release-form'") == 6


def age_key(file):
    """A key of age's own; its recipient."""
    done = programs.run(["age-keygen", "-o", file])
    assert done.returncode == 0, done.stderr
    file.chmod(0o600)
    return next(line.split(": ")[1] for line in file.read_text().splitlines() if "public key" in line)


def test_encrypted_forms(forms):
    """Packed first, then sealed: what the web server gives out is ciphertext, and as small."""
    world = forms.world
    identity, kek, key = (world.folder / name for name in ("orchestrator.age", "kek", "dev-01.age"))
    recipient, device = age_key(identity), age_key(key)
    kek.write_bytes(random.Random(5).randbytes(32))
    kek.chmod(0o600)
    world.orchestrator.settings["artifacts"].update(keys=str(world.folder / "file-keys"), kek=str(kek),
                                                    identity=str(identity))
    world.orchestrator.write_config()
    forms.start(1, age_key=str(key))
    world.start_agents()
    world.wavegate("device", "age-key", "dev-01", device, operator="dave")
    new = forms.made(NEW, 6100)

    def seal(file):
        return json.loads(world.wavegate("release", "seal", file, "--for", recipient, "--json", operator=None).stdout)

    whole, forms_of = seal(new), {}
    named = ("--component", fleet.COMPONENT, "--version", NEW)
    forms.repository.add(whole["body"], fleet.COMPONENT, NEW, "--plain-sha256", whole["plain_sha256"],
                         "--plain-length", whole["plain_length"])
    world.wavegate("release", "add", whole["body"], "--header", whole["header"], *named, operator="rita")
    for what, base in (("zst", ()), ("patch.zst", ("--base", forms.old))):
        forms.repository.release("pack", new, *base)
        sealed = seal(f"{new}.{what}")
        forms.repository.release("add-form", sealed["body"], *named, *base, "--plain-sha256", sealed["plain_sha256"],
                                 "--plain-length", sealed["plain_length"], repository=True)
        forms.add_form(sealed["body"], NEW, "--header", sealed["header"])
        forms_of[what] = sealed
    forms.repository.sign()
    forms.run("sealed", NEW)
    patch = forms_of["patch.zst"]
    assert forms.sent(patch["sha256"]) == [(0, patch["length"])]
    assert forms.came("dev-01") == (f"came as a patch: {patch['length']} bytes fetched, "
                                    f"{new.stat().st_size} installed")
    assert not forms.sent(whole["sha256"]) and not forms.sent(forms_of["zst"]["sha256"])
