"""Finding memories: words and meaning together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memory.embedding import Embedder, Vector
from memory.lexical import bm25
from memory.models import Domain, Scope
from memory.repository import Repository


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that was found; the score is comparable within one answer only, best first."""

    domain: Domain
    content: str
    score: float
    metadata: dict[str, Any]


class Search:
    """Sums the standardised scores of BM25 and of the embedding's cosine."""

    def __init__(self, repository: Repository, embedder: Embedder) -> None:
        self._repository = repository
        self._embedder = embedder

    def search(
        self, scope: Scope, query: str, *, domains: Sequence[Domain], top_k: int
    ) -> list[Hit]:
        """The best memories for a query, best first.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        found = self._repository.vectors(scope, domains)
        if not found:
            return []
        matrix = np.frombuffer(b"".join(doc["vector"] for doc in found), dtype=np.float32)
        meaning = matrix.reshape(len(found), -1) @ self._embedder.embed([query])[0]
        words = bm25(query, [doc["content"] for doc in found])
        scores = 0.5 * _standard(meaning) + 0.5 * _standard(words)
        best = np.argsort(-scores, kind="stable")[:top_k]
        return [_hit(found[index], float(scores[index]), float(meaning[index])) for index in best]


def _standard(scores: Vector) -> Vector:
    """Scores in standard deviations from their mean."""
    spread = float(scores.std())
    standard: Vector = (scores - scores.mean()) / spread if spread else np.zeros_like(scores)
    return standard


def _hit(document: dict[str, Any], score: float, cosine: float) -> Hit:
    metadata = {
        "memory_id": document["_id"],
        "job_id": document["provenance"]["job_id"],
        "created_at": document["created_at"].isoformat(),
        "event_date": document["event_date"],
        "cosine": round(cosine, 4),
    }
    return Hit(Domain(document["domain"]), document["content"], round(score, 4), metadata)
