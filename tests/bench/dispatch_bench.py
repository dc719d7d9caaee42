"""Orders, signed and sent to a wave of devices that are connected.

In one run, in turns: how fast a campaign's devices get their signed orders, over TLS sessions, and how fast the same broker hands
messages of the same length from one bare session at QoS 1 to the same subscribers. The aims: 0.5 of the bare rate; nothing is
sent twice.

usage: python3 -m tests.bench.dispatch_bench [--devices N] [--sessions N] [--rounds N] [--orchestrators N] [--report-only]
"""

import argparse
import statistics
import sys

from tests.bench import command
from tests.bench.load_ground import Costs, Load, LoadGround, show_costs
from tests.lab.process import LabError, poll, tail

RATIO = 0.5


def listen(ground, crowd, devices, options):
    return Load(ground, "receive", "--devices", crowd, "--sessions", options.sessions, "--most", devices,
                name="device").wait_ready()


def orders(ground, options):
    """A campaign over devices of its own: what they got."""
    name = ground.tag(options.devices)
    crowd = ground.tagged(name)
    receiver = listen(ground, crowd, options.devices, options)
    costs = Costs(ground)
    if options.statements:
        ground.forget_statements()
    ground.apply(name, options.devices)
    try:
        result = receiver.result(timeout=300)
    except TimeoutError:
        raise LabError(f"{ground.offered(name)} orders were sent\n{tail(ground.orchestrator.log)}") from None
    result["costs"] = costs.each(result["received"])
    if options.statements:
        print("\n".join(ground.statements(result["received"])))
    sends = ground.db.value("select coalesce(sum(sends), 0) from update_order o join campaign c on c.id = o.campaign_id "
                            "where c.name = %s", name)
    if result["twice"] or sends != options.devices:
        raise LabError(f"{options.devices} orders were sent {sends} times, {result['twice']} came twice")
    return result, crowd


def bare(ground, crowd, length, options):
    receiver = listen(ground, crowd, options.devices, options)
    costs = Costs(ground)
    Load(ground, "send", "--devices", crowd, "--bytes", length, name="bare").result()
    result = receiver.result(timeout=300)
    return result["rate"], costs.each(options.devices)


def one_round(ground, options):
    result, crowd = orders(ground, options)
    length = result["bytes"] // result["received"]
    rate, costs = bare(ground, crowd, length, options)
    print(f"bare {rate:7.0f}/s   signed orders {result['rate']:7.0f}/s   ratio {result['rate'] / rate:.2f}   "
          f"{length} bytes each", flush=True)
    show_costs("bare", costs)
    show_costs("signed orders", result["costs"])
    return result["rate"], result["rate"] / rate


def bench(options):
    library = ["shared_preload_libraries=pg_stat_statements"] if options.statements else []
    ground = LoadGround(options.rounds * options.devices, settings=library, orchestrators=options.orchestrators)
    try:
        print(ground.describe(), flush=True)
        ground.start()
        found = [one_round(ground, options) for _ in range(options.rounds)]
        if not poll(ground.orchestrator.alive, 0):
            raise LabError(f"wavegated ended\n{tail(ground.orchestrator.log)}")
        ratio = statistics.median(ratio for _, ratio in found)
        held = ratio >= RATIO
        print(f"ratio {ratio:.2f}, aim {RATIO}: {'holds' if held else 'MISSED'}; nothing came twice")
        return held
    finally:
        ground.close()


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.dispatch_bench", description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=15000, help="of a wave")
    parser.add_argument("--sessions", type=int, default=300, help="over which they listen")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--orchestrators", type=int, default=1, help="that share the campaign's work")
    parser.add_argument("--statements", action="store_true", help="say what the database spent its time with")
    return command.run(parser, bench)


if __name__ == "__main__":
    sys.exit(main())
