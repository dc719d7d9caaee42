"""Artifacts at the edge of a CDN: what deploy/cdn/edge.mjs lets through, and a campaign of real agents behind it."""

import os

import pytest

from tests.lab import fleet, payload
from tests.lab.edge import Edge
from tests.lab.pki import apart
from tests.lab.process import end_on_signals, poll
from tests.system.attacks.urls import LENGTH, not_signed
from tests.system.story import DEVICES, all_succeeded, campaign, check_end

BODY = os.urandom(LENGTH)


@pytest.fixture(scope="module")
def pki():
    end_on_signals()
    with apart() as made:
        yield made


@pytest.fixture
def edge(pki):
    folder = pki.logs / f"edge-{os.urandom(3).hex()}"
    folder.mkdir()
    folder.chmod(0o755)
    made = Edge(folder, pki)
    yield made
    made.stop()


def test_what_is_signed_is_served_and_fetched_once(edge):
    artifact = edge.put(BODY)
    for device in ("dev-1", "dev-2"):
        url = edge.target(artifact, device, 3 * LENGTH)
        status, headers, body = edge.ask(url)
        assert (status, body, headers["content-length"]) == (200, BODY, str(LENGTH))
        for asked, first, last in (("bytes=0-0", 0, 0), ("bytes=999990-", 999_990, LENGTH - 1), ("bytes=-10", 999_990, LENGTH - 1)):
            status, answered, body = edge.ask(url, Range=asked)
            assert (status, body) == (206, BODY[first:last + 1])
            assert answered["content-range"] == f"bytes {first}-{last}/{LENGTH}"
        assert edge.ask(url, If_None_Match=headers["etag"])[0] == 304
        status, answered, body = edge.ask(url, method="HEAD")
        assert (status, body, answered["content-length"]) == (200, b"", str(LENGTH))
    # whoever asks, the cache has one file, and the origin never sees a token
    assert [(one["path"], one["status"]) for one in edge.fetched()] == [(f"/store/{artifact}", 200)]


def test_what_is_not_signed_is_refused_and_never_asked_of_the_origin(edge):
    artifact = edge.put(BODY)
    url = edge.target(artifact, "dev-1", LENGTH)
    for target in not_signed(edge, url, edge.put(b"other")):
        status, _, body = edge.ask(target)
        assert (status, len(body) < 100) == (403, True), target
    for asked in ("bytes=0-0,2-2", "bytes=--1", "lines=0-1", "bytes=-"):
        assert edge.ask(url, Range=asked)[0] == 416, asked
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        assert edge.ask(url, method=method)[0] == 405
    assert edge.ask(edge.target(artifact, "dev-1", LENGTH, prefix="/other"))[0] == 403
    assert edge.fetched() == []
    # a request's path comes in order, as from any CDN: then it is the one that was signed
    assert edge.ask(url.replace("/artifacts/", "/artifacts/../artifacts/"))[0] == 200
    assert edge.ask(edge.target("b" * 64, "dev-1", LENGTH))[0] == 404


def test_each_key_of_the_file_counts(edge):
    artifact = edge.put(BODY)
    edge.add_key("second")
    new = edge.target(artifact, "dev-1", LENGTH, key="second")
    assert edge.ask(new)[0] == 403
    edge.stop()
    edge.keys.write_text("# keys\n" + edge.keys.read_text().replace("second ", "second  ") + "third 00\n")
    edge.start()
    assert [edge.ask(one)[0] for one in (new, edge.target(artifact, "dev-1", LENGTH))] == [200, 200]


def test_an_origin_in_trouble_is_waited_for(edge):
    """A device takes 403 for a URL that has ended: the origin's own is none."""
    artifact = edge.put(BODY)
    url = edge.target(artifact, "dev-1", LENGTH)
    (edge.artifacts / artifact).chmod(0)
    status = edge.ask(url)
    assert (status[0], status[2]) == (502, b"the origin answers 403\n")
    edge.stop_origin()
    status = edge.ask(url)
    assert (status[0], status[2]) == (502, b"the origin does not answer\n")
    (edge.artifacts / artifact).chmod(0o644)
    edge.start_origin()
    assert edge.ask(url)[0] == 200


def test_a_campaign_fetches_from_it(bare_world, ground):
    """Two devices fetch, the origin sends its bytes once, and wavegate-api's machine none."""
    world = bare_world
    edge = Edge(world.folder / "edge", ground.pki)
    try:
        world.orchestrator.settings["artifacts"].update(
            folder=str(edge.artifacts), urls=[f"https://localhost:{edge.port}/artifacts"], url_keys=str(edge.keys))
        world.orchestrator.write_config()
        world.start_orchestrator()
        for device in DEVICES[:2]:
            world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="300ms", health_every="100ms")
        world.start_agents()
        made = payload.make(world.folder, fleet.COMPONENT, "2.4.1", size=3_000_000)
        world.add_release(made, fleet.COMPONENT, "2.4.1")
        name = world.apply(campaign("edge", "2.4.1"))
        world.wait_campaign(name, "finished", 60)
        check_end(world, name, "2.4.1", all_succeeded(world))
        path, length = world.db.rows("select '/artifacts/' || sha256, length from release where version = '2.4.1'")[0]
        assert length > 3_000_000
        assert poll(lambda: sum(one["sent"] for one in edge.served() if one["path"] == path) == 2 * length, 5), edge.served()
        assert [one["path"] for one in edge.fetched()] == [path.replace("artifacts", "store")]
        assert not [one for one in ground.web.requests() if one["path"].endswith(path)]
    finally:
        edge.stop()
