"""What signed URLs cost: nginx alone, nginx that asks wavegate-files, and wavegate-files alone.

    /usr/bin/python3 -m tests.bench.files_bench [--rounds 3]

The same file over TLS to curl, in turns in the same run; the median of the rounds. Once as one
download, once as four at a time, and small ranges one after the other on one connection.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.lab.files import Alone, Fronted
from tests.lab.pki import Pki

LENGTH = 200_000_000
SMALL = 1000  # ranges of 1 kB


def fetch(site, port, target, *more):
    """A curl that throws away what it gets."""
    certificate = site.pki.certificate("dev-1")
    return subprocess.Popen(
        ["/usr/bin/curl", "-sS", "--fail", "--cacert", site.pki.server_root, "--cert", certificate,
         "--key", str(certificate)[:-4] + ".key", "-o", "/dev/null", *more,
         f"https://localhost:{port}{target}"])


def seconds(site, port, target, count):
    began = time.perf_counter()
    running = [fetch(site, port, target) for _ in range(count)]
    if any(one.wait() for one in running):
        raise SystemExit("a download failed")
    return time.perf_counter() - began


def small_ranges(site, port, target):
    """Seconds for SMALL requests on one connection."""
    connection = site.session("dev-1")
    connection.port = port
    began = time.perf_counter()
    for i in range(SMALL):
        connection.request("GET", target, headers={"Range": f"bytes={i * 1000}-{i * 1000 + 999}"})
        answer = connection.getresponse()
        if answer.status != 206 or len(answer.read()) != 1000:
            raise SystemExit(f"range {i}: {answer.status}")
    connection.close()
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    folder = Path(tempfile.mkdtemp(prefix="wg-", dir="/tmp"))
    folder.chmod(0o755)
    sites = []
    try:
        pki = Pki(folder)
        pki.issue_devices(["dev-1"])
        for kind in (Fronted, Alone):
            (folder / kind.__name__).mkdir()
            sites.append(kind(folder / kind.__name__, pki))
        fronted, alone = sites
        body = os.urandom(LENGTH)
        name = fronted.put(body)
        alone.put(body)
        allowance = 1000 * LENGTH
        rows = {"nginx": (fronted, fronted.plain_port, f"/artifacts/{name}"),
                "nginx, asking": (fronted, fronted.port, fronted.target(name, "dev-1", allowance)),
                "wavegate-files": (alone, alone.port, alone.target(name, "dev-1", allowance))}
        found = {row: ([], [], []) for row in rows}
        for _ in range(rounds):
            for row, place in rows.items():
                found[row][0].append(seconds(*place, 1))
                found[row][1].append(seconds(*place, 4))
                found[row][2].append(small_ranges(*place))
        print("| server | one download | four at a time | ranges of 1 kB |\n|---|---|---|---|")
        for row, times in found.items():
            one, four, small = (statistics.median(each) for each in times)
            print(f"| {row} | {LENGTH / one / 1e6:.0f} MB/s | {4 * LENGTH / four / 1e6:.0f} MB/s "
                  f"| {SMALL / small:.0f}/s |")
    finally:
        for site in sites:
            site.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
