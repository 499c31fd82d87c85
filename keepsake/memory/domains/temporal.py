"""The domain `temporal`: events with a date, and what becomes of them."""

import re
from collections.abc import Iterator
from datetime import date

from keepsake.memory.domains import words
from keepsake.memory.domains.confidence import confidence
from keepsake.memory.domains.dates import mentions_date, when
from keepsake.memory.domains.plain_facts import is_correction
from keepsake.memory.models import Assertion, Candidate, Clause, Domain, Slot, When

_FIRST_PERSON = re.compile(r"\b(i|me|my|mine|we|our|us)\b", re.IGNORECASE)
_NOUNS = (
    r"meeting|appointment|flight|party|deadline|exam|interview|wedding|birthday|anniversary|"
    r"concert|trip|conference|visit|delivery|move|surgery|operation|release|launch|call|holiday|"
    r"vacation|haircut|dinner|lunch|test|check-?up|check up|ceremony|graduation|funeral|match|game|"
    r"class|course|lesson|session|workshop|gig|festival|reunion|date|viewing|inspection|hearing|"
    r"presentation|marathon|race|departure|arrival|train|ferry|cruise|baby shower|barbecue|visa|"
    r"lease|contract|therapy|physio|dentist|doctor|due date"
)
_SCHEDULED = re.compile(rf"\b(?:{_NOUNS})\b", re.IGNORECASE)
_EVENT = re.compile(
    rf"\b(?:(?P<which>my|our|the|this|that|a|an) )?(?P<of>(?!(?:next|last|first|second|big|new)\b)"
    rf"[\w-]+ )?(?P<noun>{_NOUNS})\b(?: with (?P<who>[A-Z][\w-]+))?",
    re.IGNORECASE,
)
_PLAIN_WORDS = words("plain_words")
_MOVED = re.compile(
    r"\b(?:mov(?:e|ed|ing)|postpon(?:e|ed|ing)|reschedul(?:e|ed|ing)|push(?:ed|ing)?(?: (?:back|"
    r"forward|out))?|(?:brought|bring) forward|shift(?:ed)?|delay(?:ed)?|put off|chang(?:e|ed))\b"
    r".*\b(?:to|until|till)\b(?P<rest>.*)",
    re.IGNORECASE,
)
_OFF = re.compile(
    r"\bcancel(?:l?ed|ling)?\b|\bcall(?:ed)? off\b|\b(?:is|are|was) off(?=[.!]*$)|\bscrapped\b|"
    r"\b(?:is|are) not (?:happening|taking place)\b|\bwill not (?:happen|take place)\b|"
    r"\bcalled (?:the|my|our) .* off\b",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r",?\s+(?:and )?not (?:on |at |in )?(?P<old>[^,.;!?]+)", re.IGNORECASE)
_SINCE = re.compile(r"\bsince (?:the )?(?:early |late |mid-?)?$", re.IGNORECASE)
_NEAR = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|last night|this (?:morning|afternoon|evening|week|"
    r"weekend|month|year)|(?:last|next) (?:week|weekend|year|month)(?! of\b)|days? ago|in \w+ "
    r"days?)\b",
    re.IGNORECASE,
)
"""Dates of small talk."""
_PASSING = re.compile(
    r"\b(?:today|tonight|yesterday|last night|this (?:morning|afternoon|evening)|days? ago)\b",
    re.IGNORECASE,
)
_CHAT = frozenset({"talk", "tell", "chat", "text", "let", "hope", "think", "say"})
_SAID_OF = re.compile(r"(?:it|that|this|they|he|she|you)\b", re.IGNORECASE)
_WEIGHTY = re.compile(
    r"\b(?:appointment|exam|interview|flight|surgery|operation|wedding|deadline|funeral|graduation|"
    r"birthday|anniversary|hearing|delivery)\b",
    re.IGNORECASE,
)
"""What is worth keeping even if it is today."""
_MOODS = words("moods")
"""Verbs of which a date is not worth keeping by itself."""
_MILESTONES = words("milestones")
"""Verbs of turns in a life, and of journeys."""
_POINTS = re.compile(
    r"\b(?:it|this|that|these|those|them|something|anything|there)\b", re.IGNORECASE
)
_MIN_WORDS = 3
_NAMED_BY = re.compile(r"\b(?:is|are|is now|got|was|were)\b", re.IGNORECASE)


