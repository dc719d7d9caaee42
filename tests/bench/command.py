"""The command line of a bench: 0 if its aims hold, 1 if one is missed, 2 if it could not be run."""

import sys

from tests.bench.aims import Aims
from tests.lab import ledger
from tests.lab.process import LabError, end_on_signals


def run(parser, bench, wrong=lambda options: None):
    """bench: of the options, among them aims; true where all hold. wrong: what the options should have been, where they are none."""
    parser.add_argument("--report-only", action="store_true", help="exit 0 also when an aim is missed")
    options = parser.parse_args()
    expected = wrong(options)
    if expected:
        parser.error(expected)
    name = parser.prog.rpartition(".")[2]
    options.aims = Aims()
    end_on_signals()
    ledger.begin()
    try:
        held = bench(options)
    except (LabError, FileNotFoundError) as problem:
        print(f"{name}: {problem}", file=sys.stderr)
        return 2
    options.aims.leave(name)
    return 0 if held or options.report_only else 1
