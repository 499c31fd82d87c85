"""How many bytes are stored, by kind, of each user; and their sums, of each owner.

A user's record counts what each turn adds, in the turn's own transaction. What goes or shrinks
otherwise is found by counting anew: soon after a deletion or an expiry, else a day after a write.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import bson
from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.memory.models import Kind
from keepsake.memory.storing.documents import MEMORIES, SPOOLS, USERS
from keepsake.storage import Document, translated

KINDS = ("turns", "memories", "vectors")
_COUNTED_TOGETHER = 20
_LOOK_SECONDS = 5.0
_DAY_SECONDS, _LATEST_SECONDS = 86_400, 30 * 86_400
_LATE_SECONDS, _OVERDUE_MOST = 600, 1_000
_EXPIRED_SECONDS = 120
"""MongoDB removes what has expired once a minute."""
_NOTED_BYTES = 1_000_000
_log = logging.getLogger("keepsake.memory")
Sizes = Mapping[str, int]


def sizes(documents: Iterable[Document], further: Iterable[Document] = ()) -> dict[str, int]:
    """The bytes of turns and memories as BSON, and of their vectors; `further` go into memories."""
    counted = dict.fromkeys(KINDS, 0)
    for document in documents:
        vectors = len(document["vector"])
        counted["turns" if document["kind"] == Kind.TURN else "memories"] += (
            len(bson.encode(document)) - vectors
        )
        counted["vectors"] += vectors
    counted["memories"] += sum(len(bson.encode(document)) for document in further)
    return counted


def growth(added: Sizes, first_expiry: Any = None) -> Document:
    """The fields of a user's record that say so, for the `$set` of an update by pipeline.

    A record that was written before there were counts is counted as a whole at once.
    """
    grown = {f"stored.{kind}": {"$add": [{"$ifNull": [f"$stored.{kind}", 0]}, size]}
             for kind, size in added.items()}  # fmt: skip
    uncounted = {"$and": [{"$eq": [{"$type": "$stored"}, "missing"]}, {"$gt": ["$revision", 0]}]}
    due = ["$recount_at", _after(_DAY_SECONDS)]
    if first_expiry is not None:
        due.append(_later(first_expiry, _EXPIRED_SECONDS))
    return {**grown, "recount_at": {"$cond": [uncounted, "$$NOW", {"$min": due}]}}


class MemoryUsage:
    """What owners store in memories and uploads."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._users = database[USERS]
        self._memories = database[MEMORIES]
        self._spools = database[SPOOLS]

    def of(self, owner: str) -> dict[str, int]:
        """The bytes of an owner, by kind: one round trip to the records of its users.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        sums = {kind: {"$sum": f"$stored.{kind}"} for kind in KINDS}
        uploads = [{"$match": {"owner": owner}}, {"$group": {"_id": "u", "u": {"$sum": "$bytes"}}}]
        with translated("counting bytes"):
            rows = list(self._users.aggregate([
                {"$match": {"owner": owner}}, {"$group": {"_id": None, **sums}},
                {"$unionWith": {"coll": SPOOLS, "pipeline": uploads}},
            ]))  # fmt: skip
        counted = next((row for row in rows if row["_id"] is None), {})
        spooled = next((row["u"] for row in rows if row["_id"] == "u"), 0)
        return {**{kind: max(int(counted.get(kind, 0)), 0) for kind in KINDS},
                "uploads": int(spooled)}  # fmt: skip

    def overdue(self) -> int:
        """How many users were not counted anew when they should have been; zero while workers run.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        late = {"$expr": {"$lt": ["$recount_at", _later("$$NOW", -_LATE_SECONDS)]}}
        with translated("counting bytes"):
            return self._users.count_documents(late, limit=_OVERDUE_MOST)

    def recount(self) -> int:
        """Count some users anew whose counts may be wrong; how many is returned.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("counting bytes"):
            due = {"$expr": {"$lte": ["$recount_at", "$$NOW"]}}  # or was never counted
            users = list(self._users.find(due, {"_id": 1}).limit(_COUNTED_TOGETHER))
            for user in users:
                with self._database.client.start_session(snapshot=True) as session:
                    self._count(user["_id"], session)
        return len(users)

    def _count(self, user_id: Any, session: ClientSession) -> None:
        """Mend a user's counts by how far they are off at one moment; later writes add to that."""
        user = self._users.find_one({"_id": user_id}, session=session)
        if user is None:
            return
        whose = {name: user[name] for name in ("owner", "user_id")}
        rows = list(self._memories.aggregate([{"$match": whose}, _BY_KIND], session=session))
        counted = {f"{row['_id']}s" if row["_id"] == Kind.TURN else "memories": int(row["rest"])
                   for row in rows}  # fmt: skip
        counted["vectors"] = sum(int(row["vectors"]) for row in rows)
        known = user.get("stored") or {}
        off = {kind: counted.get(kind, 0) - known.get(kind, 0) for kind in KINDS}
        expiry = min((row["expiry"] for row in rows if row["expiry"]), default=None)
        following = _after(_LATEST_SECONDS)
        if expiry is not None:
            following = {"$min": [following, _later(expiry, _EXPIRED_SECONDS)]}
        asked = user.get("recount_at")
        same = {"$eq": [{"$ifNull": ["$recount_at", None]}, asked]}
        change = {
            **{f"stored.{kind}": {"$add": [{"$ifNull": [f"$stored.{kind}", 0]}, size]}
               for kind, size in off.items()},
            "stored.counts": known.get("counts", 0) + 1,
            "recount_at": {"$cond": [same, following, "$recount_at"]},
        }  # fmt: skip
        nobody_else = {"_id": user_id, "stored.counts": known.get("counts")}
        self._users.update_one(nobody_else, [{"$set": change}])
        if known and sum(map(abs, off.values())) > _NOTED_BYTES:
            _log.info("usage.was_off", extra={"bytes": sum(off.values())})


_VECTORS = {"$cond": [{"$eq": [{"$type": "$vector"}, "binData"]}, {"$binarySize": "$vector"}, 0]}
_BY_KIND: Document = {"$group": {
    "_id": "$kind", "vectors": {"$sum": _VECTORS}, "expiry": {"$min": "$expires_at"},
    "rest": {"$sum": {"$subtract": [{"$bsonSize": "$$ROOT"}, _VECTORS]}},
}}  # fmt: skip


def _after(seconds: int) -> Document:
    return _later("$$NOW", seconds)


def _later(moment: Any, seconds: int) -> Document:
    return {"$dateAdd": {"startDate": moment, "unit": "second", "amount": seconds}}


def recounting(database: Database[Document]) -> Callable[[], bool]:
    """A step of housekeeping that counts anew now and then; whether there is more is returned."""
    usage = MemoryUsage(database)
    due = 0.0

    def recount() -> bool:
        nonlocal due
        if time.monotonic() < due:
            return False
        more = usage.recount() == _COUNTED_TOGETHER
        due = time.monotonic() + (0 if more else _LOOK_SECONDS)
        return more

    return recount
