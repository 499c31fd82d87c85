"""The domain `temporal`: events with a date, and what becomes of them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from keepsake.memory.domains import words
from keepsake.memory.domains.confidence import confidence
from keepsake.memory.domains.dates import MONTHS, mentions_date, when
from keepsake.memory.domains.dates_abroad import dated_abroad
from keepsake.memory.domains.frames import ANY_RELATION
from keepsake.memory.domains.owners import EVENT, NOUNS, owned
from keepsake.memory.domains.plain_facts import is_correction
from keepsake.memory.models import Assertion, Candidate, Clause, Domain, Slot, When

_FIRST_PERSON = re.compile(r"\b(i|me|my|mine|we|our|us)\b", re.IGNORECASE)
_SCHEDULED = re.compile(rf"\b(?:{NOUNS})\b", re.IGNORECASE)
_PLAIN_WORDS = words("plain_words")
_VISITED = frozenset({"dentist", "doctor", "physio", "vet", "optician", "hairdresser"})
"""Whose name stands for an appointment with them."""
_MOVED = re.compile(
    r"\b(?:mov(?:e|ed|ing)|postpon(?:e|ed|ing)|reschedul(?:e|ed|ing)|rebook(?:ed)?|"
    r"push(?:ed|ing)?(?: (?:back|forward|out))?|(?:brought|bring) forward|shift(?:ed)?|"
    r"delay(?:ed)?|bump(?:ed)?|slipp?(?:ed)?|put off|chang(?:e|ed))\b.*\b(?:to|until|till|"
    r"for)\b(?P<rest>.*)",
    re.IGNORECASE,
)
_WHO_MOVED = re.compile(
    rf"(?:I|we|he|she|they|my (?:{ANY_RELATION})) (?:(?:have|has|had|just|finally|recently) )*"
    r"(?:moved|changed|shifted) (?:back |over |out |from [\w' -]+? )?to\b",
    re.IGNORECASE,
)
"""`I moved to Kent in March` moves nothing to March."""
_OFF = re.compile(
    r"\bcancel(?:l?ed|ling)?\b|\bcall(?:ed)? off\b|\b(?:is|are|was) off(?=[.!]*$)|\bscrapped\b|"
    r"\b(?:is|are) not (?:happening|taking place)\b|\bwill not (?:happen|take place)\b|"
    r"\bcalled (?:the|my|our) .* off\b",
    re.IGNORECASE,
)
_CALLED_OFF = re.compile(
    r"^(?:so )?(?P<what>(?:(?:the|my|our) )?[\w'-]+(?: [\w'-]+){0,2}?) (?:is|are|got|was|has been) "
    r"(?:now )?(?:off|cancel+ed|called off|scrapped|not happening|not going ahead)"
    r"(?: after all| now)?(?=[.!,]*$)|"
    r"^(?:I|we) (?:are|am) not (?:going|flying|travelling|traveling|driving|moving) to "
    r"(?P<to>[A-Z]\w+)(?= (?:after all|anymore)\b|[.!]*$)",
    re.IGNORECASE,
)
"""Something that will not come, by whatever name."""
_STARTING = re.compile(
    r"\b(?:starting|beginning|effective|as of|as from)(?= (?:on |in )?\w)(?P<rest>.*)",
    re.IGNORECASE,
)
"""What is before a day to come, whatever tense the rest is in."""
_BETWEEN = re.compile(r"\bfrom (?P<old>[\w ]+?) to\b", re.IGNORECASE)
_SUBJECT = re.compile(
    r"^(?:the|my|our) (?P<what>(?:[\w-]+ )?[\w-]+?) (?:has|have|had|was|were|is|are|got|gets|"
    r"will)\b",
    re.IGNORECASE,
)
_WEEKDAY, _WEEK = re.compile(r"\w+day", re.IGNORECASE), timedelta(days=7)
_OFFERS = re.compile(r"(?:can|could|will|has|had|offered|wants|gave|only|moved)\b", re.IGNORECASE)
"""What somebody who is visited does with a day."""
_INSTEAD = re.compile(
    r"(?:,?\s+(?:and )?not|\s+instead of) (?:on |at |in )?(?P<old>[^,.;!?]+)", re.IGNORECASE
)
_NOT_BUT = re.compile(
    r"\bnot (?:on |at |in )?(?P<old>[^,;]*?),? but (?:on |at |in )?(?P<new>[^,;.!?]+)",
    re.IGNORECASE,
)
_DAY_ALONE = re.compile(r"the \d{1,2}(?:st|nd|rd|th)\s*$", re.IGNORECASE)
_OF_MONTH = re.compile(rf" (?:of )?(?:{'|'.join(MONTHS)})\b.*", re.IGNORECASE)
_EACH = re.compile(r",? (?:and|then) (?:then )?|, (?=(?:[\w'-]+ ){1,4}?(?:is|are)\b)")
_OCCASION = re.compile(
    r"^(?:(?:my|our|the) )?(?P<what>(?!(?:I|we|it|he|she|they|you|there|this|that|here)\b)"
    r"[a-z][\w'-]*(?: [\w'-]+){0,3}?)(?: is|'s| are| falls| takes place) "
    r"(?:due )?(?:(?:on|at|from) )?(?:the )?(?P<day>.+)$",
    re.IGNORECASE,
)
"""Anything with a day of its own: `the viva is on the 12th of June`."""
_DUE = re.compile(r"^(?:the|my|our) (?:\w+ )?\w+ (?:is|are) due\b", re.IGNORECASE)
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
_ANY_DAY = date(2000, 1, 5)
_NAMED_BY = re.compile(
    r"\b(?:is|are|got|was|were|will be|takes place|starts|begins)\b", re.IGNORECASE
)


def _is_event(clause: Clause) -> bool:
    """Whether something of the user's has a date or loses it, or is to be remembered on one."""
    if clause.foreign:
        return dated_abroad(clause.text, _ANY_DAY) is not None
    if clause.reminder:
        return mentions_date(clause.plain)
    if not clause.states:
        return False
    if _CALLED_OFF.match(clause.plain) or (
        _OFF.search(clause.plain) and _SCHEDULED.search(clause.plain)
    ):
        return True
    long = len(clause.plain.split()) >= _MIN_WORDS
    moved = _moved(clause.plain)
    known = _SCHEDULED.search(clause.plain) or _between_days(clause.plain)
    if moved and known and _near_day(moved["rest"], _ANY_DAY):
        return True
    dated = mentions_date(clause.plain)
    return long and dated and (is_correction(clause.plain) or _is_memorable(clause))


