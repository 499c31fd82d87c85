"""Visits every state of a protocol within bounds, and finds the shortest way to a bad one."""

from array import array
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.model.properties import ALWAYS, Property, accepted_has_ended
from tests.model.protocol import Protocol
from tests.model.rules import Step
from tests.model.state import Bounds, State, canonical

Trace = list[tuple[Step, State]]
"""Steps, each with the state after it."""


@dataclass
class Explored:
    """What was visited.

    depth: the longest of the shortest ways. broken: the property that does not hold, if there is
    one; trace: the shortest way to where it does not.
    """

    states: int = 0
    steps: int = 0
    depth: int = 0
    broken: str | None = None
    trace: Trace = field(default_factory=list)


def described(trace: Trace, bounds: Bounds) -> str:
    """A trace, a line for each step: who does what, and the records after it."""
    names = [f"{chr(ord('a') + lane)}{bounds.lanes[:job].count(lane) + 1}"
             for job, lane in enumerate(bounds.lanes)]  # fmt: skip
    lines = []
    for number, (step, state) in enumerate(trace, 1):
        who = f"worker {step.worker + 1}" if step.worker >= 0 else ""
        which = names[step.job] if step.job >= 0 else ""
        records = ", ".join(
            f"{name} {record.stage.name.lower()} token {record.token} effects {record.effects}"
            for name, record in zip(names, state.records, strict=True)
            if record.stage
        )
        lines.append(f"{number:>4} {who:<9}{step.name:<28}{which:<4}| {records}\n")
    return "".join(lines)


class Explorer:
    """Breadth first, so that the first bad state has the shortest trace.

    only: the properties that are asked for, if not all. All accepted jobs end if from every state
    one in which they have is reached by steps that are no faults. Faults are bounded, and what has
    ended stays so: every run comes there in which each step that stays possible is taken.
    """

    def __init__(self, protocol: Protocol, *only: Property) -> None:
        self._protocol = protocol
        self._always = [check for check in only or ALWAYS if check is not accepted_has_ended]
        self._ends = not only or accepted_has_ended in only
        self._numbers: dict[State, int] = {}
        self._parents = array("l")
        self._depths = array("h")
        self._sources, self._targets = array("l"), array("l")
        self._shared: dict[Any, Any] = {}

    def explore(self) -> Explored:
        """Visit all states."""
        queue = deque([self._visit(canonical(self._protocol.bounds.initial()), -1)])
        good = array("l")
        steps = 0
        while queue:
            state, number = queue.popleft()
            for check in self._always:
                if not check(state, self._protocol.rules, self._protocol.bounds):
                    return self._result(steps, check.__name__, number)
            if accepted_has_ended(state, self._protocol.rules, self._protocol.bounds):
                good.append(number)
            for step, then in self._protocol.steps(state):
                steps += 1
                after = canonical(then)
                known = self._numbers.get(after)
                if known is None:
                    queue.append(self._visit(after, number))
                    known = len(self._numbers) - 1
                if not step.fault:
                    self._sources.append(number)
                    self._targets.append(known)
        stuck = self._stuck(good) if self._ends else None
        name = None if stuck is None else accepted_has_ended.__name__
        return self._result(steps, name, stuck)

    def _visit(self, state: State, parent: int) -> tuple[State, int]:
        number = len(self._numbers)
        share = self._shared.setdefault
        state = State(
            log=tuple([share(snapshot, snapshot) for snapshot in state.log]),
            notified=share(state.notified, state.notified),
            clients=share(state.clients, state.clients),
            workers=share(state.workers, state.workers),
            faults=state.faults,
        )
        self._numbers[state] = number
        self._parents.append(parent)
        self._depths.append(self._depths[parent] + 1 if parent >= 0 else 0)
        return state, number

    def _stuck(self, good: "array[int]") -> int | None:
        """The first state from which no good one is reached."""
        before: list[list[int]] = [[] for _ in range(len(self._numbers))]
        for source, target in zip(self._sources, self._targets, strict=True):
            before[target].append(source)
        reaching = bytearray(len(self._numbers))
        queue = deque(good)
        for number in good:
            reaching[number] = 1
        while queue:
            for source in before[queue.popleft()]:
                if not reaching[source]:
                    reaching[source] = 1
                    queue.append(source)
        stuck = reaching.find(0)
        return None if stuck < 0 else stuck

    def _result(self, steps: int, broken: str | None, number: int | None) -> Explored:
        trace = [] if number is None else self._trace(number)
        return Explored(len(self._numbers), steps, max(self._depths), broken, trace)

    def _trace(self, number: int) -> Trace:
        """The way to a state, in names that stay the same along it."""
        states = list(self._numbers)
        way: list[State] = []
        while number >= 0:
            way.insert(0, states[number])
            number = self._parents[number]
        state, trace = self._protocol.bounds.initial(), Trace()
        for target in way[1:]:
            step, state = next(
                (step, then)
                for step, then in self._protocol.steps(state)
                if canonical(then) == target
            )
            trace.append((step, state))
        return trace
