"""What is parsed, by content: a blob of a repository is parsed once, whatever shows it."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database

from keepsake.scanner.models import digest
from keepsake.scanner.parse.frames import Packed
from keepsake.scanner.parse.languages import PARSER_VERSION
from keepsake.scanner.store import BLOBS, FILES, SOURCES, SUMMARIES, VECTORS, fenced
from keepsake.scanner.trigrams import Trigrams, packed, trigrams, unpacked
from keepsake.storage import Document, Fence, translated

_COUNTS = {
    "skip": 1, "failed": 1, "language": 1, "read_as": 1, "symbol_count": 1,
    "embedded_count": 1, "reference_count": 1, "partial": 1,
}  # fmt: skip


def blob_key(
    repository: str, blob: str, language: str, component: str = "", *, handwritten: bool = False
) -> str:
    """The id of a blob parsed as the language of its name; another parser version makes another."""
    named = (language, component, "handwritten" if handwritten else "")
    return digest("blob", repository, blob, *named, PARSER_VERSION)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Whose blob it is, and what is in it."""

    owner: str
    repository: str
    key: str
    blob: str
    packed: Packed

    def document(self) -> RawBSONDocument:
        """What is stored and searched; the parser has encoded the most of it."""
        begin = {
            "_id": self.key,
            "owner": self.owner,
            "repository": self.repository,
            "blob": self.blob,
        }
        return RawBSONDocument(_joined(bson.encode(begin), self.packed.fields))

    def source_document(self) -> Document:
        """The text, for showing it without a mirror, and what finds it without reading it."""
        return {"_id": self.key, "repository": self.repository, "zlib": self.packed.text,
                "trigrams": _found_by(self.packed.text)}  # fmt: skip


def with_trigrams(source: Document) -> Document:
    """What gives a source that has none its set of trigrams.

    Raises:
        ValueError: Its text is damaged.
    """
    try:
        return {"$set": {"trigrams": _found_by(source["zlib"])}}
    except zlib.error as error:
        raise ValueError("a text that cannot be unpacked") from error


def _found_by(text: bytes) -> bytes:
    return packed(trigrams(zlib.decompress(text)))


def _joined(begin: bytes, rest: bytes) -> bytes:
    """Two BSON documents as one: a document is its length, its elements and a zero byte."""
    elements = begin[4:-1] + rest[4:]
    return (len(elements) + 4).to_bytes(4, "little") + elements


class Blobs:
    """Blobs are reached by keys, which are made from the repository and so from its owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._blobs = database[BLOBS]
        self._sources = database[SOURCES]

    def counts(self, keys: Sequence[str]) -> dict[str, Document]:
        """Which keys are parsed, with what they count."""
        with translated("reading blobs"):
            return {
                document["_id"]: document
                for document in self._blobs.find({"_id": {"$in": list(keys)}}, _COUNTS)
            }

    def failed(self, repository: str) -> list[str]:
        """The keys that the parser failed on."""
        with translated("reading blobs"):
            failed = self._blobs.find(
                {"repository": repository, "failed": {"$exists": True}}, {"_id": 1}
            )
            return [document["_id"] for document in failed]

    def unparsed(self, repository: str, limit: int) -> Iterator[Document]:
        """The words of blobs in which names may stand that no use tells of, with the reason."""
        with translated("reading blobs"):
            which = {"repository": repository, "unparsed": {"$exists": True}}
            yield from self._blobs.find(which, {"unparsed": 1, "words": 1, "language": 1}).limit(
                limit
            )

    def unparsed_code(self, repository: str, limit: int) -> Iterator[Document]:
        """The blobs of which not all was read though they have a grammar, with the reason."""
        with translated("reading blobs"):
            which = {"repository": repository, "unparsed": {"$exists": True, "$ne": "no grammar"}}
            yield from self._blobs.find(which, {"unparsed": 1}).limit(limit)

    def save(self, parsed: Sequence[Parsed], fence: Fence) -> None:
        """Write records and sources; equal ones replace each other."""
        if not parsed:
            return

        by_key = {blob.key: blob for blob in parsed}
        documents = [blob.document() for blob in by_key.values()]
        sources = [blob.source_document() for blob in by_key.values() if blob.packed.text]

        def write(session: ClientSession) -> None:
            for collection, written in ((self._blobs, documents), (self._sources, sources)):
                collection.delete_many({"_id": {"$in": list(by_key)}}, session=session)
                if written:
                    collection.insert_many(written, ordered=False, session=session)

        fenced(self._database, fence, "writing blobs", write)

    def read(self, keys: Sequence[str], fields: Any = None) -> Iterator[Document]:
        """Parsed blobs, in any order."""
        with translated("reading blobs"):
            yield from self._blobs.find({"_id": {"$in": list(keys)}}, fields)

    def keys(self, repository: str, which: Document, limit: int) -> Iterator[str]:
        """The keys of parsed blobs of a repository that hold something, in any order."""
        with translated("searching blobs"):
            blobs = self._blobs.find({"repository": repository, **which}, {"_id": 1})
            yield from (blob["_id"] for blob in blobs.limit(limit))

    def source(self, key: str) -> str | None:
        """The text of a blob."""
        with translated("reading a source"):
            document = self._sources.find_one({"_id": key})
        return zlib.decompress(document["zlib"]).decode("utf-8", "replace") if document else None

    def sources(self, keys: Sequence[str]) -> dict[str, str]:
        """The texts of some blobs by key, of those that are shown."""
        with translated("reading sources"):
            documents = self._sources.find({"_id": {"$in": list(keys)}})
            return {
                document["_id"]: zlib.decompress(document["zlib"]).decode("utf-8", "replace")
                for document in documents
            }

    def texts(self, keys: Sequence[str]) -> Iterator[bytes]:
        """The texts of some blobs in UTF-8, in the order of the keys; one in memory at a time.

        What was deleted meanwhile is empty.
        """
        with translated("reading texts"):
            documents = self._sources.find({"_id": {"$in": list(keys)}}, {"zlib": 1})
            stored = {document["_id"]: document["zlib"] for document in documents}
        for key in keys:
            yield zlib.decompress(stored[key]) if key in stored else b""

    def trigrams(self, keys: Sequence[str]) -> dict[str, Trigrams]:
        """The sets of the texts of some blobs by key, of those that have a text.

        A former version stored no set: it is made of the text then.
        """
        with translated("reading trigrams"):
            stored = list(self._sources.find({"_id": {"$in": list(keys)}}, {"trigrams": 1}))
        sets = {
            document["_id"]: unpacked(document["trigrams"])
            for document in stored
            if "trigrams" in document
        }
        without = [document["_id"] for document in stored if document["_id"] not in sets]
        texts = zip(without, self.texts(without), strict=True)
        return sets | {key: trigrams(text) for key, text in texts}

    def forget(self, keys: Sequence[str], rows: Sequence[str], fence: Fence) -> None:
        """Delete blobs with all that was made from them, and the file rows that showed them."""
        collections = ((BLOBS, "_id"), (SOURCES, "_id"), (VECTORS, "key"), (SUMMARIES, "key"))

        def write(session: ClientSession) -> None:
            self._database[FILES].delete_many({"_id": {"$in": list(rows)}}, session=session)
            for name, field in collections if keys else ():
                self._database[name].delete_many({field: {"$in": list(keys)}}, session=session)

        fenced(self._database, fence, "deleting blobs", write)
