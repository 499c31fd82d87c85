"""Nearness by MongoDB Atlas: `$vectorSearch` over the memories' `vector`."""

from dataclasses import dataclass
from statistics import fmean
from typing import Protocol

from pymongo.database import Database
from pymongo.errors import OperationFailure

from keepsake.inference import Vector
from keepsake.memory.errors import NoVectorSearch
from keepsake.memory.models import MemoryScope
from keepsake.memory.storing.documents import MEMORIES, owned
from keepsake.storage import Document, translated

_MOST, _CANDIDATES = 500, 5_000
_NOBODY = MemoryScope("", "")


@dataclass(frozen=True, slots=True)
class NearestDocuments:
    """The cosines of documents, by id, and what is to be taken for the others."""

    cosines: dict[str, float]
    others: float


class Nearness(Protocol):
    """A server that compares vectors."""

    def nearest(self, scope: MemoryScope, vector: Vector) -> NearestDocuments:
        """How near a user's nearest documents are."""


class Atlas:
    """One search index. Atlas takes documents in a little later than they are written."""

    def __init__(self, database: Database[Document], index: str) -> None:
        self._memories = database[MEMORIES]
        self._index = index

    def require(self, dimensions: int) -> None:
        """Make sure that the server knows the stage.

        Raises:
            NoVectorSearch: It does not.
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("looking for $vectorSearch"):
            try:
                list(self._memories.aggregate(self._pipeline(_NOBODY, [1.0] * dimensions)))
            except OperationFailure as error:
                raise NoVectorSearch(
                    "KEEPSAKE_VECTOR_SEARCH is `atlas`, but this MongoDB refuses $vectorSearch "
                    f"(code {error.code}): use MongoDB Atlas, or set it to `local`"
                ) from error

    def nearest(self, scope: MemoryScope, vector: Vector) -> NearestDocuments:
        """How near a user's nearest documents are.

        The others are farther than all of these; or, where fewer came back than were asked for,
        they are not indexed yet, and may be as near as any.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        with translated("searching vectors"):
            answers = self._memories.aggregate(self._pipeline(scope, vector.tolist()))
            cosines = {answer["_id"]: 2 * answer["score"] - 1 for answer in answers}
        values = list(cosines.values()) or [0.0]
        return NearestDocuments(cosines, min(values) if len(values) == _MOST else fmean(values))

    def _pipeline(self, scope: MemoryScope, vector: list[float]) -> list[Document]:
        """Atlas' score of a cosine is (1 + cosine) / 2."""
        stage = {
            "index": self._index, "path": "vector", "queryVector": vector, "limit": _MOST,
            "numCandidates": _CANDIDATES, "filter": owned(scope),
        }  # fmt: skip
        return [{"$vectorSearch": stage}, {"$project": {"score": {"$meta": "vectorSearchScore"}}}]
