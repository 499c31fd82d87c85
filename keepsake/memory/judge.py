"""What to do with each candidate, given what is stored.

Similarity cannot tell an update from a repeat (it was right in 70 % of cases at best), so facts
are compared by their parts. A new value of a single-valued attribute supersedes the old one, a
denial ends a fact, a repeat changes nothing, all else is added. A fact may take others back
beside itself (who is divorced has no husband), and a topic can be forgotten as a whole.

Nothing is overwritten. A memory that ends gets an *invalidation*, which names the job that it is an
effect of; a new value invalidates all the earlier ones. So undoing one job leaves what the others
would have made without it, in whatever order they came.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from keepsake.memory.comparing import (
    has_value,
    is_about,
    is_called,
    means,
    of_one,
    same_attribute,
    same_event,
)
from keepsake.memory.domains.registry import SUMMARY
from keepsake.memory.domains.succession import SUCCEEDED, long_ago
from keepsake.memory.keys import (
    EVENT,
    bare_text,
    covers,
    denied_facts,
    recounts,
    same_value,
    stored_keys,
    text_keys,
)
from keepsake.memory.models import (
    Action,
    Candidate,
    Invalidation,
    JudgedTurn,
    Memory,
    Operation,
    Slot,
)

_THE = re.compile(r"^(?!.*\b(?:my|our|I|we)\b).*\bthe\b", re.IGNORECASE)
"""What speaks of an event without saying whose it is."""
_SHOWN_CHARS = 500  # of what ends, in the effects of a job


def judge(
    candidates: Iterable[Candidate], stored: Iterable[Memory], turn: JudgedTurn
) -> list[Operation]:
    """One operation per candidate; candidates of one turn see what those before them did.

    A turn that was remembered before changes nothing, whatever has been said since. One without an
    id and a time may be said anew: it is, if it says what does not hold any longer.
    """
    candidates = list(candidates)
    operations = [] if turn.repeated and turn.identified else _operations(candidates, stored, turn)
    if turn.repeated and not any(map(_is_news, operations)):
        return [
            Operation(Action.NOOP, candidate, "this turn is known already")
            for candidate in candidates
        ]
    return operations


def _is_news(operation: Operation) -> bool:
    """Whether an operation changes what holds; the turn itself does not."""
    claims = operation.candidate.domain != SUMMARY.name
    return claims and (operation.begins or bool(operation.invalidations))


def _operations(
    candidates: Iterable[Candidate], stored: Iterable[Memory], turn: JudgedTurn
) -> list[Operation]:
    known = list(stored)
    operations: list[Operation] = []
    for number, candidate in enumerate(candidates):
        for operation in _Case(candidate, known, turn, f"{turn.prefix}_{number}").all():
            operations.append(operation)
            known = _after(operation, known, turn)
    return operations


def _after(operation: Operation, known: list[Memory], turn: JudgedTurn) -> list[Memory]:
    """What is known once an operation is done."""
    ends: dict[str, datetime] = {}
    for invalidation in operation.invalidations:
        ends[invalidation.memory_id] = min(
            invalidation.at, ends.get(invalidation.memory_id, invalidation.at)
        )
    after = [_ended(memory, ends) for memory in known]
    if operation.begins:
        candidate = operation.candidate
        new = Memory(operation.id, candidate.domain, candidate.content, candidate.slot,
                     tuple(stored_keys(candidate)), turn.job_id, turn.said_at,
                     day=candidate.when.first if candidate.when else None)  # fmt: skip
        after.append(_ended(new, ends))
    return after


def _ended(memory: Memory, ends: dict[str, datetime]) -> Memory:
    end = ends.get(memory.id)
    if end is None or (memory.valid_to is not None and memory.valid_to <= end):
        return memory
    return replace(memory, valid_to=end)


@dataclass(frozen=True, slots=True)
class _Case:
    """One candidate before the judge."""

    candidate: Candidate
    known: list[Memory]
    turn: JudgedTurn
    new_id: str

    def all(self) -> Iterator[Operation]:
        """The decision, and one for each fact that is taken back beside it."""
        if self.candidate.forgets or self.candidate.ceases:
            yield from self._forgotten()
            return
        if self._is_former():
            yield Operation(Action.NOOP, self.candidate, "it was so before what is known")
            return
        yield self.decide()
        yield from self._contradicted()
        for end in self.candidate.ends:
            for memory in self._open():
                if same_attribute(memory, end) and memory.slot and means(end, memory.slot):
                    yield self._taken_back(memory, f"ended by: {self.candidate.content}")

    def _is_former(self) -> bool:
        """Whether it tells of long ago, and what has been so since is known: `I moved in 2010`."""
        slot = self.candidate.slot
        if slot is None or slot.negated or slot.attribute not in SUCCEEDED:
            return False
        since = long_ago(self.candidate.content, self.turn.said_at.date())
        known = (m for m in self._open() if same_attribute(m, slot))
        return since is not None and any(
            since < (long_ago(m.content, m.valid_from.date()) or m.valid_from.date()) for m in known
        )

    def _contradicted(self) -> Iterator[Operation]:
        """What was denied before, and is so now."""
        slot = self.candidate.slot
        if slot is None or slot.negated:
            return
        for memory in self._open():
            there = memory.slot
            if there is None or not there.negated or memory.valid_from > self.turn.said_at:
                continue
            if of_one(there, slot) and covers(there.value, slot.value):
                yield self._taken_back(memory, f"ended by: {self.candidate.content}")

    def _forgotten(self) -> Iterator[Operation]:
        """One operation for each memory that is forgotten or ends: it can be told and undone."""
        topic = self.candidate.forgets or self.candidate.ceases
        forgotten = f"forgotten: {topic}"
        reason = forgotten if self.candidate.forgets else f"ended by: {self.candidate.content}"
        meant = [m for m in self._open() if self._may_end(m) and is_about(m, topic)]
        for memory in meant:
            yield self._taken_back(memory, reason)
        if not meant:
            yield Operation(Action.NOOP, self.candidate, f"nothing known about {topic}")

    def _may_end(self, memory: Memory) -> bool:
        """Anything but the turn itself may be forgotten; habits and events to come may cease."""
        if self.candidate.forgets:
            return memory.id != f"{self.turn.prefix}_0"
        comes = memory.day is not None and memory.day >= self.turn.said_at.date()
        habit = memory.day is None and memory.slot is None
        return memory.domain == self.candidate.domain and (comes or habit)

    def _taken_back(self, memory: Memory, reason: str) -> Operation:
        content = memory.content[:_SHOWN_CHARS]
        ended = Candidate(memory.domain, content, memory.slot, model=self.candidate.model)
        closed = (self._close(memory, None),)
        return Operation(Action.DELETE, ended, reason, memory.id, invalidations=closed)

    def decide(self) -> Operation:
        """What becomes of the candidate itself."""
        slot = self.candidate.slot
        if self.candidate.domain == SUMMARY.name:
            return self._begin(Action.ADD, "new")
        if self.candidate.replaces:
            return self._replacement()
        if slot is None:
            return self._by_text()
        if not slot.attribute:
            return self._correction(slot)
        if slot.negated:
            return self._denial(slot)
        return self._single(slot) if slot.single else self._many(slot)

    def _replacement(self) -> Operation:
        """A language model names what is replaced; it was shown only this user's memories."""
        named = [m for m in self._open() if m.id == self.candidate.replaces]
        if named and self._says_the_same(named[0]):
            return self._repeat(named[0])
        if named and self.candidate.slot and self.candidate.slot.negated:
            return self._ended_by_denial(named, "a fact")
        if named:
            return self._supersede(named, "replaces what was known")
        return replace(self, candidate=replace(self.candidate, replaces="")).decide()

    def _says_the_same(self, memory: Memory) -> bool:
        slot = self.candidate.slot
        if slot is None or memory.slot is None:
            return bare_text(self.candidate.content) == bare_text(memory.content)
        same = same_attribute(memory, slot) and same_value(memory.slot.value, slot.value)
        return same and not slot.negated

    def _by_text(self) -> Operation:
        keys = set(text_keys(self.candidate))
        same = [m for m in self._open() if not keys.isdisjoint(m.keys)]
        return self._repeat(same[0]) if same else self._begin(Action.ADD, "new")

    def _correction(self, slot: Slot) -> Operation:
        """`I meant Lyon, not Paris`: whichever attribute had the old value gets the new one."""
        wrong = [
            m
            for m in self._open()
            if m.slot and not m.slot.negated and same_value(m.slot.value, slot.instead_of)
        ]
        if not wrong or wrong[-1].slot is None:
            return Operation(Action.NOOP, self.candidate, "nothing known to correct")
        whole = replace(wrong[-1].slot, value=slot.value, instead_of="")
        operation = self._supersede([wrong[-1]], "corrected")
        return replace(operation, candidate=replace(self.candidate, slot=whole))

    def _denial(self, slot: Slot) -> Operation:
        meant = denied_facts(slot)
        facts = [m for m in self._open() if any(same_attribute(m, fact) for fact in meant)]
        denied = [m for m in facts if m.slot and covers(slot.value, m.slot.value)]
        if slot.instead_of:
            denied += [m for m in self._open() if m not in denied and has_value(m, slot)]
        if slot.attribute.endswith(EVENT):
            denied = self._events(slot)
        if not slot.value and not denied:
            named = [m for m in self._open() if m.slot and is_called(m.slot, slot)]
            denied = named[-1:]
        if denied:
            return self._ended_by_denial(denied, slot.attribute)
        unknown = slot.attribute == "owns_pet" and slot.value == slot.instead_of  # `Rex died`
        if slot.attribute.endswith(EVENT) or not slot.value or unknown:
            return Operation(Action.NOOP, self.candidate, f"nothing known about {slot.attribute}")
        said = (m for m in self._open() if m.slot and m.slot.negated and of_one(m.slot, slot))
        same = next((m for m in said if m.slot and same_value(m.slot.value, slot.value)), None)
        return self._repeat(same) if same else self._begin(Action.ADD, "denied")

    def _ended_by_denial(self, denied: list[Memory], what: str) -> Operation:
        invalidations = tuple(self._close(memory, None) for memory in denied)
        return Operation(
            Action.DELETE,
            self.candidate,
            f"{what} was denied",
            denied[0].id,
            invalidations=invalidations,
        )

    def _single(self, slot: Slot) -> Operation:
        said_at = self.turn.said_at
        same = [m for m in self.known if same_attribute(m, slot)]
        meant = self._events(slot) if slot.attribute.endswith(EVENT) else same
        values = sorted(meant, key=lambda m: m.valid_from)
        now = [m for m in values if m.holds_at(said_at)]
        later = [m for m in values if m.valid_from > said_at]
        near = [m for m in (*now, *later[:1]) if m.slot and same_value(m.slot.value, slot.value)]
        if near:
            return self._repeat(near[0])
        invalidations = [self._close(m, self.new_id) for m in values if m.valid_from <= said_at]
        invalidations += [Invalidation(self.new_id, m.id, m.job_id, m.valid_from) for m in later]
        if now and not later:
            reason = f"{slot.attribute} changed"
            return self._begin(Action.UPDATE, reason, now[-1].id, invalidations)
        reason = f"an earlier value of {slot.attribute}" if later else "new"
        return self._begin(Action.ADD, reason, None, invalidations)

    def _many(self, slot: Slot) -> Operation:
        facts = [m for m in self._open() if same_attribute(m, slot)]
        same = next((m for m in facts if m.slot and same_value(m.slot.value, slot.value)), None)
        if same is not None:
            return self._repeat(same)
        wrong = [m for m in facts if m.slot and (
            same_value(slot.instead_of, m.slot.value) or recounts(slot, m.slot))]  # fmt: skip
        return self._supersede(wrong, "corrected") if wrong else self._begin(Action.ADD, "new")

    def _events(self, slot: Slot) -> list[Memory]:
        """The events to come that a later word on `the appointment` may mean."""
        today = self.turn.said_at.date().isoformat()
        to_come = [m for m in self._open() if m.slot and m.slot.value >= today
                   and same_event(m, slot)]  # fmt: skip
        own = [m for m in to_come if m.slot and m.slot.subject == slot.subject]
        if own or not _THE.search(self.candidate.content):
            return own
        return to_come

    def _open(self) -> list[Memory]:
        return [m for m in self.known if m.valid_to is None]

    def _close(self, memory: Memory, successor: str | None) -> Invalidation:
        at = max(self.turn.said_at, memory.valid_from)
        return Invalidation(memory.id, successor, self.turn.job_id, at)

    def _supersede(self, old: list[Memory], reason: str) -> Operation:
        invalidations = [self._close(memory, self.new_id) for memory in old]
        return self._begin(Action.UPDATE, reason, old[0].id, invalidations)

    def _repeat(self, memory: Memory) -> Operation:
        said_before = memory.id.startswith(f"{self.turn.prefix}_")
        reason = "said twice in this turn" if said_before else "known already"
        return Operation(Action.NOOP, self.candidate, reason, memory.id)

    def _begin(
        self,
        action: Action,
        reason: str,
        target: str | None = None,
        invalidations: Iterable[Invalidation] = (),
    ) -> Operation:
        return Operation(action, self.candidate, reason, target, self.new_id, tuple(invalidations))
