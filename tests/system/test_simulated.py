"""The simulated fleet against broker, orchestrator and database: what it says is what is stored."""

import re
import shlex
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.lab import programs, simulated, terminal
from tests.lab.lab import World
from tests.lab.programs import span
from tests.lab.simulated import QUICK, SimulatedFleet, device
from tests.system import seeded

MANY = 200
FROM = {simulated.COMPONENT: simulated.FROM}
FEW_AT_ONCE = ("--connecting", "10")  # each is served in time, however slow the machine; all together may be too late
# Of a world with limits for real devices: here all reconnect at once, again and again.
CALM = {"device_connects_per_minute": 600, "device_connect_burst": 100, "connects_per_second": 2000}


class Stage:
    """A world with an orchestrator, a release, and simulated fleets that come and go."""

    def __init__(self, ground, name):
        self.world = World(ground, name, options=CALM)
        self.db, self._fleets = self.world.db, []
        self.world.start_orchestrator()
        seeded.add_release(self.world, "3.0.0", simulated.COMPONENT)

    def fleet(self, count, *flags, awake=True, work=QUICK, **settings):
        """Devices that are connected, and known to be; unless it is night for some of them."""
        world = self.world
        made = SimulatedFleet(world.folder, world.ground.pki, world.broker.fleet_urls(), count, *work, *FEW_AT_ONCE, *flags,
                              **settings)
        self._fleets.append(made.start())
        if not awake:
            return made
        made.wait("all are connected", lambda now: now["connected"] == count, 60)
        world.wait("the database knows it", lambda: len(self.db.online()) == count, 60)
        return made

    def campaign(self, name, state="finished", **more):
        file = self.world.folder / f"{name}.yaml"
        file.write_text(seeded.campaign(name, {"software": {simulated.COMPONENT: "*"}}, **{
            "release": f"{simulated.COMPONENT}/3.0.0", "pace": {"in_flight": 10000}, **more}))
        self.world.wavegate("campaign", "apply", file)
        if state:
            self.world.wait_campaign(name, state, 120)

    def check(self, name, fleet):
        """The summary's numbers are the database's; the summary."""
        self.world.wait("counters agree", lambda: not self.db.inconsistencies(), 15)
        now = fleet.wait("all is acknowledged", lambda now: now["pending"] == 0)
        stored = dict(self.db.rows("select p.state, count(*) from place p join campaign c on c.id = p.campaign_id "
                                   "where c.name = %s group by 1", name))
        # who hangs has said nothing of its end
        stored.pop("silent", None)
        assert {state: count for state, count in now["states"].items() if state in stored} == stored
        assert now["counts"]["reports"] == now["counts"]["reports_acknowledged"] == self.db.value(
            "select count(*) from report")
        assert now["counts"]["orders"] == self.db.value("select count(*) from update_order where kind = 'install'")
        return now

    def close(self):
        for fleet in self._fleets:
            fleet.kill()
        self.world.close()
        assert not self.world.sanitizer_report()


@pytest.fixture(scope="module")
def certified(ground):
    simulated.provide(ground.pki, MANY)
    return ground


@pytest.fixture
def stage(certified, request):
    made = Stage(certified, request.node.name.lower()[:40])
    yield made
    made.close()


def test_two_hundred_devices_take_part_in_a_campaign(stage):
    fleet = stage.fleet(MANY, "--processes", "2")
    stage.campaign("whole", waves=[{"name": "canary", "count": 10}, {"name": "rest", "remaining": True}])
    now = stage.check("whole", fleet)
    assert now["states"] == {"succeeded": MANY}
    assert now["connected"] == len(stage.db.online()) == MANY
    assert set(stage.db.rows("select device_id, version from device_software where component = %s",
                             simulated.COMPONENT)) == {(device(number), "3.0.0") for number in range(1, MANY + 1)}
    # every device came once, and again after its reboot
    assert now["counts"]["connects"] == 2 * MANY and now["counts"]["reconnects"] == MANY
    times = now["latency_ms"]
    assert times["order_to_report"]["count"] == times["order_to_ack"]["count"] == MANY
    assert times["report_to_ack"]["count"] == now["counts"]["reports"]
    for time in times.values():
        assert 0 <= time["p50"] <= time["p95"] <= time["p99"] <= time["max"]
    now["errors"].pop("connect")  # two hundred handshakes at once: who was not served in time has tried again
    assert sum(now["errors"].values()) == 0
    assert fleet.stop()["states"] == {"succeeded": MANY}
    stage.world.wait("they have said that they go", lambda: not stage.db.online())


