"""What is answered for a prompt: maps, outlines, histories."""

from datetime import datetime

from keepsake.scanner.models import LineRange, Value
from keepsake.scanner.search.answers import IndexOrigin, StructureAnswer


class MapSymbol(Value):
    """A symbol that much of the code uses."""

    name: str
    qualified: str
    kind: str
    signature: str
    line: int
    end_line: int
    rank: float
    """Beside the first of the map, which has 1."""


class MapFile(Value):
    """A file of the map."""

    path: str
    language: str
    symbols: list[MapSymbol]


class CodeMap(StructureAnswer):
    """The symbols that matter most, by file: the file of the first one first."""

    text: str
    """The map to put into a prompt."""
    tokens: int
    """That the text takes at most."""
    files: list[MapFile]
    left_out: int
    """The ranked symbols that did not fit."""
    matched: int
    """The symbols that the query or the path fits; 0 when it is a map of everything."""


class OutlineSymbol(Value):
    """A symbol of a file, and how deep in others it is."""

    name: str
    qualified: str
    kind: str
    signature: str
    line: int
    first_line: int
    end_line: int
    exported: bool
    depth: int


class Outline(IndexOrigin):
    """The symbols of a file as a tree: each stands right below what it is in."""

    path: str
    text: str
    """The same to put into a prompt: lines and signatures, indented."""
    tokens: int
    symbols: list[OutlineSymbol]
    left_out: int
    """Those that did not fit: the deepest ones."""
    partial: tuple[LineRange, ...] = ()
    """As in `TreeNode`: what stands there may be missing."""


class LineCommit(Value):
    """A commit that changed some lines."""

    commit: str
    committed_at: datetime
    author: str
    """By name; addresses are not shown."""
    subject: str


class LineHistory(IndexOrigin):
    """The last commits that changed some lines, the newest first."""

    path: str
    first: int
    last: int
    commits: list[LineCommit]
    complete: bool
    """These are all there ever were."""
    reason: str | None
    """Why older ones are missing; None when it is complete."""
