"""What operators see of a job: all of its record but what is its owner's alone."""

from datetime import datetime

from pydantic import BaseModel, Field

from keepsake.jobs import Ahead, Job, Priority, State, Wait
from keepsake.storage import reading
from web.job_views.schemas import (
    STATUS,
    AttemptView,
    ErrorView,
    ProgressView,
    WaitView,
    current_attempt,
)


class AdminJob(BaseModel):
    """A job of any owner, without payload and result."""

    job_id: str
    owner: str
    type: str = Field(description="What is done; a newer version may know others than this one")
    status: str = Field(description=STATUS, examples=[str(State.PENDING)])
    queue: str = Field(description="The queue of its notifications", examples=["keepsake.memory"])
    lane: str = Field(
        description="Jobs of one lane run one after the other", examples=["3f1d9c0a52b7e846"]
    )
    priority: str = Field(description="`interactive` or `bulk`", examples=["interactive"])
    revision: int = Field(description="Grows with every change; the number in the ETag")
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    run_at: datetime = Field(description="When it is, or was, to be tried next")
    notify_at: datetime | None = Field(description="When the relay notifies for it again")
    deadline_at: datetime | None
    expires_at: datetime | None = Field(description="When the record of an ended job is removed")
    attempt: int = Field(description="Which try this is, from 1; 0 before the first")
    max_attempts: int
    failures: int
    crashes: int
    worker: str | None = Field(
        description="The worker process that holds it; null while none does", examples=[None]
    )
    lease_expires_at: datetime | None = Field(description="Until when that worker holds it")
    in_overflow: bool = Field(description="Whether its notification waits in the overflow queue")
    progress: ProgressView | None
    error: ErrorView | None = Field(description="Why it failed last, and where")
    lineage: dict[str, str]
    labels: dict[str, str]
    trace_id: str | None = Field(description="The trace that it belongs to", examples=[None])

    @classmethod
    def of(cls, job: Job) -> "AdminJob":
        """The view of a stored job.

        Raises:
            Unreadable: It is another version's, or damaged.
        """
        with reading(job.id):
            return cls(**_fields(job))


class LanePlace(BaseModel):
    """What is before a job in one of its lanes."""

    ahead: int = Field(description="Unfinished jobs before it, counted up to 1,000")
    head_job_id: str = Field(
        description="The first of them: the one that the lane waits for",
        examples=["job_01m86fb3k0wz5r8t1v4x7y9a2c"],
    )
    head_status: str = Field(description=STATUS, examples=["running"])

    @classmethod
    def of(cls, ahead: Ahead) -> "LanePlace":
        """The view of a lane."""
        return cls(ahead=ahead.jobs, head_job_id=ahead.head.id, head_status=ahead.head.state)


class FormerState(BaseModel):
    """A state that a job was in."""

    status: str = Field(description=STATUS, examples=["pending"])
    at: datetime
    revision: int = Field(description="The revision that this change made")


class AdminJobDetails(AdminJob):
    """All that operators see of one job."""

    attempts: list[AttemptView]
    states: list[FormerState] = Field(description="Where it stood, the newest 100, oldest first")
    waits: list[WaitView] = Field(description="What it waits for; what has to end first, first")
    lanes: list[LanePlace] = Field(description="The lanes in which others are before it")

    @classmethod
    def explained(cls, job: Job, waits: list[Wait], lanes: list[Ahead]) -> "AdminJobDetails":
        """The view of a stored job, with its history and why it waits.

        Raises:
            Unreadable: It is another version's, or damaged.
        """
        with reading(job.id):
            rows = job.record.get("state_history", [])
            return cls(
                **_fields(job),
                attempts=[AttemptView.of(row, diagnosed=True) for row in job.record["attempts"]],
                states=[FormerState(**{**row, "status": row["state"]}) for row in rows],
                waits=[WaitView.of(wait) for wait in waits],
                lanes=[LanePlace.of(ahead) for ahead in lanes],
            )


def _fields(job: Job) -> dict[str, object]:
    record, error = job.record, job.get("error")
    failed_at = job.get("ended_at") or record["updated_at"]
    shown = error is not None and job.state is not State.SUCCEEDED
    named = ("updated_at", "created_at", "run_at", "revision", "failures")
    optional = ("started_at", "ended_at", "notify_at", "deadline_at", "worker", "lease_expires_at",
                "progress")  # fmt: skip
    return {
        **{name: record[name] for name in named},
        **{name: record.get(name) for name in optional},
        "job_id": job.id,
        "owner": job.owner,
        "type": job.type,
        "status": job.state,
        "queue": job.queue,
        "lane": job.lane,
        "priority": record.get("priority", Priority.INTERACTIVE),
        "expires_at": job.get("expire_at"),
        "attempt": current_attempt(job),
        "max_attempts": record["limits"]["max_attempts"],
        "crashes": record.get("crashes", 0),
        "in_overflow": "in_overflow" in record,
        "error": ErrorView.of(error, failed_at, diagnosed=True) if shown else None,
        "lineage": record.get("lineage", {}),
        "labels": record.get("labels", {}),
        "trace_id": job.trace_id,
    }
