"""What the tests past one machine stand on: authorities once a run, and worlds whose parts are several."""

import os
import re

import pytest

from tests.lab import payload
from tests.lab.lab import Ground, World
from tests.lab.process import end_on_signals
from tests.lab.shards import HOSTS, Names
from tests.system.story import DEVICES


class WideWorld(World):
    """broker: made beforehand; orchestrators are given the list that it names."""

    def __init__(self, ground, name, broker):
        self._made = broker
        super().__init__(ground, name)

    def make_broker(self, guarded, options):
        self._made = self._made(self.folder / "brokers")
        return self._made

    def add_fleet(self, count, **settings):
        """The first devices of the fleet, started."""
        for device in DEVICES[:count]:
            self.add_agent(device, payload.make(self.folder, device.component, device.version), soak="300ms",
                           health_every="100ms", **settings)
        self.start_agents()
        return list(self.agents.values())


@pytest.fixture(scope="session")
def ground():
    end_on_signals()
    ids = [device.id for device in DEVICES]
    made = Ground(ids, migrated=True, hosts=HOSTS)
    made.hosts = Names(made.folder, ids)
    yield made
    made.hosts.forget()
    made.close()
    if os.environ.get("WAVEGATE_KEEP"):
        print(f"\nLogs are kept in {made.folder}")
    else:
        made.remove()


@pytest.fixture
def wide(ground, request):
    """wide(make): a world whose broker is made by make(folder)."""
    made = []

    def make(broker):
        name = re.sub(r"[^a-z0-9]+", "_", request.node.name.lower())[:40]
        made.append(WideWorld(ground, name, broker))
        return made[-1]
    yield make
    for one in made:
        one.close()
        assert not one.sanitizer_report()
