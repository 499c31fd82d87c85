"""Request rates: one token bucket per owner, shared by all web processes.

A process takes several tokens at once, so most requests cost no round trip. What it took and did
not spend is lost to the others for at most a moment.
"""

from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument, WriteConcern
from pymongo.database import Database

from keepsake.storage import Document, Index, literal, translated

BUCKETS = "rate_buckets"
INDEXES = (Index(BUCKETS, "retention", (("expire_at", 1),), {"expireAfterSeconds": 0}),)
_KEPT_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket's size in requests, and how many it regains in a second."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class TakenTokens:
    """Tokens that were taken, and what is left in the bucket."""

    taken: int
    left: float


class TokenBuckets:
    """The buckets in MongoDB. They are worth no majority write: a lost one is a full one."""

    def __init__(self, database: Database[Document]) -> None:
        self._buckets = database.get_collection(BUCKETS, write_concern=WriteConcern(w=1))

    def take(self, name: str, rate: Rate, wanted: int) -> TakenTokens:
        """Take up to some whole tokens: one round trip.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("counting requests"):
            bucket: Document = self._buckets.find_one_and_update(  # type: ignore[assignment]
                {"_id": name},
                _refilled(rate) + _spent(wanted),
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return TakenTokens(int(bucket["taken"]), float(bucket["tokens"]))


def _refilled(rate: Rate) -> list[Document]:
    elapsed: Document = {
        "$dateDiff": {
            "startDate": {"$ifNull": ["$at", "$$NOW"]}, "endDate": "$$NOW", "unit": "millisecond"
        }
    }  # fmt: skip
    elapsed = {"$max": [elapsed, 0]}  # the clock may have stepped back
    regained = {"$multiply": [elapsed, literal(rate.per_second / 1000)]}
    tokens = {"$add": [{"$ifNull": ["$tokens", literal(rate.burst)]}, regained]}
    return [{"$set": {"tokens": {"$min": [literal(rate.burst), tokens]}}}]


def _spent(wanted: int) -> list[Document]:
    taken: Any = {"$min": [literal(wanted), {"$floor": "$tokens"}]}
    expiry = {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": _KEPT_SECONDS}}
    return [
        {"$set": {"taken": taken, "at": "$$NOW", "expire_at": expiry}},
        {"$set": {"tokens": {"$subtract": ["$tokens", "$taken"]}}},
    ]
