"""The trigrams of all texts of one generation in memory: which files may hold what is looked for.

A text is found by the trigrams that a scan has stored beside it. What a former version has scanned
has none; they are counted then when the index is loaded.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from pymongo.database import Database

from keepsake.scanner.parse.languages import CODE
from keepsake.scanner.parse.skipping import is_binary_name
from keepsake.scanner.search.edition_cache import EditionCache
from keepsake.scanner.search.path_groups import GROUP_WEIGHTS, PathGroup, group_of
from keepsake.scanner.search.required_trigrams import Condition, Every
from keepsake.scanner.search.symbol_index import FuzzyNames
from keepsake.scanner.store.blobs import Blobs
from keepsake.scanner.store.files import Files
from keepsake.scanner.store.published import PublishedIndex
from keepsake.scanner.trigrams import NUMBERS, Trigrams
from keepsake.storage import Document

_SEGMENT = 4_096
"""Files whose trigrams are sorted together: it takes eight bytes for each of them for a moment."""
_AT_ONCE = 500
_FILE_BYTES = 300
_SHARE = 2
"""Symbol indexes may take so many times more than these."""
_UNREAD = frozenset({"excluded", "oversized", "submodule", "vendored", "generated", "unsafe path"})
"""Reasons of rows for which a file that may hold text was not read."""
_NO_TEXT = ("binary", "lfs pointer")
_FIELDS = {"path": 1, "language": 1, "key": 1, "skip": 1, "_id": 0}

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file whose text can be searched. Their order is that of answers."""

    group: PathGroup
    path: str
    language: str
    key: str


class _Segment:
    """By each trigram the files that hold it, counted within the segment."""

    def __init__(self, sets: Sequence[Trigrams]) -> None:
        self.size = len(sets)
        numbers = np.concatenate(sets) if sets else np.zeros(0, dtype=np.uint16)
        files = np.repeat(np.arange(self.size, dtype=np.uint16), [len(held) for held in sets])
        self._files = files[np.argsort(numbers, kind="stable")]
        counts = np.bincount(numbers, minlength=NUMBERS)
        self._ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)

    @property
    def bytes(self) -> int:
        return self._files.nbytes + self._ends.nbytes

    def holding(self, condition: Condition) -> Flags:
        """Which of the files fit."""
        if isinstance(condition, int):
            there = np.zeros(self.size, dtype=np.bool_)
            there[self._files[self._ends[condition] : self._ends[condition + 1]]] = True
            return there
        if isinstance(condition, Every):
            flags = np.ones(self.size, dtype=np.bool_)
            for part in sorted(condition.parts, key=self._weight):
                flags &= self.holding(part)
                if not flags.any():
                    break
            return flags
        some: Flags = np.logical_or.reduce([self.holding(part) for part in condition.parts])
        return some

    def _weight(self, condition: Condition) -> int:
        """The rarest trigrams come first: where they are not, no other is looked at."""
        if isinstance(condition, int):
            return int(self._ends[condition + 1] - self._ends[condition])
        return self.size


class TextIndex:
    """What one generation shows, and what of it has no text."""

    def __init__(
        self,
        files: Sequence[TextFile],
        sets: Mapping[str, Trigrams],
        unread: Sequence[tuple[str, str, str]],
    ) -> None:
        """`sets` are by key; `unread` has path, language and reason of files without text."""
        self.files = sorted(
            (file for file in files if file.key in sets), key=lambda file: (file.group, file.path)
        )
        self.unread = unread
        self._places = [(file.group, file.path) for file in self.files]
        self._segments = [
            _Segment([sets[file.key] for file in self.files[start : start + _SEGMENT]])
            for start in range(0, len(self.files), _SEGMENT)
        ]

    @cached_property
    def bytes(self) -> int:
        """About what it takes in memory."""
        listed = _FILE_BYTES * (len(self.files) + len(self.unread))
        return listed + sum(segment.bytes for segment in self._segments)

    @cached_property
    def paths(self) -> FuzzyNames:
        """The paths, by the words in them."""
        return FuzzyNames(file.path for file in self.files)

    def at(self, path: str) -> TextFile:
        """The file of a path that is there."""
        return self._by_path[path]

    @cached_property
    def _by_path(self) -> dict[str, TextFile]:
        return {file.path: file for file in self.files}

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """By the number of each file, what words in it are worth."""
        return np.array([GROUP_WEIGHTS[file.group] for file in self.files], dtype=np.float64)

    def first_from(self, group: int, path: str) -> int:
        """The number of a path in its group, or of the one that follows it."""
        return bisect_left(self._places, (group, path))

    def candidates(self, condition: Condition) -> NDArray[np.int64]:
        """The numbers of the files that may fit, in order."""
        return np.flatnonzero(self.flags(condition))

    def flags(self, condition: Condition) -> Flags:
        """By the number of each file, whether it may fit."""
        flags = [segment.holding(condition) for segment in self._segments]
        return np.concatenate(flags) if flags else np.zeros(0, dtype=np.bool_)


class TextIndexes:
    """The text indexes of a process; threads share it."""

    def __init__(self, database: Database[Document], symbol_index_mb: int) -> None:
        self._files, self._blobs = Files(database), Blobs(database)
        self._kept = EditionCache[TextIndex]((symbol_index_mb << 20) // _SHARE)

    def of(self, index: PublishedIndex) -> TextIndex:
        """The texts that an index shows now."""
        return self._kept.of(index, lambda _: self._built(index))

    def _built(self, index: PublishedIndex) -> TextIndex:
        files: list[TextFile] = []
        sets: dict[str, Trigrams] = {}
        unread: list[tuple[str, str, str]] = []
        rows = self._files.shown(index.id, index.generation, fields=_FIELDS)
        while some := list(islice(rows, _AT_ONCE)):
            keys = {row["key"] for row in some if row["key"]}
            sets |= self._blobs.trigrams(sorted(keys - sets.keys()))
            files += [_file(row) for row in some if row["key"] in sets]
            unread += self._without_text([row for row in some if row["key"] not in sets])
        return TextIndex(files, sets, unread)

    def _without_text(self, rows: Sequence[Document]) -> list[tuple[str, str, str]]:
        """The files among some rows that may hold text, with the reason why it is not there."""
        counts = self._blobs.counts(sorted({row["key"] for row in rows if row["key"]}))
        reasons = [(row, _reason(row, counts)) for row in rows]
        return [
            (row["path"], row["language"], reason)
            for row, reason in reasons
            if reason and not is_binary_name(row["path"])
        ]


def _file(row: Document) -> TextFile:
    group = group_of(row["path"], row["language"])
    return TextFile(group, row["path"], row["language"], row["key"])


def _reason(row: Document, counts: Mapping[str, Document]) -> str | None:
    """Why a file that may hold text has none; None for pictures, links and the like."""
    if row["key"] is None:
        return row["skip"] if row["skip"] in _UNREAD else None
    blob = counts.get(row["key"], {})
    reason = "not parsed" if blob.get("failed") or not blob else blob.get("skip")
    no_text = reason in _NO_TEXT and row["language"] not in CODE
    return None if reason is None or no_text else str(reason)
