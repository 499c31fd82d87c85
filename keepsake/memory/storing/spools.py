"""Spools: uploads in MongoDB, in pieces, from when they come until their job has ended.

One that breaks off is removed an hour later. One that is whole waits for longer than its job may
last: of what was accepted while MongoDB went away, nobody knows whether it was.
"""

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

from bson.binary import Binary
from pymongo.database import Database

from keepsake.jobs import ENDED, Control, JobNotFound
from keepsake.memory.errors import Contended
from keepsake.memory.models import MemoryScope
from keepsake.memory.storing.documents import INDEXES, PIECES, SPOOLS, owned
from keepsake.storage import Document, Preparation, Unreadable, literals, new_id, translated

PIECE_BYTES = 1 << 20
_BROKEN_SECONDS, _WHOLE_SECONDS = 3_600, 8 * 86_400
_LOOK_SECONDS = 60.0
_SWEPT = 100


class Spools:
    """Everything but sweeping is scoped by owner and user."""

    def __init__(self, database: Database[Document]) -> None:
        self._spools = database[SPOOLS]
        self._pieces = database[PIECES]
        self._prepare = Preparation(database, INDEXES).once

    def begin(self, scope: MemoryScope) -> "Spool":
        """A new spool, still empty.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._prepare()
        spool = Spool(self._spools, self._pieces, scope, new_id("spool"))
        begun = literals(**owned(scope), bytes=0, job_id=None)
        with translated("beginning an upload"):
            kept = {"keep_until": _later(_BROKEN_SECONDS)}
            self._spools.update_one({"_id": spool.id}, [{"$set": {**begun, **kept}}], upsert=True)
        return spool

    def opened(self, scope: MemoryScope, spool_id: str) -> "SpoolFile | None":
        """What was uploaded, to be read; None when it is gone."""
        with translated("reading an upload"):
            spool = self._spools.find_one({"_id": spool_id, **owned(scope)})
        return SpoolFile(self._pieces, spool_id, int(spool["bytes"])) if spool else None

    def remove(self, scope: MemoryScope, spool_id: str) -> None:
        """Remove a spool; one that is gone is no error."""
        with translated("removing an upload"):
            self._pieces.delete_many({"spool": spool_id, **owned(scope)})
            self._spools.delete_one({"_id": spool_id, **owned(scope)})

    def sweep(self, control: Control) -> int:
        """Remove a batch of those whose job has ended, or never was; how many is returned."""
        late = {"$expr": {"$lt": ["$keep_until", "$$NOW"]}}
        which = {"$or": [{"job_id": {"$ne": None}}, late]}
        with translated("sweeping uploads"):
            swept = list(self._spools.find(which).limit(_SWEPT))
        gone = [spool for spool in swept if not _awaited(control, spool)]
        for spool in gone:
            self.remove(MemoryScope(spool["owner"], spool["user_id"]), spool["_id"])
        return len(gone)


def _awaited(control: Control, spool: Document) -> bool:
    """Whether a job will read it."""
    if spool["job_id"] is None:
        return False
    try:
        return control.get(spool["owner"], spool["job_id"]).state not in ENDED
    except JobNotFound:
        return False
    except Unreadable:  # another version's may be
        return True


def sweeping(database: Database[Document], control: Control) -> Callable[[], bool]:
    """A step of housekeeping that sweeps now and then; whether there is more is returned."""
    spools = Spools(database)
    due = 0.0

    def sweep() -> bool:
        nonlocal due
        more = time.monotonic() >= due and spools.sweep(control) == _SWEPT
        due = max(due, time.monotonic()) + (0 if more else _LOOK_SECONDS)
        return more

    return sweep


def _later(seconds: int) -> Document:
    return {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": seconds}}


class Spool:
    """An upload while it comes."""

    def __init__(self, spools: Any, pieces: Any, scope: MemoryScope, spool_id: str) -> None:
        self.id = spool_id
        self._spools, self._pieces, self._scope = spools, pieces, scope
        self._count = 0
        self._bytes = 0

    def append(self, piece: bytes) -> None:
        """Keep the next `PIECE_BYTES`, or fewer at the end.

        Raises:
            Contended: It was removed meanwhile, as its user was erased.
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("keeping an upload"):
            self._pieces.insert_one({
                "_id": f"{self.id}:{self._count}", "spool": self.id, **owned(self._scope),
                "data": Binary(piece),
            })  # fmt: skip
        self._count += 1
        self._bytes += len(piece)
        self._keep(bytes=self._bytes, keep_until=_later(_BROKEN_SECONDS))

    def close(self) -> None:
        """Keep it for longer than its job may last.

        Raises:
            Contended: It was removed meanwhile.
            StorageUnavailable: MongoDB does not answer.
        """
        self._keep(keep_until=_later(_WHOLE_SECONDS))

    def give(self, job_id: str) -> None:
        """Leave it to its job: it goes when that has ended.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._set(job_id=job_id)  # a job that has ended already has removed it

    def _keep(self, **values: Any) -> None:
        if not self._set(**values):
            raise Contended("the upload was removed while it came")

    def _set(self, **values: Any) -> bool:
        """Whether it is still there."""
        with translated("keeping an upload"):
            updated = self._spools.update_one({"_id": self.id}, [{"$set": values}])
        return bool(updated.matched_count)


class SpoolFile(io.RawIOBase):
    """What was uploaded as a file; it keeps one piece in memory."""

    def __init__(self, pieces: Any, spool_id: str, size: int) -> None:
        super().__init__()
        self._pieces, self._spool_id, self._size = pieces, spool_id, size
        self._position = 0
        self._number, self._piece = -1, b""

    def again(self) -> "SpoolFile":
        """The same, from its beginning."""
        return SpoolFile(self._pieces, self._spool_id, self._size)

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte is."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(start + offset, 0)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read what is left of a piece.

        Raises:
            StorageUnavailable: MongoDB does not answer.
            EOFError: A piece is gone: the upload was removed meanwhile.
        """
        if self._position >= self._size:
            return 0
        number, at = divmod(self._position, PIECE_BYTES)
        some = self._loaded(number)[at : at + len(buffer)]
        buffer[: len(some)] = some
        self._position += len(some)
        return len(some)

    def pieces(self) -> Iterator[bytes]:
        """All of it from the beginning, piece by piece."""
        for number in range(-(-self._size // PIECE_BYTES)):
            yield self._loaded(number)

    def _loaded(self, number: int) -> bytes:
        if number != self._number:
            with translated("reading an upload"):
                piece = self._pieces.find_one({"_id": f"{self._spool_id}:{number}"})
            if piece is None:
                raise EOFError("a piece of the upload is gone")
            self._number, self._piece = number, piece["data"]
        return self._piece
