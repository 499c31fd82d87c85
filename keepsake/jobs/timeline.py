"""What dashboards are shown: the minutes of the roll-up, and the owners with most jobs."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from keepsake.jobs.expressions import NOW, after
from keepsake.jobs.indexes import TIMELINE
from keepsake.jobs.queues import WAITING_COUNTED, Divergence, Overview, QueueState
from keepsake.jobs.records import Records
from keepsake.jobs.roll_up import LATENCY_STEPS, LATEST, PAUSE_MOST_SECONDS
from keepsake.storage import DatabaseClock, Document, reading, translated

MINUTES_MOST = 1_440
"""For how long the roll-up is kept."""
_MINUTE = timedelta(minutes=1)
_LOOK_FIELDS = ("looked_at", "types", "queues", "letters", "owners", "divergence")
_RECENT_SECONDS = 2 * PAUSE_MOST_SECONDS


@dataclass(frozen=True, slots=True)
class MinuteRow:
    """A minute. counts: what happened in it; states: how many jobs were where at the last look.

    latencies: how many of those that succeeded took how long, by classes. None while it was not
    counted, or when nobody looked.
    """

    at: datetime
    counts: Counter[str] | None
    states: Counter[str] | None
    latencies: Counter[int] | None = None


def latency_seconds(latencies: Counter[int], share: float) -> float | None:
    """How long a share of jobs took at most, within a tenth; None of none."""
    left = share * latencies.total()
    for step, jobs in sorted(latencies.items()):
        left -= jobs
        if left <= 0:
            return float(2 ** ((step + 0.5) / LATENCY_STEPS)) / 1_000
    return None


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """An owner's unfinished jobs at the last look, and what happened to its jobs lately.

    counts: by `accepted`, `failed_attempts` and the states of ended jobs.
    """

    owner: str
    backlog: int = 0
    running: int = 0
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class OwnerFigures:
    """Owners, and what their figures are of: when was looked, how many minutes are counted."""

    owners: list[OwnerRow]
    looked_at: datetime | None
    minutes: int


@dataclass(frozen=True, slots=True)
class QueueLook:
    """A queue at a look. due_seconds: for how long the job has been due that waits longest."""

    waiting: int
    running: int
    due_seconds: float | None
    paused: bool


@dataclass(frozen=True, slots=True)
class LastLook:
    """Where jobs stood at the last look, and how long ago that was.

    jobs: by type and state. letters: open dead letters by type and by what they died of. owners:
    those with most unfinished jobs. What another version has not counted is empty.
    """

    age_seconds: float
    jobs: Mapping[tuple[str, str], int]
    queues: Mapping[str, QueueLook]
    letters: Mapping[tuple[str, str], int]
    owners: Sequence[OwnerRow]
    divergence: Mapping[str, int]


class Timeline:
    """Reads a row a minute and looks at no job, but where nobody has looked for long."""

    def __init__(self, records: Records, overview: Overview) -> None:
        self._overview = overview
        self._rows = records.database[TIMELINE]
        self._database = records.database
        self._clock = DatabaseClock()

    def minutes(self, count: int) -> list[MinuteRow]:
        """The last minutes, oldest first, this one included; none is left out.

        Raises:
            StorageUnavailable: MongoDB does not answer.
            Unreadable: A row is damaged, or another version's.
        """
        with translated("reading the timeline"):
            now = self._clock.time(self._database).now.replace(second=0, microsecond=0)
            wanted = [now - n * _MINUTE for n in reversed(range(count))]
            shown = {"counts": 1, "states": 1, "latencies": 1}
            rows = {row["_id"]: row for row in self._rows.find({"_id": {"$gte": wanted[0]}}, shown)}
        with reading(TIMELINE):
            return [_minute(at, rows.get(at, {})) for at in wanted]

    def owners(self, minutes: int) -> OwnerFigures:
        """The owners with most unfinished jobs, and with most jobs in the last counted minutes.

        Raises:
            StorageUnavailable: MongoDB does not answer.
            Unreadable: A row is damaged, or another version's.
        """
        with translated("reading the timeline"):
            since = self._clock.time(self._database).now - (minutes + 1) * _MINUTE
            counted = {"_id": {"$gte": since}, "counts": {"$exists": True}}
            newest = self._rows.find(counted, {"owners": 1}).sort("_id", -1).limit(minutes)
            rows = list(newest)
            latest = self._rows.find_one({"_id": LATEST}) or {}
        with reading(TIMELINE):
            return OwnerFigures(_owners(rows, latest), latest.get("looked_at"), len(rows))

    def last_look(self) -> LastLook | None:
        """What the last look has seen: one round trip. None if nobody has looked for long.

        Raises:
            StorageUnavailable: MongoDB does not answer.
            Unreadable: The row is damaged, or another version's.
        """
        row = self._latest(*_LOOK_FIELDS)
        with reading(TIMELINE):
            return None if row is None else _read_look(row)

    def queue(self, name: str) -> QueueState:
        """How a queue stands: counted now, or, where many wait, as the last look counted.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        state = self._overview.queue(name)
        if state.waiting < WAITING_COUNTED:
            return state
        rows = (self._latest("queues") or {}).get("queues", ())
        seen = {row["queue"]: row.get("waiting", 0) for row in rows}
        return replace(state, waiting=max(state.waiting, seen.get(name, 0)))

    def divergence(self) -> Divergence:
        """How many records differ, as the last look counted; counted now if that is long ago.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        counted = (self._latest("divergence") or {}).get("divergence", {})
        if counted.keys() != {kind.name for kind in fields(Divergence)}:  # or another version's
            return self._overview.divergence()
        return Divergence(**counted)

    def _latest(self, *names: str) -> Document | None:
        """What the last look has of something, and the time; None if that look is long ago."""
        recent = {"_id": LATEST, "$expr": {"$gt": ["$looked_at", after(-_RECENT_SECONDS)]}}
        with translated("reading the timeline"):
            return self._rows.find_one(recent, {**dict.fromkeys(names, 1), "now": NOW})


def _minute(at: datetime, row: Document) -> MinuteRow:
    counted, seen, took = row.get("counts"), row.get("states"), row.get("latencies")
    return MinuteRow(
        at,
        None if counted is None else Counter(counted),
        None if seen is None else Counter(seen),
        None if took is None else Counter({int(step): jobs for step, jobs in took.items()}),
    )


def _owners(rows: list[Document], latest: Document) -> list[OwnerRow]:
    counts = defaultdict[str, Counter[str]](Counter)
    for row in rows:
        for entry in row["owners"]:
            counts[entry["owner"]].update({n: v for n, v in entry.items() if n != "owner"})
    backlogs = {entry["owner"]: entry for entry in latest.get("owners", [])}
    return [
        OwnerRow(
            owner,
            backlogs.get(owner, {}).get("backlog", 0),
            backlogs.get(owner, {}).get("running", 0),
            counts[owner],
        )
        for owner in sorted({*counts, *backlogs})
    ]


def _seen(row: Document, name: str) -> list[Document]:
    """What the last look saw of something; nothing, if a former version looked and left ours."""
    at = row["looked_at"]
    return [each for each in row.get(name, ()) if each.get("seen_at", at) == at]


def _read_look(row: Document) -> LastLook:
    def since(at: datetime | None) -> float | None:
        return None if at is None else max((row["now"] - at).total_seconds(), 0.0)

    return LastLook(
        age_seconds=since(row["looked_at"]) or 0.0,
        jobs={(each["type"], each["state"]): each["jobs"] for each in _seen(row, "types")},
        queues={
            each["queue"]: QueueLook(
                each.get("waiting", 0),
                each.get("running", 0),
                since(each.get("due_since")),
                each.get("paused", False),
            )
            for each in row["queues"]
        },
        letters={
            (each["type"], each["error_type"]): each["letters"] for each in _seen(row, "letters")
        },
        owners=_owners([], row),
        divergence=row["divergence"],
    )
