"""The keys under which memories are stored, and under which the judge looks for them."""

import hashlib
from dataclasses import replace

from keepsake.memory.extracting.phrases import ALSO_DENIED
from keepsake.memory.models import Candidate, Slot, Turn


def stored(candidate: Candidate) -> list[str]:
    """Where a memory can be found by later candidates."""
    slot = candidate.slot
    if slot is None:
        return [_text(candidate)]
    return [attribute(slot), _value(slot, slot.value), f"={slot.value}"]


def sought(candidate: Candidate) -> list[str]:
    """Where the memories are that a candidate may repeat, replace or close."""
    slot = candidate.slot
    if slot is None:
        return [_text(candidate)]
    if not slot.attribute:
        return [f"={slot.instead_of}"]
    if slot.negated:
        return [attribute(one) for one in denied(slot)]
    if slot.single:
        return [attribute(slot)]
    old = [_value(slot, slot.instead_of)] if slot.instead_of else []
    return [_value(slot, slot.value), *old]


def attribute(slot: Slot) -> str:
    """Whose attribute it is."""
    return f"{slot.subject}/{slot.attribute}"


def denied(slot: Slot) -> list[Slot]:
    """A denial, and what it denies as well."""
    also = ALSO_DENIED.get(slot.attribute, ())
    return [slot, *(replace(slot, attribute=name) for name in also)]


def identity(turn: Turn) -> str:
    """What makes a turn the same turn when it is sent again.

    The caller's id of it, else all that was sent: words, session and time.
    """
    if turn.source_id:
        return f"source:{turn.source_id}"
    parts = (turn.user_query, turn.agent_response, turn.session_id, turn.session_datetime,
             turn.image_url)  # fmt: skip
    return "said:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def folded(text: str) -> str:
    """A text as it is compared: case, blanks and a last full stop do not matter."""
    return " ".join(text.lower().split()).rstrip(".!")


def _value(slot: Slot, value: str) -> str:
    return f"{attribute(slot)}={value}"


def _text(candidate: Candidate) -> str:
    day = candidate.when.first.isoformat() if candidate.when else ""
    body = candidate.code.text if candidate.code else folded(candidate.content)
    digest = hashlib.sha256(f"{body}\0{day}".encode()).hexdigest()
    return f"{candidate.domain}:{digest}"
