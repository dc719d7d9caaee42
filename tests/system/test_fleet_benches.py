"""What `make` measures with over the simulated fleet, on few devices: what must hold of it holds whatever it is that runs."""

import re

import pytest

from tests.lab.programs import SLOWER
from tests.system.benches import measure

pytestmark = pytest.mark.skipif(SLOWER != 1, reason="the fleet runs with sanitizers in test_simulated.py, and what it is served by in all others")


def test_a_campaign_in_four_waves_over_two_brokers(tmp_path):
    said = measure(tmp_path, "campaign_bench", ("--devices", 200, "--brokers", 2), "each device succeeded once, no order was made twice, "
                   "nothing is lost, counters equal a recount: holds")
    assert "200 orders, 0 of them given again" in said and "a campaign over 200, 2 brokers: nothing lost, nothing twice" in said


def test_a_storm(tmp_path):
    """Of sockets alone: of brokers that are away, devices wait for half a minute before they say hello again."""
    said = measure(tmp_path, "storm_bench", ("--devices", 200, "--how", "cut"), "200 know their orders again, sockets lost .* holds")
    assert re.search(r"lost, or counted otherwise than by a recount +0 +0 +holds", said), said
