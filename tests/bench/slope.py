"""How a figure rises with time, whatever a few samples say: the estimator of Theil and Sen, which is the median of the slopes
between all pairs. Samples of a part that was started anew in between belong to several lives, and no pair has one of each."""

import statistics

BLOCK = 10  # seconds whose median is one sample: what comes and goes within a moment is no slope
HOUR = 3600


def settled(life, warm_up, values):
    """(seconds, value) of each block behind the warm-up of a life (parts.Seen)."""
    blocks = {}
    for at, value in zip(life.at, values):
        if at - life.at[0] >= warm_up:
            blocks.setdefault(int((at - life.at[0]) // BLOCK), []).append((at, value))
    return [(statistics.median(at for at, _ in some), statistics.median(value for _, value in some))
            for _, some in sorted(blocks.items())]


def theil_sen(lives):
    """Units an hour; None where there is no pair. lives: lists of (seconds, value)."""
    slopes = [(later - value) / (after - at) for points in lives for place, (at, value) in enumerate(points)
              for after, later in points[place + 1:]]
    return statistics.median(slopes) * HOUR if slopes else None


def longest(lives):
    """Seconds that the longest of them was looked at."""
    return max((points[-1][0] - points[0][0] for points in lives if points), default=0)
