"""Searching memories: by words and meaning together, with what stands around them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, StrictBool, StrictInt

from keepsake.inference import Embedder, Vector
from keepsake.memory.domains.registry import DOMAINS, DomainName
from keepsake.memory.models import Kind, MemoryScope
from keepsake.memory.searching.hits import MemoryHit, news, outdated, sources, tells
from keepsake.memory.searching.index import DOMAIN_NUMBERS, UserIndex
from keepsake.memory.searching.index_cache import CachedIndex, IndexCache, MemoryReader, Nearness
from keepsake.memory.searching.question import ParsedQuestion, parse_question
from keepsake.memory.searching.ranking import Scores, Standing, asked_facts, rank
from keepsake.memory.tags import TurnTags
from keepsake.storage import Document, LengthFirst, Moment

_LOOKED_AT = 4
"""How many times as many rows as hits are read, for those that say nothing new."""
_MOST_FACTS = 20


class MemoryQuery(TurnTags):
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
class Findings:
    """What is stored about a question: hits, and the facts that it asks for.

    hits: memories and turns that may answer it, best first.
    facts: those that hold of what it asks for. former: those that have ended, the last one first.
    parts: the memories that hits say and that hold, by the turn's id.
    """

    question: ParsedQuestion
    hits: list[MemoryHit] = field(default_factory=list)
    facts: list[MemoryHit] = field(default_factory=list)
    former: list[MemoryHit] = field(default_factory=list)
    parts: dict[str, list[MemoryHit]] = field(default_factory=dict)


class Search:
    """Searches one user's memories and turns."""

    def __init__(
        self,
        reader: MemoryReader,
        embedder: Embedder,
        most_bytes: int = 256 << 20,
        server: Nearness | None = None,
        embed_anew: Callable[[MemoryScope], None] | None = None,
    ) -> None:
        """Search what a reader reads.

        server: who compares vectors; this process if None. embed_anew: what is called when a user
        has vectors of another model, which are not compared.
        """
        self._reader = reader
        self._cache = IndexCache(
            reader, most_bytes, served=server is not None, model=embedder.model.name
        )
        self._embed_anew = embed_anew
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

    def current(self, scope: MemoryScope) -> CachedIndex:
        """The user's index as of now or later.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        return self._cache.current(scope)

    @property
    def size_bytes(self) -> int:
        """What the indexes take that this process keeps."""
        return self._cache.size_bytes

    def findings(self, scope: MemoryScope, query: MemoryQuery) -> Findings:
        """What an answer to a question may rest on.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        view = self._look(scope, query, facts=True)
        if view is None:
            return Findings(
                parse_question(query.query, (), (), date.min, own_names=[scope.user_id])
            )
        read = self._read(scope, view, query)
        return Findings(
            view.question,
            hits=[read[row] for row in view.best if row in read],
            facts=[read[row] for row in view.facts if row in read],
            former=[read[row] for row in view.former if row in read],
            parts={turn: [read[row] for row in rows if row in read]
                   for turn, rows in view.parts.items()},
        )  # fmt: skip

    def _find(self, scope: MemoryScope, query: MemoryQuery, *, once: bool) -> list[MemoryHit]:
        view = self._look(scope, query, facts=False)
        if view is None:
            return []
        read = self._read(scope, view, query)
        hits = [read[row] for row in view.best if row in read]
        return (news(hits) if once else hits)[: query.top_k]

    def _look(self, scope: MemoryScope, query: MemoryQuery, *, facts: bool) -> "_View | None":
        """What an index says; None when it is empty. With `facts` also those that are asked for."""
        cached = self._cache.current(scope)
        with cached.lock.reading():
            index = cached.index
            if not len(index):
                return None
            unembedded = bool(index.unembedded)
            subjects = {subject for subject, _ in index.facts}
            today = (query.as_of or datetime.now(UTC)).date()
            own_names = {scope.user_id, *index.own_names}
            question = parse_question(
                query.query, index.speakers, subjects, today, sorted(index.languages), own_names
            )
            question = replace(question, terms=(*question.terms, *index.compounds(question.terms)))
        if unembedded and self._embed_anew:
            self._embed_anew(scope)
        near = self._nearness(scope, question.text)  # outside the lock, as it takes longest
        tags = query.conditions()
        tagged = self._reader.tagged(scope, tags) if tags else []
        with cached.lock.reading():
            standing = Standing.at(index, query.as_of)
            belonging = index.among(tagged) if tags else np.ones(len(index), dtype=np.bool_)
            allowed = standing.holding & _allowed(index, query) & belonging
            cosines = near(index)
            scores = rank(index, question, cosines, allowed, standing)
            best = _best(scores, allowed, query.top_k * _LOOKED_AT)
            view = _View(index, question, scores, standing, best.tolist(), cosines)
            if facts:
                view.add_facts(belonging)
            return view

    def _read(self, scope: MemoryScope, view: "_View", query: MemoryQuery) -> dict[int, MemoryHit]:
        """The hits by row, read from MongoDB in one round trip."""
        documents = self._reader.texts(scope, list(view.ids.values()))
        rows = {row: documents[i] for row, i in view.ids.items() if i in documents}
        return {row: _hit(document, view, row, rows, explain=query.explain)
                for row, document in rows.items()}  # fmt: skip

    def _nearness(self, scope: MemoryScope, text: str) -> Callable[[UserIndex], Vector]:
        """How near the rows of an index are to a text; what is asked of others is asked before."""
        vector = self._embedder.embed_query(text)
        if self._server is None:
            return lambda index: index.cosines(vector)
        nearest = self._server.nearest(scope, vector)
        return lambda index: index.merged(vector, nearest.cosines, nearest.others)


