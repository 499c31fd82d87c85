"""What is checked: the protocol within bounds, and the protocol without each of its rules."""

from typing import NamedTuple

from tests.model.properties import (
    Property,
    accepted_has_ended,
    no_effect_twice,
    nobody_is_misled,
    one_fence_one_claim,
    order_in_a_lane,
)
from tests.model.rules import Rules
from tests.model.state import Bounds

SMALL: dict[str, Bounds] = {
    "two jobs of a lane": Bounds(lanes=(0, 0), faults=2),
    "two jobs of a lane and one without": Bounds(lanes=(0, 0, 1), faults=1),
    "claimed ahead": Bounds(lanes=(0, 0), slots=2, faults=2),
}
"""Seconds: `make test`."""
LARGE: dict[str, Bounds] = {
    "more faults": Bounds(lanes=(0, 0), faults=4),
    "more writes to lose": Bounds(lanes=(0, 0), unjournaled=3, faults=3),
    "two jobs of a lane and one without": Bounds(lanes=(0, 0, 1), faults=2),
    "claimed ahead": Bounds(lanes=(0, 0, 1), slots=2, faults=1),
    "three jobs of a lane": Bounds(lanes=(0, 0, 0), faults=2),
}
"""Minutes: `make model`."""


class Without(NamedTuple):
    """A rule that is taken out, and a property that then does not hold."""

    what: str
    rules: Rules
    breaks: Property


WITHOUT = (
    Without("the claim id in the fence", Rules(claim_id=False), one_fence_one_claim),
    Without("the claim id in the fence", Rules(claim_id=False), no_effect_twice),
    Without("any fence", Rules(claim_id=False, token=False), one_fence_one_claim),
    Without("any fence", Rules(claim_id=False, token=False), no_effect_twice),
    Without("the relay", Rules(relay=False), accepted_has_ended),
    Without("finding the head in the statement that takes it", Rules(head_as_read=True),
            order_in_a_lane),
    Without("knowing one's own end by the claim id", Rules(told_by_claim=False), nobody_is_misled),
)  # fmt: skip
