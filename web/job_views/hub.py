"""Brings the feed's changes to the requests of this process that wait for them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from fastapi.concurrency import run_in_threadpool
from prometheus_client import Counter, Histogram

from keepsake.jobs import Change, Control, Feed, Interests, Job, Records
from keepsake.storage import DatabaseClock, StorageError, StorageUnavailable

WAIT_MAX_SECONDS = 30
_OPEN_SECONDS = 5.0
_UNREAD_MOST = 2_000
"""A client with more unread changes is cut off; it connects again with its `Last-Event-ID`."""


_LAG = Histogram(
    "keepsake_feed_lag_seconds",
    "From a change of a job to its delivery to the requests that wait for it",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)
_GAPS = Counter("keepsake_feed_gaps", "Times that changes may have been missed")


class Gap(Exception):
    """Changes may have been missed: read the record anew, or connect again."""


class ChangeBatch(list[Change]):
    """Changes of one job or owner that are sent together; all who watch it share the batch.

    Encoding changes costs most by far, so each encoding is made once and kept here.
    """

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        super().__init__(changes)
        self._encoded: dict[Hashable, bytes] = {}

    def once(self, name: Hashable, encode: Callable[[], bytes]) -> bytes:
        """The encoding of this name; the first caller makes it."""
        if name not in self._encoded:
            self._encoded[name] = encode()
        return self._encoded[name]


Interest = tuple[str, str]
_JOB, _OWNER = "job", "owner"
ARRIVALS: Interest = ("arrivals", "")
"""That jobs of any owner are accepted; such changes come without the job."""


def about_job(job_id: str) -> Interest:
    """What happens to a job."""
    return _JOB, job_id


def about_owner(owner: str) -> Interest:
    """What happens to all jobs of an owner."""
    return _OWNER, owner


class Watch:
    """What one request waits for: what happens to some jobs, or to all of an owner."""

    def __init__(self, interests: Iterable[Interest]) -> None:
        self.interests = frozenset(interests)
        self._batches: deque[ChangeBatch] = deque()
        self._arrived = asyncio.Event()
        self._unread = 0
        self._gap = False

    async def changes(self, timeout_seconds: float) -> ChangeBatch:
        """The next changes; empty when the time is over first.

        Raises:
            Gap: Changes may have been missed.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._arrived.wait()
        except TimeoutError:
            return ChangeBatch()
        if self._gap:
            raise Gap
        batch = self._batches.popleft()
        self._unread -= len(batch)
        if not self._batches:
            self._arrived.clear()
        return batch

    def deliver(self, batch: ChangeBatch | None) -> None:
        """Keep what concerns this request; None says that changes were missed.

        After a gap nothing is kept: it would be of no use, and a client may never read it.
        """
        self._arrived.set()
        if self._gap or batch is None or self._unread + len(batch) > _UNREAD_MOST:
            self._gap = True
            self._batches.clear()
            return
        self._unread += len(batch)
        self._batches.append(batch)


class Hub:
    """One per process; a batch costs one hop to the event loop, however many watch."""

    def __init__(self, records: Records) -> None:
        self._watches: set[Watch] = set()
        self._interests = Interests(frozenset(), frozenset())
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving = False
        self._database = records.database
        self._clock = DatabaseClock()
        self._feed = Feed(records, lambda: self._interests, self._deliver)

    @asynccontextmanager
    async def watching(self, *interests: Interest) -> AsyncIterator[Watch]:
        """Watch: every change after this is delivered.

        Raises:
            StorageUnavailable: The feed did not open.
        """
        self._loop = asyncio.get_running_loop()
        watch = Watch(interests)
        if self._leaving:
            watch.deliver(None)
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
        async with self.watching(about_job("job_none")):
            return

    def leave(self) -> None:
        """Let go of all that wait, now and from now on: the process is to end."""
        self._leaving = True
        for watch in self._watches:
            watch.deliver(None)

    def close(self) -> None:
        """Stop following, when the process ends."""
        self._feed.close()

    def _count(self) -> None:
        watched = {interest for watch in self._watches for interest in watch.interests}
        owners = frozenset(name for kind, name in watched if kind == _OWNER)
        job_ids = frozenset(name for kind, name in watched if kind == _JOB)
        shared = max(len(self._watches) - len(watched), 0)
        self._interests = Interests(owners, job_ids, shared, ARRIVALS in watched)

    def _deliver(self, changes: list[Change] | None) -> None:
        """Hand changes over from the feed's thread to the event loop."""
        if self._loop is not None and not self._loop.is_closed() and changes != []:
            self._loop.call_soon_threadsafe(self._distribute, changes)
        if changes is None:
            _GAPS.inc()
        else:
            self._measure([change.at for change in changes if change.at is not None])

    def _measure(self, happened: list[datetime]) -> None:
        """Note how late the first of some changes was handed over, by the database's clock."""
        if not happened:
            return
        try:
            now = self._clock.time(self._database).now
        except StorageError:  # the feed meets that too, and logs it; no change is lost by it
            return
        _LAG.observe(max((now - min(happened)).total_seconds(), 0.0))

    def _distribute(self, changes: list[Change] | None) -> None:
        batches = _by_interest(changes or ())
        for watch in self._watches:
            if changes is None:
                watch.deliver(None)
            for interest in batches.keys() & watch.interests:
                watch.deliver(batches[interest])


def _by_interest(changes: Iterable[Change]) -> dict[Interest, ChangeBatch]:
    batches: dict[Interest, ChangeBatch] = {}
    for change in changes:
        for interest in _interests(change):
            batches.setdefault(interest, ChangeBatch()).append(change)
    return batches


def _interests(change: Change) -> Iterator[Interest]:
    """Whom a change concerns; one without its job was read for nobody who watches the job."""
    if change.accepted:
        yield ARRIVALS
    if change.job is not None:
        yield about_owner(change.job.owner)
    if change.job is not None or not change.accepted:
        yield about_job(change.job_id)


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
    again. MongoDB is asked once, not in a loop.

    held: what bounds the wait, and ends it by an exception of its own.

    Raises:
        StorageUnavailable: MongoDB does not answer.
        JobNotFound: It was erased meanwhile.
    """
    if done(job) or seconds <= 0:
        return job
    deadline = asyncio.get_running_loop().time() + seconds
    async with held, hub.watching(about_job(job.id)) as watch:
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