def _moved(plain: str) -> re.Match[str] | None:
    """How an event was moved, if it is no person who moved."""
    return None if _WHO_MOVED.match(plain) else _MOVED.search(plain)


def _between_days(plain: str) -> bool:
    """Whether something goes from one day to another."""
    match = _BETWEEN.search(plain)
    return match is not None and _near_day(f" {match['old']}", _ANY_DAY) is not None


def _near_day(rest: str, said_on: date) -> When | None:
    """The day to which something is moved."""
    return when(f"on{rest}", said_on) or when(f"in{rest}", said_on)


def _is_memorable(clause: Clause) -> bool:
    """Whether what has a date will matter later, and can be understood then.

    What happened today is memorable if it is an appointment or a turn in a life.
    """
    scheduled = _SCHEDULED.search(clause.plain) is not None
    chat = _SAID_OF.match(clause.plain) or any(a.verb in _CHAT for a in clause.assertions)
    ours = _FIRST_PERSON.search(clause.plain) or EVENT.match(clause.plain)
    weighty = _WEIGHTY.search(clause.plain) or not _PASSING.search(clause.plain)
    if scheduled and ours and weighty and not chat:
        return True
    if (
        not chat
        and not _PASSING.search(clause.plain)
        and any(map(_occasion, _EACH.split(clause.plain)))
    ):
        return True
    near = _NEAR.search(clause.plain) is not None
    if not near and _DUE.match(clause.plain):
        return True
    return any(_matters(assertion, near=near) for assertion in clause.assertions)


def _matters(assertion: Assertion, *, near: bool) -> bool:
    """A turn in a life; else, of a day that is not near, what names somebody or something."""
    if _POINTS.search(assertion.phrase):
        return False
    if _verb(assertion) in _MILESTONES and not _aches(assertion):
        return True
    if near or not assertion.slots:
        return False
    plain = _verb(assertion) not in _MOODS and assertion.verb != "be"
    return plain or any(
        term.tag.startswith("NNP") and term.entity not in {"DATE", "TIME"}
        for terms in assertion.slots.values()
        for term in terms
    )


def _aches(assertion: Assertion) -> bool:
    """`My back hurts` is how somebody feels; `I hurt my back` and `I got hurt` have happened."""
    happened = assertion.tense != "present" and "object" in assertion.slots
    return assertion.verb == "hurt" and not happened


def _verb(assertion: Assertion) -> str:
    """`got married` is marrying."""
    return assertion.verb.removeprefix("be ").removeprefix("get ")


def _event(clause: Clause, said_on: date) -> Iterator[Candidate]:
    """What has a date, of whoever speaks or of whom they say has it."""
    if clause.foreign:
        if day := dated_abroad(clause.text, said_on):
            yield _candidate(clause.text, None, day)
        return
    whose, plain = owned(clause)
    for event in _events_told(replace(clause, plain=plain), said_on):
        yield replace(event, slot=event.slot and replace(event.slot, subject=whose))


