"""MongoDB: the connection, its clock, ids, and the fence that a store asks before it commits."""

import os
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeAlias

import pymongo
from bson import Timestamp
from pydantic import Field, MongoDsn, SecretStr, ValidationError, field_validator
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from keepsake.storage.errors import FormerRecords, translated
from keepsake.storage.settings import Audience, Settings

Document: TypeAlias = dict[str, Any]
Documents: TypeAlias = Database[Document]
"""A database of documents, for those who pass it on without talking to it."""


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
    client: MongoClient[Document] = MongoClient(
        settings.mongo_url.get_secret_value(),
        appname="keepsake",
        tz_aware=True,
        connectTimeoutMS=settings.mongo_select_timeout_ms,
        serverSelectionTimeoutMS=settings.mongo_select_timeout_ms,
        socketTimeoutMS=settings.mongo_socket_timeout_ms,
        maxPoolSize=settings.mongo_pool_size,
    )
    return client.get_database(
        settings.mongo_database,
        write_concern=WriteConcern(w="majority", j=True, wtimeout=settings.mongo_socket_timeout_ms),
        read_concern=ReadConcern("majority"),
        read_preference=ReadPreference.PRIMARY,
    )


def literal(value: Any) -> Document:
    """Protect a client's value in an update pipeline.

    There a string such as "$name" would be read as a field and "$$ROOT" as the document.
    """
    return {"$literal": value}


def literals(**values: Any) -> Document:
    """Protect several fields at once."""
    return {name: literal(value) for name, value in values.items()}


_SECOND_MS: dict[str, Any] = {"$multiply": [{"$tsSecond": "$$CLUSTER_TIME"}, 1000]}
_MOST_MS = 999
STEADY_NOW: dict[str, Any] = {
    "$cond": [
        {"$gt": [{"$subtract": [_SECOND_MS, {"$toLong": "$$NOW"}]}, _MOST_MS]},
        {"$toDate": {"$add": [_SECOND_MS, _MOST_MS]}},
        "$$NOW",
    ]
}
"""The time, as an expression. It stands still where the wall clock is over a second behind."""
LOGICAL_NOW: dict[str, Any] = {
    "$toDate": {"$add": [_SECOND_MS, {"$min": [{"$tsIncrement": "$$CLUSTER_TIME"}, _MOST_MS]}]}
}
"""A time that never goes back, as an expression: to the second; its milliseconds count writes.

For what is put in order by when it was said. Over a thousand writes a second share the last."""


def logical_time(database: Database[dict[str, Any]]) -> datetime:
    """`LOGICAL_NOW` as a value: one round trip.

    Raises:
        StorageUnavailable: MongoDB does not answer.
    """
    time: datetime = _read(database, LOGICAL_NOW)
    return time


def cluster_time(database: Database[dict[str, Any]]) -> Timestamp:
    """The logical clock itself: one round trip.

    Raises:
        StorageUnavailable: MongoDB does not answer.
    """
    time: Timestamp = _read(database, "$$CLUSTER_TIME")
    return time


def _read(database: Database[dict[str, Any]], time: Any) -> Any:
    stages: list[dict[str, Any]] = [{"$documents": [{}]}, {"$project": {"time": time}}]
    with translated("reading the clock"), database.aggregate(stages) as answer:
        return answer.next()["time"]


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """A new id such as `job_0k3v…`: 48 bits of milliseconds, then 80 random bits.

    The layout is ULID's (Crockford's base 32), lower case; ids made later sort later, which
    keeps an index's inserts at its right edge.
    """
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
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


PROBES = "probes"
_SECONDS = 2.0


def require_writes(database: Documents) -> None:
    """Write to the disks of a majority, and wait for no longer than two seconds.

    Raises:
        StorageError: The write was refused, or not done in time.
    """
    durable = database.get_collection(PROBES, write_concern=WriteConcern(w="majority", j=True))
    with translated("probing"), pymongo.timeout(_SECONDS):
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
