"""Repositories with what is published of them: an owner's, and those that others share."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from pymongo.database import Database

from keepsake.scanner.errors import NotIndexed
from keepsake.scanner.models import Repository, digest
from keepsake.scanner.source import host_of
from keepsake.scanner.store import PUBLISHED, PUBLISHED_READ, REPOSITORIES, REPOSITORY_READ, STARS
from keepsake.scanner.store.published import PublishedIndex
from keepsake.scanner.store.readers import EVERYONE, IndexReader, RepositoryName, Right
from keepsake.storage import Document, literal, translated

Key = tuple[str, str, str]
"""An organisation, a name and an id: the order of pages."""
_AT_ONCE = 50
_OF_STRANGERS = 20
"""How many repositories of one name that strangers share are listed: anybody may add to them."""


@dataclass(frozen=True, slots=True)
class ListedRepository:
    """A repository's record, by what right it is read, and its indexes, the newest first."""

    record: Document
    right: Right
    indexes: list[Document]

    def get(self, name: str, /) -> Any:
        """A field of the repository's record."""
        return self.record.get(name)

    @property
    def current(self) -> Document | None:
        """What was published last, of whichever branch."""
        return self.indexes[0]["current"] if self.indexes else None

    @property
    def host(self) -> str:
        """Which host it is of."""
        return host_of(self.record["url"])

    @property
    def source(self) -> Repository:
        """What scans of it fetch."""
        fields = {name: self.record[name] for name in ("owner", "org", "repo", "url")}
        return Repository(**fields)

    @property
    def key(self) -> Key:
        """Its place in the order of pages."""
        return self.record["org"], self.record["repo"], self.record["_id"]

    @property
    def full_name(self) -> str:
        """Its name at its host."""
        return f"{self.record['org']}/{self.record['repo']}"

    @property
    def name(self) -> RepositoryName:
        """What names this repository and no stranger's."""
        record = self.record
        return RepositoryName(record["org"], record["repo"], host=self.host, owner=record["owner"])

    @property
    def default(self) -> PublishedIndex:
        """The index of the host's default branch, or without one the newest; there has to be one.

        A scan of another branch changes nothing about that.
        """
        branch = self.record.get("default_branch")
        index = next((index for index in self.indexes if index["branch"] == branch),
                     self.indexes[0])  # fmt: skip
        return PublishedIndex(index["_id"], index["repository"], index["owner"], index["branch"],
                    index["current"], self.host)  # fmt: skip

    def of(self, branch: str | None) -> "ListedRepository":
        """The same with the indexes of a branch alone; with all for None."""
        if branch is None:
            return self
        indexes = [index for index in self.indexes if index["branch"] == branch]
        return replace(self, indexes=indexes)


