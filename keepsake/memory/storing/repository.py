"""Memories in MongoDB. The effects of a turn are one transaction, or nothing."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from keepsake.memory.languages.letters import spelled
from keepsake.memory.models import Kind, Memory, MemoryScope, Report
from keepsake.memory.storing import documents
from keepsake.memory.storing.documents import INDEXES, LEDGER, MEMORIES, USERS, owned
from keepsake.memory.storing.usage import growth, sizes
from keepsake.memory.storing.weave import TurnWrites
from keepsake.storage import Document, Fence, Preparation, logical_time, translated

_JUDGED_MOST = 500
"""Memories under the keys of one turn; a slot with a longer history is judged by its newest."""

END_BY_EARLIEST: list[Document] = [
    {"$set": {"valid_to": {"$min": "$invalidations.at"}}},
    {"$set": {"superseded_by": {"$let": {
        "vars": {"first": {"$first": {"$filter": {
            "input": "$invalidations", "cond": {"$eq": ["$$this.at", "$valid_to"]}}}}},
        "in": {"$ifNull": ["$$first.by", None]},
    }}}},
]  # fmt: skip
"""Stages of an update that set what follows from a document's invalidations."""


@dataclass(frozen=True, slots=True)
class KnownMemories:
    """What the judge has to know of a user, at one revision of their memories."""

    revision: int
    repeated: bool
    memories: list[Memory]


@dataclass(frozen=True, slots=True)
class TurnEffects:
    """All that one turn changes, judged against one revision of the user's memories."""

    scope: MemoryScope
    job_id: str
    position: int
    revision: int
    woven: TurnWrites
    report: Report


class _Overtaken(Exception):
    """Another writer changed the user's memories since they were read."""


class MemoryRepository:
    """Everything is scoped by owner and user."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._memories = database[MEMORIES]
        self._ledger = database[LEDGER]
        self._users = database[USERS]
        self._prepare = Preparation(database, INDEXES).once

    def now(self) -> datetime:
        """The time by the database, since web hosts may disagree."""
        return logical_time(self._database)

    def done(self, scope: MemoryScope, job_id: str, position: int) -> Report | None:
        """What a turn did, if it was woven before."""
        with translated("reading the ledger"):
            row = self._ledger.find_one({"_id": row_id(job_id, position), **owned(scope)})
        return documents.report(row["report"]) if row else None

    def all_done(self, owner: str, job_id: str, first: int, last: int) -> dict[int, Report]:
        """What a job's turns did, by position, of those that were woven before."""
        positions = {"$gte": first, "$lte": last}
        with translated("reading the ledger"):
            rows = self._ledger.find({"job_id": job_id, "position": positions, "owner": owner})
            return {row["position"]: documents.report(row["report"]) for row in rows}

    def known(
        self,
        scope: MemoryScope,
        identity: str,
        keys: Iterable[str],
        ids: Iterable[str] = (),
        topics: Iterable[str] = (),
    ) -> KnownMemories:
        """What is stored under some keys or ids, and whether the turn is: in one round trip.

        topics: what is to be forgotten; all open memories and turns that may be about it are read.

        The revision is read first: a union reads one part after the other.
        """
        whose = owned(scope)
        turn = {**whose, "kind": str(Kind.TURN), "identity": identity}
        parts = [{"$match": whose}, {"$project": {"revision": 1}},
                 _union([{"$match": turn}, {"$project": {"identity": 1}}]),
                 _union(_newest(whose, keys, ids, topics))]  # fmt: skip
        with translated("reading memories"):
            rows = list(self._users.aggregate(parts))
        revision = next((row["revision"] for row in rows if "revision" in row), 0)
        repeated = any(row.get("identity") == identity for row in rows)
        memories = [documents.judged(row) for row in rows if "content" in row]
        return KnownMemories(revision, repeated, memories[::-1])

    def commit(self, effects: TurnEffects, fence: Fence) -> bool:
        """Write a turn's effects; False when they were judged against an old revision.

        Raises:
            StorageUnavailable: MongoDB does not answer; nothing or all may be written.
        """

        def together(session: ClientSession) -> None:
            fence.assert_owned(session)
            self._ledger.insert_one(_row(effects), session=session)
            if effects.woven.changes:
                self._write(effects, self._advance(effects, session), session)

        self._prepare()
        with translated("weaving"), self._database.client.start_session() as session:
            try:
                session.with_transaction(together)
            except (_Overtaken, DuplicateKeyError):
                return False
        return True

    def _advance(self, effects: TurnEffects, session: ClientSession) -> datetime:
        """Move the user's revision on, if it is still the one that was judged against.

        The database's time is answered: asked for here, it costs no round trip of its own.
        """
        now = {"revision": effects.revision + 1, "epoch": {"$ifNull": ["$epoch", 0]},
               "written_at": "$$NOW", **_growth(effects)}  # fmt: skip
        user = self._users.find_one_and_update(
            {**owned(effects.scope), "revision": effects.revision}, [{"$set": now}],
            upsert=not effects.revision, return_document=ReturnDocument.AFTER, session=session,
        )  # fmt: skip
        if user is None:
            raise _Overtaken
        written_at: datetime = user["written_at"]
        return written_at

    def _write(self, effects: TurnEffects, written_at: datetime, session: ClientSession) -> None:
        woven, revision = effects.woven, effects.revision + 1
        for ids, invalidations in _alike(woven.ended):
            added = {"$concatArrays": ["$invalidations", {"$literal": invalidations}]}
            close = [{"$set": {"invalidations": added, "rev": revision}}, *END_BY_EARLIEST]
            self._memories.update_many({"_id": {"$in": ids}}, close, session=session)
        for memory_id, support in woven.supported.items():
            change = {"$push": {"support": support}, "$set": {"rev": revision}}
            if woven.expires_at is None:
                change["$unset"] = {"expires_at": ""}
            self._memories.update_one({"_id": memory_id}, change, session=session)
        if woven.supported and woven.expires_at is not None:
            sooner = {"_id": {"$in": list(woven.supported)},
                      "expires_at": {"$ne": None, "$lt": woven.expires_at}}  # fmt: skip
            longer = {"$set": {"expires_at": woven.expires_at}}
            self._memories.update_many(sooner, longer, session=session)
        if woven.begun:
            placed = {**owned(effects.scope), "rev": revision, "order": revision,
                      "created_at": written_at}  # fmt: skip
            self._memories.insert_many(
                [{**document, **placed} for document in woven.begun], session=session
            )


