"""Vectors and summaries of symbols, stored by blob."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from bson.binary import Binary
from numpy.typing import NDArray
from pymongo import ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.scanner.models import digest
from keepsake.scanner.store import SUMMARIES, VECTORS, fenced
from keepsake.storage import Document, Fence, translated

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class VectorPart:
    """The vectors of some consecutive symbols of a blob."""

    key: str
    part: int
    hashes: Sequence[str]
    """Of each symbol's text: equal text has an equal vector."""
    vectors: Vectors
    last: bool


class VectorStore:
    """Vectors of one model in one repository."""

    def __init__(self, database: Database[Document], repository: str, model: str) -> None:
        self._database = database
        self._vectors = database[VECTORS]
        self._which = {"repository": repository, "model": model}

    def complete(self) -> set[str]:
        """The keys whose vectors are all there."""
        with translated("reading vectors"):
            parts = self._vectors.find({**self._which, "last": True}, {"key": 1})
            return {document["key"] for document in parts}

    def parts(self, key: str) -> int:
        """How many parts of a key are there."""
        with translated("reading vectors"):
            return self._vectors.count_documents({**self._which, "key": key})

    def count(self) -> int:
        """How many parts there are."""
        with translated("reading vectors"):
            return self._vectors.count_documents(self._which)

    def known(self, key: str) -> Mapping[str, Vectors]:
        """The vectors of a key by the hash of their text."""
        return {
            text_hash: vector
            for document in self.read([key])
            for text_hash, vector in zip(document["hashes"], as_array(document), strict=True)
        }

    def read(self, keys: Sequence[str]) -> Iterator[Document]:
        """The parts of some keys, by key and part."""
        with translated("reading vectors"):
            parts = self._vectors.find({**self._which, "key": {"$in": list(keys)}})
            yield from parts.sort([("key", 1), ("part", 1)])

    def save(self, parts: Sequence[VectorPart], fence: Fence) -> None:
        """Write parts; equal ones replace each other."""

        def write(session: ClientSession) -> None:
            documents = [self._document(part) for part in parts]
            self._vectors.bulk_write(
                [
                    ReplaceOne({"_id": document["_id"]}, document, upsert=True)
                    for document in documents
                ],
                session=session,
            )

        fenced(self._database, fence, "writing vectors", write)

    def _document(self, part: VectorPart) -> Document:
        model = self._which["model"]
        return {
            "_id": digest("vectors", part.key, model, str(part.part)),
            **self._which,
            "key": part.key,
            "part": part.part,
            "last": part.last,
            "hashes": list(part.hashes),
            "dimensions": int(part.vectors.shape[1]) if len(part.vectors) else 0,
            "vectors": Binary(np.ascontiguousarray(part.vectors, dtype="<f4").tobytes()),
        }


class SummaryStore:
    """Summaries by one model of the symbols of one repository."""

    def __init__(self, database: Database[Document], repository: str, model: str) -> None:
        self._database = database
        self._summaries = database[SUMMARIES]
        self._which = {"repository": repository, "model": model}

    def complete(self) -> set[str]:
        """The keys that are summarised."""
        which = {**self._which, "partial": {"$ne": True}}
        with translated("reading summaries"):
            return {document["key"] for document in self._summaries.find(which, {"key": 1})}

    def summaries(self, key: str) -> list[Document]:
        """The summaries of a blob that are there, be they all or some."""
        with translated("reading summaries"):
            document = self._summaries.find_one({"_id": self._id(key)})
        return list(document["summaries"]) if document else []

    def save(
        self, key: str, summaries: Sequence[Document], fence: Fence, *, partial: bool = False
    ) -> None:
        """Write a blob's summaries: `line` and `qualified` name the symbol of each `text`.

        partial: more will follow.
        """
        which = {"_id": self._id(key)}
        document = {**which, **self._which, "key": key, "summaries": list(summaries)}

        def write(session: ClientSession) -> None:
            more = {"partial": True} if partial else {}
            self._summaries.replace_one(which, document | more, upsert=True, session=session)

        fenced(self._database, fence, "writing summaries", write)

    def _id(self, key: str) -> str:
        return digest("summaries", key, self._which["model"])


def summaries_of(
    database: Database[Document], repository: str, keys: Sequence[str]
) -> dict[tuple[str, int, str], str]:
    """What was written about the symbols of blobs, by blob, line and qualified name."""
    which = {"repository": repository, "key": {"$in": list(keys)}}
    with translated("reading summaries"):
        return {
            (document["key"], summary["line"], summary["qualified"]): summary["text"]
            for document in database[SUMMARIES].find(which)
            for summary in document["summaries"]
        }


def as_array(document: Document) -> Vectors:
    """The vectors of a part, a row per symbol."""
    flat = np.frombuffer(document["vectors"], dtype="<f4")
    rows: Vectors = flat.reshape(len(document["hashes"]), -1) if len(flat) else np.zeros(
        (0, 0), dtype=np.float32)  # fmt: skip
    return rows
