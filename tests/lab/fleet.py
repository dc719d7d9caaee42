"""The demo's fleet: 24 devices, four regions, two hardware revisions, two starting versions."""

from dataclasses import dataclass

COMPONENT = "brake-controller"
QUIET_TAG = "do-not-disturb"
QUIET = "dev-05"  # the device that bears the tag


@dataclass(frozen=True)
class Device:
    id: str
    region: str
    zone: str
    lat: float
    lon: float
    site: str
    revision: str = "C"
    version: str = "2.3.7"
    model: str = COMPONENT
    component: str = COMPONENT


_PLACES = (("DE-BY", "Europe/Berlin", 48.14, 11.58, "munich", 8),
           ("AT-9", "Europe/Vienna", 48.21, 16.37, "vienna", 7),
           ("US-CA", "America/Los_Angeles", 37.34, -121.89, "san-jose", 6),
           ("FR-IDF", "Europe/Paris", 48.86, 2.35, "paris", 3))


def devices():
    """All 24, dev-01 to dev-24."""
    fleet = []
    for region, zone, lat, lon, site, count in _PLACES:
        for _ in range(count):
            number = len(fleet) + 1
            fleet.append(Device(id=f"dev-{number:02}", region=region, zone=zone,
                                lat=round(lat + number / 1000, 3),
                                lon=round(lon - number / 1000, 3), site=site,
                                revision="B" if number % 3 == 0 else "C",
                                version="2.3.0" if number % 4 == 0 else "2.3.7"))
    return fleet
