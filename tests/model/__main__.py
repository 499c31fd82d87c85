"""Checks the protocol within the larger bounds and prints what was found: `make model`."""

import sys
import time

from tests.model.cases import LARGE, SMALL, WITHOUT
from tests.model.explorer import Explorer, described
from tests.model.protocol import Protocol
from tests.model.rules import Rules
from tests.model.state import Bounds


def main() -> int:
    """Check all; 1 if a property fails, or holds without the rule that is to keep it."""
    holds = [_holds(what, bounds) for what, bounds in LARGE.items()]
    bounds = next(iter(SMALL.values()))
    for what, rules, breaks in WITHOUT:
        explored = Explorer(Protocol(rules, bounds), breaks).explore()
        print(f"\nWithout {what}: {explored.broken or 'holds, though it should not'}")
        print(described(explored.trace, bounds))
        holds.append(explored.broken is not None)
    return int(not all(holds))


def _holds(what: str, bounds: Bounds) -> bool:
    began = time.process_time()
    explored = Explorer(Protocol(Rules(), bounds)).explore()
    seconds = time.process_time() - began
    print(f"{what}: {bounds}")
    print(f"  {explored.states:,} states, {explored.steps:,} steps, {explored.depth} deep, "
          f"{seconds:.0f} s of CPU: {explored.broken or 'all holds'}")  # fmt: skip
    print(described(explored.trace, bounds), end="", flush=True)
    return explored.broken is None


if __name__ == "__main__":
    sys.exit(main())
