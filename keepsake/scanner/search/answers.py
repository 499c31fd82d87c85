"""What searches answer: which index it is of, and whether it is all."""

from keepsake.scanner.models import Value
from keepsake.scanner.search.browsing import Excerpt, Node
from keepsake.scanner.search.hits import Hit, Impact, Use


class Origin(Value):
    """Which index answers: hosts may have repositories of one name, and owners may share them."""

    owner: str
    """Whose it is."""
    own: bool
    """Whether that is the caller."""
    host: str
    branch: str
    commit: str


class Answer(Origin):
    """Symbols, best first."""

    hits: list[Hit]
    semantic: float = 0.0
    """The share of symbols that have vectors, from 0 to 1; without any, meaning is lexical."""
    truncated: bool = False
    """A name is so common that not every place of it was looked at."""


class Uses(Origin):
    """Places in the code, by path and line."""

    uses: list[Use]
    truncated: bool = False
    """There are more of them, or there may be."""


class Impacts(Origin):
    """What may change too, nearest first."""

    impacts: list[Impact]
    truncated: bool = False
    """There are more of them, or there may be."""


class Definitions(Origin):
    """The symbols of a file, from top to bottom."""

    symbols: list[Hit]


class Tree(Origin):
    """What is right inside a folder."""

    nodes: list[Node]


class SourceView(Origin):
    """Text with its place."""

    source: Excerpt
