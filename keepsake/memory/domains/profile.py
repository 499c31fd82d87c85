"""The domain `profile`: facts and preferences of the user, read in parts out of a clause."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from keepsake.memory.domains import words
from keepsake.memory.domains.confidence import confidence, form_of
from keepsake.memory.domains.dates import mentions_date
from keepsake.memory.domains.facts import stated
from keepsake.memory.domains.frames import ANY_RELATION, EXCLUDES, ONE_OF_A_KIND, kin_of
from keepsake.memory.domains.general import CUSTOM, proposed, unread
from keepsake.memory.domains.instructions import FORGET, forgotten_topic, instruction
from keepsake.memory.domains.other_languages import foreign_facts
from keepsake.memory.domains.parse import parse
from keepsake.memory.domains.plain_facts import is_correction, is_secret, plain_facts
from keepsake.memory.domains.statement_filter import normal, states
from keepsake.memory.languages.detection import ENGLISH, language_of
from keepsake.memory.models import Assertion, Candidate, Clause, Domain, Slot

_MOST_WORDS, _MIN_WORDS = 14, 4
_POINTS = re.compile(
    r"\b(?:it|this|that|these|those|them|they|he|she|him|her|you|your|there|something|anything|"
    r"stuff|"
    r"things?|one|ones)\b",
    re.IGNORECASE,
)
"""Words that mean nothing outside their conversation."""
_FINITE = re.compile(r"\b(?:is|are|was|were|has|had|wears?|weighs?|wore|takes|earns)\b")
_FIRST_PERSON = re.compile(r"\b(?:I|me|we|us)\b|^(?:my|our)\b", re.IGNORECASE)
_VAGUE = words("vague")
_MENTIONED = re.compile(
    rf"\b[Mm]y (?P<who>{ANY_RELATION}),? "
    rf"(?P<name>[A-Z][a-z][\w-]*)\b(?!')",
)
_BIRTHDAY = re.compile(
    r"\b(?:my|our) (?:(?P<who>[\w-]+)'s )?birth ?(?:day|date) is (?:on )?(?:the )?(?P<v>[\w ]+?)"
    r"(?=$|[.,!]| and\b)|\bI was born on (?:the )?(?P<v2>[\w ]+?)(?=$|[.,!]| and\b)",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"^my (?P<what>favorite [\w ]+?) (?:is|was)\b.*?(?:(?:, well,? |\bnow )(?:now )?(?:it is )?"
    r"(?P<v>(?!well\b|was\b)[\w' ]+?)(?: now| really| instead)?|"
    r", (?:it is )?(?P<v2>[\w' ]+?) (?:now|really|instead))[.!]*$",
    re.IGNORECASE,
)
"""A favourite that is corrected in the same breath."""

_WAS_HABIT = re.compile(
    r"^(?:I|we) used to (?!be (?!an? |in |on |at )|think|believe|know|say|tell|wonder|hope|feel|"
    r"want)(?=\w+ \w|"
    r"(?:smoke|vape|drink|gamble|run|row|swim|ski|surf|climb|box|dance|sing|paint|cycle|teach)\b)"
    rf"(?!.*{_POINTS.pattern})|"
    rf"^(?:I|we) (?:\w+ed|{'|'.join(sorted(words('irregular_past')))})\b(?!.*{_POINTS.pattern})"
    r".*\b(?:for (?:\w+ )?(?:years|decades)|from (?:\d{1,4}|'\d\d) (?:to|until|till) |"
    r"in my (?:early |late )?(?:teens|twenties|thirties|forties|fifties|youth))\b",
    re.IGNORECASE,
)
"""What one did for years and does no more."""


def _belongs(clause: Clause) -> bool:
    """Whether it may state a fact or something that lasts, or take one back."""
    return (
        clause.foreign
        or clause.states
        or bool(forgotten_topic(clause.plain) or instruction(clause.plain))
    )


def _read(clause: Clause, _: date) -> list[Candidate]:
    """One candidate per fact; a lasting habit without a known fact is a note of its own."""
    if clause.foreign:
        return _facts(
            clause, (_said_by(slot, clause.speaker) for slot in foreign_facts(clause.text))
        )
    topic = forgotten_topic(clause.plain)
    if topic and not FORGET.match(clause.plain):
        return [Candidate(PROFILE.name, clause.text, forgets=topic)]
    request = instruction(clause.plain)
    if request:
        asked = _said_by(request, clause.speaker)
        return [Candidate(PROFILE.name, clause.text, asked, confidence=confidence("fact"))]
    if not clause.states:
        return []
    slots = _slots(clause.plain, clause.assertions, clause.speaker)
    if (_is_habit(clause) or _WAS_HABIT.match(clause.plain)) and not slots:
        note = Candidate(PROFILE.name, clause.text, confidence=confidence("note"))
        return [*_ceasing(clause), note]
    facts = _facts(clause, slots)
    ceasing = [] if any(slot.negated for slot in slots) else _ceasing(clause)
    return [*facts, *ceasing, *_proposals(clause, told=bool(slots))]


def _facts(clause: Clause, slots: Iterable[Slot]) -> list[Candidate]:
    return [
        Candidate(PROFILE.name, clause.text, slot,
                  confidence=confidence(form_of(slot.attribute)), ends=ended_by(slot))
        for slot in slots
    ]  # fmt: skip


def _ceasing(clause: Clause) -> Iterator[Candidate]:
    """Which habits are none any more: `I've stopped going to the gym`, `I quit the gym`."""
    for assertion in clause.assertions:
        quit_it = assertion.verb in {"quit", "give up"} and assertion.tense != "present"
        if "user" in assertion.subjects and (assertion.ended or quit_it):
            heads = [term.head for terms in assertion.slots.values() for term in terms
                     if term.entity not in {"DATE", "TIME"}]  # fmt: skip
            named = heads if quit_it else [assertion.verb.split(" ")[0], *heads]
            if heads:
                yield Candidate(PROFILE.name, clause.text, ceases=" ".join(named))


def _proposals(clause: Clause, *, told: bool) -> Iterator[Candidate]:
    """What may last of assertions that fit no frame: facts, or a note if nothing else is told."""
    if FORGET.match(clause.plain) or (told and len(clause.assertions) == 1):
        return
    proposals = [
        proposal for assertion in clause.assertions
        if next(stated(assertion, clause.plain), None) is None
        for proposal in proposed(assertion, clause.plain)
    ]  # fmt: skip
    if not clause.assertions:
        proposals += unread(clause.plain)
    for proposal in proposals:
        if proposal.slot or not told:
            slot = proposal.slot and _said_by(proposal.slot, clause.speaker)
            form = form_of(slot.attribute if slot else "")
            yield Candidate(PROFILE.name, clause.text, slot, confidence=confidence(form),
                            signs=proposal.signs)  # fmt: skip
            told = True


def read_facts(text: str, speaker: str = "user") -> list[Slot]:
    """The facts that a sentence states."""
    if language_of(text) != ENGLISH:
        return [_said_by(slot, speaker) for slot in foreign_facts(text)]
    plain = normal(text)
    if is_secret(plain) or not states(text):
        return []
    return _slots(plain, parse([parsed(plain)])[0], speaker)


def parsed(plain: str) -> str:
    """What is parsed of a clause: an assertion that is to be forgotten is read as one."""
    return FORGET.sub("", plain)


def _is_habit(clause: Clause) -> bool:
    """Whether the user says what they do again and again, in words that stand by themselves."""
    if len(clause.plain.split()) < _MIN_WORDS or _POINTS.search(clause.plain):
        return False
    often = CUSTOM.search(clause.plain) is not None
    return not mentions_date(clause.plain) and any(
        assertion.tense == "present"
        and not assertion.progressive
        and "user" in assertion.subjects
        and not assertion.topic
        and (
            often
            or (
                assertion.adverbs & {"always", "never", "usually", "normally"}
                and assertion.verb not in _VAGUE
                and not assertion.verb.startswith("be")
            )
        )
        for assertion in clause.assertions
    )


def _slots(plain: str, assertions: Iterable[Assertion], speaker: str) -> list[Slot]:
    """All facts of a clause, each attribute and value once; a denial hides what it contains."""
    forgotten = FORGET.match(plain)
    plain = parsed(plain)
    assertions = list(assertions)
    read = list(plain_facts(plain, _about(plain, assertions)))
    if not is_correction(plain):
        read += _worded(plain)
        for assertion in assertions:
            read += stated(assertion, plain)
    slots: dict[tuple[str, str, str], Slot] = {}
    for slot in read:
        telling = len(slot.value.split()) <= _MOST_WORDS and (slot.value or slot.negated)
        known = any(slot.single and (each.subject, each.attribute) == (slot.subject, slot.attribute)
                    and each.negated == slot.negated for each in slots.values())  # fmt: skip
        if telling and not known:
            key = (slot.subject, slot.attribute, slot.value)
            if key not in slots or slots[key].negated:
                slots[key] = slot
    pets = {slot.value.split()[0] for slot in slots.values() if slot.attribute == "owns_pet"}
    told = {f"{pet} name" for pet in pets}
    kept = [slot for slot in slots.values() if slot.attribute not in told
            and (slot.attribute != "has" or slot.value not in pets)]  # fmt: skip
    if forgotten:
        kept = [replace(slot, negated=True) for slot in kept]
    return [_said_by(slot, speaker) for slot in kept]


def _about(plain: str, assertions: Iterable[Assertion]) -> str:
    """Whom a clause is about: the user, one of theirs, or nobody known (empty)."""
    subjects = [who for assertion in assertions for who in assertion.subjects]
    if kin := kin_of(plain):
        return kin
    if subjects:
        return "user" if "user" in subjects else subjects[0]
    others = _FINITE.search(plain) and not _FIRST_PERSON.search(plain)
    return "" if others else "user"


def _worded(plain: str) -> Iterator[Slot]:
    """Names of relations, birthdays, and favourites that are corrected in the same breath."""
    for match in _MENTIONED.finditer(plain):
        who = match["who"].lower()
        subject = match.start() == 0 and who not in ONE_OF_A_KIND
        if not subject and not mentions_date(f"on {match['name']}"):
            yield Slot(f"{who} name", match["name"].lower(), who in ONE_OF_A_KIND)
    birthday = _BIRTHDAY.search(plain)
    if birthday:
        value = (birthday["v"] or birthday["v2"]).lower()
        yield Slot("birthday", value, single=True, subject=(birthday["who"] or "user").lower())
    now = _NOW.match(plain)
    if now:
        yield Slot(now["what"].lower(), (now["v"] or now["v2"]).lower(), single=True)


def ended_by(slot: Slot) -> tuple[Slot, ...]:
    """What a fact takes back beside itself."""
    if slot.negated:
        return ()
    ends = list(EXCLUDES.get((slot.attribute, slot.value), EXCLUDES.get((slot.attribute, ""), ())))
    if slot.attribute.startswith("formerly_"):
        ends.append((slot.attribute.removeprefix("formerly_"), slot.value))
    if slot.attribute == "eats":
        ends.append(("avoids", slot.value))
    if slot.attribute == "avoids":
        ends.append(("eats", slot.value))
    return tuple(
        Slot(attribute, value, single=False, negated=True, subject=slot.subject)
        for attribute, value in ends
    )


def _said_by(slot: Slot, speaker: str) -> Slot:
    """In a conversation of named speakers, each one's `I` is that person."""
    if speaker == "user":
        return slot
    subject = speaker if slot.subject == "user" else f"{speaker}'s {slot.subject}"
    return replace(slot, subject=subject)


PROFILE = Domain(
    name="profile", belongs=_belongs, read=_read,
    asked_of_model="lasting facts and preferences of the user", source="profile", reported=True,
)  # fmt: skip
"""Facts and preferences of the user."""
