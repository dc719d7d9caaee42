"""The estimator that the soak judges memory by: what leaks shows, what comes and goes or is started anew does not."""

import random

import pytest

from tests.bench import slope
from tests.bench.parts import Seen


def life(seconds, value, start=0.0):
    seen = Seen((1,))
    for second in range(0, seconds, 2):
        seen.at.append(start + second)
        seen.anonymous.append(value(second))
    return seen


def found(*lives, warm_up=60):
    return slope.theil_sen([slope.settled(one, warm_up, one.anonymous) for one in lives])


def test_a_leak_shows_through_noise():
    chance = random.Random(1)
    leaking = life(1200, lambda second: 10000 + second * 2 + chance.gauss(0, 300))
    assert found(leaking) == pytest.approx(2 * slope.HOUR, rel=0.1)


def test_what_comes_and_goes_is_no_slope():
    chance = random.Random(2)
    busy = life(1200, lambda second: 10000 + (8000 if chance.random() < 0.3 else 0))
    assert abs(found(busy)) < 100


def test_a_start_anew_is_no_fall_and_warming_up_no_rise():
    def warm(second):
        return 5000 + 100 * min(second, 60)
    lives = [life(600, warm, start) for start in (0.0, 700.0, 1400.0)]
    assert found(*lives) == 0
    assert found(*lives, warm_up=0) >= 0


def test_a_life_that_is_too_short_says_nothing():
    assert found(life(60, lambda second: second)) is None
    assert slope.longest([slope.settled(life(60, float), 60, life(60, float).anonymous)]) == 0
    assert slope.longest([slope.settled(life(600, float), 60, life(600, float).anonymous)]) == pytest.approx(530, abs=15)
