"""Group commit: jobs that come while a write is in flight share the next one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from jobs.accepting import Acceptance, Outcome
from jobs.job import Accepted, NewJob
from storage.errors import StorageError


class GroupCommit:
    """Nobody waits to gather: a lone job is written at once, in one round trip.

    There is at most one write in flight, in a thread of its own. The busier the database, the more
    jobs share the next write.
    """

    def __init__(self, acceptance: Acceptance) -> None:
        self._acceptance = acceptance
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="accepting")
        self._gathered: list[tuple[NewJob, asyncio.Future[Accepted]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def accept(self, new: NewJob) -> Accepted:
        """Record a job. When this returns, it is on disk on a majority of the database.

        Raises:
            JobError: The idempotency key does not fit.
            StorageUnavailable: MongoDB does not answer; it may or may not have been recorded.
        """
        accepted: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._gathered.append((new, accepted))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await accepted

    def close(self) -> None:
        """Wait for the write that is in flight."""
        self._thread.shutdown()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._gathered:
            batch, self._gathered = self._gathered, []
            news = [new for new, _ in batch]
            outcomes: list[Outcome]
            try:
                outcomes = await loop.run_in_executor(
                    self._thread, self._acceptance.accept_all, news
                )
            except StorageError as error:
                outcomes = [error] * len(batch)
            for (_, accepted), outcome in zip(batch, outcomes, strict=True):
                _settle(accepted, outcome)
        self._writing = None


def _settle(accepted: asyncio.Future[Accepted], outcome: Outcome) -> None:
    if accepted.done():  # its client has gone
        return
    if isinstance(outcome, Exception):
        accepted.set_exception(outcome)
    else:
        accepted.set_result(outcome)
