"""Whether figures grow: the slope of Theil and Sen with its interval, beside a stated bound."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

_HOUR = 3600.0
_Z = 1.96
"""Of an interval of 95 %."""
Row = Sequence[tuple[float, float]]
"""Figures by seconds, of one process's life."""


class Trend(StrEnum):
    """What a slope's interval says."""

    FLAT = "flat"
    GROWING = "growing"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Slope:
    """Growth in an hour: the median of the slopes of all pairs, and the ends of its interval."""

    middle: float
    low: float
    high: float

    def over(self, hours: float) -> "Slope":
        """Growth in so many hours."""
        return Slope(self.middle * hours, self.low * hours, self.high * hours)

    def trend(self, bound: float) -> Trend:
        """Beside what may be gained; unclear if the interval holds the bound."""
        if self.high <= bound:
            return Trend.FLAT
        return Trend.GROWING if self.low > bound else Trend.UNCLEAR


def slope(rows: Sequence[Row]) -> Slope | None:
    """The common slope of several lives, none of which is compared with another's figures.

    Sen (1968): the variance of Kendall's score says which two of the ordered slopes are the ends of
    the interval. Nothing is said of fewer than four figures.
    """
    lives = [row for row in rows if len(row) > 2]
    slopes = sorted(
        _HOUR * (late - early) / (then - now)
        for row in lives
        for (now, early), (then, late) in combinations(row, 2)
    )
    if len(slopes) < 6:
        return None
    variance = sum(len(row) * (len(row) - 1) * (2 * len(row) + 5) / 18 for row in lives)
    half = _Z * math.sqrt(variance)
    first = max(math.floor((len(slopes) - half) / 2), 0)
    last = min(math.ceil((len(slopes) + half) / 2), len(slopes) - 1)
    return Slope(_median(slopes), slopes[first], slopes[last])


def _median(ordered: Sequence[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
