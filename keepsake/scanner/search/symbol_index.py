"""Indexes in memory: the symbols, words, names and vectors of one generation, and their cache.

Names are found by the words inside them, or when they are misspelt. Exact search over numpy arrays
takes milliseconds for a hundred thousand symbols. So there is no approximate index to build, to
store or to lose recall by. A rescan reuses what did not change.
"""

import difflib
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymongo.database import Database

from keepsake.inference import Ints, Postings, Vocabulary
from keepsake.scanner.kinds import DATA
from keepsake.scanner.parse.text import calls_by_symbol, is_embedded, parts, words
from keepsake.scanner.search.edition_cache import EditionCache
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndex
from keepsake.scanner.store.vectors import VectorStore, as_array
from keepsake.storage import Document

_BITS = 256
_CANDIDATES = 150
_ALIKE = 0.6
_MOST_WORDS = 2_000
_ONES = np.array([number.bit_count() for number in range(256)])
"""How many bits a byte has set."""

Bits = NDArray[np.uint8]


class FuzzyNames:
    """Finds among the distinct names of an index."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(set(names))
        self._bits = np.stack([_bigrams(name) for name in self.names]) if self.names else None
        self._by_part: dict[str, set[int]] = {}
        for number, name in enumerate(self.names):
            for part in parts(name):
                self._by_part.setdefault(part, set()).add(number)
        self._parts = sorted(self._by_part)

    def with_parts(self, query: str) -> list[str]:
        """The names in which every word of the query begins some word, shortest first."""
        wanted = parts(query)
        matches = [self._begun(part) for part in wanted]
        numbers = set.intersection(*matches) if matches else set[int]()
        return sorted(
            (self.names[number] for number in numbers), key=lambda name: (len(name), name)
        )

    def alike(self, query: str) -> list[tuple[str, float]]:
        """The names that are spelt much like the query, with how much, best first."""
        if self._bits is None:
            return []
        wanted = _bigrams(query)
        shared = _ONES[self._bits & wanted].sum(1)
        sizes = _ONES[self._bits].sum(1) + _ONES[wanted].sum()
        order = np.argsort(-(2 * shared / np.maximum(sizes, 1)), kind="stable")[:_CANDIDATES]
        return _ranked(query, [self.names[number] for number in order])

    def _begun(self, part: str) -> set[int]:
        first = bisect_left(self._parts, part)
        numbers = set[int]()
        for word in self._parts[first : first + _MOST_WORDS]:
            if not word.startswith(part):
                break
            numbers |= self._by_part[word]
        return numbers


def _ranked(query: str, names: Sequence[str]) -> list[tuple[str, float]]:
    matcher = difflib.SequenceMatcher(b=query.lower(), autojunk=False)
    scored = []
    for name in names:
        matcher.set_seq1(name.lower())
        if matcher.quick_ratio() >= _ALIKE and (ratio := matcher.ratio()) >= _ALIKE:
            scored.append((name, ratio))
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))


def _bigrams(name: str) -> Bits:
    """A bit for each pair of neighbouring characters."""
    bits = np.zeros(_BITS, dtype=bool)
    padded = f"^{name.lower()}$".encode()
    for first, second in pairwise(padded):
        bits[(first * 31 + second) % _BITS] = True
    return np.packbits(bits)


Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]
_CALLS = 40
_DATA_WEIGHT = 0.8
"""Of data's words: at 1.0 it outranks code that is named (.923 MRR@10 in Django, .948 at 0.8)."""
_SYMBOL_BYTES = 700
"""Of a symbol of a blob, which all paths that show it share."""


Shown = tuple[Mapping[str, Any], str, str]
"""A symbol, the path that shows it, and its language."""
_FIELDS = {"symbols": 1, "calls": 1}
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class IndexedBlob:
    """The symbols of a parsed blob, with the numbers of their words in a row."""

    symbols: Sequence[Mapping[str, Any]]
    lengths: Ints
    terms: Ints
    embedded: Flags
    """Which symbols are to have a vector."""
    weights: Floats
    """What words in common are worth, of each symbol."""


def indexed_blob(blob: Document, vocabulary: Vocabulary) -> IndexedBlob:
    """Split a blob's symbols into words, each as its number."""
    called = calls_by_symbol(blob)
    symbols = blob.get("symbols", [])
    numbers = [
        vocabulary.numbers(words(_text(symbol, called.get(position, ()))))
        for position, symbol in enumerate(symbols)
    ]
    return IndexedBlob(
        symbols,
        np.array([len(row) for row in numbers], dtype=np.int64),
        np.array([number for row in numbers for number in row], dtype=np.int64),
        np.array([is_embedded(symbol) for symbol in symbols], dtype=bool),
        np.array([_weight(symbol) for symbol in symbols], dtype=np.float32),
    )


def _weight(symbol: Mapping[str, Any]) -> float:
    return _DATA_WEIGHT if symbol["kind"] in DATA else 1.0


def _text(symbol: Mapping[str, Any], called: Sequence[str]) -> str:
    """The name counts twice more: whoever names a symbol means it."""
    name = symbol["name"]
    return " ".join([symbol["qualified"], name, name, symbol["signature"], symbol["doc"],
                     *called[:_CALLS]])  # fmt: skip


