"""How a job went: what happened to it in order, and a bar of when it waited and when it ran."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from web.console.rendering import length, moment

WIDTH = 1_000.0
_THINNEST = 4.0
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Something that happened to a job.

    attempt: the try that ended by it, if one did.
    """

    at: str
    what: str
    detail: str = ""
    attempt: Fields | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A try within the bar: where it begins and how wide it is, and how it ended."""

    x: float
    width: float
    outcome: str


@dataclass(frozen=True, slots=True)
class JobHistory:
    """What happened, oldest first, and the bar; `words` says in words what that shows."""

    entries: list[HistoryEntry]
    stretches: list[Stretch]
    words: str


def history(job: Fields, attempts: Sequence[Fields]) -> JobHistory:
    """The history of a job; attempts come newest first, as the API has them."""
    oldest_first = list(reversed(attempts))
    entries = sorted(_entries(job, oldest_first), key=lambda entry: entry.at)
    begin = moment(job["created_at"])
    end = moment(job["ended_at"]) if job["ended_at"] else datetime.now(UTC)
    ran = sum(_seconds(attempt, end) for attempt in attempts)
    whole = max((end - begin).total_seconds(), 0.001)
    words = f"{length(whole)} in all: ran for {length(ran)}, waited for {length(whole - ran)}"
    return JobHistory(entries, list(_stretches(oldest_first, begin, end)), words)


def _entries(job: Fields, attempts: Sequence[Fields]) -> Iterator[HistoryEntry]:
    yield HistoryEntry(job["created_at"], "accepted")
    for attempt in attempts:
        number = f"try {attempt['attempt']} of {job['max_attempts']}"
        yield HistoryEntry(attempt["started_at"], f"{number} began", f"on {attempt['worker']}")
        if attempt["ended_at"]:
            outcome = str(attempt["outcome"]).replace("_", " ")
            lasted = (moment(attempt["ended_at"]) - moment(attempt["started_at"])).total_seconds()
            slices = f", in {attempt['slices']} slices" if attempt["slices"] > 1 else ""
            detail = f"after {length(lasted)}{slices}"
            yield HistoryEntry(attempt["ended_at"], f"{number}: {outcome}", detail, attempt)
    if not job["ended_at"]:
        return
    yield HistoryEntry(job["ended_at"], f"ended as {job['status'].replace('_', ' ')}")


def _stretches(attempts: Sequence[Fields], begin: datetime, end: datetime) -> Iterator[Stretch]:
    scale = WIDTH / max((end - begin).total_seconds(), 0.001)
    for attempt in attempts:
        x = (moment(attempt["started_at"]) - begin).total_seconds() * scale
        width = max(_seconds(attempt, end) * scale, _THINNEST)
        x = min(max(x, 0.0), WIDTH - _THINNEST)
        outcome = str(attempt["outcome"] or "running")
        yield Stretch(round(x, 1), round(min(width, WIDTH - x), 1), outcome)


def _seconds(attempt: Fields, now: datetime) -> float:
    ended = moment(attempt["ended_at"]) if attempt["ended_at"] else now
    return max((ended - moment(attempt["started_at"])).total_seconds(), 0.0)
