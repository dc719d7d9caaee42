"""A device that was tampered with is told to erase its keys: from the operator's word to an empty folder."""

import json
import shutil

import pytest

from tests.lab import fleet, payload
from tests.lab.process import LabError
from tests.system.attacks.test_trust import Trusted, age_key

WORDS = ("--reason", "its case was opened")
KEYS = ["age.key", "device.crt", "device.key"]
ERASED = 9  # agent/posix/main.c
POLICY = {"erase": {"role": "deployment-admin", "count": 1}}
PEOPLE = ("alice", "bob", "carol", "petra", "dave")


class Erasable(Trusted):
    """Its devices have keys of their own, which no other test needs."""

    def __init__(self, world):
        super().__init__(world)
        self.repository.set_policy(1, people=PEOPLE, **POLICY)

    def give_keys(self, device):
        """What the factory does, or a claim; the folder that they are in."""
        folder, pki = self.world.folder / f"{device.id}-keys", self.world.ground.pki
        folder.mkdir(exist_ok=True)
        for file, name in ((pki.key(device.id), "device.key"), (pki.certificate(device.id), "device.crt")):
            shutil.copy(file, folder / name)
            (folder / name).chmod(0o600)
        age_key(folder / "age.key")
        return folder

    def start(self, devices=1, signer=True, **settings):
        super().start(0, signer)
        world = self.world
        for device in fleet.devices()[:devices]:
            folder = self.give_keys(device)
            world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms",
                            health_every="100ms", certificate=str(folder / "device.crt"), key=str(folder / "device.key"),
                            age_key=str(folder / "age.key"), **settings)
        world.start_agents()
        return world.agents[fleet.devices()[0].id]

    def keys(self, agent):
        """What is left in the folder of keys, and of pairs in the state folder."""
        folder = self.world.folder / f"{agent.id}-keys"
        return sorted(file.name for file in [*folder.iterdir(), *agent.state.glob("identity*")])

    def erase(self, agent, operator="dave", **more):
        return self.world.wavegate("device", "erase", agent.id, *WORDS, "--yes", operator=operator, **more)

    def is_told(self, agent, words):
        """What the signer has said comes to whoever asks why."""
        self.world.wait(f'it is told "{words}"', lambda: words in self.explained(agent)["refusal"])

    def explained(self, agent):
        return json.loads(self.world.wavegate("device", "explain", agent.id, "--json").stdout)["erasure"]


@pytest.fixture
def erasable(bare_world):
    return Erasable(bare_world)


def test_tampered_quarantined_erased(erasable):
    world, tampered = erasable.world, erasable.world.folder / "tampered"
    agent = erasable.start(tamper=str(tampered))
    assert erasable.explained(agent) is None
    agent.stop()
    tampered.write_text("case opened\n")
    agent.start()
    world.wait("it is in quarantine", lambda: world.db.value(
        "select quarantined_at is not null from device where id = %s", agent.id))
    assert erasable.keys(agent) == KEYS
    said = erasable.erase(agent).stdout
    assert f"{agent.id} is revoked" in said and f"wavegate-pki revoke {agent.id}" in said
    world.wait("the agent has ended", lambda: not agent.alive())
    assert agent.exit_code == ERASED
    assert erasable.keys(agent) == []
    assert "the keys of this device were erased" in agent.log.read_text()
    world.wait("it was heard", lambda: erasable.explained(agent)["state"] == "done")
    told = erasable.explained(agent)
    assert (told["asked_by"], told["reason"], told["refusal"]) == ("dave", WORDS[1], "")
    assert all(told[moment] for moment in ("asked_at", "told_at", "started_at", "done_at"))
    shown = world.wavegate("device", "explain", agent.id).stdout
    assert "Its keys are to be erased: asked by dave (its case was opened)" in shown and "done, it says" in shown
    # it stays ended, however often somebody starts it; its software stays where it was
    agent.start()
    world.wait("it has ended again", lambda: not agent.alive())
    assert agent.exit_code == ERASED
    assert agent.version() == agent.device.version
    # the certificate that a thief has kept is of no use either
    world.wait("it is offline", lambda: agent.id not in world.db.online())
    assert world.db.value("select revoked_at is not null from device where id = %s", agent.id)
    world.wavegate("audit", "verify")
    rows = world.db.rows("select actor, detail ->> 'state', detail ->> 'reason' from audit where kind = 'erasure' "
                         "order by number")
    assert rows == [("dave", "asked", WORDS[1]), ("engine", "told", None), ("engine", "started", None),
                    ("engine", "done", None)] or \
        rows == [("dave", "asked", WORDS[1]), ("engine", "told", None), ("engine", "done", None)]


