"""The job protocol keeps its promises in every state within bounds, and needs each of its rules."""

import pytest

from tests.model.cases import SMALL, WITHOUT
from tests.model.explorer import Explorer, described
from tests.model.protocol import Protocol
from tests.model.rules import Rules


@pytest.mark.parametrize("bounds", SMALL.values(), ids=SMALL.keys())
def test_the_protocol_keeps_its_promises_in_every_state(bounds):
    explored = Explorer(Protocol(Rules(), bounds)).explore()

    assert explored.broken is None, described(explored.trace, bounds)
    assert explored.states > 10_000


@pytest.mark.parametrize(("what", "rules", "breaks"), WITHOUT)
def test_without_any_of_its_rules_the_protocol_breaks_a_promise(what, rules, breaks):
    bounds = SMALL["two jobs of a lane"]

    explored = Explorer(Protocol(rules, bounds), breaks).explore()

    print(f"without {what}: {explored.broken}\n{described(explored.trace, bounds)}")
    assert explored.broken == breaks.__name__
    assert explored.trace


def test_the_claim_id_alone_is_fence_enough():
    bounds = SMALL["two jobs of a lane"]

    explored = Explorer(Protocol(Rules(token=False), bounds)).explore()

    assert explored.broken is None, described(explored.trace, bounds)
