"""Charts of lines, made on the server: where each line goes, and what it shows in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from web.console.rendering import length, number

WIDTH, HEIGHT = 300.0, 72.0
_ROUND = (1, 2, 5, 10)
Point = Mapping[str, Any]
Value = float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, its runs of points as SVG has them, and what it shows in words.

    A run ends where nothing is known.
    """

    name: str
    runs: list[str]
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over the same time; `top` is the value of the upper edge, `words` says it all."""

    title: str
    lines: list[Line]
    top: str
    words: str


def charts(points: Sequence[Point], minutes: int) -> list[Chart]:
    """Throughput, latency and failures; minutes: how many each point stands for."""

    def rate(name: str) -> list[Value]:
        return [None if p["counts"] is None else p["counts"][name] / minutes for p in points]

    def latency(name: str) -> list[Value]:
        return [None if p["latency"] is None else p["latency"][name] for p in points]

    return [
        _chart("Jobs a minute", number, {
            "accepted": rate("accepted"), "succeeded": rate("succeeded"),
        }),
        _chart("Time until they succeed", length, {
            "half of them": latency("p50_seconds"), "19 of 20": latency("p95_seconds"),
        }),
        _chart("Failures a minute", number, {
            "failed tries": rate("failed_attempts"), "given up": rate("dead_letter"),
        }),
    ]  # fmt: skip


def _chart(title: str, said: Callable[[float], str], lines: Mapping[str, Sequence[Value]]) -> Chart:
    most = max((v for values in lines.values() for v in values if v is not None), default=0.0)
    top = _rounded_up(most)
    drawn = [Line(name, _runs(values, top), _words(values, said)) for name, values in lines.items()]
    words = "; ".join(f"{line.name}: {line.words}" for line in drawn)
    return Chart(title, drawn, said(top), f"{title}. {words}")


def _rounded_up(most: float) -> float:
    """The next of 1, 2, 5, 10, 20 and so on."""
    if most <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= most:
        power *= 10
    while power > most:
        power /= 10
    return next(power * step for step in _ROUND if power * step >= most)


def _runs(values: Sequence[Value], top: float) -> list[str]:
    """The points of each run of values that are known."""
    step = WIDTH / max(len(values) - 1, 1)
    runs: list[list[str]] = [[]]
    for position, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{position * step:.1f},{HEIGHT * (1 - value / top):.1f}")
    return [" ".join(run if len(run) > 1 else run * 2) for run in runs if run]


def _words(values: Sequence[Value], said: Callable[[float], str]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "nothing is known"
    return f"{said(sum(known) / len(known))} on average, {said(max(known))} at most"
