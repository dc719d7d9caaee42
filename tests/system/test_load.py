"""Many devices at once: reports are taken in at a decent share of what the broker can do, and none is lost when the database is
too slow for them."""

import contextlib
import subprocess
import threading
from types import SimpleNamespace

import psycopg2
import pytest

from tests.bench.load_ground import BOOT, COMPONENT, JOURNAL, RELEASE, REPORTS, VERSION, Load, resident_mib
from tests.lab import programs
from tests.lab.pki import SERVICE

DEVICES, STEPS = 1000, 6
NONSENSE = 15000
FLOOR = 0.03     # of what a bare subscriber gets; ten times as much is usual, on a machine with other work too
MOST_MIB = 150   # of wavegated; some 20 are usual, 55 with sanitizers


@pytest.fixture
def crowd(world):
    """Devices that were offered an update: what wavegate-load wants to know of them."""
    programs.run([programs.program("wavegate-fleet"), "seed", "--database", world.db.dsn, "--devices", DEVICES + 30,
                  "--seed", "load"]).check_returncode()
    world.db.rows("update device set online = true, boot = %s, journal = %s, report_seq = 0, due_at = null", BOOT, JOURNAL)
    world.db.rows("insert into device_tag (device_id, tag) select id, 'load' from device where revoked_at is null "
                  "order by id limit %s", DEVICES)
    payload = world.folder / "payload"
    payload.write_text("nobody fetches it")
    world.add_release(payload, COMPONENT, VERSION)
    world.orchestrator.settings["orders"] = {"resend": "1h"}
    world.orchestrator.settings["log"] = "info"
    restart(world)
    world.apply(f"wavegate: 1\ncampaign: load\nrelease: {RELEASE}\ntarget: {{all: [{{tag: [load]}}]}}\n"
                "waves: [{name: rest, remaining: true}]\npace: {in_flight: 1000}\n")
    world.wait("all are offered the update", lambda: world.db.value(
        "select count(*) from update_order where sent_at is not null") == DEVICES, 60)
    file = world.folder / "crowd"
    file.write_text("".join(f"{device} {order} {attempt}\n" for device, order, attempt in world.db.rows(
        "select device_id, order_id::text, attempt from place order by md5(device_id)")))
    return file


def restart(world):
    world.orchestrator.write_config()
    world.orchestrator.stop()
    start(world)


def start(world):
    """What is published before it listens is lost: devices say it again ten seconds later."""
    heard = world.orchestrator.log.read_text().count("broker connected")
    world.orchestrator.start()
    world.wait("it listens", lambda: world.orchestrator.log.read_text().count("broker connected") > heard, 30)


def report(world, crowd, *words):
    ground = SimpleNamespace(pki=world.ground.pki, broker=world.broker)
    return Load(ground, "report", "--devices", crowd, "--campaign", "load", "--release", RELEASE, *words)


def check_stored(world):
    assert world.db.rows("select count(*), count(distinct (device_id, journal, seq)) from report") == [
        (DEVICES * STEPS, DEVICES * STEPS)]
    assert world.db.rows("select state, count(*) from place group by state") == [("succeeded", DEVICES)]
    assert world.db.inconsistencies() == []


@pytest.mark.plain_broker
def test_reports_are_taken_in_at_a_share_of_the_brokers_rate(world, crowd):
    ground = SimpleNamespace(pki=world.ground.pki, broker=world.broker)
    words = ("--sessions", 20, "--window", 40, "--seconds", 60)
    world.orchestrator.stop()
    receiver = Load(ground, "receive", "--filter", REPORTS, "--most", DEVICES * STEPS, name="bare").wait_ready()
    assert report(world, crowd, *words, "--bare").result()["sent"] == DEVICES * STEPS
    bare = receiver.result(timeout=60 * programs.SLOWER)
    assert bare["received"] == DEVICES * STEPS
    start(world)
    with contextlib.closing(psycopg2.connect(world.db.dsn)) as listener:
        listener.autocommit = True
        listener.cursor().execute("listen wavegate")
        durable = report(world, crowd, *words).result()
        listener.cursor().execute("select pg_notify('wavegate', 'heard')")
        listener.poll()
        assert listener.notifies[-1].payload == "heard"
        assert len(listener.notifies) < DEVICES / 50, "what devices say notifies nobody"
    assert durable["acknowledged"] == DEVICES * STEPS and durable["odd"] == 0
    check_stored(world)
    assert durable["whole_rate"] > FLOOR * bare["rate"], (durable, bare)


class SlowDatabase(threading.Thread):
    """Holds the reports' table most of the time, so that batches wait."""

    def __init__(self, dsn):
        super().__init__(daemon=True)
        self._dsn, self._ended, self.turns = dsn, threading.Event(), 0
        self.start()

    def run(self):
        with psycopg2.connect(self._dsn) as connection, connection.cursor() as cursor:
            while not self._ended.is_set():
                cursor.execute("lock table report in share row exclusive mode")
                self._ended.wait(0.6)
                connection.commit()
                self.turns += 1
                self._ended.wait(0.05)

    def end(self):
        self._ended.set()
        self.join()


def flood(world, crowd):
    """What the load and the database have to say of it."""
    slow = SlowDatabase(world.db.dsn)
    # all that they have to say at once, more than batch and inbox hold, and again before it is answered
    load = report(world, crowd, "--sessions", 20, "--window", 1000, "--together", 6, "--again", 1000, "--seconds", 60,
                  "--patience", 120)
    found = load.result()
    most = resident_mib(world.orchestrator.pid)
    slow.end()
    assert slow.turns > 2
    assert found["sent"] == found["acknowledged"] == DEVICES * STEPS
    assert found["repeated"] > 0, "it was no flood"
    check_stored(world)
    assert most < MOST_MIB * programs.SLOWER


@pytest.mark.plain_broker
def test_a_flood_is_slowed_down_and_nothing_is_lost(world, crowd):
    flood(world, crowd)


@pytest.mark.plain_broker
def test_orders_are_sent_within_a_flood(world, crowd):
    """With a full inbox the MQTT library waits for the orchestrator, which must never wait for the library then."""
    world.orchestrator.settings["orders"] = {"resend": "1s"}
    restart(world)
    with psycopg2.connect(world.db.dsn) as holder, holder.cursor() as cursor:
        cursor.execute("lock table rejected in share row exclusive mode")
        nonsense(world)
        world.wait("a batch waits for the table", lambda: world.db.rows(
            "select 1 from pg_locks where not granted and relation = 'rejected'::regclass"))
        holder.commit()
    world.wait("orders are sent again meanwhile", lambda: world.db.value("select max(sends) from update_order") > 2, 60)
    words = ("--sessions", 20, "--window", 40, "--seconds", 60)
    assert report(world, crowd, *words).result()["acknowledged"] == DEVICES * STEPS
    check_stored(world)


def nonsense(world):
    """More than inbox and batch hold, from one session; returns when the broker has it all."""
    pki, lines = world.ground.pki, world.folder / "nonsense"
    lines.write_text("".join(f"nonsense {number}\n" for number in range(NONSENSE)))
    with lines.open() as file:
        subprocess.run(["mosquitto_pub", "-V", world.broker.mqtt.replace("3.1.1", "311"), "-h", "localhost", "-p",
                        str(world.broker.service_port), "--cafile", pki.server_root,
                        "--cert", pki.certificate(SERVICE), "--key", pki.key(SERVICE), "-i", f"{SERVICE}-nonsense", "-q", "1",
                        "-t", "wg/v1/d/nobody/up/report", "-l"], stdin=file, check=True, timeout=60 * programs.SLOWER)
