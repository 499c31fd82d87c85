"""Reading records that may be of another version, or damaged: one of them spoils no list."""

import logging
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from keepsake.storage.errors import Unreadable


class Record(Protocol):
    """A document, or what stands for one."""

    def get(self, name: str, /) -> Any:
        """A field; `_id` names the record in the log."""


R = TypeVar("R")
T = TypeVar("T", bound=Record)

_MISFITS = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading a field that is missing, or of another type, raises."""
_TOLD_MOST = 1_000
_told: set[str] = set()
_log = logging.getLogger("keepsake.records")


@contextmanager
def reading(record: Any) -> Iterator[None]:
    """While a record is read.

    record: its id, for the log.

    Raises:
        Unreadable: A field is missing or of another type.
    """
    try:
        yield
    except _MISFITS as error:
        tell(record, error)
        raise Unreadable("a record cannot be read by this version") from error


def each(read: Callable[[T], R], records: Iterable[T]) -> Iterator[R]:
    """What is read of records, without those that cannot be."""
    for record in records:
        try:
            with reading(record.get("_id") or record.get("id")):
                found = read(record)
        except Unreadable:
            continue
        yield found


def tell(record: Any, error: Exception) -> None:
    """Log that a record cannot be read: once for each, and no further after a thousand."""
    name = str(record)
    if name in _told or len(_told) >= _TOLD_MOST:
        return
    _told.add(name)
    frames = traceback.extract_tb(error.__traceback__)[-1:]
    places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames]
    about = {"job_id": name, "error": type(error).__name__, "traceback": places}
    _log.error("record.unreadable", extra=about)
