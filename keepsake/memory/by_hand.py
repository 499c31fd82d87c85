"""A fact by hand: what an owner states of a user, outside of any conversation.

It is judged against what is known like what a turn says, and no turn stands behind it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from keepsake.memory.domains.dates import when
from keepsake.memory.domains.frames import FRAMES
from keepsake.memory.domains.profile import PROFILE, ended_by
from keepsake.memory.domains.registry import classify, extract
from keepsake.memory.domains.temporal import TEMPORAL
from keepsake.memory.models import Candidate, Slot
from keepsake.memory.turn import StatedFact, Turn

BY_HAND = "by hand"
"""What says so in the provenance of such a memory, in place of a model."""
_SEVERAL = frozenset({"prefers", "goal", "instruction", "lives_with", "allergic_to", "condition"})


def stated_by(fact: StatedFact, on: date) -> list[Candidate]:
    """What is to be judged: what the rules read of the sentence, or the sentence as it is."""
    stated = [each for each in _read(fact.content, on) if fact.domain in {None, each.domain}]
    if fact.attribute:
        attribute = _known(fact.attribute)
        given = [each for each in stated if each.slot and each.slot.attribute == attribute]
        stated = [_given(fact, attribute, given[0].slot if given else None, on)]
    if not stated:
        domain = fact.domain or PROFILE.name
        day = when(fact.content, on) if domain == TEMPORAL.name else None
        stated = [Candidate(domain, fact.content, when=day)]
    return [replace(each, content=fact.content, confidence=1.0, model=BY_HAND) for each in stated]


def _read(content: str, on: date) -> Iterator[Candidate]:
    """What the rules are sure that the sentence states; it takes no topic back."""
    turn = Turn(user_query=content)
    for each in extract(turn, classify(turn), on)[1:]:
        sure = (each.slot or each.when) and not (each.signs or each.ceases)
        if sure and each.domain in {PROFILE.name, TEMPORAL.name}:
            yield each


def _given(fact: StatedFact, attribute: str, read: Slot | None, on: date) -> Candidate:
    """The fact of the attribute that was named; the sentence is its value where none is read."""
    slot = read or Slot(attribute, _value(fact.content), _is_single(attribute))
    slot = replace(slot, subject=fact.subject.lower() if fact.subject != "user" else slot.subject)
    if fact.single is not None:
        slot = replace(slot, single=fact.single)
    domain = fact.domain or PROFILE.name
    day = when(fact.content, on) if domain == TEMPORAL.name else None
    return Candidate(domain, fact.content, slot, when=day, ends=ended_by(slot))


def _value(content: str) -> str:
    return " ".join(content.lower().split()).rstrip(".!")


def _known(attribute: str) -> str:
    """An attribute as the rules write it: `lives in` is `lives_in`."""
    name = " ".join(attribute.lower().split())
    joined = name.replace(" ", "_")
    return joined if joined in _BY_RULES or joined in _SEVERAL else name


_BY_RULES = frozenset(frame.attribute for frame in FRAMES)
_ONE_AT_A_TIME = frozenset(frame.attribute for frame in FRAMES if frame.single)


def _is_single(attribute: str) -> bool:
    """Whether one has one value at a time."""
    several = attribute in _BY_RULES | _SEVERAL or attribute.startswith("taste")
    return attribute in _ONE_AT_A_TIME or not several
