"""`make cuts`: the power of real agents is cut at every call that changes something, and they are looked at afterwards.

One agent updates with nothing cut, and every call that changes a file of its state is counted. Then there is an agent for
each call and each way: killed before it, after it, in the middle of it where it writes, and after it with all lost that was
not synced. Each is started again, as a device that has its power back. All of them are in one campaign of the real orchestrator. In the end each device must run a
whole version by itself, the one that the orchestrator says it runs, and no call may have been left out.
"""

import argparse
import collections
import dataclasses
import os
import re
import subprocess
import sys
import time

from tests.lab import fleet, payload, programs
from tests.lab.lab import Ground, World
from tests.lab.process import LabError, end_on_signals, tail
from tests.system.story import campaign

GOOD, BAD = "2.4.1", "2.5.0"
SPARE = 6  # calls more than were counted: runs differ by a few
ROUNDS_MAX = 8
MUTATORS = {"open", "open64", "openat", "write", "pwrite", "pwrite64", "fsync", "fdatasync", "ftruncate", "ftruncate64",
            "fchmod", "rename", "unlink", "rmdir", "remove", "mkdir"}
WOULD_CHANGE = MUTATORS | {
    "creat", "writev", "pwritev", "pwritev2", "fwrite", "fputs", "fprintf", "truncate", "truncate64", "fallocate",
    "posix_fallocate", "renameat", "renameat2", "unlinkat", "mkdirat", "chmod", "fchmodat", "chown", "fchown", "link", "linkat",
    "symlink", "symlinkat", "mkstemp", "mkostemp", "mknod", "sendfile", "copy_file_range", "splice", "utimensat", "futimens",
    "setxattr", "msync", "sync_file_range"}
# writev: sockets of the MQTT library; fwrite: text on standard output and error
KNOWN_ELSEWHERE = {"writev", "fwrite", "fputs", "fprintf"}


@dataclasses.dataclass(frozen=True)
class Case:
    story: str
    number: int  # of the call; 0: nothing is cut
    how: str

    @property
    def device(self):
        return f"{self.story}-{self.number:04}-{self.how}"


class Cut:
    """One device with its case."""

    def __init__(self, world, case):
        self.case = case
        device = dataclasses.replace(fleet.devices()[0], id=case.device)
        self.agent = world.add_agent(device, payload.make(world.folder, device.component, device.version), soak="100ms",
                                     health_every="100ms", keep_alive="30s")
        self.log = self.agent.folder / "calls"
        self.is_cut = False

    def start(self):
        self.agent.environment = {
            "LD_PRELOAD": str(programs.BIN / "wg_cut.so"), "CUT_ROOT": str(self.agent.state), "CUT_AT": str(self.case.number),
            "CUT_COUNT": str(self.agent.folder / "count"), "CUT_LOG": str(self.log), "CUT_HOW": self.case.how}
        self.agent.start()

    def look(self):
        """The power comes back."""
        if self.agent.alive():
            return
        if self.is_cut or self.agent.exit_code != -9:
            raise LabError(f"{self.agent.id} ended by itself: exit code {self.agent.exit_code}\n{tail(self.agent.log)}")
        self.is_cut = True
        self.agent.environment = {}
        self.agent.start()

    def calls(self):
        """Name and file of each call that was met, in order."""
        return [line.split(" ", 2)[1:] for line in self.log.read_text().splitlines()]


def site(call):
    """What a call is, with what differs between devices and runs left out."""
    name, path = call
    path = re.sub(r"[0-9a-f]{16,}", "HASH", path)
    return f"{name} {re.sub('[0-9]+', 'N', path)}"


def check_that_all_is_counted():
    """A call that the agent comes to use must be known here."""
    done = subprocess.run(["nm", "-D", "--undefined-only", programs.program("wavegate-agent")], capture_output=True, text=True,
                          check=True)
    used = set(re.findall(r" U (\w+)", done.stdout)) & WOULD_CHANGE
    unknown = used - MUTATORS - KNOWN_ELSEWHERE
    if unknown:
        raise LabError(f"the agent calls what is not counted: {', '.join(sorted(unknown))}")


