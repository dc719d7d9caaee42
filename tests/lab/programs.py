"""Where the programs under test are, and how one of them is run to its end."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("WAVEGATE_BIN", ROOT / "build/dev/bin")).resolve()
# A program of the sanitizer build is several times slower: limits are stretched by this.
SLOWER = float(os.environ.get("WAVEGATE_SLOWER", "3" if "asan" in str(BIN) else "1"))


def span(seconds):
    """A duration for a file or a flag, stretched like all limits."""
    return f"{int(seconds * SLOWER)}s"


# What every program under test has in its environment beside the usual; tests/lab/brokers.py.
BESIDE = {}

DASHBOARD = ROOT / "orchestrator/web/dist"  # kept built: nothing of Node is needed


def program(name):
    """The path of one of our programs; says what to do when it is not built."""
    path = BIN / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built: run make, or set WAVEGATE_BIN to the "
                                "folder of the programs")
    return path


def environment(folder, **more):
    """The environment of a program under test: sanitizers report into files of the folder."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("WAVEGATE_")}
    env["ASAN_OPTIONS"] = f"log_path={folder}/sanitizer.asan:detect_leaks=1:exitcode=99"
    env["UBSAN_OPTIONS"] = f"log_path={folder}/sanitizer.ubsan:print_stacktrace=1"
    env["LC_ALL"] = "C.UTF-8"
    env["TZ"] = "UTC"  # times for people are local times
    env["XDG_CONFIG_HOME"] = f"{folder}/config"  # not the contexts of whoever runs the tests
    env.update({**BESIDE, **more})
    return env


def sanitizer_logs(folder):
    return sorted(Path(folder).glob("sanitizer.*"))


def run(argv, env=None, timeout=60):
    """Runs a program that ends by itself; stdin is empty, so nothing can prompt."""
    return subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, env=env, timeout=timeout * SLOWER)
