"""What an agent costs its device, beside what else is installed for the purpose, all in one run on one machine.

Real broker, orchestrator, web server, mutual TLS. Idle: the agent has said hello, has been answered, and nothing
goes on. Updating: releases of two sizes, in a campaign each, the largest that was seen on the way. On the wire: what
one keep-alive costs, counted with the headers of IP and TCP, times those of a day. The others: bundles of the same
sizes, handed to them here, and their polls of a server that has nothing to do.

usage: python3 -m tests.bench.footprint_bench [--small FILE] [--large MB] [--seconds N] [--report-only]
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.bench import command
from tests.bench.cost import Idle, Peak
from tests.bench.peers import peers, wires
from tests.bench.relay import Relay
from tests.lab import fleet, payload, programs
from tests.lab.agent import Agent
from tests.lab.lab import Ground, World
from tests.lab.process import LabError, poll

KEEP_ALIVE = 15 * 60          # seconds; of the aim
FAST = 10                     # seconds; of the keep-alives that are counted
DAY, MONTH = 86400, 30 * 86400
SETTLE = 10                   # seconds after which a process has come to rest
SMALL_MB = 8
GROWTH_KB = 512               # a larger artifact may cost so much more: what a sample misses or not
# resident kB, private kB, bytes of executable: with Debian's wolfSSL; of the small build
AIMS = {"agent": (6000, 1200, None), "agent-small": (3500, 600, 800_000)}
MONTH_MOST, WAKES_MOST = 1_000_000, 4
AT_WORK = ("resident", "private")  # no more of it than others, updating
TIMEOUTS = "timeout: {offer: 60s, download: 600s, install: 600s, probation: 60s, silent: 600s}"
CAMPAIGN = """wavegate: 1
campaign: {name}
release: {component}/{version}
target:
  all:
  - region: {region}
waves:
  - {{name: only, remaining: true}}
{timeouts}
"""


class Measured(Agent):
    """An agent of one of the builds, behind a relay that counts."""

    build = None  # of its executable

    def _argv(self, *more):
        return [self.build, *super()._argv(*more)[1:]]


class Subject:
    """One build of the agent, measured."""

    def __init__(self, name, program, device):
        self.name, self.program, self.device = name, program, device
        self.idle, self.peaks, self.month = None, {}, None
        self._relay = None

    def born(self, world):
        """A device that runs it, connected and answered."""
        self._relay = Relay(world.broker.port)
        kind = type("Agent", (Measured,), {"build": self.program})
        first = payload.make(world.folder, self.device.component, self.device.version)
        self.agent = world.add_agent(self.device, first, kind, broker=f"ssl://localhost:{self._relay.port}",
                                     keep_alive=f"{FAST}s", resend="5s")
        self.agent.start()
        world.wait(f"{self.name} is online", lambda: self.device.id in world.db.online(), 30)

    def rest(self, seconds):
        time.sleep(SETTLE)
        self.idle = Idle(self.agent.pid, self.program, seconds)

    def count_wire(self):
        """Several whole keep-alives, counted from after one to after another."""
        def next_ping(seen):
            if not poll(lambda: self._relay.bytes > seen, 3 * FAST, every=0.05):
                raise LabError(f"{self.name}: no keep-alive within {3 * FAST} s")
            time.sleep(1)  # the answer and what acknowledges it
        next_ping(self._relay.bytes)
        wire, start, pings = self._relay.on_the_wire(), time.monotonic(), 2
        for _ in range(pings):
            next_ping(self._relay.bytes)
        apart = (time.monotonic() - start) / pings
        if apart < FAST * 0.8:
            raise LabError(f"{self.name}: something every {apart:.1f} s, where keep-alives are {FAST} s apart")
        self.ping = (self._relay.on_the_wire() - wire) / pings
        self.day = self.ping * DAY / KEEP_ALIVE
        self.month = self.ping * MONTH / KEEP_ALIVE

    def update(self, world, version, megabytes):
        name = f"{self.name}-{megabytes}"
        peak = Peak(self.agent.pid)
        world.apply(CAMPAIGN.format(name=name, component=self.device.component, version=version,
                                    region=self.device.region, timeouts=TIMEOUTS))
        world.wait_finished(name, 600)
        peak.end()
        if world.db.state_of(name, self.device.id) != "succeeded":
            raise LabError(f"{name}: {world.db.places(name)}")
        self.peaks[megabytes] = peak

    def missed(self):
        """Lines that say which aims do not hold."""
        resident, private, size = AIMS[self.name]
        found = []
        if self.idle.resident > resident:
            found.append(f"{self.idle.resident} kB resident, at most {resident}")
        if self.idle.private > private:
            found.append(f"{self.idle.private} kB private, at most {private}")
        if size and self.idle.size > size:
            found.append(f"an executable of {self.idle.size} bytes, at most {size}")
        if self.month > MONTH_MOST:
            found.append(f"{self.month:.0f} bytes a month, at most {MONTH_MOST}")
        if self.idle.wakes >= WAKES_MOST:
            found.append(f"{self.idle.wakes:.1f} wake-ups a second, fewer than {WAKES_MOST}")
        (small, least), (large, most) = sorted(self.peaks.items())
        if most.private > least.private + GROWTH_KB:
            found.append(f"{most.private} kB private for {large} MB, {least.private} for {small} MB")
        return [f"{self.name}: {line}" for line in found]


class Other:
    """A peer, measured: what could not be has its reason in notes."""

    def __init__(self, peer, seconds):
        self.name, self.idle, self.peaks, self.wires, self.notes = peer.name, None, {}, [], []
        self.network = peer.network
        self.idle = Idle(peer.child.pid, peer.program, seconds)

    def work(self, peer, sizes):
        try:
            for megabytes in sizes:
                self.peaks[megabytes] = peer.update(megabytes)
        except (LabError, OSError, subprocess.SubprocessError) as problem:
            self.notes.append(f"{self.name}: not measured while updating: {problem}")

    def ask(self, folder):
        try:
            self.wires = wires(self.name, folder)
        except (LabError, OSError, subprocess.SubprocessError) as problem:
            self.notes.append(f"{self.name}: not measured on the wire: {problem}")

    @property
    def day(self):
        return sum(one.day for one in self.wires)


def more(one, other):
    """What of a subject is as much as another's, or more: pairs of a text and two numbers."""
    for what in ("with_libraries", "resident", "private"):
        yield what, getattr(one.idle, what), getattr(other.idle, what)
    for size in one.peaks.keys() & other.peaks.keys():
        for what in AT_WORK:
            yield f"{what}, updating {size} MB", getattr(one.peaks[size], what), getattr(other.peaks[size], what)
    if other.wires:
        yield "bytes a day", round(one.day), round(other.day)


