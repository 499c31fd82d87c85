"""Lists of dead letters: each is read along an index that knows the status of a letter."""

from heapq import merge
from itertools import islice

from pymongo.cursor import Cursor

from keepsake.jobs.indexes import DEAD_LETTERS, LETTERS, LETTERS_OF_OWNER
from keepsake.jobs.job import UNSEEN
from keepsake.jobs.listing import Place, Wanted
from keepsake.jobs.records import Records
from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document
from keepsake.storage.ranges import NEWEST, OLDEST, along

STATUSES = ("open", "replayed", "discarded")
OPEN_MOST = 100_000
"""An owner's open letters, the newest, among which a filter looks."""


class Letters:
    """None as the owner is an operator's view of all."""

    def __init__(self, records: Records) -> None:
        self._letters = records.database[DEAD_LETTERS]
        self._prepare = records.prepare

    def page(
        self, owner: str | None, status: str | None, begin: Place | None, size: int
    ) -> list[Document]:
        """Dead letters without their payloads, the newest first, from a place on.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        self._prepare()
        with translated("listing dead letters"):
            lists = [
                list(self._newest(owner, each, begin, size))
                for each in ([status] if status else STATUSES)
            ]
        newest = merge(*lists, key=lambda letter: (letter["died_at"], letter["_id"]), reverse=True)
        return list(islice(newest, size))

    def count_open(self, owner: str, wanted: Wanted) -> int:
        """How many of an owner's open letters are of wanted jobs.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        counted = self._open(owner, wanted, [{"$count": "letters"}])
        return int(counted[0]["letters"]) if counted else 0

    def newest_open(self, owner: str, wanted: Wanted, size: int) -> list[str]:
        """The ids of the wanted jobs whose letters are open.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        newest = self._open(owner, wanted, [{"$limit": size}, {"$project": {"_id": 1}}])
        return [letter["_id"] for letter in newest]

    def _newest(
        self, owner: str | None, status: str, begin: Place | None, size: int
    ) -> Cursor[Document]:
        found = self._letters.find({}, UNSEEN).limit(size)
        if owner is None:
            return along(LETTERS, [status], begin or NEWEST, OLDEST, found)
        return along(LETTERS_OF_OWNER, [owner, status], begin or NEWEST, OLDEST, found)

    def _open(self, owner: str, wanted: Wanted, then: list[Document]) -> list[Document]:
        self._prepare()
        stages: list[Document] = [
            {"$match": {"owner": owner, "status": "open"}},
            {"$sort": {"died_at": -1, "_id": -1}},
            {"$limit": OPEN_MOST},
            {"$match": wanted.besides_state()},
            *then,
        ]
        with translated("reading dead letters"):
            return list(self._letters.aggregate(stages, hint=LETTERS_OF_OWNER.name))
