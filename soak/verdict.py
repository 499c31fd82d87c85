"""Which rows of figures have to be flat, how flat, and what a run as a whole has shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Any

from soak.samples import Sample
from soak.slopes import Row, Slope, Trend, slope

WARM_UP = 1 / 3
"""The share of each life in which caches fill; it is not judged."""
_SHORTEST_LIFE = 1 / 3
"""Of the run; a part that lives for less, since it is killed again and again, is not judged."""
MAY_GROW = {
    "mongod mb": "fills its cache of 256 MB",
    "rabbitmq mb": "holds its queues' log in memory until that has 64 MB, then begins anew",
    "mirrors": "a pack for each fetch, until a mirror is fetched anew at its limit",
    "timeline": "a document a minute, kept for a day",
    "audit": "acts of operators, kept for ever",
    "code_scans": "how long each scan took, kept for 180 days",
}
"""Rows that grow while nothing leaks, and why."""
_BOUNDS = {
    "mb": (8.0, 0.03),
    "descriptors": (3.0, 0.05),
    "threads": (1.0, 0.0),
    "documents": (20.0, 0.05),
    "MB": (2.0, 0.1),
    "ms": (5.0, 0.25),
}
"""What may be gained, by unit: so much, or this share of the median if that is more."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One row: what it is of, its unit and median, and its growth in an hour.

    hours: of those that were judged.
    """

    what: str
    unit: str
    median: float
    slope: Slope
    hours: float

    @property
    def gain(self) -> Slope:
        """What it has gained while it was judged."""
        return self.slope.over(self.hours)

    @property
    def bound(self) -> float:
        """What it may gain in that time."""
        least, share = _BOUNDS[self.unit]
        return max(least, share * self.median)

    @property
    def trend(self) -> Trend:
        """What the slope says."""
        return self.gain.trend(self.bound)

    def cells(self) -> list[str]:
        """For a table."""
        return [self.what, f"{self.median:,.2f} {self.unit}", f"{self.slope.middle:+,.2f}",
                f"{self.gain.low:+,.2f} to {self.gain.high:+,.2f}", f"{self.bound:,.2f}",
                str(self.trend)]  # fmt: skip

    def figures(self) -> dict[str, Any]:
        """For a file."""
        return {"unit": self.unit, "median": round(self.median, 3),
                "per_hour": round(self.slope.middle, 3), "gained_low": round(self.gain.low, 3),
                "gained_high": round(self.gain.high, 3), "bound": round(self.bound, 3),
                "trend": str(self.trend)}  # fmt: skip


def judged(samples: Sequence[Sample], seconds: float) -> list[Judged]:
    """All rows that were long enough to be judged."""
    return [row for row in _rows(samples, seconds) if row.what not in MAY_GROW]


def _rows(samples: Sequence[Sample], seconds: float) -> Iterator[Judged]:
    for part in sorted({name for sample in samples for name in sample["processes"]}):
        for unit in ("mb", "descriptors", "threads"):
            yield from _row(f"{part} {unit}", unit, _lives(samples, part, unit), seconds)
    for name in sorted({name for sample in samples for name in _collections(sample)}):
        counted = [(s["at"], _collections(s).get(name, {}).get("count", 0)) for s in samples]
        yield from _row(name, "documents", [counted], seconds)
    for name in ("data_mb", "index_mb"):
        sizes = [(sample["at"], sample["mongodb"][name]) for sample in samples]
        yield from _row(f"MongoDB {name.partition('_')[0]}", "MB", [sizes], seconds)
    yield from _row("mirrors", "MB", [[(s["at"], s["mirrors_mb"]) for s in samples]], seconds)
    for name in sorted({name for sample in samples for name in sample["latency"]}):
        took = [(s["at"], s["latency"][name]["p50"]) for s in samples if name in s["latency"]]
        yield from _row(f"{name} p50", "ms", [took], seconds)


def _collections(sample: Sample) -> dict[str, dict[str, float]]:
    collections: dict[str, dict[str, float]] = sample["mongodb"]["collections"]
    return collections


def _lives(samples: Sequence[Sample], part: str, unit: str) -> list[Row]:
    """A row for each process that a part has been."""
    taken = [(s["at"], s["processes"][part]) for s in samples if part in s["processes"]]
    return [[(at, figures[unit]) for at, figures in life]
            for _, life in groupby(taken, key=lambda each: each[1]["pid"])]  # fmt: skip


def _row(what: str, unit: str, lives: Sequence[Row], seconds: float) -> Iterator[Judged]:
    kept = []
    for life in lives:
        lasted = life[-1][0] - life[0][0]
        if lasted >= _SHORTEST_LIFE * seconds:
            kept.append([each for each in life if each[0] >= life[0][0] + WARM_UP * lasted])
    if found := slope(kept):
        hours = sum(life[-1][0] - life[0][0] for life in kept) / 3600
        middle = median(value for life in kept for _, value in life)
        yield Judged(what, unit, middle, found, hours)
