"""Every selector of docs/campaign.md, device by device, beside an independent judge."""

import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.lab.lab import World
from tests.system import judge, seeded

ALPS = {"type": "Polygon", "coordinates": [
    [[5.9, 45.8], [16.5, 45.8], [17, 48.4], [11, 49.9], [5.9, 47.8], [5.9, 45.8]],
    [[11, 47], [12.5, 47], [12.5, 48.5], [11, 48.5], [11, 47]]]}
FIJI = {"type": "Polygon", "coordinates": [
    [[177, -19.5], [-179, -19.5], [-178.5, -15], [177.5, -16], [177, -19.5]]]}
ISLANDS = {"type": "MultiPolygon", "coordinates": [
    ALPS["coordinates"], [[[-5, 50], [2, 50], [2, 54], [-5, 54], [-5, 50]]]]}

SELECTORS = [
    {"device": ["dev-017", "dev_0*", "gate.?0?", "nobody"]}, {"device": {"file": "list.txt"}},
    {"device": ["*1"]},
    {"hardware": {"model": "box"}}, {"hardware": {"model": "box", "revision": ">=C"}},
    {"hardware": {"model": "box", "revision": ">=C <C10 || A"}},
    {"hardware": {"model": "hub", "revision": "<= 1.10"}}, {"hardware": {"model": "old-box"}},
    {"software": {"app": "^1.2.0"}}, {"software": {"app": "~1.2"}}, {"software": {"app": "1.x"}},
    {"software": {"app": "*"}}, {"software": {"app": ">=1.2.4-rc.0 <2"}},
    {"software": {"app": "1.2.0 - 1.10"}}, {"software": {"app": "^0.2.3 || >=2.0.0-beta.1"}},
    {"software": {"app": ">1.2"}}, {"software": {"app": "<=1.2"}}, {"software": {"app": "1.2.3"}},
    {"software": {"app": ">1.0.0", "firmware": {"scheme": "opaque", "version": "r17"}}},
    {"software": {"kernel": {"scheme": "debian", "version": ">= 1.2-3"}}},
    {"software": {"kernel": {"scheme": "debian", "version": "<1.2-10 || >=1:0"}}},
    {"software": {"kernel": {"scheme": "debian", "version": "<1.2"}}},
    {"software": {"map": {"scheme": "calver", "version": ">=2026.11 <2027"}}},
    {"software": {"map": {"scheme": "calver", "version": "<2026.11"}}},
    {"software": {"firmware": {"scheme": "opaque", "version": ["7f3a9c", "build-17"]}}},
    {"attribute": {"site": "plant-7"}}, {"attribute": {"site": ["plant-8", "plant 9"]}},
    {"attribute": {"site": "!= plant-7"}}, {"attribute": {"site": 7}},
    {"attribute": {"battery": 20}}, {"attribute": {"battery": 15}},
    {"attribute": {"battery": "< 20"}}, {"attribute": {"battery": "<= 20"}},
    {"attribute": {"battery": "> 20"}}, {"attribute": {"battery": ">= 20.5"}},
    {"attribute": {"battery": "> -4"}}, {"attribute": {"battery": "!= 20"}},
    {"attribute": {"camera": True}}, {"attribute": {"camera": {"exists": True}}},
    {"attribute": {"camera": {"exists": False}}}, {"attribute": {"line": "a", "battery": "< 99"}},
    {"tag": ["a", "b"]}, {"tag": "c"}, {"group": ["g1"]}, {"group": ["g1", "g2", "g9"]},
    {"region": ["DE", "US-CA"]}, {"region": "NO"}, {"region": "DE-BY"},
    {"timezone": ["Europe/*", "UTC"]}, {"timezone": "America/Los?Angeles"}, {"timezone": "*"},
    {"within": {"lat": 48.14, "lon": 11.58, "km": 250}},
    {"within": {"lat": -17, "lon": 180, "km": 200}}, {"within": {"lat": 90, "lon": 0, "km": 4000}},
    {"inside": ALPS}, {"inside": "areas/alps.geojson"}, {"inside": FIJI}, {"inside": ISLANDS},
    {"bbox": {"west": 5, "south": 45, "east": 12, "north": 55}},
    {"bbox": {"west": 178.5, "south": -20, "east": -179, "north": -15}},
    {"last_seen": {"within": "7d"}}, {"last_seen": {"before": "30d"}},
    {"last_seen": {"within": "2h"}}, {"installed": "app/1.2.0"},
    {"installed": ["app/1.2.3", "map/2026.11.2"]}, {"not_installed": "app/1.2.0"},
    {"not_installed": ["app/1.2.3", "app/0.2.9"]}, {"failed_in": "old-1"},
    {"failed_in": ["old-1", "old-2"]}, {"succeeded_in": "old-1"},
    {"succeeded_in": ["old-1", "old-2"]},
]


