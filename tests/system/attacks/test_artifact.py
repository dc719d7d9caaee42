"""What comes from the web server is not believed before its hash is the order's."""

from tests.system.story import all_succeeded, campaign, check_end


def artifact(world, ground):
    """The file behind the newest release."""
    sha256 = world.db.value("select sha256 from release order by added_at desc limit 1")
    return ground.web.artifacts / sha256


def test_a_changed_artifact_is_never_installed(world, fleet_of, release, ground):
    agents = fleet_of(2)
    release("2.4.1", size=200_000)
    path = artifact(world, ground)
    good = path.read_bytes()
    path.write_bytes(good[:-100] + b"x" * 100)
    try:
        name = world.apply(campaign("changed", "2.4.1", more="budget: {failures: 5}\ngate: {success: \">= 1%\"}"))
        world.wait_campaign(name, "aborted")
    finally:
        path.write_bytes(good)
    assert set(world.db.places(name).values()) == {("failed", "verify")}
    for agent in agents:
        assert agent.version() == agent.device.version


def test_a_torn_part_is_fetched_anew(world, fleet_of, release):
    agents = fleet_of(1)
    made = release("2.4.1", size=200_000)
    # what a power cut may leave: as long as it should be in part, with other bytes in it
    part = agents[0].state / "slots/b/payload.part"
    part.write_bytes(b"\0" * (made.stat().st_size // 2))
    name = world.apply(campaign("torn", "2.4.1"))
    world.wait_campaign(name, "finished")
    check_end(world, name, "2.4.1", all_succeeded(world))


def test_a_short_artifact_is_no_success(world, fleet_of, release, ground):
    agents = fleet_of(1)
    release("2.4.1", size=200_000)
    path = artifact(world, ground)
    good = path.read_bytes()
    path.write_bytes(good[:1000])
    world.apply(campaign("short", "2.4.1"))
    try:
        world.wait_place("short", agents[0].id, "downloading")
        world.wait("it was asked for twice", lambda: len(
            [request for request in ground.web.requests() if request["path"].endswith(path.name)]) >= 2, 30)
    finally:
        path.write_bytes(good)
    world.wait_campaign("short", "finished")
    check_end(world, "short", "2.4.1", all_succeeded(world))
