"""`/v1/admin/workers`: the worker processes, what each runs now, and draining one."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from keepsake.storage import Document, each_readable
from web.dependencies import Audited, Jobs
from web.edge.auth import Observer, Operator
from web.edge.body_limits import BoundedRoute
from web.job_views.schemas import ProgressView
from web.jobs.actions import Why
from web.problems import Problem

router = APIRouter(prefix="/v1/admin/workers", tags=["admin"], route_class=BoundedRoute)
WorkerId = Annotated[
    str, Path(max_length=200, description="The worker process, as lists name it",
              examples=["worker-1:4711-9b2c41d0"])
]  # fmt: skip
_HIDDEN = {"_id", "alive", "heartbeat_at", "expire_at", "drain"}


class RunningJob(BaseModel):
    """A job that a worker runs now."""

    job_id: str
    type: str
    owner: str
    started_at: datetime = Field(description="When this try began")
    progress: ProgressView | None

    @classmethod
    def of(cls, job: Document) -> "RunningJob":
        """The view of a job that is held."""
        attempt = job["attempts"][0]
        return cls(
            job_id=job["_id"],
            type=job["type"],
            owner=job["owner"],
            started_at=attempt["started_at"],
            progress=job.get("progress"),
        )


class DrainView(BaseModel):
    """Who asked a worker to claim nothing more, when and why."""

    by: str
    at: datetime
    reason: str


class WorkerView(BaseModel):
    """A worker process; alive if it has sent one of its last three heartbeats.

    What an older version does not say is null.
    """

    worker: str
    alive: bool
    heartbeat_at: datetime
    status: Literal["running", "draining", "drained", "silent"] = Field(
        description="`draining`: it claims nothing more and finishes what it runs; `drained`: it "
        "waits to be stopped; `silent`: no heartbeat comes",
        examples=["running"],
    )
    version: str | None = Field(description="Keepsake's version", examples=["0.1.0"])
    host: str | None = Field(description="The machine", examples=["worker-1"])
    memory_bytes: int | None = Field(description="How much memory it has", examples=[180_000_000])
    threads: int | None = Field(description="Jobs that it may run at once", examples=[8])
    queues: list[str] | None = Field(
        description="The queues that it serves", examples=[["keepsake.memory"]]
    )
    running: list[RunningJob] = Field(description="The jobs that it runs now, by their records")
    drain: DrainView | None = Field(
        description="Who asked it to drain; null if nobody did", examples=[None]
    )
    about: dict[str, object]

    @classmethod
    def of(cls, held: dict[str, list[Document]], row: Document) -> "WorkerView":
        """The view of a worker's row; held: the jobs that run, by worker."""
        named = {name: row.get(name) for name in ("version", "host", "memory_bytes", "threads",
                                                   "queues", "drain")}  # fmt: skip
        running = held.get(row["_id"], [])
        return cls(
            worker=row["_id"],
            alive=row["alive"],
            heartbeat_at=row["heartbeat_at"],
            status=_status(row, running),
            **named,
            running=list(each_readable(RunningJob.of, running)),
            about={name: value for name, value in row.items() if name not in _HIDDEN},
        )


class WorkerList(BaseModel):
    """The worker processes of the last day, newest heartbeat first."""

    workers: list[WorkerView]


@router.get("")
def list_workers(_: Observer, jobs: Jobs) -> WorkerList:
    """The worker processes: version, machine, memory, queues, and what each runs now."""
    view = partial(WorkerView.of, jobs.leases.held())
    return WorkerList(workers=list(each_readable(view, jobs.leases.workers())))


@router.post("/{worker_id}:drain", status_code=204)
def drain_worker(
    worker_id: WorkerId, caller: Operator, jobs: Jobs, audit: Audited, why: Why
) -> None:
    """Let a worker claim nothing more: it finishes what it runs, and waits to be stopped.

    It hears of it with its next heartbeat, and gives what it has not started to others. A worker
    that is started in its place is a new one, and drained by nobody.
    """
    audit.note("worker.drain", worker_id, why.reason)
    if not jobs.leases.drain(worker_id, by=caller.owner, reason=why.reason):
        raise Problem(404, "worker-not-found", "There is no such worker.")


def _status(
    row: Document, running: Sequence[Document]
) -> Literal["running", "draining", "drained", "silent"]:
    if not row["alive"]:
        return "silent"
    if not row.get("drained"):
        return "draining" if "drain" in row else "running"
    return "draining" if running or row["running"] else "drained"
