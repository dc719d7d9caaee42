"""Who may make a device install something: the repository, the people in its policy, and the signer.

The devices here trust a TUF repository; the director's key lies with wavegate-signer, or, where a test says so, with
whoever has stolen it.
"""

import pytest

from tests.lab import fleet, payload
from tests.lab.repository import Repository
from tests.lab.signer import Signer
from tests.system.story import all_succeeded, campaign, check_end

APPROVED = "approvals: {role: rollout-admin, count: 1}"


class Trusted:
    """A world with a repository; its devices ask it about everything."""

    def __init__(self, world):
        self.world = world
        web = world.ground.web
        self.repository = Repository(web.repositories / world.name, web.repository_url(world.name), world.ground.pki,
                                     world.wavegate)
        self.repository.set_policy(1)
        self.signer = Signer(world.folder, world.ground.pki, self.repository)

    def start(self, devices=1, signer=True):
        world = self.world
        if signer:
            self.signer.start()
            del world.orchestrator.settings["director"]
            world.orchestrator.settings["signer"] = str(self.signer.socket)
            world.orchestrator.write_config()
        world.start_orchestrator()
        for device in fleet.devices()[:devices]:
            world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms",
                            health_every="100ms",
                            repository={"url": self.repository.url, "root": str(self.repository.root)})
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
    made = Trusted(bare_world)
    yield made
    made.signer.stop()


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
