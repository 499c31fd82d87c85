"""Random walks through the model, in names that stay the same, to be replayed against the code."""

import random

from tests.model.explorer import Trace
from tests.model.protocol import Protocol
from tests.model.rules import Step

_WORK = 4
"""How much more likely than a fault or a message is what writes to a record."""
_MESSAGES = ("notify early", "relay notifies", "find nothing due", "flush")


def walk(protocol: Protocol, seed: int, length: int) -> Trace:
    """So many steps from the beginning: first a kind of step is drawn, then one of its kind."""
    draw = random.Random(seed)
    state, trace = protocol.bounds.initial(), Trace()
    for _ in range(length):
        possible = list(protocol.steps(state))
        if not possible:
            break
        kinds = {step.name: _weight(step) for step, _ in possible}
        (name,) = draw.choices(list(kinds), list(kinds.values()))
        step, state = draw.choice([pair for pair in possible if pair[0].name == name])
        trace.append((step, state))
    return trace


def _weight(step: Step) -> int:
    return 1 if step.fault or step.name in _MESSAGES else _WORK
