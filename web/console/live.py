"""What changes while a page is looked at, sent as parts of it: server-sent events of the hub.

A part is made once for all who look at the same job, and a hundred of them cost one change stream.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial
from typing import Protocol

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import format_sse_event

from keepsake.jobs import Engine, Job, JobError, JobNotFound
from keepsake.storage import StorageError, Unreadable
from web.admin.views import AdminJob
from web.console.page import ConsolePage, Page
from web.console.rendering import text
from web.console.sessions import not_over
from web.edge.held_requests import EVENTS, Stream
from web.job_views.hub import ARRIVALS, ChangeBatch, Gap, Hub, Interest, about_job, about_owner

router = APIRouter()
_SHOWN_MOST = 200
_SESSION_SECONDS = 15.0
_ARRIVALS_SECONDS = 1.0
_GREETING = format_sse_event(retry=1_000)
_PING = format_sse_event(comment="ping")
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Looked(Protocol):
    """What a page shows, and what is sent of it."""

    interests: list[Interest]

    def opening(self) -> bytes:
        """What has changed since the page was made; reads the jobs."""

    def events(self, batch: ChangeBatch) -> bytes:
        """What is sent of changes."""

    def late(self) -> bytes:
        """What was held back."""


class ListedJobs:
    """A list of jobs: a cell for each that has changed, and how many were accepted since.

    owner: whose jobs are looked at; None by an operator. shown: the revision of each.
    """

    def __init__(self, jobs: Engine, owner: str | None, shown: dict[str, int]) -> None:
        own = [about_owner(owner)] if owner else [ARRIVALS, *map(about_job, shown)]
        self.interests = own
        self._jobs = jobs
        self._owner = owner
        self._shown = shown
        self._arrived = 0
        self._untold = False

    def opening(self) -> bytes:
        """The cells of the jobs that are no longer as they are shown."""
        return b"".join(self._overtaken())

    def events(self, batch: ChangeBatch) -> bytes:
        """The cells of what changed; what arrived is told once in a while."""
        self._arrived += sum(change.accepted for change in batch)
        self._untold |= any(change.accepted for change in batch)
        shown = [change for change in batch if change.job_id in self._shown]
        return b"".join(
            batch.once(("cell", change.job_id), partial(_cell, change.job_id, change.job))
            for change in shown
        )

    def late(self) -> bytes:
        """How many have arrived, if that is news."""
        if not self._untold:
            return b""
        self._untold = False
        return _event("arrived", text("arrived.html", arrived=self._arrived))

    def _overtaken(self) -> Iterator[bytes]:
        for job_id, revision in self._shown.items():
            try:
                job = self._jobs.control.get(self._owner, job_id)
            except JobNotFound:
                yield _cell(job_id, None)
                continue
            if job.record["revision"] != revision:
                yield _cell(job_id, job)


class OneJob:
    """One job: that it has changed, upon which its page asks for itself.

    Raises:
        JobNotFound: There is none, or it is another owner's.
    """

    def __init__(self, jobs: Engine, owner: str | None, job_id: str, revision: str) -> None:
        self.interests = [about_job(job_id)]
        self._job = jobs.control.get(owner, job_id)
        self._current = str(self._job.record["revision"]) == revision

    def opening(self) -> bytes:
        """That it is no longer as it is shown."""
        return b"" if self._current else _event("changed", "")

    def events(self, batch: ChangeBatch) -> bytes:
        """That it has changed."""
        return batch.once("changed", partial(_event, "changed", ""))

    def late(self) -> bytes:
        """Nothing."""
        return b""


@router.get("/events")
async def of_list(page: Page) -> Response:
    """What happens to the jobs that a list shows, each named by its id and revision."""
    shown = dict(map(_named, page.query.getlist("job")[:_SHOWN_MOST]))
    return await _stream(page, ListedJobs(_jobs(page), _whose(page), shown))


@router.get("/{job_id}/events")
async def of_one(page: Page, job_id: str) -> Response:
    """What happens to one job."""
    revision = page.query.get("revision", "")
    job = await run_in_threadpool(OneJob, _jobs(page), _whose(page), job_id, revision)
    return await _stream(page, job)


def _jobs(page: ConsolePage) -> Engine:
    jobs: Engine = page.request.app.state.engine
    return jobs


def _whose(page: ConsolePage) -> str | None:
    return None if page.operates else page.principal.owner


def _named(job: str) -> tuple[str, int]:
    job_id, _, revision = job.partition(":")
    return job_id, int(revision) if revision.isascii() and revision.isdigit() else 0


async def _stream(page: ConsolePage, looked: Looked) -> Response:
    hub: Hub = page.request.app.state.hub
    await hub.ready()
    events = _unbroken(_events(page, hub, looked))
    return Stream(events, page.request, page.principal, EVENTS, _HEADERS)


async def _unbroken(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The events of a stream that ends early if no more can be read; the browser comes back."""
    with suppress(StorageError, JobError, Gap):
        async for event in events:
            yield event


async def _events(page: ConsolePage, hub: Hub, looked: Looked) -> AsyncIterator[bytes]:
    """What is sent, until the session is over; its key is watched by `Stream`."""
    clock = asyncio.get_running_loop().time
    checked = late = clock()
    async with hub.watching(*looked.interests) as watch:
        yield _GREETING + await run_in_threadpool(looked.opening)
        while True:
            batch = await watch.changes(_ARRIVALS_SECONDS)
            events = looked.events(batch) if batch else b""
            if clock() - late >= _ARRIVALS_SECONDS:
                late = clock()
                events += looked.late()
            if clock() - checked >= _SESSION_SECONDS:
                if not await not_over(page.request, page.session):
                    return
                checked = clock()
                events += _PING
            if events:
                yield events


def _cell(job_id: str, job: Job | None) -> bytes:
    """How a job stands, as the cell of a list; one that was erased is said to be."""
    try:
        shown = None if job is None else AdminJob.of(job).model_dump(mode="json")
    except Unreadable:
        return b""
    return _event(job_id, text("job_state.html", job=shown))


def _event(name: str, data: str) -> bytes:
    return format_sse_event(event=name, data_str=" ".join(data.split()))
