"""Tools that read code: the map of a repository, the outline of a file, lines."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import Field, model_validator

from keepsake_client.mcp.calls import Call
from keepsake_client.mcp.indexes import CodeResult, RepositoryArguments, of_index
from keepsake_client.mcp.results import MaxTokens, ToolResult, fitted, shortened
from keepsake_client.mcp.tools import reads

_MOST_RANGES = 20
Line = Annotated[int, Field(ge=1, le=2**31 - 1)]
FilePath = Annotated[
    str, Field(min_length=1, max_length=1_024, description="A file, from the repository's root")
]
Result = TypeVar("Result", bound=CodeResult)


class MapArguments(RepositoryArguments):
    """What to see of a repository."""

    query: str = Field(
        default="", max_length=1_000, description="What you are about to do; all if left out"
    )
    path: str = Field(default="", max_length=1_024, description="A file or folder to look from")
    max_tokens: MaxTokens = 2_000


class OutlineArguments(RepositoryArguments):
    """Which file to outline."""

    path: FilePath
    max_tokens: MaxTokens = 2_000


class ReadCodeArguments(RepositoryArguments):
    """What to read."""

    path: str = Field(
        default="", max_length=1_024,
        description="A file, from the repository's root; of a symbol, wherever it is without",
    )  # fmt: skip
    symbol: str = Field(default="", max_length=500, description="Only this one's definition")
    first_line: Line = Field(default=1, description="Where to begin")
    last_line: Line | None = Field(default=None, description="Where to end; with the file if not")
    max_tokens: MaxTokens = 4_000

    @model_validator(mode="after")
    def _named(self) -> "ReadCodeArguments":
        if not (self.path or self.symbol):
            raise ValueError("give a `path`, a `symbol`, or both")
        return self


class MapResult(CodeResult):
    """The symbols that matter most, by file, each with its line and signature."""

    text: str
    complete: bool = Field(description="Every file of code was parsed whole")
    unparsed_count: int


class OutlineResult(CodeResult):
    """The symbols of a file, each with its first and last line, indented below what it is in."""

    path: str
    text: str


class NumberedLine(ToolResult):
    """A line of a file."""

    number: int
    text: str


class ReadCodeResult(CodeResult):
    """Lines of a file; `others` are further places where the symbol's name is defined."""

    path: str
    language: str = ""
    total_lines: int
    partial: list[tuple[int, int]] = Field(
        default_factory=list,
        description="Ranges of lines that the grammar could not read: symbols and uses there may "
        "be missing from the other tools",
    )
    lines: list[NumberedLine]
    others: list[str] = Field(default_factory=list)
    next_line: int | None = Field(default=None, description="Where to go on reading")


async def map_repository(call: Call, given: MapArguments) -> MapResult:
    """See what matters most in a scanned repository: types and functions by file, with signatures.

    They are ranked by how much of the code leads to them. A query or a path shows what fits it, and
    what that uses. Then outline a file, or read code.
    """
    found = await call.client.code.map(
        given.place,
        max_tokens=given.max_tokens,
        query=given.query or None,
        file=given.path or None,
    )
    return _of_lines(
        found.text,
        given.max_tokens,
        lambda text, left_out: MapResult(
            **of_index(found), left_out=found.left_out + left_out, text=text,
            complete=found.complete, unparsed_count=found.unparsed_count,
        ),
    )  # fmt: skip


async def outline_file(call: Call, given: OutlineArguments) -> OutlineResult:
    """See what a file of a scanned repository defines, as a tree; then read lines by read_code."""
    found = await call.client.code.outline(given.place, given.path, max_tokens=given.max_tokens)
    return _of_lines(
        found.text,
        given.max_tokens,
        lambda text, left_out: OutlineResult(
            **of_index(found), left_out=found.left_out + left_out, path=found.path, text=text
        ),
    )


async def read_code(call: Call, given: ReadCodeArguments) -> ReadCodeResult:
    """Read a file of a scanned repository, some of its lines, or the definition of a symbol."""
    by_lines = not given.symbol and (given.first_line > 1 or given.last_line)
    found = await call.client.code.source(
        given.place,
        given.path or None,
        symbol=given.symbol or None,
        first=given.first_line if by_lines else None,
        last=given.last_line if by_lines else None,
    )
    excerpt = found.source
    lines = [
        NumberedLine(number=number, text=shortened(text, given.max_tokens))
        for number, text in excerpt.lines
        if given.first_line <= number <= (given.last_line or number)
    ]

    def made(shown: list[NumberedLine], left_out: int) -> ReadCodeResult:
        cut = left_out and 0 < len(shown) < len(lines)
        following = lines[len(shown)].number if cut else None
        return ReadCodeResult(
            **of_index(found), left_out=left_out, path=excerpt.path, language=excerpt.language,
            total_lines=excerpt.total, partial=excerpt.partial[:_MOST_RANGES], lines=shown,
            next_line=following,
            others=[f"{other.path}:{other.line} {other.qualified}" for other in found.others],
        )  # fmt: skip

    return fitted(lines, given.max_tokens, made)


def _of_lines(text: str, max_tokens: int, made: Callable[[str, int], Result]) -> Result:
    """The result of as many lines of a text as fit; it is given how many symbols do not."""
    return fitted(
        text.splitlines(),
        max_tokens,
        lambda lines, left_out: made("".join(f"{line}\n" for line in lines), left_out),
    )


READING_TOOLS = (
    reads(map_repository, "Map a repository"),
    reads(outline_file, "Outline a file"),
    reads(read_code, "Read code"),
)
