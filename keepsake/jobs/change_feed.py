"""What changed: one change stream per process serves all that watch jobs.

MongoDB sends ids and revisions only; the records that somebody watches are read once per flush,
however many watch them. States come at once, progress at most every `PROGRESS_SECONDS`.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pymongo
from pymongo.change_stream import ChangeStream
from pymongo.errors import OperationFailure, PyMongoError

from keepsake.jobs.job import UNSEEN, Job
from keepsake.jobs.records import Records
from keepsake.storage import Document, each_readable, translated

PROGRESS_SECONDS = 0.25
_STATES_SECONDS = 0.02
_MORE_PER_WATCHER_SECONDS = 0.0005
"""A flush is a message for each who watches the same: 200 get theirs every 0.12 s, not 0.02."""
_AWAIT_MS = 200
_REOPEN_SECONDS = 0.5
_LINGER_SECONDS = 10.0
LOG_CHANGES = 5_000
"""Of all owners: what is read of the log for one watcher that comes back, and for how long."""
LOG_SECONDS = 2.0
_LOG_BATCH = 500
_log = logging.getLogger("keepsake.feed")

_CHANGES: list[Document] = [
    {"$match": {"$or": [
        {"operationType": {"$in": ["insert", "delete"]}},
        {"updateDescription.updatedFields.revision": {"$exists": True}},
    ]}},
    {"$project": {
        "_id": 1, "operationType": 1, "documentKey": 1, "wallTime": 1,
        "updateDescription.updatedFields.revision": 1, "updateDescription.updatedFields.state": 1,
    }},
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Interests:
    """Whose jobs are watched, and which; and how many watch what another one watches too.

    arrivals: whether it is watched which jobs of all owners are accepted. They are not read.
    """

    owners: frozenset[str]
    job_ids: frozenset[str]
    shared: int = 0
    arrivals: bool = False

    def __bool__(self) -> bool:
        """Whether anything is watched."""
        return bool(self.owners or self.job_ids or self.arrivals)

    def noted(self, change: "Change") -> bool:
        """Whether somebody may watch a job that changed."""
        arrived = self.arrivals and change.accepted
        return bool(self.owners) or change.job_id in self.job_ids or arrived


@dataclass(slots=True)
class Change:
    """A job that changed.

    since: the last revision before it did. job: as it stands now; None when it was erased, or
    nobody watches it. position: where a feed that has delivered this change goes on.
    accepted: whether it was just accepted. at: when it changed, of several changes the first.
    """

    job_id: str
    since: int
    position: str
    urgent: bool
    job: Job | None = None
    accepted: bool = False
    at: datetime | None = None


Deliver = Callable[[list[Change] | None], None]
"""Takes what changed; None says that changes may have been missed, so read anew."""


class Feed:
    """Follows the jobs collection in a thread of its own, for as long as somebody watches.

    It goes on from the last position of which all has been delivered, whatever fails on the way.
    """

    def __init__(
        self, records: Records, interests: Callable[[], Interests], deliver: Deliver
    ) -> None:
        self._jobs = records.jobs
        self._interests = interests
        self._deliver = deliver
        self._lock = threading.Lock()
        self._opened = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._resume: Document | None = None
        self._pending: dict[str, Change] = {}
        self._flushed = 0.0

    def open(self, timeout_seconds: float) -> bool:
        """Follow; True once every later change is going to be delivered."""
        with self._lock:
            if self._thread is None:
                self._closing.clear()
                self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
                self._thread.start()
        return self._opened.wait(timeout_seconds)

    def close(self) -> None:
        """Stop following."""
        self._closing.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(timeout=5)

    def _run(self) -> None:
        while not self._idle():
            try:
                self._follow()
            except OperationFailure as error:
                refused = self._resume is None  # there is no position that it could be because of
                event = "feed.refused" if refused else "feed.gap"
                _log.warning(event, extra={"code": error.code})
                self._lose()
            except PyMongoError:
                _log.warning("feed.storage_away")
            except Exception:  # noqa: BLE001 - the thread must outlive any fault
                _log.error("feed.failed", exc_info=True)
                self._lose()
            self._closing.wait(_REOPEN_SECONDS)

    def _lose(self) -> None:
        """Begin anew: watchers read again, and new ones wait until the stream is open."""
        self._opened.clear()
        self._resume = None
        self._deliver(None)

    def _idle(self) -> bool:
        """Whether nobody watches any more; the thread ends then."""
        with self._lock:
            if self._interests() and not self._closing.is_set():
                return False
            self._thread, self._resume = None, None
            self._opened.clear()
            return True

    def _follow(self) -> None:
        unwatched_since = None
        with self._jobs.watch(
            _CHANGES, resume_after=self._resume, max_await_time_ms=_AWAIT_MS
        ) as stream:
            self._pending.clear()
            self._resume = _position(stream)
            self._opened.set()
            while not self._closing.is_set():
                self._advance(stream)
                if not stream.alive:  # the jobs were dropped; of new ones it would hear nothing
                    self._lose()
                    return
                if self._interests():
                    unwatched_since = None
                    continue
                unwatched_since = unwatched_since or time.monotonic()
                if time.monotonic() - unwatched_since > _LINGER_SECONDS:
                    return

    def _advance(self, stream: "ChangeStream[Document]") -> None:
        event = stream.try_next()
        if event is not None:
            self._note(event)
        wait = min(self._states_seconds() if self._urgent() else PROGRESS_SECONDS, PROGRESS_SECONDS)
        left = self._flushed + wait - time.monotonic()
        if self._pending and event is None and left > 0:
            self._closing.wait(left)
            left = 0
        if self._pending and left <= 0:
            self._flush()
        if not self._pending:
            self._resume = _position(stream)

    def _states_seconds(self) -> float:
        return _STATES_SECONDS + self._interests().shared * _MORE_PER_WATCHER_SECONDS

    def _urgent(self) -> bool:
        return any(change.urgent for change in self._pending.values())

    def _note(self, event: Document) -> None:
        change = _change(event)
        if not self._interests().noted(change):
            return
        known = self._pending.pop(change.job_id, None)
        if known is not None:
            change.since = min(known.since, change.since)
            change.urgent |= known.urgent
            change.accepted |= known.accepted
            change.at = known.at
        self._pending[change.job_id] = change

    def _flush(self) -> None:
        self._flushed = time.monotonic()
        self._deliver(_filled(self._jobs.find, self._pending, self._interests()))
        self._pending = {}


class Missed:
    """What changed since a position, for a watcher that comes back; read from MongoDB's log.

    The log is of all owners, so a long absence is not read up: a snapshot costs less.
    """

    def __init__(self, records: Records) -> None:
        self._jobs = records.jobs

    def since(self, position: str, owner: str) -> list[Change] | None:
        """The owner's jobs that changed, in order.

        None when the log does not reach back, too much was written to it since, or the jobs were
        dropped.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        pending: dict[str, Change] = {}
        try:
            with pymongo.timeout(LOG_SECONDS):
                for read, change in enumerate(self._noted(position)):
                    if read == LOG_CHANGES:
                        return None
                    known = pending.pop(change.job_id, None)
                    change.since = min(known.since, change.since) if known else change.since
                    pending[change.job_id] = change
        except PyMongoError:
            return None
        wanted = Interests(frozenset([owner]), frozenset())
        with translated("reading what changed"):
            return _filled(self._jobs.find, pending, wanted)

    def _noted(self, position: str) -> Iterator[Change]:
        with self._jobs.watch(
            _CHANGES, resume_after={"_data": position}, max_await_time_ms=1, batch_size=_LOG_BATCH
        ) as stream:
            while (event := stream.try_next()) is not None:
                yield _change(event)
            if not stream.alive:
                raise OperationFailure("the jobs were dropped since")


