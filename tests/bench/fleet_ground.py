"""What campaign, storm and soak stand on: a durable PostgreSQL, brokers with the guard, wavegated, and the simulated fleet with a
certificate and a session of mutual TLS for each device."""

import json
import time

from tests.bench.load_ground import LoadGround
from tests.bench.parts import Part
from tests.lab import simulated
from tests.lab.process import LabError, poll, tail
from tests.lab.simulated import COMPONENT, SimulatedFleet

BROKER_CLIENTS = 19000  # of the 20,000 descriptors that a process may have here


def alive(*some):
    """The process of each of them that has one."""
    return [one.pid for one in some if one and one.alive()]


class FleetGround(LoadGround):
    """brokers: how many; a device goes to one of them by its name. flags: of wavegate-fleet. options: of the guard."""

    def __init__(self, devices, brokers=1, flags=(), options=None, settings=(), orchestrators=1):
        # pylint: disable=too-many-arguments,too-many-positional-arguments
        if devices > brokers * BROKER_CLIENTS:
            raise LabError(f"a broker holds {BROKER_CLIENTS} sessions at most: {devices} devices want more --brokers")
        self._options, self._flags = options, flags
        self.fleet, self.api = None, None
        super().__init__(devices, guarded=True, settings=settings, orchestrators=orchestrators, brokers=brokers)

    def _make_brokers(self, guarded, options=None):
        super()._make_brokers(guarded, self._options)

    def _seed(self):
        """Nothing: devices make themselves known. They need certificates."""
        simulated.provide(self.pki, self.devices)

    def start_fleet(self, timeout=900):
        """All devices are connected and known; seconds until then."""
        began = time.monotonic()
        self._start_fleet()
        self.fleet.wait("all are connected", lambda now: now["connected"] == self.devices, timeout)
        if not poll(lambda: self.online() == self.devices, 120, 0.25):
            raise LabError(f"{self.online()} of {self.devices} are known to be online\n{tail(self.orchestrator.log)}")
        self.db.rows("vacuum analyze")  # of an installation that is not minutes old
        return time.monotonic() - began

    def start_patiently(self, timeout=900):
        """The same, where connections break all the time: all have been heard at some time."""
        self._start_fleet()
        if not poll(lambda: self.db.value("select count(*) from device") == self.devices, timeout, 0.5):
            raise LabError(f"{self.db.value('select count(*) from device')} of {self.devices} were heard\n{tail(self.orchestrator.log)}")
        self.db.rows("vacuum analyze")

    def _start_fleet(self):
        self.fleet = SimulatedFleet(self.folder, self.pki, [broker.url for broker in self.brokers], self.devices, *self._flags)
        self.fleet.start()

    def online(self):
        return self.db.value("select count(*) from device where online")

    def parts(self):
        """Orchestrator, broker, database and load."""
        return [Part("orchestrator", lambda: alive(*self._all)),
                Part("broker", lambda: alive(*self.brokers)),
                Part("database", lambda: alive(self.postgres)),
                Part("load", lambda: alive(self.fleet))]

    def apply_campaign(self, name, version, waves, **more):
        """Over the whole fleet, at once."""
        file = self.folder / f"{name}.yaml"
        file.write_text(json.dumps({
            "wavegate": 1, "campaign": name, "release": f"{COMPONENT}/{version}", "target": {"software": {COMPONENT: "*"}},
            "waves": waves, "pace": {"in_flight": self.devices}, **more}))
        self._command("campaign", "apply", file, operator="alice")

    def states(self, name):
        return dict(self.db.rows("select p.state, count(*) from place p join campaign c on c.id = p.campaign_id "
                                 "where c.name = %s group by 1", name))

    def problems(self, name):
        """What is not as it must be when a campaign has come to its end: each device has one order, each order one counter; what
        the fleet was acknowledged is what is stored; counters equal a recount. Lines."""
        now = self.fleet.summary()
        found = list(self.db.inconsistencies())
        orders, counters, devices = self.db.rows(
            "select count(*), count(distinct (o.device_id, o.counter)), count(distinct o.device_id) from update_order o "
            "join campaign c on c.id = o.campaign_id where c.name = %s and o.kind = 'install'", name)[0]
        if not orders == counters == devices:
            found.append(f"{orders} orders with {counters} counters for {devices} devices")
        stored = self.db.value("select count(*) from report")
        counts = now["counts"]
        if not counts["reports"] == counts["reports_acknowledged"] == stored:
            found.append(f"{counts['reports']} reports were made, {counts['reports_acknowledged']} acknowledged, {stored} stored")
        return found

    def settle(self, timeout=60):
        """Until the fleet has nothing more to say."""
        return self.fleet.wait("all is acknowledged", lambda now: now["pending"] == 0, timeout)

    def close(self):
        if self.fleet:
            self.fleet.kill()
        super().close()
