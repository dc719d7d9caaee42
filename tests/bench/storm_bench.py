"""A reconnect storm: orders are open for all devices, and all of them lose their connection at once.

Either the brokers are killed and started again, or the fleet's own sockets are cut. From then on: when the last device has a
session again, and when the last device knows its order again, that is, the orchestrator has answered the hello of its new session
with the order that the device holds. The aims: that within two minutes, and nothing that grows without bound on the way: memory of
orchestrator and brokers (in which their queues are) and what waits in the sockets between them is sampled all the time. What they
take must stay within a bound of what they take when it is over.

usage: python3 -m tests.bench.storm_bench [--devices N] [--brokers N] [--how kill|cut] [--report-only]
"""

import argparse
import sys
import threading
import time

from tests.bench import command
from tests.bench.fleet_ground import FleetGround
from tests.bench.parts import Spent, Watch, starved
from tests.lab.process import LabError, poll, tail

NAME, VERSION = "stormy", "2.0.0"
BACK, KNOWN = 60, 120  # seconds: what makes it a storm, and the aim
GROWTH = {"orchestrator": 64, "broker": 128}  # MiB above what it takes when all is over
FLEET = ("--download", "6h", "--health-every", "1s")  # the orders stay open
ESTABLISHED = "01"


class Sockets(threading.Thread):
    """Bytes that wait in the kernel for a port's server or for its clients: the most, and the last (proc(5), net/tcp)."""

    def __init__(self, ports):
        super().__init__(daemon=True)
        self._ports = {f"{port:04X}" for port in ports}
        self._ended = threading.Event()
        self.most = self.last = self.sessions = 0
        self.start()

    def run(self):
        while not self._ended.wait(1):
            self.last = self._count()
            self.most = max(self.most, self.last)

    def _count(self):
        waiting = 0
        with open("/proc/net/tcp", encoding="ascii") as table:
            next(table)
            for line in table:
                fields = line.split()
                ends = {fields[1][-4:], fields[2][-4:]}
                if fields[3] == ESTABLISHED and ends & self._ports:
                    out, _, back = fields[4].partition(":")
                    waiting += int(out, 16) + int(back, 16)
        return waiting

    def end(self):
        self._ended.set()
        self.join()
        return self


def strike(ground, options):
    """All are lost from now on."""
    if options.how == "cut":
        ground.fleet.drop()
        return
    for broker in ground.brokers:
        broker.kill()
    time.sleep(options.down)
    for broker in ground.brokers:
        broker.start()


def follow(ground, began, heard, options):
    """Seconds until all have a session, and until all know their orders; None: they never did. heard: how often the orchestrator's
    log said, before, that a broker is connected."""
    back = known = shown = None
    if options.how == "kill":
        heard += len(ground.brokers)
    while known is None:
        now = ground.fleet.summary()
        at = time.monotonic() - began
        if options.how == "kill" and heard and ground.heard() >= heard:
            print(f"    {at:7.1f} s  the orchestrator hears every broker again", flush=True)
            heard = 0
        if back is None and now["connected"] == ground.devices and now["counts"]["reconnects"] >= ground.devices:
            back = at
        if now["ordered"] == ground.devices:
            known = at
        if shown is None or at - shown >= 5 or known:
            print(f"    {at:7.1f} s  {now['connected']:6} connected, {now['told']:6} answered, {now['ordered']:6} know their order",
                  flush=True)
            shown = at
        if at > options.patience:
            break
        time.sleep(0.1)
    return back, known


def prepare(ground, options):
    """All have their orders and are at work."""
    ground.add_release("app", VERSION)
    ground.start()
    connected = ground.start_fleet(timeout=options.patience)
    print(f"    all are connected after {connected:.1f} s", flush=True)
    ground.apply_campaign(NAME, VERSION, [{"name": "rest", "remaining": True}],
                          timeout={"offer": "24h", "download": "24h", "install": "24h", "probation": "24h", "silent": "48h"})
    if not poll(lambda: ground.states(NAME).get("downloading", 0) == ground.devices, options.patience, 0.5):
        raise LabError(f"{ground.states(NAME)}\n{tail(ground.orchestrator.log)}")
    ground.settle()
    print(f"    all {ground.devices} have their orders and download", flush=True)


