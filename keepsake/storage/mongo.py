"""MongoDB: the connection, ids, the fence of a store, and what can go wrong.

StorageError
├── StorageUnavailable   the database did not answer, or not in time: try again later
├── FormerRecords       the database holds records that no version reads any more
└── Unreadable           a record is of another version, or damaged: it spoils no list
"""

import logging
import os
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NoReturn, Protocol, TypeAlias, TypeVar
from zlib import crc32

import pymongo
from pydantic import Field, MongoDsn, SecretStr, ValidationError, field_validator
from pymongo import AsyncMongoClient, MongoClient, ReadPreference, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern

from keepsake.storage.settings import Audience, Settings


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
    code = getattr(error, "code", None)
    kind = type(error).__name__ if code is None else f"{type(error).__name__} {code}"
    raise StorageError(f"{action}: MongoDB refused ({kind})") from error


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


Document: TypeAlias = dict[str, Any]
Documents: TypeAlias = Database[Document]
"""A database of documents, for those who pass it on without talking to it."""
LoopDatabase: TypeAlias = AsyncDatabase[Document]
"""A database that is asked on an event loop."""


class MongoSettings(Settings):
    """Where MongoDB is and how long to wait for it."""

    mongo_url: Annotated[SecretStr, Audience.HOSTS] = SecretStr(
        "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    )
    """The MongoDB to use, a replica set; `keepsake run` starts a private one without it."""
    mongo_database: Annotated[str, Audience.HOSTS] = Field(
        default="keepsake", pattern=r"^[A-Za-z0-9_-]{1,38}$"
    )
    """The database."""
    mongo_select_timeout_ms: int = Field(default=2_000, ge=100)
    """How long to look for a primary."""
    mongo_socket_timeout_ms: int = Field(default=20_000, ge=1_000)
    """How long one call may take."""
    mongo_pool_size: int = Field(default=50, ge=1)
    """Connections of one process."""

    @field_validator("mongo_url")
    @classmethod
    def _is_url(cls, value: SecretStr) -> SecretStr:
        try:
            MongoDsn(value.get_secret_value())
        except ValidationError:
            raise ValueError("it is no MongoDB URL") from None
        return value


def connect(settings: MongoSettings | None = None) -> Database[Document]:
    """Open the database; lazily, so that this succeeds while MongoDB is away.

    Writes are acknowledged by a majority and journaled: with less, a kill -9 of mongod lost
    306 of 10,901 acknowledged writes. Times come back aware, in UTC.
    """
    settings = settings or MongoSettings()
    client: MongoClient[Document] = MongoClient(**_client_options(settings))
    return client.get_database(settings.mongo_database, **_durable(settings))


def connect_on_loop(name: str, settings: MongoSettings | None = None) -> LoopDatabase:
    """The same for an event loop: that on which it is used first, and no other."""
    settings = settings or MongoSettings()
    client: AsyncMongoClient[Document] = AsyncMongoClient(**_client_options(settings))
    return client.get_database(name, **_durable(settings))


def _client_options(settings: MongoSettings) -> dict[str, Any]:
    return {
        "host": settings.mongo_url.get_secret_value(),
        "appname": "keepsake",
        "tz_aware": True,
        "connectTimeoutMS": settings.mongo_select_timeout_ms,
        "serverSelectionTimeoutMS": settings.mongo_select_timeout_ms,
        "socketTimeoutMS": settings.mongo_socket_timeout_ms,
        "maxPoolSize": settings.mongo_pool_size,
    }


def _durable(settings: MongoSettings) -> dict[str, Any]:
    return {
        "write_concern": WriteConcern("majority", settings.mongo_socket_timeout_ms, j=True),
        "read_concern": ReadConcern("majority"),
        "read_preference": ReadPreference.PRIMARY,
    }


def literal(value: Any) -> Document:
    """Protect a client's value in an update pipeline.

    There a string such as "$name" would be read as a field and "$$ROOT" as the document.
    """
    return {"$literal": value}


def literals(**values: Any) -> Document:
    """Protect several fields at once."""
    return {name: literal(value) for name, value in values.items()}


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str, owner: str | None = None) -> str:
    """A new id such as `job_0k3v…`: 48 bits of milliseconds, then 80 random bits.

    The layout is ULID's (Crockford's base 32), lower case; ids made later sort later, which
    keeps an index's inserts at its right edge.

    owner: whose it is. The 11th and 12th digits are then the owner's shard, the same for all that
    the owner ever has, instead of random bits.
    """
    chance = int.from_bytes(os.urandom(10), "big")
    if owner is not None:
        chance = chance % (1 << 70) | crc32(owner.encode(errors="replace")) % 1024 << 70
    return _spelt(prefix, time.time_ns() // 1_000_000, chance)


def first_id(prefix: str, at: datetime) -> str:
    """What sorts before all ids that are made from a time on, and behind all earlier ones.

    The time is that of the process that makes the ids.
    """
    since_epoch_ms = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return _spelt(prefix, min(max(since_epoch_ms, 0), (1 << 48) - 1), 0)


def _spelt(prefix: str, at_ms: int, chance: int) -> str:
    number = at_ms << 80 | chance
    digits = [_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5)]
    return f"{prefix}_{''.join(digits)}"


class Fence(Protocol):
    """Held by one attempt of a job, lost with its lease."""

    def assert_owned(self, session: ClientSession) -> None:
        """Join the session's transaction: it commits only while the attempt owns its job.

        Raises:
            Exception: The lease is lost; the caller lets it pass, which aborts the transaction.
        """


class Unfenced:
    """The fence of a caller that runs once, such as a synchronous request."""

    def assert_owned(self, session: ClientSession) -> None:
        """Nothing to hold."""


def answered_within(seconds: float) -> AbstractContextManager[None]:
    """While MongoDB has so long for all that it is asked; what is late is `StorageUnavailable`."""
    return pymongo.timeout(seconds)


PROBES = "probes"
_SECONDS = 2.0


def require_writes(database: Documents) -> None:
    """Write to the disks of a majority, and wait for no longer than two seconds.

    Raises:
        StorageError: The write was refused, or not done in time.
    """
    durable = database.get_collection(PROBES, write_concern=WriteConcern(w="majority", j=True))
    with translated("probing"), answered_within(_SECONDS):
        durable.update_one({"_id": "write"}, {"$currentDate": {"at": True}}, upsert=True)


def refuse_former(database: Documents, schemas: Mapping[str, int]) -> None:
    """Look whether the oldest record of each collection is of a schema that is read.

    schemas: the schema of each collection that has one.

    Raises:
        FormerRecords: One is of before; the message says how to mend it.
        StorageUnavailable: MongoDB does not answer.
    """
    for name, schema in schemas.items():
        with translated("looking for former records"):
            oldest = database[name].find_one({}, {"schema": 1}, sort=[("$natural", 1)])
        if oldest is not None and oldest.get("schema", 1) < schema:
            raise FormerRecords(
                f"the database {database.name} holds {name} of before the first release, which"
                f" this version cannot read: drop it, or name another in KEEPSAKE_MONGO_DATABASE"
            )
