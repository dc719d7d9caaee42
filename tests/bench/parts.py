"""The parts of a running system: which processes each of them is, what processor time and memory they take (proc(5))."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import cost
from tests.bench.load_ground import TICK


def _family(pid):
    try:
        return cost.family(pid)
    except OSError:  # one of them has just ended
        return [pid]


def _seconds(pid):
    """Its own, and those of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICK


def _waited(pid):
    """Seconds in which its threads could have run, and had no core."""
    return sum(int(task.joinpath("schedstat").read_text().split()[1]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9


class Part:
    """roots: a function that tells the processes with which it begins, as they are now."""

    def __init__(self, name, roots):
        self.name, self._roots = name, roots

    def roots(self):
        return tuple(self._roots())

    def _each(self, read):
        found = []
        for pid in [one for root in self.roots() for one in _family(root)]:
            try:
                found.append(read(pid))
            except OSError:
                continue
        return found

    def seconds(self):
        """Of processor."""
        return sum(self._each(_seconds))

    def waited(self):
        """Seconds for a core, of those processes that there are: what others on the machine cost it."""
        return sum(self._each(_waited))

    def memory(self):
        """KiB: resident, with what is shared counted once, and of no file."""
        found = self._each(lambda pid: cost.fields(f"/proc/{pid}/status"))
        shared = [one.get("RssShmem", 0) for one in found]
        resident = sum(one.get("VmRSS", 0) for one in found) - sum(shared) + max(shared, default=0)
        return resident, sum(one.get("RssAnon", 0) for one in found)


def starved(parts):
    """How much of it there was, in words: of a machine that is free, little."""
    return "waited for a core, s, since each was started: " + ", ".join(f"{part.name} {part.waited():.1f}" for part in parts)


class Spent:
    """Seconds of each part while something went on: of processor, and waiting for a core."""

    def __init__(self, parts):
        self._parts, self._before = parts, self._now(parts)

    @staticmethod
    def _now(parts):
        return {part.name: (part.seconds(), part.waited()) for part in parts}

    def each(self):
        return {name: (seconds - self._before[name][0], waited - self._before[name][1])
                for name, (seconds, waited) in self._now(self._parts).items()}


@dataclass
class Seen:
    """Of one part, from one start to its end: seconds and KiB."""
    roots: tuple
    at: list = field(default_factory=list)
    resident: list = field(default_factory=list)
    anonymous: list = field(default_factory=list)


class Watch(threading.Thread):
    """Looks at the memory of parts again and again. `lives`: name to what was seen of each of its lives."""

    def __init__(self, parts, every=1.0):
        super().__init__(daemon=True)
        self.lives = {part.name: [] for part in parts}
        self._parts, self._every, self._ended = parts, every, threading.Event()
        self.start()

    def run(self):
        while not self._ended.wait(self._every):
            for part in self._parts:
                if self._ended.is_set():
                    return  # what is looked at may be gone
                self._look(part)

    def _look(self, part):
        roots, lives = part.roots(), self.lives[part.name]
        resident, anonymous = part.memory()
        if not resident or roots != part.roots():
            return
        if not lives or lives[-1].roots != roots:
            lives.append(Seen(roots))
        lives[-1].at.append(time.monotonic())
        lives[-1].resident.append(resident)
        lives[-1].anonymous.append(anonymous)

    def end(self):
        self._ended.set()
        self.join()
        return self

    def most(self, name):
        """MiB that were resident at once."""
        return max((kib for life in self.lives[name] for kib in life.resident), default=0) / 1024

    def last(self, name):
        return self.lives[name][-1].resident[-1] / 1024 if self.lives[name] else 0.0
