"""The suite on other brokers (WAVEGATE_LAB_BROKERS, `make scale-suite`): which tests are not for them, why, and what stood on them.

    @pytest.mark.mosquitto("why")                                  one Mosquitto with the guard, and nothing else
    @pytest.mark.mosquitto("why", but=("haproxy-through",))        and these
    @behind.outage                                                 who kills all of a broker

A test that makes no world knows no broker, and is not run again.
"""

import collections

import pytest

from tests.lab.brokers import KINDS, wanted
from tests.lab.lab import World

NO_WORLD = "makes no world, so that no broker of these is in it"
STOOD = "stood on"

# Nodes of RabbitMQ that were all killed at once wait for each other: for 98 s, or until they give up (3.10).
outage = pytest.mark.mosquitto("a RabbitMQ whose nodes all were killed may stay away: docs/scaling.md",
                               but=("haproxy-through", "haproxy-ended"))


def reason(item):
    """Why this test is not for the brokers that were asked for; "": it is."""
    for mark in item.iter_markers("mosquitto"):
        why, = mark.args
        but = mark.kwargs.get("but", ())
        assert set(but) <= set(KINDS), f"{item.nodeid}: {but}"
        if wanted() not in but:
            return why
    return "" if "ground" in item.fixturenames else NO_WORLD


def choose(items):
    """Those that are not for these brokers are skipped, with the reason."""
    if not wanted():
        return
    for item in items:
        why = reason(item)
        if why:
            item.add_marker(pytest.mark.skip(reason=why))


def note(report):
    """Whether a world stood on these brokers when the test had run."""
    if wanted() and report.when == "call" and World.standing:
        report.user_properties.append((STOOD, wanted()))


def tell(terminal):
    """How many passed with a world, how many without, and how many were not run, by reason."""
    if not wanted():
        return
    found = {word: [one for one in terminal.stats.get(word, []) if hasattr(one, "user_properties")]
             for word in ("passed", "failed", "error", "skipped")}
    with_world = sum(any(key == STOOD for key, _ in one.user_properties) for one in found["passed"])
    failed = {one.nodeid for word in ("failed", "error") for one in found[word]}
    why = collections.Counter(one.longrepr[2].removeprefix("Skipped: ") for one in found["skipped"])
    terminal.section(f"brokers: {wanted()}")
    terminal.line(f"{with_world} passed with a world on these brokers, {len(found['passed']) - with_world} without one, "
                  f"{len(failed)} failed, {sum(why.values())} not run:")
    for text, count in why.most_common():
        terminal.line(f"{count:5}  {text}")