def test_faults_end_in_what_they_are(stage):
    fleet = stage.fleet(100, "--faults",
                        "download=10%,verify=10%,install=10%,boot=10%,health=10%,silent=10%,duplicate=20%,slow=5%")
    stage.campaign("faulty", timeout={"silent": span(15)}, budget={"failures": "100%"}, gate={"success": ">= 1%"})
    now = stage.check("faulty", fleet)
    places = stage.db.places("faulty")
    kinds = {kind: {name for name, found in places.items() if found == kind} for kind in set(places.values())}
    assert set(kinds) == {("succeeded", ""), ("failed", "download"), ("failed", "verify"), ("failed", "install"),
                          ("rolled-back", "boot"), ("rolled-back", "health"), ("silent", "silent")}
    assert len(kinds["silent", "silent"]) == now["hung"]
    # those of the devices that come so far
    counted = {cause: len(names) for (_, cause), names in kinds.items() if cause not in ("", "silent")}
    assert now["causes"] == counted
    # ten in a hundred, but for chance and for those that failed before
    assert all(3 <= len(names) <= 20 for (_, cause), names in kinds.items() if cause)
    # the same devices in another run
    assert fleet.stop()["hung"] == now["hung"]


def test_a_flash_crowd_comes_back_and_knows_its_orders(stage):
    fleet = stage.fleet(MANY, work=("--download", "50ms..500ms", "--install", "2s..4s", *QUICK[4:]))
    stage.campaign("crowd", state=None)
    stage.world.wait("updates are under way", lambda: {
        state for state, _ in stage.db.places("crowd").values()} - {"waiting", "offered"})
    fleet.drop()
    fleet.wait("all have lost their connection", lambda now: now["counts"]["dropped"] > 0)
    stage.world.wait_campaign("crowd", "finished", 120)
    fleet.wait("all are back", lambda now: now["connected"] == MANY)
    now = stage.check("crowd", fleet)
    assert now["states"] == {"succeeded": MANY}
    assert now["errors"]["broken"] == 0  # it was they who broke it
    assert now["counts"]["reconnects"] >= now["counts"]["dropped"]


def test_flash_crowds_come_by_themselves(stage):
    """All of it again and again, amid updates: each knows its order behind every crowd, and nobody is sent two."""
    fleet = stage.fleet(MANY, "--profile", "flash-crowd", "--storm-every", span(4), work=("--download", "50ms..500ms", "--install", "2s..9s", *QUICK[4:]))
    stage.campaign("crowds", state=None)
    stage.world.wait_campaign("crowds", "finished", 180)
    fleet.wait("three crowds have come", lambda now: now["counts"]["dropped"] >= 3 * MANY * 0.9, 60)
    fleet.wait("all are back and know their orders", lambda now: now["connected"] == now["told"] == MANY, 60)
    now = stage.check("crowds", fleet)
    assert now["states"] == {"succeeded": MANY}
    assert now["errors"]["broken"] == 0
    assert stage.db.rows("select device_id from update_order where kind = 'install' group by 1 having count(*) > 1") == []


def test_a_bad_network_loses_nothing(stage):
    fleet = stage.fleet(30, "--profile", "bad-network")
    stage.campaign("bad", timeout={"silent": "300s"})
    now = stage.check("bad", fleet)
    assert now["states"] == {"succeeded": 30}
    assert now["counts"]["lost_out"] > 0 and now["counts"]["lost_in"] > 0


