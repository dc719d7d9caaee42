"""What the benches of intake and dispatch stand on: a durable PostgreSQL, a broker, wavegated, and a fleet that is online."""

import json
import os
import select
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from tests.bench.import_bench import DurablePostgres
from tests.lab import programs
from tests.lab.broker import Broker
from tests.lab.database import Database
from tests.lab.orchestrator import Orchestrator
from tests.lab.pki import SERVICE, Pki
from tests.lab.process import LabError, free_port, poll, tail

TICK = os.sysconf("SC_CLK_TCK")
COMPONENT, VERSION = "firmware", "9.9.9"
RELEASE = f"{COMPONENT}/{VERSION}"
BOOT, JOURNAL = "b" * 32, "a" * 32
REPORTS = "wg/v1/d/+/up/report"
# As its manual advises for this much memory; what is committed is on the disk. Files of its log are kept to be used again.
DATABASE = ("shared_buffers=1GB", "min_wal_size=4GB", "max_wal_size=8GB", "checkpoint_timeout=15min", "max_connections=40")


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_mib(pid):
    fields = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in fields if line.startswith("VmRSS:")) / 1024


class Memory(threading.Thread):
    """What a process has resident, four times a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.seen, self._pid, self._ended = [], pid, threading.Event()
        self.start()

    def run(self):
        while not self._ended.wait(0.25):
            try:
                self.seen.append(resident_mib(self._pid))
            except (OSError, StopIteration):
                return  # it has ended

    def end(self):
        """Medians of the first and the last quarter, and the most."""
        self._ended.set()
        self.join()
        part = max(len(self.seen) // 4, 1)
        return statistics.median(self.seen[:part]), statistics.median(self.seen[-part:]), max(self.seen)


class Costs:
    """Processor time of each part while something ran. Of the load's programs those count that have ended, and loads."""

    def __init__(self, ground, loads=()):
        self._ground, self._loads, self._before = ground, loads, self._seconds(ground, loads)

    @staticmethod
    def _seconds(ground, loads):
        found = ground.seconds()
        found["load"] += sum(processor_seconds(load.pid) for load in loads)
        return found

    def each(self, count):
        """Microseconds for each of so many messages."""
        after = self._seconds(self._ground, self._loads)
        return {name: 1e6 * (after[name] - self._before[name]) / max(count, 1) for name in after}


def show_costs(what, costs):
    parts = ", ".join(f"{name} {micros:.0f}" for name, micros in costs.items() if micros > 0.5)
    print(f"    {what}, microseconds of processor each: {parts}", flush=True)


class Load:
    """wavegate-load against the broker."""

    def __init__(self, ground, verb, *words, name="load", broker=None):
        pki, broker = ground.pki, broker or ground.broker
        self._argv = [str(word) for word in (
            programs.program("wavegate-load"), verb, "--port", broker.service_port, "--mqtt", broker.mqtt, "--ca", pki.server_root,
            "--cert", pki.certificate(SERVICE), "--key", pki.key(SERVICE), "--name", name, *words)]
        self._popen = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
        self.pid = self._popen.pid

    def wait_ready(self):
        if self._popen.stdout.readline() != "ready\n":
            raise LabError(f"{self._argv[1]}: {self._popen.stderr.read()}")
        return self

    def next(self, timeout):
        """What it says next, of a verb that says it several times."""
        if not select.select([self._popen.stdout], [], [], timeout)[0]:
            raise TimeoutError
        return json.loads(self._popen.stdout.readline() or "null") or self.result()

    def end(self):
        self._popen.send_signal(signal.SIGTERM)
        return self.result()

    def close(self):
        """Whatever it does."""
        if self._popen.poll() is None:
            self._popen.kill()
        self._popen.communicate()

    def result(self, timeout=600):
        output, errors = self._popen.communicate(timeout=timeout)
        if self._popen.returncode != 0:
            raise LabError(f"wavegate-load {self._argv[1]}: {errors}")
        return json.loads(output)


