"""Which symbols of a generation matter: PageRank over which file uses what.

A file passes its rank on to what it uses, and has that of what it defines. Who asks about something
lets the walk begin there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsake.scanner.prompting.use_graph import Floats, Numbers, UseGraph
from keepsake.scanner.prompting.worth import worth_of_path, worth_of_symbol
from keepsake.scanner.search.symbol_index import SymbolIndex
from keepsake.storage import Document

_ROUNDS, _FOLLOWED = 20, 0.85
"""Of a rank so much is followed, and the rest begins anew."""
_ROUNDS_IN_FOCUS, _FOLLOWED_IN_FOCUS = 10, 0.5
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
        self.rank = self._walked(shares(self.worth), _FOLLOWED, _ROUNDS)

    @property
    def bytes(self) -> int:
        """About what it takes in memory."""
        arrays = (self.home, self.worth, self._source, self._target, self._share, self.rank)
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
        return self._walked(start, _FOLLOWED_IN_FOCUS, _ROUNDS_IN_FOCUS)

    def _walked(self, start: Floats, followed: float, rounds: int) -> Floats:
        """Where a walk is that begins anew with some chance, and where no use leads on."""
        rank = start
        for _ in range(rounds):
            of_files = np.bincount(self.home, rank, len(self.paths))
            passed = np.bincount(
                self._target, of_files[self._source] * self._share, len(self.worth)
            )
            walked = followed * passed
            rank = (walked + (1 - walked.sum()) * start).astype(np.float32)
        return rank


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
