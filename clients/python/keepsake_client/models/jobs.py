"""Jobs and what is told of them."""

from datetime import datetime
from typing import Any

from pydantic import Field

from keepsake_client.models import Record

ENDED = frozenset({"succeeded", "dead_letter", "cancelled"})
"""The states of a job that is over."""


class JobError(Record):
    """Why a job or an attempt failed: `type` to tell it apart by, `hint` what to do about it."""

    kind: str
    type: str = ""
    message: str
    hint: str = ""
    attempt: int | None = None
    occurred_at: datetime | None = None
    diagnosis: dict[str, Any] | None = None


class Progress(Record):
    """How far a job is; `total` is None while it is not known."""

    stage: str = ""
    done: int = 0
    total: int | None = None
    unit: str = ""
    message: str = ""
    failed: int = 0


class JobInfo(Record):
    """A job as it stood when it was looked at."""

    job_id: str
    type: str
    status: str
    revision: int
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempt: int = 0
    max_attempts: int = 0
    next_attempt_at: datetime | None = None
    run_at: datetime | None = None
    deadline_at: datetime | None = None
    expires_at: datetime | None = None
    progress: Progress | None = None
    error: JobError | None = None
    result: Any = None
    result_url: str | None = None
    lineage: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    priority: str = "interactive"

    @property
    def ended(self) -> bool:
        """Whether it is over, however it ended."""
        return self.ended_at is not None or self.status in ENDED


class JobPage(Record):
    """Some jobs."""

    jobs: list[JobInfo]
    next_page_token: str | None = None


class Result(Record):
    """What a job gave."""

    job_id: str
    result: Any = None


class BatchItem(Record):
    """How one item of a batch went: `succeeded`, `skipped` or `failed`."""

    position: int
    status: str
    error: str | None = None


class ItemPage(Record):
    """Some items."""

    items: list[BatchItem]
    next_page_token: str | None = None


class Attempt(Record):
    """One try of a job."""

    attempt: int
    worker: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    slices: int = 1
    outages: int = 0
    error: JobError | None = None


class Attempts(Record):
    """The tries of a job, newest first."""

    attempts: list[Attempt]


class Wait(Record):
    """One thing that a job waits for, `detail` in words; `until` is None while it is not known."""

    reason: str
    detail: str
    since: datetime | None = None
    until: datetime | None = None
    job_id: str | None = None


class Waits(Record):
    """What a job waits for."""

    waits: list[Wait]


class LogLine(Record):
    """One line of a job's log."""

    at: datetime
    level: str
    message: str


class Logs(Record):
    """The newest lines, oldest first."""

    logs: list[LogLine]


class Effect(Record):
    """One operation of a job on one memory: `ADD`, `UPDATE`, `DELETE` or `NOOP`."""

    position: int
    user_id: str
    type: str
    domain: str
    content: str
    memory_id: str | None = None
    undone: bool = False


class Effects(Record):
    """What a job did to memories."""

    effects: list[Effect]


class Undone(Record):
    """What was taken back; zeros when all was before."""

    job_id: str
    removed: int
    reopened: int
    kept: int


class ManyDone(Record):
    """What was done to many jobs; ask again while `remaining` is not 0."""

    dry_run: bool
    matched: int
    changed: int
    refused: int
    remaining: int
    job_ids: list[str]


class JobEvent(Record):
    """Something that happened to a job: the field that its `kind` names is filled.

    `snapshot` and `end` have `job` (of all jobs of an owner: `jobs`), `state` has `status`,
    `progress`, `item` and `log` what they are called by. `data` is what the service sent.
    """

    kind: str
    id: str = ""
    job_id: str | None = None
    status: str | None = None
    job: JobInfo | None = None
    jobs: list[JobInfo] | None = None
    progress: Progress | None = None
    item: BatchItem | None = None
    log: LogLine | None = None
    data: dict[str, Any] = Field(default_factory=dict)
