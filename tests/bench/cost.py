"""What a running process costs: memory, threads, how often it wakes, as the kernel counts it (proc(5))."""

import os
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

_FIELD = re.compile(r"^(\w+):\s+(\d+)", re.M)


def fields(path):
    return {name: int(number) for name, number in _FIELD.findall(Path(path).read_text())}


def family(pid):
    """The process and its children, and theirs."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def resident_kb(pid):
    return sum(fields(f"/proc/{one}/status").get("VmRSS", 0) for one in family(pid))


def private_kb(pid):
    """Of no file, so of nobody else; what forks share is counted once."""
    return sum(fields(f"/proc/{one}/smaps_rollup").get("Pss_Anon", 0) for one in family(pid))


def threads(pid):
    return sum(fields(f"/proc/{one}/status").get("Threads", 0) for one in family(pid))


def wakes(pid):
    """How often its threads have gone to sleep of themselves, and were woken again, so far."""
    total = 0
    for one in family(pid):
        for task in Path(f"/proc/{one}/task").iterdir():
            total += fields(task / "status")["voluntary_ctxt_switches"]
    return total


def stripped_size(program):
    """Bytes of an executable or library without symbols."""
    with tempfile.NamedTemporaryFile() as file:
        done = subprocess.run(["strip", "-o", file.name, str(program)], capture_output=True, check=False)
        return os.stat(program if done.returncode else file.name).st_size


def libraries(pid):
    """The shared libraries that it maps; all of them, the C library too."""
    found = {line.split()[-1] for line in Path(f"/proc/{pid}/maps").read_text().splitlines()
             if re.search(r"\.so[.\d]*$", line)}
    return sorted(found)


class Idle:
    """Of a process that has come to rest: wake-ups over some seconds, then the rest at once."""

    def __init__(self, pid, program, seconds):
        before, start = wakes(pid), time.monotonic()
        time.sleep(seconds)
        self.wakes = (wakes(pid) - before) / (time.monotonic() - start)
        self.resident, self.private = resident_kb(pid), private_kb(pid)
        self.threads = threads(pid)
        self.size = stripped_size(program)
        self.with_libraries = self.size + sum(stripped_size(one) for one in libraries(pid))


class Peak(threading.Thread):
    """The most that a process had, looked at every 20 ms; programs that it starts are counted for a whole family."""

    def __init__(self, pid, whole=False):
        super().__init__(daemon=True)
        self.resident = self.private = 0
        self._pid, self._whole, self._ended = pid, whole, threading.Event()
        self.start()

    def run(self):
        while not self._ended.wait(0.02):
            try:
                self._look()
            except OSError:
                if not self._whole or not Path(f"/proc/{self._pid}").exists():
                    return  # else one of its children has just ended

    def _look(self):
        if self._whole:
            self.resident = max(self.resident, resident_kb(self._pid))
            self.private = max(self.private, private_kb(self._pid))
            return
        self.resident = max(self.resident, fields(f"/proc/{self._pid}/status").get("VmRSS", 0))
        self.private = max(self.private, fields(f"/proc/{self._pid}/smaps_rollup").get("Pss_Anon", 0))

    def end(self):
        self._ended.set()
        self.join()
        return self
