"""Deleting a repository's indexes with all that was made of it."""

from pymongo.database import Database

from keepsake.scanner.indexes import (
    BLOBS,
    FILES,
    HEADS,
    REPOSITORIES,
    SOURCES,
    STARS,
    SUMMARIES,
    VECTORS,
)
from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document

_MADE = (FILES, BLOBS, SOURCES, VECTORS, SUMMARIES, STARS)


class Removal:
    """The head goes first, so that nobody reads half an index; the record of it goes last.

    So a removal that was interrupted is finished by asking again. Mirrors are caches of the
    machines that scan, and go by eviction.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._database = database

    def remove(self, owner: str, repository: str) -> dict[str, int]:
        """Delete one repository of an owner's; how many documents of each kind went is returned.

        Raises:
            StorageUnavailable: MongoDB does not answer; asking again finishes it.
        """
        mine = {"_id": repository, "owner": owner}
        with translated("deleting the index"):
            if self._database[REPOSITORIES].find_one(mine, {"_id": 1}) is None:
                return {}
            heads = [head["_id"] for head in self._database[HEADS].find({"repository": repository})]
            gone = {HEADS: self._delete(HEADS, {"_id": {"$in": heads}})}
            gone[FILES] = self._delete(FILES, {"index": {"$in": heads}})
            for name in _MADE:
                more = self._delete(name, {"repository": repository})
                gone[name] = gone.get(name, 0) + more
            self._database[REPOSITORIES].delete_one(mine)
        return {name.removeprefix("code_"): count for name, count in gone.items()}

    def _delete(self, name: str, which: Document) -> int:
        return self._database[name].delete_many(which).deleted_count