def test_claimed_anew_it_goes_on(erasable):
    world = erasable.world
    agent = erasable.start()
    erasable.erase(agent)
    world.wait("the agent has ended", lambda: not agent.alive())
    world.wait("it was heard", lambda: erasable.explained(agent)["state"] == "done")
    folder = world.folder / f"{agent.id}-keys"
    shutil.copy(world.ground.pki.key(agent.id), folder / "device.key")
    agent.start()  # the key alone is no identity yet, and is not taken away
    world.wait("it has ended again", lambda: not agent.alive())
    assert (agent.exit_code, erasable.keys(agent)) == (ERASED, ["device.key"])
    erasable.give_keys(agent)
    assert "revoked no more" in world.wavegate("device", "reinstate", agent.id, "--reason", "new keys",
                                               operator="dave").stdout
    agent.start()
    world.wait("it is back", lambda: agent.id in world.db.online())
    assert agent.alive() and erasable.keys(agent) == KEYS


def test_who_may_and_who_must_confirm(erasable):
    world = erasable.world
    agent = erasable.start()
    assert "for deployment-admin" in erasable.erase(agent, operator="alice", expect=4).stderr
    assert "add --yes" in world.wavegate("device", "erase", agent.id, *WORDS, operator="dave", expect=2).stderr
    assert "--reason is missing" in world.wavegate("device", "erase", agent.id, "--yes", operator="dave",
                                                   expect=2).stderr
    with pytest.raises(LabError, match="there is no device"):
        world.wavegate("device", "erase", "nobody", *WORDS, "--yes", operator="dave")
    assert world.db.value("select count(*) from erasure") == 0
    assert not world.db.value("select revoked_at is not null from device where id = %s", agent.id)


def test_taken_back_before_the_device_comes(erasable):
    world = erasable.world
    agent = erasable.start()
    agent.stop()
    world.wait("it is away", lambda: agent.id not in world.db.online())
    assert "asked by 1 so far" in erasable.erase(agent).stdout
    assert erasable.explained(agent)["state"] == "asked"
    assert "not told any more to erase its keys" in world.wavegate(
        "device", "reinstate", agent.id, "--reason", "it was the owner", operator="dave").stdout
    agent.start()
    world.wait("it is back", lambda: agent.id in world.db.online())
    assert erasable.explained(agent)["state"] == "dropped"
    assert agent.alive() and erasable.keys(agent) == KEYS


def test_two_people(erasable):
    """The policy asks for two: the first word is kept until the second is there."""
    world = erasable.world
    pki = world.ground.pki
    if not pki.certificate("dora").exists():
        pki.run("issue", "operator", "dora", "--role", "deployment-admin", "--pki", pki.folder, "--out", pki.certificate(
            "dora").parent)
    erasable.repository.set_policy(1, people=(*PEOPLE, "dora"), erase={"role": "deployment-admin", "count": 2})
    agent = erasable.start()
    erasable.erase(agent)
    erasable.signer_says("1 of the 2 deployment-admin")
    erasable.is_told(agent, "1 of the 2 deployment-admin")
    erasable.erase(agent)  # the same person counts once
    assert agent.alive()
    assert "asked by 2 so far" in erasable.erase(agent, operator="dora").stdout
    world.wait("the agent has ended", lambda: not agent.alive())
    assert (agent.exit_code, erasable.keys(agent)) == (ERASED, [])
