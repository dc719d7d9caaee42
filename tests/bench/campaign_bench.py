"""A whole campaign: thousands of real agent cores, each with a session of mutual TLS, four waves with automatic gates.

How long it takes; what orchestrator, broker and database take for it, of processor time for a thousand devices and of memory at
most; and what the load takes, which is on the same machine. In the end each device has succeeded once, by one order with one
counter, all that was reported is stored, and counters equal a recount: else the exit code is 1.

usage: python3 -m tests.bench.campaign_bench [--devices N] [--brokers N] [--report-only]
"""

import argparse
import sys
import time

from tests.bench import command
from tests.bench.fleet_ground import FleetGround
from tests.bench.parts import Spent, Watch
from tests.lab.process import LabError, tail

NAME, VERSION = "whole", "2.0.0"
WAVES = [{"name": "canary", "percent": 1}, {"name": "early", "percent": 9}, {"name": "half", "percent": 40},
         {"name": "rest", "remaining": True}]
GATE = {"success": ">= 99%", "soak": "1s"}
# What a device does takes as long as here, or the campaign's time would be that of downloads and reboots.
FLEET = ("--download", "1s..5s", "--install", "1s..2s", "--reboot", "1s..3s", "--soak", "2s", "--health-every", "1s")
STUCK = ("paused", "aborted", "rolled-back")  # by a gate or a budget: it will not go on by itself
TIMES = ("connect", "issue_to_order", "order_to_ack", "report_to_ack", "hello_to_ack")


def follow(ground, timeout):
    """Until the campaign has finished; a line for each wave that opens or passes."""
    began, seen = time.monotonic(), {}
    while True:
        for name, state in ground.db.wave_states(NAME).items():
            if seen.get(name, "pending") != state:
                print(f"    {time.monotonic() - began:7.1f} s  wave {name} {state}", flush=True)
                seen[name] = state
        state = ground.db.campaign_state(NAME)
        if state == "finished":
            return time.monotonic() - began
        if state in STUCK:
            raise LabError(f"the campaign is {state}: {ground.states(NAME)}")
        if time.monotonic() - began > timeout:
            raise LabError(f"the campaign is {state} after {timeout} s: {ground.states(NAME)}\n{tail(ground.orchestrator.log)}")
        time.sleep(0.2)


def table(ground, watch, connecting, campaign):
    thousands = ground.devices / 1000
    print(f"\n    {'':14}{'to connect, CPU s':>20}{'campaign, CPU s':>18}{'per 1,000 devices':>20}{'waited for a core, s':>22}{'peak MiB':>10}")
    for name, (seconds, waited) in campaign.items():
        print(f"    {name:14}{connecting[name][0]:20.1f}{seconds:18.1f}{seconds / thousands:20.2f}{waited:22.1f}{watch.most(name):10.0f}")


def summary(ground):
    now = ground.settle()
    counts, times = now["counts"], now["latency_ms"]
    print(f"\n    {counts['orders']} orders, {counts['orders_again']} of them given again to devices that came back; "
          f"{counts['reports']} reports, {counts['reports_sent_again']} sent again; {counts['connects']} sessions")
    for name in TIMES:
        print(f"    {name:16} p50 {times[name]['p50']:8.0f} ms   p99 {times[name]['p99']:8.0f} ms   "
              f"most {times[name]['max']:8.0f} ms")
    errors = {name: count for name, count in now["errors"].items() if count}
    print(f"    errors: {errors or 'none'}", flush=True)


def bench(options):
    flags = (*FLEET, "--connect-rate", options.connect_rate, *options.fleet.split())
    ground = FleetGround(options.devices, options.brokers, flags)
    try:
        options.aims.on(ground.describe())
        print(f"{options.devices} devices with mutual TLS, {options.brokers} broker(s) with the guard; waves of 1 %, 9 %, 40 % and the "
              f"rest; gate {GATE['success']}, soak {GATE['soak']}; {' '.join(FLEET)}", flush=True)
        ground.add_release("app", VERSION)
        ground.start()
        parts = ground.parts()
        watch, spent = Watch(parts), Spent(parts[:3])
        connected = ground.start_fleet(timeout=options.patience)
        connecting = {**spent.each(), "load": (parts[3].seconds(), parts[3].waited())}
        print(f"    all are connected after {connected:.1f} s")
        spent = Spent(parts)
        began = time.monotonic()
        ground.apply_campaign(NAME, VERSION, WAVES, gate=GATE)
        follow(ground, options.patience)
        whole, campaign = time.monotonic() - began, spent.each()
        print(f"    {whole:7.1f} s  from the campaign's file to its end")
        watch.end()
        table(ground, watch, connecting, campaign)
        summary(ground)
        for name, (seconds, _) in campaign.items():
            options.aims.add(f"{name}, for 1,000 devices of {options.devices:,}",
                             f"{1000 * seconds / options.devices:.2f} s, {watch.most(name):.0f} MiB", "", None)
        return options.aims.add(f"a campaign over {options.devices:,}, {options.brokers} brokers: nothing lost, nothing twice",
                                f"{whole:.1f} s", "no difference", verdict(ground))
    finally:
        ground.close()


def verdict(ground):
    problems = ground.problems(NAME)
    states, orders = ground.states(NAME), ground.db.value("select count(*) from update_order where kind = 'install'")
    if states != {"succeeded": ground.devices}:
        problems.append(f"{ground.devices} devices should have succeeded: {states}")
    if orders != ground.devices:
        problems.append(f"{orders} orders for {ground.devices} devices")
    given = ground.fleet.summary()["counts"]["orders"]
    if given != orders:
        problems.append(f"{orders} orders were made, {given} came")
    for line in problems[:20]:
        print(f"    WRONG: {line}")
    print("each device succeeded once, no order was made twice, nothing is lost, counters equal a recount: "
          f"{'MISSED' if problems else 'holds'}")
    return not problems


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.campaign_bench", description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=15000)
    parser.add_argument("--brokers", type=int, default=1)
    parser.add_argument("--connect-rate", type=int, default=500, help="sessions that are begun a second")
    parser.add_argument("--fleet", default="", help="more flags of wavegate-fleet run")
    parser.add_argument("--patience", type=int, default=3600, help="seconds for each part of it")
    return command.run(parser, bench)


if __name__ == "__main__":
    sys.exit(main())
