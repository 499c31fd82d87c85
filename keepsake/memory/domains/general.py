"""What no frame knows: any statement of the speaker or a relation, proposed as a fact or a note.

Whether a proposal lasts and can be understood later is judged by `keepsake.memory.domains.lasting`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepsake.memory.domains import words
from keepsake.memory.domains.dates import mentions_date
from keepsake.memory.domains.frames import RELATIONS
from keepsake.memory.domains.values import fits
from keepsake.memory.models import Assertion, Slot, Term

_POINTS = re.compile(
    r"\b(?:it|this|that|these|those|them|you|your|yours|there|something|anything|everything|"
    r"stuff|things?|someone|somebody|(?:the|another|which|that|this) one)\b",
    re.IGNORECASE,
)
"""Words that mean nothing outside their conversation."""
_PASSING = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|right now|at the moment|currently|for now|yet|already|"
    r"just|so far|again|this (?:morning|evening|afternoon|week|weekend|time|month|year)|"
    r"last (?:night|week|weekend)|ago|in (?:ten|five|two|\d+) minutes)\b",
    re.IGNORECASE,
)
_HABITUAL = re.compile(
    r"\b(?:always|usually|never|often|every|each|most|mostly|regularly|weekly|daily|since|"
    r"\w+days|weekends|(?:a|per) (?:day|week|month|year)|for (?:\w+ )?years|for a living)\b",
    re.IGNORECASE,
)
_TIMES = frozenset({"DATE", "TIME"})
_MOODS = words("vague")
_MUSINGS = frozenset({"remember", "know", "wonder", "think", "guess", "mean", "notice", "hope",
                      "see", "hear", "tell", "say", "pay", "look", "seem", "do"})  # fmt: skip
"""Verbs of which nothing lasts."""
_OF_US = re.compile(r"(?:and |but |so )?we\b", re.IGNORECASE)
"""What `we` did may be anybody's."""
_MOST_WORDS = 7
_BE = frozenset({"is", "are", "'s", "'re"})
_OVER = frozenset({"gone", "over", "off", "done", "fine", "fine again", "back", "history"})
"""What says that something is no more, or nothing."""
_MOST_CLAUSE_WORDS = 25
_BESIDE = ("is", "object", "to", "in", "at", "for", "with", "from", "of", "on", "by", "as", "about",
           "near", "under", "without")  # fmt: skip
SIGNS = 23
"""How many numbers `signs` gives."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a clause may state. slot: none for a note. signs: what its grammar says."""

    slot: Slot | None
    signs: tuple[float, ...]


def proposed(assertion: Assertion, plain: str) -> Iterator[Proposal]:
    """What an assertion of a clause says that fits no frame."""
    going_on = assertion.progressive and assertion.tense != "perfect"
    if assertion.tense == "future" or going_on or (assertion.can and not assertion.negated):
        return
    if (
        assertion.verb in _MUSINGS
        or _POINTS.search(plain)
        or len(plain.split()) > _MOST_CLAUSE_WORDS
    ):
        return
    if assertion.topic:
        yield from _of_thing(assertion, plain)
        return
    if assertion.verb == "live" and "in" in assertion.slots:
        return  # in no place, or frames would know: `in fear of the dentist`
    if any(term.head in RELATIONS for term in assertion.slots.get("object", [])):
        return  # `I drive my wife crazy`; whom one has is told by frames
    name, terms = _filled(assertion)
    seen = signs(assertion, plain, terms[0] if terms else None)
    done = assertion.tense in {"past", "perfect"} or mentions_date(plain)
    once = assertion.tense == "past" or (done and not assertion.lasting)
    if not terms or once or assertion.can:
        if _is_note(assertion, plain, once=once):
            yield Proposal(None, seen)
        return
    for who in assertion.subjects:
        for term in terms:
            yield Proposal(Slot(name, _value(term), single=False, negated=assertion.negated,
                                subject=who), seen)  # fmt: skip