def test_nights_take_devices_away_and_give_them_back(stage):
    fleet = stage.fleet(40, "--profile", "day-and-night", "--day", "6s", "--sleepers", "100%", awake=False)
    fleet.wait("half the world sleeps", lambda now: now["asleep"] >= 10)
    fleet.wait("and gets up", lambda now: now["asleep"] <= 20 and now["counts"]["reconnects"] > 40)
    fleet.kill()


def test_by_mqtt_3_and_without_anybody_s_certificate(stage, tmp_path):
    """The one is taken; who shows no certificate is not let in, and that is told."""
    stage.fleet(5, "--mqtt", "3.1.1").stop()
    world = stage.world
    bare = SimulatedFleet(world.folder, world.ground.pki, world.broker.fleet_urls(), 3, *QUICK, name="bare",
                          certificates=tmp_path)
    bare.start()
    now = bare.wait("they are turned away", lambda now: now["errors"]["connect"] >= 3)
    assert now["connected"] == 0
    bare.kill()


class Sitting:
    """Somebody at a terminal who looks at a fleet of so many devices until the campaign has gone through."""

    def __init__(self, stage, count, *flags):
        world = stage.world
        self.fleet = SimulatedFleet(world.folder, world.ground.pki, world.broker.fleet_urls(), count, *QUICK, *FEW_AT_ONCE, *flags, name="seen")
        line = shlex.join(str(word) for word in self.fleet.argv if word != "--json")
        with ThreadPoolExecutor(1) as aside:
            looking = aside.submit(terminal.typed, line, world.folder, programs.environment(world.folder), timeout=120)
            try:
                world.wait("the database knows them", lambda: len(stage.db.online()) == count, 60)
                stage.campaign("seen", budget={"failures": "100%"}, gate={"success": ">= 1%"})
                world.wait("all is acknowledged", lambda: self.fleet.summary()["pending"] == 0)
                # one more of each when all has been said
                drawn = self.fleet.summary()["seconds"]
                world.wait("it is drawn", lambda: self.fleet.summary()["seconds"] > drawn + 2)
            finally:
                self.fleet.say("stop")
            self.code, self.shown = looking.result()


def test_on_a_terminal_it_is_a_picture(stage):
    """Each time from the top: connections, a bar for each state, latency, errors; the summary behind the last one."""
    seen = Sitting(stage, 20, "--faults", "install=20%", "--every", "500ms")
    *pictures, last = seen.shown.split("\033[H\033[J")[1:]
    last, head, summary = last.partition("devices   ")
    failed = sum(state == "failed" for state, _ in stage.db.places("seen").values())
    assert seen.code == 0 and len(pictures) >= 5 and 0 < failed < 20 and head
    for picture in (*pictures, last):
        assert re.match(r" *[0-9.]+ s  \d+/20 connected  \d+ up/s  \d+ down/s  \d+ wait  \d+ errors\r\n\r\n", picture), picture
    assert "  no order           20 " + 50 * "#" + "\r\n" in seen.shown
    assert re.search(rf"^  failed +{failed} #{{{failed * 50 // 20}}}\r$", last, re.M), last
    assert re.search(rf"^  succeeded +{20 - failed} #{{{(20 - failed) * 50 // 20}}}\r$", last, re.M), last
    for what in ("order to first report", "order to acknowledgement", "report to acknowledgement"):
        assert re.search(rf"^  {what} +p50 +[0-9.]+ ms  p99 +[0-9.]+ ms  max +[0-9.]+ ms\r$", last, re.M), last
    assert re.search(r"^latency, ms +count +p50 +p95 +p99 +max\r$", summary, re.M), summary
    assert re.search(r"^errors +0\r$", summary, re.M), summary


def test_elsewhere_it_says_lines(stage):
    """Lines while it runs, without a word for a terminal; the summary as JSON is the last one."""
    fleet = stage.fleet(5, "--every", "500ms")
    fleet.wait("lines were said", lambda now: now["seconds"] > 2)
    assert fleet.stop()["connected"] == 5
    said = fleet.log.read_text()
    assert "\033" not in said and "5/5 connected" in said
