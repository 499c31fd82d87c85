"""The database's clock, which stamps and orders all that is stored.

A host's own clock may be an hour off. The database's wall clock may step back, as at a failover to
a member that lags; its logical clock, which counts its writes, cannot.
"""

from datetime import datetime
from typing import Any

from bson import Timestamp
from pymongo.database import Database

from keepsake.storage.errors import translated

_SECOND_MS: dict[str, Any] = {"$multiply": [{"$tsSecond": "$$CLUSTER_TIME"}, 1000]}
_MOST_MS = 999
NOT_BACK: dict[str, Any] = {
    "$cond": [
        {"$gt": [{"$subtract": [_SECOND_MS, {"$toLong": "$$NOW"}]}, _MOST_MS]},
        {"$toDate": {"$add": [_SECOND_MS, _MOST_MS]}},
        "$$NOW",
    ]
}
"""The time, as an expression. It stands still where the wall clock is over a second behind."""
LOGICAL: dict[str, Any] = {
    "$toDate": {"$add": [_SECOND_MS, {"$min": [{"$tsIncrement": "$$CLUSTER_TIME"}, _MOST_MS]}]}
}
"""A time that never goes back, as an expression: to the second; its milliseconds count writes.

For what is put in order by when it was said. Over a thousand writes a second share the last."""


def logical_time(database: Database[dict[str, Any]]) -> datetime:
    """`LOGICAL` as a value: one round trip.

    Raises:
        StorageUnavailable: MongoDB does not answer.
    """
    time: datetime = _read(database, LOGICAL)
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
