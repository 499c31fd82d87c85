"""Hits: what is found of a memory or turn, and what else is to be known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keepsake.memory.keys import bare_text
from keepsake.memory.models import Kind
from keepsake.memory.searching.question import TASTE
from keepsake.memory.searching.terms import stems
from keepsake.storage import Document


@dataclass(frozen=True, slots=True)
class Outdated:
    """A statement of a turn that holds no longer."""

    id: str
    content: str
    valid_to: datetime
    superseded_by: str | None


@dataclass(frozen=True, slots=True)
class MemoryHit:
    """A memory or turn that was found. Scores compare within one answer only.

    speaker: who said it: `user`, or the name that the turn begins with, in lower case.
    outdated: what its words say that had ended by the moment asked about.
    response: of a turn, what the assistant answered; nobody else said it.
    nearness: the cosine with the question.
    """

    id: str
    kind: Kind
    domain: str
    content: str
    score: float
    speaker: str
    said_at: datetime
    valid_from: datetime
    valid_to: datetime | None
    created_at: datetime
    confidence: float
    source_ids: tuple[str, ...]
    provenance: dict[str, Any]
    slot: dict[str, Any] | None = None
    event_date: str | None = None
    when: dict[str, Any] | None = None
    code: dict[str, Any] | None = None
    session_id: str = ""
    agent_id: str = ""
    run_id: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    response: str = ""
    outdated: tuple[Outdated, ...] = ()
    superseded_by: str | None = None
    nearness: float = 0.0
    explain: dict[str, float] | None = None

    @property
    def planned_for(self) -> str:
        """The day that it tells of, if that was still to come when it was said; else empty."""
        last = self.when["last"] if self.when else self.event_date
        return last if last is not None and last > self.said_at.date().isoformat() else ""

    @property
    def planned(self) -> bool:
        """Whether the day that it tells of was still to come when it was said."""
        return bool(self.planned_for)


def still_said(hit: MemoryHit, sentences: Sequence[str]) -> list[str]:
    """Those sentences of a turn that say nothing which has ended.

    What has ended stands in some sentence. When it is in none as it stands, no sentence is sure.
    """
    ended = [bare_text(each.content) for each in hit.outdated]
    plain = [bare_text(text) for text in sentences]
    if any(not any(part in text for text in plain) for part in ended):
        return []
    return [each for each, text in zip(sentences, plain, strict=True)
            if not any(part in text for part in ended)]  # fmt: skip


def news(hits: Sequence[MemoryHit]) -> list[MemoryHit]:
    """Without those whose turns are all shown by better ones."""
    covered: set[str] = set()
    news = []
    for hit in hits:
        if not hit.source_ids or not covered.issuperset(hit.source_ids):
            news.append(hit)
        covered.update(hit.source_ids)
    return news


def tells(document: Document, other: Document) -> bool:
    """Whether the words of a turn, or of a memory of it, say what another memory of it does."""
    if document["kind"] == Kind.TURN:
        return True
    return other["_id"] != document["_id"] and _gist(other) <= stems(document["content"])


def _gist(document: Document) -> frozenset[str]:
    """The words that tell a memory: those of its fact, or all of them."""
    return gist(document["slot"]) if document["slot"] else stems(document["content"])


def gist(slot: Mapping[str, Any]) -> frozenset[str]:
    """The words that tell a fact: its value, or what a taste is for."""
    return stems(slot["attribute"].partition(f"{TASTE} for ")[2] or slot["value"])


def outdated(document: Document) -> Outdated:
    """A memory that has ended, as what is said beside it shows it."""
    said = (document["content"], document["valid_to"], document.get("superseded_by"))
    return Outdated(document["_id"], *said)


def sources(document: Document) -> tuple[str, ...]:
    """The turns that say it, by the caller's ids where there are any; none of a fact by hand."""
    if document["kind"] == Kind.TURN:
        return (document["source_id"] or document["_id"],)
    asked = document["provenance"].get("confirms")
    turns = [*document["support"], *([asked] if asked else [])]
    said = [turn["source_id"] or turn["turn_id"] for turn in turns]
    return tuple(dict.fromkeys(filter(None, said)))
