"""Repositories of an owner, or shared with a reader, page by page and with what is published."""

from dataclasses import dataclass

from pymongo.database import Database

from scanner.errors import NotIndexed
from scanner.indexes import HEADS, REPOSITORIES
from scanner.source import host_of
from scanner.store.heads import Reader, at_host
from storage.errors import translated
from storage.mongo import Document


@dataclass(frozen=True, slots=True)
class Listed:
    """A repository's record and its published indexes, the newest first."""

    record: Document
    heads: list[Document]

    @property
    def current(self) -> Document | None:
        """What was published last, of whichever branch."""
        return self.heads[0]["current"] if self.heads else None

    @property
    def host(self) -> str:
        """Which host it is of."""
        return host_of(self.record["url"])

    def head(self, branch: str | None) -> Document | None:
        """What is published of a branch."""
        return next((one["current"] for one in self.heads if one["branch"] == branch), None)


class Listing:
    """Reads along the index by owner, organisation and name."""

    def __init__(self, database: Database[Document]) -> None:
        self._repositories = database[REPOSITORIES]
        self._heads = database[HEADS]

    def page(
        self, reader: Reader, after: tuple[str, str, str] | None, limit: int, *, shared: bool
    ) -> list[Listed]:
        """Up to `limit` repositories after one of an organisation, name and id.

        shared: those that others have shared with the reader, instead of the reader's own.
        """
        whose: Document = {"owner": reader.owner}
        if shared:
            names = {"$in": list(reader.names)}
            whose = {"shared_with": names, "owner": {"$ne": reader.owner}}
        if after is not None:
            org, repo, repository = after
            whose["$or"] = [
                {"org": {"$gt": org}},
                {"org": org, "repo": {"$gt": repo}},
                {"org": org, "repo": repo, "_id": {"$gt": repository}},
            ]
        order = [("org", 1), ("repo", 1), ("_id", 1)]
        with translated("listing repositories"):
            return self._listed(list(self._repositories.find(whose).sort(order).limit(limit)))

    def named(self, reader: Reader, org: str, repo: str, host: str | None = None) -> list[Listed]:
        """The repositories of a name that a reader may search, the nearest and newest first.

        Raises:
            NotIndexed: There is none, or not for this reader.
        """
        with translated("finding the repository"):
            which = {"org": org, "repo": repo, **reader.may_read()}
            there = [one for one in self._repositories.find(which) if at_host(one, host)]
            found = self._listed(there)
        if not found:
            raise NotIndexed("no such repository")
        found.sort(key=_published, reverse=True)
        return sorted(found, key=lambda one: reader.distance(one.record))

    def own(self, owner: str, org: str, repo: str, host: str | None = None) -> list[Listed]:
        """An owner's repositories of a name: two hosts may each have one."""
        with translated("finding the repository"):
            which = {"owner": owner, "org": org, "repo": repo}
            return self._listed(
                [one for one in self._repositories.find(which) if at_host(one, host)]
            )

    def _listed(self, records: list[Document]) -> list[Listed]:
        ids = [record["_id"] for record in records]
        which: Document = {"repository": {"$in": ids}, "current": {"$ne": None}}
        heads = list(self._heads.find(which).sort("current.published_at", -1))
        return [
            Listed(record, [head for head in heads if head["repository"] == record["_id"]])
            for record in records
        ]


def _published(one: Listed) -> float:
    return one.current["published_at"].timestamp() if one.current else 0.0
