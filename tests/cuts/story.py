"""story.py: one update, and every way in which the power can go while devices are given it.

Nothing is judged by a time: what must be true of a device in the end is awaited (_await_truth), and what is not true when
nobody would wait any longer is wrong.
"""

import collections
import dataclasses
import re
import subprocess
import time

from tests.lab import fleet, payload, programs
from tests.lab.agent import Agent
from tests.lab.process import LabError, tail
from tests.system.story import campaign

GOOD, BAD = "2.4.1", "2.5.0"
AT_ONCE = 40  # devices that go on beside each other
ONLINE = 1800  # seconds; for devices that only have to start
SPARE = 6  # calls more than were counted: runs differ by a few
ROUNDS_MAX = 8
MUTATORS = {"open", "open64", "openat", "write", "pwrite", "pwrite64", "fsync", "fdatasync", "ftruncate", "ftruncate64",
            "fchmod", "rename", "unlink", "rmdir", "remove", "mkdir", "posix_fallocate", "posix_fallocate64"}
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

    def __init__(self, world, case, kind, old=None, **settings):
        """old: what the device runs first; None: a small payload."""
        self.case = case
        device = dataclasses.replace(fleet.devices()[0], id=case.device)
        self.agent = world.add_agent(device, old or payload.make(world.folder, device.component, device.version), kind=kind,
                                     soak="100ms", health_every="100ms", keep_alive="30s", **settings)
        self.log = self.agent.folder / "calls"
        self.is_cut = False
        self.state, self._back_at = None, 0

    def start(self):
        self.agent.environment = {
            "LD_PRELOAD": str(programs.BIN / "wg_cut.so"), "CUT_ROOT": str(self.agent.state), "CUT_AT": str(self.case.number),
            "CUT_COUNT": str(self.agent.folder / "count"), "CUT_LOG": str(self.log), "CUT_HOW": self.case.how}
        self.agent.start()

    def look(self):
        """The power comes back, where it was cut; was it?"""
        if self.agent.alive():
            return False
        if self.is_cut or self.agent.exit_code != -9:
            raise LabError(f"{self.agent.id} ended by itself: exit code {self.agent.exit_code}\n{tail(self.agent.log)}")
        self.is_cut = True
        self.agent.environment = {}
        self._back_at = self.agent.log.stat().st_size
        self.agent.boot_machine()
        self.agent.start()
        return True

    def is_at_rest(self):
        """It was heard since its power came back, and has no update in hand."""
        with open(self.agent.log, "rb") as log:
            log.seek(self._back_at)
            heard = b"msg=connected" in log.read()
        return heard and self.agent.phase() in (None, "idle")

    def calls(self):
        """Number of each call that was met -> its name and file. A thread that was killed between counting and writing down
        leaves a gap."""
        lines = (line.split(" ", 2) for line in self.log.read_text().splitlines())
        return {int(number): (name, path) for number, name, path in lines}


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


def failing(*checks):
    """(holds, what is wrong if not) -> what is wrong."""
    return [what for holds, what in checks if not holds]


