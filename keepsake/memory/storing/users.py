"""The users of an owner: of whom anything was remembered, how much, and when it changed last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo.database import Database

from keepsake.memory.models import Kind
from keepsake.memory.storing.documents import INDEXES, MEMORIES, USERS
from keepsake.storage import Document, Preparation, translated

_BEHIND_ALL = "\U0010ffff"
"""Sorts behind whatever an id goes on with."""


@dataclass(frozen=True, slots=True)
class UserSummary:
    """A user: how many turns and memories there are that hold, and when that changed last."""

    user_id: str
    turns: int
    memories: int
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class UsersPage:
    """Some users in the order of their ids, and where the next page begins."""

    users: list[UserSummary]
    next_after: str | None


class UserDirectory:
    """Reads; everything is scoped by owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._memories = database[MEMORIES]
        self._users = database[USERS]
        self._prepare = Preparation(database, INDEXES).once

    def page(self, owner: str, *, prefix: str = "", after: str = "", limit: int = 50) -> UsersPage:
        """The owner's users whose ids begin with a prefix.

        What expired within the last minute may still be counted.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._prepare()
        ids = {"$gt": after, "$gte": prefix, "$lt": prefix + _BEHIND_ALL}
        with translated("listing users"):
            found = self._users.find({"owner": owner, "user_id": ids}, {"user_id": 1,
                                     "written_at": 1}).sort("user_id", 1)  # fmt: skip
            users = list(found.limit(limit + 1))
            counts = self._counts(owner, [user["user_id"] for user in users[:limit]])
        shown = [_summary(user, counts) for user in users[:limit]]
        return UsersPage(shown, shown[-1].user_id if len(users) > limit else None)

    def _counts(self, owner: str, ids: Sequence[str]) -> dict[tuple[str, str], int]:
        """How many documents hold, by user and kind; the index alone is read."""
        rows = self._memories.aggregate(
            [
                {"$match": {"owner": owner, "user_id": {"$in": list(ids)},
                            "kind": {"$in": [str(kind) for kind in Kind]}}},
                {"$group": {"_id": {"user_id": "$user_id", "kind": "$kind"},
                            "holding": {"$sum": {"$cond": [{"$lte": ["$valid_to", None]}, 1, 0]}}}},
            ],
            hint="by_domain",
        )  # fmt: skip
        return {(row["_id"]["user_id"], row["_id"]["kind"]): row["holding"] for row in rows}


def _summary(user: Document, counts: dict[tuple[str, str], int]) -> UserSummary:
    turns, memories = (counts.get((user["user_id"], kind), 0) for kind in (Kind.TURN, Kind.MEMORY))
    return UserSummary(user["user_id"], turns, memories, user.get("written_at"))
