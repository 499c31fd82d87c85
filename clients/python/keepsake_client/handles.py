"""A job that was submitted, as a handle: wait for it, follow it, take it back."""

import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, Generic, ParamSpec, TypeVar

from keepsake_client.errors import JobCancelled, JobFailed, WaitTimeout
from keepsake_client.events import followed
from keepsake_client.models.jobs import (
    Attempt,
    Attempts,
    BatchItem,
    Effect,
    Effects,
    ItemPage,
    JobEvent,
    JobInfo,
    LogLine,
    Logs,
    Progress,
    Result,
    Undone,
    Wait,
    Waits,
)
from keepsake_client.problems import IllegalMove
from keepsake_client.session import Request, Session, get, parsed, path
from keepsake_client.surfaces import Awaiting, Blocking, operation, stream

P = ParamSpec("P")
S = TypeVar("S")
R = TypeVar("R")
WAIT_SECONDS = 600.0
_LONGEST_POLL = 30
_NOT_MODIFIED = 304
OnProgress = Callable[[Progress], object]


class JobCalls(Generic[R]):
    """What can be asked of one job.

    info: the job as it stood when this handle looked last. fit: makes its result of JSON.
    """

    def __init__(self, session: Session, info: JobInfo, fit: Callable[[object], R]) -> None:
        self._session = session
        self._fit = fit
        self.info = info

    def __repr__(self) -> str:
        """Which job, and where it stood."""
        return f"<{type(self).__name__} {self.id} {self.status}>"

    def __reduce__(self) -> Any:
        """Handles hold connections and a key: keep the id instead, and `jobs.get` it."""
        raise TypeError("a job's handle is not pickled; keep its id")

    @property
    def id(self) -> str:
        """The job's id."""
        return self.info.job_id

    @property
    def status(self) -> str:
        """Where it stood when this handle looked last."""
        return self.info.status

    @operation
    async def refresh(self) -> JobInfo:
        """Look where it stands now.

        >>> client.memory.add("I live in Lisbon.", user_id="ana").refresh().type
        'memory.ingest'
        """
        return await self._asked(get(path("/v1/jobs/{}", self.id)))

    @operation
    async def wait(
        self, timeout: float = WAIT_SECONDS, on_progress: OnProgress | None = None
    ) -> JobInfo:
        """Wait for its end, whatever that is; `on_progress` is called whenever it gets further.

        Raises:
            WaitTimeout: It has not ended within `timeout` seconds; it goes on.

        >>> client.memory.add("I play chess.", user_id="ana").wait(60).status
        'succeeded'
        """
        return await self._waited(timeout, on_progress)

    @operation
    async def result(
        self, timeout: float = WAIT_SECONDS, on_progress: OnProgress | None = None
    ) -> R:
        """Wait for what it gives.

        Raises:
            JobFailed: It was given up.
            JobCancelled: It was cancelled.
            WaitTimeout: It has not ended within `timeout` seconds; it goes on.

        >>> client.memory.add_many([{"user_query": "I like figs."}]).result(60).succeeded
        1
        """
        info = await self._waited(timeout, on_progress)
        if info.status != "succeeded":
            raise _failure(info)
        given = info.result
        if info.result_url is not None:
            request = get(path("/v1/jobs/{}/result", self.id))
            given = (await self._session.fetch(request, Result)).result
        return self._fit(given)

    @stream
    async def events(self, last_event_id: str = "") -> AsyncIterator[JobEvent]:
        """What happens to it, until its end. A stream that breaks is taken up where it broke.

        >>> [event.kind for event in client.memory.add("I ski.", user_id="ana").events()][-1]
        'end'
        """
        url = path("/v1/jobs/{}/events", self.id)
        async with aclosing(followed(self._session, url, last_event_id, ends=True)) as events:
            async for event in events:
                if event.job is not None:
                    self.info = event.job
                yield event

    @operation
    async def cancel(self, reason: str = "") -> JobInfo:
        """Cancel it: at once when it waits, soon when it runs. It may be cancelled already.

        >>> job = client.memory.add("I like rain.", user_id="busy")
        >>> job.cancel("sent by mistake").status
        'cancelled'
        """
        try:
            return await self._moved("cancel", {"reason": reason}, repeatable=True)
        except IllegalMove as error:
            if error.members.get("state") != "cancelled":
                raise
        return await self._asked(get(path("/v1/jobs/{}", self.id)))

    @operation
    async def pause(self, reason: str = "") -> JobInfo:
        """Pause it; later jobs of its lane wait for it.

        >>> client.memory.add("I like rain.", user_id="busy").pause().status
        'paused'
        """
        return await self._moved("pause", {"reason": reason}, repeatable=True)

    @operation
    async def resume(self) -> JobInfo:
        """Let it go on after a pause.

        >>> job = client.memory.add("I like rain.", user_id="busy")
        >>> job.pause().status
        'paused'
        >>> job.resume().status
        'pending'
        """
        return await self._moved("resume", None, repeatable=False)

    @operation
    async def retry(self) -> JobInfo:
        """Try again now, when it waits for its next try.

        Raises:
            IllegalMove: It waits for none.

        >>> try:
        ...     client.memory.add("I like rain.", user_id="busy").retry()
        ... except problems.IllegalMove as error:
        ...     error.members["state"]
        'pending'
        """
        return await self._moved("retry", None, repeatable=False)

    @operation
    async def undo(self) -> Undone:
        """Take back what it did to memories, as if it had never run.

        >>> job = client.memory.add("I live in Porto.", user_id="ana")
        >>> job.wait(60).status
        'succeeded'
        >>> job.undo().job_id == job.id
        True
        """
        request = Request("POST", path("/v1/jobs/{}:undo", self.id), repeatable=True)
        return await self._session.fetch(request, Undone)

    @operation
    async def effects(self) -> list[Effect]:
        """What it did to memories, turn by turn.

        >>> job = client.memory.add("I like tea.", user_id="ana")
        >>> job.wait(60).status
        'succeeded'
        >>> job.effects()[0].type
        'ADD'
        """
        request = get(path("/v1/jobs/{}/effects", self.id))
        return (await self._session.fetch(request, Effects)).effects

    @operation
    async def attempts(self) -> list[Attempt]:
        """What was tried, newest first.

        >>> job = client.memory.add("I like tea.", user_id="ana")
        >>> job.wait(60).status
        'succeeded'
        >>> job.attempts()[0].outcome
        'succeeded'
        """
        request = get(path("/v1/jobs/{}/attempts", self.id))
        return (await self._session.fetch(request, Attempts)).attempts

    @operation
    async def waits(self) -> list[Wait]:
        """Why it waits: for its time, its lane, its queue, a worker; nothing once it has ended.

        >>> client.memory.add("I like rain.", user_id="busy").waits()[0].reason
        'lane'
        """
        request = get(path("/v1/jobs/{}/waits", self.id))
        return (await self._session.fetch(request, Waits)).waits

    @operation
    async def logs(self) -> list[LogLine]:
        """What it said on its way.

        >>> client.memory.add("I like tea.", user_id="ana").logs()
        []
        """
        request = get(path("/v1/jobs/{}/logs", self.id))
        return (await self._session.fetch(request, Logs)).logs

    @stream
    async def items(self, status: str = "") -> AsyncIterator[BatchItem]:
        """How each item of a batch went; status: `succeeded`, `skipped` or `failed` ones alone.

        >>> job = client.memory.add_many([{"user_query": "I like figs."}])
        >>> job.wait(60).status
        'succeeded'
        >>> [item.status for item in job.items()]
        ['succeeded']
        """
        request = get(path("/v1/jobs/{}/items", self.id), {"status": status})
        async for page in self._session.pages(request, ItemPage):
            for item in page.items:
                yield item

    @operation
    async def erase(self) -> None:
        """Erase its record, once it has ended; what it did stays.

        >>> job = client.memory.add("I like tea.", user_id="ana")
        >>> job.wait(60).status
        'succeeded'
        >>> job.erase()
        """
        await self._session.answer(Request("DELETE", path("/v1/jobs/{}", self.id)))

    async def _moved(self, action: str, body: object, *, repeatable: bool) -> JobInfo:
        url = path("/v1/jobs/{}:" + action, self.id)
        return await self._asked(Request("POST", url, body=body, repeatable=repeatable))

    async def _asked(self, request: Request) -> JobInfo:
        response = await self._session.answer(request)
        if response.status_code != _NOT_MODIFIED:
            self.info = parsed(JobInfo, response.content)
        return self.info

    async def _waited(self, timeout: float, on_progress: OnProgress | None) -> JobInfo:
        until, shown = time.monotonic() + timeout, None
        while not self.info.ended:
            left = until - time.monotonic()
            if left <= 0:
                raise WaitTimeout(f"{self.id} has not ended in {timeout:g} s: {self.status}")
            await self._polled(left, changes=on_progress is not None)
            if on_progress and self.info.progress and self.info.progress != shown:
                shown = self.info.progress
                on_progress(shown)
        return self.info

    async def _polled(self, left: float, *, changes: bool) -> None:
        """Ask for the end, or for a change, and let the service wait before it answers."""
        seconds = min(math.floor(left), _LONGEST_POLL)
        if not seconds:  # less than the service can wait
            await self._session.transport.sleep(left)
        await self._asked(
            Request(
                "GET", path("/v1/jobs/{}", self.id), {"wait": seconds},
                headers={"If-None-Match": f'"{self.info.revision}"'} if changes else {},
                repeatable=True, wait_seconds=seconds,
                retry_seconds=left,
            )
        )  # fmt: skip


class Job(JobCalls[R], Blocking):
    """A job's handle; its calls block."""


class AsyncJob(JobCalls[R], Awaiting):
    """A job's handle; its calls are awaited."""


def _failure(info: JobInfo) -> JobFailed:
    """The error of a job that gave nothing."""
    error = info.error
    said = error.message if error else "it says no more"
    failure = JobCancelled if info.status == "cancelled" else JobFailed
    return failure(
        f"{info.job_id} ({info.type}) is {info.status}: {said}",
        job_id=info.job_id,
        error_type=error.type if error else "",
        hint=error.hint if error else "",
    )
