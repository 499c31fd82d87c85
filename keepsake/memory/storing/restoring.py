"""An export comes back: its lines become the documents that they were, ids and history included.

What follows from others is made anew: vectors from the texts, keys from the facts. Whose they are
is never said by a line.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.inference import Embedder
from keepsake.memory.domains.registry import DomainName
from keepsake.memory.keys import stored_keys
from keepsake.memory.models import Candidate, Code, Kind, MemoryScope, Slot, When
from keepsake.memory.storing.documents import (
    INDEXES,
    MEMORIES,
    USERS,
    embedded,
    owned,
)
from keepsake.memory.storing.usage import growth, sizes
from keepsake.memory.storing.weave import stored_texts
from keepsake.memory.tags import Metadata
from keepsake.storage import Document, Fence, Preparation, storable, translated

_TOGETHER = 32
_NAMED = re.compile(r"(?:turn|mem)_[\w-]+")
MemoryId = Annotated[str, Field(pattern=r"^(?:turn|mem)_[\w-]+$", max_length=185)]
Text = Annotated[str, Field(max_length=10_000)]
Short = Annotated[str, Field(max_length=512)]
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]


def _in_utc(moment: datetime) -> datetime:
    return storable(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


Time = Annotated[datetime, AfterValidator(_in_utc)]


class _ExportPart(BaseModel):
    """A part of a line; what is not known of it is left out."""

    model_config = ConfigDict(hide_input_in_errors=True)


class ExportedOrigin(_ExportPart):
    """Where a memory comes from, or a turn that says it."""

    job_id: Short
    position: Number = 0
    turn_id: Short = ""
    source_id: Short = ""
    model: Short | None = None
    confirms: dict[str, Short] | None = Field(default=None, max_length=4)
    at: Time | None = None


class ExportedEnd(_ExportPart):
    """What ended a memory."""

    by: Short | None
    job_id: Short
    at: Time


class ExportedRecord(_ExportPart):
    """A line of an export: a turn or a memory."""

    id: MemoryId
    user_id: Short = ""
    kind: Kind
    domain: DomainName
    content: Text
    response: Text | None = None
    image_url: str = Field(default="", max_length=50_000)
    source_id: Short = ""
    identity: Short = ""
    speaker: str = Field(default="", max_length=64)
    agent_id: Short = ""
    run_id: Short = ""
    session_id: Short = ""
    metadata: Metadata = {}
    expires_at: Time | None = None
    slot: Slot | None = None
    when: When | None = None
    code: Code | None = None
    event_date: date | None = None
    confidence: float = Field(default=1.0, ge=0, le=1)
    provenance: ExportedOrigin
    support: list[ExportedOrigin] = Field(default=[], max_length=10_000)
    invalidations: list[ExportedEnd] = Field(default=[], max_length=10_000)
    supersedes: Short | None = None
    superseded_by: Short | None = None
    created_at: Time
    said_at: Time
    valid_from: Time
    valid_to: Time | None = None
    rev: Number | None = None
    order: Number | None = None
    passages: Annotated[int, Field(ge=0, le=64)] = 0

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, line: Any) -> Any:
        """Clients write null for what a record does not have."""
        return {name: value for name, value in line.items() if value is not None} if isinstance(
            line, dict) else line  # fmt: skip


_RECORD = TypeAdapter(ExportedRecord)


def exported(line: str) -> ExportedRecord | str:
    """A line as a record, or why it is none."""
    try:
        return _RECORD.validate_json(line)
    except ValidationError as error:
        places = sorted({".".join(map(str, fault["loc"])) for fault in error.errors()})[:5]
        return f"the line does not fit: {', '.join(places) or 'it is no JSON object'}"


class Restoring:
    """Writes what was exported."""

    def __init__(self, database: Database[Document], embedder: Embedder) -> None:
        self._database = database
        self._memories = database[MEMORIES]
        self._users = database[USERS]
        self._embedder = embedder
        self._prepare = Preparation(database, INDEXES).once

    def restore(
        self, scope: MemoryScope, records: Sequence[tuple[int, ExportedRecord]], fence: Fence
    ) -> Iterator[tuple[int, str]]:
        """Write records, each with its place in the export; how each went follows.

        `skipped` is what is there: restored before, or a turn that was said here as well.

        Raises:
            StorageUnavailable: MongoDB does not answer; asking again finishes it.
        """
        self._prepare()
        for start in range(0, len(records), _TOGETHER):
            some = records[start : start + _TOGETHER]
            there = self._write(scope, self._documents(scope, some), fence)
            for position, record in some:
                placed = _placer(scope, record)(record.id)
                yield position, "skipped" if placed in there else "succeeded"

    def _documents(
        self, scope: MemoryScope, records: Sequence[tuple[int, ExportedRecord]]
    ) -> list[Document]:
        texts = [_texts(record) for _, record in records]
        vectors = self._embedder.embed([text for some in texts for text in some])
        written, taken = [], 0
        for (position, record), some in zip(records, texts, strict=True):
            mine = embedded(vectors[taken : taken + len(some)], self._embedder.model.name)
            written.append(_document(scope, record, position, mine))
            taken += len(some)
        return written

    def _write(self, scope: MemoryScope, written: Sequence[Document], fence: Fence) -> set[str]:
        """Write what is not there; the ids of what is are returned."""
        ids = [document["_id"] for document in written]
        identities = [document["identity"] for document in written if "identity" in document]

        def together(session: ClientSession) -> set[str]:
            fence.assert_owned(session)
            said = {**owned(scope), "kind": str(Kind.TURN), "identity": {"$in": identities}}
            either = {"$or": [{"_id": {"$in": ids}}, said]}
            known = list(self._memories.find(either, {"identity": 1}, session=session))
            there = {each["_id"] for each in known}
            turns = {each.get("identity") for each in known} - {None}
            new = [each for each in written
                   if each["_id"] not in there and each.get("identity") not in turns]  # fmt: skip
            if new:
                self._memories.insert_many(new, session=session)
                self._advance(scope, new, session)
            return set(ids) - {each["_id"] for each in new}

        with translated("restoring"), self._database.client.start_session() as session:
            return session.with_transaction(together)

    def _advance(self, scope: MemoryScope, new: Sequence[Document], session: ClientSession) -> None:
        """Let searches read all anew, and whoever judged meanwhile judge again."""
        revision = max(each["rev"] for each in new)
        expiry = min((each["expires_at"] for each in new if "expires_at" in each), default=None)
        later = {"$add": [{"$max": [{"$ifNull": ["$revision", 0]}, revision]}, 1]}
        epoch = {"$add": [{"$ifNull": ["$epoch", 0]}, 1]}
        change = [{"$set": {"revision": later, "epoch": epoch, "written_at": "$$NOW",
                            **growth(sizes(new), expiry)}}]  # fmt: skip
        self._users.update_one(owned(scope), change, upsert=True, session=session)


def _texts(record: ExportedRecord) -> list[str]:
    return stored_texts(record.kind, record.content, record.response or "", record.passages)


def _placer(scope: MemoryScope, record: ExportedRecord) -> Callable[[str], str]:
    """How ids are written: as they are, or of their own where they come to another user."""
    if record.user_id in {"", scope.user_id}:
        return lambda name: name
    mark = hashlib.sha256(f"{scope.owner}\0{scope.user_id}".encode()).hexdigest()[:12]
    return lambda name: f"{name}-{mark}" if _NAMED.fullmatch(name) else name


def _document(
    scope: MemoryScope, record: ExportedRecord, position: int, vectors: Document
) -> Document:
    """The document of a record."""
    placed = _placer(scope, record)
    kept = record.model_dump(exclude_unset=True, exclude={
        "id", "user_id", "kind", "domain", "passages", "when", "event_date", "identity", "rev",
        "order", "expires_at"})  # fmt: skip
    for origin in (kept["provenance"], *kept.get("support", ())):
        origin["turn_id"] = placed(origin.get("turn_id", ""))
    for name in ("supersedes", "superseded_by"):
        kept[name] = placed(kept[name]) if kept.get(name) else None
    ends = [{**end, "by": placed(end["by"]) if end["by"] else None}
            for end in kept.get("invalidations", ())]  # fmt: skip
    document = {
        "support": [],
        "slot": None,
        "valid_to": None,
        "confidence": 1.0,
        **kept,
        "_id": placed(record.id),
        **owned(scope),
        **vectors,
        "kind": str(record.kind),
        "domain": record.domain,
        "event_date": record.event_date.isoformat() if record.event_date else None,
        "invalidations": ends,
        "keys": [],
        "rev": record.rev if record.rev is not None else position + 1,
        "order": record.order if record.order is not None else position + 1,
        **({"expires_at": record.expires_at} if record.expires_at else {}),
    }
    if record.kind is Kind.TURN:
        return document | {"identity": _identity(record, placed)}
    when = record.when and _as_written(record.when)
    return document | {"keys": _keys(record), "when": when, "code": kept.get("code")}


def _identity(record: ExportedRecord, placed: Callable[[str], str]) -> str:
    """What makes a turn the same one; exports of versions before do not say it."""
    if not record.identity:
        return f"source:{record.source_id}" if record.source_id else f"restored:{record.id}"
    said, slash, turn_id = record.identity.rpartition("/")
    return f"{said}/{placed(turn_id)}" if slash and turn_id == record.id else record.identity


def _keys(record: ExportedRecord) -> list[str]:
    candidate = Candidate(
        record.domain, record.content, record.slot, when=record.when, code=record.code
    )
    return stored_keys(candidate)


def _as_written(when: When) -> Document:
    parts: dict[str, Any] = {name: getattr(when, name)
                             for name in ("grain", "words", "time", "ambiguous")}  # fmt: skip
    return {**parts, "first": when.first.isoformat(), "last": when.last.isoformat()}
