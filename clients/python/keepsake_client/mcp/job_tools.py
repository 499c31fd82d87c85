"""Tools of jobs: where one stands, and taking back what it did to memories."""

from typing import Any, ClassVar

from pydantic import Field

from keepsake_client.errors import JobCancelled, JobFailed
from keepsake_client.handles import AsyncJob
from keepsake_client.mcp.calls import Call
from keepsake_client.mcp.results import StoredData, ToolResult, shortened
from keepsake_client.mcp.tools import Arguments, JobId, WaitSeconds, reads, writes
from keepsake_client.models.jobs import Effect, JobInfo

_STILL = "It has not ended; ask `job_status` with this job_id, and go on meanwhile."
_CHANGES_MOST, _CHANGE_TOKENS = 20, 400
"""Changes that are shown, and a quarter of this is how long each may be."""


class JobArguments(Arguments):
    """Which job."""

    job_id: JobId


class JobStatusArguments(JobArguments):
    """Which job, and whether to wait for it."""

    wait_seconds: WaitSeconds = 0


class Change(ToolResult):
    """What was done to one memory."""

    ENDS: ClassVar[str] = "DELETE"

    action: str = Field(
        description="`ADD`, `UPDATE`, `DELETE` (it ended) or `NOOP` (known already)"
    )
    domain: str
    content: str
    memory_id: str | None = None

    @classmethod
    def of(cls, effect: Effect) -> "Change":
        """An effect of a job."""
        content = shortened(effect.content, _CHANGE_TOKENS)
        return cls(action=effect.type, domain=effect.domain, content=content,
                   memory_id=effect.memory_id)  # fmt: skip


class JobResult(StoredData):
    """Where a job stands, and what it changed."""

    job_id: str = ""
    status: str = Field(description="`succeeded`, or where it stands")
    note: str = ""
    changes: list[Change] = Field(default_factory=list)
    left_out: int = Field(default=0, description="How many more changes there are")


class JobStatusResult(ToolResult):
    """Where a job stands."""

    job_id: str
    type: str
    status: str = Field(
        description="`pending`, `running`, `retrying`, `paused`, `succeeded`, `dead_letter` (it "
        "was given up) or `cancelled`"
    )
    ended: bool
    progress: str = ""
    error: str = ""
    hint: str = Field(default="", description="What to do about the error")
    waits: list[str] = Field(default_factory=list, description="Why it has not ended yet")


class UndoResult(ToolResult):
    """What was taken back; zeros when all was before."""

    job_id: str
    removed: int = Field(description="Memories that the job had added")
    reopened: int = Field(description="Memories that it had ended, which hold again")
    kept: int = Field(description="Memories that later turns support too")


async def job_status(call: Call, given: JobStatusArguments) -> JobStatusResult:
    """Say where a job of remember, forget or scan_repository stands; wait for its end if asked."""
    job = await call.client.jobs.get(given.job_id)
    if given.wait_seconds:
        await call.waited(job, given.wait_seconds)
    waits = [] if job.info.ended else await job.waits()
    return _status(job.info, [wait.detail for wait in waits])


async def undo(call: Call, given: JobArguments) -> UndoResult:
    """Take back all that a job of remember or forget did to memories, as if it had never run.

    Call it when the user says that something should not have been remembered or forgotten.
    """
    undone = await call.client.jobs.undo(given.job_id)
    return UndoResult(job_id=undone.job_id, removed=undone.removed, reopened=undone.reopened,
                      kept=undone.kept)  # fmt: skip


async def outcome(job: AsyncJob[Any]) -> tuple[dict[str, Any], list[Change]]:
    """What a tool says of its job, and what it changed if it has succeeded.

    Raises:
        JobFailed: It was given up or cancelled.
    """
    require_no_failure(job.info)
    about: dict[str, Any] = {"job_id": job.id, "status": job.status}
    if not job.info.ended:
        return about | {"note": _STILL}, []
    changes = [Change.of(effect) for effect in await job.effects()]
    if len(changes) > _CHANGES_MOST:
        about["left_out"] = len(changes) - _CHANGES_MOST
    return about, changes[:_CHANGES_MOST]


def require_no_failure(info: JobInfo) -> None:
    """Let a job pass that succeeded, or has not ended.

    Raises:
        JobFailed: It was given up or cancelled.
    """
    if not info.ended or info.status == "succeeded":
        return
    failure = JobCancelled if info.status == "cancelled" else JobFailed
    error = info.error
    raise failure(
        error.message if error else f"The job is {info.status}.",
        job_id=info.job_id,
        error_type=error.type if error else "",
        hint=error.hint if error else "",
    )


def _status(info: JobInfo, waits: list[str]) -> JobStatusResult:
    progress = info.progress
    return JobStatusResult(
        job_id=info.job_id,
        type=info.type,
        status=info.status,
        ended=info.ended,
        progress=f"{progress.stage} {progress.done} {progress.unit}".strip() if progress else "",
        error=info.error.message if info.error else "",
        hint=info.error.hint if info.error else "",
        waits=waits,
    )


JOB_TOOLS = (
    reads(job_status, "Look where a job stands"),
    writes(undo, "Undo a job", destroys=True, repeatable=True),
)
