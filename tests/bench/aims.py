"""What was found and what was asked of it, as a table: python3 -m tests.bench.aims FILE prints what several benches have left in it.

A bench adds a row for each aim; command.run() prints them when it is over and, where WAVEGATE_BENCH_TABLE names a file, leaves them
there too.
"""

import json
import os
import sys
from pathlib import Path

HEAD = ("figure", "ours", "other side", "ratio", "aim", "")
FILE = "WAVEGATE_BENCH_TABLE"


class Aims:
    def __init__(self):
        self.machine, self.rows = "", []

    def on(self, machine):
        """The machine and the versions."""
        self.machine = machine
        print(machine, flush=True)

    def add(self, figure, ours, aim, held, other="", ratio=None):  # pylint: disable=too-many-arguments,too-many-positional-arguments
        """Cells as text with their units; ratio: ours by the other side's. Returns held; None: nothing is asked of it."""
        word = {True: "holds", False: "MISSED", None: ""}[held]
        self.rows.append([figure, ours, other, "" if ratio is None else f"{ratio:.2f}", aim, word])
        return held

    def leave(self, bench):
        if not self.rows:
            return
        print(f"\n{table(self.rows)}", flush=True)
        if os.environ.get(FILE):
            with open(os.environ[FILE], "a", encoding="utf-8") as file:
                file.write(json.dumps({"bench": bench, "machine": self.machine, "rows": self.rows}) + "\n")


def table(rows):
    lines = [HEAD, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) if column in (0, 4) else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(line, widths))).rstrip() for line in lines)


def main():
    benches = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    for bench in benches:
        print(f"{bench['bench']}: {bench['machine']}")
    print(f"\n{table([row for bench in benches for row in bench['rows']])}")


if __name__ == "__main__":
    main()