def beaten(subjects, others):
    """Lines that say where another is as small or smaller."""
    return [f"{one.name}: {what} {ours}, {other.name} {theirs}" for other in others for one in subjects
            for what, ours, theirs in more(one, other) if ours >= theirs]


def measure_peers(folder, options):
    """What was measured, and lines about what was not: not installed, or it does not start here."""
    measured, absent = [], []
    for peer in peers(folder):
        if not peer.program:
            absent.append(f"{peer.name}: not installed")
            continue
        try:
            peer.start()
            time.sleep(SETTLE - 5)
            other = Other(peer, options.seconds)
            other.work(peer, (SMALL_MB, options.large))
        except LabError as problem:
            absent.append(f"{peer.name}: does not run here: {problem}")
            continue
        finally:
            peer.stop()
            shutil.rmtree(peer.folder, ignore_errors=True)
        other.ask(folder)
        measured.append(other)
        absent += other.notes
    return measured, absent


def line(name, idle, rest):
    print(f"{name:24} {idle.size / 1000:7.0f} {idle.with_libraries / 1000:8.0f} {idle.resident:8} {idle.private:7} "
          f"{idle.threads:7} {idle.wakes:6.1f}  {rest}")


def peaks_of(one):
    return "; ".join(f"{size} MB: {peak.resident}, {peak.private}" for size, peak in sorted(one.peaks.items())) or "-"


def wire_of(other):
    if not other.network:
        return "0 (asks nobody)"
    polls = ", ".join(f"{one.size:.0f} B {one.what}, every {one.seconds} s" for one in other.wires)
    return f"{other.day / 1000:.1f} kB ({polls})" if polls else "not measured"


def show(subjects, others, absent):
    print(f"{'':24} {'program':>7} {'+ libs':>8} {'resident':>8} {'private':>7} {'threads':>7} {'wakes':>6}  "
          "updating: resident, private        on the wire, a day")
    print(f"{'':24} {'kB':>7} {'kB':>8} {'kB':>8} {'kB':>7} {'':7} {'a s':>6}")
    for one in subjects:
        line(one.name, one.idle, f"{peaks_of(one)}   {one.day / 1000:.1f} kB ({one.ping:.0f} B a keep-alive)")
    for other in others:
        line(other.name, other.idle, f"{peaks_of(other)}   {wire_of(other)}")
    for text in absent:
        print(text)


def measure_agents(subjects, options):
    ground, world = Ground([one.device.id for one in subjects]), None
    try:
        world = World(ground, "footprint")
        world.start_orchestrator()
        for one in subjects:
            one.born(world)
        for one in subjects:
            one.rest(options.seconds)
            one.count_wire()
        for number, megabytes in enumerate((SMALL_MB, options.large), 1):
            version = f"3.0.{number}"
            made = payload.make(world.folder, fleet.COMPONENT, version, size=megabytes * 1_000_000)
            world.add_release(made, fleet.COMPONENT, version)
            for one in subjects:
                one.update(world, version, megabytes)
    finally:
        if world:
            world.close()
        ground.close()
        ground.remove()


def bench(options):
    devices = fleet.devices()
    subjects = [Subject("agent", programs.program("wavegate-agent"), replace(devices[0], region="DE-BE"))]
    if options.small:
        subjects.append(Subject("agent-small", options.small.resolve(strict=True), replace(devices[1], region="DE-HH")))
    folder = Path(tempfile.mkdtemp(prefix="wg-peers-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        others, absent = measure_peers(folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    measure_agents(subjects, options)
    if not options.small:
        absent.append("agent-small: not built (make agent-small)")
    show(subjects, others, absent)
    missed = [text for one in subjects for text in one.missed()] + beaten(subjects, others)
    for text in missed:
        print(f"MISSED  {text}")
    return not missed


def wrong(options):
    return f"expected more than {SMALL_MB} MB and some seconds" if options.large <= SMALL_MB or options.seconds <= 0 else None


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.footprint_bench",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=Path, help="the executable of make agent-small")
    parser.add_argument("--large", type=int, default=512, help="MB of the larger artifact (default 512)")
    parser.add_argument("--seconds", type=float, default=20, help="how long wake-ups are counted (default 20)")
    return command.run(parser, bench, wrong)


if __name__ == "__main__":
    sys.exit(main())
