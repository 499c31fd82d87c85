"""The sweeper: takes back jobs that lost their worker and gives up those past their deadline."""

import logging
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from keepsake.jobs.claims import CANCELLED_ERROR
from keepsake.jobs.dead_letters import DeadLetterStore
from keepsake.jobs.errors import Outage
from keepsake.jobs.expressions import NOW, after, closed_attempt, dated, past
from keepsake.jobs.indexes import WORKERS, waiting_in
from keepsake.jobs.job import Job
from keepsake.jobs.leases import alive
from keepsake.jobs.records import RUNNING, Records
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import ABANDON, EXPIRE, POISON, RECLAIM, State
from keepsake.storage import (
    Document,
    StorageError,
    StorageUnavailable,
    literal,
    log_unreadable,
    translated,
)

_log = logging.getLogger("keepsake.sweeper")
BATCH = 100
"""Jobs of one kind in one round: few enough that the sweeper's other work goes on."""
_HELD_UP_MOST = 10_000
_AT_ONCE = 8
"""Jobs that are swept at once: their writes share the journal's flushes."""
_LOCK_WAIT_MS = 500
_LOST_ACKS_MOST = 20
"""Lost answers of one job's claims that count as no crash: so many are the job's doing."""
_FIELDS = dict.fromkeys(
    ("state", "claim", "crashes_in_a_row", "lost_acks", "worker", "lease_expires_at", "error"), 1
)


