"""The relay: publishes notifications for jobs that are due and that no worker has claimed."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from keepsake.jobs.expressions import NOW
from keepsake.jobs.indexes import WAITING_JOBS, waiting_in
from keepsake.jobs.job import NOTIFICATION_FIELDS, Job
from keepsake.jobs.records import Records
from keepsake.jobs.states import WAITING, State
from keepsake.storage import Document, Unreadable, literals, log_unreadable, translated

LOW_WATER = 1_000
"""Nothing is notified again while a queue holds more messages than this: they will come."""
BATCH = 500
"""Notifications of a queue in one round, which share RabbitMQ's confirms."""
_CONFIRM_SECONDS = 30.0
_ROUNDS_BETWEEN_LOOKS = 60
_LOGGED_MOST = 20
_COPIES_MOST = 4


class Notify(Protocol):
    """Publishes the notification of a job; does not wait for the broker."""

    def __call__(self, job: Job, *, overflow: bool, settled: Callable[[bool], None]) -> None:
        """Publish it, to the overflow queue if `overflow` is set.

        settled: hears, perhaps on another thread, whether the broker confirmed.
        """


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
        self.more = False
        """Whether the last round was a full one, so that there is more."""

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
        served = [queue for queue in self._types.queues if queue not in paused]
        published = sum(self._serve_overflow(queue) + self._serve(queue) for queue in served)
        self.more = published >= BATCH
        return published

    def _log_damaged(self) -> None:
        """Log the due jobs that cannot be read: nobody notifies for them."""
        damaged = Unreadable("nobody notifies for it")
        with translated("looking for damaged jobs"):
            for queue in self._types.queues:
                which = {**self._records.known.damaged, **due(queue)}
                for job in self._records.jobs.find(which, {"_id": 1}).limit(_LOGGED_MOST):
                    log_unreadable(job["_id"], damaged)

    def _serve(self, queue: str) -> int:
        """Notify for jobs that do not wait in an overflow queue."""
        apart: Document = {}
        if queue in self._types.overflow:
            apart = {"in_overflow": {"$exists": False}}
        which = {**due(queue), **apart}
        waiting = self._waiting(which)
        depth = self._depth(queue) if waiting else None
        if depth is None:
            return 0
        if depth <= LOW_WATER:
            return self._notify_for(queue, waiting)
        retrying = self._waiting({**which, "state": State.RETRYING})
        # The message of any other is most likely still there; a second one makes it only longer.
        self._postpone([job.id for job in retrying if not _silent(job)], {})
        return self._notify_for(queue, [job for job in retrying if _silent(job)])

    def _notify_for(self, queue: str, waiting: Sequence[Job]) -> int:
        """Notify in the queue itself for an owner's first jobs, in its overflow queue of others."""
        owners, ahead, behind = Counter[str](), list[Job](), list[Job]()
        for job in waiting:
            owners[job.owner] += not job.bulk
            last = job.bulk or owners[job.owner] > self._settings.owner_burst
            (behind if last and queue in self._types.overflow else ahead).append(job)
        if behind and self._crowded(queue):
            # Postponed, or they would fill the next batch again.
            self._postpone([job.id for job in behind], {})
            behind = []
        return self._publish(ahead, None) + self._publish(behind, queue)

    def _serve_overflow(self, queue: str) -> int:
        """Notify for jobs that wait in the overflow queue, of whomever: a claim takes turns."""
        if queue not in self._types.overflow:
            return 0
        waiting = self._waiting({**due(queue), "in_overflow": queue})
        return 0 if not waiting or self._crowded(queue) else self._publish(waiting, queue)

    def _crowded(self, queue: str) -> bool:
        """Whether the overflow queue still holds many messages, or the broker does not say."""
        depth = self._depth(self._types.overflow[queue])
        return depth is None or depth > LOW_WATER

    def _waiting(self, which: Document) -> list[Job]:
        """The jobs that have waited longest, of those that can be read."""
        with translated("looking for due jobs"):
            jobs = self._records.jobs.find(
                {**self._records.known.whole, **which}, {**NOTIFICATION_FIELDS, "notifications": 1}
            )
            jobs = jobs.hint(WAITING_JOBS.name).sort("notify_at", 1).limit(BATCH)
            return [Job(job) for job in jobs]

    def _publish(self, jobs: Sequence[Job], overflow: str | None) -> int:
        """Publish all and wait for the confirms; what has none stays due.

        overflow: the queue in whose overflow queue they wait from now on.
        """
        jobs = self._startable(jobs)
        copies = [job for job in jobs for _ in range(_copies(job))]
        confirms = _Confirms(len(copies))
        left = []
        for job in copies:
            settled = partial(confirms.note, job.id)
            try:
                self._notify(job, overflow=overflow is not None, settled=settled)
            except Exception as error:  # noqa: BLE001 - one record holds up no other
                log_unreadable(job.id, error)
                left.append(job.id)
                settled(False)  # noqa: FBT003 - its one argument
        notified = confirms.wait()
        self._postpone(left, {})
        # The notification of another may serve what is in overflow, so its end has to notify.
        place = literals(in_overflow=overflow, notify_next=True) if overflow else {}
        self._postpone(notified, place)
        return len(notified)

    def _startable(self, jobs: Sequence[Job]) -> list[Job]:
        """The jobs without those whose owner may have no more running; they are looked at later."""
        room, held, may = dict(self._records.owner_rules.free), list[str](), list[Job]()
        for job in jobs:
            room[job.owner] = room.get(job.owner, len(jobs)) - 1
            if room[job.owner] < 0:
                held.append(job.id)
            else:
                may.append(job)
        self._postpone(held, {})
        return may

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


class _Confirms:
    """Waits until the broker has confirmed what was published, or said that it did not."""

    def __init__(self, expected: int) -> None:
        self._left = expected
        self._confirmed: dict[str, None] = {}
        self._all = threading.Condition()

    def note(self, job_id: str, confirmed: bool) -> None:  # noqa: FBT001 - as it is told
        """Hear of one notification."""
        with self._all:
            self._left -= 1
            if confirmed:
                self._confirmed[job_id] = None
            self._all.notify()

    def wait(self) -> list[str]:
        """The jobs whose notifications were confirmed."""
        with self._all:
            self._all.wait_for(lambda: self._left <= 0, _CONFIRM_SECONDS)
            return list(self._confirmed)


def _silent(job: Job) -> bool:
    """Whether nobody has notified since its last try."""
    return job.state is State.RETRYING and not job.get("notifications")


def _copies(job: Job) -> int:
    """How many messages notify of a job: the more, the longer nobody has come for it.

    RabbitMQ deals messages out by turns. A worker that stands still would keep every other one that
    comes alone; of two that follow each other it gets one.
    """
    return 1 if _silent(job) else min(2 + int(job.get("notifications") or 0), _COPIES_MOST)


def due(queue: str) -> Document:
    """The jobs of a queue whose time to be notified for has come."""
    return {
        **waiting_in(queue),
        "state": {"$in": sorted(WAITING)},
        "$expr": {"$lte": ["$notify_at", NOW]},
    }
