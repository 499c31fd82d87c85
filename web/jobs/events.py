"""`/v1/jobs/events` and `/v1/jobs/{id}/events`: server-sent events that can be resumed."""

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from keepsake.jobs import UNFINISHED, Change, Engine, Job, JobError, JobListPage, Wanted
from keepsake.storage import StorageError, Unreadable
from web.dependencies import Changes, JobId, Jobs
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.edge.held_requests import EVENTS, Stream
from web.job_views import sse_events
from web.job_views.hub import ChangeBatch, Gap, Hub, Watch, about_job, about_owner
from web.job_views.schemas import ended
from web.openapi.declared import fails
from web.problems import Problem

router = APIRouter(prefix="/v1/jobs", tags=["events"], route_class=BoundedRoute)
_log = logging.getLogger("keepsake.web")
_PING_SECONDS = 15
_GREETING = format_sse_event(retry=2_000)
_PING = format_sse_event(comment="ping")
_DIGITS = 15
_UNFINISHED_SHOWN = 200
_EVENT = {
    "type": "object",
    "description": "A server-sent event; its data is a JSON object",
    "properties": {
        "event": {
            "enum": ["snapshot", "state", "progress", "item", "log", "end"],
            "description": "What happened",
        },
        "id": {"type": "string", "description": "What a reconnect sends as `Last-Event-ID`"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "What is to be said of it, as JSON",
        },
        "retry": {"type": "integer", "description": "Milliseconds to wait before a reconnect"},
    },
}
_EXAMPLE = 'id: 3\nevent: state\ndata: {"job_id":"job_01k9","status":"running","revision":3}\n\n'
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def _stream(snapshot: str) -> dict[int | str, dict[str, Any]]:
    """The answers of a stream; clients that read it as events hand out the data of each."""
    data = (snapshot, "StateEvent", "ProgressEvent", "ItemEvent", "LogEvent", "JobView")
    references = [{"$ref": f"#/components/schemas/{name}"} for name in dict.fromkeys(data)]
    text = {"type": "string", "description": "The stream as it is sent"}
    content = {"schema": {"anyOf": [text, *references]}, "itemSchema": _EVENT, "example": _EXAMPLE}
    return {
        200: {"description": "Events until the end", "content": {EVENTS: content}},
        204: {"description": "Nothing more: the job has ended and the client has its `end`"},
        **fails(429, "too-many-streams"),
    }


_OF_JOB = _stream("JobView") | fails(400, "event-id-malformed")
_OF_OWNER = _stream("UnfinishedJobs")

Position = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=500, description="The last id that the client has"),
]
Revision = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        max_length=500,
        description="The last id that the client has: a revision of the job",
        json_schema_extra={"pattern": r"^\d{0,15}$"},
    ),
]


@router.get("/events", response_class=StreamingResponse, responses=_OF_OWNER)
async def of_owner(
    request: Request,
    caller: Caller,
    jobs: Jobs,
    changes: Changes,
    last_event_id: Position = None,
) -> Stream:
    """What happens to all of the caller's jobs, from a `snapshot` of the unfinished ones on.

    It has the newest 200 `jobs`; `more` says that there are others: list them.
    """
    await changes.ready()
    stream = _unbroken(_owner_stream(caller.owner, jobs, changes, last_event_id))
    return Stream(stream, request, caller, EVENTS, _HEADERS)


@router.get("/{job_id}/events", response_class=StreamingResponse, responses=_OF_JOB)
async def of_job(
    job_id: JobId,
    request: Request,
    caller: Caller,
    jobs: Jobs,
    changes: Changes,
    last_event_id: Revision = None,
) -> Response:
    """What happens to one job, until its `end`. The ids are revisions of its record.

    With `Last-Event-ID` nothing is sent twice and no state is left out.
    """
    seen = _revision(last_event_id)
    job = await run_in_threadpool(jobs.control.get, caller.owner, job_id, history=True)
    if seen is not None and ended(job) and seen >= job.record["revision"]:
        return Response(status_code=204, headers=_HEADERS)
    await changes.ready()
    stream = _unbroken(_job_stream(job, jobs, changes, seen))
    return Stream(stream, request, caller, EVENTS, _HEADERS)


