"""Repositories, and which generation of each index is current."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.scanner.errors import IndexChanged, NotIndexed
from keepsake.scanner.models import Repository, ResolvedRef, digest
from keepsake.scanner.parse.languages import PARSER_VERSION
from keepsake.scanner.source import host_of
from keepsake.scanner.store import (
    INDEXES,
    PUBLISHED,
    PUBLISHED_READ,
    REPOSITORIES,
    SCHEMA,
    fenced,
)
from keepsake.scanner.store.readers import RepositoryName
from keepsake.scanner.store.usage import CodeUsage
from keepsake.storage import STEADY_NOW, Document, Fence, Preparation, literal, translated

Globs = dict[str, list[str]]
NO_GLOBS: Globs = {"include": [], "exclude": []}


@dataclass(frozen=True, slots=True)
class PublishedIndex:
    """An index and its current generation."""

    id: str
    repository: str
    owner: str
    branch: str
    current: Document
    host: str

    @property
    def generation(self) -> int:
        """What readers see."""
        return int(self.current["generation"])

    @property
    def edition(self) -> tuple[int, datetime]:
        """Generation and time: an index that was deleted begins at generation 1 again."""
        return self.generation, self.current["published_at"]


def published_index(index: Document) -> tuple[str, dict[str, Any]] | None:
    """What others are told of an index with its repository, once a generation is published."""
    current, repository = index["current"], index["repository"]
    if current is None:
        return None
    told = {"org": repository["org"], "repo": repository["repo"],
            "host": host_of(repository["url"]), "branch": index["branch"],
            "commit": current["commit"]}  # fmt: skip
    return f"{index['_id']}:{current['published_at'].isoformat()}", told


def is_as_asked(current: Document, globs: Globs) -> bool:
    """Whether what is published was read by this parser, and limited as now."""
    return bool(current["parser"] == PARSER_VERSION and current.get("globs", NO_GLOBS) == globs)


def is_complete(current: Document, commit: str, globs: Globs) -> bool:
    """Whether a commit is published as it would be now, and the parser failed on no file."""
    same = current["commit"] == commit and is_as_asked(current, globs)
    return bool(same and not current["index_stats"]["failed"])


def index_id(repository: Repository, branch: str) -> str:
    """The id of a repository's index of one branch, tag or commit."""
    return index_id_of(repository.id, branch)


def index_id_of(repository: str, branch: str) -> str:
    """The same by the repository's id."""
    return digest("index", repository, branch)


class PublishedIndexes:
    """Everything is scoped by owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._repositories = database[REPOSITORIES]
        self._indexes = database[PUBLISHED]
        self._usage = CodeUsage(database)
        self._prepare = Preparation(database, INDEXES).once

    def current(self, repository: Repository, branch: str) -> Document | None:
        """What is published of a branch; None before its first scan has ended."""
        self._prepare()
        with translated("reading the index"):
            index = self._indexes.find_one(
                {**PUBLISHED_READ, "_id": index_id(repository, branch), "owner": repository.owner}
            )
        return index["current"] if index else None

    def has(self, repository: Repository, resolved: ResolvedRef, globs: Globs) -> bool:
        """Whether all of a commit is published, so that a scan of it would do nothing."""
        current = self.current(repository, resolved.branch)
        return current is not None and is_complete(current, resolved.commit, globs)

    def register(
        self, repository: Repository, fence: Fence, default_branch: str | None = None
    ) -> None:
        """Record that the owner has this repository; what is known already is not written again.

        default_branch: the host's, as far as it was asked.
        """
        known = {"default_branch": default_branch} if default_branch else {}

        def write(session: ClientSession) -> None:
            self._repositories.update_one(
                {"_id": repository.id},
                [{"$replaceWith": {"$mergeObjects": [
                    literal({"schema": SCHEMA, "owner": repository.owner, "org": repository.org,
                             "repo": repository.repo, "url": repository.url, "shared_with": []}),
                    {"created_at": "$$NOW"},
                    "$$ROOT",
                    literal(known),
                ]}}],
                upsert=True,
                session=session,
            )  # fmt: skip

        self._prepare()
        with translated("registering the repository"):
            there = self._repositories.find_one({"_id": repository.id, **known}, {"_id": 1})
        if not there:
            fenced(self._database, fence, "registering the repository", write)

    def publish(
        self, repository: Repository, branch: str, base: int, current: Document, fence: Fence
    ) -> None:
        """Make a generation current, if the one it was built upon still is.

        Raises:
            IndexChanged: Another scan published meanwhile.
        """
        which = {"_id": index_id(repository, branch), "owner": repository.owner}

        def write(session: ClientSession) -> None:
            if base == 0:
                fields = {"schema": SCHEMA, "repository": repository.id, "branch": branch,
                          "current": None}  # fmt: skip
                self._indexes.update_one(
                    which, {"$setOnInsert": fields}, upsert=True, session=session
                )
            expected: Document = {"current": None} if base == 0 else {"current.generation": base}
            stamped = {"$mergeObjects": [literal(current), {"published_at": STEADY_NOW}]}
            done = self._indexes.update_one(
                {**which, **expected}, [{"$set": {"current": stamped}}], session=session
            )
            again = {**which, "current.generation": current["generation"],
                     "current.commit": current["commit"]}  # fmt: skip
            if not done.matched_count and not self._indexes.find_one(again, session=session):
                raise IndexChanged("another scan published this index first")
            self._usage.mark(repository.id, session)

        fenced(self._database, fence, "publishing the index", write)

    def note(self, repository: Repository, branch: str, facts: Document, fence: Fence) -> None:
        """Set facts of the current generation: what came after it was published."""
        fields = {f"current.{name}": value for name, value in facts.items()}

        def write(session: ClientSession) -> None:
            self._indexes.update_one(
                {"_id": index_id(repository, branch), "owner": repository.owner},
                {"$set": fields},
                session=session,
            )

        fenced(self._database, fence, "noting the index", write)

    def share(self, owner: str, name: RepositoryName, names: list[str]) -> None:
        """Say with whom an owner shares the indexes of a repository.

        Raises:
            NotIndexed: The owner has no such repository.
        """
        with translated("sharing the index"):
            own = self._repositories.find({**name.filter, "owner": owner})
            which = [record["_id"] for record in own if name.holds(record)]
            self._repositories.update_many(
                {"_id": {"$in": which}, "owner": owner},
                {"$set": {"shared_with": sorted(set(names))}},
            )
        if not which:
            raise NotIndexed("no such repository")