class Story:
    """A release, and every way in which the power can go while devices are given it."""

    def __init__(self, world, ground, name, version, kind=Agent):
        self.world, self.ground, self.name, self.version, self.kind = world, ground, name, version, kind
        self.cuts, self.wrong, self.rounds, self.campaigns = [], [], 0, 0

    def _make(self, cases):
        self.ground.pki.issue_devices([case.device for case in cases])
        return [Cut(self.world, case, self.kind) for case in cases]

    def _prepare(self, cuts):
        """Before the campaign, when the orchestrator knows the devices."""

    def _campaign(self, cuts, seconds):
        """Starts these devices, so many at once, gives them the release, and their power back, until the truth about each of
        them is known."""
        for start in range(0, len(cuts), AT_ONCE):
            some, wrong = cuts[start:start + AT_ONCE], len(self.wrong)
            for cut in some:
                cut.start()
            self._await_truth(some, self._give(some, seconds), seconds)
            for cut in some:
                cut.agent.terminate()
            for cut in some:
                cut.agent.stop()
            self._over(some, len(self.wrong) == wrong)

    def _give(self, cuts, seconds):
        """Until all of them have ended it; the name of the campaign."""
        self.campaigns += 1
        world, want = self.world, {cut.agent.id for cut in cuts}

        def keep_on():
            for cut in cuts:
                cut.look()
            return True
        world.wait("every device is online", lambda: keep_on() and world.db.online() >= want, ONLINE)
        self._prepare(cuts)
        name = world.apply(campaign(f"{self.name}-{self.campaigns}", self.version, target=f"  - device: {sorted(want)}", more=(
            "pace: {in_flight: 60}\nbudget: {failures: 100%}\nretry: {attempts: 3, backoff: 1s}\ngate: {success: '>= 1%'}")))
        world.wait(f"campaign {name} has ended", lambda: keep_on() and
                   world.db.campaign_state(name) in ("finished", "aborted"), seconds)
        return name

    def _over(self, cuts, well):
        """They are stopped; well: nothing was wrong with them."""

    def _await_truth(self, cuts, name, seconds):
        """Until all is as it must be with all of them at one time. The last calls come after the update's end: a device may be
        cut, and come back, while the others are looked at."""
        deadline, left = time.monotonic() + seconds * programs.SLOWER, cuts
        while True:
            for cut in cuts:
                cut.look()
            facts = self._facts(name)
            found = {cut: problems for cut in left if (problems := self._looked_at(cut, facts))}
            if not found and left is cuts and not facts["contradictions"]:
                return
            if time.monotonic() >= deadline:
                break
            left = list(found) or cuts
            time.sleep(0.1)
        self.wrong += facts["contradictions"]
        for cut, problems in found.items():
            self.wrong += [f"{cut.case.device}: {problem}" for problem in problems]

    def _looked_at(self, cut, facts):
        """Files may be in the middle of being mended."""
        try:
            return self._problems(cut, facts)
        except (OSError, ValueError, LookupError, subprocess.CalledProcessError) as problem:
            return [f"it cannot be looked at: {problem!r}"]

    def _facts(self, name):
        """What the orchestrator says."""
        db = self.world.db
        return {"contradictions": db.inconsistencies(), "places": db.places(name), "versions": db.versions()}

    def _problems(self, cut, facts):
        """What is not as it must be in the end."""
        agent, runs, said = cut.agent, cut.agent.version(), facts["versions"].get(cut.agent.id)
        cut.state = facts["places"][agent.id][0]
        return failing(
            (runs in (self.version, agent.device.version), f"its default slot holds {runs}"),
            ((cut.state == "succeeded") == (runs == self.version), f"it runs {runs}, and is said to have {cut.state}"),
            (self.version == GOOD or runs != self.version, f"it runs {runs}, which is not healthy"),
            (said == runs, f"it runs {runs}, the database says {said}")) + self._state_problems(cut)

    def _state_problems(self, cut):
        agent, number, most = cut.agent, cut.case.number, max(cut.calls(), default=0)
        return failing(
            (agent.alive(), f"it is dead: {tail(agent.log, 3)}"),
            (cut.is_at_rest(), f"it was not heard again, or has an update in hand: {tail(agent.log, 3)}"),
            (agent.boots_once() == "", "a boot-once mark stands"),
            (not cut.is_cut or number in cut.calls(), f"cut at call {most}"),
            (cut.is_cut or not number or most < number, f"not cut, with {most} calls"))

    def _uncovered(self):
        """What was seen and not cut in every way: name of the call -> (ways, numbers that it was seen under)."""
        numbers, ways = collections.defaultdict(set), collections.defaultdict(set)
        for cut in self.cuts:
            calls = cut.calls()
            for number, call in calls.items():
                numbers[site(call)].add(number)
            if cut.is_cut:
                ways[site(calls[cut.case.number])].add(cut.case.how)
        left = {}
        for what, seen in numbers.items():
            lacks = {"before", "after", "lost"} | ({"torn"} if what.startswith("write ") else set())
            if lacks - ways[what]:
                left[what] = lacks - ways[what], seen
        return left

    def run(self, seconds, every=1):
        """every: only each n-th case, to see that all of this works."""
        (probe,) = self._make([Case(f"{self.name}-0", 0, "none")])
        self._campaign([probe], seconds)
        calls = probe.calls()
        cases = []
        for number in range(1, len(calls) + SPARE + 1):
            is_write = number > len(calls) or calls[number][0] == "write"
            cases += [Case(f"{self.name}-1", number, how) for how in ("before", "after", "lost", "torn")[:4 if is_write else 3]]
        cases = cases[::every]
        while cases and self.rounds < ROUNDS_MAX:
            self.rounds += 1
            made = self._make(cases)
            self.cuts += made
            self._campaign(made, seconds)
            # no two runs are alike to the last call: what was missed is aimed at again, wherever it was seen
            missed = self._uncovered().values() if every == 1 else ()
            cases = sorted({Case(f"{self.name}-{self.rounds + 1}", number, how) for ways, numbers in missed
                            for how in ways for number in numbers}, key=lambda case: case.device)
        for what, (ways, _) in sorted(self._uncovered().items() if every == 1 else ()):
            self.wrong.append(f"{what}: never cut {' or '.join(sorted(ways))}")
        self._show(len(calls))

    def _show(self, calls):
        done = [cut for cut in self.cuts if cut.is_cut]
        ways = collections.Counter(cut.case.how for cut in done)
        states = collections.Counter(cut.state for cut in done)
        kinds = {site(cut.calls()[cut.case.number]) for cut in done}
        print(f"{self.name}: {calls} calls change something; {len(done)} cuts "
              f"({', '.join(f'{count} {how}' for how, count in sorted(ways.items()))}) at {len(kinds)} kinds of call; ended: "
              + ", ".join(f"{count} {state}" for state, count in sorted(states.items())), flush=True)
        for line in self.wrong:
            print(f"WRONG {self.name}: {line}")
