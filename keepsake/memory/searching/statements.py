"""Which of what was found may answer a question: statements of the right person that hold.

A question about an attribute is answered by facts of it. Any other, or one of which there never was
a fact, by sentences of the turns that were found: said in earnest by whom the question is about, of
what it names, and not about what has ended.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import exp
from typing import Any

from keepsake.inference import E5, MINILM, Embedder
from keepsake.memory.domains.clauses import clauses
from keepsake.memory.domains.material import spoken
from keepsake.memory.domains.statement_filter import sentences, states
from keepsake.memory.keys import bare_text
from keepsake.memory.languages.detection import ENGLISH, language_of
from keepsake.memory.models import Kind
from keepsake.memory.searching.hits import MemoryHit, gist, still_said
from keepsake.memory.searching.names import without_names
from keepsake.memory.searching.question import (
    BROAD,
    FORMERLY,
    ParsedQuestion,
    attribute_kind,
)
from keepsake.memory.searching.relevance import (
    Statement,
    agrees_in_tense,
    is_affirmed,
    is_of_another_kind,
    is_request,
    speaks_to,
    tells_kind_asked_for,
)
from keepsake.memory.searching.search import Findings
from keepsake.memory.searching.terms import stems

ASSISTANT = "assistant"
_BIAS, _SHARED, _BEHIND, _FITS, _TENSE = -1.44, 0.78, -0.29, 0.58, 0.24
"""A logistic regression on conversations whose evidence is known (docs/memory.md): the cosines of a
sentence and of its turn (`_NEAR`), the shares of the words asked about that they have, how far
the turn is behind the best hit's score, whether it has the kind of thing that is asked for, and its
tense."""
_NEAR = {MINILM.name: (1.57, 0.4), E5.name: (6.7, 0.815)}
"""What a cosine by each model counts, above one that says nothing yet. Those of e5 were laid over
MiniLM's, share by share: they are crowded between 0.7 and 0.9."""
_UNNAMED = 0.75
"""Such a share where a question names nothing but whose and which attribute."""
_MOST_BEHIND, _MANY = 8.0, 20
"""Scores are in standard deviations, which of fewer hits than that say less."""
_LEAST = 0.12
"""What a language model is shown; it judges for itself."""
_MOST_EMBEDDED = 16
_UNREAD = 0.4
"""The most that a sentence, or an answer to a question, in another language than English has."""
_ENDS = re.compile(
    r"\b(?:quits?|stop(?:s|ped)?|no longer|any ?more|g(?:ave|ive|iven) up|cancel\w*|"
    r"call(?:ed)? off|postponed|reschedul\w*|moved (?:to|from)|chang(?:ed|es) (?:to|from)|"
    r"ha(?:s|ve) changed|instead|(?:scratch|strike) that|never mind|not true|wrong|is off|"
    r"is over|ended|sold|lost|br(?:oke|oken) up|divorced|fired|laid off|retired|passed away|"
    r"died)\b",
    re.IGNORECASE,
)
"""How a sentence says that what was said before is so no more."""


def statements(findings: Findings, embedder: Embedder) -> list[Statement]:
    """Those that answer a question, best first; none when all that is stored is of other things."""
    question = findings.question
    if question.whole:
        return _known_of_person(findings)
    stated = _stated(findings)
    facts = [_asked(hit) for hit in findings.facts if _is_meant(hit, question)]
    facts = _still_so(facts, stated, question)
    former = [replace(_asked(hit), former=True) for hit in ended_facts(findings)]
    if question.past:
        was = [each for each in former if each.hit.superseded_by]
        was += [each for each in facts if _is_former(each.hit)]
        facts = was or facts
    if facts or former:
        return facts
    said = [*_of_assistant(findings)] if question.of_assistant else []
    lasting = _still_so(stated, stated, question)
    of_people = [each for each in lasting if speaks_to(question, each)]
    return _nearest(said or of_people, findings, embedder)


def _known_of_person(findings: Findings) -> list[Statement]:
    """All that is known of a person, by attribute; notes and events last, and no sentence twice."""
    facts = sorted(findings.facts, key=lambda hit: (hit.slot or {"attribute": "~"})["attribute"])
    once = {bare_text(hit.content): hit for hit in reversed(facts)}
    return [_asked(hit) for hit in reversed(once.values())]


def ended_facts(findings: Findings) -> list[MemoryHit]:
    """The facts of what is asked for that have ended, the last one first."""
    return [hit for hit in findings.former if _is_meant(hit, findings.question)]


def _is_former(hit: MemoryHit) -> bool:
    """Whether it was said to be no more when it was said: `I used to live in Rome`."""
    return hit.slot is not None and hit.slot["attribute"].startswith(FORMERLY)


def _asked(hit: MemoryHit) -> Statement:
    return replace(_memory(hit), chance=hit.confidence, asked=True)


def _memory(hit: MemoryHit) -> Statement:
    return Statement(
        hit, hit.content, hit.speaker, hit.nearness, whole=True, planned=hit.planned_for
    )


