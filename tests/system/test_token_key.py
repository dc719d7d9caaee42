"""A device whose key is in a PKCS#11 token, and never out of it: claims, connects, updates, renews, erases."""

import json

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.agent import Agent
from tests.lab.claim import Newborn, Office
from tests.lab.process import poll, tail
from tests.lab.token import Tokens
from tests.system.story import campaign
from tests.system.test_enrol import pki_, station_of_  # noqa: F401 (fixtures)

DEVICE = fleet.Device("token-01", "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich")
OBJECT = "identity"


def use_token(agent, folder):
    """The agent's key is in a token of its own from now on; the PIN is in a file."""
    folder.mkdir(exist_ok=True)
    tokens = Tokens(folder).add("device")
    agent.environment = tokens.environment
    agent.settings.update({"key": tokens.uri("device", OBJECT, pin=False), "key_secret": str(tokens.pin)})
    agent.write_config()
    return tokens


def objects(tokens):
    listed = tokens.tool("device", "--list-objects")
    return sorted(line.split()[-1] for line in listed.splitlines() if line.strip().startswith("label:"))


def no_key_on_disk(folder):
    for file in folder.rglob("*"):
        if file.is_file() and "tokens" not in file.parts:
            assert b"PRIVATE KEY" not in file.read_bytes(), file


class Claimed:
    """A newborn with a token that claims from the world's own authorities."""

    def __init__(self, world):
        self.world = world
        pki = world.ground.pki
        self.office = Office(world.folder, pki, world.broker.url)
        self.office.start()
        world.start_orchestrator()
        name = f"token-{world.name}"[:60].replace("_", "-")
        device = fleet.Device(name, "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich")
        self.agent = Newborn(device, world.folder / "devices", pki, world.broker.url, self.office.token(device.id))
        self.agent.settings.update({"soak": "300ms", "health_every": "100ms"})
        self.tokens = use_token(self.agent, world.folder / "hsm")
        done = self.agent.claim(self.office.url)
        assert done.returncode == 0, done
        self.agent.provision(payload.make(world.folder, device.component, device.version))
        world.agents[device.id] = self.agent


@pytest.fixture
def claimed(bare_world):
    made = Claimed(bare_world)
    yield made
    assert made.office.close() == 0


def test_claimed_updated_restarted(claimed):
    world, agent = claimed.world, claimed.agent
    assert objects(claimed.tokens) == [OBJECT, OBJECT]  # a private and a public half
    world.start_agents()
    world.add_release(payload.make(world.folder, fleet.COMPONENT, "2.4.1"), fleet.COMPONENT, "2.4.1")
    name = world.apply(campaign("first", "2.4.1"))
    world.wait_campaign(name, "finished")
    assert agent.version() == "2.4.1"
    agent.kill()
    agent.start()
    world.wait("it is back", lambda: agent.log.read_text().count("msg=connected") >= 3)
    no_key_on_disk(agent.folder)
    again = agent.claim(claimed.office.url, "--timeout", "1s")
    assert again.returncode == 6 and "in use by an agent" in again.stderr, again
    agent.stop()
    again = agent.claim(claimed.office.url, "--timeout", "1s")
    assert again.returncode == 0 and "was claimed before" in again.stdout, again


def test_the_token_is_away_at_the_start(claimed):
    """It says so, and tries again; nothing ends."""
    world, agent = claimed.world, claimed.agent
    plug_in = claimed.tokens.take_away()
    agent.start()
    world.wait("it says what is missing", lambda: agent.log.read_text().count("no token") >= 2)
    assert agent.alive() and "the device's key cannot sign" in agent.log.read_text()
    plug_in()
    world.wait("it is online", lambda: agent.id in world.db.online())
    assert agent.alive()


def test_a_wrong_pin_is_tried_once(claimed):
    """Another one in the file is tried at once."""
    world, agent = claimed.world, claimed.agent
    pin = world.folder / "hsm" / "changing"
    pin.write_text("0815")
    pin.chmod(0o600)
    agent.settings["key_secret"] = str(pin)
    agent.start()
    world.wait("it says so, and waits", lambda: agent.log.read_text().count("was refused: write another") >= 3)
    assert agent.log.read_text().count("wrong PIN") == 1 and agent.alive()
    pin.write_text(claimed.tokens.pin.read_text())
    world.wait("it is online", lambda: agent.id in world.db.online())


def test_a_claim_without_the_token(bare_world):
    world = bare_world
    agent = Newborn(DEVICE, world.folder / "devices", world.ground.pki, world.broker.url, "wgt1-" + "0" * 64)
    tokens = use_token(agent, world.folder / "hsm")
    tokens.take_away()
    done = agent.claim("https://localhost:1", "--timeout", "1s")
    assert done.returncode == 5 and "no token" in done.stderr, done


def test_erased(claimed):
    """What is in the token goes too. (A device without a repository takes the director's word.)"""
    world, agent = claimed.world, claimed.agent
    world.start_agents()
    world.wavegate("device", "erase", agent.id, "--reason", "stolen", "--yes", operator="dave")
    world.wait("the agent has ended", lambda: not agent.alive())
    assert agent.exit_code == 9 and objects(claimed.tokens) == []
    assert not agent.certificate.exists() and not agent.age.exists()
    world.wait("it was heard", lambda: json.loads(
        world.wavegate("device", "explain", agent.id, "--json").stdout)["erasure"]["state"] == "done")


@pytest.mark.mosquitto("wavegate-enrol writes the revocation list of a Mosquitto of the test's own")
def test_renewed(station_of):
    """P-256, seventeen hours old with a day to live: a new key is made in the token, and again after that."""
    station = station_of()
    name = "dev-token"
    agent = Agent(fleet.Device(name, "DE-BY", "Europe/Berlin", 48.14, 11.58, "munich"), station.folder, station.pki,
                  station.broker.url)
    tokens = use_token(agent, station.folder / "hsm")
    tokens.make_pair("device", OBJECT)
    public, pem = station.folder / "public.der", station.folder / "public.pem"
    tokens.tool("device", "--read-object", "--type", "pubkey", "--label", OBJECT, "-o", public)
    done = programs.run(["openssl", "pkey", "-pubin", "-inform", "DER", "-in", public, "-out", pem])
    assert done.returncode == 0, done.stderr
    made = programs.run(["faketime", "-f", "-17h", programs.program("wavegate-pki"), "issue", "device", name, "--days", "1",
                         "--public-key", pem, "--pki", station.pki.folder, "--out", station.pki.certs],
                        env=programs.environment(station.folder, ASAN_OPTIONS="verify_asan_link_order=0"))
    assert made.returncode == 0, made.stderr
    first = station.live(name)
    agent.settings["certificate"] = str(station.pki.certificate(name))
    agent.provision(payload.make(station.folder, agent.device.component, agent.device.version))
    agent.start()
    try:
        assert poll(lambda: station.live(name) and not station.live(name) & first, 20), tail(agent.log)
        pair = agent.state / "identity.pem"
        assert poll(pair.exists, 10), tail(agent.log)
        assert pair.read_text().splitlines()[-1].startswith("pkcs11:token=device;object=identity.1?")
        assert objects(tokens) == [OBJECT, OBJECT, f"{OBJECT}.1", f"{OBJECT}.1"]
        no_key_on_disk(agent.folder)
        connects = agent.log.read_text().count("msg=connected")
        agent.kill()
        agent.start()  # the first pair is revoked: only the new one opens the door
        assert poll(lambda: agent.log.read_text().count("msg=connected") > connects, 10), tail(agent.log)
    finally:
        agent.stop()
