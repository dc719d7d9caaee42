"""`make cuts` tries every call; here a few of them show that it still does what it says."""

import subprocess
import sys

import pytest

from tests.lab import programs


# sanitizers are preloaded too, and want to be the first
@pytest.mark.skipif(programs.SLOWER > 1, reason="no preload beside a sanitizer's runtime")
def test_some_cuts():
    done = subprocess.run([sys.executable, "-m", "tests.cuts", "--every", "31"], capture_output=True, text=True,
                          cwd=programs.ROOT, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all of it holds" in done.stdout
    for story in ("full", "unhealthy", "installer", "delta", "set"):
        assert f"{story}: " in done.stdout
