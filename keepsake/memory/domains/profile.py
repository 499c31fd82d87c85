"""The domain `profile`: facts and preferences of the user, read in parts out of a clause."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from keepsake.memory.domains.declaration import Clause, Domain
from keepsake.memory.domains.phrases import (
    CORRECTION,
    FORGET,
    NAMED,
    PET_NAMED,
    PHRASES,
    POSSESSION,
    RELATIONS,
    Phrase,
)
from keepsake.memory.domains.statement_filter import normal
from keepsake.memory.domains.temporal import mentions_date
from keepsake.memory.models import Candidate, Slot

_END = re.compile(
    r"[;!?]|(?<!\bSt)(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMt)\.(?:\s|$)|\s+(?:but|because|since|although|"
    r"though|while|when|whenever|where|which|who|so|until|unless|instead|as well|too|anymore|these "
    r"days|nowadays|right now|at the moment|again|at all|with|for|after|before|during|every|last|"
    r"next|yesterday|today|tomorrow|in (?:19|20)\d\d|\d+ (?:years?|months?|weeks?|days?) ago|"
    r"a (?:few|couple of) \w+ ago|as (?:an?|the|my)|now)\b|\s[\N{EN DASH}\N{EM DASH}-]\s",
    re.IGNORECASE,
)
_NOT = re.compile(r",?\s+(?:and )?not\s+(?P<old>[^,.;!?]+)", re.IGNORECASE)
_LIST = re.compile(r"\s*,\s*(?:and |or )?|\s+(?:and|or|&)\s+", re.IGNORECASE)
_DETERMINER = re.compile(
    r"^(?:(?:a|an|the|my|our|some|any|only|really|very|to|at|in|on|playing the)\s+)+(?=\S)"
)
_OWN_CLAUSE = re.compile(r"^(?:i|we|he|she|they|it|you|my|always|never|especially|did|do|that)\b")
_IDLE = re.compile(
    r"^(?:call|interview|test|flight|reservation|deadline|headache|cold|feeling|look|chance|time|"
    r"lot|bit|doubt|request|to|been|great|good|bad|nice|it|this|that|them|you|him|her|me|"
    r"everything|nothing|something|anything|fun|no|hard|fan|bug|error|party|date|plan|dentist)\b"
    r"|^(?:[\w'-]+ )?(?:question|idea|problem|appointment|meeting|exam|issue)s?\b",
    re.IGNORECASE,
)
_ANY = frozenset({"it", "there", "job", "this", "that"})
_SECRET = re.compile(
    r"password|passcode|\bpin\b|\bcvv\b|api ?key|token|secret|credit card|card number|\bssn\b|"
    r"social security|iban|private key",
    re.IGNORECASE,
)
_MEMBER_WORDS, _VALUE_WORDS = 6, 14
_LASTING = re.compile(
    r"^(?:i|we|my)\b.*\b(always|usually|never|often|every (?:day|week|month|year|morning|evening|"
    r"night|weekend|summer|winter|\w+day)|for \w+ (?:years|months)|ever since|my whole life|"
    r"can not)\b",
    re.IGNORECASE,
)
_MIN_WORDS = 3
_FACT_CONFIDENCE, _NOTE_CONFIDENCE = 0.9, 0.6
_RELATIONS = frozenset(RELATIONS.split())
_ONE_OF_A_KIND = frozenset(
    ["mother", "mom", "mum", "father", "dad", "wife", "husband", "spouse", "partner", "girlfriend",
     "boyfriend", "fiance", "fiancee", "boss", "manager"]
)  # fmt: skip


def _is_fact(clause: Clause) -> bool:
    """Whether it states a fact, or something that lasts."""
    if not clause.states:
        return False
    lasting = _LASTING.match(clause.plain) and len(clause.plain.split()) > _MIN_WORDS
    return bool(read_facts(clause.plain)) or (bool(lasting) and not mentions_date(clause.plain))


def _facts(clause: Clause, _: date) -> list[Candidate]:
    """One candidate per fact; a lasting statement without a known fact is a note of its own."""
    slots = read_facts(clause.text, clause.speaker)
    if not slots:
        return [Candidate(PROFILE.name, clause.text, confidence=_NOTE_CONFIDENCE)]
    return [
        Candidate(PROFILE.name, clause.text, slot, confidence=_FACT_CONFIDENCE) for slot in slots
    ]


def read_facts(clause: str, speaker: str = "user") -> list[Slot]:
    """The facts that a clause states; a denial hides the statement it contains."""
    plain = normal(clause).rstrip(".! ")
    if is_secret(plain):
        return []
    forgotten = FORGET.match(plain)
    by_attribute: dict[str, list[Slot]] = {}
    for slot in _all(plain[forgotten.end() :] if forgotten else plain):
        same = by_attribute.setdefault(slot.attribute, [])
        if not same or (slot.negated == same[0].negated and not slot.single):
            same.append(slot)
    slots = [slot for same in by_attribute.values() for slot in same]
    return [_said_by(replace(s, negated=True) if forgotten else s, speaker) for s in slots]


def is_secret(text: str) -> bool:
    """Whether a text tells a credential, which is kept in no fact."""
    return _SECRET.search(text) is not None


def _all(plain: str) -> Iterator[Slot]:
    """What is stated, phrases in the order of their table."""
    correction = CORRECTION.match(plain)
    if correction:
        old = _clean(correction["old"])
        yield Slot("", _clean(correction["value"]), single=True, instead_of=old)
        return
    named = [*_named(plain), *_possessed(plain)]
    yield from named
    taken = {slot.attribute for slot in named}
    for phrase in PHRASES:
        match = phrase.regex.search(plain)
        if match and phrase.attribute not in taken and not (named and match.start() == 0):
            yield from _slots(phrase, match)


def _slots(phrase: Phrase, match: re.Match[str]) -> Iterator[Slot]:
    groups = match.groupdict()
    subject = _subject(groups.get("subject"))
    text, old = _instead(match["value"])
    old = old or _clean(groups.get("old") or "")
    for value in _values(phrase, text):
        slot = Slot(phrase.attribute, value, phrase.single, phrase.negated, subject, old)
        yield _taste(slot) if phrase.attribute == "likes" else slot


def _taste(slot: Slot) -> Slot:
    """Liking and disliking are values of one attribute, so that one supersedes the other."""
    value = "dislikes" if slot.negated else "likes"
    return Slot(f"taste for {slot.value}", value, single=True, subject=slot.subject)


def _values(phrase: Phrase, text: str) -> list[str]:
    parts = [text] if phrase.single or phrase.attribute == "goal" else _split(text)
    if phrase.single and phrase.attribute not in {"birthday", "name"}:
        parts = [re.split(r",|\s+and\s+", text)[0]]
    cleaned = [_clean(part) for part in parts]
    if phrase.negated and phrase.single and cleaned and cleaned[0] in _ANY:
        return [""]  # `I quit my job`: whatever it was
    return [value for value in cleaned if _telling(value)]


def _telling(value: str) -> bool:
    return bool(value) and len(value.split()) <= _VALUE_WORDS and not _IDLE.match(value)


def _split(text: str) -> list[str]:
    """The members of `tea, cake and jam`; what follows a lone comma is a remark."""
    if not re.search(r"\s(?:and|or|&)\s", text):
        return [text.split(",")[0]]
    parts = _LIST.split(text)
    own = next((n for n, part in enumerate(parts) if _OWN_CLAUSE.match(part.lower())), len(parts))
    return [part for part in parts[:own] if len(part.split()) <= _MEMBER_WORDS] or [parts[0]]


def _instead(text: str) -> tuple[str, str]:
    """The value, and the one that `, not …` takes back."""
    match = _NOT.search(text)
    cut = _END.split(text[: match.start()] if match else text, maxsplit=1)[0]
    return cut, _clean(match["old"]) if match else ""


def _clean(text: str) -> str:
    value = " ".join(_END.split(text, maxsplit=1)[0].lower().strip(" ,.'\"").split())
    return _DETERMINER.sub("", value)


def _subject(text: str | None) -> str:
    if text is None or text.lower() in {"i", "we"}:
        return "user"
    return text.lower().removeprefix("my ")


def _said_by(slot: Slot, speaker: str) -> Slot:
    """In a conversation of named speakers, each one's `I` is that person."""
    if speaker == "user":
        return slot
    subject = speaker if slot.subject == "user" else f"{speaker}'s {slot.subject}"
    return replace(slot, subject=subject)


