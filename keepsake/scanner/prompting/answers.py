"""What is answered for a prompt: maps, outlines, histories. The API describes fields as here."""

from datetime import datetime

from pydantic import ConfigDict

from keepsake.scanner.models import LineRange, Value
from keepsake.scanner.search.answers import IndexOrigin, StructureAnswer

_DESCRIBED = ConfigDict(use_attribute_docstrings=True)


class MapSymbol(Value):
    """A symbol that much of the code uses."""

    model_config = _DESCRIBED

    name: str
    qualified: str
    kind: str
    """What it is, as in hits"""
    signature: str
    line: int
    end_line: int
    rank: float
    """How much the code leads to it, beside the first symbol of the map, which has 1"""


class MapFile(Value):
    """A file of the map."""

    model_config = _DESCRIBED

    path: str
    language: str
    symbols: list[MapSymbol]
    """Those of the map, from top to bottom"""


class CodeMap(StructureAnswer):
    """The symbols that matter most, by file."""

    model_config = _DESCRIBED

    complete: bool
    """Whether every file of code was parsed whole, and all uses were looked at"""
    text: str
    """The map for a prompt: lines of files, each with its symbols below it"""
    tokens: int
    """How many tokens `text` takes; hardly any model counts more"""
    files: list[MapFile]
    """The map by file, the file of the first symbol first"""
    left_out: int
    """How many ranked symbols did not fit"""
    matched: int
    """How many symbols the query or the path fits; 0 when it is a map of everything"""


class OutlineSymbol(Value):
    """A symbol of a file, and how deep in others it is."""

    model_config = _DESCRIBED

    name: str
    qualified: str
    kind: str
    """What it is, as in hits"""
    signature: str
    line: int
    first_line: int
    end_line: int
    exported: bool
    depth: int
    """How many of the symbols before it are around it"""


class Outline(IndexOrigin):
    """The symbols of a file as a tree: each stands below what it is in."""

    model_config = _DESCRIBED

    path: str
    text: str
    """The outline for a prompt: lines and signatures, indented"""
    tokens: int
    """How many tokens `text` takes; hardly any model counts more"""
    symbols: list[OutlineSymbol]
    """The same, each after what it is in"""
    left_out: int
    """How many did not fit: the deepest ones"""
    partial: tuple[LineRange, ...] = ()
    """Ranges of lines that the grammar could not read: what stands there may be missing"""


class LineCommit(Value):
    """A commit that changed some lines."""

    model_config = _DESCRIBED

    commit: str
    committed_at: datetime
    """When it was made, as it says itself"""
    author: str
    """Who wrote it, by name; addresses are not shown"""
    subject: str
    """The first line of its message"""


class LineHistory(IndexOrigin):
    """The last commits that changed some lines."""

    model_config = _DESCRIBED

    path: str
    first: int
    last: int
    commits: list[LineCommit]
    """The newest first"""
    complete: bool
    """Whether these are all commits that ever changed them"""
    reason: str | None
    """Why older ones are missing: `no mirror` on this machine, `not fetched`, `more commits`,
    `too slow`, `not readable`; null when none are"""
