"""A line typed at a terminal, with the answers of whoever sits there."""

import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time

from tests.lab.programs import SLOWER


def _take_terminal():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _hidden(terminal):
    return not termios.tcgetattr(terminal)[3] & termios.ECHO


def typed(line, folder, env, answers=(), timeout=60):
    """answers: of pairs, what is asked (a regular expression) and the secret that is typed then. The exit code, and what was shown."""
    master, slave = pty.openpty()
    with subprocess.Popen(["sh", "-c", line], cwd=folder, env=env, stdin=slave, stdout=slave, stderr=slave, preexec_fn=_take_terminal) as child:
        os.close(slave)
        shown, seen, end = "", 0, time.monotonic() + timeout * SLOWER
        while time.monotonic() < end:
            if select.select([master], [], [], 0.02)[0]:
                try:
                    shown += os.read(master, 65536).decode(errors="replace")
                except OSError:  # nobody has the other end any more
                    break
            for asked, answer in answers:
                # What is typed before the echo is off would be shown, and thrown away.
                if (found := re.search(asked, shown[seen:])) and _hidden(master):
                    seen += found.end()
                    os.write(master, f"{answer}\n".encode())
        else:
            child.kill()
        os.close(master)
        return child.wait(), shown
