"""A fleet of 300 devices without agents, the same in every run, and how it is registered."""

import json
import random

COMPONENT = "app"
MODELS = {"box": ("A", "B", "C", "C2", "C10", "D"), "hub": ("1.2", "1.10", "2.0")}
APP = ("1.0.0", "1.2.0", "1.2.3", "1.2.4-rc.1", "1.10.0", "2.0.0-beta.2", "2.0.0", "2.3.0",
       "0.2.3", "0.2.9", "0.3.0", "hand-made")
KERNEL = ("1.2-3", "1.2-10", "1:0.9-1", "1.2~rc1-1", "1.2+b1-1", "1.10-1")
MAP = ("2026.2", "2026.11", "2026.11.2", "2025.12.31", "2027.1")
FIRMWARE = ("r17", "7f3a9c", "build-17")
ZONES = {"DE-BY": "Europe/Berlin", "DE": "Europe/Berlin", "AT-9": "Europe/Vienna",
         "FR-IDF": "Europe/Paris", "GB-ENG": "Europe/London", "NO-03": "Europe/Oslo",
         "US-CA": "America/Los_Angeles", "US": "America/Los_Angeles", "FJ": "Pacific/Fiji"}
# Centre and half the width, in degrees.
AREAS = {"DE": (48.1, 11.6, 4), "AT": (47.5, 13.5, 3), "FR": (48.8, 2.3, 3), "GB": (52, -1, 2),
         "NO": (60, 10.7, 2), "US": (37.3, -121.9, 3), "FJ": (-17.5, 179.5, 3)}
VALUES = {"site": ("plant-7", "plant-8", "plant 9", "7"),
          "battery": (5, 20, 20.5, 99, "15", "low", -3),
          "camera": (True, False, "true"), "line": ("a", "b")}
MINUTE, DAY = 60, 86400
SEEN = (MINUTE, 3600, 6 * DAY, 8 * DAY, 29 * DAY, 40 * DAY, None)
FAILED = {"old-1": ("failed", "rolled-back", "succeeded"),
          "old-2": ("silent", "withdrawn", "succeeded")}


def _device(rng, number):
    model = rng.choice(("box", "box", "hub", "old-box", ""))
    revision = rng.choice(MODELS[model]) if model in MODELS else ""
    region = rng.choice((*ZONES, ""))
    lat, lon, wide = AREAS[(region or "DE")[:2]]
    lon = round(lon + rng.uniform(-wide, wide), 5)
    has_position = rng.random() < 0.7
    software = {COMPONENT: rng.choice(APP)} if rng.random() < 0.9 else {}
    for component, versions in (("kernel", KERNEL), ("map", MAP), ("firmware", FIRMWARE)):
        if rng.random() < 0.6:
            software[component] = rng.choice(versions)
    return {"id": rng.choice(("dev-%03d", "dev_%03d", "gate.%03d")) % number,
            "hardware_model": model, "hardware_revision": revision, "software": software,
            "region": region, "zone": ZONES[region] if region and rng.random() < 0.9 else "",
            "lat": round(lat + rng.uniform(-wide, wide), 5) if has_position else None,
            "lon": (lon + 180) % 360 - 180 if has_position else None,
            "tags": sorted(rng.sample(("a", "b", "c"), rng.randrange(3))),
            "groups": sorted(rng.sample(("g1", "g2"), rng.randrange(3))),
            "attributes": {name: rng.choice(values) for name, values in VALUES.items()
                           if rng.random() < 0.7},
            "seen": rng.choice(SEEN), "revoked": rng.random() < 0.05,
            "states": {campaign: rng.choice(states) for campaign, states in FAILED.items()
                       if rng.random() < 0.3}}


def devices(count=300):
    """Dicts as a line of the registry, and what the registry cannot say: seen (seconds ago),
    revoked, states (campaign to the state that its update ended in)."""
    rng = random.Random(11)
    return [_device(rng, number) for number in range(count)]


def register(world, fleet):
    """Takes devices in by the real import; what they are not asked there is left out."""
    said = ("seen", "revoked", "states")
    file = world.folder / "fleet.ndjson"
    file.write_text("".join(json.dumps({key: value for key, value in device.items()
                                        if key not in said}) + "\n" for device in fleet))
    world.wavegate("device", "import", file, operator="dave")


def add_release(world, version, component=COMPONENT, **flags):
    """A release that nobody ever fetches; flags: hardware, from_."""
    file = world.folder / "payload"
    file.write_text(f"{component} {version}")
    more = [word for name, value in flags.items() for word in (f"--{name.strip('_')}", value)]
    world.wavegate("release", "add", file, "--component", component, "--version", version, *more,
                   operator="rita")


def add_history(world, fleet):
    """Last words, revocations, and the finished campaigns that devices failed in."""
    for device in fleet:
        if device["seen"] is not None:
            world.db.rows("update device set seen_at = now() - %s * interval '1 second' "
                          "where id = %s", device["seen"], device["id"])
    world.db.rows("update device set revoked_at = now() where id = any(%s)",
                  [device["id"] for device in fleet if device["revoked"]])
    for name in sorted({name for device in fleet for name in device["states"]}):
        finished_campaign(world, name, [(device["id"], device["states"][name])
                                        for device in fleet if name in device["states"]])


def finished_campaign(world, name, places, version="2.0.0"):
    """A campaign of the past with places (device, state), written straight into the tables."""
    campaign = world.db.value(
        "insert into campaign (name, digest, text, canonical, component, version, seed, state, "
        "state_at, author, statement, author_chain, retry_attempts, retry_backoff, members, "
        "created_at) values (%s, repeat('0', 64), '', '{}', %s, %s, '', 'finished', now(), "
        "'alice', '', '', 1, 1, %s, now()) returning id", name, COMPONENT, version, len(places))
    world.db.rows("insert into wave (campaign_id, number, name, state, state_at, members) "
                  "values (%s, 0, 'rest', 'passed', now(), %s)", campaign, len(places))
    ids, states = zip(*places)
    world.db.rows("insert into place (campaign_id, device_id, wave, rank, state, state_at) "
                  "select %s, d, 0, n, s, now() from unnest(%s, %s) with ordinality u(d, s, n)",
                  campaign, list(ids), list(states))
    world.db.rows("insert into wave_count (campaign_id, wave, state, cause, devices) "
                  "select campaign_id, 0, state, '', count(*) from place where campaign_id = %s "
                  "group by 1, 3", campaign)
    return campaign


def campaign(name, target, waves=None, release=f"{COMPONENT}/3.0.0", **more):
    """The text of a campaign file; JSON is YAML."""
    return json.dumps({"wavegate": 1, "campaign": name, "release": release, "target": target,
                       "waves": waves or [{"name": "rest", "remaining": True}], **more})
