"""Why a job waits: for its time, its turn, a queue, a worker, or a notification."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from keepsake.jobs.errors import JobNotFound
from keepsake.jobs.expressions import NOW
from keepsake.jobs.job import UNLISTED, Job
from keepsake.jobs.leases import WorkerLeases
from keepsake.jobs.queues import QueueSwitches
from keepsake.jobs.records import Records, scoped
from keepsake.jobs.states import ENDED, LEASED, WAITING, State
from keepsake.storage import Document, reading, translated

Messages = Callable[[str], int | None]
"""How many messages of a queue are ready or held by workers; None when RabbitMQ does not say."""
COUNTED = 1_000
"""Jobs before one in its lane that are counted."""
_HEARD_SECONDS = 15
"""For so long a message may be on its way, or not be in RabbitMQ's figures yet."""


class WaitReason(StrEnum):
    """What holds a job up."""

    RUNNING = "running"
    WORKER_SILENT = "worker-silent"
    STOPPING = "stopping"
    PAUSED = "paused"
    NOT_DUE = "not-due"
    LANE = "lane"
    OWNER_BOUND = "owner-bound"
    QUEUE_PAUSED = "queue-paused"
    NO_WORKER = "no-worker"
    OTHER_VERSION = "other-version"
    NOTIFIED = "notified"
    NOTIFICATION_LOST = "notification-lost"


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that a job waits for, in words.

    until: when it is over, if that is known. job_id: the job that has to end first.
    """

    reason: WaitReason
    detail: str
    since: datetime | None = None
    until: datetime | None = None
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """The unfinished jobs before one in a lane: how many, up to `COUNTED`, and the first."""

    jobs: int
    head: Job


class Waits:
    """Reads the job, its lanes, its queue's switch and the workers; none of it with a poll."""

    def __init__(self, records: Records, leases: WorkerLeases, queues: QueueSwitches) -> None:
        self._records = records
        self._jobs = records.jobs
        self._leases = leases
        self._queues = queues

    def of(self, owner: str | None, job_id: str, messages: Messages) -> list[Wait]:
        """What a job waits for, what has to be over first before the rest; empty once it has ended.

        owner: None is an operator's view of all. An owner is told of no other owner's job.

        Raises:
            JobNotFound: Unknown, or another owner's.
            StorageUnavailable: MongoDB does not answer.
            Unreadable: It is another version's, or damaged.
        """
        job = self._read(owner, job_id)
        with reading(job.id):
            if job.state in ENDED:
                return []
            if job.state in LEASED:
                return [self._held(job)]
            blocked = self._blocked(job, owner)
            return blocked or [self._notified(job, messages)]

    def _read(self, owner: str | None, job_id: str) -> Job:
        """A job, with the database's time as `now`."""
        stages: list[Document] = [
            {"$match": scoped(owner, job_id)},
            {"$unset": list(UNLISTED)},
            {"$set": {"now": NOW}},
        ]
        with translated("reading a job"):
            record = next(iter(self._jobs.aggregate(stages)), None)
        if record is None:
            raise JobNotFound(job_id)
        return Job.read(record)

    def ahead(self, job: Job) -> list[Ahead]:
        """The jobs before one in each of its lanes in which it is not the head."""
        lanes = job.record.get("open_lane", [])
        with translated("reading a lane"):
            each = [
                self._before(job, lane) for lane in ([lanes] if isinstance(lanes, str) else lanes)
            ]
        return [ahead for ahead in each if ahead is not None]

    def _before(self, job: Job, lane: str) -> Ahead | None:
        place = job.record["accepted"]
        before = {
            "open_lane": lane,
            "$or": [{"accepted": {"$lt": place}}, {"accepted": place, "_id": {"$lt": job.id}}],
        }
        head = self._jobs.find_one(before, UNLISTED, sort=[("accepted", 1), ("_id", 1)])
        if head is None:
            return None
        return Ahead(self._jobs.count_documents(before, limit=COUNTED), Job(head))

    def _held(self, job: Job) -> Wait:
        """A job that a worker holds."""
        until, worker = job.get("lease_expires_at"), job.get("worker")
        since = job.record["attempts"][0]["started_at"]
        if until is not None and until <= job.record["now"]:
            detail = f"worker {worker} has renewed its lease no longer; the sweeper takes it back"
            return Wait(WaitReason.WORKER_SILENT, detail, until)
        if job.state is State.CANCELLING:
            detail = f"worker {worker} is asked to stop it, and does at its next checkpoint"
            return Wait(WaitReason.STOPPING, detail, job.record["updated_at"])
        detail = f"worker {worker} runs it, and renews its lease while it lives"
        return Wait(WaitReason.RUNNING, detail, since, until)

    def _blocked(self, job: Job, owner: str | None) -> list[Wait]:
        """What has to be over before a notification can do anything."""
        waits = [*self._of_itself(job), *self._of_lanes(job, owner)]
        waits += self._of_bound(job)
        if (paused := self._queues.paused().get(job.queue)) is not None:
            why = f": {paused.reason}" if paused.reason else ""
            detail = f"the queue {job.queue} is paused{why}"
            waits.append(Wait(WaitReason.QUEUE_PAUSED, detail, paused.at))
        if not self._leases.any_serving(job.queue):
            detail = f"no worker lives that serves the queue {job.queue}"
            waits.append(Wait(WaitReason.NO_WORKER, detail))
        return waits

    def _of_itself(self, job: Job) -> list[Wait]:
        run_at = job.record["run_at"]
        if job.state is State.PAUSED:
            asked = job.get("paused") or {}
            why = f": {asked['reason']}" if asked.get("reason") else ""
            return [Wait(WaitReason.PAUSED, f"it is paused until somebody resumes it{why}",
                         asked.get("at"))]  # fmt: skip
        if job.state is State.SCHEDULED:
            detail = "it is scheduled, and enters its lanes when it is due"
            return [Wait(WaitReason.NOT_DUE, detail, job.record["created_at"], run_at)]
        if job.type not in self._records.types or job.state not in WAITING:
            return [Wait(WaitReason.OTHER_VERSION, "only another version can run it")]
        if job.state is State.RETRYING and run_at > job.record["now"]:
            detail = "it failed, and is tried again after its backoff"
            return [Wait(WaitReason.NOT_DUE, detail, job.record["updated_at"], run_at)]
        return []

    def _of_bound(self, job: Job) -> list[Wait]:
        """The owner's bound, if as many run as may."""
        rules = self._records.owner_rules
        rule = rules.read(job.owner)
        if rule.max_running is None or (
            rules.used({job.owner: rule.max_running})[job.owner] < rule.max_running
        ):
            return []
        detail = f"{rule.max_running} jobs of its owner run, which are as many as may"
        return [Wait(WaitReason.OWNER_BOUND, detail, rule.at)]

    def _of_lanes(self, job: Job, owner: str | None) -> list[Wait]:
        return [_behind(ahead, owner) for ahead in self.ahead(job)]

    def _notified(self, job: Job, messages: Messages) -> Wait:
        """It could run now."""
        again = job.get("notify_at")
        queue = self._queue_of(job)
        waiting = messages(queue)
        old = timedelta(seconds=_HEARD_SECONDS)
        if waiting == 0 and job.record["now"] - job.record["updated_at"] > old:
            detail = f"its notification is lost: {queue} is empty; the relay notifies again"
            return Wait(WaitReason.NOTIFICATION_LOST, detail, job.record["updated_at"], again)
        count = "" if waiting is None else f" among {waiting}"
        detail = f"its notification waits in {queue}{count} for a free worker"
        return Wait(WaitReason.NOTIFIED, detail, job.record["updated_at"])

    def _queue_of(self, job: Job) -> str:
        """The queue in which its notification is."""
        overflow = self._records.types.overflow.get(job.queue)
        return overflow if overflow and job.get("in_overflow") else job.queue


def _behind(ahead: Ahead, owner: str | None) -> Wait:
    head = ahead.head
    others = f", and {ahead.jobs - 1} more" if ahead.jobs > 1 else ""
    detail = f"its lane: a {head.state} job is before it{others}"
    job_id = head.id if owner in (None, head.owner) else None
    return Wait(WaitReason.LANE, detail, head.record["created_at"], job_id=job_id)
