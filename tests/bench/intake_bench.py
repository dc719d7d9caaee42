"""Durable status reports: from a device's publish to the acknowledgement of the committed report, over TLS sessions.

In one run, in turns: what the broker hands to one bare subscriber at QoS 1 (the same sessions, topics and payloads), the least
that any durable intake does (each lot of reports one COPY into a table without an index, one commit, and acknowledged), and what
wavegated takes in, with its database. Then half of that, at a rate, for the time that a report takes. The aims: 0.5 of the bare
rate and 10,000 a second; 99 of 100 reports within 250 ms at half of it; memory that does not grow; nothing lost.

usage: python3 -m tests.bench.intake_bench [--sessions N] [--window N] [--seconds N] [--rounds N] [--orchestrators N] [--report-only]
"""

import argparse
import statistics
import sys

from tests.bench import command
from tests.bench.load_ground import RELEASE, REPORTS, Costs, Load, LoadGround, Memory, show_costs
from tests.lab.process import LabError

RATIO, RATE, P99_MS, GROWTH_MIB = 0.5, 10000, 250, 8


def report(ground, name, crowd, options, *more):
    """Runs the load to its end."""
    load = Load(ground, "report", "--devices", crowd, "--campaign", name, "--release", RELEASE,
                "--sessions", options.sessions, "--window", options.window, "--together", options.together,
                "--seconds", options.seconds, *more)
    return load.result()


def bare(ground, name, crowd, options):
    """What a subscriber that only counts gets."""
    receiver = Load(ground, "receive", "--filter", REPORTS, name="bare").wait_ready()
    costs = Costs(ground)
    sent = report(ground, name, crowd, options, "--bare")
    result = receiver.end()
    if result["received"] != sent["sent"]:
        raise LabError(f"the bare subscriber got {result['received']} of {sent['sent']}")
    return result["rate"], costs.each(sent["sent"])


def floor(ground, name, crowd, options):
    """What is taken in by a program that does nothing but store."""
    keeper = Load(ground, "keep", "--filter", REPORTS, "--database", ground.db.dsn, name="floor").wait_ready()
    costs = Costs(ground)
    result = report(ground, name, crowd, options)
    kept = keeper.end()
    if not result["sent"] == result["acknowledged"] == kept["received"] == ground.db.value("select count(*) from kept"):
        raise LabError(f"{result['sent']} sent, {result['acknowledged']} acknowledged, {kept['received']} received")
    return result, costs.each(result["sent"])


def intake(ground, name, crowd, options, *more):
    if options.statements:
        ground.forget_statements()
    costs, memory = Costs(ground), Memory(ground.orchestrator.pid)
    result = report(ground, name, crowd, options, *more)
    result["costs"] = costs.each(result["sent"])
    result["memory"] = memory.end()
    if options.statements:
        print("\n".join(ground.statements(result["sent"])))
    lost = result["sent"] - result["acknowledged"]
    if lost or result["odd"]:
        raise LabError(f"{lost} reports were not acknowledged, {result['odd']} answers make no sense")
    return result


def wave(ground, options):
    """The next devices have their orders; campaign and crowd."""
    name = ground.tag(options.devices)
    ground.start()
    ground.apply(name, options.devices)
    ground.wait_offered(name, options.devices)
    ground.reuse_log()
    return name, ground.crowd(name)


def check_stored(ground, name, total):
    stored = ground.db.value("select count(*) from report where campaign = %s", name)
    if stored != total:
        raise LabError(f"{stored} reports are stored, {total} were acknowledged")
    ground.check()


