"""What `make` measures with, run on little: what it finds then means nothing; `make bench` and its like judge that."""

import os
import re
import subprocess
import sys

from tests.lab import programs


def run(module, *words, timeout=200, **more):
    env = {**os.environ, "WAVEGATE_BIN": str(programs.BIN), "PYTHONDONTWRITEBYTECODE": "1", **more}
    return subprocess.run([sys.executable, "-m", module, *map(str, words)], cwd=programs.ROOT, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout * programs.SLOWER, check=False)


def measure(folder, name, words, said, **more):
    """It runs, and says what it found, which it returns; what it adds to the table of `make bench` is a table."""
    done = run(f"tests.bench.{name}", *words, WAVEGATE_BENCH_TABLE=str(folder / "table"), **more)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(said, done.stdout), done.stdout
    if (folder / "table").exists():
        rows = run("tests.bench.aims", folder / "table").stdout.partition("\n\n")[2]
        assert rows in done.stdout and rows.splitlines()[0].split() == ["figure", "ours", "other", "side", "ratio", "aim"]
    return done.stdout
