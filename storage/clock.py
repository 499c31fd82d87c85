"""The database's clock, which stamps and orders all that is stored.

A host's own clock may be an hour off. The database's wall clock may step back, as with a primary
that lags; its logical clock cannot. So what is put in order by time takes `MONOTONIC_NOW`.
"""

from datetime import datetime
from typing import Any

from pymongo.database import Database

from storage.errors import translated

_LOGICAL_MS: dict[str, Any] = {"$multiply": [{"$tsSecond": "$$CLUSTER_TIME"}, 1000]}
_STEP_MS = 999
MONOTONIC_NOW: dict[str, Any] = {
    "$cond": [
        {"$gt": [{"$subtract": [_LOGICAL_MS, {"$toLong": "$$NOW"}]}, _STEP_MS]},
        {"$toDate": {"$add": [_LOGICAL_MS, _STEP_MS]}},
        "$$NOW",
    ]
}
"""The time, as an expression. While the wall clock is over a second behind the logical one it
stands still at the end of the second that was reached, so that nothing sorts before what was."""


def monotonic_now(database: Database[dict[str, Any]]) -> datetime:
    """The time by the database: one round trip.

    Raises:
        StorageUnavailable: MongoDB does not answer.
    """
    stages: list[dict[str, Any]] = [{"$documents": [{}]}, {"$project": {"now": MONOTONIC_NOW}}]
    with translated("reading the clock"), database.aggregate(stages) as answer:
        now: datetime = answer.next()["now"]
    return now