class Sweeper:
    """Each step is a compare-and-set on the expired lease, so that any number may sweep.

    What another version runs its own workers sweep.
    """

    def __init__(self, records: Records, dead_letters: DeadLetterStore) -> None:
        self._records = records
        self._settings = records.settings
        self._workers = records.database[WORKERS]
        self._dead_letters = dead_letters
        self._held_up: set[str] = set()
        self.more = False
        """Whether the last round was a full one, so that there is more. Not if others sweep it."""

    def run_once(self) -> list[Job]:
        """Sweep one batch; the jobs that were taken back or given up. As many may be left.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        lost_jobs, late_jobs = self._find(lost()), self._find(overdue())
        lost_acks = self._with_live_worker(lost_jobs) if lost_jobs else set()
        steps = [
            partial(self._patiently, partial(self._take_back, crashed=job.id not in lost_acks), job)
            for job in lost_jobs
        ]
        steps += [partial(self._patiently, self._expire, job) for job in late_jobs]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sweeping") as pool:
            swept = list(pool.map(lambda step: step(), steps))
        if max(len(lost_jobs), len(late_jobs)) < BATCH or len(self._held_up) > _HELD_UP_MOST:
            self._held_up.clear()
        done = [job for job in swept if job is not None]
        self.more = len(done) >= BATCH / 2
        return done

    def _patiently(self, step: Callable[[Job], Job | None], job: Job) -> Job | None:
        """A record that a dead worker's transaction still holds waits for a later sweep.

        So does one that cannot be read or written at all, lest it hold up all others for ever. It
        is passed over until the sweeper has come to the end of all others.
        """
        try:
            return step(job)
        except StorageUnavailable:
            _log.info("sweeper.held_up", extra={"job_id": job.id})
        except StorageError:
            _log.exception("sweeper.failed", extra={"job_id": job.id})
        except Exception as error:  # noqa: BLE001 - as above
            log_unreadable(job.id, error)
        self._held_up.add(job.id)
        return None

    def _with_live_worker(self, jobs: Sequence[Job]) -> set[str]:
        """The jobs whose worker lived when its last lease ended: the answer to a claim was lost.

        A worker that holds a job renews its lease; one that died was silent for long by then.
        """
        ends: dict[str, datetime] = {}
        for job in jobs:
            worker, end = str(job.get("worker")), job.record["lease_expires_at"]
            ends[worker] = max(end, ends.get(worker, end))
        lived = [{"_id": worker, "$expr": alive(self._settings, end)}
                 for worker, end in ends.items()]  # fmt: skip
        with translated("sweeping"):
            live = {worker["_id"] for worker in self._workers.find({"$or": lived}, {"_id": 1})}
        return {job.id for job in jobs if str(job.get("worker")) in live}

    def _find(self, which: Document) -> list[Job]:
        """A batch in random order, as several sweepers may read the same."""
        ours = {**self._records.known.whole, **which, "_id": {"$nin": sorted(self._held_up)}}
        with translated("sweeping"):
            batch = [Job(doc) for doc in self._records.jobs.find(ours, _FIELDS).limit(BATCH)]
        random.shuffle(batch)
        return batch

    def _take_back(self, job: Job, *, crashed: bool) -> Job | None:
        which = {"_id": job.id, "claim": job.get("claim"), **lost()}
        if job.state is State.CANCELLING:
            closed = self._closed(CANCELLED_ERROR, "cancelled")
            return self._records.move(ABANDON, which, closed, lock_wait_ms=_LOCK_WAIT_MS)
        lost_acks = job.record.get("lost_acks", 0) + (not crashed)
        counts = crashed or lost_acks > _LOST_ACKS_MOST
        in_a_row = job.record.get("crashes_in_a_row", 0) + counts
        changes: Document = {
            "lost_acks": literal(lost_acks),
            "crashes": {"$add": ["$crashes", int(counts)]},
            "crashes_in_a_row": literal(in_a_row),
        }
        if in_a_row >= self._settings.crash_limit:
            message = f"its worker died {in_a_row} times in a row"
            error = {"kind": "poison", "type": "poison", "message": message}
            return self._dead_letters.bury(
                POISON, which, error, {**changes, **self._closed(error, "lost_worker")}
            )
        error = {"kind": "lost_worker", "type": "worker-lost",
                 "message": "its worker stopped renewing the lease"}  # fmt: skip
        due_now = {"run_at": NOW, "notify_at": NOW}
        changes |= {**due_now, **self._closed(error, "lost_worker")}
        return self._records.move(RECLAIM, which, changes, lock_wait_ms=_LOCK_WAIT_MS)

    def _expire(self, job: Job) -> Job | None:
        error = {"kind": "timeout", "type": "deadline-passed", "message": _late(job)}
        which = {"_id": job.id, **overdue()}
        return self._dead_letters.bury(EXPIRE, which, error, {})

    def _closed(self, error: Document, outcome: str) -> Document:
        history = closed_attempt(outcome, error)
        return {"attempts": history, "error": dated(error)}


def _late(job: Job) -> str:
    """Why a job was not done in time."""
    error = job.get("error") or {}
    if job.state is State.RETRYING and error.get("kind") == Outage.kind:
        return f"the job's deadline passed during an outage: {error['message']}"
    return "the job's deadline passed before it was done"


def lost() -> Document:
    """Jobs whose lease expired, looked for among those that run."""
    return {**RUNNING, "lease_expires_at": {"$type": "date"}, "$expr": past("lease_expires_at")}


def overdue() -> Document:
    """Jobs past their deadline that nobody runs."""
    return {
        "deadline_at": {"$type": "date"},
        "state": {"$in": sorted(EXPIRE.sources)},
        "$expr": past("deadline_at"),
    }


class Rewinding:
    """Mends times that lie too far ahead, since the database's clock has stepped back.

    A failover to a member that lags does it as well. No notification, retry or lease is ever set
    further ahead than it may last, so what lies beyond was written by a clock that was ahead of
    today's. Each step is one compare-and-set that nothing written by the present clock matches.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._jobs = records.jobs
        self._settings = records.settings

    def run_once(self) -> int:
        """Let what waits run now, and what runs keep its lease for as long as one may last.

        A live worker renews such a lease with its next heartbeat; that of a dead worker ends. Other
        versions have limits of their own, and mend their own. How many jobs changed is returned.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        known = self._records.known.whole
        lease: Document = {"lease_expires_at": after(self._settings.lease_seconds)}
        due: Document = {"notify_at": NOW, "run_at": NOW}
        steps = [(waiting_ahead(queue, self._records), due) for queue in self._records.types.queues]
        steps.append((leased_ahead(self._settings), lease))
        with translated("rewinding"):
            return sum(
                self._jobs.update_many({**known, **which}, [{"$set": change}]).modified_count
                for which, change in steps
            )


def waiting_ahead(queue: str, records: Records) -> Document:
    """The jobs of a queue that wait for a notification or a retry longer than any may."""
    settings = records.settings
    limits = [job_type.limits for job_type in records.types.values()]
    backoff_seconds = max(limit.backoff_max_seconds for limit in limits)
    notify_seconds = max(
        settings.notify_again_after_seconds, settings.notify_again_after_max_seconds
    )
    return {
        **waiting_in(queue),
        "$or": [
            {"state": State.PENDING, **_beyond("notify_at", notify_seconds)},
            {"state": State.RETRYING, **_beyond("notify_at", backoff_seconds)},
        ],
    }


def leased_ahead(settings: JobSettings) -> Document:
    """The jobs that run under a lease longer than any."""
    expiry = {"lease_expires_at": {"$type": "date"}}
    return {**RUNNING, **expiry, **_beyond("lease_expires_at", settings.lease_seconds)}


def _beyond(field: str, seconds: float) -> Document:
    return {"$expr": {"$gt": [f"${field}", after(seconds)]}}
