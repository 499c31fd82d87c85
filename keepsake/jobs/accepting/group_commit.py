"""Group commit: jobs that are accepted during a write share the next one."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from keepsake.jobs.accepting.acceptance import Acceptance, Outcome
from keepsake.jobs.job import Accepted, Job, NewJob


class NotifySoon(Protocol):
    """Publishes the notification of a new job; does not wait for the broker."""

    def __call__(self, job: Job, *, notify_next: bool, overflow: bool) -> None:
        """Publish it, to the overflow queue if `overflow` is set."""


class GroupCommit:
    """Records jobs and publishes their notifications.

    A lone job is written at once, in one round trip. There is at most one write in flight, in a
    thread of its own. The busier the database, the more jobs share the next write. That thread
    publishes as well: the event loop reaches a job only after it has answered all others that
    were written with it.
    """

    def __init__(self, acceptance: Acceptance, notify: NotifySoon) -> None:
        self._acceptance = acceptance
        self._notify = notify
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="accepting")
        self._waiting: list[tuple[NewJob, asyncio.Future[Accepted]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def accept(self, new: NewJob) -> Accepted:
        """Record a job and notify the workers.

        When this returns, the job is on disk on a majority of the database's members, and its
        notification is being published. If RabbitMQ does not confirm it, the relay publishes later.

        Raises:
            JobError: The idempotency key does not fit.
            StorageUnavailable: MongoDB does not answer; the job may or may not be recorded.
        """
        accepted: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting.append((new, accepted))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await accepted

    def close(self) -> None:
        """Wait for the write that is in flight."""
        self._thread.shutdown()

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
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
        """Write them all and notify for the new ones, last for those of the overflow queue."""
        outcomes = self._acceptance.accept_all(news)
        recorded = zip(news, outcomes, strict=True)
        for new, outcome in sorted(recorded, key=lambda pair: pair[0].in_overflow):
            if isinstance(outcome, Accepted) and outcome.created:
                self._notify(outcome.job, notify_next=False, overflow=new.in_overflow)
        return outcomes


def _settle(accepted: asyncio.Future[Accepted], outcome: Outcome) -> None:
    if accepted.done():  # its client has gone
        return
    if isinstance(outcome, Exception):
        accepted.set_exception(outcome)
    else:
        accepted.set_result(outcome)
