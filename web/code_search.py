"""`/v2/scanner/repositories`: searching what scans have indexed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from scanner.search.browsing import Excerpt, Node
from scanner.search.hits import Hit, Impact, Use
from scanner.search.service import CodeSearch, Place
from web.auth import Caller
from web.segments import Org, Repo
from web.sharing import reader_of

router = APIRouter(prefix="/v2/scanner/repositories/{org}/{repo}", tags=["scanner"])
Branch = Annotated[
    str | None, Query(max_length=250, description="The latest scanned one when not given")
]
Limit = Annotated[int, Query(ge=1, le=100)]
Text = Annotated[str, Query(min_length=1, max_length=1_000)]
FilePath = Annotated[str, Query(min_length=1, max_length=1_024)]
Symbol = Annotated[str | None, Query(max_length=500, description="Its name, or qualified name")]
Depth = Annotated[int, Query(ge=1, le=10, description="How many calls or imports away")]


class Symbols(BaseModel):
    """Symbols, best first, and the commit they are of."""

    commit: str
    branch: str
    hits: list[Hit]


class Uses(BaseModel):
    """Places in the code."""

    uses: list[Use]


class Definitions(BaseModel):
    """The symbols of a file, from top to bottom."""

    symbols: list[Hit]


class Impacts(BaseModel):
    """What may change too, nearest first."""

    impacts: list[Impact]


class Tree(BaseModel):
    """What is right inside a folder."""

    nodes: list[Node]


class SourceView(BaseModel):
    """Text with its place."""

    source: Excerpt


@router.get("/symbols")
def symbols_by_name(
    org: Org, repo: Repo, name: Text, caller: Caller, request: Request,
    branch: Branch = None, limit: Limit = 20,
) -> Symbols:  # fmt: skip
    """Symbols by name: exact, prefix, words inside, misspelt."""
    found = _search(request).by_name(reader_of(caller), Place(org, repo, branch), name, limit)
    return Symbols(commit=found.commit, branch=found.branch, hits=found.hits)


@router.get("/search")
def symbols_by_meaning(
    org: Org, repo: Repo, query: Text, caller: Caller, request: Request,
    branch: Branch = None, limit: Limit = 20,
) -> Symbols:  # fmt: skip
    """Symbols by what they are about."""
    found = _search(request).by_meaning(reader_of(caller), Place(org, repo, branch), query, limit)
    return Symbols(commit=found.commit, branch=found.branch, hits=found.hits)


@router.get("/callers")
def callers(
    org: Org, repo: Repo, name: Text, caller: Caller, request: Request, branch: Branch = None
) -> Uses:
    """The places that call a name."""
    found = _search(request).callers(reader_of(caller), Place(org, repo, branch), name)
    return Uses(uses=found)


@router.get("/importers")
def importers(
    org: Org, repo: Repo, path: FilePath, caller: Caller, request: Request, branch: Branch = None
) -> Uses:
    """The places that import a file or a module."""
    found = _search(request).importers(reader_of(caller), Place(org, repo, branch), path)
    return Uses(uses=found)


@router.get("/definitions")
def definitions(
    org: Org, repo: Repo, path: FilePath, caller: Caller, request: Request, branch: Branch = None
) -> Definitions:
    """What a file defines."""
    found = _search(request).definitions(reader_of(caller), Place(org, repo, branch), path)
    return Definitions(symbols=found)


@router.get("/impact")
def impact(
    org: Org, repo: Repo, path: FilePath, caller: Caller, request: Request,
    symbol: Symbol = None, depth: Depth = 3, branch: Branch = None,
) -> Impacts:  # fmt: skip
    """What may change when a file, or one of its symbols, changes: by calls and imports."""
    place = Place(org, repo, branch)
    found = _search(request).impact(reader_of(caller), place, path, symbol, depth)
    return Impacts(impacts=found)


@router.get("/tree")
def tree(
    org: Org, repo: Repo, caller: Caller, request: Request,
    folder: Annotated[str, Query(max_length=1_024)] = "", branch: Branch = None,
) -> Tree:  # fmt: skip
    """The files and folders right inside a folder."""
    found = _search(request).tree(reader_of(caller), Place(org, repo, branch), folder)
    return Tree(nodes=found)


@router.get("/source")
def source(
    org: Org, repo: Repo, path: FilePath, caller: Caller, request: Request,
    symbol: Symbol = None, branch: Branch = None,
) -> SourceView:  # fmt: skip
    """A file's or a symbol's text with its line numbers."""
    place = Place(org, repo, branch)
    found = _search(request).source(reader_of(caller), place, path, symbol=symbol)
    return SourceView(source=found)


def _search(request: Request) -> CodeSearch:
    search: CodeSearch = request.app.state.code_search
    return search
