"""`wavegate device import` of a big file: into an empty registry, and the same file again.

The database is as Debian sets it up, and durable: fsync is on. Beside the import, the same devices restored by psql from a
pg_dump of their tables: rows by COPY, then indexes and references, all in one transaction.

usage: python3 -m tests.bench.import_bench [--devices N] [--rounds N] [--set NAME=VALUE] [--statements MS]
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.bench.measure import Peak
from tests.lab import programs
from tests.lab.api import Api
from tests.lab.database import Database
from tests.lab.pki import Pki
from tests.lab.postgres import BIN, Postgres
from tests.lab.process import Child, LabError, end_on_signals, poll, tail

SEED = "bench"
TABLES = ("device", "device_software", "device_tag", "device_group")
TICK = os.sysconf("SC_CLK_TCK")
RECOVERY = 300  # seconds: of one that was killed, with much to replay
SETTINGS = ("listen_addresses=", "max_connections=20", "log_min_messages=warning")


class DurablePostgres(Postgres):
    """The lab's, but what it commits is on the disk."""

    def __init__(self, folder, settings):
        self._settings = settings
        super().__init__(folder)

    def start(self):
        options = [word for setting in (*SETTINGS, *self._settings) for word in ("-c", setting)]
        self._child = Child("postgres", [BIN / "postgres", "-D", self.data, "-k", self.folder, *options],
                            self.log, user=self._user, cwd=self.folder, death_signal=signal.SIGQUIT)
        if not poll(self._answers, RECOVERY):
            raise LabError(f"postgres did not start:\n{tail(self.log)}")

    def processor_seconds(self):
        """User and system, of all its processes: those that run and those that have ended."""
        pid = self._child.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        user, system, ended_user, ended_system = _ticks(pid)
        for child in children:
            try:
                ticks = _ticks(child)
            except OSError:
                continue
            user, system = user + ticks[0], system + ticks[1]
        return (user + ended_user) / TICK, (system + ended_system) / TICK


