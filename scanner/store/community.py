"""Indexes that are shared with everyone, and the stars they were given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pymongo.database import Database

from scanner.indexes import HEADS, REPOSITORIES, STARS
from scanner.models import digest
from storage.errors import translated
from storage.mongo import Document, literal

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
    """`everyone` is the name under which an owner shares with all."""

    def __init__(self, database: Database[Document], everyone: str) -> None:
        self._repositories = database[REPOSITORIES]
        self._stars = database[STARS]
        self._everyone = everyone

    def expose(self, owner: str, repositories: Sequence[str], *, public: bool) -> None:
        """Share with everyone, or no longer; with whom else it is shared stays."""
        change = {"$addToSet" if public else "$pull": {"shared_with": self._everyone}}
        with translated("sharing the index"):
            which = {"_id": {"$in": list(repositories)}, "owner": owner}
            self._repositories.update_many(which, change)

    def star(self, owner: str, org: str, repo: str, *, starred: bool) -> int:
        """Give or take an owner's star; how many there are is returned."""
        star = {"_id": digest("star", owner, org, repo)}
        fields = {"owner": owner, "org": org, "repo": repo}
        with translated("starring"):
            if starred:
                self._stars.update_one(star, {"$setOnInsert": fields}, upsert=True)
            else:
                self._stars.delete_one(star)
            return self._stars.count_documents({"org": org, "repo": repo})

    def page(
        self, owner: str, query: str, order: Order, offset: int, limit: int
    ) -> tuple[int, Sequence[Public]]:
        """How many there are, and some of them as an owner sees them; each name once."""
        by = {"stars": -1} if order == "stars" else {"completed_at": -1}
        shown = [{"$sort": {**by, "_id": 1}}, {"$skip": offset}, {"$limit": limit}]
        stages = [*self._public(query), *_starred(owner)]
        facets: Document = {"total": [{"$count": "n"}], "items": shown}
        with translated("listing public indexes"):
            found = next(iter(self._repositories.aggregate([*stages, {"$facet": facets}])))
        total = found["total"][0]["n"] if found["total"] else 0
        return total, [
            Public(row["_id"]["org"], row["_id"]["repo"], row["stars"], row["starred"],
                   row["completed_at"])
            for row in found["items"]
        ]  # fmt: skip

    def _public(self, query: str) -> list[Document]:
        """The names that everyone may search, with when they were published last."""
        named = {"$concat": ["$org", "/", "$repo"]}
        fits = {"$gte": [{"$indexOfCP": [{"$toLower": named}, literal(query.lower())]}, 0]}
        return [
            {"$match": {"shared_with": self._everyone, "$expr": fits}},
            {"$lookup": {"from": HEADS, "localField": "_id", "foreignField": "repository",
                         "as": "heads"}},
            {"$set": {"completed_at": {"$max": "$heads.current.published_at"}}},
            {"$match": {"completed_at": {"$type": "date"}}},
            {"$group": {"_id": {"org": "$org", "repo": "$repo"},
                        "completed_at": {"$max": "$completed_at"}}},
        ]  # fmt: skip


def _starred(owner: str) -> list[Document]:
    same = [{"$eq": ["$org", "$$org"]}, {"$eq": ["$repo", "$$repo"]}]
    given: Document = {
        "from": STARS, "let": {"org": "$_id.org", "repo": "$_id.repo"}, "as": "given",
        "pipeline": [{"$match": {"$expr": {"$and": same}}}, {"$project": {"owner": 1}}],
    }  # fmt: skip
    mine = {"$in": [literal(owner), "$given.owner"]}
    return [{"$lookup": given}, {"$set": {"stars": {"$size": "$given"}, "starred": mine}}]
