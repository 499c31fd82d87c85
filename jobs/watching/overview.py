"""What operators watch: how much waits in each queue, and where records and reality differ."""

from dataclasses import dataclass
from datetime import datetime

from jobs.expressions import after
from jobs.records import RUNNING, Records
from jobs.recovery.relay import due, oldest_due
from jobs.recovery.sweeper import lost
from jobs.states import State
from storage.errors import translated
from storage.mongo import Document

COUNTED = 1_000_000
_OVERDUE_SWEEPS = 10


@dataclass(frozen=True, slots=True)
class QueueState:
    """A queue by its records. oldest_at: when the job that waits longest was accepted."""

    waiting: int
    running: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where records and reality differ; all zero in a healthy system, save for moments.

    unpublished: accepted, and nobody has come for the first ring. unrung: due for long, and the
    relay has not rung. unbeaten: running under a lease that has expired.
    """

    unpublished: int
    unrung: int
    unbeaten: int


class Overview:
    """Reads along the indexes of the relay and the sweeper."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def queue(self, queue: str) -> QueueState:
        """How a queue stands; counts up to a million.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        waiting = {"queue": queue, "ring_at": {"$type": "date"}}
        running = {"queue": queue, **RUNNING}
        oldest_at = oldest_due(self._records, queue) or self._oldest(waiting)
        return QueueState(self._count(waiting), self._count(running), oldest_at)

    def divergence(self, queues: tuple[str, ...]) -> Divergence:
        """How many records differ, over some queues.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        long_ago = after(-_OVERDUE_SWEEPS * self._records.settings.sweep_seconds)
        rung_for = {"$expr": {"$lte": ["$ring_at", long_ago]}}
        return Divergence(
            unpublished=sum(
                self._count({**due(queue), "rings": 0, "state": State.PENDING}) for queue in queues
            ),
            unrung=sum(self._count({**due(queue), **rung_for}) for queue in queues),
            unbeaten=self._count(lost()),
        )

    def _count(self, which: Document) -> int:
        with translated("counting jobs"):
            return self._records.jobs.count_documents(which, limit=COUNTED)

    def _oldest(self, which: Document) -> datetime | None:
        with translated("reading a queue"):
            found = self._records.jobs.find_one(which, {"created_at": 1}, sort=[("ring_at", 1)])
        return found["created_at"] if found else None
