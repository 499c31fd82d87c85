"""`/v2/scanner/repositories`: code for prompts, as its map, its outline, its lines and history."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from keepsake.scanner import CodeMap, LineHistory, Outline, SourceView
from web.dependencies import Prompts
from web.edge.body_limits import BoundedRoute
from web.problems import misfit
from web.scanner.places import Indexed, Reading

router = APIRouter(
    prefix="/v2/scanner/repositories/{org}/{repo}", tags=["scanner"], route_class=BoundedRoute
)
_LAST_LINE = 2**31 - 1
MaxTokens = Annotated[
    int, Query(ge=50, le=32_000, description="How many tokens the text may take at most")
]
FilePath = Annotated[str, Query(min_length=1, max_length=1_024)]


@dataclass(frozen=True, slots=True)
class Passage:
    """A file, some of its lines, or a symbol."""

    path: str | None
    symbol: str | None
    lines: tuple[int, int] | None


async def _passage(
    path: Annotated[
        str | None,
        Query(min_length=1, max_length=1_024,
              description="A file; of a symbol without it, wherever it is defined"),
    ] = None,
    symbol: Annotated[
        str | None, Query(min_length=1, max_length=500, description="Its name, or qualified name")
    ] = None,
    first: Annotated[
        int | None, Query(alias="from", ge=1, le=_LAST_LINE, description="The first line")
    ] = None,
    last: Annotated[
        int | None, Query(alias="to", ge=1, le=_LAST_LINE, description="The last line")
    ] = None,
) -> Passage:  # fmt: skip
    if path is None and symbol is None:
        raise misfit("query", "/path", "Give a `path`, a `symbol`, or both")
    lines = None if first is None and last is None else (first or 1, last or _LAST_LINE)
    if lines and symbol is not None:
        raise misfit("query", "/from", "Lines are of a `path` without a `symbol`")
    if lines and lines[0] > lines[1]:
        raise misfit("query", "/to", "The last line is before the first")
    return Passage(path, symbol, lines)


Asked = Annotated[Passage, Depends(_passage)]


@router.get("/map")
def code_map(
    place: Indexed, reader: Reading, prompts: Prompts,
    max_tokens: MaxTokens = 1_000,
    query: Annotated[
        str, Query(max_length=1_000, description="What the map is for; everything when empty")
    ] = "",
    path: Annotated[
        str, Query(max_length=1_024, description="A file or a folder to look from")
    ] = "",
) -> CodeMap:  # fmt: skip
    """The symbols that most of the code leads to, with signatures, in as many tokens as are given.

    `text` is for a prompt, `files` has the same. A `query` or a `path` shows what fits it, and what
    that uses. Tests, examples and vendored code weigh less.
    """
    return prompts.map(reader, place, max_tokens, query, path)


@router.get("/outline")
def outline(
    place: Indexed, path: FilePath, reader: Reading, prompts: Prompts, max_tokens: MaxTokens = 2_000
) -> Outline:
    """The symbols of a file as a tree with lines and signatures; the outer ones first to fit."""
    return prompts.outline(reader, place, path, max_tokens)


@router.get("/source")
def source(place: Indexed, reader: Reading, asked: Asked, prompts: Prompts) -> SourceView:
    """The text of a file, of some lines, or of a symbol; `reason` says why there is none.

    A symbol needs no `path`: `others` says where else its name is defined.
    """
    return prompts.source(reader, place, asked.path, asked.symbol, asked.lines)


@router.get("/history")
def history(
    place: Indexed, reader: Reading, asked: Asked, prompts: Prompts,
    limit: Annotated[int, Query(ge=1, le=50, description="How many commits at most")] = 10,
) -> LineHistory:  # fmt: skip
    """The last commits that changed a symbol, some lines or a file.

    Scans fetch as many commits as the operator allows, one by default: unless `complete` is true,
    `reason` says why older ones are missing.
    """
    return prompts.history(reader, place, asked.path, asked.symbol, asked.lines, limit)