class _View:
    """What a question finds in an index: rows, and all that is needed of it once it is let go."""

    def __init__(
        self, index: UserIndex, question: ParsedQuestion, scores: Scores, standing: Standing,
        best: list[int], cosines: Vector,
    ) -> None:  # fmt: skip
        self.question, self.scores, self.best = question, scores, best
        self.facts: list[int] = []
        self.former: list[int] = []
        self.parts: dict[str, list[int]] = {}
        self._index, self._standing, self._cosines = index, standing, np.nan_to_num(cosines)
        self.nearness: dict[int, float] = {}
        self.ids: dict[int, str] = {}
        self.speakers: dict[int, str] = {}
        self.ended: dict[int, list[int]] = {}
        self._take(best)
        self._add_ended(best)

    def add_facts(self, belonging: NDArray[np.bool_]) -> None:
        """Take the facts that the question asks for as well, and those that the turns say.

        belonging: which rows have the tags that are asked for.
        """
        asked = asked_facts(self._index, self.question) & belonging
        held = np.flatnonzero(asked & self._standing.holding)
        order = np.argsort(-self.scores.total[held], kind="stable")
        self.facts = held[order][:_MOST_FACTS].tolist()
        gone = np.flatnonzero(asked & self._standing.ended)
        latest = np.argsort(-self._index.rows["valid_to"][gone], kind="stable")
        self.former = gone[latest][:_MOST_FACTS].tolist()
        self._take([*self.facts, *self.former])
        self._add_ended(self.facts)
        for turn, memory in self._said(self.best, self._standing.holding & belonging):
            self.parts.setdefault(self.ids[turn], []).append(memory)
            self._take([memory])

    def _add_ended(self, rows: Sequence[int]) -> None:
        """What had ended of all that the turns say that some rows come from."""
        turns = self._index.rows["turn"]
        ended: dict[int, list[int]] = {}
        for turn, memory in self._said([int(turns[row]) for row in rows], self._standing.ended):
            ended.setdefault(turn, []).append(memory)
            self._take([memory])
        self.ended |= {row: ended[turns[row]] for row in rows if turns[row] in ended}

    def _said(self, turns: Sequence[int], memories: NDArray[np.bool_]) -> list[tuple[int, int]]:
        """Some turns, each with those of some memories that it says."""
        pairs = self._index.said_by(turns)
        return [(turn, memory) for turn, memory in pairs[memories[pairs[:, 1]]].tolist()]

    def _take(self, rows: Sequence[int]) -> None:
        for row in rows:
            self.ids[row] = self._index.ids[row]
            self.speakers[row] = self._index.speaker(row)
            self.nearness[row] = float(self._cosines[row])


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


def _hit(
    document: Document, view: _View, row: int, rows: Mapping[int, Document], *, explain: bool
) -> MemoryHit:
    ended = {rows[each]["_id"]: rows[each] for each in view.ended.get(row, ())
             if each in rows and tells(document, rows[each])}  # fmt: skip
    same = ("domain", "content", "said_at", "valid_from", "valid_to", "created_at", "confidence",
            "event_date")  # fmt: skip
    extra = ("slot", "when", "code", "session_id", "response", "superseded_by", "agent_id",
             "run_id", "metadata", "expires_at")  # fmt: skip
    return MemoryHit(
        id=document["_id"],
        kind=Kind(document["kind"]),
        score=round(float(view.scores.total[row]), 4),
        speaker=view.speakers[row],
        nearness=view.nearness[row],
        source_ids=sources(document),
        provenance={**document["provenance"], "confidence": document["confidence"]},
        outdated=tuple(map(outdated, ended.values())),
        explain=view.scores.explain(row) if explain else None,
        **{name: document[name] for name in same},
        **{name: document[name] for name in extra if document.get(name)},
    )