def _position(stream: "ChangeStream[Document]") -> Document | None:
    return dict(stream.resume_token or {}) or None


def _change(event: Document) -> Change:
    updated = (event.get("updateDescription") or {}).get("updatedFields", {})
    revision = updated.get("revision", 1)
    return Change(
        job_id=event["documentKey"]["_id"],
        since=revision - 1 if isinstance(revision, int) else 0,
        position=event["_id"]["_data"],
        urgent=event["operationType"] != "update" or "state" in updated,
        accepted=event["operationType"] == "insert",
        at=event.get("wallTime"),
    )


def _filled(find: Callable[..., Iterator[Document]], pending: dict[str, Change],
            wanted: Interests) -> list[Change]:  # fmt: skip
    """The changes that somebody wants, with their records; an erased job has none.

    A record that cannot be read is left out.
    """
    ids = list(pending)
    if not wanted.owners:
        ids = [job_id for job_id in ids if job_id in wanted.job_ids]
    whose: Document = {"_id": {"$in": ids}}
    if wanted.owners:
        watched = {"_id": {"$in": list(wanted.job_ids)}}
        whose["$or"] = [{"owner": {"$in": list(wanted.owners)}}, watched]
    records = list(find(whose, UNSEEN))
    for job in each_readable(Job.read, records):
        pending[job.id].job = job
    erased = wanted.job_ids.difference(document["_id"] for document in records)
    return [
        change
        for change in pending.values()
        if change.job is not None
        or change.job_id in erased
        or (wanted.arrivals and change.accepted)
    ]