class LoadGround:
    def __init__(self, devices, guarded=False, settings=(), orchestrators=1, brokers=1):
        self.folder = Path(tempfile.mkdtemp(prefix="wg-load-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.devices, self._taken, self._campaigns = devices, 0, 0
        self.orchestrator = self.db = self.postgres = None
        self.brokers, self._broker_count, self._all = [], brokers, []
        try:
            self._build(guarded, settings, orchestrators)
        except BaseException:
            self.close()
            raise

    def _build(self, guarded, settings, orchestrators):
        self.pki = Pki(self.folder)
        self.postgres = DurablePostgres(self.folder, (*DATABASE, *settings))
        self.db = Database(self.postgres.fresh_database("load"))
        self.postgres.migrate("load")
        self._make_brokers(guarded)
        artifacts = self.folder / "artifacts"
        artifacts.mkdir()
        self._all = [Orchestrator(self.folder, self.pki, self.db.dsn, self.broker.url, artifacts,
                                  "https://localhost/artifacts", name=f"wavegated-{number}") for number in range(orchestrators)]
        self.orchestrator = self._all[0]
        self.configure(brokers=[{"name": f"b{number}", "url": broker.url} for number, broker in enumerate(self.brokers, 1)])
        self.configure(tick="1s", orders={"resend": "1h"}, log="info")
        self._seed()
        self.add_release(COMPONENT, VERSION)

    @property
    def orchestrators(self):
        return tuple(self._all)

    @property
    def broker(self):
        return self.brokers[0] if self.brokers else None

    def _make_brokers(self, guarded, options=None):
        for number in range(1, self._broker_count + 1):
            place = self.folder / f"b{number}"
            place.mkdir()
            place.chmod(0o755)
            # it may be killed and come back: meanwhile nobody else may have been given its port
            self.brokers.append(Broker(place, self.pki, guarded, options, port=free_port()))

    def add_release(self, component, version):
        payload = self.folder / "payload"
        payload.write_text(f"{component} {version}, that nobody fetches")
        self._command("release", "add", payload, "--component", component, "--version", version, operator="rita")

    def configure(self, **settings):
        for each in self._all:
            each.settings.update(settings)
            each.write_config()

    def _seed(self):
        """A fleet that has just said hello; some more than wanted, because some are revoked."""
        done = programs.run([programs.program("wavegate-fleet"), "seed", "--database", self.db.dsn,
                             "--devices", self.devices + self.devices // 50 + 20, "--seed", "load"], timeout=900)
        if done.returncode != 0:
            raise LabError(f"wavegate-fleet seed: {done.stderr}")
        self.db.rows("update device set online = true, boot = %s, journal = %s, report_seq = 0, report_most = 0, seen_at = now(), "
                     "presence_at = now(), due_at = null", BOOT, JOURNAL)
        self.db.rows("vacuum full device")
        self.db.rows("vacuum analyze")
        self.reuse_log()

    def reuse_log(self):
        """As in a database that has run for a while: the log goes into files that it had before, which need not be made first."""
        self.db.rows("checkpoint")

    def _command(self, *words, operator):
        done = self.orchestrator.wavegate(*words, operator=operator, timeout=300)
        if done.returncode != 0:
            raise LabError(f"wavegate {words[0]} {words[1]}: {done.stdout}{done.stderr}")

    def tag(self, devices):
        """The next so many devices are those of a campaign to come; its name."""
        self._campaigns += 1
        name = f"load-{self._campaigns}"
        self.db.rows("insert into device_tag (device_id, tag) select id, %s from device where revoked_at is null "
                     "order by id offset %s limit %s",
                     name, self._taken, devices)
        self._taken += devices
        return name

    def apply(self, name, devices, per=()):
        """per: caps for each value of an attribute, as ATTRIBUTE=MOST."""
        caps = {"per": {word.split("=")[0]: int(word.split("=")[1]) for word in per}} if per else {}
        file = self.folder / f"{name}.yaml"
        file.write_text(json.dumps({
            "wavegate": 1, "campaign": name, "release": RELEASE, "target": {"all": [{"tag": [name]}]},
            "waves": [{"name": "rest", "remaining": True}], "pace": {"in_flight": devices, **caps},
            "timeout": {"offer": "24h", "download": "24h", "install": "24h", "probation": "24h", "silent": "48h"}}))
        self._command("campaign", "apply", file, operator="alice")

    def start(self, number=None):
        """The first so many; all of them."""
        for each in self._all[:number]:
            heard = self.heard(each) + len(each.settings["brokers"])
            each.start()
            if not poll(lambda: self.heard(each) >= heard or not each.alive(), 30) or not each.alive():
                raise LabError(f"{each.name} did not start:\n{tail(each.log)}")

    def heard(self, orchestrator=None):
        """How often a broker was connected, by the orchestrator's log."""
        log = (orchestrator or self.orchestrator).log
        return log.read_text().count("broker connected") if log.exists() else 0

    def stop(self):
        for each in self._all:
            each.stop()

    def offered(self, name):
        """How many devices of the campaign were sent their order."""
        return self.db.value("select count(*) from update_order o join campaign c on c.id = o.campaign_id "
                             "where c.name = %s and o.sent_at is not null", name)

    def wait_offered(self, name, devices, timeout=600):
        if not poll(lambda: self.offered(name) == devices, timeout, every=0.25):
            raise LabError(f"{self.offered(name)} of {devices} orders were sent\n{tail(self.orchestrator.log)}")

    def crowd(self, name):
        """A file with devices of the campaign and their orders, in no order: those of a batch lie far apart."""
        file = self.folder / f"crowd-{name}"
        rows = self.db.rows("select p.device_id, coalesce(p.order_id::text, '-'), p.attempt from place p join campaign c "
                            "on c.id = p.campaign_id where c.name = %s order by md5(p.device_id)", name)
        file.write_text("".join(f"{device} {order} {attempt}\n" for device, order, attempt in rows))
        return file

    def tagged(self, name, number):
        """So many files with the devices of a campaign that is not applied yet, each its share of them."""
        rows = self.db.rows("select device_id from device_tag where tag = %s order by md5(device_id)", name)
        files = [self.folder / f"crowd-{name}-{part}" for part in range(number)]
        for part, file in enumerate(files):
            file.write_text("".join(f"{device} - 0\n" for device, in rows[part::number]))
        return files

    def listen_at(self, broker, crowd):
        """The devices of a file are known to listen at the broker of that name."""
        self.db.rows("update device set broker = %s where id = any(%s)", broker,
                     [line.split()[0] for line in crowd.read_text().splitlines()])

    def seconds(self):
        """Of processor, so far, of each part."""
        return {"broker": sum(processor_seconds(broker.pid) for broker in self.brokers), "database": sum(self.postgres.processor_seconds()),
                "wavegated": sum(processor_seconds(each.pid) for each in self._all if each.alive()),
                "load": sum(os.times()[2:4])}

    def forget_statements(self):
        self.db.rows("create extension if not exists pg_stat_statements")
        self.db.rows("select pg_stat_statements_reset()")

    def statements(self, reports, most=16):
        """What the database spent its time with: lines."""
        rows = self.db.rows("select total_exec_time, calls, rows, regexp_replace(query, '\\s+', ' ', 'g') from pg_stat_statements "
                            "order by 1 desc limit %s", most)
        return [f"{1000 * ms / max(reports, 1):8.1f} us a report  {calls:6} calls  {ms / max(calls, 1):8.2f} ms  "
                f"{count:7} rows  {query[:110]}" for ms, calls, count, query in rows]

    def check(self):
        """Nothing was lost, and the counters are right."""
        found = self.db.inconsistencies()
        if found:
            raise LabError("the tables contradict each other:\n" + "\n".join(found[:10]))

    def describe(self):
        version, = self.db.rows("select split_part(version(), ' ', 2)")[0]
        broker = subprocess.run(["/usr/sbin/mosquitto", "-h"], capture_output=True, text=True, check=False).stdout
        model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                      if line.startswith("model name")), "unknown processor")
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        ours = programs.run([programs.program("wavegated"), "--version"]).stdout.strip()
        return (f"{ours}, PostgreSQL {version} (fsync on), {' '.join(broker.split()[:3])}, Linux "
                f"{os.uname().release}; {os.cpu_count()} cores, {model}, {memory:.0f} GiB; "
                f"load {os.getloadavg()[0]:.1f} at {time.strftime('%H:%M', time.gmtime())} UTC")

    def close(self):
        for each in self._all:
            if each.server:
                each.server.stop()
            each.stop()
        for broker in self.brokers:
            broker.stop()
        if self.db:
            self.db.close()
        if self.postgres:
            self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