def _events_told(clause: Clause, said_on: date) -> Iterator[Candidate]:
    name, definite = _named(clause.plain)
    off = _CALLED_OFF.match(clause.plain)
    if off or _OFF.search(clause.plain):
        if name:
            gone = Slot(name, "", single=True, negated=True)
            yield Candidate(TEMPORAL.name, clause.text, gone)
        elif off:
            what = re.sub(r"^(?:the|my|our) ", "", (off["what"] or off["to"]).lower())
            yield Candidate(TEMPORAL.name, clause.text, ceases=what)
        return
    said = _NOT_BUT.sub(_in_its_place, clause.plain)
    moved, instead = _moved(said), _INSTEAD.search(said)
    if is_correction(clause.plain) and instead:
        yield from _corrected(clause, said[: instead.start()], instead["old"], said_on)
        return
    plain = said[: instead.start()] if instead else said
    parts = [] if moved or instead else _events_of(plain, said_on)
    for part, then in parts:
        name, definite = _named(part)
        yield _candidate(clause.text, _dated(name, then, single=definite), then)
    starting = _STARTING.search(said)
    near = moved["rest"] if moved else starting["rest"] if starting else ""
    day = (_near_day(near, said_on) if near else None) or when(plain, said_on)
    if day and moved and day.first == said_on and _WEEKDAY.fullmatch(near.strip(" .!")):
        day = replace(day, first=day.first + _WEEK, last=day.last + _WEEK)
    if parts or day is None or _is_since(plain, day.words):
        return
    changed = bool(moved or instead) or said != clause.plain
    yield _candidate(clause.text, _dated(name, day, single=changed or definite), day)


def _corrected(clause: Clause, plain: str, old: str, said_on: date) -> Iterator[Candidate]:
    """`I meant the 14th, not the 13th`: whichever event had the old day."""
    day = when(plain, said_on)
    wrong = when(f"the {old.removeprefix('the ')}", said_on) or when(old, said_on)
    if day is not None and wrong is not None:
        iso = day.first.isoformat()
        slot = Slot("", iso, single=True, instead_of=wrong.first.isoformat())
        yield _candidate(clause.text, slot, day)


def _candidate(text: str, slot: Slot | None, day: When) -> Candidate:
    return Candidate(TEMPORAL.name, text, slot, when=day, confidence=confidence("event"))


def _in_its_place(match: re.Match[str]) -> str:
    """`not on the 3rd of July but on the 4th` is the 4th of July."""
    month = _OF_MONTH.search(match["old"]) if _DAY_ALONE.search(match["new"]) else None
    return f"on {match['new'].strip()}{month[0].rstrip() if month else ''}"


def _events_of(plain: str, said_on: date) -> list[tuple[str, When]]:
    """The parts of a clause that each have a day of their own, if there are several."""
    if when(plain, said_on) is None:
        return []
    days = [(part, when(part, said_on)) for part in _EACH.split(plain)]
    dated = [(part, day) for part, day in days if day is not None]
    apart = {day.first for _, day in dated}
    return dated if len(apart) > 1 and len(dated) == len(days) else []


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
    match = EVENT.search(plain)
    if match is None:
        moved = _SUBJECT.match(plain) if _between_days(plain) else None
        what = moved["what"].lower() if moved else _occasion(plain)
        return (f"{what} date", True) if what else ("", False)
    of, noun = (match["of"] or "").strip().lower(), match["noun"].lower()
    noun = f"{noun} appointment" if noun in _VISITED else noun
    words = [(match["who"] or "").lower(), "" if of in _PLAIN_WORDS else of, noun]
    definite = (match["which"] or of).lower() in {"my", "our", "the"} or bool(match["who"])
    after = plain[match.end() :].lstrip()
    offers = noun.removesuffix(" appointment") in _VISITED and _OFFERS.match(after)
    subject = definite and bool(offers or _NAMED_BY.match(after))
    return " ".join(word for word in (*words, "date") if word), subject


def _occasion(plain: str) -> str:
    """What has a day of its own in a clause that says no more; empty if nothing has."""
    match = _OCCASION.match(plain)
    day = when(match["day"], _ANY_DAY) if match else None
    if match is None or day is None or not match["day"].lower().startswith(day.words.lower()):
        return ""
    return match["what"].lower()


TEMPORAL = Domain(
    name="temporal", belongs=_is_event, read=_event, asked_of_model="dated events", dated=True,
    source="event", reported=True,
)  # fmt: skip
"""Events with a date."""