class SymbolIndex:
    """What one generation shows. A blob at two paths counts twice."""

    def __init__(
        self,
        files: Sequence[tuple[str, str, str]],
        blobs: Mapping[str, IndexedBlob],
        vocabulary: Vocabulary,
    ) -> None:
        self.blobs, self.vocabulary = blobs, vocabulary
        self.files = [(path, language, key) for path, language, key in files if key in blobs]
        shown = [blobs[key] for _, _, key in self.files]
        self._ends = np.cumsum([len(blob.symbols) for blob in shown], dtype=np.int64)
        self.size = int(self._ends[-1]) if len(self._ends) else 0
        self.postings = Postings(vocabulary)
        self.postings.extend_numbered(
            _joined([blob.lengths for blob in shown]), _joined([blob.terms for blob in shown])
        )
        keys = {key for _, _, key in self.files}
        self.names = FuzzyNames(symbol["name"] for key in keys for symbol in blobs[key].symbols)
        self.weights: Floats = _joined([blob.weights for blob in shown], np.float32)
        self._embedded = np.flatnonzero(_joined([blob.embedded for blob in shown], np.bool_))
        """The numbers of the symbols that are to have a vector, each in a row of `vectors`."""
        self.vectors: Floats | None = None
        self.covered = np.zeros(self.size, dtype=bool)
        self.parts = -1

    @property
    def bytes(self) -> int:
        """About what it takes in memory."""
        vectors = self.vectors.nbytes if self.vectors is not None else 0
        own = sum(len(blob.symbols) for blob in self.blobs.values())
        return own * _SYMBOL_BYTES + self.postings.size_bytes + vectors

    @property
    def semantic(self) -> float:
        """The share with a vector of the symbols that are to have one."""
        wanted = len(self._embedded)
        return round(int(self.covered.sum()) / wanted, 3) if wanted else 0.0

    @property
    def complete(self) -> bool:
        """Whether all vectors are there that are to come."""
        return bool(self.covered[self._embedded].all())

    def symbol(self, number: int) -> Shown:
        """The symbol of a number, its path and its language."""
        file = int(np.searchsorted(self._ends, number, side="right"))
        path, language, key = self.files[file]
        symbols = self.blobs[key].symbols
        return symbols[number - int(self._ends[file])], path, language

    def named(self, names: Container[str]) -> Iterator[Shown]:
        """The symbols of some names, wherever they are shown; each blob is read once."""
        by_key = {
            key: [symbol for symbol in self.blobs[key].symbols if symbol["name"] in names]
            for key in {key for _, _, key in self.files}
        }
        for path, language, key in self.files:
            for symbol in by_key[key]:
                yield symbol, path, language

    def load_vectors(self, store: VectorStore, parts: int) -> None:
        """Take in the vectors that are there; `parts` says how many that were."""
        by_key: dict[str, list[Floats]] = {}
        for document in store.read([key for _, _, key in self.files]):
            if document["dimensions"]:
                by_key.setdefault(document["key"], []).append(as_array(document))
        self.parts = parts
        if not by_key:
            return
        width = next(iter(by_key.values()))[0].shape[1]
        vectors = np.zeros((len(self._embedded), width), dtype=np.float32)
        start = 0
        for _, _, key in self.files:
            size = int(self.blobs[key].embedded.sum())
            for rows in by_key.get(key, ()):
                vectors[start : start + len(rows)] = rows
                self.covered[self._embedded[start : start + len(rows)]] = True
                start, size = start + len(rows), size - len(rows)
            start += size
        self.vectors = vectors

    def likeness(self, wanted: Floats) -> NDArray[np.float64] | None:
        """How near each symbol's vector is; 0 without one, None when there are none."""
        if self.vectors is None:
            return None
        scores = np.zeros(self.size)
        scores[self._embedded] = self.vectors @ wanted
        return scores


def _joined(arrays: Sequence[NDArray[Any]], kind: type[np.generic] = np.int64) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=kind)


class SymbolIndexes:
    """The symbol indexes of a process; threads share it."""

    def __init__(self, database: Database[Document], model: str, limit_mb: int) -> None:
        self._database, self._model = database, model
        self._files, self._blobs = Files(database), Blobs(database)
        self._kept = EditionCache[SymbolIndex](limit_mb << 20)

    def of(self, index: PublishedIndex, *, vectors: bool = False) -> SymbolIndex:
        """The symbols that an index shows now."""
        return self._kept.of(
            index,
            lambda before: self._built(index, before),
            (lambda kept: self._refresh(index, kept)) if vectors else None,
        )

    def _built(self, index: PublishedIndex, before: SymbolIndex | None) -> SymbolIndex:
        fields = {"path": 1, "language": 1, "key": 1, "_id": 0}
        rows = self._files.shown(index.id, index.generation, {"key": {"$ne": None}}, fields)
        files = [(row["path"], row["language"], row["key"]) for row in rows]
        vocabulary = before.vocabulary if before else Vocabulary()
        known = before.blobs if before else {}
        blobs: dict[str, IndexedBlob] = {key: known[key] for _, _, key in files if key in known}
        missing = sorted({key for _, _, key in files} - set(blobs))
        for start in range(0, len(missing), _AT_ONCE):
            for blob in self._blobs.read(missing[start : start + _AT_ONCE], _FIELDS):
                blobs[blob["_id"]] = indexed_blob(blob, vocabulary)
        return SymbolIndex(files, blobs, vocabulary)

    def _refresh(self, index: PublishedIndex, symbol_index: SymbolIndex) -> None:
        """Vectors come after the index is published: look again while some are missing."""
        if symbol_index.complete and symbol_index.parts >= 0:
            return
        store = VectorStore(self._database, index.repository, self._model)
        there = store.count()
        if there != symbol_index.parts:
            symbol_index.load_vectors(store, there)
