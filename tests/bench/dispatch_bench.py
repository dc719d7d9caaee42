"""Orders, signed and sent to a wave of devices that are connected, each by a session of its own.

In one run, in turns: how fast a campaign's devices get their signed orders, over TLS sessions, and how fast the same brokers hand
messages of the same length, each from one bare session at QoS 1, to the same subscribers over the same sessions. The aims: 0.5 of
the bare rate; nothing is sent twice.

usage: python3 -m tests.bench.dispatch_bench [--devices N] [--sessions N] [--brokers N] [--rounds N] [--orchestrators N] [--report-only]
"""

import argparse
import statistics
import sys

from tests.bench import command
from tests.bench.load_ground import Costs, Load, LoadGround, show_costs
from tests.lab.process import LabError, poll, tail

RATIO = 0.5
SESSIONS_MOST = 5000  # of one process: three descriptors each, of 20,000


class Listeners:
    """The devices of a campaign, connected: each at one of the brokers."""

    def __init__(self, ground, name, options):
        self.loads = []
        brokers = len(ground.brokers)
        number = brokers * -(-options.sessions // (brokers * SESSIONS_MOST))
        self.crowds = ground.tagged(name, number)
        self.brokers = [ground.brokers[part % brokers] for part in range(number)]
        for part, crowd in enumerate(self.crowds):  # as if each had said hello there
            ground.listen_at(f"b{1 + part % brokers}", crowd)
        ground.db.rows("vacuum full device")
        ground.db.rows("vacuum analyze device")
        self.loads = [
            Load(ground, "receive", "--devices", crowd, "--sessions", -(-options.sessions // number), "--times", 2,
                 "--most", crowd.read_text().count("\n"), name=f"device-{part}", broker=broker)
            for part, (crowd, broker) in enumerate(zip(self.crowds, self.brokers))]
        for load in self.loads:
            load.wait_ready()

    def heard(self, timeout=300):
        """What all have heard, and how fast: from the first of all messages to the last."""
        each = [load.next(timeout) for load in self.loads]
        found = {name: sum(one[name] for one in each) for name in ("received", "twice", "bytes")}
        seconds = (max(one["last_ns"] for one in each) - min(one["first_ns"] for one in each)) / 1e9
        return {**found, "rate": found["received"] / seconds}

    def close(self):
        for load in self.loads:
            load.close()


def orders(ground, name, listeners, options):
    """What the devices of a campaign got."""
    costs = Costs(ground, listeners.loads)
    if options.statements:
        ground.forget_statements()
    ground.apply(name, options.devices, options.per)
    try:
        result = listeners.heard()
    except TimeoutError:
        raise LabError(f"{ground.offered(name)} orders were sent\n{tail(ground.orchestrator.log)}") from None
    result["costs"] = costs.each(result["received"])
    if options.statements:
        print("\n".join(ground.statements(result["received"])))
    sends = ground.db.value("select coalesce(sum(sends), 0) from update_order o join campaign c on c.id = o.campaign_id "
                            "where c.name = %s", name)
    if result["twice"] or sends != options.devices:
        raise LabError(f"{options.devices} orders were sent {sends} times, {result['twice']} came twice")
    return result


def bare(ground, listeners, length, options):
    costs = Costs(ground, listeners.loads)
    senders = [Load(ground, "send", "--devices", crowd, "--bytes", length, name=f"bare-{part}", broker=broker)
               for part, (crowd, broker) in enumerate(zip(listeners.crowds, listeners.brokers))]
    for sender in senders:
        sender.result()
    return listeners.heard()["rate"], costs.each(options.devices)


def one_round(ground, options):
    name = ground.tag(options.devices)
    listeners = Listeners(ground, name, options)
    try:
        result = orders(ground, name, listeners, options)
        length = result["bytes"] // result["received"]
        rate, costs = bare(ground, listeners, length, options)
    finally:
        listeners.close()
    print(f"bare {rate:7.0f}/s   signed orders {result['rate']:7.0f}/s   ratio {result['rate'] / rate:.2f}   "
          f"{length} bytes each", flush=True)
    show_costs("bare", costs)
    show_costs("signed orders", result["costs"])
    return result["rate"], rate


def bench(options):
    options.sessions = options.sessions or options.devices
    library = ["shared_preload_libraries=pg_stat_statements"] if options.statements else []
    ground = LoadGround(options.rounds * options.devices, settings=library, orchestrators=options.orchestrators,
                        brokers=options.brokers)
    try:
        options.aims.on(ground.describe())
        ground.start()
        found = [one_round(ground, options) for _ in range(options.rounds)]
        if not poll(ground.orchestrator.alive, 0):
            raise LabError(f"wavegated ended\n{tail(ground.orchestrator.log)}")
        ratio = statistics.median(rate / base for rate, base in found)
        rate, base = (statistics.median(one) for one in zip(*found))
        return options.aims.add(f"signed orders to {options.devices:,}, {options.brokers} brokers, none twice", f"{rate:.0f}/s",
                                f"at least {RATIO}", ratio >= RATIO, f"{base:.0f}/s", ratio)
    finally:
        ground.close()


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.dispatch_bench", description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=15000, help="of a wave")
    parser.add_argument("--sessions", type=int, help="over which they listen (default: each its own)")
    parser.add_argument("--brokers", type=int, default=1, help="a device listens at one of them")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--orchestrators", type=int, default=1, help="that share the campaign's work")
    parser.add_argument("--per", action="append", default=[], metavar="ATTRIBUTE=MOST", help="a cap for each value of an attribute")
    parser.add_argument("--statements", action="store_true", help="say what the database spent its time with")
    return command.run(parser, bench)


if __name__ == "__main__":
    sys.exit(main())
