"""What a second orchestrator brings: reports taken in by one and by two, in turns in the same run, on the same database and broker.

Each round both get a wave of their own. The aim: two take in more than one. What bounds them is said by how much of the processors
was left, and by whom they were used.

usage: python3 -m tests.bench.orchestrators_bench [--orchestrators N] [--devices N] [--sessions N] [--rounds N] [--report-only]
"""

import argparse
import os
import statistics
import sys
import time

from tests.bench import command
from tests.bench.intake_bench import check_stored, intake
from tests.bench.load_ground import LoadGround, show_costs

WORDS = {1: "one", 2: "two", 3: "three", 4: "four"}


def turn(ground, options, number):
    """A wave taken in by so many: the rate, and the share of the processors that nobody used."""
    name = ground.tag(options.devices)
    ground.start(number)
    ground.apply(name, options.devices)
    ground.wait_offered(name, options.devices)
    ground.reuse_log()
    crowd = ground.crowd(name)
    before, idle = time.monotonic(), idle_seconds()
    result = intake(ground, name, crowd, options)
    left = (idle_seconds() - idle) / (os.cpu_count() * (time.monotonic() - before))
    check_stored(ground, name, result["sent"])
    ground.stop()
    print(f"{WORDS.get(number, number):>5} {result['rate']:7.0f}/s   p50 {result['p50_ms']:.0f} ms, p99 {result['p99_ms']:.0f} ms   "
          f"{100 * left:.0f} of 100 of the processors left")
    show_costs(WORDS.get(number, str(number)), result["costs"])
    return result["rate"]


def idle_seconds():
    """Of all processors, also those that waited for a disk."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = file.readline().split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def bench(options):
    library = ["shared_preload_libraries=pg_stat_statements"] if options.statements else []
    ground = LoadGround(2 * options.rounds * options.devices, settings=library, orchestrators=options.orchestrators)
    try:
        options.aims.on(ground.describe())
        pairs = []
        for number in range(options.rounds):
            order = (1, options.orchestrators) if number % 2 == 0 else (options.orchestrators, 1)
            rates = {each: turn(ground, options, each) for each in order}
            pairs.append((rates[options.orchestrators], rates[1]))
        locked = ground.db.value("select deadlocks from pg_stat_database where datname = current_database()")
        words = WORDS.get(options.orchestrators, str(options.orchestrators))
        ratio = statistics.median(several / max(one, 1) for several, one in pairs)
        several, one = (statistics.median(rates) for rates in zip(*pairs))
        held = [options.aims.add(f"reports taken in by {words}, of those by one", f"{several:.0f}/s", "more than 1", ratio > 1,
                                 f"{one:.0f}/s", ratio),
                options.aims.add(f"dead-locks between {words}", str(locked), "0", locked == 0)]
        return all(held)
    finally:
        ground.close()


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.orchestrators_bench", description=__doc__.splitlines()[0])
    parser.add_argument("--orchestrators", type=int, default=2, help="that are put against one")
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--window", type=int, default=8, help="reports of a session that wait for their acknowledgement")
    parser.add_argument("--together", type=int, default=1, help="reports of one device that come at once")
    parser.add_argument("--devices", type=int, default=15000, help="of a wave; each reports six times")
    parser.add_argument("--seconds", type=int, default=60, help="of a turn, unless its devices are through before")
    parser.add_argument("--rounds", type=int, default=4, help="of one turn each")
    parser.add_argument("--statements", action="store_true", help="say what the database spent its time with")
    return command.run(parser, bench)


if __name__ == "__main__":
    sys.exit(main())
