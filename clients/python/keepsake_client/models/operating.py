"""What operators see of the jobs of all owners."""

from datetime import datetime
from typing import Any

from pydantic import Field

from keepsake_client.models import Record
from keepsake_client.models.jobs import Attempt, JobError, Progress, Wait


class AdminJob(Record):
    """A job of any owner, without payload and result."""

    job_id: str
    owner: str
    type: str
    status: str
    queue: str
    lane: str
    priority: str = "interactive"
    revision: int
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    run_at: datetime | None = None
    notify_at: datetime | None = None
    deadline_at: datetime | None = None
    expires_at: datetime | None = None
    attempt: int = 0
    max_attempts: int = 0
    failures: int = 0
    crashes: int = 0
    worker: str | None = None
    lease_expires_at: datetime | None = None
    in_overflow: bool = False
    progress: Progress | None = None
    error: JobError | None = None
    lineage: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    trace_id: str | None = None


class LanePlace(Record):
    """What is before a job in one of its lanes."""

    ahead: int
    head_job_id: str
    head_status: str


class FormerState(Record):
    """A state that a job was in."""

    status: str
    at: datetime
    revision: int


class AdminJobDetails(AdminJob):
    """All that operators see of one job."""

    attempts: list[Attempt] = Field(default_factory=list)
    states: list[FormerState] = Field(default_factory=list)
    waits: list[Wait] = Field(default_factory=list)
    lanes: list[LanePlace] = Field(default_factory=list)


class AdminJobPage(Record):
    """Some jobs."""

    jobs: list[AdminJob]
    next_page_token: str | None = None


class Latency(Record):
    """How long jobs took that succeeded; within a tenth."""

    p50_seconds: float
    p95_seconds: float


class Minute(Record):
    """A minute: what happened in it, and where jobs stood; `note` says what is missing."""

    at: datetime
    counts: dict[str, int] | None = None
    latency: Latency | None = None
    states: dict[str, int] | None = None
    note: str = ""


class Minutes(Record):
    """Minutes, the oldest first."""

    points: list[Minute]


class OwnerJobs(Record):
    """An owner's jobs: how many have not ended, and what happened to them lately."""

    owner: str
    backlog: int
    running: int
    accepted: int = 0
    failed_attempts: int = 0
    succeeded: int = 0
    dead_letter: int = 0
    cancelled: int = 0
    accepted_per_minute: float = 0
    ended_per_minute: float = 0


class OwnerRule(Record):
    """What is set for an owner: how many jobs run at once, and their priority; None for nothing."""

    owner: str
    max_running: int | None = None
    priority: str | None = None
    by: str | None = None
    at: datetime | None = None


class OwnerFigures(Record):
    """Owners, those with most first, and over how many minutes they were counted."""

    owners: list[OwnerJobs]
    looked_at: datetime | None = None
    minutes: int = 0


class JobContent(Record):
    """What was asked for, and what it gave."""

    job_id: str
    payload: dict[str, Any] = Field(default_factory=dict)
    result: Any = None