def one_round(ground, options):
    """Bare rate and result."""
    name, crowd = wave(ground, options)
    ground.stop()
    rate, costs = bare(ground, name, crowd, options)
    least, least_costs = floor(ground, name, crowd, options)
    ground.start()
    result = intake(ground, name, crowd, options)
    check_stored(ground, name, result["sent"])
    print(f"bare {rate:7.0f}/s   durable {result['rate']:7.0f}/s   ratio {result['rate'] / rate:.2f}   "
          f"p50 {result['p50_ms']:.0f} ms, p99 {result['p99_ms']:.0f} ms   repeated {result['repeated']}", flush=True)
    show_costs("bare", costs)
    print(f"    nothing but stored and acknowledged {least['rate']:7.0f}/s   ratio {least['rate'] / rate:.2f}   "
          f"p50 {least['p50_ms']:.0f} ms, p99 {least['p99_ms']:.0f} ms")
    show_costs("nothing but stored", least_costs)
    show_costs("durable", result["costs"])
    ground.stop()
    return rate, result


def half(ground, options, rate):
    name, crowd = wave(ground, options)
    result = intake(ground, name, crowd, options, "--rate", int(rate / 2))
    check_stored(ground, name, result["sent"])
    print(f"half of that: {result['rate']:.0f}/s   p50 {result['p50_ms']:.1f} ms, p90 {result['p90_ms']:.1f} ms, "
          f"p99 {result['p99_ms']:.1f} ms, the longest {result['max_ms']:.1f} ms")
    show_costs("half", result["costs"])
    return result


def bench(options):
    library = ["shared_preload_libraries=pg_stat_statements"] if options.statements else []
    ground = LoadGround((options.rounds + 1) * options.devices, settings=(*options.set, *library),
                        orchestrators=options.orchestrators)
    try:
        if options.intake:
            given = (word.split("=") for word in options.intake)
            ground.configure(intake={name: int(value) if value.isdigit() else value for name, value in given})
        options.aims.on(ground.describe())
        found = [one_round(ground, options) for _ in range(options.rounds)]
        rate = statistics.median(result["rate"] for _, result in found)
        ratio = statistics.median(result["rate"] / base for base, result in found)
        base = statistics.median(base for base, _ in found)
        quiet = half(ground, options, rate)
        first, last, most = quiet["memory"]
        print(f"resident in wavegated at half load: {first:.1f} MiB, then {last:.1f} MiB; the most "
              f"{max(most, *(result['memory'][2] for _, result in found)):.1f} MiB")
        return verdict(options.aims, rate, base, ratio, quiet, last - first)
    finally:
        ground.close()


def verdict(aims, rate, base, ratio, quiet, growth):  # pylint: disable=too-many-arguments,too-many-positional-arguments
    held = [aims.add("reports taken in, of a bare subscriber's", f"{rate:.0f}/s", f"at least {RATIO}", ratio >= RATIO,
                     f"{base:.0f}/s", ratio),
            aims.add("reports taken in", f"{rate:.0f}/s", f"at least {RATE}/s", rate >= RATE),
            aims.add(f"p99 at {quiet['rate']:.0f}/s", f"{quiet['p99_ms']:.0f} ms", f"below {P99_MS} ms", quiet["p99_ms"] < P99_MS),
            aims.add("memory of wavegated grew by", f"{growth:.1f} MiB", f"below {GROWTH_MIB} MiB", growth < GROWTH_MIB)]
    return all(held)


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.intake_bench", description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--window", type=int, default=8, help="reports of a session that wait for their acknowledgement")
    parser.add_argument("--together", type=int, default=1, help="reports of one device that come at once")
    parser.add_argument("--devices", type=int, default=15000, help="of a wave, one for each round; each reports six times")
    parser.add_argument("--seconds", type=int, default=60, help="of a round, unless its devices are through before")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--orchestrators", type=int, default=1, help="that share the reports and the database")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="of PostgreSQL")
    parser.add_argument("--intake", action="append", default=[], metavar="NAME=VALUE", help="of wavegated's intake")
    parser.add_argument("--statements", action="store_true", help="say what the database spent its time with")
    return command.run(parser, bench)


if __name__ == "__main__":
    sys.exit(main())
