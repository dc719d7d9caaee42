"""A streaming installation beside bare decryption and writing of the same bytes, in turns, in one run.

Encrypted content; the agent's own code. The aim: an installation reaches at least 0.8 of the speed of decrypting and
writing alone. Beside it, without an aim: the same with the download, from a real web server on loopback; there TLS
decrypts every byte a second time, and the server works on the same processor.

usage: python3 -m tests.bench.speed_bench [--mb N] [--rounds N] [--report-only]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import command
from tests.lab import programs
from tests.lab.pki import Pki
from tests.lab.process import LabError
from tests.lab.web import Web

AIM = 0.8
WAYS = {"bare": "decrypted, written", "installed": "installed", "fetched": "fetched over HTTPS, installed"}


def rounds_of(folder, megabytes, rounds):
    """Way to seconds, one for each round."""
    pki = Pki(folder)
    pki.issue_devices(["dev-1"])
    web = Web(folder, pki)
    own = folder / "own"
    own.mkdir()
    try:
        argv = [programs.program("install_bench"), web.artifacts, own, pki.server_root, pki.certificate("dev-1"),
                pki.key("dev-1"), web.url, megabytes, rounds]
        done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, env=programs.environment(folder))
    finally:
        web.stop()
    if done.returncode != 0:
        raise LabError(f"install_bench: exit code {done.returncode}\n{done.stderr}")
    found = {way: [] for way in WAYS}
    for line in done.stdout.splitlines():
        words = line.split()
        for way, seconds in zip(words[::2], words[1::2]):
            found[way].append(float(seconds))
    return found


def bench(options):
    with tempfile.TemporaryDirectory(prefix="wg-speed-", dir=options.folder) as name:
        folder = Path(name)
        folder.chmod(0o755)
        found = rounds_of(folder, options.mb, options.rounds)
    print(f"{options.mb} MB, {options.rounds} rounds; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")
    ratios = {}
    for way, words in WAYS.items():
        median = statistics.median(found[way])
        ratios[way] = statistics.median(bare / own for bare, own in zip(found["bare"], found[way]))
        print(f"{words:30} {median:7.3f} s {options.mb / median:6.0f} MB/s  {ratios[way]:5.2f} of bare")
    held = ratios["installed"] >= AIM
    if not held:
        print(f"MISSED  installed: at least {AIM} of bare")
    return held


def wrong(options):
    return "expected at least one megabyte and one round" if options.mb < 1 or options.rounds < 1 else None


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.speed_bench", description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, default=512, help="megabytes of content (default 512)")
    parser.add_argument("--rounds", type=int, default=5, help="the median of so many (default 5)")
    parser.add_argument("--folder", default="/tmp", help="where the slots are for the run (default /tmp)")
    return command.run(parser, bench, wrong)


if __name__ == "__main__":
    sys.exit(main())