class RepositoryListing:
    """Reads along the indexes by owner and by share, each with organisation and name."""

    def __init__(self, database: Database[Document]) -> None:
        self._repositories = database[REPOSITORIES]
        self._indexes = database[PUBLISHED]

    def page(
        self,
        reader: IndexReader,
        after: Key | None,
        limit: int,
        *,
        shared: bool,
        inclusive: bool = False,
    ) -> tuple[list[ListedRepository], Key | None]:
        """Up to `limit` repositories after one, and where the next page begins after.

        A page that others share may be short: shares that have lapsed count, and are not shown.

        shared: those that others share with the reader, instead of the reader's own. inclusive:
        also the one that is named.
        """
        whose: Document = reader.shared if shared else {"owner": reader.owner}
        if after is not None:
            org, repo, repository = after
            whose["$or"] = [
                {"org": {"$gt": org}},
                {"org": org, "repo": {"$gt": repo}},
                {"org": org, "repo": repo, "_id": {"$gte" if inclusive else "$gt": repository}},
            ]
        order = [("org", 1), ("repo", 1), ("_id", 1)]
        with translated("listing repositories"):
            records = list(
                self._repositories.find({**REPOSITORY_READ, **whose}).sort(order).limit(limit + 1)
            )
        last = records[limit - 1] if len(records) > limit else None
        more = (last["org"], last["repo"], last["_id"]) if last else None
        return self._listed(reader.permitted(records[:limit])), more

    def from_key(self, reader: IndexReader, key: Key | None) -> Iterator[ListedRepository]:
        """The reader's own repositories by name, from one on; all of them for None."""
        inclusive = True
        while True:
            listed, key = self.page(reader, key, _AT_ONCE, shared=False, inclusive=inclusive)
            yield from listed
            inclusive = False
            if key is None:
                return

    def meant(self, reader: IndexReader, name: RepositoryName) -> list[ListedRepository]:
        """The repositories that a name means to a reader, the nearest and newest first."""
        qualified = name.owner is not None
        whose = {**name.filter, **(reader.reaching if qualified else reader.trusting)}
        permitted = reader.permitted(
            self._at(name, self._repositories.find({**REPOSITORY_READ, **whose}))
        )
        listed = self._listed(
            [(record, right) for record, right in permitted if qualified or right.trusted]
        )
        return sorted(listed, key=_nearness)

    def named(self, reader: IndexReader, name: RepositoryName) -> ListedRepository:
        """The first of them.

        Raises:
            NotIndexed: There is none, or not for this reader.
        """
        repositories = self.meant(reader, name)
        if not repositories:
            raise self._absent(reader, name)
        return repositories[0]

    def index(self, reader: IndexReader, name: RepositoryName) -> PublishedIndex:
        """The index that a reader may search; the newest of the nearest when several fit.

        Raises:
            NotIndexed: There is none, or not for this reader.
        """
        fitting = [listed.of(name.branch) for listed in self.meant(reader, name)]
        nearest = min(filter(_is_published, fitting), key=_nearness, default=None)
        if nearest is None:
            raise self._absent(reader, name)
        return nearest.default

    def own(self, owner: str, name: RepositoryName) -> list[ListedRepository]:
        """An owner's repositories of a name: two hosts may each have one."""
        whose = {**REPOSITORY_READ, **name.filter, "owner": owner}
        records = self._at(name, self._repositories.find(whose))
        return self._listed([(record, Right.OWN) for record in records])

    def public(self, org: str, repo: str) -> list[ListedRepository]:
        """Those of a name that are published and that all may search, or some of many."""
        stages: list[Document] = [
            {"$match": {**REPOSITORY_READ, "org": org, "repo": repo, "shared_with": EVERYONE}},
            {"$lookup": {"from": PUBLISHED, "localField": "_id", "foreignField": "repository",
                         "as": "indexes"}},
            {"$match": {"indexes.current.generation": {"$exists": True}}},
            {"$limit": _OF_STRANGERS},
            {"$unset": "indexes"},
        ]  # fmt: skip
        with translated("finding the repository"):
            records = list(self._repositories.aggregate(stages))
        return self._listed([(record, Right.EVERYONE) for record in records])

    def _absent(self, reader: IndexReader, name: RepositoryName) -> NotIndexed:
        """That there is none, and who shares one of this name."""
        which = {**REPOSITORY_READ, **name.filter, **reader.shared}
        offered = self._at(name, self._repositories.find(which).limit(_OF_STRANGERS))
        owners = {record["owner"] for record, _ in reader.permitted(offered)}
        return NotIndexed("no index of this repository", sorted(owners))

    def _at(self, name: RepositoryName, records: Iterable[Document]) -> list[Document]:
        with translated("finding the repository"):
            return [record for record in records if name.holds(record)]

    def _listed(self, records: Sequence[tuple[Document, Right]]) -> list[ListedRepository]:
        ids = [record["_id"] for record, _ in records]
        which: Document = {**PUBLISHED_READ, "repository": {"$in": ids}}
        with translated("finding the indexes"):
            indexes = list(self._indexes.find(which).sort("current.published_at", -1))
        return [
            ListedRepository(
                record, right, [index for index in indexes if index["repository"] == record["_id"]]
            )
            for record, right in records
        ]


def _is_published(listed: ListedRepository) -> bool:
    return bool(listed.indexes)


def _nearness(listed: ListedRepository) -> tuple[Right, float]:
    """The nearest first, of them the newest."""
    published = listed.current["published_at"].timestamp() if listed.current else 0.0
    return listed.right, -published


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