def bounded(watch, sockets, settled):
    """Whether nothing grew out of bounds; prints what there was."""
    held = True
    print(f"\n    {'':14}{'most MiB':>12}{'when it is over':>18}{'allowed above':>16}")
    for name, allowed in GROWTH.items():
        grew = watch.most(name) - settled[name]
        held = held and grew <= allowed
        print(f"    {name:14}{watch.most(name):12.1f}{settled[name]:18.1f}{allowed:16}   {'' if grew <= allowed else 'MISSED'}")
    print(f"    {'database':14}{watch.most('database'):12.1f}{settled['database']:18.1f}\n"
          f"    in sockets of the brokers: {sockets.most / 1024:.0f} KiB at most, {sockets.last / 1024:.0f} KiB at the end")
    return held


def logged(ground):
    """What the orchestrator warned of, in numbers."""
    log = ground.orchestrator.log.read_text()
    return {word: log.count(f'msg="{word}') for word in ("publish failed", "messages dropped", "broker lost")}


def bench(options):
    flags = (*FLEET, "--connect-rate", options.connect_rate)
    ground = FleetGround(options.devices, options.brokers, flags)
    try:
        options.aims.on(ground.describe())
        print(f"{options.devices} devices with mutual TLS, {options.brokers} broker(s) with the guard; "
              f"{'their sockets are cut' if options.how == 'cut' else f'the brokers are killed, and back after {options.down} s'}; "
              f"{options.connect_rate} connections are begun a second", flush=True)
        prepare(ground, options)
        watch, sockets = Watch(ground.parts(), every=0.5), Sockets([broker.port for broker in ground.brokers])
        began, heard = time.monotonic(), ground.heard()
        spent = Spent(ground.parts())
        strike(ground, options)
        back, known = follow(ground, began, heard, options)
        costs = spent.each()
        quiet(ground)
        watch.end()
        print("    microseconds of processor for each device that came back: " + ", ".join(
            f"{name} {1e6 * seconds / options.devices:.0f}" for name, (seconds, _) in costs.items() if seconds > 0))
        print(f"    {starved(ground.parts())}")
        return verdict(ground, options, back, known, bounded(watch, sockets.end(), {name: watch.last(name) for name in watch.lives}))
    finally:
        ground.close()


def quiet(ground):
    """What was said in the storm is stored, and a moment passes, in which memory that is free may show as such."""
    ground.settle()
    time.sleep(5)


def verdict(ground, options, back, known, is_bounded):  # pylint: disable=too-many-arguments,too-many-positional-arguments
    counts = ground.fleet.summary()["counts"]
    problems = ground.problems(NAME)
    for line in problems[:20]:
        print(f"    WRONG: {line}")
    warned = ", ".join(f"{count} times \"{word}\"" for word, count in logged(ground).items() if count)
    print(f"    {counts['reconnects']} sessions anew, {counts['hellos_sent']} hellos, {counts['orders_again']} orders given again; "
          f"the orchestrator's log: {warned or 'no warnings'}")
    print(f"all are back after {f'{back:.1f} s' if back else 'never'} (a storm is {BACK} s)")
    what = "sockets" if options.how == "cut" else "brokers"
    return all([
        options.aims.add(f"{options.devices:,} know their orders again, {what} lost", f"{known:.1f} s" if known else "never",
                         f"within {KNOWN} s", known is not None and known <= KNOWN),
        options.aims.add("memory and queues", "" if is_bounded else "grew", "bounded", is_bounded),
        options.aims.add("lost, or counted otherwise than by a recount", str(len(problems)), "0", not problems)])


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.storm_bench", description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=15000)
    parser.add_argument("--brokers", type=int, default=1)
    parser.add_argument("--how", choices=("kill", "cut"), default="kill", help="the brokers, or the fleet's sockets")
    parser.add_argument("--down", type=float, default=5, help="seconds for which killed brokers are away")
    parser.add_argument("--connect-rate", type=int, default=500, help="sessions that are begun a second")
    parser.add_argument("--patience", type=int, default=900, help="seconds for each part of it")
    return command.run(parser, bench)


if __name__ == "__main__":
    sys.exit(main())
