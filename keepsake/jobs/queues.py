"""Queues: their pause switches, how much waits, and where records and reality differ."""

from dataclasses import dataclass
from datetime import datetime

from keepsake.jobs.expressions import DUE_AT, NOW, after
from keepsake.jobs.indexes import QUEUES, WAITING_JOBS, waiting_in
from keepsake.jobs.records import RUNNING, Records
from keepsake.jobs.relay import due
from keepsake.jobs.states import WAITING, State
from keepsake.jobs.sweeper import leased_ahead, lost, waiting_ahead
from keepsake.storage import Document, literals, translated


@dataclass(frozen=True, slots=True)
class Paused:
    """Who paused a queue, when and why."""

    by: str
    at: datetime | None
    reason: str


class QueueSwitches:
    """Workers look with every sweep; a paused queue's running jobs go on, and none starts."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._switches = records.database[QUEUES]
        self.known_paused: frozenset[str] | None = None
        """The queues that were paused at the last look; None before the first."""

    def look(self) -> frozenset[str]:
        """See which queues are paused.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self.known_paused = paused = frozenset(self.paused())
        return paused

    def paused(self) -> dict[str, Paused]:
        """The paused queues.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("reading the queues"):
            rows = list(self._switches.find({"paused": True}))
        return {row["_id"]: _paused(row) for row in rows}

    def pause(self, queue: str, *, by: str, reason: str) -> None:
        """Let no further job of a queue start.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._switch(queue, {**literals(paused=True, by=by, reason=reason), "at": NOW})

    def resume(self, queue: str, *, by: str) -> None:
        """Let a queue's jobs start again; the relay notifies for all that wait.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._switch(queue, {**literals(paused=False, by=by, reason=""), "at": NOW})
        with translated("notifying again"):
            self._records.jobs.update_many(
                {**waiting_in(queue), "$expr": {"$gt": ["$notify_at", NOW]}},
                [{"$set": {"notify_at": {"$max": [NOW, DUE_AT]}}}],
            )

    def _switch(self, queue: str, fields: Document) -> None:
        with translated("switching a queue"):
            self._switches.update_one({"_id": queue}, [{"$set": fields}], upsert=True)


def _paused(row: Document) -> Paused:
    """A queue stays paused whatever of its row cannot be read."""
    return Paused(str(row.get("by")), row.get("at"), str(row.get("reason")))


COUNTED = 1_000_000
WAITING_COUNTED = 10_000
"""Waiting jobs of a queue that are counted when somebody asks; a look of the roll-up counts all."""
_WAITING_READ = 2_000
_OVERDUE_SWEEPS = 10


@dataclass(frozen=True, slots=True)
class QueueState:
    """A queue by its records. oldest_seconds: since the job was due that waits longest."""

    waiting: int
    running: int
    oldest_seconds: float | None


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where records and reality differ; all zero in a healthy system, save for moments.

    unpublished: accepted, and nobody has claimed it since its first notification. unnotified: due
    for long, and the relay has not notified, or nobody has let it into its lanes. lease_expired:
    running under a lease that is over. postdated: waiting for a time, or running under a lease,
    further ahead than any may be, since the clock has stepped back.
    unknown: waiting, of a type or schema that only another version can run.
    """

    unpublished: int
    unnotified: int
    lease_expired: int
    postdated: int
    unknown: int


class Overview:
    """Reads along the indexes of the relay and the sweeper."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def queue(self, queue: str) -> QueueState:
        """How a queue stands; counts up to `WAITING_COUNTED` that wait.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        waiting, running = _waiting(queue), {"queue": queue, **RUNNING}
        oldest = self._oldest(queue)
        waited = max(oldest["waited_ms"] / 1000, 0.0) if oldest else None
        return QueueState(self._count(waiting, WAITING_COUNTED), self._count(running), waited)

    def due_since(self, queue: str) -> datetime | None:
        """Since when the job has been due that waits longest; None if none waits.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        oldest = self._oldest(queue)
        return None if oldest is None else oldest["since"]

    def divergence(self) -> Divergence:
        """How many records differ, over all queues.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        settings, queues = self._records.settings, self._records.types.queues
        long_ago = after(-_OVERDUE_SWEEPS * settings.sweep_seconds)
        overdue = {"$expr": {"$lte": ["$notify_at", long_ago]}}
        late = {"state": State.SCHEDULED, "$expr": {"$lte": ["$run_at", long_ago]}}
        known = self._records.known
        return Divergence(
            unpublished=sum(
                self._count(
                    {**known.typed, **due(queue), "notifications": 0, "state": State.PENDING}
                )
                for queue in queues
            ),
            unnotified=sum(
                self._count({**known.typed, **due(queue), **overdue}) for queue in queues
            )
            + self._count({**known.typed, **late}),
            lease_expired=self._count(lost()),
            postdated=sum(
                self._count({**known.typed, **waiting_ahead(queue, self._records)})
                for queue in queues
            )
            + self._count({**known.typed, **leased_ahead(settings)}),
            unknown=sum(
                self._count({**_waiting(queue), **others})
                for queue in queues
                for others in known.others
            ),
        )

    def _count(self, which: Document, most: int = COUNTED) -> int:
        with translated("counting jobs"):
            return self._records.jobs.count_documents(which, limit=most)

    def _oldest(self, queue: str) -> Document | None:
        """Since when the job has been due that waits longest.

        Of those that are to be notified for next, so where more wait than are read it is near that.
        """
        stages: list[Document] = [
            {"$match": {**self._records.known.whole, **_waiting(queue)}},
            {"$sort": {"notify_at": 1}},
            {"$limit": _WAITING_READ},
            {"$group": {"_id": None, "since": {"$min": "$run_at"}}},
            {"$set": {"waited_ms": {"$subtract": [NOW, "$since"]}}},
        ]
        with translated("reading a queue"):
            found = self._records.jobs.aggregate(stages, hint=WAITING_JOBS.name)
            return next(iter(found), None)


def _waiting(queue: str) -> Document:
    return {**waiting_in(queue), "state": {"$in": sorted(WAITING)}}
