"""Child processes that end with us: stopped exactly, by pid, however the run ends."""

import atexit
import ctypes
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.lab.programs import SLOWER

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_running = []  # children in the order in which they were started


class LabError(Exception):
    """Something of the lab did not come up, or a wait ran out; says what and shows the logs."""


def tail(path, lines=30):
    """The last lines of a log file, or a word that there are none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read().splitlines()[-lines:]
    except OSError as problem:
        return f"({problem.strerror})"
    return "\n".join(text) if text else "(empty)"


def _ports():
    """Below those that the kernel gives to connections: who takes one only after a while, or ends and comes back, finds it
    free. Each of pytest's workers has a part of them for itself, from where none comes again soon."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    parts = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    size = 22000 // parts
    first, begin = 10000 + int(worker) * size, random.randrange(size)
    return itertools.cycle(first + (begin + number) % size for number in range(size))


_PORTS = _ports()


def free_port():
    """A loopback port that nothing listens on, and nobody else of these tests is given."""
    for port in itertools.islice(_PORTS, 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise LabError("no free port")


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(SLOWER)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def poll(condition, timeout, every=0.02):
    """The first true value of condition(), or the last false one when the time is up, which sanitizers stretch."""
    return _poll(condition, timeout * SLOWER, every)


def stays_false(condition, seconds, every=0.02):
    """Whether condition() was not once true in that time: for what must not happen."""
    return not _poll(condition, seconds, every)


def _poll(condition, timeout, every):
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value or time.monotonic() >= deadline:
            return value
        time.sleep(every)


def freeze(pid):
    """SIGSTOP; returns when none of its threads runs any more."""
    os.kill(pid, signal.SIGSTOP)

    def states():
        return {path.read_text().rpartition(")")[2].split()[0] for path in Path(f"/proc/{pid}/task").glob("*/stat")}
    if not poll(lambda: states() == {"T"}, 10):
        raise LabError(f"process {pid} does not stand still")


def _die_with(parent, death_signal):
    """Runs in the child: the kernel ends it when its parent is gone, even by SIGKILL."""

    def prepare():
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


class Child:
    """One program in a process group of its own, writing to one log file.

    Started from the main thread only: the kernel ties the child to the thread that made it.
    """

    def __init__(self, name, argv, log, env=None, user=None, cwd=None,
                 death_signal=signal.SIGKILL):
        self.name, self.log, self.argv = name, str(log), [str(word) for word in argv]
        options = {}
        if user and os.geteuid() == 0:
            options = {"user": user, "group": user, "extra_groups": []}
        with open(self.log, "ab") as out:
            self._popen = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                env=env, cwd=cwd, start_new_session=True,
                preexec_fn=_die_with(os.getpid(), death_signal), **options)
        self.pid = self._popen.pid
        _running.append(self)

    def alive(self):
        return self._popen.poll() is None

    @property
    def exit_code(self):
        return self._popen.poll()

    def signal(self, number):
        """Sends a signal to this process alone."""
        if self.alive():
            os.kill(self.pid, number)

    def wait(self, timeout):
        """Waits for its end; the exit code, negative for a signal."""
        try:
            code = self._popen.wait(timeout * SLOWER)
        except subprocess.TimeoutExpired:
            raise LabError(f"{self.name} did not end within {timeout * SLOWER:g} s\n"
                           f"{tail(self.log)}") from None
        self._forget()
        return code

    def stop(self, timeout=10):
        """SIGTERM, then SIGKILL for the whole group if it takes too long; the exit code."""
        if self.alive():
            self.signal(signal.SIGTERM)
            try:
                self._popen.wait(timeout * SLOWER)
            except subprocess.TimeoutExpired:
                pass
        return self.kill()

    def kill(self):
        """SIGKILL for the whole group; the exit code."""
        self._kill_group()
        code = self._popen.wait()
        self._forget()
        return code

    def _kill_group(self):
        # Once reaped, the number is free for others: only a group that is surely ours is hit.
        if self._popen.returncode is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def _forget(self):
        if self in _running:
            _running.remove(self)


def stop_all():
    """Ends every child that still runs, the newest first."""
    for child in reversed(list(_running)):
        child.signal(signal.SIGTERM)
    for child in reversed(list(_running)):
        child.stop(timeout=3)


def end_on_signals():
    """Makes SIGTERM and SIGHUP end the program as Ctrl-C does: through every `with` and atexit."""

    def leave(number, _frame):
        signal.signal(number, signal.SIG_IGN)
        sys.exit(128 + number)

    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell had it ignored
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


atexit.register(stop_all)
