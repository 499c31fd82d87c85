"""Which symbols of a generation matter: PageRank over which file uses what.

A file passes its rank on to what it uses. It has a rank as every file, and more for what it defines
that is used. Of two symbols that are used alike the longer one matters more. Who asks about
something lets the walk begin there.
"""

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsake.scanner.prompting.use_graph import Floats, Numbers, UseGraph
from keepsake.scanner.prompting.worth import worth_of_path, worth_of_symbol
from keepsake.scanner.search.symbol_index import SymbolIndex
from keepsake.storage import Document

_ROUNDS = 5
"""They are enough: a fifth of a rank goes round at most."""
_FOLLOWED, _FOLLOWED_IN_FOCUS = 0.85, 0.5
"""Of a rank so much is passed on by uses; the rest begins anew."""
_OF_SYMBOLS = 0.2
"""Of a file's rank; the rest all files have alike. With more of it leaves outrank the types that
people work with: in Django exceptions and `cached_property`."""
_FOCUS = 0.95
"""What of the beginning is where a focused map looks."""


class SymbolRanking:
    """The graph of one generation, and the rank of each symbol by its number there."""

    def __init__(self, symbols: SymbolIndex, uses: Iterator[Document]) -> None:
        """uses: the blobs that the index shows, with what they use."""
        self.coverage = dict[str, Any]()
        """The fields of an answer that say which files could not be looked at."""
        sizes = [len(symbols.blobs[key].symbols) for _, _, key in symbols.files]
        files = np.arange(len(sizes), dtype=np.int32)
        self.home: Numbers = np.repeat(files, np.array(sizes, dtype=np.int64))
        """The number of each symbol's file."""
        self.paths = [path for path, _, _ in symbols.files]
        self.worth = _worth(symbols)
        edges = UseGraph(symbols, self.home, self.worth)
        edges.add(uses)
        self.truncated = edges.truncated
        self._source, self._target, self._share = edges.arrays()
        self._size = _sizes(symbols)
        everywhere = np.full(len(self.paths), 1 / max(len(self.paths), 1), dtype=np.float32)
        self.rank = self._walked(shares(self.worth), everywhere, _FOLLOWED)

    @property
    def bytes(self) -> int:
        """About what it takes in memory."""
        arrays = (self.home, self.worth, self._source, self._target, self._share, self._size,
                  self.rank)  # fmt: skip
        return sum(array.nbytes for array in arrays) + sum(map(len, self.paths))

    def below(self, path: str) -> NDArray[np.bool_]:
        """Which symbols are worth something and are of a file, or of those below a folder."""
        inside = np.array([file == path or file.startswith(f"{path}/") for file in self.paths],
                          dtype=np.bool_)  # fmt: skip
        fits: NDArray[np.bool_] = inside[self.home] & (self.worth > 0)
        return fits

    def focused(self, fitting: Floats) -> Floats:
        """The ranks as seen from some symbols, by how well each fits."""
        start = _FOCUS * shares(fitting * self.worth) + (1 - _FOCUS) * shares(self.worth)
        files = np.bincount(self.home, start, len(self.paths)).astype(np.float32)
        return self._walked(start, files, _FOLLOWED_IN_FOCUS)

    def _walked(self, start: Floats, files: Floats, followed: float) -> Floats:
        """Where a walk is that begins anew at these symbols, and where no use leads on.

        files: what each file passes on whatever it defines.
        """
        rank = start
        for _ in range(_ROUNDS):
            of_symbols = np.bincount(self.home, rank, len(self.paths))
            of_files = _OF_SYMBOLS * of_symbols + (1 - _OF_SYMBOLS) * files
            given = of_files[self._source] * self._share
            passed = followed * np.bincount(self._target, given, len(self.worth))
            rank = (passed + (1 - passed.sum()) * start).astype(np.float32)
        return shares(rank * self._size)


def _sizes(symbols: SymbolIndex) -> Floats:
    """How much the length of each symbol weighs."""
    by_blob: Mapping[str, list[float]] = {
        key: [sqrt(max(symbol["end_line"] - symbol["first_line"], 0) + 1)
              for symbol in symbols.blobs[key].symbols]
        for key in {key for _, _, key in symbols.files}
    }  # fmt: skip
    sizes = [size for _, _, key in symbols.files for size in by_blob[key]]
    return np.array(sizes, dtype=np.float32)


def _worth(symbols: SymbolIndex) -> Floats:
    by_blob: Mapping[str, list[float]] = {
        key: [worth_of_symbol(symbol) for symbol in symbols.blobs[key].symbols]
        for key in {key for _, _, key in symbols.files}
    }
    worth = [of_path * own for path, _, key in symbols.files
             for of_path in (worth_of_path(path),) for own in by_blob[key]]  # fmt: skip
    return np.array(worth, dtype=np.float32)


def shares(parts: Floats) -> Floats:
    """The same numbers, divided so that they add up to one, unless all are 0."""
    total = parts.sum()
    return parts / total if total else parts