def _growth(effects: TurnEffects) -> Document:
    """What the user's record says of the bytes that a turn adds."""
    woven = effects.woven
    further = [*woven.supported.values(), *chain(*woven.ended.values())]
    begun = [{**each, **owned(effects.scope), "rev": 0, "order": 0, "created_at": each["said_at"]}
             for each in woven.begun]  # fmt: skip
    return growth(sizes(begun, further), woven.expires_at)


def _newest(
    whose: Document, keys: Iterable[str], ids: Iterable[str], topics: Iterable[str]
) -> list[Document]:
    """The memories under any of the keys or ids or about a topic, the newest first."""
    mine = {**whose, "kind": str(Kind.MEMORY)}
    either = [
        {**mine, "keys": {"$in": sorted(set(keys))}},
        {**mine, "_id": {"$in": sorted(set(ids))}},
        *({**whose, "valid_to": None, "$or": _about(topic)} for topic in topics),
    ]
    return [{"$match": {"$or": either}}, {"$match": documents.READ}, {"$project": documents.JUDGED},
            {"$sort": {"valid_from": -1, "order": -1, "_id": -1}},
            {"$limit": _JUDGED_MOST}]  # fmt: skip


def _about(topic: str) -> list[Document]:
    """What may be about a topic: facts of its attributes, and texts with each of its words."""
    words = [re.compile(spelled(word.removesuffix("s")), re.IGNORECASE) for word in topic.split()]
    return [
        {"slot.attribute": {"$in": topic.split()}},
        {"$and": [{"$or": [{"content": word}, {"response": word}]} for word in words]},
    ]


def _alike(ended: Mapping[str, list[Document]]) -> list[tuple[list[str], list[Document]]]:
    """The memories that end in the same way: a value that changes often has many before it."""
    groups: dict[str, tuple[list[str], list[Document]]] = {}
    for memory_id, invalidations in ended.items():
        groups.setdefault(repr(invalidations), ([], invalidations))[0].append(memory_id)
    return list(groups.values())


def _union(stages: list[Document]) -> Document:
    return {"$unionWith": {"coll": MEMORIES, "pipeline": stages}}


def row_id(job_id: str, position: int) -> str:
    """The ledger's key of a turn."""
    return f"{job_id}:{position}"


def _row(effects: TurnEffects) -> Document:
    return {
        "_id": row_id(effects.job_id, effects.position),
        **owned(effects.scope),
        "job_id": effects.job_id,
        "position": effects.position,
        "report": documents.reported(effects.report),
        "expires_at": effects.woven.expires_at,
    }