def nested(rng, depth):
    """A random selector; keys side by side, all, any and not in any order."""
    kind = rng.choice(("all", "any", "not", "not", "keys", "leaf") if depth else ("leaf",))
    if kind == "leaf":
        return rng.choice(SELECTORS)
    if kind == "keys":
        made = {}
        for _ in range(rng.randint(2, 3)):
            made.update(nested(rng, 0 if depth == 1 else rng.randrange(depth)))
        return made
    below = [nested(rng, depth - 1) for _ in range(rng.randint(1, 3))]
    return {kind: below[0] if kind == "not" and rng.random() < 0.5 else below}


def targets():
    """Each selector, the opposite of one of each key, and random ones."""
    rng = random.Random(29)
    yield from SELECTORS
    for selector in {next(iter(one)): one for one in SELECTORS}.values():
        yield {"not": selector}
    for _ in range(40):
        yield nested(rng, 3)


TARGETS = list(targets())


@pytest.fixture(scope="module")
def fleet():
    return seeded.devices()


@pytest.fixture(scope="module")
def planned(ground, fleet):
    """A function: the plan of a target, as JSON. All are made at once, on every core."""
    world = World(ground, "target")
    world.start_orchestrator()
    seeded.register(world, fleet)
    seeded.add_release(world, "3.0.0")
    seeded.add_release(world, "2.0.0")
    seeded.add_history(world, fleet)
    (world.folder / "areas").mkdir()
    (world.folder / "areas/alps.geojson").write_text(json.dumps(ALPS))
    (world.folder / "list.txt").write_text("dev-017 # one\n\ngate.020\n" + "".join(
        f"{device['id']}\n" for device in fleet[::7]))

    def plan(number):
        file = world.folder / f"{number}.yaml"
        file.write_text(seeded.campaign("plan", TARGETS[number]))
        return json.loads(world.wavegate("campaign", "plan", file, "--json", "--devices", "all",
                                         expect=3).stdout)
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(plan, number) for number in range(len(TARGETS))]
        yield lambda number: made[number].result()
        pool.shutdown(cancel_futures=True)
    world.close()
    assert not world.sanitizer_report()


def resolved(selector, fleet):
    """With the files' contents in their places."""
    if isinstance(selector, list):
        return [resolved(one, fleet) for one in selector]
    if not isinstance(selector, dict):
        return ALPS if selector == "areas/alps.geojson" else selector
    if selector == {"file": "list.txt"}:
        return ["dev-017", "gate.020", *(device["id"] for device in fleet[::7])]
    return {key: resolved(value, fleet) for key, value in selector.items()}


@pytest.mark.parametrize("number", range(len(TARGETS)),
                         ids=[json.dumps(target)[:60] for target in TARGETS])
def test_a_target_means_what_the_manual_says(planned, fleet, number):
    selector = resolved(TARGETS[number], fleet)
    expected = {device["id"] for device in fleet
                if judge.holds(selector, device) and not device["revoked"]}
    found = planned(number)
    members = {device["id"] for device in found["devices"]}
    assert members == expected, json.dumps(selector)
    assert found["members"] == len(members)
    assert sum(reason["devices"] for reason in found["left_out"]) + len(members) == len(fleet)


def test_the_fleet_tells_every_selector_from_its_neighbours(fleet):
    """A selector that holds for nobody, or everybody, would prove little."""
    for selector in SELECTORS:
        held = sum(judge.holds(resolved(selector, fleet), device) is True for device in fleet)
        assert 0 < held < len(fleet), selector