def _named(plain: str) -> Iterator[Slot]:
    """`I have a dog called Rex`, `my sister's name is Ana`."""
    match = PET_NAMED.search(plain)
    if match:
        yield Slot("owns_pet", f"{match['noun'].lower()} {_name(match)}", single=False)
        return
    match = NAMED.search(plain)
    if match:
        noun = match["noun"].lower().strip()
        single = noun.split()[-1] not in _RELATIONS - _ONE_OF_A_KIND
        yield Slot(f"{noun} name", _name(match), single)


def _name(match: re.Match[str]) -> str:
    return _clean(re.split(r",|\s+and\s+", match["value"])[0])


def _possessed(plain: str) -> Iterator[Slot]:
    """`My dog is brown` tells of a dog; `my budget is 500 euros` has the noun as attribute."""
    match = POSSESSION.search(plain)
    if not match or NAMED.search(plain):
        return
    noun = match["noun"].lower().strip()
    text, old = _instead(match["value"])
    negated = text.lower().startswith(("not ", "no longer "))
    value = _clean(re.sub(r"^(?:not|no longer)\s+", "", text, flags=re.IGNORECASE))
    if noun.split()[-1] in _RELATIONS:
        yield from _related(noun, text, value, negated=negated)
    elif _telling(value):
        yield Slot(noun, value, match["verb"].lower() == "is", negated, instead_of=old)


def _related(noun: str, text: str, value: str, *, negated: bool) -> Iterator[Slot]:
    """`My wife is Ana` names her; what else she is, the phrases read."""
    if re.fullmatch(r"[A-Z][a-z]+(?: [A-Z][a-z]+)?", text.strip(" ,.")):
        yield Slot(f"{noun} name", value, noun.split()[-1] in _ONE_OF_A_KIND, negated)


PROFILE = Domain(
    name="profile", belongs=_is_fact, read=_facts,
    asked_of_model="lasting facts and preferences of the user", source="profile", reported=True,
)  # fmt: skip
"""Facts and preferences of the user."""
