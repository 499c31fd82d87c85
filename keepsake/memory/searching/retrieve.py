"""Answers with citations: written by a language model, or statements as they were made.

An answer rests on statements that hold at the moment asked about (`statements`). Each is told with
who made it and when. Where there is none, that is the answer. There is no uncited claim either: a
sentence of the model's that names no source is left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from keepsake.inference import (
    IS_DATA,
    CitedAnswer,
    CitedSentence,
    Embedder,
    LanguageModel,
    Message,
    ModelError,
    fenced,
)
from keepsake.memory.models import MODEL, Kind, MemoryScope
from keepsake.memory.searching.hits import MemoryHit
from keepsake.memory.searching.overview import USER
from keepsake.memory.searching.relevance import Statement
from keepsake.memory.searching.search import Findings, MemoryQuery, Search
from keepsake.memory.searching.statements import ASSISTANT, ended_facts, statements
from keepsake.memory.tags import TurnTags

NOTHING = "Not known: nothing that is remembered answers this."
_STRANGER = "Not known: nothing is remembered of this person yet."
_SOURCES, _SOURCES_OF_PERSON = 5, 20
"""How many sources an answer has at most, if the question does not say; of a person as a whole."""
_MOST_CHARS = 1_500
_MOST_SENTENCES, _LESS_PROBABLE = 3, 0.5
"""Of statements that were not asked for by name: how many, and how probable beside the best."""
_ROLES = frozenset({USER, ASSISTANT})
_CITATION = re.compile(r"\[(\d+)\]")

_SYSTEM = (
    "Answer the question from the numbered sources alone, in the language of the question. Give "
    "sentences, each with the numbers of the sources it rests on. Say who said it and when; of "
    "what has ended, that it has; of what was planned, that it was; of what the assistant said, "
    "that it was the assistant. When the sources do not answer, give no sentence."
)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """An answer; `[n]` in it is the nth source, and there are no others.

    known: whether anything that is stored answers the question.
    context: what was answered from, for the prompt of an agent, marked as data.
    """

    model: str
    answer: str
    sources: list[MemoryHit]
    confidence: float
    known: bool = True
    context: str = ""
    degraded: str = ""
    usage: dict[str, Any] = field(default_factory=dict)


class Retrieval:
    """Searches, then answers from what was found."""

    def __init__(
        self, search: Search, embedder: Embedder, model: LanguageModel | None = None
    ) -> None:
        self._search = search
        self._embedder = embedder
        self._model = model

    def retrieve(
        self,
        scope: MemoryScope,
        query: str,
        *,
        top_k: int | None = None,
        as_of: datetime | None = None,
        tags: TurnTags | None = None,
    ) -> Retrieved:
        """Answer a question, of now or as of a moment, from so many sources at most.

        tags: what that has to belong to which it is answered from.

        Raises:
            StorageUnavailable: MongoDB does not answer.
        """
        named = tags.model_dump(include=set(TurnTags.model_fields)) if tags else {}
        asked = MemoryQuery(query=query, top_k=top_k or _SOURCES, as_of=as_of, **named)
        findings = self._search.findings(scope, asked)
        if top_k is None:
            top_k = _SOURCES_OF_PERSON if findings.question.whole else _SOURCES
        said = statements(findings, self._embedder)
        degraded = ""
        if said and self._model is not None:
            try:
                return _written(self._model, query, said[:top_k])
            except ModelError as error:
                degraded = f"{type(error).__name__}: {error}"
        close = [each for each in said if each.close][:top_k]
        answer = _quoted(close) if close else _unknown(findings)
        return replace(answer, degraded=degraded)


def _unknown(findings: Findings) -> Retrieved:
    """That nothing is known, or when what was known ended."""
    if findings.question.whole:
        return Retrieved(MODEL, _STRANGER, [], 0.0, known=False)
    ended = ended_facts(findings)
    last = max((hit.valid_to for hit in ended if hit.valid_to), default=None)
    answer = f"Not known: what was remembered of this ended on {_day(last)}." if last else NOTHING
    return Retrieved(MODEL, answer, [], 0.0, known=False)


def _quoted(said: Sequence[Statement]) -> Retrieved:
    """The statements as they were made: all facts that were asked for, else the nearest few."""
    least = said[0].chance * _LESS_PROBABLE
    near = [each for each in said if each.asked or each.chance >= least]
    told = near if said[0].asked else _one_of_each_turn(near)[:_MOST_SENTENCES]
    sources = _sources(told)
    answer = " ".join(f"{_told(each)} [{sources.index(each.hit) + 1}]" for each in told)
    return Retrieved(MODEL, answer, sources, _confidence(told), context=_context(told))


def _one_of_each_turn(said: Sequence[Statement]) -> list[Statement]:
    """The best of each: what else a turn says was said beside it."""
    best: dict[tuple[str, ...], Statement] = {}
    for each in said:
        best.setdefault(each.hit.source_ids, each)
    return list(best.values())


def _told(statement: Statement) -> str:
    """A statement with who made it and when, and what else is to be known of it."""
    text = _CITATION.sub(r"(\1)", " ".join(statement.text.split()).replace('"', "'"))
    day = _day(statement.hit.said_at)
    who = _who(statement.speaker)
    said = f"{who} said on {day}" if statement.verbatim else f"Noted on {day} of {who}"
    return f'{said}: "{text}"' + "".join(f" ({mark})" for mark in _marks(statement))


def _who(speaker: str) -> str:
    return f"The {speaker}" if speaker in _ROLES else speaker.title()


def _marks(statement: Statement) -> Iterator[str]:
    if statement.planned:
        yield f"planned for {_day(date.fromisoformat(statement.planned))}"
    if statement.hit.kind is Kind.MEMORY:
        for each in statement.hit.outdated:
            yield f"of this `{each.content}` ended on {_day(each.valid_to)}"
    if statement.former and statement.hit.valid_to:
        yield f"this ended on {_day(statement.hit.valid_to)}"


def _day(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _sources(said: Sequence[Statement]) -> list[MemoryHit]:
    """What statements stand in, each once."""
    return list({each.hit.id: each.hit for each in said}.values())


def _confidence(said: Sequence[Statement], kept: float = 1.0) -> float:
    """How sure an answer is: the one place where that is set.

    It is that of the statement that is the surest to be right and the answer.
    kept: the share of a model's sentences that cite a source.
    """
    return round(max(each.chance for each in said) * kept, 3)


def _written(model: LanguageModel, query: str, said: Sequence[Statement]) -> Retrieved:
    answer = model.ask(CitedAnswer, _messages(query, said))
    written = answer.value.sentences
    cited = [(each, each.cited(len(said))) for each in written]
    used = [said[number - 1] for number in sorted({n for _, numbers in cited for n in numbers})]
    sources = _sources(used)
    kept = [_cited(each, [said[number - 1] for number in numbers], sources)
            for each, numbers in cited if numbers]  # fmt: skip
    usage = answer.usage.shown()
    if not kept:
        return Retrieved(answer.model, NOTHING, [], 0.0, known=False, usage=usage)
    confidence = _confidence(used, len(kept) / len(written))
    return Retrieved(answer.model, " ".join(kept), sources, confidence,
                     context=_context(used), usage=usage)  # fmt: skip


def _cited(sentence: CitedSentence, said: Sequence[Statement], sources: list[MemoryHit]) -> str:
    numbers = sorted({sources.index(each.hit) + 1 for each in said})
    plain = re.sub(rf"\s*{_CITATION.pattern}", "", sentence.text)
    return f"{plain} " + "".join(f"[{number}]" for number in numbers)


def _messages(query: str, said: Sequence[Statement]) -> list[Message]:
    material = fenced([{"question": query}, *_records(said)])
    return [{"role": "system", "content": f"{_SYSTEM} {IS_DATA}"},
            {"role": "user", "content": material}]  # fmt: skip


def _context(said: Sequence[Statement]) -> str:
    return f"{IS_DATA}\n{fenced(_records(said))}"


def _records(said: Sequence[Statement]) -> list[dict[str, Any]]:
    """Statements as data, numbered from 1, with who made each and when."""
    return [
        {
            "number": number, "speaker": each.speaker, "said_at": each.hit.said_at.isoformat(),
            "text": each.text[:_MOST_CHARS],
            **({"planned_for": each.planned} if each.planned else {}),
            **({"ended": each.hit.valid_to.isoformat()} if each.former and each.hit.valid_to
               else {}),
        }
        for number, each in enumerate(said, 1)
    ]  # fmt: skip
