"""`/v2/scanner/repositories`: searching what scans have indexed."""

from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Query

from keepsake.scanner import (
    Definitions,
    FolderListing,
    ImpactList,
    SymbolHits,
    UseList,
    UsePlace,
)
from web.dependencies import Code, Prompts
from web.edge.body_limits import BoundedRoute
from web.pages import Paging
from web.scanner.places import Indexed, Reading
from web.scanner.queries import Asked, HitLimit, PageToken

router = APIRouter(
    prefix="/v2/scanner/repositories/{org}/{repo}", tags=["scanner"], route_class=BoundedRoute
)
Text = Annotated[str, Query(min_length=1, max_length=1_000)]
FilePath = Annotated[str, Query(min_length=1, max_length=1_024)]
Symbol = Annotated[str | None, Query(max_length=500, description="Its name, or qualified name")]
SnippetLines = Annotated[
    int, Query(ge=0, le=50, description="How many lines of code come with each; none for 0")
]
UseKind = Literal["call", "value", "type", "inherit", "import", "re-export"]
_MOST_NAMED = 1_000
"""Hits of all pages of a name: those are looked for anew that stand on the pages before."""
_PLACE = (str, int, str, str, str, str)
Depth = Annotated[int, Query(ge=1, le=10, description="How many calls or imports away")]


class SearchPage(SymbolHits):
    """Some symbols and files, best first."""

    next_page_token: str | None


@router.get("/symbols")
def symbols_by_name(
    place: Indexed,
    name: Text,
    reader: Reading,
    code: Code,
    prompts: Prompts,
    pages: Paging,
    limit: HitLimit = 20,
    page_token: PageToken = "",
    snippets: SnippetLines = 0,
) -> SearchPage:
    """Symbols by name: exact, prefix, words inside, misspelt."""
    bound = (place, name)
    begin = pages.parts(page_token, (int,), *bound)[0] if page_token else 0
    answer = code.by_name(reader, place, name, begin + limit + 1)
    more = len(answer.hits) > begin + limit and begin + limit < _MOST_NAMED
    answer = answer.model_copy(update={"hits": answer.hits[begin : begin + limit]})
    token = pages.token((begin + limit,), *bound) if more else None
    shown = prompts.with_snippets(reader, place, answer, snippets)
    return SearchPage(**dict(shown), next_page_token=token)


@router.get("/search")
def symbols_by_meaning(
    place: Indexed,
    asked: Asked,
    reader: Reading,
    code: Code,
    prompts: Prompts,
    pages: Paging,
    limit: HitLimit = 20,
    page_token: PageToken = "",
    snippets: SnippetLines = 0,
) -> SearchPage:
    """What fits a name, a path or a question: by names, text, paths and meaning together.

    A name by itself comes first where something has it, then definitions, then text in code. Where
    lines fit that stand in no symbol, the hit is of the kind `file`. `semantic` says how much of
    the index has vectors.
    """
    bound = (place, asked)
    begin = pages.parts(page_token, (int,), *bound)[0] if page_token else 0
    answer, more = code.search(reader, place, asked.query, limit, begin)
    token = pages.token((begin + limit,), *bound) if more else None
    shown = prompts.with_snippets(reader, place, answer, snippets)
    return SearchPage(**dict(shown), next_page_token=token)


class UsePage(UseList):
    """Some places that use a name, by path and line."""

    next_page_token: str | None


@router.get("/references")
def references(
    place: Indexed,
    name: Text,
    reader: Reading,
    code: Code,
    prompts: Prompts,
    pages: Paging,
    kind: Annotated[
        list[UseKind] | None,
        Query(max_length=len(get_args(UseKind)), description="Of these kinds; of all without"),
    ] = None,
    page_size: Annotated[int, Query(ge=1, le=500)] = 100,
    page_token: Annotated[str, Query(max_length=10_000)] = "",
    snippets: SnippetLines = 0,
) -> UsePage:
    """The places that use a name, as far as it stands in code: `unparsed` says where else to look.

    A type that is called, such as `new Order()`, is a `call`. A decorator or annotation is one too.
    """
    kinds = sorted(set(kind or get_args(UseKind)))
    bound = (place, name, kinds)
    after = UsePlace(*pages.parts(page_token, _PLACE, *bound)) if page_token else None
    answer, last = code.references(reader, place, name, kinds, page_size, after)
    token = pages.token(last, *bound) if last else None
    shown = prompts.with_snippets(reader, place, answer, snippets)
    return UsePage(**dict(shown), next_page_token=token)


@router.get("/callers")
def callers(
    place: Indexed, name: Text, reader: Reading, code: Code, prompts: Prompts,
    snippets: SnippetLines = 0,
) -> UseList:  # fmt: skip
    """The places that call a name: `/references` of the kind `call`, in one answer."""
    return prompts.with_snippets(reader, place, code.callers(reader, place, name), snippets)


@router.get("/subclasses")
def subclasses(
    place: Indexed, name: Text, reader: Reading, code: Code, prompts: Prompts,
    snippets: SnippetLines = 0,
) -> UseList:  # fmt: skip
    """The places where types inherit from one of this name, also through others.

    `symbol` is the type that inherits, `text` from what. Bases, interfaces, traits, mixins,
    embedded types and derived traits count.
    """
    return prompts.with_snippets(reader, place, code.subclasses(reader, place, name), snippets)


@router.get("/implementations")
def implementations(
    place: Indexed, name: Text, reader: Reading, code: Code, prompts: Prompts,
    snippets: SnippetLines = 0,
) -> UseList:  # fmt: skip
    """What implements a type, as `/subclasses` has it, or the definitions that implement a method.

    A type of Go that has all methods of an interface is `ambiguous`: it names no interface.
    """
    return prompts.with_snippets(reader, place, code.implementations(reader, place, name), snippets)


@router.get("/importers")
def importers(
    place: Indexed, path: FilePath, reader: Reading, code: Code, prompts: Prompts,
    snippets: SnippetLines = 0,
) -> UseList:  # fmt: skip
    """The places that import a file or a module."""
    return prompts.with_snippets(reader, place, code.importers(reader, place, path), snippets)


@router.get("/definitions")
def definitions(place: Indexed, path: FilePath, reader: Reading, code: Code) -> Definitions:
    """What a file defines."""
    return code.definitions(reader, place, path)


@router.get("/impact")
def impact(
    place: Indexed, path: FilePath, reader: Reading, code: Code,
    symbol: Symbol = None, depth: Depth = 3,
) -> ImpactList:  # fmt: skip
    """What may change when a file, or one of its symbols, changes: by calls and imports."""
    return code.impact(reader, place, path, symbol, depth)


@router.get("/tree")
def tree(
    place: Indexed, reader: Reading, code: Code,
    folder: Annotated[str, Query(max_length=1_024)] = "",
    *,
    unread: Annotated[
        bool, Query(description="Instead, the files below it that were not read whole")
    ] = False,
) -> FolderListing:  # fmt: skip
    """The files and folders right inside a folder; `skip` says why a file was not read."""
    return code.tree(reader, place, folder, unread=unread)
