"""What is remembered of a user, for a prompt: one call, within a number of tokens.

Instructions, facts and events to come are read by the user's index, so they are those that hold
now; turns are what a search finds. Without a query the same is answered until the user's revision
changes, or the day, or something expires.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsake.memory.domains.profile import PROFILE
from keepsake.memory.domains.registry import SUMMARY
from keepsake.memory.domains.statement_filter import sentences
from keepsake.memory.domains.temporal import TEMPORAL
from keepsake.memory.keys import bare_text
from keepsake.memory.models import Kind, MemoryScope
from keepsake.memory.prompting.page import (
    ContextEvent,
    ContextFact,
    ContextLine,
    ContextPage,
    ContextPart,
    ContextTurn,
    Item,
    event_line,
    fact_lines,
    turn_line,
)
from keepsake.memory.prompting.tokens import shortened, tokens
from keepsake.memory.searching.hits import MemoryHit, still_said
from keepsake.memory.searching.index import DOMAIN_NUMBERS, UserIndex
from keepsake.memory.searching.index_cache import MemoryReader
from keepsake.memory.searching.overview import USER
from keepsake.memory.searching.ranking import Standing
from keepsake.memory.searching.search import Search
from keepsake.storage import Document

INSTRUCTION = "instruction"
_LINE_TOKENS = 20
"""What a line takes at least: more than fit are not read."""
_MOST_HITS, _MOST_TURNS = 60, 20
_LONGEST = 4
"""A text takes at most this part of all tokens."""
_KEPT = 256
"""How many answers without a query a process keeps."""


@dataclass(frozen=True, slots=True)
class PromptContext:
    """What a prompt may say of a user: as Markdown, and what it says by section.

    tokens: how many the Markdown takes at most. left_out: how much did not fit.
    """

    markdown: str
    tokens: int
    left_out: int
    instructions: list[Item]
    profile: list[Item]
    events: list[Item]
    turns: list[Item]


@dataclass(frozen=True, slots=True)
class _Held:
    """What of a user's memories holds now: ids by section, the most important first.

    count: how many there are in all. until: when something of it changes by itself.
    """

    ids: Mapping[ContextPart, list[str]]
    count: int
    until: float


class PromptContexts:
    """Puts contexts together; everything is scoped by owner and user."""

    def __init__(self, search: Search, reader: MemoryReader) -> None:
        self._search = search
        self._reader = reader
        self._kept = _Kept()

    def of(self, scope: MemoryScope, query: str = "", max_tokens: int = 2_000) -> PromptContext:
        """What is remembered of a user, and what was said that is near a query, if there is one.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        cached, now = self._search.current(scope), datetime.now(UTC)
        with cached.lock.reading():
            version = (cached.index.revision, cached.index.epoch)
            kept = None if query else self._kept.get((scope, max_tokens), version, now)
            if kept is not None:
                return kept
            held = _held(cached.index, now, max_tokens // _LINE_TOKENS)
        domains = (PROFILE.name, TEMPORAL.name, SUMMARY.name)
        hits = self._search.search(scope, query, domains=domains, top_k=_MOST_HITS) if query else []
        context = self._filled(scope, held, hits, query, max_tokens)
        if not query:
            self._kept.put((scope, max_tokens), version, held.until, context)
        return context

    def _filled(
        self, scope: MemoryScope, held: _Held, hits: Sequence[MemoryHit], query: str, most: int
    ) -> PromptContext:
        ids, longest = _nearest_first(held, hits), most // _LONGEST
        documents = self._reader.texts(scope, [each for some in ids.values() for each in some])
        known = {part: [documents[each] for each in some if each in documents]
                 for part, some in ids.items()}  # fmt: skip
        lines = list(_lines(known, longest))
        said = {
            bare_text(query),
            *(bare_text(item.content) for line in lines for item in line.items),
        }
        turns = [turn for hit in hits if hit.kind is Kind.TURN and (turn := _turn(hit, longest))]
        news = [turn_line(turn) for turn in turns if bare_text(turn.content) not in said]
        news = news[:_MOST_TURNS]
        page = ContextPage(most)
        spare = min(sum(line.cost for line in news), (most - page.used) // 2)
        rest = page.fill(lines, spare)
        turns_left = page.fill(news)
        page.fill(rest)
        gone = sum(map(len, ids.values())) - len(documents)
        return _shown(page, held.count - gone, len(turns_left))


def _nearest_first(held: _Held, hits: Sequence[MemoryHit]) -> dict[ContextPart, list[str]]:
    """What holds, of the facts those first that were found by the query."""
    near = [hit.id for hit in hits if hit.kind is Kind.MEMORY and hit.domain == PROFILE.name
            and not _is_instruction(hit.slot)]  # fmt: skip
    facts = dict.fromkeys([*near, *held.ids[ContextPart.PROFILE]])
    return {**held.ids, ContextPart.PROFILE: list(facts)}


def _lines(known: Mapping[ContextPart, list[Document]], longest: int) -> Iterator[ContextLine]:
    """The lines of all that holds, the most important first: events are few, facts may be many."""
    yield from fact_lines(
        ContextPart.INSTRUCTIONS, _facts(known[ContextPart.INSTRUCTIONS], longest)
    )
    yield from (event_line(_event(document, longest)) for document in known[ContextPart.EVENTS])
    yield from fact_lines(ContextPart.PROFILE, _facts(known[ContextPart.PROFILE], longest))


def _shown(page: ContextPage, holding: int, turns_left: int) -> PromptContext:
    instructions, profile, events, turns = map(page.items, ContextPart)
    left_out = holding - sum(map(len, (instructions, profile, events))) + turns_left
    markdown = page.markdown(left_out)
    return PromptContext(markdown, tokens(markdown), left_out, instructions, profile, events, turns)


def _held(index: UserIndex, now: datetime, most: int) -> _Held:
    """What holds: instructions and facts that were said last, events that come first."""
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    if not len(index):
        return _Held({part: [] for part in ContextPart}, 0, midnight.timestamp())
    rows, moment = index.rows, now.timestamp()
    holding = ~rows["is_turn"] & Standing.at(index, None).holding
    bidden = rows["fact"] == index.facts.get((USER, INSTRUCTION), -2)
    of_profile = holding & (rows["domain"] == DOMAIN_NUMBERS[PROFILE.name])
    to_come = rows["last_day"] >= now.date().toordinal()
    events = holding & (rows["domain"] == DOMAIN_NUMBERS[TEMPORAL.name]) & to_come
    chosen = {
        ContextPart.INSTRUCTIONS: _first(of_profile & bidden, -rows["said_at"]),
        ContextPart.PROFILE: _first(of_profile & ~bidden, -rows["said_at"]),
        ContextPart.EVENTS: _first(events, rows["first_day"]),
    }
    ids = {part: [index.ids[row] for row in some[:most]] for part, some in chosen.items()}
    expiring = rows["expires_at"][rows["expires_at"] > moment]
    until = min(midnight.timestamp(), expiring.min(initial=np.inf))
    return _Held(ids, sum(map(len, chosen.values())), float(until))


def _first(which: NDArray[np.bool_], key: NDArray[Any]) -> NDArray[np.intp]:
    rows = np.flatnonzero(which)
    ordered: NDArray[np.intp] = rows[np.argsort(key[rows], kind="stable")]
    return ordered


def _is_instruction(slot: Mapping[str, Any] | None) -> bool:
    return slot is not None and (slot["subject"], slot["attribute"]) == (USER, INSTRUCTION)


def _facts(documents: Iterable[Document], longest: int) -> list[ContextFact]:
    return [
        ContextFact(
            document["_id"], slot.get("subject", USER), slot.get("attribute", ""),
            shortened(document["content"], longest), document["said_at"], document["valid_from"],
        )
        for document in documents for slot in [document["slot"] or {}]
    ]  # fmt: skip


def _event(document: Document, longest: int) -> ContextEvent:
    when = document.get("when") or {}
    first = document["event_date"] or document["said_at"].date().isoformat()
    return ContextEvent(
        document["_id"], shortened(document["content"], longest), first,
        when.get("last") or first, when.get("time", ""), document["said_at"],
    )  # fmt: skip


def _turn(hit: MemoryHit, longest: int) -> ContextTurn | None:
    """What of a turn still holds; of one that tells what has ended, without its answer."""
    if not hit.outdated:
        answer = shortened(hit.response, longest)
        content = shortened(hit.content, longest)
        return ContextTurn(hit.id, hit.speaker, content, answer, hit.said_at)
    left = " ".join(still_said(hit, list(sentences(hit.content))))
    return ContextTurn(hit.id, hit.speaker, shortened(left, longest), "", hit.said_at) if (
        left) else None  # fmt: skip


Key = tuple[MemoryScope, int]
Version = tuple[int, str]


class _Kept:
    """Answers by user and size, each for one version of the user's memories, and until it changes.

    The least recently used one goes first.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, tuple[Version, float, PromptContext]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, version: Version, now: datetime) -> PromptContext | None:
        """The answer, if it still holds."""
        with self._lock:
            kept = self._answers.get(key)
            if kept is None or kept[0] != version or kept[1] <= now.timestamp():
                return None
            self._answers.move_to_end(key)
            return kept[2]

    def put(self, key: Key, version: Version, until: float, context: PromptContext) -> None:
        """Keep an answer."""
        with self._lock:
            self._answers[key] = (version, until, context)
            self._answers.move_to_end(key)
            if len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
