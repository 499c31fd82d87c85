"""`/v1/admin`: queues, workers and where they differ from the records, for operators."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BaseModel

from keepsake.jobs import Paused
from keepsake.parts import job_types
from keepsake.storage import each_readable
from middleware.management import BrokerQueue
from web.dependencies import Audited, Broker, Jobs
from web.edge.auth import Observer, Operator
from web.edge.body_limits import BoundedRoute
from web.jobs.actions import Reason
from web.pages import Paging

router = APIRouter(prefix="/v1/admin", tags=["admin"], route_class=BoundedRoute)
if TYPE_CHECKING:
    QueueName = str
else:
    QueueName = Annotated[Literal[job_types().queues], Path()]
    """One of the queues of this process's job types."""


class BrokerView(BaseModel):
    """A queue as RabbitMQ sees it; some seconds old."""

    ready: int
    unacked: int
    consumers: int


class PausedView(BaseModel):
    """Who paused a queue, when and why."""

    by: str
    at: datetime | None
    reason: str


class QueueView(BaseModel):
    """A queue by its records and by RabbitMQ; null where RabbitMQ does not say.

    overflow: the notifications of owners with many unfinished jobs; null where a queue has none.
    """

    name: str
    waiting: int
    running: int
    oldest_waiting_seconds: float | None
    paused: PausedView | None
    rabbitmq: BrokerView | None
    overflow: BrokerView | None


class QueueList(BaseModel):
    """All queues."""

    queues: list[QueueView]


class DivergenceView(BaseModel):
    """Where records and reality differ; all zero in a healthy system, save for moments.

    indexes: those that are not as declared, and that this process could not make.
    """

    unpublished: int
    unnotified: int
    lease_expired: int
    postdated: int
    unknown: int
    indexes: int


class ActView(BaseModel):
    """One act of an operator."""

    at: datetime
    by: str
    key_id: str
    action: str
    target: str
    reason: str
    request_id: str


class Audit(BaseModel):
    """Acts, newest first."""

    acts: list[ActView]
    next_page_token: str | None


@router.get("/queues")
def list_queues(management: Broker, _: Observer, jobs: Jobs) -> QueueList:
    """Each queue: what waits, what runs, how long the oldest has waited, who consumes."""
    paused, broker = jobs.queues.paused(), management.queues()
    return QueueList(
        queues=[_queue(name, paused.get(name), jobs, broker) for name in jobs.types.queues]
    )


def _queue(
    name: str, paused: Paused | None, jobs: Jobs, broker: Mapping[str, BrokerQueue]
) -> QueueView:
    state = jobs.timeline.queue(name)
    return QueueView(
        name=name,
        waiting=state.waiting,
        running=state.running,
        oldest_waiting_seconds=state.oldest_seconds,
        paused=PausedView(by=paused.by, at=paused.at, reason=paused.reason) if paused else None,
        rabbitmq=_broker(broker.get(name)),
        overflow=_broker(broker.get(jobs.types.overflow.get(name, ""))),
    )


def _broker(queue: BrokerQueue | None) -> BrokerView | None:
    if queue is None:
        return None
    return BrokerView(ready=queue.ready, unacked=queue.unacked, consumers=queue.consumers)


@router.post("/queues/{name}:pause", status_code=204)
def pause_queue(
    name: QueueName,
    caller: Operator,
    jobs: Jobs,
    audit: Audited,
    why: Annotated[Reason, Body(default_factory=Reason)],
) -> None:
    """Let no further job of a queue start; workers hear of it with their next sweep."""
    audit.note("queue.pause", name, why.reason)
    jobs.queues.pause(name, by=caller.owner, reason=why.reason)


@router.post("/queues/{name}:resume", status_code=204)
def resume_queue(name: QueueName, caller: Operator, jobs: Jobs, audit: Audited) -> None:
    """Let a queue's jobs start again."""
    audit.note("queue.resume", name)
    jobs.queues.resume(name, by=caller.owner)


@router.get("/divergence")
def divergence(request: Request, _: Observer, jobs: Jobs) -> DivergenceView:
    """Records that differ from reality, by kind; all zero in a healthy system.

    As a worker counted them, some seconds ago; in a flood up to a minute.
    """
    indexes: int = request.app.state.upkeep.amiss
    return DivergenceView(**asdict(jobs.timeline.divergence()), indexes=indexes)


@router.get("/audit")
def audit(
    request: Request,
    _: Observer,
    pages: Paging,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
    page_token: Annotated[str, Query(max_length=500)] = "",
) -> Audit:
    """What operators did, newest first."""
    before = pages.parts(page_token, (datetime, str)) if page_token else None
    rows = request.app.state.audit.page(before, page_size + 1)
    more = None
    if len(rows) > page_size:
        last = rows[page_size - 1]
        more = pages.token([last["at"], last["_id"]])
    acts = each_readable(lambda row: ActView(**row), rows[:page_size])
    return Audit(acts=list(acts), next_page_token=more)
