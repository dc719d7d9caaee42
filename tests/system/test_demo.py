"""`make demo`, as the README has it."""

import os
import subprocess
import sys

from tests.lab import programs


def test_the_demo_holds():
    done = subprocess.run([sys.executable, "-m", "deploy.demo.demo"], cwd=programs.ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env={**os.environ, "WAVEGATE_BIN": str(programs.BIN), "PYTHONDONTWRITEBYTECODE": "1"},
                          timeout=200 * programs.SLOWER, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
