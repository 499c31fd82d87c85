"""What can go wrong between a store and MongoDB, and reading records that may be damaged.

StorageError
├── StorageUnavailable   the database did not answer, or not in time: try again later
├── FormerRecords       the database holds records that no version reads any more
└── Unreadable           a record is of another version, or damaged: it spoils no list
"""

import logging
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol, TypeVar

from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)


class StorageError(Exception):
    """A store could not do its work. The message names no host and no document."""


class StorageUnavailable(StorageError):
    """MongoDB did not answer, or not in time; what was asked may or may not have happened."""


class FormerRecords(StorageError):
    """The database holds records of before the first release, which nothing reads any more."""


class Unreadable(StorageError):
    """A record that this version can neither read nor change; perhaps another version can."""


@contextmanager
def translated(action: str) -> Iterator[None]:
    """Turn the driver's errors into ours; a duplicate key is an answer and passes.

    Raises:
        StorageUnavailable: The database is away, stepping down or too slow, or an index that was
            dropped is not there again.
        StorageError: It refused.
    """
    try:
        yield
    except DuplicateKeyError:
        raise
    except (ConnectionFailure, ExecutionTimeout, WTimeoutError, ConfigurationError) as error:
        # A member that is not back in its replica set yet takes no session: ConfigurationError.
        raise StorageUnavailable(f"{action}: MongoDB does not answer") from error
    except OperationFailure as error:
        if "hint provided does not correspond to an existing index" in str(error):
            raise StorageUnavailable(f"{action}: an index is being made again") from error
        _refused(action, error)
    except PyMongoError as error:
        _refused(action, error)


def _refused(action: str, error: PyMongoError) -> NoReturn:
    if getattr(error, "timeout", False) or error.has_error_label("RetryableWriteError"):
        raise StorageUnavailable(f"{action}: MongoDB does not answer") from error
    raise StorageError(f"{action}: MongoDB refused ({type(error).__name__})") from error


class Record(Protocol):
    """A document, or what stands for one."""

    def get(self, name: str, /) -> Any:
        """A field; `_id` names the record in the log."""


R = TypeVar("R")
T = TypeVar("T", bound=Record)

_MISFITS = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading a field that is missing, or of another type, raises."""
_REPORTED_MOST = 1_000
_reported: set[str] = set()
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
        log_unreadable(record, error)
        raise Unreadable("a record cannot be read by this version") from error


def each_readable(read: Callable[[T], R], records: Iterable[T]) -> Iterator[R]:
    """What is read of records, without those that cannot be."""
    for record in records:
        try:
            with reading(record.get("_id") or record.get("id")):
                value = read(record)
        except Unreadable:
            continue
        yield value


def log_unreadable(record: Any, error: Exception) -> None:
    """Log that a record cannot be read: once for each, and no further after a thousand."""
    name = str(record)
    if name in _reported or len(_reported) >= _REPORTED_MOST:
        return
    _reported.add(name)
    frames = traceback.extract_tb(error.__traceback__)[-1:]
    places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames]
    about = {"job_id": name, "error": type(error).__name__, "traceback": places}
    _log.error("record.unreadable", extra=about)
