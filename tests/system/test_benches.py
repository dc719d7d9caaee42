"""What `make` measures with, on little: it runs, and says what it found. What it found means nothing here; `make bench` and its like judge that."""

import os
import re
import subprocess
import sys

import pytest

from tests.lab import programs

# What each says when it has measured.
SMALL = {
    "plan_bench": (("--devices", 2000, "--rounds", 1, "--report-only"), r"area, version range, tag"),
    "intake_bench": (("--devices", 200, "--rounds", 1, "--seconds", 20, "--sessions", 20, "--report-only"), r"p99"),
    "orchestrators_bench": (("--devices", 200, "--rounds", 1, "--seconds", 20, "--sessions", 20, "--report-only"), r"by two, of those by one"),
    "rows_bench": (("--devices", 200), r"order_bytes"),
    "dispatch_bench": (("--devices", 200, "--sessions", 20, "--brokers", 2, "--rounds", 1, "--per", "site=200",
                        "--report-only"), r"signed orders"),
    "growth_bench": (("--sizes", "1000,2000", "--turns", 1, "--report-only"), r"dispatch the next"),
    "import_bench": (("--devices", 2000, "--statements", 300), r"new against psql: [\d.]+"),
    "speed_bench": (("--mb", 8, "--rounds", 1, "--report-only"), r"fetched over HTTPS"),
}


def run(module, *words, **more):
    env = {**os.environ, "WAVEGATE_BIN": str(programs.BIN), "PYTHONDONTWRITEBYTECODE": "1", **more}
    return subprocess.run([sys.executable, "-m", module, *map(str, words)], cwd=programs.ROOT, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=200 * programs.SLOWER, check=False)


@pytest.mark.parametrize("name", SMALL)
def test_it_measures(name, tmp_path):
    words, said = SMALL[name]
    done = run(f"tests.bench.{name}", *words, WAVEGATE_BENCH_TABLE=str(tmp_path / "table"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(said, done.stdout), done.stdout
    if (tmp_path / "table").exists():
        rows = run("tests.bench.aims", tmp_path / "table").stdout.partition("\n\n")[2]
        assert rows in done.stdout and rows.splitlines()[0].split() == ["figure", "ours", "other", "side", "ratio", "aim"]


@pytest.mark.parametrize("name", ["campaign_bench", "storm_bench", "soak"])
def test_it_says_what_it_takes(name):
    """They take a minute or more whatever they are asked, because devices wait."""
    assert "--report-only" in run(f"tests.bench.{name}", "--help").stdout
    assert run(f"tests.bench.{name}", "--devices", "none").returncode == 2
