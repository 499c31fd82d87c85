"""Taking the effects of one job back, exactly: as if it had never run.

What other jobs did stays. A memory that another turn said as well is theirs from then on; a value
that the job closed is open again, unless another job closed it too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.jobs import Undone
from keepsake.memory.models import MemoryScope
from keepsake.memory.storing.documents import LEDGER, LIVING, MEMORIES, USERS, WENT, owned
from keepsake.memory.storing.repository import END_BY_EARLIEST
from keepsake.storage import Document, Fence, Unfenced, translated


@dataclass(frozen=True, slots=True)
class Effect:
    """One operation of a job, as its owner sees it."""

    position: int
    user_id: str
    type: str
    domain: str
    content: str
    memory_id: str | None
    undone: bool


class Undo:
    """Lists and takes back what a job of an owner did."""

    def __init__(self, database: Database[Document]) -> None:
        self._client = database.client
        self._memories = database[MEMORIES]
        self._ledger = database[LEDGER]
        self._users = database[USERS]

    def effects(self, owner: str, job_id: str) -> Iterator[Effect]:
        """What the job did, turn by turn."""
        with translated("reading the ledger"):
            mine = {**LIVING, "job_id": job_id, "owner": owner}
            for row in self._ledger.find(mine).sort("position", 1):
                for operation in row["report"]["operations"]:
                    yield _effect(row, operation)

    def undo(self, owner: str, job_id: str, fence: Fence | None = None) -> Undone:
        """Take it all back, the last turn first; what is undone already changes nothing.

        Each turn is one transaction, so an interrupted undo is finished by asking again.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        total = Undone()
        with translated("undoing"):
            there = {"job_id": job_id, "owner": owner, "undone_at": None}
            for row in list(self._ledger.find(there, {"report": 0}).sort("position", -1)):
                total = total.plus(self._turn(row, fence or Unfenced()))
        return total

    def _turn(self, row: Document, fence: Fence) -> Undone:
        def together(session: ClientSession) -> Undone:
            fence.assert_owned(session)
            return _Turn(self, row, session).undo()

        with self._client.start_session() as session:
            return session.with_transaction(together)


class _Turn:
    """One turn's effects, within one transaction."""

    def __init__(self, undo: Undo, row: Document, session: ClientSession) -> None:
        self._memories, self._users = undo._memories, undo._users  # noqa: SLF001 - one module
        self._ledger = undo._ledger  # noqa: SLF001
        self._row, self._session = row, session
        self._whose = owned(MemoryScope(row["owner"], row["user_id"]))
        self._job_id, self._position = row["job_id"], row["position"]
        self._revision = 0

    def undo(self) -> Undone:
        user = self._users.find_one_and_update(
            self._whose, WENT, return_document=ReturnDocument.AFTER, session=self._session
        )
        self._revision = user["revision"] if user else 0
        done = Undone()
        for document in list(self._memories.find(self._begun(), session=self._session)):
            others = [s for s in document["support"] if not self._is_mine(s)]
            done = done.plus(self._hand_over(document, others) if others else self._drop(document))
        undone = {"invalidations.job_id": self._job_id, "invalidations.by": None}
        reopened = self._forget_invalidations(undone,
                                         {"job_id": self._job_id, "by": None})  # fmt: skip
        self._update_many({"support.job_id": self._job_id},
                          {"$pull": {"support": self._mine()}})  # fmt: skip
        self._ledger.update_one(
            {"_id": self._row["_id"]}, [{"$set": {"undone_at": "$$NOW"}}], session=self._session
        )
        return replace(done, reopened=done.reopened + reopened)

    def _begun(self) -> Document:
        return {**self._whose, "provenance.job_id": self._job_id,
                "provenance.position": self._position}  # fmt: skip

    def _mine(self) -> Document:
        return {"job_id": self._job_id, "position": self._position}

    def _is_mine(self, support: Document) -> bool:
        return bool(support["job_id"] == self._job_id and support["position"] == self._position)

    def _drop(self, document: Document) -> Undone:
        """Remove a document; who followed it now follows who was before it."""
        memory_id = document["_id"]
        self._memories.delete_one({"_id": memory_id}, session=self._session)
        reopened = self._forget_invalidations({"invalidations.by": memory_id}, {"by": memory_id})
        before = {"$set": {"supersedes": document["supersedes"], "rev": self._revision}}
        self._update_many({"supersedes": memory_id}, before)
        return Undone(removed=1, reopened=reopened)

    def _hand_over(self, document: Document, others: list[Document]) -> Undone:
        """The earliest of the others that said it is its origin from now on."""
        heir = min(others, key=lambda support: support["at"])
        origin = {**document["provenance"], **{k: heir[k] for k in heir if k != "at"}}
        began = {"provenance": origin, "support": others, "valid_from": heir["at"],
                 "said_at": heir["at"], "rev": self._revision}  # fmt: skip
        self._memories.update_one({"_id": document["_id"]}, {"$set": began}, session=self._session)
        mine = {
            "invalidations.$[mine].job_id": heir["job_id"],
            "invalidations.$[mine].at": heir["at"],
        }
        self._memories.update_many(
            {**self._whose, "invalidations.by": document["_id"]},
            {"$set": {**mine, "rev": self._revision}},
            array_filters=[{"mine.by": document["_id"]}],
            session=self._session,
        )
        self._update_many({"invalidations.by": document["_id"]}, END_BY_EARLIEST)
        return Undone(kept=1)

    def _forget_invalidations(self, where: Document, which: Document) -> int:
        """Drop some invalidations; how many memories are open again is returned."""
        same = [{"$eq": [f"$$this.{name}", value]} for name, value in which.items()]
        rest = {"$filter": {"input": "$invalidations", "cond": {"$not": [{"$and": same}]}}}
        closed = {**where, "valid_to": {"$ne": None}}
        closed_now = self._memories.find(
            {**self._whose, **closed}, {"_id": 1}, session=self._session
        )
        ids = [document["_id"] for document in closed_now]
        self._update_many(
            where, [{"$set": {"invalidations": rest, "rev": self._revision}}, *END_BY_EARLIEST]
        )
        open_now = {"_id": {"$in": ids}, "valid_to": None}
        return self._memories.count_documents(open_now, session=self._session) if ids else 0

    def _update_many(self, where: Document, change: Any) -> None:
        self._memories.update_many({**self._whose, **where}, change, session=self._session)


def _effect(row: Document, operation: Document) -> Effect:
    candidate = operation["candidate"]
    is_turn = candidate["domain"] == "summary" and operation["id"]
    memory_id = row["report"]["episode_id"] if is_turn else operation["id"] or operation["target"]
    return Effect(row["position"], row["user_id"], operation["action"], candidate["domain"],
                  candidate["content"], memory_id, bool(row.get("undone_at")))  # fmt: skip
