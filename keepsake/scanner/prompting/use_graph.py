"""From each file to the symbols that it uses, with what each is worth to it.

Names are matched, not resolved. Of several definitions those count that the file has itself or
imports, each by its worth.
"""

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsake.scanner.search.symbol_index import SymbolIndex
from keepsake.scanner.store.blobs import Blobs
from keepsake.storage import Document

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]

_MOST_EDGES = 4_000_000
_MOST_CANDIDATES = 12
"""Of a name; with more of them it tells nothing."""
_UNSUPPORTED = 0.05
"""Of a use of a name that its file neither has nor imports: `text.format()` is no use of ours."""
_OWN = 0.3
"""Of a file's use of what it defines itself."""
_KEPT = 2.0
"""What a file passes on to nobody, beside what its uses weigh: a type that is used once has 1.5."""
_BY_KIND = {"inherit": 3.0, "type": 1.5, "import": 0.5, "re-export": 1.0}
_SHARING_FOLDERS = frozenset({"go", "java", "kotlin", "scala", "csharp", "php", "c", "cpp"})
"""Languages in which files of one folder use each other without a word."""
_IMPORTING = _SHARING_FOLDERS | {"python", "notebook", "rust", "javascript", "typescript", "tsx",
                                 "vue", "svelte", "astro"}  # fmt: skip
"""Those in which a file imports what is elsewhere; in others, such as Ruby, it is just there."""
_AT_ONCE = 500
_NAMES_AND_COUNTS = {
    "input": None,
    "in": {"name": "$$this.name", "kind": "$$this.kind", "count": {"$size": "$$this.at"}},
}


def _counted(field: str) -> Document:
    return {"$map": {**_NAMES_AND_COUNTS, "input": f"${field}"}}


_FIELDS = {"tails": 1, "calls": _counted("calls"), "uses": _counted("uses")}


class UseGraph:
    """From files to the symbols that they use, each with its share of what the file passes on."""

    def __init__(self, symbols: SymbolIndex, home: Numbers, worth: Floats) -> None:
        self.truncated = False
        self._home, self._worth = home, worth
        self._files_of = dict[str, list[int]]()
        for number, (_, _, key) in enumerate(symbols.files):
            self._files_of.setdefault(key, []).append(number)
        self._places = [_words_of(path) for path, _, _ in symbols.files]
        self._folders = [path.rpartition("/")[0] for path, _, _ in symbols.files]
        self._languages = [language for _, language, _ in symbols.files]
        self._named = _candidates(symbols, worth)
        self._source, self._target, self._weight = list[int](), list[int](), list[float]()

    def add(self, blobs: Iterator[Document]) -> None:
        """Note what files use, up to a bound."""
        for blob in blobs:
            wanted = _wanted(blob)
            tails = frozenset(blob.get("tails", ()))
            for file in self._files_of.get(blob["_id"], ()):
                for name, weight in wanted.items():
                    self._use(file, name, weight, tails)
            if len(self._source) > _MOST_EDGES:
                self.truncated = True
                return

    def arrays(self) -> tuple[Numbers, Numbers, Floats]:
        """File, symbol and share of each edge; the shares of a file add up to less than one.

        A file that uses little passes little on: else one that uses itself alone would keep all.
        """
        source = np.array(self._source, dtype=np.int32)
        weight = np.array(self._weight, dtype=np.float32)
        totals = np.bincount(source, weight, int(source.max(initial=0)) + 1)
        share = (weight / (totals[source] + _KEPT)).astype(np.float32)
        return source, np.array(self._target, dtype=np.int32), share

    def _use(self, file: int, name: str, weight: float, tails: frozenset[str]) -> None:
        candidates = self._named.get(name)
        if candidates is None:
            return
        own = [number for number in candidates if self._home[number] == file]
        if own:
            candidates, weight = own, weight * _OWN
        supported = own or [
            number
            for number in candidates
            if self._supports(file, int(self._home[number]), name, tails)
        ]
        chosen = supported or candidates
        weight *= 1.0 if supported else _UNSUPPORTED
        total = sum(float(self._worth[number]) for number in chosen)
        for number in chosen:
            worth = float(self._worth[number])
            self._source.append(file)
            self._target.append(number)
            self._weight.append(weight * worth * worth / total)

    def _supports(self, file: int, home: int, name: str, tails: frozenset[str]) -> bool:
        """Whether a file may use what another defines, by its imports and its language."""
        language = self._languages[file]
        if language not in _IMPORTING or name in tails or not tails.isdisjoint(self._places[home]):
            return True
        return language in _SHARING_FOLDERS and self._folders[file] == self._folders[home]


def _wanted(blob: Document) -> dict[str, float]:
    """The names that a blob uses, each with how much: many uses count less than that."""
    wanted = dict[str, float]()
    for use in (*(blob.get("calls") or ()), *(blob.get("uses") or ())):
        weight = _BY_KIND.get(use.get("kind", "call"), 1.0) * sqrt(use["count"])
        wanted[use["name"]] = wanted.get(use["name"], 0.0) + weight
    return wanted


def _candidates(symbols: SymbolIndex, worth: Floats) -> dict[str, list[int]]:
    """By name the symbols that a use of it may mean, the best ones of many."""
    named = dict[str, list[int]]()
    number = 0
    for _, _, key in symbols.files:
        for symbol in symbols.blobs[key].symbols:
            if worth[number]:
                named.setdefault(symbol["name"], []).append(number)
            number += 1
    for name, numbers in named.items():
        if len(numbers) > _MOST_CANDIDATES:
            named[name] = sorted(numbers, key=lambda number: -worth[number])[:_MOST_CANDIDATES]
    return named


def _words_of(path: str) -> frozenset[str]:
    """The words by which a file may be imported: its name, and the folders around it."""
    *folders, last = path.split("/")
    return frozenset({last.partition(".")[0], *folders[-2:]})


def used_names(blobs: Blobs, symbols: SymbolIndex) -> Iterator[Any]:
    """The blobs that an index shows, with what they use."""
    keys = sorted({key for _, _, key in symbols.files})
    for start in range(0, len(keys), _AT_ONCE):
        yield from blobs.read(keys[start : start + _AT_ONCE], _FIELDS)
