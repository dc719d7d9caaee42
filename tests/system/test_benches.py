"""What `make` measures with, on little: it runs, and says what it found."""

import pytest

from tests.system.benches import measure, run

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


@pytest.mark.parametrize("name", SMALL)
def test_it_measures(name, tmp_path):
    measure(tmp_path, name, *SMALL[name])


@pytest.mark.parametrize("name", ["campaign_bench", "storm_bench", "soak"])
def test_it_says_what_it_takes(name):
    assert "--report-only" in run(f"tests.bench.{name}", "--help").stdout
    assert run(f"tests.bench.{name}", "--devices", "none").returncode == 2
