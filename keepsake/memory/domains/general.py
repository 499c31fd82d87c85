"""What no frame knows: any statement of the speaker or a relation, proposed as a fact or a note.

Whether a proposal lasts and can be understood later is judged by `keepsake.memory.domains.lasting`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepsake.memory.domains import words
from keepsake.memory.domains.dates import mentions_date
from keepsake.memory.domains.frames import RELATIONS
from keepsake.memory.domains.values import fits, is_pet_as_person
from keepsake.memory.models import Assertion, Slot, Term

_POINTS = re.compile(
    r"\b(?:it|this|that|these|those|them|you|your|yours|something|everything|"
    r"nothing|stuff|(?:the|another|which|that|this) one)\b",
    re.IGNORECASE,
)
"""Words that mean nothing outside their conversation."""
_VAGUE = re.compile(
    r"\b(?:there|anything|things?|someone|somebody|"
    r"he|she|they|him|her|his|their)\b",
    re.IGNORECASE,
)
"""Words that mean little by themselves."""
_ANCHORED = re.compile(r"\b(?:I|me|my|mine|we|us|our)\b")
"""Words that say that a statement is of the speaker's own world."""
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
_PERIOD = (
    r"(?:day|night|morning|afternoon|evening|week|weekend|month|year|spring|summer|autumn|winter|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|"
    r"september|october|november|december|\w+ (?:days|weeks|months|years))"
)
_DAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days"
CUSTOM = re.compile(
    rf"\b(?:every|each) (?:(?:other|single|second|third|first|last|few) )?{_PERIOD}\b|"
    rf"\bmost (?:days|weeks|weekends|mornings|evenings|nights|{_DAYS})\b|"
    rf"\b(?:{_DAYS}|(?:on|at) (?:the )?(?:weekends|weekdays))\b|"
    rf"\b(?:first|second|third|fourth|last) (?:day|\w+day) (?:of|in) (?:the|every|each)\b|"
    r"\b(?:\d+x?|once|twice|several|three|four|five|two)[\w ]* (?:an?|per) "
    r"(?:day|night|week|month|year)\b",
    re.IGNORECASE,
)
"""How often, or on which days of each week, something is."""
_WEEKDAY = re.compile(r"\b(?:is|are) (?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b")
_HEDGED = re.compile(
    r"\b(?:maybe|perhaps|possibly|probably|apparently|almost|nearly|hopefully|may|might|could|"
    r"would|should|people|everybody|everyone|nobody)\b|"
    r"^(?:as|because|since|when|while|although|though|to|for|like)\b",
    re.IGNORECASE,
)
"""What says that a clause need not hold, is everybody's, or hangs on another one."""
_TIMES = frozenset({"DATE", "TIME"})
_WHEREABOUTS = frozenset({"in", "at", "on", "with"})
_PLACES = frozenset({"GPE", "LOC", "FAC"})
_MOODS = words("vague")
_MUSINGS = frozenset({
    "wonder", "think", "guess", "mean", "notice", "hope", "tell", "say", "smell", "hear",
    "be stuck", "remember", "recall",
})  # fmt: skip
"""Verbs of which nothing lasts."""
_FIGURES = words("figures_of_speech")
"""What people and things are only called: `my boss is a dinosaur`."""
_FIGURED = {"live": ("in", "under"), "speak": ("object",), "be married": ("to",)}
"""Verbs and slots that frames fill with names alone."""
_IDLE = words("idle")
_OF_US = re.compile(r"(?:and |but |so )?we\b", re.IGNORECASE)
"""What `we` did may be anybody's."""
_MOST_WORDS = 7
_BE = frozenset({"is", "are", "'s", "'re"})
_OVER = frozenset({"gone", "over", "off", "done", "fine", "fine again", "back", "history"})
"""What says that something is no more, or nothing."""
_MOST_CLAUSE_WORDS = 25
_BESIDE = ("is", "object", "to", "in", "at", "for", "with", "from", "of", "on", "by", "as", "about",
           "near", "under", "without")  # fmt: skip
SIGNS = 28
"""How many numbers `signs` gives."""


