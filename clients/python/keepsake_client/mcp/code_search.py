"""The tool that searches code: by name, path, question or text, in one repository."""

import re
from typing import Literal

from pydantic import Field

from keepsake_client.mcp.calls import Call
from keepsake_client.mcp.indexes import (
    REPOSITORY,
    CodeResult,
    RepositoryArguments,
    SnippetLines,
    code_of,
    of_index,
)
from keepsake_client.mcp.results import MaxTokens, ToolResult, fitted, shortened
from keepsake_client.models.code import Symbol, SymbolHits
from keepsake_client.models.text import LineHit, TextHits

_SLASH = re.compile(r"\\.|/")
"""An escaped character, or a slash that is none."""


class SearchCodeArguments(RepositoryArguments):
    """What to look for, in a repository or in all own ones."""

    repository: str = Field(
        default="",
        max_length=500,
        pattern=REPOSITORY + "|^$",
        description="Its name at its host, such as `pallets/click`; all own ones if left out",
    )
    query: str = Field(min_length=1, max_length=500)
    by: Literal["meaning", "name", "text", "regex"] = Field(
        default="meaning",
        description="`meaning`: a question, a name or a path; `name`: a symbol's name, also its "
        "beginning, words of it, or misspelt; `text`: lines with exactly this; `regex`: lines that "
        "match this expression of RE2",
    )
    filters: str = Field(
        default="", max_length=300,
        description="Not by name: `path:src/`, `path:*.py`, `lang:go`, `test:yes`, `case:yes`, by "
        "meaning also `kind:function`; `-` before one turns it round: `-test:yes`",
    )  # fmt: skip
    limit: int = Field(default=20, ge=1, le=100, description="How many hits at most")
    page_token: str = Field(
        default="", max_length=10_000, description="The last result's `next_page_token`"
    )
    snippets: SnippetLines = 0
    max_tokens: MaxTokens = 2_000


class FoundSymbol(ToolResult):
    """A definition, or a file of which lines fit."""

    repository: str | None = Field(default=None, description="Where several were searched")
    path: str
    line: int
    end_line: int
    kind: str
    name: str
    signature: str = ""
    doc: str = ""
    match: str = Field(default="", description="How it was found")
    code: str | None = Field(default=None, description="Its first lines, if asked for")
    best_line: int | None = Field(default=None, description="The line in it that fits best")


class FoundLine(ToolResult):
    """A line that matches."""

    repository: str | None = Field(default=None, description="Where several were searched")
    path: str
    line: int
    text: str


class SearchCodeResult(CodeResult):
    """Definitions, best first; or lines, those of code before those of tests and prose."""

    hits: list[FoundSymbol] = Field(default_factory=list)
    lines: list[FoundLine] = Field(default_factory=list)
    next_page_token: str | None = Field(
        default=None, description="For the next page; ask for it only when nothing is left out"
    )
    complete: bool | None = Field(
        default=None, description="Of lines: every file was read, and there are no others"
    )


async def search_code(call: Call, given: SearchCodeArguments) -> SearchCodeResult:
    """Find definitions by what they are about or by name, or the lines that hold a text.

    Then read one with read_code, or see who uses it with find_references.
    """
    if given.by in ("text", "regex"):
        return _lines(await _matching(call, given), given.max_tokens)
    return _symbols(await _fitting(call, given), given.max_tokens)


async def _fitting(call: Call, given: SearchCodeArguments) -> SymbolHits:
    code, token, snippets = call.client.code, given.page_token or None, given.snippets or None
    if not given.repository:
        return await code.search_all(
            given.query, q=given.filters or None, limit=given.limit, page_token=token
        )
    if given.by == "name":
        return await code.symbols(
            given.place, given.query, limit=given.limit, page_token=token, snippets=snippets
        )
    return await code.search(
        given.place, given.query, q=given.filters or None, limit=given.limit,
        page_token=token, snippets=snippets,
    )  # fmt: skip


async def _matching(call: Call, given: SearchCodeArguments) -> TextHits:
    code, token = call.client.code, given.page_token or None
    term = _phrase(given.query) if given.by == "text" else _expression(given.query)
    query = f"{term} {given.filters}"
    if not given.repository:
        return await code.search_all_text(query, page_size=given.limit, page_token=token)
    return await code.search_text(given.place, query, page_size=given.limit, page_token=token)


def _phrase(text: str) -> str:
    """A text as the language of searches writes it."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _expression(pattern: str) -> str:
    """A regular expression as the language of searches writes it."""
    escaped = _SLASH.sub(lambda match: r"\/" if match[0] == "/" else match[0], pattern)
    return f"/{escaped}/"


def _symbols(found: SymbolHits, max_tokens: int) -> SearchCodeResult:
    hits = [
        FoundSymbol(
            repository=_repository(hit), path=hit.path,
            line=hit.line, end_line=hit.end_line, kind=hit.kind,
            name=hit.qualified or hit.name, signature=shortened(hit.signature, max_tokens),
            doc=shortened(hit.doc or hit.summary, max_tokens), match=hit.match,
            best_line=hit.best_line, code=code_of(hit.snippet, max_tokens),
        )
        for hit in found.hits
    ]  # fmt: skip
    return fitted(
        hits,
        max_tokens,
        lambda shown, left_out: SearchCodeResult(
            **of_index(found), left_out=left_out, hits=shown,
            next_page_token=found.next_page_token,
        ),
    )  # fmt: skip


def _lines(found: TextHits, max_tokens: int) -> SearchCodeResult:
    lines = [
        FoundLine(
            repository=_repository(hit),
            path=hit.path,
            line=hit.line,
            text=shortened(hit.text, max_tokens),
        )
        for hit in found.hits
    ]
    return fitted(
        lines,
        max_tokens,
        lambda shown, left_out: SearchCodeResult(
            **of_index(found), left_out=left_out, lines=shown,
            next_page_token=found.next_page_token, complete=found.complete and not left_out,
        ),
    )  # fmt: skip


def _repository(hit: Symbol | LineHit) -> str | None:
    return f"{hit.org}/{hit.repo}" if hit.org else None
