"""The map of a repository: its best symbols by file, with signatures, as many as fit a prompt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keepsake.scanner.prompting.answers import MapFile, MapSymbol
from keepsake.scanner.prompting.tokens import TokenBudget, shown_signature
from keepsake.scanner.prompting.use_graph import Floats
from keepsake.scanner.search.symbol_index import SymbolIndex

_MOST_SYMBOLS = 2_000
"""That are looked at: more fit into no prompt."""
_SIGNATURE_CHARS = 120
_MISFITS = 20
"""After so many that do not fit the map is full."""


@dataclass(slots=True)
class _File:
    """A file of a map that grows."""

    path: str
    language: str
    symbols: dict[str, tuple[Mapping[str, Any], float]] = field(default_factory=dict)
    """By qualified name, each with its rank."""


class MapMaker:
    """Fills a budget with the symbols of the highest ranks."""

    def __init__(self, symbols: SymbolIndex, rank: Floats, max_tokens: int) -> None:
        self._symbols, self._rank = symbols, rank
        self._budget = TokenBudget(max_tokens)
        self._files = dict[str, _File]()
        self._ranked = int((rank > 0).sum())
        self._fill()

    @property
    def left_out(self) -> int:
        """The ranked symbols that are not in the map."""
        return self._ranked - sum(len(file.symbols) for file in self._files.values())

    def files(self) -> list[MapFile]:
        """The map by file; symbols from top to bottom."""
        best = float(self._rank.max(initial=0.0)) or 1.0
        return [
            MapFile(
                path=file.path,
                language=file.language,
                symbols=[
                    MapSymbol(
                        name=symbol["name"], qualified=symbol["qualified"], kind=symbol["kind"],
                        signature=shown_signature(symbol, _SIGNATURE_CHARS), line=symbol["line"],
                        end_line=symbol["end_line"], rank=round(rank / best, 4),
                    )
                    for symbol, rank in _from_top(file)
                ],
            )
            for file in self._files.values()
        ]  # fmt: skip

    def text(self) -> str:
        """The map for a prompt: a line for each file, and indented ones for its symbols."""
        lines = [
            line
            for file in self._files.values()
            for line in (_head(file.path), *(_line(symbol) for symbol, _ in _from_top(file)))
        ]
        return "".join(f"{line}\n" for line in lines)

    def _fill(self) -> None:
        misfits = 0
        for number in self._best():
            symbol, path, language = self._symbols.symbol(number)
            if not self._take(symbol, path, language, float(self._rank[number])):
                misfits += 1
                if misfits == _MISFITS:
                    return

    def _best(self) -> Iterator[int]:
        count = min(_MOST_SYMBOLS, self._ranked)
        if not count:
            return
        best = np.argpartition(-self._rank, count - 1)[:count]
        yield from (int(number) for number in best[np.lexsort((best, -self._rank[best]))])

    def _take(self, symbol: Mapping[str, Any], path: str, language: str, rank: float) -> bool:
        file = self._files.get(path)
        if file is not None and symbol["qualified"] in file.symbols:
            return True  # an overload, or one branch of a condition
        line = _line(symbol)
        if not self._budget.take(line if file else f"{_head(path)}\n{line}"):
            return False
        if file is None:
            file = self._files[path] = _File(path, language)
        file.symbols[symbol["qualified"]] = symbol, rank
        return True


def _from_top(file: _File) -> list[tuple[Mapping[str, Any], float]]:
    return sorted(file.symbols.values(), key=lambda ranked: ranked[0]["line"])


def _head(path: str) -> str:
    return f"{path}:"


def _line(symbol: Mapping[str, Any]) -> str:
    """What is in something says in what: it may not be in the map."""
    signature = shown_signature(symbol, _SIGNATURE_CHARS)
    outer = f"{symbol['parent']}: " if symbol["parent"] else ""
    return f"  {symbol['line']} {outer}{signature}"
