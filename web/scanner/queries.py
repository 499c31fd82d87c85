"""What a request asks for: a query in the language of searches, and which page of the answer."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from keepsake.scanner import (
    MOST_QUERY_CHARACTERS,
    ParsedQuery,
    QueryProblem,
    free_query,
    parsed_query,
)
from web.edge.auth import Caller

_LANGUAGE = (
    'Words, `"phrases"` and `/expressions/`, with `path:`, `lang:`, `test:`, `kind:`, `case:yes`, '
    "`repo:` and `-` before what is not wanted"
)
_EXAMPLE = 'retry lang:go -test:true "no such host"'
QueryText = Annotated[
    str,
    Query(
        min_length=1,
        max_length=MOST_QUERY_CHARACTERS,
        description=_LANGUAGE,
        examples=[_EXAMPLE],
    ),
]
PageSize = Annotated[int, Query(ge=1, le=200, description="How many lines at most")]
Context = Annotated[int, Query(ge=0, le=10, description="Lines around each, so many each way")]
HitLimit = Annotated[int, Query(ge=1, le=100)]
PageToken = Annotated[str, Query(max_length=10_000)]


async def _wanted(_: Caller, q: QueryText) -> ParsedQuery:
    """A query that looks for lines.

    Raises:
        QueryProblem: It cannot be read, or looks for no text.
    """
    query = parsed_query(q)
    if not query.wanted:
        raise QueryProblem("nothing to look for", len(q), "a word, a phrase or an expression")
    if query.kinds or query.not_kinds:
        raise QueryProblem("`kind:` is of symbols, not of lines", 0, "no `kind:` here")
    return query


Wanted = Annotated[ParsedQuery, Depends(_wanted)]


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A query as it was written, and what it means."""

    text: str
    query: ParsedQuery

    def __str__(self) -> str:
        """What its pages are of."""
        return self.text


async def _asked(
    _: Caller,
    q: Annotated[
        str,
        Query(max_length=MOST_QUERY_CHARACTERS, description=_LANGUAGE, examples=[_EXAMPLE]),
    ] = "",
    query: Annotated[
        str,
        Query(max_length=MOST_QUERY_CHARACTERS, description="Words in which nothing has a "
              "meaning of its own, such as a question; beside `q` or instead of it"),
    ] = "",
) -> AskedFor:  # fmt: skip
    """Words, and what a query in the language of searches says besides.

    Raises:
        QueryProblem: It cannot be read, or there is nothing to look for.
    """
    asked = free_query(query).limited(parsed_query(q))
    if not asked.wanted:
        raise QueryProblem("nothing to look for", len(q), "a word, a phrase or an expression")
    return AskedFor(f"{len(q)} {q} {query}", asked)


Asked = Annotated[AskedFor, Depends(_asked)]
