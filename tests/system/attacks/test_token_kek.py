"""The key-encryption key in a token: rollouts, rotation under way, a token that goes away, a wrong PIN."""

import json

import pytest

from tests.lab import programs
from tests.lab.mqtt import catch_up, observer
from tests.lab.token import PIN, Tokens
from tests.system.attacks.test_trust import APPROVED, Sealed
from tests.system.story import all_succeeded, campaign, check_end

AWAY = 'no token "kek" is there'


class Kept(Sealed):
    """An orchestrator whose file keys are wrapped in SoftHSM."""

    def __init__(self, world):
        super().__init__(world)
        self.tokens = Tokens(world.folder).add("kek")
        self.uri = self.tokens.uri("kek", "one")
        self.keys = world.folder / "keys"
        world.orchestrator.environment = self.tokens.environment
        self.kek("make", self.uri)
        self.use(self.uri)

    def kek(self, *words):
        verb, *more = words
        if verb == "make":
            return json.loads(self.world.wavegate("kek", verb, *more, "--json", operator=None).stdout)
        orchestrator = self.world.orchestrator
        done = programs.run([programs.program("wavegated"), f"--kek-{verb}", *more, "--json", "--config", orchestrator.config],
                            env=programs.environment(orchestrator.folder, **orchestrator.environment))
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    def use(self, *keks):
        self.world.orchestrator.settings["artifacts"]["kek"] = list(keks)
        self.world.orchestrator.write_config()

    def restart(self):
        self.world.orchestrator.stop()
        self.world.start_orchestrator()

    def campaign(self, name, version, **more):
        self.world.apply(campaign(name, version, more=APPROVED, **more))
        self.world.wavegate("campaign", "approve", name, operator="bob")

    def succeeds(self, name, version):
        self.world.wait_campaign(name, "finished", 60)
        check_end(self.world, name, version, all_succeeded(self.world))

    def log(self):
        return self.world.orchestrator.log.read_text().replace('\\"', '"')

    def refusals(self, words):
        return sum(words in line for line in self.log().splitlines() if "order not signed" in line)

    def under(self):
        return {json.loads(path.read_text())["kek"] for path in self.keys.iterdir()}


@pytest.fixture
def kept(bare_world):
    made = Kept(bare_world)
    yield made
    made.signer.stop()


def test_rollouts_while_the_key_changes(kept):
    """File, token, another token: bodies stay, orders go on, each old key may be destroyed."""
    file = str(kept.world.folder / "kek")
    kept.use(file)
    kept.start(devices=2)
    kept.give_keys()
    made, files = kept.release("2.4.1", size=300_000)
    body = kept.world.ground.web.artifacts / files["sha256"]
    before = body.stat()
    kept.release("2.5.0")
    kept.use(kept.uri, file)
    kept.restart()
    kept.campaign("first", "2.4.1")
    assert kept.kek("rewrap")["rewrapped"] == 2
    kept.succeeds("first", "2.4.1")
    (kept.world.folder / "kek").unlink()
    kept.tokens.add("other")
    other = kept.tokens.uri("other", "two")
    last = kept.kek("make", other)["id"]
    kept.use(other, kept.uri)
    kept.restart()
    kept.release("2.6.0")  # under the new one at once
    assert kept.kek("rewrap") == {"id": last, "rewrapped": 2} and kept.under() == {last}
    kept.tokens.run("softhsm2-util", "--delete-token", "--token", "kek")
    kept.use(other)
    kept.restart()
    for name, version in (("second", "2.5.0"), ("third", "2.6.0")):
        kept.campaign(name, version)
        kept.succeeds(name, version)
    after = body.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_size) == (before.st_ino, before.st_mtime_ns, before.st_size)
    assert PIN not in kept.log() and made.read_bytes()[:16].hex() not in kept.log()


def test_an_orders_header_opens_with_the_devices_key(kept):
    """What is sent for a device is an age file for it alone."""
    kept.start()
    kept.give_keys()
    made, files = kept.release("2.4.1", size=300_000)
    with observer(kept.world) as ear:
        kept.campaign("header", "2.4.1")
        kept.succeeds("header", "2.4.1")
        catch_up(ear)
        orders = [json.loads(payload)["signed"] for topic, payload in ear.messages
                  if topic == "wg/v1/d/dev-01/down/order"]
    header = orders[0]["artifact"]["age"]
    whole, opened = kept.world.folder / "whole.age", kept.world.folder / "opened"
    whole.write_bytes(header.encode() + (kept.world.ground.web.artifacts / files["sha256"]).read_bytes())
    done = programs.run(["age", "-d", "-i", kept.world.folder / "dev-01.age", "-o", opened, whole])
    assert done.returncode == 0, done.stderr
    assert opened.read_bytes() == made.read_bytes()
    done = programs.run(["age", "-d", "-i", kept.identity, "-o", opened, whole])
    assert done.returncode != 0


