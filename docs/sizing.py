"""How large an installation of so many devices has to be, from what was measured: python3 -m docs.sizing [--devices N ...]

What was measured stands in docs/performance.md, as comments beside the text that says how:

    <!-- measured report_bytes = 280 -->

What has not been measured there is printed as "?", and so is all that would follow from it.
"""

import argparse
import re
from pathlib import Path

FIGURES = Path(__file__).resolve().parent / "performance.md"
BROKERS = 16  # in the list of one installation: SETTINGS_BROKERS_MAX
KEEP_ALIVE = 900  # seconds
MEASURED = re.compile(r"<!-- measured (\w+) = ([0-9.]+) -->")

NAMES = {
    "broker_clients": "sessions that one broker holds",
    "broker_bytes_client": "memory of the broker for a session with TLS",
    "broker_micros_report": "processor time of the broker for a report",
    "broker_handshakes": "handshakes a second of one broker",
    "wavegated_micros_report": "processor time of wavegated for a report",
    "database_micros_report": "processor time of PostgreSQL for a report",
    "database_micros_hello": "processor time of PostgreSQL for a device that comes back",
    "wavegated_micros_hello": "processor time of wavegated for a device that comes back",
    "place_bytes": "of a device's place in a campaign, with indexes",
    "order_bytes": "of an order, with indexes",
    "device_bytes": "of a device in the database, with indexes",
    "report_bytes": "of a report in the database, with indexes",
}


def figures(text):
    return {name: float(value) for name, value in MEASURED.findall(text)}


class Table:
    """A figure that something is lacking for is None, and so is what is made of it."""

    def __init__(self, known, devices, options):
        self._known, self._devices, self._options = known, devices, options

    def _of(self, make, *names):
        values = [self._known.get(name) for name in names]
        return None if None in values else make(*values)

    def rows(self):
        devices, options = self._devices, self._options
        reports = devices * options.reports / (options.hours * 3600)  # a second, the whole fleet in one campaign
        yearly = devices * options.reports * options.updates
        return [
            ("reports a second", reports, ",.0f"),
            ("brokers, by sessions", self._of(lambda most: devices / most, "broker_clients"), ",.1f"),
            (f"lists of {BROKERS} single brokers", self._of(lambda most: devices / most / BROKERS, "broker_clients"), ",.1f"),
            ("keep-alives a second", devices / KEEP_ALIVE, ",.0f"),
            ("cores of brokers", self._of(lambda micros: reports * micros / 1e6, "broker_micros_report"), ",.2f"),
            ("GiB of memory of brokers", self._of(lambda each: devices * each / 2**30, "broker_bytes_client"), ",.1f"),
            ("minutes until all are back, by handshakes", self._of(lambda most, rate: most / rate / 60, "broker_clients",
                                                                   "broker_handshakes"), ",.1f"),
            ("minutes until all are back, by a core of wavegated", self._of(lambda micros: devices * micros / 6e7,
                                                                            "wavegated_micros_hello"), ",.1f"),
            ("minutes until all are back, by a core of PostgreSQL", self._of(lambda micros: devices * micros / 6e7,
                                                                             "database_micros_hello"), ",.1f"),
            ("cores of wavegated", self._of(lambda micros: reports * micros / 1e6, "wavegated_micros_report"), ",.2f"),
            ("cores of PostgreSQL", self._of(lambda micros: reports * micros / 1e6, "database_micros_report"), ",.2f"),
            ("GiB of devices", self._of(lambda each: devices * each / 2**30, "device_bytes"), ",.1f"),
            ("GiB of places and orders a year", self._of(lambda place, order: devices * options.updates * (place + order) / 2**30,
                                                         "place_bytes", "order_bytes"), ",.1f"),
            ("GiB of reports a year", self._of(lambda each: yearly * each / 2**30, "report_bytes"), ",.1f")]


def page(known, fleets, options):
    tables = [Table(known, devices, options).rows() for devices in fleets]
    lines = ["| | " + " | ".join(f"{devices:,} devices" for devices in fleets) + " |", "|---|" + "---|" * len(fleets)]
    for row in zip(*tables):
        cells = ["?" if value is None else format(value, form) for _, value, form in row]
        lines.append(f"| {row[0][0]} | " + " | ".join(cells) + " |")
    lacking = [f"{name} ({what})" for name, what in NAMES.items() if name not in known]
    return "\n".join(lines) + ("\n\nNot measured yet: " + "; ".join(lacking) + "." if lacking else "")


def main():
    parser = argparse.ArgumentParser(prog="python3 -m docs.sizing", description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--hours", type=float, default=24, help="in which a campaign goes through the whole fleet")
    parser.add_argument("--reports", type=float, default=6, help="of an update")
    parser.add_argument("--updates", type=float, default=12, help="of a device in a year")
    options = parser.parse_args()
    print(page(figures(FIGURES.read_text()), options.devices, options))


if __name__ == "__main__":
    main()
