"""What a device, a report, a place and an order take in the database, with all their indexes: behind a whole campaign, and vacuum full.

Six reports of each device, stored as they came, the one after the other in no order of devices.

usage: python3 -m tests.bench.rows_bench [--devices N]
"""

import argparse
import sys

from tests.bench import command
from tests.bench.intake_bench import check_stored, report, wave
from tests.bench.load_ground import LoadGround

# By the figure's name in docs/performance.md: the tables that it is made of, and the one whose rows are counted.
FIGURES = {
    "device_bytes": (("device", "device_software", "device_tag", "device_group"), "device"),
    "report_bytes": (("report",), "report"),
    "place_bytes": (("place",), "place"),
    "order_bytes": (("update_order",), "update_order"),
}
SIZE = ("select coalesce(sum(pg_total_relation_size(c.oid)), 0) from pg_class c left join pg_inherits i on i.inhrelid = c.oid "
        "where c.relname = %s or i.inhparent = %s::regclass")


def bench(options):
    ground = LoadGround(options.devices)
    try:
        print(ground.describe(), flush=True)
        name, crowd = wave(ground, options)
        check_stored(ground, name, report(ground, name, crowd, options)["sent"])
        ground.stop()
        ground.db.rows("vacuum full")
        for figure, (tables, counted) in FIGURES.items():
            taken = sum(int(ground.db.value(SIZE, table, table)) for table in tables)
            rows = ground.db.value(f"select count(*) from {counted}")
            print(f"{figure:14}{taken / rows:8.0f}   {rows:,} rows, {taken / 2**20:.1f} MiB")
        return True
    finally:
        ground.close()


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.rows_bench", description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=50000, help="of a wave")
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--window", type=int, default=8, help="reports of a session that wait for their acknowledgement")
    parser.add_argument("--together", type=int, default=1, help="reports of one device that come at once")
    parser.add_argument("--seconds", type=int, default=300, help="in which all of it must have been said")
    return command.run(parser, bench)


if __name__ == "__main__":
    sys.exit(main())
