"""Searching memories: by words and meaning together, with what stands around them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from keepsake.inference import Embedder, Vector
from keepsake.memory.domains.registry import DOMAINS, DomainName
from keepsake.memory.models import Kind, MemoryScope
from keepsake.memory.searching.atlas import Nearness
from keepsake.memory.searching.index import DOMAIN_NUMBERS, UserIndex
from keepsake.memory.searching.index_cache import IndexCache, MemoryReader
from keepsake.memory.searching.question import parse_question
from keepsake.memory.searching.ranking import Scores, rank
from keepsake.storage import Document, LengthFirst, Moment

_LOOKED_AT = 4
"""How many times as many rows as hits are read, for those that say nothing new."""


class MemoryQuery(BaseModel):
    """What to look for."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, str_strip_whitespace=True)

    query: str = Field(min_length=1, max_length=5_000, examples=["Where do I live?"])
    top_k: StrictInt = Field(default=10, ge=1, le=100)
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1, max_length=len(Kind)), LengthFirst()] = (
        tuple(Kind)
    )
    domains: Annotated[
        tuple[DomainName, ...], Field(min_length=1, max_length=len(DOMAINS)), LengthFirst()
    ] = tuple(DOMAINS)
    since: Moment | None = Field(default=None, description="Said or happened from then on")
    until: Moment | None = Field(default=None, description="Said or happened before")
    as_of: Moment | None = Field(
        default=None, description="What held at that moment; now when empty"
    )
    explain: StrictBool = Field(default=False, description="Show the parts of each score")


@dataclass(frozen=True, slots=True)
class MemoryHit:
    """A memory or turn that was found. Scores compare within one answer only."""

    domain: str
    content: str
    score: float
    metadata: dict[str, Any]
    kind: Kind = Kind.MEMORY
    source_ids: tuple[str, ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)
    explain: dict[str, float] | None = None


class Search:
    """Searches one user's memories and turns."""

    def __init__(
        self,
        reader: MemoryReader,
        embedder: Embedder,
        most_bytes: int = 256 << 20,
        server: Nearness | None = None,
    ) -> None:
        self._reader = reader
        self._cache = IndexCache(reader, most_bytes, served=server is not None)
        self._embedder = embedder
        self._server = server

    def search(
        self, scope: MemoryScope, query: str, *, domains: Sequence[str], top_k: int
    ) -> list[MemoryHit]:
        """The best memories and turns of some domains, each by itself, best first.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        asked = MemoryQuery(query=query, domains=tuple(dict.fromkeys(domains)), top_k=top_k)
        return self._find(scope, asked, once=False)

    def find(self, scope: MemoryScope, query: MemoryQuery) -> list[MemoryHit]:
        """The best hits, best first; what only repeats the turns of a better one is left out.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        return self._find(scope, query, once=True)

    @property
    def size_bytes(self) -> int:
        """What the indexes take that this process keeps."""
        return self._cache.size_bytes

    def _find(self, scope: MemoryScope, query: MemoryQuery, *, once: bool) -> list[MemoryHit]:
        cached = self._cache.current(scope)
        with cached.lock.reading():
            index = cached.index
            if not len(index):
                return []
            question = parse_question(query.query, index.speakers, datetime.now(UTC).date())
        near = self._nearness(scope, question.text)  # outside the lock, as it takes longest
        with cached.lock.reading():
            holding = _holding(index, query.as_of)
            allowed = holding & _allowed(index, query)
            scores = rank(index, question, near(index), allowed, holding)
            best = _best(scores, allowed, query.top_k * _LOOKED_AT)
            ids = {int(row): index.ids[row] for row in best}
        texts = self._reader.texts(scope, list(ids.values()))
        documents = [
            (row, texts[memory_id]) for row, memory_id in ids.items() if memory_id in texts
        ]
        shown = (_news(documents) if once else documents)[: query.top_k]
        return [_hit(document, scores, row, explain=query.explain) for row, document in shown]

    def _nearness(self, scope: MemoryScope, text: str) -> Callable[[UserIndex], Vector]:
        """How near the rows of an index are to a text; what is asked of others is asked before."""
        vector = self._embedder.embed([text])[0]
        if self._server is None:
            return lambda index: index.cosines(vector)
        nearest = self._server.nearest(scope, vector)
        return lambda index: index.merged(vector, nearest.cosines, nearest.others)


def _holding(index: UserIndex, as_of: datetime | None) -> NDArray[np.bool_]:
    """What holds at a moment; what has not ended when none is named."""
    rows = index.rows
    moment = as_of.timestamp() if as_of else None
    holding: NDArray[np.bool_] = (
        np.isinf(rows["valid_to"])
        if moment is None
        else (rows["valid_from"] <= moment) & (moment < rows["valid_to"])
    )
    return holding


def _allowed(index: UserIndex, query: MemoryQuery) -> NDArray[np.bool_]:
    """Which rows may be answered: by kind, domain and time."""
    rows = index.rows
    allowed = np.isin(rows["domain"], [DOMAIN_NUMBERS[domain] for domain in query.domains])
    if len(query.kinds) == 1:
        allowed &= rows["is_turn"] == (query.kinds[0] is Kind.TURN)
    if query.since is not None:
        allowed &= rows["last_day"] >= query.since.date().toordinal()
    if query.until is not None:
        allowed &= rows["first_day"] <= query.until.date().toordinal()
    answerable: NDArray[np.bool_] = allowed
    return answerable


def _best(scores: Scores, allowed: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    rows = np.flatnonzero(allowed)
    if len(rows) > count:
        rows = rows[np.argpartition(-scores.total[rows], count)[:count]]
    best: NDArray[np.intp] = rows[np.lexsort((rows, -scores.total[rows]))]
    return best


def _news(documents: Sequence[tuple[int, Document]]) -> list[tuple[int, Document]]:
    """Without those whose turns are all shown by better ones."""
    covered: set[str] = set()
    news = []
    for row, document in documents:
        sources = _sources(document)
        if not sources or not covered.issuperset(sources):
            news.append((row, document))
        covered.update(sources)
    return news


def _hit(document: Document, scores: Scores, row: int, *, explain: bool) -> MemoryHit:
    provenance = document["provenance"]
    return MemoryHit(
        domain=document["domain"],
        content=document["content"],
        score=round(float(scores.total[row]), 4),
        metadata=_metadata(document),
        kind=Kind(document["kind"]),
        source_ids=_sources(document),
        provenance={**provenance, "confidence": document["confidence"]},
        explain=scores.explain(row) if explain else None,
    )


def _metadata(document: Document) -> dict[str, Any]:
    ended = document["valid_to"]
    metadata = {
        "memory_id": document["_id"],
        "job_id": document["provenance"]["job_id"],
        "created_at": document["created_at"].isoformat(),
        "said_at": document["said_at"].isoformat(),
        "event_date": document["event_date"],
        "valid_from": document["valid_from"].isoformat(),
        "valid_to": ended.isoformat() if ended else None,
    }
    extra = ("when", "slot", "code", "session_id", "response")
    return metadata | {name: document[name] for name in extra if document.get(name)}


def _sources(document: Document) -> tuple[str, ...]:
    """The turns that say it: the caller's ids of them where there are any."""
    if document["kind"] == Kind.TURN:
        return (document["source_id"] or document["_id"],)
    said = [turn["source_id"] or turn["turn_id"] for turn in document["support"]]
    return tuple(dict.fromkeys(said))
