"""What a search answers."""

from collections.abc import Mapping
from typing import Any

from keepsake.scanner.models import Value


class Hit(Value):
    """A symbol that was found, and how."""

    path: str
    line: int
    end_line: int
    kind: str
    name: str
    qualified: str
    signature: str
    doc: str
    language: str
    exported: bool
    score: float
    match: str
    """`exact`, `prefix`, `parts`, `fuzzy`; `lexical`, `semantic` or `hybrid`."""
    summary: str = ""
    """A language model's words; empty where none was asked."""


class Use(Value):
    """A place that calls or imports something. Found by name: `confidence` says how sure."""

    path: str
    line: int
    symbol: str
    """The qualified name of the symbol around it; empty at the top of a file."""
    text: str
    confidence: str
    """`one definition`, `several definitions`, `resolved` for an import, or `name only`."""


class Impact(Value):
    """What may change when something changes, nearest first."""

    path: str
    symbol: str
    distance: int
    through: str
    """The name by which it reaches what changes."""
    confidence: str
    """Of this step: `one definition`; `imported`, of several definitions the one that the file has
    or imports; `several definitions`; `resolved` for an import; or `name only`."""


def hit(symbol: Mapping[str, Any], path: str, language: str, *, score: float, match: str) -> Hit:
    """A stored symbol as a hit."""
    fields = ("line", "end_line", "kind", "name", "qualified", "signature", "doc", "exported")
    told = {field: symbol[field] for field in fields}
    return Hit(path=path, language=language, score=round(score, 4), match=match, **told)