def _ticks(pid):
    """User and system, and those of its children that have ended (proc(5): fields 14 to 17)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(field) for field in fields[11:15]]


@dataclass
class Cost:
    name: str
    seconds: float
    program: tuple   # seconds of processor: user, system
    server: tuple
    memory_mib: float
    wal_mib: float
    said: str


class Bench:
    def __init__(self, options):
        self.folder = Path(tempfile.mkdtemp(prefix="wg-bench-", dir=options.folder))
        self.folder.chmod(0o755)
        logging = (f"log_min_duration_statement={options.statements}",) if options.statements is not None else ()
        self.postgres = DurablePostgres(self.folder, (*options.set, *logging))
        self.devices = self.folder / "devices.csv"
        with self.devices.open("wb") as out:
            subprocess.run([programs.program("wavegate-fleet"), "seed", "--format", "csv", "--devices",
                            str(options.devices), "--seed", SEED], stdout=out, check=True)
        self.pki = Pki(self.folder)
        self.db = self.config = self.server = None

    def fresh(self):
        """An empty registry, and a server before it."""
        if self.server:
            self.server.stop()
        if self.db:
            self.db.close()
        self.db = Database(self.postgres.fresh_database("bench"))
        self.postgres.migrate("bench")
        self.config = self.folder / "wavegate.yaml"
        settings = {"database": self.db.dsn, "operators": {"root": str(self.pki.folder / "operator/root.crt")}}
        self.server = Api(self.folder, self.pki, settings).start()
        settings["server"] = {"url": f"https://localhost:{self.server.port}", "ca": str(self.server.root)}
        self.config.write_text(yaml.safe_dump(settings))

    def measure(self, name, argv, stdin=None):
        self.db.rows("checkpoint")
        log_from = self.postgres.log.stat().st_size
        server, wal = self.postgres.processor_seconds(), self.db.value("select pg_current_wal_lsn()")
        before, start = os.times(), time.monotonic()
        child = subprocess.Popen([str(word) for word in argv], stdin=stdin or subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 env=programs.environment(self.folder))
        peak = Peak(child)
        output = child.communicate()[0]
        seconds, memory, after = time.monotonic() - start, peak.end(), os.times()
        if child.returncode != 0:
            raise LabError(f"{argv[0]}: exit code {child.returncode}\n{output}")
        ended = self.postgres.processor_seconds()
        return Cost(name, seconds,
                    (after.children_user - before.children_user, after.children_system - before.children_system),
                    (ended[0] - server[0], ended[1] - server[1]), memory,
                    self.db.value("select pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", wal) / 1048576,
                    (output + self.statements(log_from)).strip("\n"))

    def statements(self, log_from):
        """What the server logged of the statements that took long, by their names."""
        with self.postgres.log.open(encoding="utf-8", errors="replace") as log:
            log.seek(log_from)
            found = re.findall(r"duration: ([\d.]+) ms +(?:execute (\w+)|statement: (\w+))", log.read())
        return "".join(f"\n{float(ms) / 1000:10.3f} s  {one or other}" for ms, one, other in found)

    def import_file(self, name):
        cost = self.measure(name, [programs.program("wavegate"), "device", "import", self.devices,
                                   "--config", self.config, "--operator", self.pki.certificate("dave")])
        with open(f"/proc/{self.server.pid}/status", encoding="ascii") as file:
            most = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
        cost.said += f"\nwavegate-api has held {most / 1024:.1f} MiB at most"
        return cost

    def dump(self, dump):
        """Without triggers: their functions are in no table."""
        archive, entries = dump.with_suffix(".archive"), dump.with_suffix(".list")
        tables = [word for table in TABLES for word in ("-t", table)]
        subprocess.run([BIN / "pg_dump", "-Fc", "-Z0", "--no-owner", *tables, "-f", archive, self.db.dsn], check=True)
        listed = subprocess.run([BIN / "pg_restore", "-l", archive], capture_output=True, text=True, check=True).stdout
        entries.write_text("".join(line for line in listed.splitlines(keepends=True) if " TRIGGER " not in line))
        subprocess.run([BIN / "pg_restore", "-L", entries, "-f", dump, archive], check=True)
        archive.unlink()

    def restore(self, dump):
        """What was imported, from a dump of its tables; into a database that has but PostGIS."""
        self.dump(dump)
        self.server.stop()
        self.server = None
        self.db.close()
        self.db = Database(self.postgres.fresh_database("bench"))
        with dump.open("rb") as file:
            return self.measure("psql from pg_dump", [BIN / "psql", "-qX1", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null",
                                                      self.db.dsn], stdin=file)

    def close(self):
        if self.server:
            self.server.stop()
        if self.db:
            self.db.close()
        self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def show(cost):
    load = os.getloadavg()[0]
    print(f"{cost.name:20} {cost.seconds:7.1f} s   program {cost.program[0]:5.1f} + {cost.program[1]:4.1f} s, "
          f"{cost.memory_mib:5.1f} MiB   server {cost.server[0]:5.1f} + {cost.server[1]:4.1f} s, "
          f"WAL {cost.wal_mib:6.0f} MiB   load {load:.1f}")
    for line in cost.said.splitlines():
        print(f"    {line}", flush=True)


def bench(options):
    ground = Bench(options)
    try:
        size = ground.devices.stat().st_size / 1e6
        print(f"{options.devices:,} devices, {size:.0f} MB; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} "
              f"before; processor seconds are user + system", flush=True)
        for _ in range(options.rounds):
            ground.fresh()
            new = ground.import_file("new")
            show(new)
            show(ground.import_file("the same again"))
            if not options.no_restore:
                restored = ground.restore(ground.folder / "dump.sql")
                show(restored)
                print(f"new against psql: {new.seconds / restored.seconds:.2f}", flush=True)
    finally:
        ground.close()


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.import_bench",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=int(os.environ.get("WAVEGATE_BENCH_DEVICES", "1000000")),
                        help="rows of the file (default $WAVEGATE_BENCH_DEVICES or 1000000)")
    parser.add_argument("--rounds", type=int, default=1, help="how often all of it")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the server")
    parser.add_argument("--statements", type=int, metavar="MS", help="list statements that took so long or longer")
    parser.add_argument("--no-restore", action="store_true", help="the imports alone")
    parser.add_argument("--folder", default="/tmp", help="where the database and the files go for the run (default /tmp)")
    options = parser.parse_args()
    if not 1 <= options.devices <= 9999999 or options.rounds < 1:
        parser.error("expected 1 to 9999999 devices and at least one round")
    end_on_signals()
    try:
        bench(options)
    except (LabError, FileNotFoundError, subprocess.CalledProcessError) as problem:
        print(f"import_bench: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
