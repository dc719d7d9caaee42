"""What the tests past one machine stand on: authorities once a run, and worlds whose parts are several."""

import os
import re

import pytest

from tests.lab import payload
from tests.lab.lab import Ground, World
from tests.lab.process import end_on_signals
from tests.lab.shards import DOMAIN
from tests.system.story import DEVICES


class WideWorld(World):
    """broker: made beforehand; orchestrators are given the list that it names."""

    def __init__(self, ground, name, broker):
        self._made = broker
        super().__init__(ground, name)

    def make_broker(self, guarded, options):
        self._made = self._made(self.folder / "brokers")
        return self._made

    def add_orchestrator(self, name):
        made = super().add_orchestrator(name)
        made.settings["brokers"] = self.broker.settings()
        made.write_config()
        return made

    def hears_all(self, orchestrator=None):
        """Waits until every broker of the list is connected."""
        one = orchestrator or self.orchestrator
        self.wait("every broker is heard", lambda: one.log.exists() and all(
            f"msg=\"broker connected\" broker={broker['name']}" in one.log.read_text()
            for broker in one.settings["brokers"]), 30)

    def add_fleet(self, count, **settings):
        """The first devices of the fleet, started."""
        for device in DEVICES[:count]:
            agent = self.add_agent(device, payload.make(self.folder, device.component, device.version), soak="300ms",
                                   health_every="100ms", **settings)
            agent.settings["broker"] = self.broker.device_url(device.id)
            agent.environment.update(self.hosts())
        self.start_agents()
        return list(self.agents.values())

    def hosts(self):
        """For the programs of a device: every name below the brokers' domain is loopback."""
        file = self.folder / "hosts"
        if not file.exists():
            names = " ".join(f"{device.id}.{DOMAIN}" for device in DEVICES)
            file.write_text(f"127.0.0.1 localhost {names}\n")
        return {"LD_PRELOAD": "libnss_wrapper.so", "NSS_WRAPPER_HOSTS": str(file)}


@pytest.fixture(scope="session")
def ground():
    end_on_signals()
    made = Ground([device.id for device in DEVICES], migrated=True, hosts=f"localhost,127.0.0.1,*.{DOMAIN}")
    yield made
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
