"""What clients see of a job: one shape everywhere."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field

from keepsake.jobs import ENDED, Job, Priority, State, Wait, WaitReason
from keepsake.storage import Document, reading

_INLINE_CHARACTERS = 16_000


def among(words: Iterable[str]) -> str:
    """Words as a description lists them."""
    return ", ".join(f"`{word}`" for word in words)


STATUS = f"{among(State)}; a newer version may know others"
HINTS: dict[str, str] = {
    "internal": "A fault on our side. It is tried again; if it stays, report the job's id.",
    "transient": "It is tried again by itself; `message` says what was in the way.",
    "outage": "Something outside does not answer; it is tried until the deadline.",
    "database-away": "The database did not answer; it is tried until the deadline.",
    "permanent": "No retry can mend it; `message` says what to change before you send it anew.",
    "payload-invalid": "The payload does not fit; mend what `message` names and send it anew.",
    "result-unstorable": "The result is too large to be kept; ask for less at once.",
    "attempt-timeout": "One try took too long. It is tried again; send less at once if it stays.",
    "deadline-passed": "It was not done within its time; replay it, or allow it more.",
    "worker-lost": "The worker that ran it died; it runs again by itself.",
    "poison": "It took its workers down again and again; report the job's id before a replay.",
    "cancelled": "It was cancelled on request; send it anew if it is wanted after all.",
    "credential-refused": "What the credential is for refuses it; give a good one.",
    "credential-gone": "The token is no longer kept; send the request anew with its token.",
    "contended": "Other jobs kept changing the same memories; it is tried again by itself.",
    "forbidden": "The link leads where no fetch may go; use a public address.",
    "unreachable": "The link did not answer as it should; it is tried again by itself.",
    "link-away": "The link's host does not answer; it is tried until the deadline.",
    "no-turns": "No conversation could be read there; send another link or text.",
    "forbidden-source": "The operator does not allow this URL; use another form or host.",
    "unauthorised": "The host wants a token, or refuses this one; give the repository a good one.",
    "token-needed": "The host refused before and was not asked; give the repository a new token.",
    "repository-not-found": "The host has no such repository; check the URL, or send a token.",
    "branch-not-found": "The repository has no such branch, tag or commit; name another.",
    "empty-repository": "The repository has no commit yet; push one first.",
    "unsupported": "This kind of repository or host cannot be scanned.",
    "too-large": "The repository is over a limit that `message` names; ask the operator.",
    "summariser-refused": "The language model refuses; the operator has to mend its settings.",
    "summariser-away": "The language model does not answer; it is tried for some minutes.",
    "host-unreachable": "The git host does not answer; it is tried until the deadline.",
    "host-timeout": "The git host is too slow; it is tried until the deadline.",
    "host-unknown": "No host has this name; check the URL. It is tried a few times.",
    "host-untrusted": "The git host's certificate is not trusted; its operator has to mend it.",
    "machine-short": "The scanning machine was short of memory or time; it is tried again.",
    "ref-moved": "The branch moved meanwhile; it is tried again by itself.",
    "git-failed": "Git ended unexpectedly; it is tried again. If it stays, report the job's id.",
    "mirror-damaged": "The copy of the repository was damaged; it is fetched again by itself.",
    "parser-failed": "A file stopped the parser; it is tried again by itself.",
    "checkpoint-unknown": "The scan's checkpoint is of another version; it is tried again.",
    "index-changed": "Another scan published first; it is tried again by itself.",
}
"""What an owner can do about each `error.type`; one of another version's has none."""


def ended(job: Job) -> bool:
    """Whether a job is over."""
    return job.state in ENDED


class DiagnosisView(BaseModel):
    """What was raised, and where: places, no values."""

    exception: str
    traceback: list[str]
    causes: list[str] = Field(
        default=[],
        description="What led to it, the nearest first: the class of each and where it was raised",
        examples=[["TimeoutError git/remote.py:88 fetch"]],
    )


class ErrorView(BaseModel):
    """Why a job or an attempt failed."""

    kind: str
    type: str = Field(description="What went wrong, to tell it apart by: docs/api.md lists them")
    message: str
    hint: str = Field(description="What to do about it")
    attempt: int | None
    occurred_at: datetime
    diagnosis: DiagnosisView | None = Field(
        default=None, description="For operators, among attempts and dead letters"
    )

    @classmethod
    def of(cls, error: Document, ended_at: datetime, *, diagnosed: bool = False) -> "ErrorView":
        """The view of a recorded error.

        ended_at: what an error of an earlier version, which has no time of its own, ended.
        """
        known = str(error.get("type", error["kind"]))
        raised = diagnosed and "exception" in error
        return cls(
            kind=error["kind"],
            type=known,
            message=error["message"],
            hint=HINTS.get(known, ""),
            attempt=error.get("attempt"),
            occurred_at=error.get("at", ended_at),
            diagnosis=DiagnosisView(**error) if raised else None,
        )


class ProgressView(BaseModel):
    """How far a job is; `total` is null while it is not known."""

    stage: str
    done: int
    total: int | None
    unit: str
    message: str
    failed: int