class Story:
    """A release, and every way in which the power can go while devices are given it."""

    def __init__(self, world, ground, name, version):
        self.world, self.ground, self.name, self.version = world, ground, name, version
        self.cuts, self.wrong, self.rounds = [], [], 0

    def _make(self, cases):
        self.ground.pki.issue_devices([case.device for case in cases])
        return [Cut(self.world, case) for case in cases]

    def _campaign(self, cuts, seconds):
        """Starts these devices, gives them the release, and their power back, until the campaign has ended."""
        self.rounds += 1
        world, want = self.world, {cut.agent.id for cut in cuts}
        for cut in cuts:
            cut.start()

        def all_there(more=True):
            for cut in cuts:
                cut.look()
            return world.db.online() >= want and more
        world.wait("every device is online", all_there, 120)
        name = world.apply(campaign(f"{self.name}-{self.rounds}", self.version, target=f"  - device: {sorted(want)}", more=(
            "pace: {in_flight: 60}\nbudget: {failures: 100%}\nretry: {attempts: 3, backoff: 1s}\ngate: {success: '>= 1%'}")))
        world.wait(f"campaign {name} has ended", lambda: all_there() is not None and
                   world.db.campaign_state(name) in ("finished", "aborted"), seconds)
        world.wait("all is acknowledged", lambda: all_there(not world.db.inconsistencies()), 60)
        self._judge(cuts, name)
        for cut in cuts:
            cut.agent.terminate()
        for cut in cuts:
            cut.agent.stop()

    def _expect(self, cut, holds, what):
        if not holds:
            self.wrong.append(f"{cut.case.device}: {what}")

    def _judge(self, cuts, name):
        places, versions = self.world.db.places(name), self.world.db.versions()
        for cut in cuts:
            agent = cut.agent
            cut.state, runs = places[agent.id][0], agent.version()
            self._expect(cut, runs in (self.version, agent.device.version), f"its default slot holds {runs}")
            self._expect(cut, (cut.state == "succeeded") == (runs == self.version),
                         f"it runs {runs}, and is said to have {cut.state}")
            self._expect(cut, self.version == GOOD or runs != self.version, f"it runs {runs}, which is not healthy")
            self._expect(cut, versions.get(agent.id) == runs, f"it runs {runs}, the database says {versions.get(agent.id)}")
            self._expect(cut, agent.boots_once() == "", "a boot-once mark stands")
            self._expect(cut, agent.alive(), f"it is dead: {tail(agent.log, 3)}")
            if cut.case.number and cut.is_cut:
                # another thread may have got one in before the kill
                self._expect(cut, len(cut.calls()) >= cut.case.number, f"cut at call {len(cut.calls())}")
            elif cut.case.number:
                self._expect(cut, len(cut.calls()) < cut.case.number, f"not cut, with {len(cut.calls())} calls")

    def _uncovered(self):
        """What was seen and not cut in every way: name of the call -> (ways, numbers that it was seen under)."""
        numbers, ways = collections.defaultdict(set), collections.defaultdict(set)
        for cut in self.cuts:
            calls = cut.calls()
            for number, call in enumerate(calls, 1):
                numbers[site(call)].add(number)
            if cut.is_cut:
                ways[site(calls[cut.case.number - 1])].add(cut.case.how)
        left = {}
        for what, seen in numbers.items():
            lacks = {"before", "after", "lost"} | ({"torn"} if what.startswith("write ") else set())
            if lacks - ways[what]:
                left[what] = lacks - ways[what], seen
        return left

    def run(self, seconds, every=1):
        """every: only each n-th case, to see that all of this works."""
        (probe,) = self._make([Case(f"{self.name}-0", 0, "none")])
        self._campaign([probe], 60)
        calls = probe.calls()
        cases = []
        for number in range(1, len(calls) + SPARE + 1):
            is_write = number > len(calls) or calls[number - 1][0] == "write"
            cases += [Case(f"{self.name}-1", number, how) for how in ("before", "after", "lost", "torn")[:4 if is_write else 3]]
        cases = cases[::every]
        while cases and self.rounds <= ROUNDS_MAX:
            made = self._make(cases)
            self.cuts += made
            self._campaign(made, seconds)
            # no two runs are alike to the last call: what was missed is aimed at again, wherever it was seen
            cases = [] if every > 1 else sorted({Case(f"{self.name}-{self.rounds}", number, how) for ways, numbers in self._uncovered().values()
                            for how in ways for number in numbers}, key=lambda case: case.device)
        for what, (ways, _) in sorted(self._uncovered().items() if every == 1 else ()):
            self.wrong.append(f"{what}: never cut {' or '.join(sorted(ways))}")
        self._show(len(calls))

    def _show(self, calls):
        done = [cut for cut in self.cuts if cut.is_cut]
        ways = collections.Counter(cut.case.how for cut in done)
        states = collections.Counter(cut.state for cut in done)
        kinds = {site(cut.calls()[cut.case.number - 1]) for cut in done}
        print(f"{self.name}: {calls} calls change something; {len(done)} cuts "
              f"({', '.join(f'{count} {how}' for how, count in sorted(ways.items()))}) at {len(kinds)} kinds of call; ended: "
              + ", ".join(f"{count} {state}" for state, count in sorted(states.items())), flush=True)
        for line in self.wrong:
            print(f"WRONG {self.name}: {line}")


def run(world, ground, options):
    check_that_all_is_counted()
    world.start_orchestrator()
    world.add_release(payload.make(world.folder, fleet.COMPONENT, GOOD, size=options.size), fleet.COMPONENT, GOOD)
    world.add_release(payload.make(world.folder, fleet.COMPONENT, BAD, health=payload.fails("no answer")), fleet.COMPONENT, BAD)
    stories = [Story(world, ground, "full", GOOD), Story(world, ground, "unhealthy", BAD)]
    stories = [story for story in stories if options.story in (None, story.name)]
    for story in stories:
        story.run(options.seconds, options.every)
    return not any(story.wrong for story in stories)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=300_000, help="bytes of the release")
    parser.add_argument("--seconds", type=int, default=900, help="for the campaign of all devices")
    parser.add_argument("--story", choices=["full", "unhealthy"], help="this one alone")
    parser.add_argument("--every", type=int, default=1, help="only each n-th case")
    parser.add_argument("--keep", action="store_true", help="keep the run folder")
    options = parser.parse_args()
    end_on_signals()
    held, world, ground = False, None, None
    began = time.monotonic()
    try:
        ground = Ground([])
        world = World(ground, "cuts")
        held = run(world, ground, options)
    except (LabError, OSError) as problem:
        print(f"it failed: {problem}", file=sys.stderr)
    finally:
        if world:
            world.close()
        if ground:
            ground.close()
            if held and not options.keep:
                ground.remove()
            else:
                print(f"logs and data are kept in {ground.folder}")
    print(f"{'all of it holds' if held else 'it does not hold'}, {time.monotonic() - began:.0f} seconds")
    return 0 if held else 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
