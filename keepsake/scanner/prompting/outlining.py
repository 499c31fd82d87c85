"""The outline of a file: its symbols as a tree, the outer ones first to fit."""

from collections.abc import Iterator, Sequence

from keepsake.scanner.kinds import DATA
from keepsake.scanner.prompting.answers import OutlineSymbol
from keepsake.scanner.prompting.tokens import TokenBudget, shown_signature
from keepsake.scanner.search.answers import CodeHit

_SIGNATURE_CHARS = 160
_SEPARATORS = (".", "::", " / ")
_SHARED = set(OutlineSymbol.model_fields) & set(CodeHit.model_fields)


def outlined(symbols: Sequence[CodeHit], max_tokens: int) -> tuple[list[OutlineSymbol], str]:
    """As many symbols as fit, from top to bottom, and the same as text.

    What is less deep comes first, and code before data.
    """
    listed = [
        OutlineSymbol(**symbol.model_dump(include=_SHARED), depth=depth)
        for symbol, depth in _nested(symbols)
    ]
    budget, fitting = TokenBudget(max_tokens), set[int]()
    for position in sorted(range(len(listed)), key=lambda number: _order(listed[number])):
        if not budget.take(_line(listed[position])):
            break
        fitting.add(position)
    shown = [listed[position] for position in sorted(fitting)]
    return shown, "".join(f"{_line(symbol)}\n" for symbol in shown)


def _nested(symbols: Sequence[CodeHit]) -> Iterator[tuple[CodeHit, int]]:
    """Each symbol with how many of those before it are around it."""
    around: list[CodeHit] = []
    for symbol in symbols:
        while around and not _holds(around[-1], symbol):
            around.pop()
        yield symbol, len(around)
        around.append(symbol)


def _holds(outer: CodeHit, inner: CodeHit) -> bool:
    """Whether it is in it by its name: an `impl` of Rust is below its type."""
    before = inner.qualified.removesuffix(inner.name)
    return before in {outer.qualified + separator for separator in _SEPARATORS}


def _order(symbol: OutlineSymbol) -> int:
    return symbol.depth + (symbol.kind in DATA)


def _line(symbol: OutlineSymbol) -> str:
    lines = f"{symbol.first_line}-{symbol.end_line}"
    written = shown_signature(symbol.model_dump(include={"signature", "name"}), _SIGNATURE_CHARS)
    apart = symbol.depth == 0 and symbol.qualified != symbol.name
    whole = f"{symbol.qualified}: {written}" if apart else written
    return f"{'  ' * symbol.depth}{lines} {whole}"
