"""Which devices a target means, by docs/campaign.md and nothing else: no SQL, no shared code.

A selector is the dict of the campaign file, a device a dict of seeded.py. The answer is True,
False, or None: not known, which neither holds nor lets its negation hold.
"""

import fnmatch
import math
import re

from tests.system import versions


def no(value):
    return None if value is None else not value


def every(values):
    values = list(values)
    return False if False in values else None if None in values else True


def some(values):
    return no(every(no(value) for value in values))


def listed(value):
    return value if isinstance(value, list) else [value]


def holds(selector, device):
    """Keys side by side must all hold."""
    return every(_key(key, value, device) for key, value in selector.items())


def _key(key, value, device):
    if key == "all":
        return every(holds(one, device) for one in value)
    if key == "any":
        return some(holds(one, device) for one in value)
    if key == "not":
        return every(no(holds(one, device)) for one in listed(value))
    return _LEAVES[key](value, device)


def _globbed(patterns, text):
    return any(fnmatch.fnmatchcase(text, re.sub(r"[\[\]]", "?", one)) for one in listed(patterns))


def _hardware(value, device):
    revision = device["hardware_revision"]
    return device["hardware_model"] == value["model"] and (
        "revision" not in value or bool(revision) and
        versions.holds("revision", value["revision"], revision))


def _software(value, device):
    def one(component, wanted):
        version = device["software"].get(component)
        if version is None:
            return False
        if not isinstance(wanted, dict):
            return versions.holds("semver", wanted, version)
        if wanted.get("scheme") == "opaque":
            return version in listed(wanted["version"])
        return versions.holds(wanted.get("scheme", "semver"), wanted["version"], version)
    return every(one(*item) for item in value.items())


def _number(value):
    """As a number, when it is one: agents report them as text too."""
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
        return None
    return float(value)


def _equals(value, wanted):
    wanted = str(wanted).lower() if isinstance(wanted, bool) else str(wanted)
    if isinstance(value, bool):
        return wanted == str(value).lower()
    return value == wanted if isinstance(value, str) else value == _number(wanted)


def _compared(value, wanted):
    sign, operand = re.fullmatch(r"(>=|<=|!=|>|<|=)?\s*(.*)", str(wanted)).groups()
    if sign == "!=":
        return not _equals(value, operand)
    if sign in (None, "="):
        return _equals(value, operand if sign else wanted)
    left, right = _number(value), _number(operand)
    if left is None:
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]


def _attribute(value, device):
    def one(name, wanted):
        there = name in device["attributes"]
        if isinstance(wanted, dict):
            return there == wanted["exists"]
        if isinstance(wanted, list):
            return there and any(_equals(device["attributes"][name], each) for each in wanted)
        return there and _compared(device["attributes"][name], wanted)
    return every(one(*item) for item in value.items())


def _region(value, device):
    region = device["region"]
    if not region:
        return None
    return any(region == one or region.startswith(f"{one}-") for one in listed(value))


def _timezone(value, device):
    return _globbed(value, device["zone"]) if device["zone"] else None


def distance(lat1, lon1, lat2, lon2):
    """Metres on WGS 84, by Vincenty's inverse formula."""
    major, flat = 6378137.0, 1 / 298.257223563
    minor = major * (1 - flat)
    far = math.radians(lon2 - lon1)
    u1, u2 = (math.atan((1 - flat) * math.tan(math.radians(lat))) for lat in (lat1, lat2))
    angle = far
    for _ in range(100):
        sin_s = math.hypot(math.cos(u2) * math.sin(angle), math.cos(u1) * math.sin(u2)
                           - math.sin(u1) * math.cos(u2) * math.cos(angle))
        if sin_s == 0:
            return 0.0
        cos_s = math.sin(u1) * math.sin(u2) + math.cos(u1) * math.cos(u2) * math.cos(angle)
        s = math.atan2(sin_s, cos_s)
        sin_a = math.cos(u1) * math.cos(u2) * math.sin(angle) / sin_s
        cos2_a = 1 - sin_a ** 2
        mid = cos_s - 2 * math.sin(u1) * math.sin(u2) / cos2_a if cos2_a else 0.0
        c = flat / 16 * cos2_a * (4 + flat * (4 - 3 * cos2_a))
        before, angle = angle, far + (1 - c) * flat * sin_a * (
            s + c * sin_s * (mid + c * cos_s * (2 * mid ** 2 - 1)))
        if abs(angle - before) < 1e-12:
            break
    q = cos2_a * (major ** 2 - minor ** 2) / minor ** 2
    a = 1 + q / 16384 * (4096 + q * (q * (320 - 175 * q) - 768))
    b = q / 1024 * (256 + q * (q * (74 - 47 * q) - 128))
    return minor * a * (s - b * sin_s * (mid + b / 4 * (
        cos_s * (2 * mid ** 2 - 1) - b / 6 * mid * (4 * sin_s ** 2 - 3) * (4 * mid ** 2 - 3))))


def _unrolled(ring):
    """A side goes the short way round: one that seems to be longer crosses the antimeridian."""
    out = []
    for lon, lat in ring:
        while out and lon - out[-1][0] > 180:
            lon -= 360
        while out and out[-1][0] - lon > 180:
            lon += 360
        out.append((lon, lat))
    return out


def _in_ring(ring, lon, lat):
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:]):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _in_area(geometry, device):
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    return any(sum(any(_in_ring(_unrolled(ring), device["lon"] + turn, device["lat"])
                       for turn in (-360, 0, 360)) for ring in rings) % 2 == 1
               for rings in polygons)


def _in_box(value, device):
    west, east, lon = value["west"], value["east"], device["lon"]
    across = lon >= west or lon <= east if west > east else west <= lon <= east
    return value["south"] <= device["lat"] <= value["north"] and across


def _placed(test):
    return lambda value, device: None if device["lat"] is None else test(value, device)


def _last_seen(value, device):
    limit, = value.values()
    limit = int(limit[:-1]) * {"m": 60, "h": 3600, "d": 86400}[limit[-1]]
    within = device["seen"] is not None and device["seen"] < limit
    return within if "within" in value else not within


def _installed(value, device):
    return any(f"{name}/{version}" in listed(value) for name, version in device["software"].items())


def _failed_in(value, device):
    return any(device["states"].get(name) in ("failed", "rolled-back", "silent")
               for name in listed(value))


def _succeeded_in(value, device):
    return any(device["states"].get(name) == "succeeded" for name in listed(value))


_LEAVES = {
    "device": lambda value, device: _globbed(value, device["id"]),
    "hardware": _hardware, "software": _software, "attribute": _attribute,
    "tag": lambda value, device: any(tag in device["tags"] for tag in listed(value)),
    "group": lambda value, device: any(name in device["groups"] for name in listed(value)),
    "region": _region, "timezone": _timezone,
    "within": _placed(lambda value, device: distance(
        value["lat"], value["lon"], device["lat"], device["lon"]) <= value["km"] * 1000),
    "inside": _placed(_in_area), "bbox": _placed(_in_box), "last_seen": _last_seen,
    "installed": _installed, "not_installed": lambda value, device: not _installed(value, device),
    "failed_in": _failed_in, "succeeded_in": _succeeded_in,
}
