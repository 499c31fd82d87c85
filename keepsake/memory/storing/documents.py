"""How memories look in MongoDB: collections, indexes, documents and their vectors.

A lone vector has BSON's own form for one (subtype 9), which MongoDB Atlas can index. Those of a
long turn's passages stand one after the other as float32: numbers in an array take 3 times as much.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import numpy as np
from bson.binary import VECTOR_SUBTYPE, Binary
from pydantic import TypeAdapter

from keepsake.inference import DIMENSIONS, MINILM, Vector
from keepsake.memory.domains.registry import DOMAINS, SUMMARY
from keepsake.memory.keys import stored_keys
from keepsake.memory.models import (
    Candidate,
    Invalidation,
    Kind,
    Memory,
    MemoryScope,
    Report,
    Slot,
)
from keepsake.memory.settings import LONGEST_SECONDS
from keepsake.memory.tags import tags_of
from keepsake.memory.turn import Turn
from keepsake.storage import Document, Index

MEMORIES = "memories"
LEDGER = "memory_ledger"
USERS = "memory_users"
LLM_CALLS = "memory_llm_calls"
SPOOLS = "memory_spools"
PIECES = "memory_spool_pieces"

_WHOSE = (("owner", 1), ("user_id", 1))
_EXPIRES = {"expireAfterSeconds": 0, "partialFilterExpression": {"expires_at": {"$type": "date"}}}

INDEXES: tuple[Index, ...] = (
    Index(MEMORIES, "by_key", (*_WHOSE, ("keys", 1), ("valid_from", 1))),
    Index(MEMORIES, "by_revision", (*_WHOSE, ("rev", 1), ("kind", -1))),
    Index(MEMORIES, "by_domain", (*_WHOSE, ("kind", 1), ("domain", 1), ("valid_to", 1))),
    Index(MEMORIES, "by_id", (*_WHOSE, ("_id", 1))),
    Index(MEMORIES, "by_job", (("provenance.job_id", 1), ("provenance.position", 1))),
    Index(MEMORIES, "by_invalidation", (("invalidations.job_id", 1),)),
    Index(MEMORIES, "by_support", (("support.job_id", 1),)),
    Index(
        MEMORIES,
        "one_turn",
        (*_WHOSE, ("identity", 1)),
        {"unique": True, "partialFilterExpression": {"kind": "turn"}},
    ),
    Index(MEMORIES, "expiry", (("expires_at", 1),), _EXPIRES),
    Index(LEDGER, "expiry", (("expires_at", 1),), _EXPIRES),
    Index(LEDGER, "by_user", _WHOSE),
    Index(LEDGER, "by_job", (("job_id", 1), ("position", 1))),
    Index(LLM_CALLS, "by_user", _WHOSE),
    Index(LLM_CALLS, "retention", (("kept_at", 1),), {"expireAfterSeconds": LONGEST_SECONDS}),
    Index(LLM_CALLS, "expiry", (("expires_at", 1),), _EXPIRES),
    Index(USERS, "by_user", _WHOSE, {"unique": True}),
    Index(USERS, "recount", (("recount_at", 1),)),
    Index(SPOOLS, "by_user", _WHOSE),
    Index(PIECES, "by_spool", (*_WHOSE, ("spool", 1))),
)


def changed_user(user: Document) -> tuple[str, dict[str, Any]] | None:
    """What others are told of a user's memories that have changed, and what makes it one change."""
    key = f"{user['_id']}:{user.get('epoch', 0)}:{user['revision']}"
    return key, {"user_id": user["user_id"], "revision": user["revision"]}


_FLOAT32 = b"\x27\x00"
"""The header that says float32, and no bits to be ignored."""
VECTOR_BYTES = 4 * DIMENSIONS
"""What a vector takes; a header is what is over."""


def packed_vectors(vectors: Vector) -> Binary:
    """Vectors for a document, a row each."""
    raw = vectors.astype("<f4").tobytes()
    return Binary(_FLOAT32 + raw, VECTOR_SUBTYPE) if len(vectors) == 1 else Binary(raw)