def _is_event(clause: Clause) -> bool:
    """Whether something of the user's has a date or loses it, or is to be remembered on one."""
    if clause.reminder:
        return mentions_date(clause.plain)
    if not clause.states:
        return False
    if _OFF.search(clause.plain) and _SCHEDULED.search(clause.plain):
        return True
    long = len(clause.plain.split()) >= _MIN_WORDS
    moved = _MOVED.search(clause.plain)
    dated = mentions_date(clause.plain) or (moved and mentions_date(f"in{moved['rest']}"))
    return long and bool(dated) and (is_correction(clause.plain) or _is_memorable(clause))


def _is_memorable(clause: Clause) -> bool:
    """Whether what has a date will matter later, and can be understood then.

    What happened today is memorable if it is an appointment or a turn in a life.
    """
    scheduled = _SCHEDULED.search(clause.plain) is not None
    chat = _SAID_OF.match(clause.plain) or any(a.verb in _CHAT for a in clause.assertions)
    ours = _FIRST_PERSON.search(clause.plain) or _EVENT.match(clause.plain)
    weighty = _WEIGHTY.search(clause.plain) or not _PASSING.search(clause.plain)
    if scheduled and ours and weighty and not chat:
        return True
    near = _NEAR.search(clause.plain) is not None
    return any(_matters(assertion, near=near) for assertion in clause.assertions)


def _matters(assertion: Assertion, *, near: bool) -> bool:
    """A turn in a life; else, of a day that is not near, what names somebody or something."""
    if _POINTS.search(assertion.phrase):
        return False
    if _verb(assertion) in _MILESTONES:
        return True
    if near or not assertion.slots:
        return False
    plain = _verb(assertion) not in _MOODS and assertion.verb != "be"
    return plain or any(
        term.tag.startswith("NNP") and term.entity not in {"DATE", "TIME"}
        for terms in assertion.slots.values()
        for term in terms
    )


def _verb(assertion: Assertion) -> str:
    """`got married` is marrying."""
    return assertion.verb.removeprefix("be ").removeprefix("get ")


def _event(clause: Clause, said_on: date) -> Iterator[Candidate]:
    name, definite = _named(clause.plain)
    if _OFF.search(clause.plain):
        if name:
            yield Candidate(TEMPORAL.name, clause.text,
                            Slot(name, "", single=True, negated=True))  # fmt: skip
        return
    moved, instead = _MOVED.search(clause.plain), _INSTEAD.search(clause.plain)
    plain = clause.plain[: instead.start()] if instead else clause.plain
    day = (when(f"in{moved['rest']}", said_on) if moved else None) or when(plain, said_on)
    if day is None or _is_since(plain, day.words):
        return
    slot = _dated(name, day, single=moved is not None or definite)
    if is_correction(clause.plain) and instead:
        wrong = when(f"the {instead['old'].removeprefix('the ')}", said_on) or (
            when(instead["old"], said_on)
        )
        if wrong is None:
            return
        slot = Slot("", day.first.isoformat(), single=True, instead_of=wrong.first.isoformat())
    yield Candidate(TEMPORAL.name, clause.text, slot, when=day,
                    confidence=confidence("event"))  # fmt: skip


def _is_since(plain: str, words: str) -> bool:
    """Whether the words of a day say since when something is so."""
    before = plain[: max(plain.find(words), 0)]
    return words.lower().startswith("since ") or _SINCE.search(before) is not None


def _dated(name: str, day: When, *, single: bool) -> Slot | None:
    """The date as a fact of the event, so that a later one takes its place."""
    return Slot(name, day.first.isoformat(), single) if name else None


def _named(plain: str) -> tuple[str, bool]:
    """The attribute of an event's date, such as `dentist appointment date`, and if it is one.

    `My flight is on …` speaks of one flight, `I have a flight on …` of one more.
    """
    match = _EVENT.search(plain)
    if match is None:
        return "", False
    of = (match["of"] or "").strip().lower()
    words = [(match["who"] or "").lower(), "" if of in _PLAIN_WORDS else of, match["noun"].lower()]
    definite = (match["which"] or of).lower() in {"my", "our", "the"}
    after = plain[match.end() :].lstrip()
    subject = definite and _NAMED_BY.match(after) is not None
    return " ".join(word for word in (*words, "date") if word), subject


TEMPORAL = Domain(
    name="temporal", belongs=_is_event, read=_event, asked_of_model="dated events", dated=True,
    source="event", reported=True,
)  # fmt: skip
"""Events with a date."""
