"""Operations become documents: deterministic ids, provenance and validity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keepsake.inference.embedding import Vector
from keepsake.memory.models import Action, Closing, Domain, Operation, Turn
from keepsake.memory.storing import documents
from keepsake.memory.storing.passages import passages
from keepsake.storage.mongo import Document


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the memories of a turn come from. Ids depend on job, position and order only."""

    job_id: str
    position: int
    turn: Turn
    said_at: datetime

    @property
    def turn_id(self) -> str:
        """The id of the turn's own document."""
        return f"turn_{self.job_id}_{self.position}"

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
class Woven:
    """The writes of one turn: documents that begin, memories that end or are said again."""

    begun: list[Document]
    ended: dict[str, list[Document]]
    supported: dict[str, Document]

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.begun or self.ended or self.supported)


def texts(turn: Turn, operations: Sequence[Operation]) -> list[str]:
    """What is to be embedded, in the order that `weave` takes the vectors."""
    return [text for operation in _beginning(operations) for text in _passages(turn, operation)]


def weave(origin: Origin, operations: Sequence[Operation], vectors: Vector) -> Woven:
    """Plan the writes of a turn."""
    invalidations = [closing for operation in operations for closing in operation.invalidations]
    begun, taken = [], 0
    for operation in _beginning(operations):
        count = len(_passages(origin.turn, operation))
        begun.append(_begun(origin, operation, invalidations, vectors[taken : taken + count]))
        taken += count
    new = {document["_id"] for document in begun}
    ended = {
        memory_id: documents.closings_of(invalidations, memory_id)
        for memory_id in sorted({closing.memory_id for closing in invalidations} - new)
    }
    return Woven(begun, ended, _supported(origin, operations, new))


def _begun(
    origin: Origin, operation: Operation, invalidations: Sequence[Closing], vectors: Vector
) -> Document:
    came, said_at = origin.provenance(), origin.said_at
    if operation.candidate.domain is Domain.SUMMARY:
        return documents.turn(origin.turn_id, origin.turn, vectors, came, said_at)
    document = documents.memory(operation.id, operation.candidate, vectors, came, said_at)
    document["supersedes"] = operation.target
    document["invalidations"] = documents.closings_of(invalidations, operation.id)
    return {**document, **documents.ended(document)}


def _supported(
    origin: Origin, operations: Sequence[Operation], new: set[str]
) -> dict[str, Document]:
    """Memories that this turn says again, unless it was the one that said them."""
    repeated = {one.target for one in operations if one.action is Action.NOOP and one.target}
    support = documents.support(origin.provenance(), origin.said_at)
    return dict.fromkeys(sorted(repeated - new), support)


def _beginning(operations: Sequence[Operation]) -> list[Operation]:
    return [operation for operation in operations if operation.begins]


def _passages(turn: Turn, operation: Operation) -> list[str]:
    if operation.candidate.domain is Domain.SUMMARY:
        return passages(turn)
    return [operation.candidate.content]