class IdempotencyView(BaseModel):
    """The key that stands for this job; null when it was derived from the payload."""

    key: str | None
    derived: bool


class ItemView(BaseModel):
    """How one item of a batch went."""

    position: int
    status: str
    error: str | None = None

    @classmethod
    def all_of(cls, job: Job) -> "list[ItemView]":
        """The items that are done, in order."""
        stored: dict[str, Any] = job.get("items") or {}
        return [
            cls(position=int(position), **stored[position]) for position in sorted(stored, key=int)
        ]


class JobView(BaseModel):
    """A job as its owner sees it; never its payload."""

    job_id: str
    type: str = Field(description="What is done; a newer version may know others than this one")
    status: str = Field(description=STATUS, examples=[str(State.PENDING)])
    status_url: str
    revision: int = Field(description="Grows with every change; the number in the ETag")
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    attempt: int = Field(description="Which try this is, from 1; 0 before the first")
    max_attempts: int
    next_attempt_at: datetime | None
    run_at: datetime | None = Field(description="When it is due; null unless it is scheduled")
    deadline_at: datetime | None
    expires_at: datetime | None = Field(description="When the record of an ended job is removed")
    progress: ProgressView | None
    error: ErrorView | None
    result: Any = Field(description="What it gave; null while it has not, or at `result_url`")
    result_url: str | None
    idempotency: IdempotencyView
    lineage: dict[str, str]
    labels: dict[str, str]
    priority: str = Field(description="`interactive` or `bulk`", examples=["interactive"])

    @classmethod
    def of(cls, job: Job) -> "JobView":
        """The view of a stored job.

        Raises:
            Unreadable: It is another version's, or damaged.
        """
        with reading(job.id):
            return cls._of(job)

    @classmethod
    def _of(cls, job: Job) -> "JobView":
        record = job.record
        return cls(
            job_id=job.id,
            type=job.type,
            status=job.state,
            status_url=status_url(job.id),
            revision=record["revision"],
            created_at=record["created_at"],
            updated_at=record["updated_at"],
            started_at=job.get("started_at"),
            ended_at=job.get("ended_at"),
            attempt=current_attempt(job),
            max_attempts=record["limits"]["max_attempts"],
            next_attempt_at=record["run_at"] if job.state is State.RETRYING else None,
            run_at=record["run_at"] if job.state is State.SCHEDULED else None,
            deadline_at=job.get("deadline_at"),
            expires_at=job.get("expire_at"),
            progress=job.get("progress"),
            error=_error(job),
            **_result(job),
            idempotency=_idempotency(job),
            lineage=record.get("lineage", {}),
            labels=record.get("labels", {}),
            priority=record.get("priority", Priority.INTERACTIVE),
        )


class AttemptView(BaseModel):
    """One try: who ran it, when, and how it ended."""

    attempt: int
    worker: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    slices: int = 1
    outages: int = Field(default=0, description="How often something outside did not answer")
    error: ErrorView | None = None

    @classmethod
    def of(cls, row: Document, *, diagnosed: bool) -> "AttemptView":
        """The view of a row of the history; diagnosed: with what only operators are shown."""
        error = row.get("error")
        view = error and ErrorView.of(error, row["ended_at"], diagnosed=diagnosed)
        return cls(**{**row, "error": view})


class WaitView(BaseModel):
    """One thing that a job waits for."""

    reason: str = Field(
        description=f"{among(WaitReason)}; a newer version may know others", examples=["lane"]
    )
    detail: str = Field(
        description="The same in words", examples=["its lane: a running job is before it"]
    )
    since: datetime | None = Field(description="From when on, as far as that is known")
    until: datetime | None = Field(description="When it is over, if that is known")
    job_id: str | None = Field(description="The job that has to end first, if it is one")

    @classmethod
    def of(cls, wait: Wait) -> "WaitView":
        """The view of a wait."""
        return cls.model_validate(wait, from_attributes=True)


def status_url(job_id: str) -> str:
    """Where a job's status is."""
    return f"/v1/jobs/{job_id}"


def current_attempt(job: Job) -> int:
    """The newest try; one that meets an outage is the same before and after."""
    rows = job.record["attempts"]
    return int(rows[0]["attempt"]) if rows else 0


def _error(job: Job) -> ErrorView | None:
    """The last error; a success has none."""
    error = job.get("error")
    if error is None or job.state is State.SUCCEEDED:
        return None
    return ErrorView.of(error, job.get("ended_at") or job.record["updated_at"])


def _idempotency(job: Job) -> Any:
    stored = job.record["idempotency"]
    return {"key": stored["key"], "derived": stored["derived"]}


def _result(job: Job) -> dict[str, Any]:
    """A result that is long stays where it is."""
    result = job.get("result")
    if result is None or len(json.dumps(result, default=str)) <= _INLINE_CHARACTERS:
        return {"result": result, "result_url": None}
    return {"result": None, "result_url": f"{status_url(job.id)}/result"}


def accepted_response(job: Job, response: Response) -> JobView:
    """The body of a `202`, with its headers: of a job that was accepted or goes on."""
    view = JobView.of(job)
    response.headers["Location"] = view.status_url
    response.headers["Retry-After"] = str(job.poll_after_seconds)
    return view