def _revision(last_event_id: str | None) -> int | None:
    if not last_event_id:
        return None
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= _DIGITS):
        detail = "Last-Event-ID: send the id of an event of this stream, a number, or none."
        raise Problem(400, "event-id-malformed", detail)
    return int(last_event_id)


async def _job_stream(job: Job, jobs: Engine, hub: Hub, seen: int | None) -> AsyncIterator[bytes]:
    async with hub.watching(about_job(job.id)) as watch:
        job = await run_in_threadpool(jobs.control.get, job.owner, job.id, history=True)
        opening = sse_events.opening(job, seen)
        seen = int(job.record["revision"])
        yield b"".join([_GREETING, *opening])
        if ended(job):
            return
        async for batch in _batches(watch):
            for change in batch:
                if change.job is None:
                    return
                yield batch.once((change.job_id, seen), partial(_since, change.job, seen))
                seen = int(change.job.record["revision"])
                if ended(change.job):
                    return
            if not batch:
                yield _PING


async def _owner_stream(
    owner: str, jobs: Engine, hub: Hub, last_event_id: str | None
) -> AsyncIterator[bytes]:
    async with hub.watching(about_owner(owner)) as watch:
        yield _GREETING
        missed, seen = await run_in_threadpool(_missed, jobs, owner, last_event_id)
        if missed is None:
            page = await run_in_threadpool(_unfinished, jobs, owner)
            seen = {job.id: int(job.record["revision"]) for job in page.jobs}
            yield sse_events.unfinished(page)
        yield b"".join(_events_of(missed or [], {}))
        async for batch in _batches(watch):
            yield _shared(batch, seen) if batch else _PING


def _shared(batch: ChangeBatch, seen: dict[str, int]) -> bytes:
    """What all watchers of an owner are sent, except those whose snapshot was newer than it."""
    if seen and not seen.keys().isdisjoint(change.job_id for change in batch):
        return b"".join(_events_of(batch, seen))
    return batch.once("owner", lambda: b"".join(_events_of(batch, {})))


def _since(job: Job, seen: int) -> bytes:
    return b"".join(sse_events.of(job, seen))


def _missed(
    jobs: Engine, owner: str, last_event_id: str | None
) -> tuple[list[Change] | None, dict[str, int]]:
    """What a client that connects again has missed, and how far that goes for each job."""
    missed = jobs.missed.since(last_event_id, owner) if last_event_id else None
    known = [change.job for change in missed or [] if change.job is not None]
    return missed, {job.id: int(job.record["revision"]) for job in known}


def _unfinished(jobs: Engine, owner: str) -> JobListPage:
    return jobs.listing.page(owner, Wanted(states=UNFINISHED), None, _UNFINISHED_SHOWN)


async def _unbroken(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The events of a stream that ends early if no more can be read."""
    try:
        async for event in events:
            yield event
    except (StorageError, JobError):
        _log.warning("stream.unreadable")


async def _batches(watch: Watch) -> AsyncIterator[ChangeBatch]:
    """What changed, batch by batch; an empty one after a quiet while.

    Ends when changes may have been missed: the client connects again with its `Last-Event-ID`.
    """
    with suppress(Gap):
        while True:
            yield await watch.changes(_PING_SECONDS)


def _events_of(changes: Iterable[Change], seen: dict[str, int]) -> list[bytes]:
    """The events of a batch; only the last carries the position, so none is skipped later."""
    events: list[bytes] = []
    position = ""
    for change in changes:
        if change.job is not None:
            position = change.position
            since = max(change.since, seen.pop(change.job_id, 0))
            with suppress(Unreadable):
                events += sse_events.of(change.job, since, numbered=False)
    if events:
        events[-1] = format_sse_event(id=position).rstrip() + b"\n" + events[-1]
    return events
