"""A job's record as events: what happened to it after a revision."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi.encoders import jsonable_encoder
from fastapi.sse import format_sse_event
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from keepsake.jobs import STATE_HISTORY_KEPT, Job, JobListPage
from keepsake.storage import each_readable, reading
from web.job_views.schemas import ItemView, JobView, ProgressView, ended


class StateEvent(BaseModel):
    """The data of a `state`: a job moved on."""

    job_id: str
    status: str
    revision: int
    at: datetime


class LogEvent(BaseModel):
    """The data of a `log`: a job said something."""

    job_id: str
    level: str
    message: str
    at: datetime


class ItemEvent(ItemView):
    """The data of an `item`: one item of a batch is done."""

    job_id: str


class ProgressEvent(ProgressView):
    """The data of a `progress`: how far a job is now."""

    job_id: str


class UnfinishedJobs(BaseModel):
    """The data of the `snapshot` of an owner: the newest jobs that have not ended."""

    jobs: list[JobView]
    more: bool


_DATA = (UnfinishedJobs, StateEvent, ProgressEvent, ItemEvent, LogEvent)
_PLACE = "#/components/schemas/{model}"
SCHEMAS: dict[str, Any] = models_json_schema(
    [(model, "serialization") for model in _DATA], ref_template=_PLACE
)[1]["$defs"]
"""What the data of events is, beside `JobView`, which a job's `snapshot` and each `end` have."""


def of(job: Job, since: int, *, numbered: bool = True) -> list[bytes]:
    """The events after a revision, oldest first, in the wire format.

    numbered: events carry the revision as their id; the last of a revision does, so that a
    stream which breaks between two of them repeats both.

    Raises:
        Unreadable: The job's history is damaged.
    """
    with reading(job.id):
        entries = sorted(_after(job, since), key=lambda entry: entry[0])
    events = []
    for position, (revision, event, data) in enumerate(entries):
        last = position + 1 == len(entries) or entries[position + 1][0] > revision
        events.append(_event(event, data, revision if numbered and last else None))
    return events


def opening(job: Job, seen: int | None) -> list[bytes]:
    """What a stream begins with: what the client has not been told, or where the job stands.

    Raises:
        Unreadable: The job's history is damaged.
    """
    revision = int(job.record["revision"])
    with reading(job.id):
        gap = seen is None or seen > revision or _gap(job, seen)
    if seen is not None and not gap:
        return of(job, seen)
    snapshot = _event("snapshot", JobView.of(job), None if ended(job) else revision)
    return [snapshot, _event("end", JobView.of(job), revision)] if ended(job) else [snapshot]


def unfinished(page: JobListPage) -> bytes:
    """An owner's newest jobs that have not ended; `more` says whether there are others."""
    views = list(each_readable(JobView.of, page.jobs))
    return _event("snapshot", {"jobs": views, "more": page.following is not None}, None)


def _gap(job: Job, since: int) -> bool:
    """Whether the history of states no longer reaches back to a revision."""
    state_history = job.get("state_history") or []
    return len(state_history) >= STATE_HISTORY_KEPT and state_history[0]["revision"] > since + 1


def _after(job: Job, since: int) -> Iterator[tuple[int, str, Any]]:
    named = {"job_id": job.id}
    for row in job.get("state_history") or []:
        if row["revision"] > since:
            state = {"status": row["state"], "revision": row["revision"], "at": row["at"]}
            yield row["revision"], "state", {**named, **state}
    for row in job.get("logs") or []:
        if row["revision"] > since:
            line = {"level": row["level"], "message": row["message"], "at": row["at"]}
            yield row["revision"], "log", {**named, **line}
    for position, item in (job.get("items") or {}).items():
        if item["revision"] > since:
            how = {"position": int(position), "status": item["status"], "error": item["error"]}
            yield item["revision"], "item", {**named, **how}
    progress = job.get("progress")
    if progress and progress.get("revision", 0) > since:
        yield progress["revision"], "progress", {**named, **ProgressView(**progress).model_dump()}
    if ended(job) and job.record["revision"] > since:
        yield job.record["revision"], "end", JobView.of(job)


def _event(event: str, data: Any, revision: int | None) -> bytes:
    text = json.dumps(jsonable_encoder(data), ensure_ascii=False, separators=(",", ":"))
    return format_sse_event(
        data_str=text, event=event, id=None if revision is None else str(revision)
    )
