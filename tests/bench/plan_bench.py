"""`wavegate campaign plan` over a big fleet, against the same question written by hand in SQL.

The two are asked in turns, in one run on one machine. The aim: the command takes no longer than 1.3 times the
hand-written query plus 0.2 s, stays below 200 MiB, and counts the same.

usage: python3 -m tests.bench.plan_bench [--devices N] [--rounds N] [--report-only]
"""

import argparse
import json
import os
import shutil
import statistics
import sys
from collections import Counter
from pathlib import Path

import psycopg2.extensions

from tests.bench import command, pages
from tests.bench.ground import Ground
from tests.bench.measure import run_command, run_query
from tests.lab import programs

HERE = Path(__file__).resolve().parent
SEED = "bench"
COMPONENT, VERSION = "firmware", "2.7.1"
NAMED = 1000
FACTOR, ALLOWANCE, MEMORY_MIB = 1.3, 0.2, 200
# What whoever writes the query by hand would set: no compilation for a single run, room for hash tables.
SETTINGS = ("jit = off", "work_mem = '96MB'")
SELECTORS = {"ids": f"{NAMED:,} ids",
             "range_region": "version range, region",
             "area_range_tag": "area, version range, tag"}


def named(devices):
    """Ids evenly spread over the fleet."""
    step = max(devices // NAMED, 1)
    return [f"dev-{number:07}" for number in range(1, devices + 1, step)][:NAMED]


def prepare(ground, devices):
    """Campaign files in the run's folder; the queries with their values written in."""
    folder = ground.folder / "campaigns"
    shutil.copytree(HERE / "campaigns", folder)
    ids = named(devices)
    (folder / "ids.txt").write_text("".join(f"{one}\n" for one in ids))
    values = {":ids": ids, ":area": (folder / "areas/alps.geojson").read_text()}
    queries = {}
    for name in SELECTORS:
        text = (HERE / "sql" / f"{name}.sql").read_text()
        for key, value in values.items():
            literal = psycopg2.extensions.adapt(value).getquoted().decode()
            text = text.replace(key, literal)
        queries[name] = text
    return folder, queries


def answer_of_command(output):
    """What is compared: devices left out by each reason (in no order), waves, and shares of each wave."""
    plan = json.loads(output)
    answer = Counter()
    for number, wave in enumerate(plan["waves"]):
        answer[number, "wave", ""] = wave["devices"]
        for what in ("region", "hardware", "version"):
            for value, devices in wave[what].items():
                answer[number, what, value] = devices
    return answer, sorted(entry["devices"] for entry in plan["left_out"] if entry["devices"])


def answer_of_query(rows):
    answer = Counter({(wave, kind, value or ""): devices for kind, wave, value, devices in rows
                      if kind != "left out"})
    return answer, sorted(devices for kind, _, _, devices in rows if kind == "left out" and devices)


def differences(command, query):
    """Lines that say where the two answers are not the same."""
    found = [f"{key}: the command says {command[0][key]}, the query {query[0][key]}"
             for key in sorted(set(command[0]) | set(query[0])) if command[0][key] != query[0][key]]
    if command[1] != query[1]:
        found.append(f"left out: the command says {command[1]}, the query {query[1]}")
    return found[:10]


class Selector:
    """One selector, asked both ways in turns."""

    def __init__(self, ground, name, file, query):
        self.name, self._ground, self._query = name, ground, query
        self._argv = [programs.program("wavegate"), "campaign", "plan", file, "--json", "--config", ground.config]
        self._env = programs.environment(ground.folder)
        self.by_hand, self.by_command, self.memory = [], [], 0.0
        self.differences = []

    def ask(self, counts=True):
        rows, seconds = run_query(self._ground.db.dsn, SETTINGS, self._query)
        run = run_command(self._argv, self._env, expected=(0, 3))
        self.memory = max(self.memory, run.memory_mib)
        self.differences = differences(answer_of_command(run.output), answer_of_query(rows))
        if counts:
            self.by_hand.append(seconds)
            self.by_command.append(run.seconds)

    @property
    def hand(self):
        return statistics.median(self.by_hand)

    @property
    def command(self):
        return statistics.median(self.by_command)

    @property
    def allowed(self):
        return FACTOR * self.hand + ALLOWANCE

    def holds(self):
        return self.command <= self.allowed and self.memory < MEMORY_MIB and not self.differences


def describe(ground):
    version, = ground.db.rows("select split_part(version(), ' ', 2) || ', PostGIS ' || postgis_lib_version()")[0]
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown processor")
    ours = programs.run([programs.program("wavegated"), "--version"]).stdout.strip()
    return (f"{ours}, PostgreSQL {version}; {os.cpu_count()} cores, {model}; "
            f"load {os.getloadavg()[0]:.1f} before the first question")


def show(selectors, aims):
    print(f"{'selector':26} {'by hand':>9} {'command':>9} {'ratio':>6} {'allowed':>9} {'resident':>9}")
    for one in selectors:
        print(f"{SELECTORS[one.name]:26} {one.hand:7.3f} s {one.command:7.3f} s {one.command / one.hand:6.2f} "
              f"{one.allowed:7.3f} s {one.memory:5.1f} MiB  {'holds' if one.holds() else 'MISSED'}")
        aims.add(f"plan: {SELECTORS[one.name]}, of the query by hand", f"{one.command:.3f} s", f"{FACTOR} and {ALLOWANCE} s", one.holds(),
                 f"{one.hand:.3f} s", one.command / one.hand)
        for line in one.differences:
            print(f"    not the same answer: {line}")


def bench(options):
    ground = Ground(options.devices, SEED)
    try:
        print(f"seeded: {ground.seeded}")
        ground.add_release(COMPONENT, VERSION)
        options.aims.on(describe(ground))
        folder, queries = prepare(ground, options.devices)
        selectors = [Selector(ground, name, folder / f"{name}.yaml", queries[name]) for name in SELECTORS]
        for one in selectors:
            one.ask(counts=False)
            for _ in range(options.rounds):
                one.ask()
        show(selectors, options.aims)
        flat = pages.show(ground, options.aims)
        return flat and all(one.holds() for one in selectors)
    finally:
        ground.close()


def wrong(options):
    return "expected 1 to 9999999 devices and at least one round" if not 1 <= options.devices <= 9999999 or options.rounds < 1 else None


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.plan_bench", description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=int(os.environ.get("WAVEGATE_BENCH_DEVICES", "1000000")),
                        help="size of the fleet (default $WAVEGATE_BENCH_DEVICES or 1000000)")
    parser.add_argument("--rounds", type=int, default=5, help="the median of so many, after one to warm up")
    return command.run(parser, bench, wrong)


if __name__ == "__main__":
    sys.exit(main())
