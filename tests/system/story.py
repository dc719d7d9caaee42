"""Campaign files for the tests, and the check that a campaign has come to a right end."""

from tests.lab import fleet
from tests.lab.programs import span

DEVICES = fleet.devices()

OFFER, DOWNLOAD, INSTALL = f"offer: {span(20)}", f"download: {span(40)}", f"install: {span(40)}"
PROBATION, SILENT = f"probation: {span(20)}", f"silent: {span(60)}"
TIMEOUTS = f"timeout: {{{OFFER}, {DOWNLOAD}, {INSTALL}, {PROBATION}, {SILENT}}}"


def campaign(name, version, waves="  - {name: rest, remaining: true}", more="",
             target="  - hardware: {model: brake-controller}"):
    """The text of a campaign file for the whole fleet unless told otherwise."""
    return f"""wavegate: 1
campaign: {name}
release: {fleet.COMPONENT}/{version}
target:
  all:
  {target}
waves:
{waves}
{TIMEOUTS}
{more}
"""


def check_end(world, name, version, places):
    """The end is right and nothing was lost or doubled.

    places: device id to (state, cause). Devices that succeeded run the version by their own slots,
    the others what they ran before; each reported its end exactly once; counters, report numbers
    and acknowledgements agree.
    """
    database = world.db
    assert database.places(name) == places
    world.wait("reports, counters and acknowledgements agree",
               lambda: not database.inconsistencies(), 15)
    assert database.inconsistencies() == []
    succeeded = sorted(device for device, (state, _) in places.items() if state == "succeeded")
    assert sorted(database.rows(
        "select device_id, count(*) from report where campaign = %s and state = 'succeeded' "
        "group by 1", name)) == [(device, 1) for device in succeeded]
    for device in places:
        if device in world.agents:
            agent = world.agents[device]
            expected = version if device in succeeded else agent.device.version
            assert agent.version() == expected, device
            assert agent.boots_once() == "", device
    world.wait("the database knows what every device runs", lambda: database.versions() == {
        agent.id: agent.version() for agent in world.agents.values()}, 10)


def all_succeeded(world):
    return {device: ("succeeded", "") for device in world.agents}
