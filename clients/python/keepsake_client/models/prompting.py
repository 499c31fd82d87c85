"""Code for prompts: maps, outlines, and what changed lines."""

from datetime import datetime

from pydantic import Field

from keepsake_client.models import Record
from keepsake_client.models.code import ByStructure, OfIndex


class MapSymbol(Record):
    """A symbol that much of the code uses; `rank` is 1 of the first."""

    name: str
    qualified: str = ""
    kind: str
    signature: str = ""
    line: int
    end_line: int
    rank: float = 0


class MapFile(Record):
    """A file of a map."""

    path: str
    language: str = ""
    symbols: list[MapSymbol]


class CodeMap(ByStructure):
    """The symbols that matter most: `text` is for a prompt, `files` has the same.

    tokens: what the text takes at most. matched: how many symbols the query or the path fits.
    """

    text: str
    tokens: int
    files: list[MapFile]
    left_out: int = 0
    matched: int = 0


class OutlineSymbol(Record):
    """A symbol of a file; `depth` says how many of those before it are around it."""

    name: str
    qualified: str = ""
    kind: str
    signature: str = ""
    line: int
    first_line: int = 0
    end_line: int
    exported: bool = False
    depth: int = 0


class Outline(OfIndex):
    """The symbols of a file as a tree; `text` is the same for a prompt."""

    path: str
    text: str
    tokens: int
    symbols: list[OutlineSymbol]
    left_out: int = 0
    partial: list[tuple[int, int]] = Field(default_factory=list)


class LineCommit(Record):
    """A commit that changed some lines."""

    commit: str
    committed_at: datetime
    author: str = ""
    subject: str = ""


class LineHistory(OfIndex):
    """The last commits that changed some lines; `reason` says why older ones are missing."""

    path: str
    first: int
    last: int
    commits: list[LineCommit]
    complete: bool = False
    reason: str | None = None
