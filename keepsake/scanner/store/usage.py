"""How many bytes the indexes of an owner's repositories take, by kind.

A repository's record says what its documents came to when they were last counted: soon after a scan
published or ended and after a branch was deleted, and once a day. Mirrors are caches of the
machines that scan, which bound and evict them.
"""

import time
from collections.abc import Mapping
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.scanner.store import BLOBS, FILES, REPOSITORIES, SOURCES, SUMMARIES, VECTORS
from keepsake.storage import Document, literal, translated

KINDS: Mapping[str, tuple[str, ...]] = {
    "code_index": (FILES, BLOBS, SUMMARIES),
    "code_text": (SOURCES,),
    "code_vectors": (VECTORS,),
}
"""Files and what was parsed of them; their texts with what finds in them; vectors of symbols."""
_LOOK_SECONDS = 5.0
_AGAIN_SECONDS = 86_400
_LATE_SECONDS, _OVERDUE_MOST = 600, 1_000


class CodeUsage:
    """What owners store in indexes."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._repositories = database[REPOSITORIES]
        self._look_at = 0.0

    def of(self, owner: str) -> dict[str, int]:
        """The bytes of an owner as BSON, by kind: one round trip to its repositories' records.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        sums = {kind: {"$sum": f"$stored.{kind}"} for kind in KINDS}
        stages: list[Document] = [{"$match": {"owner": owner}}, {"$group": {"_id": None, **sums}}]
        with translated("counting bytes"):
            counted = next(iter(self._repositories.aggregate(stages)), {})
        return {kind: int(counted.get(kind, 0)) for kind in KINDS}

    def mark(self, repository: str, session: ClientSession | None = None) -> None:
        """Have a repository counted anew soon.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("counting bytes"):
            self._repositories.update_one(
                {"_id": repository}, {"$currentDate": {"recount_at": True}}, session=session
            )

    def overdue(self) -> int:
        """How many repositories were not counted when they should have been; zero with workers.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        late = {"$expr": {"$lt": ["$recount_at", _later(-_LATE_SECONDS)]}}
        with translated("counting bytes"):
            return self._repositories.count_documents(late, limit=_OVERDUE_MOST)

    def recount(self) -> bool:
        """Count a repository that was marked, that is due, or that never was; whether one was.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        due = {"$expr": {"$lte": ["$recount_at", "$$NOW"]}}
        with translated("counting bytes"):
            record = self._repositories.find_one(due, {"recount_at": 1})
            if record is None:
                return False
            stored = {
                kind: sum(self._bytes(name, record["_id"]) for name in names)
                for kind, names in KINDS.items()
            }
            unmarked = {"_id": record["_id"], "recount_at": record.get("recount_at")}
            self._repositories.update_one(unmarked, [
                {"$set": {"stored": literal(stored), "recount_at": _later(_AGAIN_SECONDS)}}
            ])  # fmt: skip
        return True

    def recount_now_and_then(self) -> bool:
        """A step of housekeeping: whether there is more."""
        if time.monotonic() < self._look_at:
            return False
        more = self.recount()
        self._look_at = time.monotonic() + (0 if more else _LOOK_SECONDS)
        return more

    def _bytes(self, name: str, repository: str) -> int:
        size: Document = {"_id": None, "bytes": {"$sum": {"$bsonSize": "$$ROOT"}}}
        stages: list[Document] = [{"$match": {"repository": repository}}, {"$group": size}]
        return sum(int(row["bytes"]) for row in self._database[name].aggregate(stages))


def _later(seconds: int) -> Any:
    return {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": seconds}}
