"""The soak, on few devices and for a minute: every part is killed three times within. Memory is judged by `make soak` alone, an hour of it."""

from tests.system.benches import measure


def test_each_part_is_killed_and_nothing_is_lost(tmp_path):
    said = measure(tmp_path, "soak", ("--minutes", 1, "--devices", 100, "--report-only"),
                   "nothing is lost, counters equal a recount, everybody is answered: holds", timeout=600)
    assert "killed: {'orchestrator': 3, 'broker': 3, 'database': 3, 'api': 3}" in said
