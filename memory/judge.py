"""What to do with each candidate, given what is stored.

Similarity cannot tell an update from a repeat (it was right in 70 % of cases at best), so facts
are compared by their parts: a single-valued attribute is superseded by a new value, a denial
closes a fact, a repeat changes nothing, all else is added.
"""

from collections.abc import Iterable

from memory.models import Action, Candidate, Memory, Operation, Slot


def judge(candidates: Iterable[Candidate], stored: Iterable[Memory]) -> list[Operation]:
    """One operation per candidate; candidates of one turn see those before them."""
    known = list(stored)
    seen: set[tuple[str, str, str]] = set()
    operations = []
    for candidate in candidates:
        operation = _decide(candidate, known)
        key = (candidate.domain, _folded(candidate.content), _attribute(candidate))
        if key in seen:
            operation = Operation(Action.NOOP, candidate, "said twice in this turn")
        seen.add(key)
        operations.append(operation)
    return operations


def _decide(candidate: Candidate, known: list[Memory]) -> Operation:
    same_domain = [memory for memory in known if memory.domain is candidate.domain]
    if candidate.slot is not None:
        return _decide_fact(candidate, candidate.slot, same_domain)
    for memory in same_domain:
        same_day = memory.event_date == candidate.event_date
        if same_day and _folded(memory.content) == _folded(candidate.content):
            return Operation(Action.NOOP, candidate, "known already", memory.id)
    return Operation(Action.ADD, candidate, "new")


def _decide_fact(candidate: Candidate, slot: Slot, known: list[Memory]) -> Operation:
    facts = [(m, m.slot) for m in known if m.slot and m.slot.attribute == slot.attribute]
    equal = next((memory for memory, fact in facts if fact.value == slot.value), None)
    if slot.negated:
        if equal is None:
            return Operation(Action.NOOP, candidate, f"nothing known about {slot.attribute}")
        return Operation(Action.DELETE, candidate, f"{slot.attribute} was denied", equal.id)
    if equal is not None:
        return Operation(Action.NOOP, candidate, "known already", equal.id)
    if slot.single and facts:
        older = facts[0][0]
        return Operation(Action.UPDATE, candidate, f"{slot.attribute} changed", older.id)
    return Operation(Action.ADD, candidate, "new")


def _attribute(candidate: Candidate) -> str:
    return candidate.slot.attribute if candidate.slot else ""


def _folded(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".!")
