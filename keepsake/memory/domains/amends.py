"""Short words on what the user said the turn before: `sorry, I meant Lyon`, `scratch that`.

A value is put into the words of that turn, and those are read again. So it is a correction only if
it is of the kind of the one that it replaces.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from keepsake.memory.domains.dates import mentions_date
from keepsake.memory.domains.frames import ALSO_DENIED
from keepsake.memory.domains.statement_filter import JOKED
from keepsake.memory.models import Candidate, Slot

_MOST_WORDS = 14
_WRONG = (
    r"(?:sorry|oops|whoops|wait|correction|typo|edit|my bad|my mistake|scratch that|argh|i mean|"
    r"that(?: was|'s| is) wrong|wrong \w+)"
)
_ASIDE = r"(?:no|nope|ah|er|uh|hm+|well|actually|i)"
_LEAD = re.compile(
    rf"^(?:{_ASIDE}[,.:;! ]+)*(?P<wrong>\*\s*|{_WRONG}\b[,.:;! ]*)?(?:(?:{_ASIDE}|{_WRONG})\b"
    r"[,.:;! ]+)*"
    r"(?P<says>(?:i )?meant(?: to (?:say|write|type))?|make (?:that|it)|"
    r"(?:it|that|(?:his|her|its|their) name)(?:'s| is| should be| was)(?: actually)?"
    r"(?: (?P<spelled>spell?ed|spelt|written))?|should be)?\s*(?P<value>.+)$",
    re.IGNORECASE,
)
"""How a correction begins. What is wrong need not be said where something was meant."""
_VALUE = re.compile(
    r"(?:(?:in|at|on|for|with|from|the|an?) )*(?P<v>[\w][\w'+./-]*(?: [\w][\w'+./-]*){0,3})"
    r"(?P<marked>\*|,? (?:sorry|actually|with (?:an?|one|two) \w+))?[.! ]*$",
    re.IGNORECASE,
)
_NO_VALUE = re.compile(
    r"\b(?:i|we|you|he|she|it|they|this|that|there|what|not|never|am|is|are|was|were|do|does|did|"
    r"have|has|had|can|will|would|thanks?|please|really|sure|other|one|yes|no|ok|okay)\b",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    rf"^(?:(?:{_ASIDE}|sorry|wait|oh|ok|lol|haha+|that(?:'s| is) (?:not true|a lie))[,.! ]+)*"
    r"(?:(?:scratch|strike|ignore|disregard) (?:that|it|what i (?:just )?said|my last message)|"
    rf"{JOKED})(?:[,.! ]+(?:lol|haha+|sorry))*[,.! ]*$",
    re.IGNORECASE,
)
_POINTED = (
    (re.compile(r"\bthere\b", re.IGNORECASE), "in {}"),
    (re.compile(r"\bthere\b", re.IGNORECASE), "at {}"),
    (re.compile(r"\b(?:it|them|him|her)\b", re.IGNORECASE), "my {}"),
)
"""What points at a value of the turn before, and the value in its place."""
_ENDS = re.compile(
    r"^(?:(?:and|but|so|well|sadly|unfortunately|actually)[, ]+)*i (?:"
    r"(?:do not|don'?t)\b(?=.*\b(?:there|any ?more|any longer)\b)|no longer|stopped|quit|left|"
    r"(?:have |'ve )?(?:just |finally |since )?(?:sold|cancell?ed|quit|gave|got rid|traded|"
    r"returned))\b.*\b(?:there|it|them|him|her)\b",
    re.IGNORECASE,
)

Read = Callable[[str], list[Candidate]]
"""Reads what a text states."""


def may_amend(text: str) -> bool:
    """Whether a turn may be about the one before it."""
    return len(text.split()) <= _MOST_WORDS and (
        _TAKEN_BACK.match(text) is not None
        or _ENDS.match(text) is not None
        or bool(_replacement(text, asked=False))
    )


def amendments(text: str, told: str, read: Read, *, asked: bool) -> list[Candidate]:
    """What a turn takes back of the one before (`told`), or puts in the place of its values.

    asked: the agent asked something in between, so that `no, Lyon` may be the answer.
    """
    stated = [each for each in read(told) if each.slot and not each.slot.negated]
    if _TAKEN_BACK.match(text):
        return [_denied(each, text) for each in stated]
    if _ENDS.match(text):
        return [each for one in stated for each in _ended(text, one, read)][:1]
    value = _replacement(text, asked=asked)
    if not value:
        return []
    corrected = [each for one in stated for each in _corrected(value, one, told, read)]
    return [replace(each, content=text) for each in corrected] if len(corrected) == 1 else []


def _replacement(text: str, *, asked: bool) -> str:
    """The value that a turn gives and says no more; empty if it gives none."""
    lead = _LEAD.match(text.strip())
    if lead is None:
        return ""
    alone = lead["spelled"] or lead["wrong"]
    value = _VALUE.match(re.sub(r",.*", "", lead["value"]) if alone else lead["value"])
    if value is None or _NO_VALUE.search(value["v"]):
        return ""
    meant = lead["says"] and not re.match(r"(?:it|that)\b", lead["says"], re.IGNORECASE)
    said = lead["wrong"] or meant or lead["spelled"] or value["marked"]
    denied = re.match(r"(?:no|nope)\b", text, re.IGNORECASE) and not asked
    return value["v"].rstrip("./") if said or denied else ""


def _corrected(value: str, stated: Candidate, told: str, read: Read) -> Iterator[Candidate]:
    """What the turn before states with another value in the place of one of its own."""
    slot = stated.slot
    old = stated.when.words if stated.when else slot.value if slot else ""
    there = re.search(rf"(?<!\w){re.escape(old)}(?!\w)", told, re.IGNORECASE) if old else None
    if slot is None or there is None or mentions_date(f"on {value}") != bool(stated.when):
        return
    for each in read(f"{told[: there.start()]}{value}{told[there.end() :]}"):
        new = each.slot and (each.when is not None or value.lower() in each.slot.value)
        if each.slot and new and _is_one(each.slot, slot) and each.slot.value != slot.value:
            yield replace(each, slot=replace(each.slot, instead_of=slot.value))


def _ended(text: str, stated: Candidate, read: Read) -> Iterator[Candidate]:
    """`I sold it` after `I have a boat`."""
    value = stated.slot.value if stated.slot else ""
    for form, said in _POINTED:
        for each in read(form.sub(said.format(value.title()), text, count=1)):
            denied = each.slot
            if denied and stated.slot and denied.negated and denied.value == value and (
                stated.slot.attribute in {
                    denied.attribute, *ALSO_DENIED.get(denied.attribute, ())}
            ):  # fmt: skip
                yield replace(each, content=text)


def _denied(stated: Candidate, text: str) -> Candidate:
    slot = stated.slot and replace(stated.slot, negated=True)
    return replace(stated, content=text, slot=slot, when=None, ends=())


def _is_one(slot: Slot, other: Slot) -> bool:
    return (slot.subject, slot.attribute, slot.negated) == (
        other.subject, other.attribute, other.negated)  # fmt: skip
