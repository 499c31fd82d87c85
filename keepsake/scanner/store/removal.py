"""Removal of all that was made: of a repository, or of one of its indexes.

What is published goes first, so that nobody reads half of an index. A removal that was interrupted
is finished by asking again. Nobody may scan the repository meanwhile. Mirrors are caches of the
machines that scan, which drop them by themselves (`mirrors`).
"""

from itertools import islice

from pymongo.database import Database

from keepsake.scanner.errors import NotIndexed
from keepsake.scanner.store import (
    BLOBS,
    FILES,
    PUBLISHED,
    REPOSITORIES,
    SOURCES,
    STARS,
    SUMMARIES,
    VECTORS,
)
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import index_id_of
from keepsake.scanner.store.usage import CodeUsage
from keepsake.storage import Document, Unfenced, translated

_MADE = (FILES, BLOBS, SOURCES, VECTORS, SUMMARIES, STARS)
_AT_ONCE = 1_000


class Removal:
    """Everything is scoped by owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._files, self._blobs = Files(database), Blobs(database)
        self._usage = CodeUsage(database)

    def repository(self, owner: str, repository: str) -> dict[str, int]:
        """Delete a repository of an owner's; how many documents of each kind went is returned.

        Raises:
            StorageUnavailable: MongoDB does not answer; asking again finishes it.
        """
        with translated("deleting the index"):
            if not self._has(owner, repository):
                return {}
            indexes = [
                index["_id"] for index in self._database[PUBLISHED].find({"repository": repository})
            ]
            gone = {PUBLISHED: self._delete(PUBLISHED, {"_id": {"$in": indexes}})}
            gone[FILES] = self._delete(FILES, {"index": {"$in": indexes}})
            for name in _MADE:
                more = self._delete(name, {"repository": repository})
                gone[name] = gone.get(name, 0) + more
            self._database[REPOSITORIES].delete_one({"_id": repository, "owner": owner})
        return {name.removeprefix("code_"): count for name, count in gone.items()}

    def index(self, owner: str, repository: str, branch: str) -> dict[str, int]:
        """Delete the index of a branch, and what no other one of the repository shows.

        Raises:
            NotIndexed: There is none.
            StorageUnavailable: MongoDB does not answer; asking again finishes it.
        """
        index = index_id_of(repository, branch)
        with translated("deleting the index"):
            indexes = self._delete(PUBLISHED, {"_id": index, "owner": owner})
            rows = self._database[FILES].find({"index": index, "owner": owner}, {"key": 1})
            files = blobs = 0
            while some := list(islice(rows, _AT_ONCE)):
                ids = [row["_id"] for row in some]
                keys = sorted({row["key"] for row in some if row["key"]})
                unused = sorted(set(keys) - self._files.used(keys, besides=ids))
                self._blobs.forget(unused, ids, Unfenced())
                files, blobs = files + len(ids), blobs + len(unused)
            self._usage.mark(repository)
        if not indexes and not files:
            raise NotIndexed("no index of this branch")
        return {"indexes": indexes, "files": files, "blobs": blobs}

    def _has(self, owner: str, repository: str) -> bool:
        which = {"_id": repository, "owner": owner}
        return self._database[REPOSITORIES].find_one(which, {"_id": 1}) is not None

    def _delete(self, name: str, which: Document) -> int:
        return self._database[name].delete_many(which).deleted_count