def _is_note(assertion: Assertion, plain: str, *, once: bool) -> bool:
    """Whether it can be a note: in earnest, of somebody, and of something that is named."""
    denied = assertion.negated and "never" not in assertion.adverbs
    felt = assertion.verb.startswith("be ") and not assertion.became and not once
    named = any(fits("thing", term) for terms in assertion.slots.values() for term in terms)
    passing = _PASSING.search(plain) or _OF_US.match(plain)
    return not (denied or felt or passing) and (named or not once)


def _of_thing(assertion: Assertion, plain: str) -> Iterator[Proposal]:
    """What a thing of the speaker's is: `our flat` is `on the fourth floor`."""
    be, _, value = assertion.phrase.lower().partition(" ")
    thing = "'" not in assertion.topic and len(assertion.topic.split()) <= 3  # noqa: PLR2004
    short = 0 < len(value.split()) <= _MOST_WORDS
    if (
        be in _BE
        and short
        and thing
        and value not in _OVER
        and not (assertion.negated or mentions_date(plain))
    ):
        bare = re.sub(r"^(?:an?|the) ", "", value)
        term = next(iter(assertion.terms("is")), None)
        yield Proposal(Slot(assertion.topic, bare, single=False), signs(assertion, plain, term))


def _value(term: Term) -> str:
    value = " ".join((term.full or term.text).lower().strip(" ,.'\"").split())
    return value if len(value.split()) <= _MOST_WORDS else term.lower


def _filled(assertion: Assertion) -> tuple[str, list[Term]]:
    """The attribute, after the verb and its preposition, and the terms that are its values."""
    for slot in _BESIDE:
        terms = [term for term in assertion.slots.get(slot, []) if _tells(assertion, slot, term)]
        if terms:
            return _attribute(assertion.verb, slot), terms
    return "", []


def _tells(assertion: Assertion, slot: str, term: Term) -> bool:
    """Whether a term can be a value: a noun, or what its subject is like; a measure is neither."""
    if slot == "is" and term.text[:1].isdigit():
        return False
    if slot == "is" and term.tag in {"JJ", "VBN"} and not term.article:
        bare = assertion.phrase.lower().endswith(term.lower)  # `glad I could` is glad of something
        return bare and len(assertion.slots) == 1
    superlative = slot == "is" and term.tag in {"JJS", "JJR"}
    feast = assertion.verb in {"celebrate", "observe"} and term.tag == "NNP"
    return superlative or (term.entity not in _TIMES and fits("thing", term)) or feast


def _attribute(verb: str, slot: str) -> str:
    """`belongs_to`, `collects`, `is_afraid_of`; what somebody is or has as frames say it."""
    first, _, rest = verb.partition(" ")
    said = {"be": "is", "have": "has", "do": "does"}.get(first, "")
    if not said:
        said = re.sub(r"(?<=[^aeiou])y$", "ie", first)
        said += "es" if re.search(r"(?:s|sh|ch|x|z|o)$", said) else "s"
    if slot in {"is", "object"}:
        return said if slot == "is" or not rest else f"{said}_{rest}"
    return "_".join(filter(None, (said, rest, slot))).replace(" ", "_")


def signs(assertion: Assertion, plain: str, term: Term | None) -> tuple[float, ...]:
    """What the grammar of a statement says of whether it lasts."""
    article = term.article if term else ""
    tag = term.tag if term else ""
    return tuple(
        float(sign)
        for sign in (
            assertion.tense == "past", assertion.tense == "perfect", assertion.negated,
            assertion.lasting, assertion.can, "user" not in assertion.subjects,
            assertion.verb == "be", assertion.verb.startswith("be "), assertion.verb in _MOODS,
            term is None, article == "" and tag == "NNS", article == "" and tag == "NN",
            article in {"a", "an"}, article == "the", article in {"my", "our"},
            tag.startswith("NNP") or bool(term and term.entity not in {"", *_TIMES}),
            tag.startswith("JJ"), bool(_PASSING.search(plain)), bool(_HABITUAL.search(plain)),
            "to do" in assertion.slots, bool(assertion.topic), any(c.isdigit() for c in plain),
            len(plain.split()) / 10,
        )
    )  # fmt: skip
