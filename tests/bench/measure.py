"""Time and memory of one question, asked of a command or of the database."""

import re
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

import psycopg2

from tests.lab.process import LabError


@dataclass
class Run:
    seconds: float
    memory_mib: float  # the most that was resident
    output: str


class Peak(threading.Thread):
    """The most that a process had resident, read every 5 ms while it runs.

    Not from its rusage: that counts what the process was before it became the command, a copy of this program.
    """

    def __init__(self, child):
        super().__init__(daemon=True)
        self._status, self._ended, self.kib = f"/proc/{child.pid}/status", threading.Event(), 0
        self.start()

    def run(self):
        while not self._ended.wait(0.005):
            try:
                with open(self._status, encoding="utf-8") as file:
                    found = re.search(r"^VmHWM:\s+(\d+) kB", file.read(), re.M)
            except OSError:
                return
            if found:
                self.kib = max(self.kib, int(found[1]))

    def end(self):
        self._ended.set()
        self.join()
        return self.kib / 1024


def run_command(argv, env, expected):
    """Runs it to its end; the exit code must be one of the expected."""
    argv = [str(word) for word in argv]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=env)
        peak = Peak(child)
        child.wait()
        seconds = time.monotonic() - start
        memory = peak.end()
        output.seek(0)
        errors.seek(0)
        if child.returncode not in expected:
            raise LabError(f"{' '.join(argv)}: exit code {child.returncode}\n{errors.read().decode()}")
        return Run(seconds, memory, output.read().decode())


def run_query(dsn, settings, sql):
    """Rows and seconds of one statement; to connect is not counted."""
    connection = psycopg2.connect(dsn)
    try:
        with connection.cursor() as cursor:
            for setting in settings:
                cursor.execute(f"set local {setting}")
            start = time.monotonic()
            cursor.execute(sql)
            rows = cursor.fetchall()
            return rows, time.monotonic() - start
    finally:
        connection.close()