def _is_meant(hit: MemoryHit, question: ParsedQuestion) -> bool:
    """Whether a fact of the attribute asked for is also about what the question names.

    Who asks `Do I like figs?` is answered by nothing else that they like, and who asks which figs
    they like not by that they like figs.
    """
    slot: Mapping[str, Any] = hit.slot or {}
    kind, words = attribute_kind(slot["attribute"]), stems(hit.content)
    any_kind = not question.polar and tells_kind_asked_for(question, hit.content) is None
    if any_kind and gist(slot) <= stems(question.asked):
        return False
    if not is_affirmed(question, hit.content):
        return False
    if not question.acting <= words or is_of_another_kind(question, hit.content, kind):
        return False
    if not (slot["single"] and kind not in BROAD) and not question.names <= words:
        return False
    return question.covered_by(words, kind)


def _of_assistant(findings: Findings) -> Iterator[Statement]:
    for hit in findings.hits:
        for text in sentences(hit.response):
            if findings.question.names <= stems(text):
                yield Statement(hit, text, ASSISTANT)


def _stated(findings: Findings) -> list[Statement]:
    """The memories found, and what the turns found state in earnest."""
    return [
        each for hit in findings.hits
        for each in ([_memory(hit)] if hit.kind is Kind.MEMORY else _sentences(hit, findings))
        if not is_request(each.text) or (hit.slot or {}).get("attribute") == "instruction"
    ]  # fmt: skip


def _sentences(hit: MemoryHit, findings: Findings) -> Iterator[Statement]:
    """The sentences of a turn that state something which holds."""
    _, own = spoken(hit.content)
    parts = findings.parts.get(hit.id, [])
    for text in still_said(hit, own):
        plain = bare_text(text)
        if not any(map(states, clauses(text))):
            continue
        plans = [each.planned_for for each in parts if bare_text(each.content) in plain]
        yield Statement(hit, text, hit.speaker, hit.nearness,
                        whole=len(own) == 1 and not hit.response,
                        planned=max(plans, default=""))  # fmt: skip


def _still_so(
    said: Sequence[Statement], stated: Sequence[Statement], question: ParsedQuestion
) -> list[Statement]:
    """Without what the same speaker stated later to be over, of what is asked about.

    Where no fact was read in one of the two the judge could end none.
    """
    if question.past:
        return list(said)
    ends = [each for each in stated if _ENDS.search(each.text)
            and not question.objects.isdisjoint(stems(each.text))]  # fmt: skip
    return [each for each in said if not any(_is_ended_by(each, end) for end in ends)]


def _is_ended_by(statement: Statement, end: Statement) -> bool:
    later = statement.speaker == end.speaker and statement.hit.said_at < end.hit.said_at
    return later and not stems(statement.text).isdisjoint(stems(end.text))


def _nearest(said: Sequence[Statement], findings: Findings, embedder: Embedder) -> list[Statement]:
    """The statements that may answer the question, the most probable first, each told once."""
    question, hits = findings.question, findings.hits
    parts = [each for each in said if not each.whole][:_MOST_EMBEDDED]
    plain = [without_names(each.text, question.speakers) for each in parts]
    asked, vectors = embedder.embed_query(question.text), embedder.embed(plain)
    near = [each for each in said if each.whole]
    near += [replace(each, nearness=float(asked @ vector))
             for each, vector in zip(parts, vectors, strict=True)]  # fmt: skip
    best = max((hit.score for hit in hits), default=0.0)
    telling = min(len(hits) / _MANY, 1.0)
    model = embedder.model.name
    near = [replace(each, chance=_chance(each, question, model, telling * (best - each.hit.score)))
            for each in near]  # fmt: skip
    kept: dict[str, Statement] = {}
    for each in sorted(near, key=lambda each: (-each.chance, each.hit.kind is Kind.TURN)):
        text = bare_text(each.text)
        again = any(text in other or other in text for other in kept)
        if not again and each.chance >= _LEAST:
            kept[text] = each
    return list(kept.values())


def _chance(statement: Statement, question: ParsedQuestion, model: str, behind: float) -> float:
    """How probably a statement is the answer.

    The rules read English. What else denies, supposes or asks they cannot tell, so that it is for
    a language model to judge.
    """
    weight, far = _NEAR[model]
    score = (
        _BIAS
        + weight * sum(max(near - far, 0) for near in (statement.nearness, statement.hit.nearness))
        + _SHARED * sum(_shared(text, question) for text in (statement.text, statement.hit.content))
        + _BEHIND * min(behind, _MOST_BEHIND)
        + _FITS * (tells_kind_asked_for(question, statement.text) is True)
        + _TENSE * agrees_in_tense(question, statement.text)
    )
    chance = 1 / (1 + exp(-score))
    read = not question.foreign and language_of(statement.text) == ENGLISH
    return chance if read else min(chance, _UNREAD)


def _shared(text: str, question: ParsedQuestion) -> float:
    """The share of what is asked about that a text has words for."""
    if not question.objects:
        return _UNNAMED
    return len(question.objects & stems(text)) / len(question.objects)
