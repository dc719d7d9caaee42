"""The TUF client against repositories made by python-tuf: the files of tests/tuf, each in an interpreter of its own
(python-tuf wants a newer cryptography than the rest of the tests)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path.name for path in (ROOT / "tests" / "tuf").glob("test_*.py"))


@pytest.mark.parametrize("name", FILES)
def test_file(name):
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/tuf/{name}"],
                          cwd=ROOT, env=os.environ, stdin=subprocess.DEVNULL, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
