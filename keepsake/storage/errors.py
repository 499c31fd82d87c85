"""What can go wrong between a store and MongoDB.

StorageError
├── StorageUnavailable   the database did not answer, or not in time: try again later
└── Unreadable           a record is of another version, or damaged
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from pymongo.errors import (
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
    except (ConnectionFailure, ExecutionTimeout, WTimeoutError) as error:
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
