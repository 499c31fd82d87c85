"""Indexes that are shared with everyone, and the stars they were given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pymongo.database import Database

from keepsake.scanner.models import digest
from keepsake.scanner.store import PUBLISHED, REPOSITORIES, REPOSITORY_READ, STARS
from keepsake.scanner.store.readers import EVERYONE
from keepsake.storage import Document, literal, translated

Order = Literal["stars", "recent"]


@dataclass(frozen=True, slots=True)
class Public:
    """An index that everyone may search."""

    org: str
    repo: str
    stars: int
    starred: bool
    completed_at: datetime


class Community:
    """What is shared under `EVERYONE`. A star is a repository's: its name may be another's too."""

    def __init__(self, database: Database[Document]) -> None:
        self._repositories = database[REPOSITORIES]
        self._stars = database[STARS]

    def expose(self, owner: str, repositories: Sequence[str], *, public: bool) -> None:
        """Share with everyone, or no longer; with whom else it is shared stays."""
        change = {"$addToSet" if public else "$pull": {"shared_with": EVERYONE}}
        with translated("sharing the index"):
            which = {"_id": {"$in": list(repositories)}, "owner": owner}
            self._repositories.update_many(which, change)

    def star(self, owner: str, repository: str, *, starred: bool) -> int:
        """Give or take an owner's star; how many there are is returned."""
        star = {"_id": digest("star", owner, repository)}
        fields = {"owner": owner, "repository": repository}
        with translated("starring"):
            if starred:
                self._stars.update_one(star, {"$setOnInsert": fields}, upsert=True)
            else:
                self._stars.delete_one(star)
            return self._stars.count_documents({"repository": repository})

    def page(
        self, owner: str, query: str, order: Order, offset: int, limit: int
    ) -> tuple[int, Sequence[Public]]:
        """How many there are, and some of them as an owner sees them.

        Each name is there once: of several the one with the most stars.
        """
        by = {"stars": -1} if order == "stars" else {"completed_at": -1}
        shown = [{"$sort": {**by, "_id": 1}}, {"$skip": offset}, {"$limit": limit}]
        stages = _public(owner, query)
        facets: Document = {"total": [{"$count": "n"}], "items": shown}
        with translated("listing public indexes"):
            page = next(iter(self._repositories.aggregate([*stages, {"$facet": facets}])))
        total = page["total"][0]["n"] if page["total"] else 0
        return total, [
            Public(row["_id"]["org"], row["_id"]["repo"], row["stars"], row["starred"],
                   row["completed_at"])
            for row in page["items"]
        ]  # fmt: skip


def _public(owner: str, query: str) -> list[Document]:
    """What everyone may search by name, with its stars and when it was published last."""
    named = {"$concat": ["$org", "/", "$repo"]}
    fits = {"$gte": [{"$indexOfCP": [{"$toLower": named}, literal(query.lower())]}, 0]}
    shown = ("stars", "starred", "completed_at")
    return [
        {"$match": {**REPOSITORY_READ, "shared_with": EVERYONE, "$expr": fits}},
        {"$lookup": {"from": PUBLISHED, "localField": "_id", "foreignField": "repository",
                     "as": "indexes"}},
        {"$set": {"completed_at": {"$max": "$indexes.current.published_at"}}},
        {"$match": {"completed_at": {"$type": "date"}}},
        {"$lookup": {"from": STARS, "localField": "_id", "foreignField": "repository",
                     "as": "given"}},
        {"$set": {"stars": {"$size": "$given"}, "starred": {"$in": [literal(owner),
                                                                    "$given.owner"]}}},
        {"$sort": {"stars": -1, "completed_at": -1, "_id": 1}},
        {"$group": {"_id": {"org": "$org", "repo": "$repo"},
                    **{field: {"$first": f"${field}"} for field in shown}}},
    ]  # fmt: skip
