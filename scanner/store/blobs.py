"""What is parsed, by content: a blob of a repository is parsed once, whatever shows it."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from scanner.indexes import BLOBS, SOURCES, SUMMARIES, VECTORS
from scanner.models import digest
from scanner.parse.languages import PARSER_VERSION
from scanner.store.writing import fenced
from storage.errors import translated
from storage.fence import Fence
from storage.mongo import Document

_COUNTS = {"skip": 1, "failed": 1, "symbol_count": 1, "reference_count": 1}


def blob_key(repository: str, blob: str, language: str) -> str:
    """The id of a parsed blob; another parser version makes another."""
    return digest("blob", repository, blob, language, PARSER_VERSION)


def packed(source: bytes, record: Mapping[str, Any]) -> bytes | None:
    """The text of a blob in UTF-8, compressed; None when it is none that is shown."""
    if record.get("skip") or record.get("failed"):
        return None
    encoding = record["encoding"]
    text = source if encoding == "utf-8" else source.decode(encoding, "replace").encode()
    return zlib.compress(text, 1)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A blob's record and its text, compressed."""

    owner: str
    repository: str
    key: str
    blob: str
    language: str
    record: Mapping[str, Any]
    packed: bytes | None

    def counted(self) -> Document:
        """What it holds, for tallies."""
        return {
            "skip": self.record.get("skip"),
            "failed": self.record.get("failed"),
            "symbol_count": len(self.record.get("symbols", ())),
            "reference_count": sum(len(call["at"]) for call in self.record.get("calls", ())),
        }

    def document(self) -> Document:
        """What is stored and searched."""
        names = {symbol["name"].lower() for symbol in self.record.get("symbols", ())}
        return {
            "_id": self.key,
            "owner": self.owner,
            "repository": self.repository,
            "blob": self.blob,
            "language": self.language,
            **{name: value for name, value in self.counted().items() if name != "failed"},
            **self.record,
            "names": sorted(names),
        }

    def source_document(self) -> Document:
        """The text, for showing it without a mirror."""
        return {"_id": self.key, "repository": self.repository, "zlib": self.packed}


class Blobs:
    """Blobs are reached by keys, which are made from the repository and so from its owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._blobs = database[BLOBS]
        self._sources = database[SOURCES]

    def counts(self, keys: Sequence[str]) -> dict[str, Document]:
        """Which keys are parsed, with what they count."""
        with translated("reading blobs"):
            return {d["_id"]: d for d in self._blobs.find({"_id": {"$in": list(keys)}}, _COUNTS)}

    def failed(self, repository: str) -> list[str]:
        """The keys that the parser failed on."""
        with translated("reading blobs"):
            found = self._blobs.find(
                {"repository": repository, "failed": {"$exists": True}}, {"_id": 1}
            )
            return [document["_id"] for document in found]

    def save(self, parsed: Sequence[Parsed], fence: Fence) -> None:
        """Write records and sources; equal ones replace each other."""
        if not parsed:
            return

        def write(session: ClientSession) -> None:
            documents = [one.document() for one in parsed]
            sources = [one.source_document() for one in parsed if one.packed is not None]
            for collection, written in ((self._blobs, documents), (self._sources, sources)):
                if written:
                    collection.bulk_write(
                        [ReplaceOne({"_id": d["_id"]}, d, upsert=True) for d in written],
                        ordered=False,
                        session=session,
                    )

        fenced(self._database, fence, "writing blobs", write)

    def read(self, keys: Sequence[str], fields: Any = None) -> Iterator[Document]:
        """Parsed blobs, in any order."""
        with translated("reading blobs"):
            yield from self._blobs.find({"_id": {"$in": list(keys)}}, fields)

    def find(self, repository: str, which: Document, fields: Any, limit: int) -> list[Document]:
        """Parsed blobs of a repository that hold something."""
        with translated("searching blobs"):
            return list(self._blobs.find({"repository": repository, **which}, fields).limit(limit))

    def source(self, key: str) -> str | None:
        """The text of a blob."""
        with translated("reading a source"):
            found = self._sources.find_one({"_id": key})
        return zlib.decompress(found["zlib"]).decode("utf-8", "replace") if found else None

    def forget(self, keys: Sequence[str], fence: Fence) -> None:
        """Delete blobs with all that was made from them."""
        if not keys:
            return

        def write(session: ClientSession) -> None:
            for name, field in (
                (BLOBS, "_id"),
                (SOURCES, "_id"),
                (VECTORS, "key"),
                (SUMMARIES, "key"),
            ):
                self._database[name].delete_many({field: {"$in": list(keys)}}, session=session)

        fenced(self._database, fence, "deleting blobs", write)