def embedded(vectors: Vector, model: str) -> Document:
    """The fields of a document that follow from its vectors, a row each, and from their model."""
    schema = SCHEMA if model == MINILM.name else SCHEMA_OF_OTHERS
    return {"schema": schema, "vector": packed_vectors(vectors), "embedded_by": model}


def embedded_by(document: Document) -> str:
    """The model of a document's vectors; those of before there was a choice do not say it."""
    return str(document.get("embedded_by", MINILM.name))


def with_model(_document: Document) -> Document:
    """What makes a document that does not say its vectors' model say it."""
    return {"$set": {"embedded_by": MINILM.name}}


def not_by(model: str) -> Document:
    """The filter of the documents whose vectors are not of a model."""
    return {"embedded_by": {"$nin": [model, None]} if model == MINILM.name else {"$ne": model}}


def is_lone_vector(stored: bytes) -> bool:
    """Whether it is a lone vector in BSON's own form."""
    return isinstance(stored, Binary) and stored.subtype == VECTOR_SUBTYPE


def vector_count(stored: bytes) -> int:
    """How many vectors a document has."""
    return len(stored) // VECTOR_BYTES


def unpacked_vectors(stored: bytes) -> Vector:
    """The vectors of a document, a row each."""
    return joined_vectors([stored])


def joined_vectors(stored: Sequence[bytes]) -> Vector:
    """The vectors of many documents, a row each, without a copy for each."""
    raw = b"".join(memoryview(vectors)[len(vectors) % VECTOR_BYTES :] for vectors in stored)
    rows: Vector = np.frombuffer(raw, dtype="<f4").reshape(-1, DIMENSIONS)
    return rows


SCHEMA = 2
"""Of memories and turns. It grows with a change that an older reader would get wrong."""
SCHEMA_OF_OTHERS = 3
"""Of those with vectors of another model than MiniLM: a reader that knows no other takes them for
its vectors."""
RECORD_SCHEMAS = {MEMORIES: SCHEMA}
_DAY = {"$in": [None, re.compile(r"^\d{4}-\d{2}-\d{2}$")]}
_FACT = {f"slot.{part}": {"$type": "string"} for part in ("subject", "attribute")}
READ: Document = {
    "schema": {"$in": [SCHEMA, SCHEMA_OF_OTHERS]},
    "kind": {"$in": [str(kind) for kind in Kind]},
    "domain": {"$in": list(DOMAINS)},
    "content": {"$type": "string"},
    "vector": {"$type": "binData"},
    **{name: {"$type": "number"} for name in ("order", "confidence")},
    "provenance.job_id": {"$type": "string"},
    **{name: {"$type": "array"} for name in ("keys", "support")},
    **{name: {"$type": "date"} for name in ("created_at", "said_at", "valid_from")},
    "valid_to": {"$type": ["date", "null"]},
    "event_date": _DAY,
    "when.last": _DAY,
    "$or": [{"slot": None}, _FACT],
}
"""The filter of the documents that this version can read; others spoil no search and no judging."""
LIVING: Document = {"$expr": {"$or": [{"$lte": ["$expires_at", None]},
                                      {"$gt": ["$expires_at", "$$NOW"]}]}}  # fmt: skip
"""The filter of what has not expired, by the database's clock; what has is soon removed."""
READ |= LIVING
WENT: Document = {
    "$inc": {"revision": 1, "epoch": 1},
    "$currentDate": {"written_at": True, "recount_at": True},
}
"""The change of a user's record when documents of theirs went away."""
_REPORT = TypeAdapter(Report)
JUDGED = {
    "kind": 1, "domain": 1, "content": 1, "response": 1, "slot": 1, "keys": 1,
    "provenance.job_id": 1, "valid_from": 1, "valid_to": 1, "order": 1, "event_date": 1,
}  # fmt: skip
"""The fields that `judged` reads; the others of a long history are the most of it."""


