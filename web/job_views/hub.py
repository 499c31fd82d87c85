"""Brings the feed's changes to the requests of this process that wait for them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi.concurrency import run_in_threadpool

from keepsake.jobs.change_feed import Change, Feed, Interests
from keepsake.jobs.control import Control
from keepsake.jobs.job import Job
from keepsake.jobs.records import Records
from keepsake.storage.errors import StorageUnavailable

_OPEN_SECONDS = 5.0
_BACKLOG = 2_000
"""A client that is further behind is cut off; it comes back with its `Last-Event-ID`."""
WAIT_MAX_SECONDS = 30


class Gap(Exception):
    """Changes may have been missed: read anew, or come back."""


class Flush(list[Change]):
    """Changes of one job or owner, told together; all who watch it share this and what it becomes.

    What is made of changes to be sent costs the most by far, so it is made once.
    """

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        super().__init__(changes)
        self._made: dict[Hashable, bytes] = {}

    def once(self, name: Hashable, make: Callable[[], bytes]) -> bytes:
        """What was made of it under a name; made now by the first who asks."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]


class Watch:
    """What one request waits for: changes of one job, or of all jobs of an owner."""

    def __init__(self, owner: str | None, job_id: str | None) -> None:
        self.owner = owner
        self.job_id = job_id
        self._waiting: deque[Flush] = deque()
        self._news = asyncio.Event()
        self._behind = 0
        self._gap = False

    async def changes(self, timeout_seconds: float) -> Flush:
        """What changed; empty when the time is over first.

        Raises:
            Gap: Changes may have been missed.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._news.wait()
        except TimeoutError:
            return Flush()
        if self._gap:
            raise Gap
        found = self._waiting.popleft()
        self._behind -= len(found)
        if not self._waiting:
            self._news.clear()
        return found

    def tell(self, changes: Flush | None) -> None:
        """Keep what concerns this request; None says that changes were missed.

        After a gap nothing is kept: it would be of no use, and a client may never come to read it.
        """
        self._news.set()
        if self._gap or changes is None or self._behind + len(changes) > _BACKLOG:
            self._gap = True
            self._waiting.clear()
            return
        self._behind += len(changes)
        self._waiting.append(changes)


class Hub:
    """One per process; a flush costs one hop to the event loop, however many watch."""

    def __init__(self, records: Records) -> None:
        self._watches: set[Watch] = set()
        self._interests = Interests(frozenset(), frozenset())
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving = False
        self._feed = Feed(records, lambda: self._interests, self._deliver)

    @asynccontextmanager
    async def watching(
        self, *, owner: str | None = None, job_id: str | None = None
    ) -> AsyncIterator[Watch]:
        """Watch: every change after this is told.

        Raises:
            StorageUnavailable: The feed did not open.
        """
        self._loop = asyncio.get_running_loop()
        watch = Watch(owner, job_id)
        if self._leaving:
            watch.tell(None)
        self._watches.add(watch)
        self._count()
        try:
            if not await run_in_threadpool(self._feed.open, _OPEN_SECONDS):
                raise StorageUnavailable("watching: MongoDB does not answer")
            yield watch
        finally:
            self._watches.discard(watch)
            self._count()

    async def ready(self) -> None:
        """Make sure that changes can be followed.

        Raises:
            StorageUnavailable: They cannot.
        """
        async with self.watching(job_id="job_none"):
            return

    def leave(self) -> None:
        """Let go of all that wait, now and from now on: the process is to end."""
        self._leaving = True
        for watch in self._watches:
            watch.tell(None)

    def close(self) -> None:
        """Stop following, when the process ends."""
        self._feed.close()

    def _count(self) -> None:
        owners = frozenset(watch.owner for watch in self._watches if watch.owner)
        job_ids = frozenset(watch.job_id for watch in self._watches if watch.job_id)
        shared = len(self._watches) - len(owners) - len(job_ids)
        self._interests = Interests(owners, job_ids, shared)

    def _deliver(self, changes: list[Change] | None) -> None:
        """From the feed's thread."""
        if self._loop is not None and not self._loop.is_closed() and changes != []:
            self._loop.call_soon_threadsafe(self._spread, changes)

    def _spread(self, changes: list[Change] | None) -> None:
        sorted_out = _by_interest(changes or ())
        for watch in self._watches:
            mine = sorted_out.get(("job", watch.job_id) if watch.job_id else ("owner", watch.owner))
            if changes is None or mine:
                watch.tell(mine if changes is not None else None)


def _by_interest(changes: Iterable[Change]) -> dict[tuple[str, str | None], Flush]:
    found: dict[tuple[str, str | None], Flush] = {}
    for change in changes:
        found.setdefault(("job", change.job_id), Flush()).append(change)
        if change.job is not None:
            found.setdefault(("owner", change.job.owner), Flush()).append(change)
    return found


async def wait_until(
    hub: Hub,
    control: Control,
    job: Job,
    done: Callable[[Job], bool],
    seconds: float,
    held: AbstractAsyncContextManager[None],
) -> Job:
    """The job as soon as it is done, or as it stands when the time is over.

    Also as it stands when changes may have been missed or the process is to end: the client asks
    again.

    held: what bounds the wait, and ends it by an exception of its own.

    Raises:
        StorageUnavailable: MongoDB does not answer.
        JobNotFound: It was erased meanwhile.
    """
    if done(job) or seconds <= 0:
        return job
    deadline = asyncio.get_running_loop().time() + seconds
    async with held, hub.watching(job_id=job.id) as watch:
        job = await run_in_threadpool(control.get, job.owner, job.id)
        while not done(job) and (left := deadline - asyncio.get_running_loop().time()) > 0:
            try:
                changes = await watch.changes(left)
            except Gap:
                return await run_in_threadpool(control.get, job.owner, job.id)
            if changes and changes[-1].job is not None:
                job = changes[-1].job
            else:
                job = await run_in_threadpool(control.get, job.owner, job.id)
    return job
