"""The job as values: what is asked for, what is stored, what one attempt holds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bson.timestamp import Timestamp

from keepsake.jobs.job_types import Priority
from keepsake.jobs.states import State
from keepsake.storage import Document, reading

_STATES = frozenset(State)
_POLL_AGE_SHARE = 0.2
_POLL_MOST_SECONDS = 30
_READ: dict[str, type] = {
    **dict.fromkeys(("type", "owner", "state"), str),
    **dict.fromkeys(("revision", "token", "failures"), int),
    **dict.fromkeys(("created_at", "updated_at", "run_at"), datetime),
    "limits": dict, "attempts": list,
}  # fmt: skip
UNSEEN: Document = {"payload": 0, "checkpoint": 0}
"""The projection of what only workers read."""
UNLISTED: Document = {**UNSEEN, "state_history": 0, "logs": 0, "items": 0}
"""The projection of a job without its history."""
NOTIFICATION_FIELDS: Document = dict.fromkeys(
    ("type", "queue", "lane", "further_lanes", "trace", "state", "owner", "priority"), 1
)
"""The projection of what a notifier needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What a client asks for.

    identity: what makes two requests the same when no key is given; the payload if None.
    lane: jobs of one lane run one after the other, in the order they were accepted.
    further_lanes: others of which the job has to be the head as well before it runs.
    force: no other job answers for it. anew: no ended one does, if no key is given.
    in_overflow: its owner has many unfinished ones; it goes to the overflow queue, if there is one.
    priority: its type's if None. run_at: when it is due, with its zone; what has passed, and none,
    is at once.
    """

    type: str
    owner: str
    payload: Mapping[str, Any]
    key: str | None = None
    identity: Any = None
    lane: str | None = None
    further_lanes: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    credential: str | None = None
    force: bool = False
    anew: bool = False
    attempt_seconds: float | None = None
    total_seconds: float | None = None
    replay_of: str | None = None
    trace: str | None = None
    in_overflow: bool = False
    priority: Priority | None = None
    run_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A stored job, read-only. `record` is the document as it stands in MongoDB."""

    record: Document

    @classmethod
    def read(cls, document: Document) -> "Job":
        """A stored job that has what everybody reads of one.

        Raises:
            Unreadable: It has not.
        """
        with reading(document.get("_id")):
            for name, kind in _READ.items():
                if not isinstance(document[name], kind):
                    raise TypeError(name)
        return cls(document)

    @property
    def id(self) -> str:
        """The job's id."""
        return str(self.record["_id"])

    @property
    def type(self) -> str:
        """What is to be done; perhaps nothing that this version knows."""
        return str(self.record["type"])

    @property
    def owner(self) -> str:
        """Whose job it is."""
        return str(self.record["owner"])

    @property
    def state(self) -> str:
        """Where it stands: a `State`, or the word of a version that knows others."""
        state = str(self.record["state"])
        return State(state) if state in _STATES else state

    @property
    def queue(self) -> str:
        """The RabbitMQ queue of its notifications."""
        return str(self.record["queue"])

    @property
    def lane(self) -> str:
        """Its lane; the job's own id when it runs beside all others."""
        return str(self.record["lane"])

    @property
    def lanes(self) -> list[str]:
        """All its lanes."""
        return [self.lane, *self.record.get("further_lanes", ())]

    @property
    def multi_lane(self) -> bool:
        """Whether it has several lanes."""
        return bool(self.record.get("further_lanes"))

    @property
    def unordered(self) -> bool:
        """Whether no other job can share its lane."""
        return self.lane == self.id

    @property
    def bulk(self) -> bool:
        """Whether it starts after what is interactive."""
        return self.record.get("priority") == Priority.BULK

    @property
    def in_overflow(self) -> bool:
        """Whether its notification belongs in the overflow queue."""
        return "in_overflow" in self.record

    @property
    def accepted_at(self) -> datetime:
        """When it was asked for: later for each later job, wherever the clocks stand.

        To the second; the milliseconds count writes, up to a thousand.
        """
        count: Timestamp = self.record.get("accepted_at") or self.record["accepted"]
        return datetime.fromtimestamp(count.time, UTC).replace(
            microsecond=1000 * min(count.inc, 999)
        )

    @property
    def poll_after_seconds(self) -> int:
        """When it is worth asking for it again: what waits for its time when it is due.

        Else after a fifth of the job's age, so that long jobs are not asked about every second.
        """
        now = datetime.now(UTC)
        if self.state in {State.RETRYING, State.SCHEDULED}:
            wait: float = (self.record["run_at"] - now).total_seconds()
        else:
            wait = (now - self.record["created_at"]).total_seconds() * _POLL_AGE_SHARE
        return min(max(math.ceil(wait), 1), _POLL_MOST_SECONDS)

    @property
    def trace(self) -> str | None:
        """The W3C traceparent of the request that made it."""
        return self.record.get("trace")

    @property
    def trace_id(self) -> str | None:
        """The trace that it belongs to; its client's, if that sent one."""
        return self.trace.split("-")[1] if self.trace else None

    def get(self, name: str) -> Any:
        """A field that may be absent."""
        return self.record.get(name)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a request for a job: a new one, or the one that was there."""

    job: Job
    created: bool

    @property
    def waits(self) -> bool:
        """Whether it is new, and a worker may come for it."""
        return self.created and self.job.state is State.PENDING


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker holds while it runs an attempt; every write of the attempt carries it.

    asked_at: when it was asked for, by this process's steady clock; its lease is counted from here.
    """

    job: Job
    claim_id: str
    asked_at: float

    @property
    def token(self) -> int:
        """The fencing token."""
        return int(self.job.record["token"])

    @property
    def attempt(self) -> int:
        """Which try this is, from 1; continuations and crashes burn none."""
        return int(self.job.record["failures"]) + 1

    @property
    def outages(self) -> int:
        """How often in a row something outside did not answer."""
        return int(self.job.record.get("outages", 0))

    @property
    def waited_seconds(self) -> float:
        """From when the job was due to this claim, by the database's clock."""
        waited: timedelta = self.job.record["updated_at"] - self.job.record["run_at"]
        return max(waited.total_seconds(), 0)

    @property
    def deadline_at(self) -> datetime:
        """When the job is given up."""
        deadline: datetime = self.job.record["deadline_at"]
        return deadline