_NOTHING = Assertion(subjects=(), verb="")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a clause may state. slot: none for a note. signs: what its grammar says."""

    slot: Slot | None
    signs: tuple[float, ...]


def proposed(assertion: Assertion, plain: str) -> Iterator[Proposal]:
    """What an assertion of a clause says that fits no frame."""
    if assertion.tense == "future" or assertion.verb in _MUSINGS or not _is_clear(plain):
        return
    if _is_figure(assertion):
        return
    if assertion.topic:
        yield from _of_thing(assertion, plain)
        return
    kin = any(term.head in RELATIONS for term in assertion.slots.get("object", []))
    name, terms = _filled(assertion)
    seen = signs(assertion, plain, terms[0] if terms else None)
    done = assertion.tense in {"past", "perfect"} or mentions_date(plain)
    once = assertion.tense == "past" or (done and not assertion.lasting)
    if _is_undone(assertion, terms, once=once):
        return
    going_on = assertion.progressive and assertion.tense != "perfect"
    idle = assertion.verb in {"go", "do"} and assertion.slots.keys() <= {"since", "for"}
    if idle or _is_whereabouts(assertion) or not (assertion.slots or " " in assertion.phrase):
        return  # `my sister does`
    if not terms or once or assertion.can or going_on or kin:
        if not once or _is_named(assertion):
            yield Proposal(None, seen)
        return
    for who in assertion.subjects:
        for term in terms:
            yield Proposal(Slot(name, _value(term), single=False,
                                negated=assertion.negated or term.article == "no",
                                subject=who), seen)  # fmt: skip


def unread(plain: str) -> Iterator[Proposal]:
    """A clause of which grammar says nothing, if it is of the speaker's own world or a custom."""
    of_own = any(each.search(plain) for each in (_ANCHORED, CUSTOM, _WEEKDAY))
    if of_own and _is_clear(plain) and not _HEDGED.search(plain):
        yield Proposal(None, signs(_NOTHING, plain, None))


def _is_clear(plain: str) -> bool:
    """Whether a clause may be understood outside its conversation."""
    return not _POINTS.search(plain) and len(plain.split()) <= _MOST_CLAUSE_WORDS


def _is_undone(assertion: Assertion, terms: list[Term], *, once: bool) -> bool:
    """What somebody did not do; `I've never seen the film` is of one that was spoken of."""
    never = assertion.tense == "perfect" and "never" in assertion.adverbs
    if never:
        return bool(terms) and terms[0].article == "the"
    return once and assertion.negated and "never" not in assertion.adverbs


def _is_figure(assertion: Assertion) -> bool:
    """Whether one lives in no place, speaks no language, or is married to nobody: `to my job`.

    What one is allergic to that is no substance is a joke, and nobody is a dinosaur.
    """
    what = assertion.terms("is") if assertion.verb == "be" else []
    if any(term.head in _FIGURES for term in what) or is_pet_as_person(assertion):
        return True
    if assertion.verb == "be allergic" and not assertion.negated:
        return True
    terms = assertion.terms(*_FIGURED.get(assertion.verb, ()))
    return bool(terms) and all(term.text.islower() for term in terms)


def _is_whereabouts(assertion: Assertion) -> bool:
    """Whether it only says where somebody is for now, and with whom."""
    stays = assertion.lasting or "home" in assertion.adverbs
    now = assertion.tense == "present" and not stays
    return now and assertion.verb == "be" and any(
        term.entity in _PLACES or term.head in RELATIONS
        for slot in _WHEREABOUTS & assertion.slots.keys() for term in assertion.slots[slot]
    )  # fmt: skip


def _is_named(assertion: Assertion) -> bool:
    return any(fits("thing", term) for terms in assertion.slots.values() for term in terms)


def _of_thing(assertion: Assertion, plain: str) -> Iterator[Proposal]:
    """What is said of a thing of the speaker's: `our flat` is `on the fourth floor`."""
    be, _, value = assertion.phrase.lower().partition(" ")
    thing = "'" not in assertion.topic and len(assertion.topic.split()) <= 3  # noqa: PLR2004
    short = 0 < len(value.split()) <= _MOST_WORDS
    seen = signs(assertion, plain, next(iter(assertion.terms("is")), None))
    if (
        be in _BE
        and short
        and thing
        and value not in _OVER
        and not (assertion.negated or mentions_date(plain))
    ):
        bare = re.sub(r"^(?:an?|the) ", "", value)
        yield Proposal(Slot(assertion.topic, bare, single=False), seen)
    else:
        yield Proposal(None, seen)


def _value(term: Term) -> str:
    value = " ".join((term.full or term.text).lower().strip(" ,.'\"").split())
    return value if len(value.split()) <= _MOST_WORDS else term.lower


def _filled(assertion: Assertion) -> tuple[str, list[Term]]:
    """The attribute, after the verb and its preposition, and the terms that are its values.

    An object that is no value is one with its verb, if it stands bare: `takes_care_of`.
    """
    verb = assertion.verb
    for slot in _BESIDE:
        terms = [term for term in assertion.slots.get(slot, []) if _tells(assertion, slot, term)]
        if terms:
            return _attribute(verb, slot), terms
        if slot == "object" and (objects := assertion.slots.get(slot)):
            if objects[0].article or objects[0].text.lower() not in _IDLE:
                break
            verb = f"{verb} {objects[0].text.lower()}"
    return "", []


def _tells(assertion: Assertion, slot: str, term: Term) -> bool:
    """Whether a term can be a value: a noun, or what its subject is like; a measure is neither."""
    if slot == "is" and term.text[:1].isdigit():
        return False
    if slot == "from" and assertion.verb == "be" and term.article == "the":
        return False  # `I am from the bank` says who calls
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
            assertion.progressive, bool(_VAGUE.search(plain)), bool(_OF_US.match(plain)),
            assertion is _NOTHING, bool(_ANCHORED.search(plain)),
            len(plain.split()) / 10,
        )
    )  # fmt: skip
