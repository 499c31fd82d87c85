"""Memories in MongoDB. The effects of a turn are one transaction, or nothing."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from memory.indexes import INDEXES, LEDGER, MEMORIES, USERS
from memory.models import Action, Candidate, Domain, Memory, Operation, Report, Scope, Slot
from memory.weave import Woven
from storage.errors import translated
from storage.fence import Fence
from storage.indexes import Preparation
from storage.mongo import Document


@dataclass(frozen=True, slots=True)
class Effects:
    """All that one turn changes, judged against one revision of the user's memories."""

    scope: Scope
    job_id: str
    position: int
    revision: int
    woven: Woven
    report: Report


class _Overtaken(Exception):
    """Another writer changed the user's memories since they were read."""


class Repository:
    """Everything is scoped by owner and user."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._memories = database[MEMORIES]
        self._ledger = database[LEDGER]
        self._users = database[USERS]
        self._prepare = Preparation(database, INDEXES).once

    def done(self, job_id: str, position: int) -> Report | None:
        """What a turn did, if it was woven before."""
        with translated("reading the ledger"):
            row = self._ledger.find_one({"_id": _row_id(job_id, position)})
        return _report(row) if row else None

    def known(self, scope: Scope) -> tuple[int, list[Memory]]:
        """The user's revision and valid memories; the revision is read first."""
        with translated("reading memories"):
            user = self._users.find_one(_which(scope), {"revision": 1})
            found = self._memories.find({**_which(scope), "valid_to": None}, {"vector": 0})
            return (user["revision"] if user else 0), [_memory(doc) for doc in found]

    def vectors(self, scope: Scope, domains: Iterable[Domain]) -> list[Document]:
        """The user's valid memories of some domains, with their vectors."""
        wanted = {"domain": {"$in": [str(domain) for domain in domains]}}
        with translated("searching"):
            return list(self._memories.find({**_which(scope), "valid_to": None, **wanted}))

    def commit(self, effects: Effects, fence: Fence) -> bool:
        """Write a turn's effects; False when they were judged against an old revision.

        Raises:
            StorageUnavailable: MongoDB does not answer; nothing or all may be written.
        """

        def together(session: ClientSession) -> None:
            fence.hold(session)
            self._advance(effects, session)
            self._ledger.insert_one(_row(effects), session=session)
            self._write(effects.woven, session)

        self._prepare()
        with translated("weaving"), self._database.client.start_session() as session:
            try:
                session.with_transaction(together)
            except (_Overtaken, DuplicateKeyError):
                return False
        return True

    def _advance(self, effects: Effects, session: ClientSession) -> None:
        """Move the user's revision on, if it is still the one that was judged against."""
        which = _which(effects.scope)
        if effects.revision == 0:
            self._users.insert_one({**which, "revision": 1}, session=session)
            return
        moved = self._users.update_one(
            {**which, "revision": effects.revision}, {"$inc": {"revision": 1}}, session=session
        )
        if not moved.matched_count:
            raise _Overtaken

    def _write(self, woven: Woven, session: ClientSession) -> None:
        for memory_id, successor in woven.ended.items():
            self._memories.update_one(
                {"_id": memory_id},
                [{"$set": {"valid_to": "$$NOW", "superseded_by": successor}}],
                session=session,
            )
        for document in woven.begun:
            self._memories.update_one(
                {"_id": document["_id"]},
                [{"$set": {**{name: {"$literal": value} for name, value in document.items()},
                           "created_at": "$$NOW", "valid_from": "$$NOW"}}],
                upsert=True,
                session=session,
            )  # fmt: skip


def _which(scope: Scope) -> Document:
    return {"owner": scope.owner, "user_id": scope.user_id}


def _row_id(job_id: str, position: int) -> str:
    return f"{job_id}:{position}"


def _row(effects: Effects) -> Document:
    operations = [
        {**asdict(one), "action": str(one.action),
         "candidate": {**asdict(one.candidate), "domain": str(one.candidate.domain)}}
        for one in effects.report.operations
    ]  # fmt: skip
    return {
        "_id": _row_id(effects.job_id, effects.position),
        **_which(effects.scope),
        "job_id": effects.job_id,
        "operations": operations,
    }


def _report(row: Document) -> Report:
    return Report(tuple(_operation(stored) for stored in row["operations"]), repeated=True)


def _operation(stored: Document) -> Operation:
    candidate = stored["candidate"]
    return Operation(
        Action(stored["action"]),
        Candidate(Domain(candidate["domain"]), candidate["content"], _slot(candidate["slot"]),
                  candidate["event_date"]),
        stored["reason"],
        stored["target"],
    )  # fmt: skip


def _memory(document: Document) -> Memory:
    return Memory(
        id=document["_id"],
        domain=Domain(document["domain"]),
        content=document["content"],
        slot=_slot(document["slot"]),
        event_date=document["event_date"],
        created_at=document["created_at"],
    )


def _slot(stored: Any) -> Slot | None:
    return Slot(**stored) if stored else None