def memory(
    memory_id: str,
    candidate: Candidate,
    vectors: Document,
    origin: Document,
    said_at: datetime,
    tags: Document,
) -> Document:
    """A memory that begins, with the fields of its vectors (`embedded`).

    `origin` is its provenance, `tags` are those of its turn.
    """
    when = candidate.when
    return {
        "_id": memory_id,
        **vectors,
        "kind": str(Kind.MEMORY),
        "domain": candidate.domain,
        "content": candidate.content,
        "slot": asdict(candidate.slot) if candidate.slot else None,
        "keys": stored_keys(candidate),
        "event_date": when.first.isoformat() if when else None,
        "when": _when(candidate),
        "code": asdict(candidate.code) if candidate.code else None,
        "confidence": candidate.confidence,
        "provenance": {**origin, "model": candidate.model, **_confirmed(candidate)},
        "support": [support(origin, said_at)],
        **tags,
        **_beginning(said_at),
    }


def turn(
    turn_id: str, said: Turn, vectors: Document, origin: Document, said_at: datetime
) -> Document:
    """A turn as it was said, with the fields of its vectors (`embedded`)."""
    return {
        "_id": turn_id,
        **vectors,
        "kind": str(Kind.TURN),
        "domain": SUMMARY.name,
        "content": said.user_query,
        "response": said.agent_response,
        "image_url": said.image_url,
        "session_id": said.session_id,
        "source_id": said.source_id,
        "speaker": said.speaker,
        "keys": [],
        "slot": None,
        "event_date": None,
        "confidence": 1.0,
        "provenance": {**origin, "model": "verbatim"},
        "support": [],
        **tags_of(said.model_dump()),
        **_beginning(said_at),
    }


def support(origin: Document, said_at: datetime) -> Document:
    """A turn that says what a memory holds."""
    named = {name: origin[name] for name in ("job_id", "position", "turn_id", "source_id")}
    return {**named, "at": said_at}


def ended(document: Document) -> Document:
    """The fields that follow from a document's invalidations: the earliest of them ends it."""
    first = min(document["invalidations"], key=lambda each: each["at"], default=None)
    return {
        "valid_to": first["at"] if first else None,
        "superseded_by": first["by"] if first else None,
    }


def invalidations_of(invalidations: Sequence[Invalidation], memory_id: str) -> list[Document]:
    """What ends a memory, as it is kept in it."""
    mine = [each for each in invalidations if each.memory_id == memory_id]
    return [{"by": each.by, "job_id": each.job_id, "at": each.at} for each in mine]


def owned(scope: MemoryScope) -> Document:
    """The filter and the fields that say whose a document is."""
    return {"owner": scope.owner, "user_id": scope.user_id}


def judged(document: Document) -> Memory:
    """A stored memory or turn as the judge sees it; a turn with what the agent answered."""
    return Memory(
        id=document["_id"],
        domain=document["domain"],
        content="\n".join(filter(None, (document["content"], document.get("response")))),
        slot=Slot(**document["slot"]) if document["slot"] else None,
        keys=tuple(document["keys"]),
        job_id=document["provenance"]["job_id"],
        valid_from=document["valid_from"],
        valid_to=document["valid_to"],
        day=date.fromisoformat(document["event_date"]) if document.get("event_date") else None,
    )


def report(stored: Any) -> Report:
    """A report out of the ledger."""
    return _REPORT.validate_python({**stored, "repeated": True})


def reported(done: Report) -> Any:
    """A report for the ledger."""
    return _REPORT.dump_python(done, mode="json")


def to_millisecond(moment: datetime) -> datetime:
    """As MongoDB keeps it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _beginning(said_at: datetime) -> Document:
    return {
        "said_at": said_at, "valid_from": said_at, "valid_to": None, "superseded_by": None,
        "supersedes": None, "invalidations": [],
    }  # fmt: skip


def _confirmed(candidate: Candidate) -> Document:
    return {"confirms": asdict(candidate.confirms)} if candidate.confirms else {}


def _when(candidate: Candidate) -> Document | None:
    when = candidate.when
    if when is None:
        return None
    return {**asdict(when), "first": when.first.isoformat(), "last": when.last.isoformat()}
