"""Operations become documents: deterministic ids, provenance and validity."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
from bson import Binary
from numpy.typing import NDArray

from memory.models import MODEL, Action, Operation, Scope
from storage.mongo import Document


@dataclass(frozen=True, slots=True)
class Woven:
    """The writes of one turn: memories that begin, and those that end (id → the successor)."""

    begun: list[Document]
    ended: dict[str, str | None]


def weave(
    scope: Scope,
    job_id: str,
    position: int,
    operations: Sequence[Operation],
    vectors: NDArray[np.float32],
    said_at: datetime,
) -> Woven:
    """Plan the writes. Ids depend on job, position and order only, so that a repeat is the same."""
    begun: list[Document] = []
    ended: dict[str, str | None] = {}
    for number, operation in enumerate(operations):
        if operation.action is Action.DELETE and operation.target:
            ended[operation.target] = None
        if operation.action not in {Action.ADD, Action.UPDATE}:
            continue
        memory_id = f"mem_{job_id}_{position}_{number}"
        if operation.target:
            ended[operation.target] = memory_id
        vector = Binary(vectors[len(begun)].astype(np.float32).tobytes())
        begun.append(
            {
                "_id": memory_id,
                "owner": scope.owner,
                "user_id": scope.user_id,
                "domain": str(operation.candidate.domain),
                "content": operation.candidate.content,
                "slot": asdict(operation.candidate.slot) if operation.candidate.slot else None,
                "event_date": operation.candidate.event_date,
                "said_at": said_at,
                "vector": vector,
                "provenance": {"job_id": job_id, "position": position, "model": MODEL},
                "supersedes": operation.target,
                "valid_to": None,
            }
        )
    return Woven(begun, ended)
