"""Operations become the writes of one turn: deterministic ids, provenance, validity and vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keepsake.inference import Vector
from keepsake.memory.domains.registry import SUMMARY
from keepsake.memory.models import Action, Invalidation, Kind, Operation
from keepsake.memory.storing import documents
from keepsake.memory.tags import tags_of
from keepsake.memory.turn import Turn
from keepsake.storage import Document

_CHARS = 800
_OVERLAP_CHARS = 60
_MOST = 32


def passages(turn: Turn) -> list[str]:
    """What is embedded of a turn: the question and the answer, or all passages of both.

    The model reads 256 tokens. What a turn says beyond that is found by its words; with effort
    `high` the whole of it is embedded, a passage at a time.
    """
    parts = [turn.user_query, turn.agent_response]
    if turn.effort_level == "high":
        return [chunk for part in parts for chunk in chunks(part)][:_MOST]
    return [part[: 2 * _CHARS] for part in parts if part]


def chunks(text: str) -> list[str]:
    """Pieces of up to 800 characters, cut after a sentence where there is one.

    All but the first begin with the last 60 characters of what went before.
    """
    pieces: list[str] = []
    rest, before = text.strip(), ""
    while rest:
        cut = _cut(rest)
        pieces.append(before + rest[:cut].strip())
        before = rest[:cut][-_OVERLAP_CHARS:] + " "
        rest = rest[cut:].strip()
    return pieces


def _cut(text: str) -> int:
    """Where the first piece ends: after the last sentence end in its latter two thirds."""
    if len(text) <= _CHARS:
        return len(text)
    end = text.rfind(". ", _CHARS // 3, _CHARS)
    return end + 1 if end >= 0 else _CHARS


@dataclass(frozen=True, slots=True)
class TurnOrigin:
    """Where the memories of a turn come from. Ids depend on job, position and order only.

    anew: the same words were said before, without an id and a time; they are said once more.
    by_hand: nobody said it; the turn stands only for what it belongs to, and is not stored.
    """

    job_id: str
    position: int
    turn: Turn
    said_at: datetime
    anew: bool = False
    by_hand: bool = False

    @property
    def identity(self) -> str:
        """What makes the turn the same one, for the index of turns."""
        return f"{self.turn.identity}/{self.turn_id}" if self.anew else self.turn.identity

    @property
    def turn_id(self) -> str:
        """The id of the turn's own document; empty where there is none."""
        return "" if self.by_hand else f"turn_{self.job_id}_{self.position}"

    @property
    def prefix(self) -> str:
        """What the ids of the turn's memories begin with."""
        return f"mem_{self.job_id}_{self.position}"

    def provenance(self) -> Document:
        """As it is stored with each memory."""
        return {
            "job_id": self.job_id, "position": self.position, "turn_id": self.turn_id,
            "source_id": self.turn.source_id,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class TurnWrites:
    """The writes of one turn: documents that begin, memories that end or are said again.

    expires_at: until when they are kept that begin; those said again are kept at least so long.
    """

    begun: list[Document]
    ended: dict[str, list[Document]]
    supported: dict[str, Document]
    expires_at: datetime | None = None

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.begun or self.ended or self.supported)


def texts(turn: Turn, operations: Sequence[Operation]) -> list[str]:
    """What is to be embedded, in the order that `weave` takes the vectors."""
    return [text for operation in _beginning(operations) for text in _passages(turn, operation)]


def stored_texts(kind: str, content: str, response: str, count: int) -> list[str]:
    """What is embedded of a document that is there; of a turn as many passages as it has vectors.

    count: how many that is; 0 where it is not known.
    """
    if kind == Kind.MEMORY:
        return [content]
    turn = Turn(user_query=content, agent_response=response)
    short = passages(turn)
    if count in {0, len(short)}:
        return short
    return passages(turn.model_copy(update={"effort_level": "high"}))


def weave(
    origin: TurnOrigin, operations: Sequence[Operation], vectors: Vector, model: str
) -> TurnWrites:
    """Plan the writes of a turn. model: whose the vectors are."""
    invalidations = [
        invalidation for operation in operations for invalidation in operation.invalidations
    ]
    begun, taken = [], 0
    for operation in _beginning(operations):
        count = len(_passages(origin.turn, operation))
        mine = documents.embedded(vectors[taken : taken + count], model)
        begun.append(_begun(origin, operation, invalidations, mine))
        taken += count
    new = {document["_id"] for document in begun}
    ended = {
        memory_id: documents.invalidations_of(invalidations, memory_id)
        for memory_id in sorted({invalidation.memory_id for invalidation in invalidations} - new)
    }
    supported = _supported(origin, operations, new)
    return TurnWrites(begun, ended, supported, origin.turn.expires_at)


def _begun(
    origin: TurnOrigin,
    operation: Operation,
    invalidations: Sequence[Invalidation],
    vectors: Document,
) -> Document:
    came, said_at = origin.provenance(), origin.said_at
    if operation.candidate.domain == SUMMARY.name:
        said = documents.turn(origin.turn_id, origin.turn, vectors, came, said_at)
        return {**said, "identity": origin.identity}
    tags = tags_of(origin.turn.model_dump())
    document = documents.memory(operation.id, operation.candidate, vectors, came, said_at, tags)
    document["supersedes"] = operation.target
    document["invalidations"] = documents.invalidations_of(invalidations, operation.id)
    return {**document, **documents.ended(document)}


def _supported(
    origin: TurnOrigin, operations: Sequence[Operation], new: set[str]
) -> dict[str, Document]:
    """Memories that this turn says again, unless it was the one that said them."""
    repeated = {each.target for each in operations if each.action is Action.NOOP and each.target}
    support = documents.support(origin.provenance(), origin.said_at)
    return dict.fromkeys(sorted(repeated - new), support)


def _beginning(operations: Sequence[Operation]) -> list[Operation]:
    return [operation for operation in operations if operation.begins]


def _passages(turn: Turn, operation: Operation) -> list[str]:
    if operation.candidate.domain == SUMMARY.name:
        return passages(turn)
    return [operation.candidate.content]