def test_a_token_that_goes_away(kept):
    """Orders of its artifacts wait; what is at hand goes on; when it is back, so does the rest."""
    kept.start()
    kept.give_keys()
    kept.release("2.4.1")
    kept.release("2.5.0")
    kept.campaign("before", "2.4.1")
    kept.succeeds("before", "2.4.1")
    bring_back = kept.tokens.take_away()
    kept.campaign("waits", "2.5.0")
    kept.world.wait("it is tried, and told", lambda: kept.refusals(AWAY) >= 2)
    assert kept.world.orchestrator.alive() and kept.world.db.places("waits") == {"dev-01": ("offered", "")}
    bring_back()
    kept.succeeds("waits", "2.5.0")


def test_a_pin_that_changed_is_tried_once(kept):
    """A token locks after a few wrong ones: the daemon leaves that to people."""
    kept.start()
    kept.give_keys()
    kept.release("2.4.1")
    bring_back = kept.tokens.take_away()
    kept.campaign("waits", "2.4.1")
    kept.world.wait("it is tried, and told", lambda: kept.refusals(AWAY) >= 1)
    kept.tokens.pin.write_text("9999")
    bring_back()
    refused = "wrong PIN"
    kept.world.wait("the PIN is refused", lambda: kept.refusals(refused) >= 1)
    kept.tokens.pin.write_text(PIN)
    before = kept.refusals(refused)
    kept.world.wait("it is not tried again", lambda: kept.refusals(refused) >= before + 3, 30)
    assert "not tried again until wavegated is restarted" in kept.log() and "9999" not in kept.log()
    kept.restart()
    kept.succeeds("waits", "2.4.1")


def test_one_token_of_two_comes_back(kept):
    """While the key changes: what is under the one that is back goes on; the other's PIN was refused."""
    kept.tokens.add("other")
    other_pin = kept.tokens.write("other-pin", PIN)
    other = kept.tokens.uri("other", "two", other_pin)
    kept.kek("make", other)
    kept.use(other, kept.uri)
    kept.start()
    kept.give_keys()
    kept.release("2.4.1")  # under the new one
    kept.use(kept.uri)
    kept.release("2.5.0")  # under the old one
    bring_back = kept.tokens.take_away()
    kept.campaign("new", "2.4.1")
    kept.world.wait("it is tried, and told", lambda: kept.refusals('no token "other" is there') >= 1)
    other_pin.write_text("9999")
    bring_back()
    kept.world.wait("the PIN is refused", lambda: kept.refusals("wrong PIN in") >= 1)
    kept.world.wavegate("campaign", "abort", "new", "--reason", "its key is locked away")
    kept.campaign("old", "2.5.0")
    kept.world.wait_campaign("old", "finished", 60)
    assert kept.world.db.places("old") == {"dev-01": ("succeeded", "")}


@pytest.mark.parametrize("what, words", [("pin", "wrong PIN in"), ("token", AWAY), ("key", "holds no secret key")])
def test_it_does_not_start_without_its_key(kept, what, words):
    if what == "pin":
        kept.tokens.pin.write_text("9999")
    elif what == "token":
        kept.tokens.take_away()
    else:
        kept.use(kept.tokens.uri("kek", "nobody"))
    done = programs.run([programs.program("wavegated"), "--config", kept.world.orchestrator.config],
                        env=programs.environment(kept.world.folder, **kept.tokens.environment))
    assert done.returncode not in (0, None) and done.returncode > 0
    assert words in done.stderr + done.stdout and "9999" not in done.stderr + done.stdout


def test_an_envelope_that_was_changed_holds_up_nobody_else(kept):
    kept.start(devices=2)
    kept.give_keys()
    kept.release("2.4.1")
    _, files = kept.release("2.5.0")
    envelope = kept.keys / f"{files['sha256']}.json"
    right = envelope.read_text()
    other = next(path for path in kept.keys.iterdir() if path != envelope)
    envelope.write_text(json.dumps({**json.loads(other.read_text()), "artifact": files["sha256"]}))
    kept.campaign("changed", "2.5.0", target="  - device: [dev-01]")
    kept.campaign("right", "2.4.1", target="  - device: [dev-02]")
    kept.world.wait("it is told", lambda: kept.refusals("it was changed, or sealed by another key") >= 2)
    kept.world.wait_campaign("right", "finished")
    assert kept.world.db.places("changed") == {"dev-01": ("offered", "")}
    assert kept.world.db.places("right") == {"dev-02": ("succeeded", "")}
    envelope.write_text(right)
    kept.world.wait_campaign("changed", "finished")
    assert kept.world.db.places("changed") == {"dev-01": ("succeeded", "")}
