"""Group commit: jobs that come while a write is in flight share the next one."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from keepsake.jobs.accepting.acceptance import Acceptance, Outcome
from keepsake.jobs.job import Accepted, NewJob
from middleware.notifier import Notifier


class GroupCommit:
    """Nobody waits to gather: a lone job is written at once, in one round trip.

    There is at most one write in flight, in a thread of its own. The busier the database, the more
    jobs share the next write. That thread rings as well: the event loop comes to a job only after
    the answers of all that were written with it.
    """

    def __init__(self, acceptance: Acceptance, notifier: Notifier) -> None:
        self._acceptance = acceptance
        self._doorbell = notifier
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="accepting")
        self._gathered: list[tuple[NewJob, asyncio.Future[Accepted]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def accept(self, new: NewJob) -> Accepted:
        """Record a job and ring for it.

        When this returns, it is on disk on a majority of the database, and the notifier is being
        rung. If RabbitMQ does not confirm, the relay rings later.

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
        try:
            while self._gathered:
                batch, self._gathered = self._gathered, []
                await self._write_together(batch)
        finally:
            self._writing = None

    async def _write_together(self, batch: list[tuple[NewJob, asyncio.Future[Accepted]]]) -> None:
        news = [new for new, _ in batch]
        outcomes: list[Outcome]
        try:
            loop = asyncio.get_running_loop()
            outcomes = await loop.run_in_executor(self._thread, self._record, news)
        except Exception as error:  # noqa: BLE001 - each caller's; later ones must not hang
            outcomes = [error] * len(batch)
        for (_, accepted), outcome in zip(batch, outcomes, strict=True):
            _settle(accepted, outcome)

    def _record(self, news: Sequence[NewJob]) -> list[Outcome]:
        """Write them all, and ring for the new ones: first for those that ring ahead."""
        outcomes = self._acceptance.accept_all(news)
        recorded = zip(news, outcomes, strict=True)
        for new, outcome in sorted(recorded, key=lambda pair: pair[0].in_overflow):
            if isinstance(outcome, Accepted) and outcome.created:
                self._doorbell.notify_soon(outcome.job, notify_next=False, overflow=new.in_overflow)
        return outcomes


def _settle(accepted: asyncio.Future[Accepted], outcome: Outcome) -> None:
    if accepted.done():  # its client has gone
        return
    if isinstance(outcome, Exception):
        accepted.set_exception(outcome)
    else:
        accepted.set_result(outcome)
