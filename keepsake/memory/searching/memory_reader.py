"""Reading memories for the search: a user's revision, what changed since, and texts by id."""

from collections.abc import Iterator, Sequence
from itertools import islice

from pymongo.database import Database

from keepsake.memory.indexes import MEMORIES, USERS
from keepsake.memory.models import Scope
from keepsake.memory.storing.documents import READ, owned
from keepsake.storage.errors import translated
from keepsake.storage.mongo import Document

_SCORED = {
    "kind": 1, "domain": 1, "content": 1, "response": 1, "code.text": 1, "session_id": 1,
    "event_date": 1, "when.last": 1, "said_at": 1, "valid_from": 1, "valid_to": 1, "rev": 1,
    "order": 1, "vector": 1, "provenance.turn_id": 1, "slot.subject": 1, "slot.attribute": 1,
}  # fmt: skip
_TOGETHER = 2_000


class Shelf:
    """Everything is scoped by owner and user."""

    def __init__(self, database: Database[Document]) -> None:
        self._memories = database[MEMORIES]
        self._users = database[USERS]

    def revision(self, scope: Scope) -> tuple[int, str]:
        """The user's revision and epoch; a new epoch says that documents went away.

        The record's own id is part of it: a user erased and begun anew counts from 1 again.
        """
        with translated("searching"):
            user = self._users.find_one(owned(scope), {"revision": 1, "epoch": 1})
        return (user["revision"], f"{user['_id']}:{user['epoch']}") if user else (0, "")

    def since(self, scope: Scope, revision: int) -> Iterator[list[Document]]:
        """What was written after a revision, many at a time; turns before what was made of them."""
        with translated("searching"):
            found = self._memories.find({**READ, **owned(scope), "rev": {"$gt": revision}}, _SCORED)
            rest = found.sort([("rev", 1), ("kind", -1)]).batch_size(_TOGETHER)
            while together := list(islice(rest, _TOGETHER)):
                yield together

    def texts(self, scope: Scope, ids: Sequence[str]) -> dict[str, Document]:
        """Documents by id, without their vectors."""
        with translated("searching"):
            wanted = {**READ, **owned(scope), "_id": {"$in": list(ids)}}
            return {found["_id"]: found for found in self._memories.find(wanted, {"vector": 0})}
