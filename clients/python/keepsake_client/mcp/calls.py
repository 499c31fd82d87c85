"""A call of a tool: whose client serves it, what it reports, and what becomes of its job."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Protocol, TypeVar

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream
from mcp.server import ServerRequestContext

from keepsake_client.client import AsyncKeepsake
from keepsake_client.errors import KeepsakeError, WaitTimeout
from keepsake_client.handles import AsyncJob
from keepsake_client.models.jobs import JobInfo, Progress

R = TypeVar("R")
CallContext = ServerRequestContext[Any, Any]
_CANCEL_SECONDS = 10
_PROGRESS_KEPT = 100


class CallSource(Protocol):
    """Where calls come from: the one client of a process, or the requests of a web server."""

    def client(self, context: CallContext) -> AbstractAsyncContextManager[AsyncKeepsake]:
        """The client that serves a call, with the key of who calls."""

    def idempotency_key(self, context: CallContext) -> str | None:
        """What makes a call that is sent again the same job; None when it is not known."""

    def cancelled(self, context: CallContext) -> bool:
        """Whether a call that ends early was cancelled by its client."""

    async def leaving(self) -> None:
        """Return when the process is to end: calls that wait for a job are then answered."""


class Call:
    """What a tool works with.

    client: asks the service with the caller's key.
    """

    def __init__(self, source: CallSource, context: CallContext, client: AsyncKeepsake) -> None:
        self._source = source
        self._context = context
        self.client = client

    @property
    def idempotency_key(self) -> str | None:
        """The key under which the call submits its job."""
        return self._source.idempotency_key(self._context)

    async def run(
        self, submission: Coroutine[Any, Any, AsyncJob[R]], seconds: float
    ) -> AsyncJob[R]:
        """Submit a job and wait for its end, for so many seconds; a cancelled call cancels it.

        Raises:
            KeepsakeError: It was not accepted, or the service went away.
        """
        submitting = asyncio.ensure_future(submission)
        try:
            job = await asyncio.shield(submitting)
            await self.waited(job, seconds)
        except asyncio.CancelledError:
            with anyio.CancelScope(shield=True):
                await self._leave(submitting)
            raise
        return job

    async def waited(self, job: AsyncJob[Any], seconds: float) -> JobInfo:
        """The job at its end, or as it stands after so many seconds; its progress is reported.

        Raises:
            KeepsakeError: The service went away, or the key is no longer good.
        """
        failure: KeepsakeError | None = None
        news, reported = anyio.create_memory_object_stream[Progress](_PROGRESS_KEPT)

        def hear(progress: Progress) -> None:
            with suppress(anyio.WouldBlock):
                news.send_nowait(progress)

        async with anyio.create_task_group() as group:
            group.start_soon(self._end_when_leaving, group.cancel_scope)
            async with anyio.create_task_group() as telling:  # ends once all that was heard is told
                telling.start_soon(self._report, reported)
                with news:
                    try:
                        await job.wait(seconds, on_progress=hear)
                    except WaitTimeout:
                        pass
                    except KeepsakeError as error:
                        failure = error  # raised below: a task group would wrap it
            group.cancel_scope.cancel()
        if failure is not None:
            raise failure
        return job.info

    async def _leave(self, submitting: "asyncio.Future[AsyncJob[Any]]") -> None:
        """Let the submission end, so that no job is left behind that nobody knows."""
        with anyio.move_on_after(_CANCEL_SECONDS), suppress(KeepsakeError):
            job = await submitting
            if self._source.cancelled(self._context):
                await job.cancel("the call was cancelled")

    async def _report(self, reported: MemoryObjectReceiveStream[Progress]) -> None:
        """Tell the client of progress. Its number only counts: what is done differs by stage."""
        count = 0
        async with reported:
            async for progress in reported:
                count += 1
                await self._context.session.report_progress(count, message=_line(progress))

    async def _end_when_leaving(self, scope: anyio.CancelScope) -> None:
        await self._source.leaving()
        scope.cancel()


def _line(progress: Progress) -> str:
    """`files 12 of 40`: a stage, and how far it is."""
    of = "" if progress.total is None else f" of {progress.total}"
    parts = (progress.stage, f"{progress.done}{of}", progress.unit, progress.message)
    return " ".join(part for part in parts if part)
