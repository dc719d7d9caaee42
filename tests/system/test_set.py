"""Three components of one device, updated together: all of them run the new release, or none does."""

import random
import time

import pytest

from tests.lab import fleet, payload, programs
from tests.lab.director import Director
from tests.lab.set_agent import BlockSetAgent, SetAgent, app_is_well

OLD = {fleet.COMPONENT: "2.3.7", "app": "1.0.0", "modem": "1.0.0"}
KINDS = pytest.mark.parametrize("kind", [SetAgent, BlockSetAgent])


@pytest.fixture
def director(bare_world):
    made = Director(bare_world)
    yield made
    made.close()


def make_agent(world, director, kind, start=True):
    device = fleet.devices()[0]
    agent = world.add_agent(device, payload.make(world.folder, device.component, device.version), kind=kind,
                            soak="300ms", health_every="100ms")
    app = world.folder / "app-1.0.0"
    app.write_text("app 1.0.0\n")
    agent.provision_places(app, payload.make(world.folder, "modem", "1.0.0"))
    if start:
        agent.start()
        world.wait("it says hello", lambda: director.runs(agent.id) == OLD)
    return agent


class Release:
    """What an order brings: the system's release with its companions."""

    def __init__(self, world, agent, number, app=None, modem_health="", size=0):
        self.versions = {fleet.COMPONENT: f"2.4.{number}", "app": f"1.{number}.0", "modem": f"1.{number}.0"}
        self.app = world.folder / f"app-1.{number}.0"
        self.app.write_text(app or f"app 1.{number}.0\n" + "app " * (size // 4))
        # the system knows whether the app is well, as a device's software does
        self.system = payload.make(world.folder, fleet.COMPONENT, self.versions[fleet.COMPONENT],
                                   health=app_is_well(agent.app), size=size)
        self.modem = payload.make(world.folder, "modem", self.versions["modem"], health=modem_health, size=size)

    def main(self):
        return fleet.COMPONENT, self.versions[fleet.COMPONENT], self.system

    def companions(self):
        return [("app", self.versions["app"], self.app), ("modem", self.versions["modem"], self.modem)]


def give(world, director, agent, release, timeout=40):
    director.order(agent.id, release.main(), release.companions())
    return world.wait("the order has ended", lambda: director.devices[agent.id].end(), timeout)


def check(world, director, agent, versions):
    """The places hold these, the device says so, and nothing is left to be done."""
    world.wait("the device says what it runs", lambda: director.runs(agent.id) == versions)
    assert agent.holds() == versions
    world.wait("nothing is left to be done", lambda: agent.boots_once() == "" and agent.decided() == "undecided")
    if isinstance(agent, BlockSetAgent):  # its boot loader takes the other slot when this one was killed five times before it was well
        world.wait("it is well", lambda: agent.starts() == "0")


@KINDS
def test_all_there_and_back(bare_world, director, kind):
    world = bare_world
    agent = make_agent(world, director, kind)
    first = Release(world, agent, 1)
    assert give(world, director, agent, first)[:2] == ("succeeded", "")
    check(world, director, agent, first.versions)
    # unhealthy as one of them is, none of them stays
    broken = Release(world, agent, 2, app="broken\n")
    state, cause, detail = give(world, director, agent, broken)
    assert (state, cause) == ("rolled-back", "health") and "the app is not well" in detail
    check(world, director, agent, first.versions)
    # a companion's own program is asked as well
    broken = Release(world, agent, 3, modem_health=payload.fails("no carrier"))
    state, cause, detail = give(world, director, agent, broken)
    assert (state, cause) == ("rolled-back", "health") and "no carrier" in detail
    check(world, director, agent, first.versions)
    last = Release(world, agent, 4)
    assert give(world, director, agent, last)[:2] == ("succeeded", "")
    check(world, director, agent, last.versions)


def test_what_runs_is_not_fetched_again(bare_world, director, ground):
    world = bare_world
    agent = make_agent(world, director, SetAgent)
    first, second = Release(world, agent, 1), Release(world, agent, 2)
    assert give(world, director, agent, first)[0] == "succeeded"
    second.versions["modem"], second.modem = first.versions["modem"], first.modem
    second.versions["app"], second.app = first.versions["app"], first.app
    seen = len(ground.web.requests())
    assert give(world, director, agent, second)[0] == "succeeded"
    check(world, director, agent, second.versions)
    assert len(ground.web.requests()) == seen + 1


def test_no_place_for_two(bare_world, director):
    world = bare_world
    agent = make_agent(world, director, SetAgent)
    release = Release(world, agent, 1)
    director.order(agent.id, release.main(), [("radio", "1.0.0", release.modem)])
    state, cause, detail = world.wait("the order has ended", lambda: director.devices[agent.id].end())
    assert (state, cause) == ("failed", "install")
    assert f"radio and {fleet.COMPONENT} would need the same place" in detail
    check(world, director, agent, OLD)


def test_a_download_goes_on_with_the_member_it_was_in(bare_world, director, ground):
    world = bare_world
    agent = make_agent(world, director, SetAgent)
    release = Release(world, agent, 1, size=3_000_000)
    release.app.write_text("app 1.1.0\n")  # the first by its name is short; the others stand still in their middle
    ground.web.limit_rate(20_000, after=1_000_000)
    try:
        director.order(agent.id, release.main(), release.companions())
        world.wait("a first one is whole", lambda: agent.whole() == 1, 30)
        agent.kill()
        seen = len(ground.web.requests())
        ground.web.limit_rate(0)
        agent.start()
        assert world.wait("the order has ended", lambda: director.devices[agent.id].end(), 40)[0] == "succeeded"
    finally:
        ground.web.limit_rate(0)
    # of the three, two are asked for after the kill
    assert len({request["path"] for request in ground.web.requests()[seen:]}) == 2
    check(world, director, agent, release.versions)


def after(agent, word, delay=0.0):
    """Waits until the record says so, or the update is over."""
    def wait(director):
        while agent.decided() != word and not director.devices[agent.id].end():
            time.sleep(0.001)
        time.sleep(delay)
    return wait


@pytest.mark.plain_broker  # which does not mind how often somebody comes back
@KINDS
@pytest.mark.parametrize("word", ["trial", "commit", "revert", "chance"])
def test_killed(bare_world, director, kind, word):
    """The power goes at moments that matter, or at any, again and again."""
    world = bare_world
    agent = make_agent(world, director, kind)
    runs, chance = dict(OLD), random.Random(word)
    for number in range(1, 6):
        broken = word == "revert" or (word == "chance" and number % 2 == 0)
        release = Release(world, agent, number, app="broken\n" if broken else None)
        director.order(agent.id, release.main(), release.companions())
        if word == "chance":
            for _ in range(3):
                time.sleep(chance.uniform(0, 1.2) * programs.SLOWER)
                agent.kill()
                agent.start()
        else:
            after(agent, word, number * 0.004)(director)
            agent.kill()
            agent.start()
        state = world.wait("the order has ended", lambda: director.devices[agent.id].end(), 60)[0]
        assert state in (("succeeded", "failed", "rolled-back") if not broken else ("failed", "rolled-back"))
        if state == "succeeded":
            runs = release.versions
        elif word == "commit":
            raise AssertionError("what was decided for good was not carried on with")
        check(world, director, agent, runs)
