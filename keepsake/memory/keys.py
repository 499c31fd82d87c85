"""Keys: where a memory is found by later candidates that may repeat, replace or close it."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from keepsake.memory.domains.frames import ALSO_DENIED, MEMBERS
from keepsake.memory.languages.letters import folded, parts, words_of
from keepsake.memory.models import Candidate, Slot

_COUNTED = re.compile(
    r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) (?P<what>\w+s|children)$"
)
_ANYBODY = "*"
"""Whose event it is when that is not said: `the wedding` may be a sister's."""
EVENT = " date"
"""How the attribute of an event ends, see `keepsake.memory.domains.temporal`."""


def stored_keys(candidate: Candidate) -> list[str]:
    """Where a memory can be found by later candidates."""
    slot = candidate.slot
    if slot is None:
        return text_keys(candidate)[:1]
    return _in_both_forms([*_attribute_keys(slot), _value(slot, slot.value), f"={slot.value}"])


def sought_keys(candidate: Candidate) -> list[str]:
    """Where the memories are that a candidate may repeat, replace or close."""
    return _in_both_forms(_sought(candidate))


def _in_both_forms(keys: Iterable[str]) -> list[str]:
    """Keys as they are and folded: memories from before keys were folded have the first alone."""
    return list(dict.fromkeys(form for key in keys for form in (key, folded(key))))


def _sought(candidate: Candidate) -> list[str]:
    slot = candidate.slot
    ended = [key for end in candidate.ends for key in _attribute_keys(end)]
    if slot is None:
        return [*text_keys(candidate), *ended]
    if not slot.attribute:
        return [f"={slot.instead_of}"]
    if slot.negated:
        denied = [key for fact in denied_facts(slot) for key in _attribute_keys(fact)]
        return [*denied, *([f"={slot.instead_of}"] if slot.instead_of else [])]
    if slot.single:
        return [*_attribute_keys(slot), *ended]
    counted = _attribute_keys(slot)[:1] if _COUNTED.match(slot.value) else []
    values = [slot.value, *_wider(slot.value), *filter(None, [slot.instead_of])]
    return [
        *(_value(slot, value) for value in values),
        *_attribute_keys(slot)[1:],
        *ended,
        *counted,
    ]


def _wider(value: str) -> list[str]:
    """What may have been denied that a value is one of: `a car`, `pets`."""
    words = value.split()
    kinds = [kind for kind, members in MEMBERS.items() if not members.isdisjoint(words)]
    return [*words, *kinds] if len(words) > 1 else kinds


def _attribute_keys(slot: Slot) -> list[str]:
    """Whose attribute it is: also by their first name, and by its bare noun."""
    keys = [_attribute(slot)]
    first = replace(slot, subject=slot.subject.split(" ")[0])
    if first.subject != slot.subject and "'" not in slot.subject:
        keys.append(_attribute(first))
    if slot.attribute.endswith(EVENT):
        event = replace(slot, attribute=event_noun(slot))
        keys += [_attribute(event), _attribute(replace(event, subject=_ANYBODY))]
    elif " " in slot.attribute and not slot.attribute.startswith("taste for "):
        noun = slot.attribute.rsplit(" ", maxsplit=1)[-1]
        keys.append(_attribute(replace(slot, attribute=noun)))
    return keys


def event_noun(slot: Slot) -> str:
    """`dentist appointment date` is an `appointment date`."""
    return " ".join(slot.attribute.split()[-2:])


def _attribute(slot: Slot) -> str:
    """Whose attribute it is."""
    return f"{slot.subject}/{slot.attribute}"


def denied_facts(slot: Slot) -> list[Slot]:
    """A denial, and what it denies as well."""
    also = ALSO_DENIED.get(slot.attribute, ())
    return [slot, *(replace(slot, attribute=name) for name in also)]


def bare_text(text: str, fold: Callable[[str], str] = folded) -> str:
    """A text as it is compared: case, accents, blanks and a last full stop do not matter."""
    return " ".join(fold(text).split()).rstrip(".!")


def plain_words(text: str) -> list[str]:
    """Words as they are compared, without the endings of plurals, in parts where words join."""
    return [part.removesuffix("s") for word in words_of(text) for part in parts(word)]


def same_value(value: str, other: str) -> bool:
    """Whether two values are the same: `málaga` is `malaga`."""
    return folded(value) == folded(other)


def recounts(slot: Slot, there: Slot) -> bool:
    """Whether a fact counts the same anew: `three kids` after `two kids`."""
    new, old = _COUNTED.match(slot.value), _COUNTED.match(there.value)
    return new is not None and old is not None and new["what"] == old["what"]


def covers(denied: str, value: str) -> bool:
    """Whether a denial means a value: `car` is the `red car`, nothing named is anything."""
    members = MEMBERS.get(denied, frozenset())
    there = folded(value).split()
    return set(folded(denied).split()) <= set(there) or not members.isdisjoint(there)


def _value(slot: Slot, value: str) -> str:
    return f"{_attribute(slot)}={value}"


def text_keys(candidate: Candidate) -> list[str]:
    """Where a memory without parts is found; the second key is from before texts were folded."""
    return [_text(candidate, folded), _text(candidate, str.lower)]


def _text(candidate: Candidate, fold: Callable[[str], str]) -> str:
    day = candidate.when.first.isoformat() if candidate.when else ""
    body = candidate.code.text if candidate.code else bare_text(candidate.content, fold)
    digest = hashlib.sha256(f"{body}\0{day}".encode()).hexdigest()
    return f"{candidate.domain}:{digest}"
