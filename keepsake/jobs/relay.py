"""The relay: publishes notifications for jobs that are due and that no worker has claimed."""

from collections import Counter
from collections.abc import Callable
from typing import Protocol

from keepsake.jobs.expressions import NOW
from keepsake.jobs.job import NOTIFICATION_FIELDS, Job
from keepsake.jobs.records import Records
from keepsake.jobs.states import WAITING, State
from keepsake.storage import Document, Unreadable, literals, log_unreadable, translated

LOW_WATER = 1_000
"""Nothing is notified again while a queue holds more messages than this: they will come."""
BATCH = 500
"""Notifications in one round: as many as are published well within a second."""
_ROUNDS_BETWEEN_LOOKS = 60
_LOGGED_MOST = 20


class Notify(Protocol):
    """Publishes the notification of a job; False when the broker did not confirm it."""

    def __call__(self, job: Job, *, overflow: bool) -> bool:
        """Publish it, to the overflow queue if `overflow` is set."""


Depth = Callable[[str], int | None]
"""How many messages wait in a queue; None when the broker does not say."""


class Relay:
    """Republishes what has no message. Two relays at once notify twice, which is harmless."""

    def __init__(self, records: Records, notify: Notify, depth: Depth) -> None:
        self._records = records
        self._settings = records.settings
        self._notify = notify
        self._depth = depth
        self._types = records.types
        self._rounds = 0

    def run_once(self, paused: frozenset[str] = frozenset()) -> int:
        """Notify for one batch per queue that is not paused; how many were published.

        In a queue that still holds many messages most notifications are on their way. There the
        relay notifies only for jobs that have none, since they waited for their next try. An
        owner's first jobs go to the queue itself, the others to its overflow queue.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        if self._rounds % _ROUNDS_BETWEEN_LOOKS == 0:
            self._log_damaged()
        self._rounds += 1
        return sum(self._serve(queue) for queue in self._types.queues if queue not in paused)

    def _log_damaged(self) -> None:
        """Log the due jobs that cannot be read: nobody notifies for them."""
        damaged = Unreadable("nobody notifies for it")
        with translated("looking for damaged jobs"):
            for queue in self._types.queues:
                which = {**self._records.known.damaged, **due(queue)}
                for job in self._records.jobs.find(which, {"_id": 1}).limit(_LOGGED_MOST):
                    log_unreadable(job["_id"], damaged)

    def _serve(self, queue: str) -> int:
        waiting = self._waiting(queue)
        if not waiting:
            return 0
        depth = self._depth(queue)
        if depth is None:
            return 0
        full, crowded = depth > LOW_WATER, self._crowded(queue)
        ahead, in_overflow, left, owners = list[str](), list[str](), list[str](), Counter[str]()
        for job in waiting:
            # Its message is most likely still in the queue; a second one would only make it longer.
            if full and not _silent(job):
                left.append(job.id)
                continue
            owners[job.owner] += 1
            overflow = (
                queue in self._types.overflow and owners[job.owner] > self._settings.owner_burst
            )
            if overflow and crowded:  # as above, for the overflow queue
                left.append(job.id)
                continue
            try:
                notified = self._notify(job, overflow=overflow)
            except Exception as error:  # noqa: BLE001 - one record holds up no other
                log_unreadable(job.id, error)
                left.append(job.id)
                continue
            if not notified:  # the broker is away: what is left stays due
                break
            (in_overflow if overflow else ahead).append(job.id)
        # What was left is postponed as well, or it would fill the next batch again.
        self._postpone(ahead + left, {})
        self._postpone(
            in_overflow, literals(in_overflow=queue, notify_next=True)
        )  # the notification of another may serve them, so its end has to notify
        return len(ahead) + len(in_overflow)

    def _crowded(self, queue: str) -> bool:
        """Whether the overflow queue still holds many messages, or the broker does not say."""
        if queue not in self._types.overflow:
            return False
        depth = self._depth(self._types.overflow[queue])
        return depth is None or depth > LOW_WATER

    def _waiting(self, queue: str) -> list[Job]:
        with translated("looking for due jobs"):
            which = {**self._records.known.whole, **due(queue)}
            jobs = self._records.jobs.find(which, {**NOTIFICATION_FIELDS, "notifications": 1}).sort(
                "notify_at", 1
            )
            return [Job(job) for job in jobs.limit(BATCH)]

    def _postpone(self, notified: list[str], place: Document) -> None:
        """Notify again later if nobody comes; the wait doubles up to its maximum.

        place: what changes for a job whose notification went to the overflow queue.
        """
        if not notified:
            return
        grace_ms = {
            "$multiply": [
                1000 * self._settings.notify_again_after_seconds,
                {"$pow": [2, {"$min": ["$notifications", 10]}]},
            ]
        }  # fmt: skip
        wait = {"$min": [grace_ms, 1000 * self._settings.notify_again_after_max_seconds]}
        again = {"$dateAdd": {"startDate": NOW, "unit": "millisecond", "amount": {"$toLong": wait}}}
        with translated("noting notifications"):
            self._records.jobs.update_many(
                {"_id": {"$in": notified}, "notify_at": {"$type": "date"}},
                [
                    {
                        "$set": {
                            "notify_at": again,
                            "notifications": {"$add": ["$notifications", 1]},
                            **place,
                        }
                    }
                ],
            )


def _silent(job: Job) -> bool:
    """Whether nobody has notified since its last try."""
    return job.state is State.RETRYING and not job.get("notifications")


def due(queue: str) -> Document:
    """The jobs of a queue whose time to be notified for has come."""
    return {
        "queue": queue,
        "state": {"$in": sorted(WAITING)},
        "notify_at": {"$type": "date"},
        "$expr": {"$lte": ["$notify_at", NOW]},
    }
