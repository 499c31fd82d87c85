"""The pause switch of each queue."""

from dataclasses import dataclass
from datetime import datetime

from keepsake.jobs.expressions import NOW
from keepsake.jobs.indexes import QUEUES
from keepsake.jobs.records import Records
from keepsake.jobs.running.claiming import DUE_AT
from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document, literals


@dataclass(frozen=True, slots=True)
class Paused:
    """Who paused a queue, when and why."""

    by: str
    at: datetime | None
    reason: str


class Queues:
    """Workers look with every sweep; a paused queue's running jobs go on, and none starts."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._switches = records.database[QUEUES]
        self._known: frozenset[str] | None = None

    @property
    def known_paused(self) -> frozenset[str]:
        """The queues that were paused at the last look; the first asks MongoDB."""
        return self.look() if self._known is None else self._known

    def look(self) -> frozenset[str]:
        """See which queues are paused.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._known = frozenset(self.paused())
        return self._known

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
        """Let a queue's jobs start again; the relay rings for all that wait.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._switch(queue, {**literals(paused=False, by=by, reason=""), "at": NOW})
        with translated("ringing again"):
            self._records.jobs.update_many(
                {
                    "queue": queue,
                    "notify_at": {"$type": "date"},
                    "$expr": {"$gt": ["$notify_at", NOW]},
                },
                [{"$set": {"notify_at": {"$max": [NOW, DUE_AT]}}}],
            )

    def _switch(self, queue: str, fields: Document) -> None:
        with translated("switching a queue"):
            self._switches.update_one({"_id": queue}, [{"$set": fields}], upsert=True)


def _paused(row: Document) -> Paused:
    """A queue stays paused whatever of its row cannot be read."""
    return Paused(str(row.get("by")), row.get("at"), str(row.get("reason")))
