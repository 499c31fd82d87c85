"""What must hold in every state, and what must be reached from every state."""

from collections.abc import Callable

from tests.model.rules import LIVE, Rules
from tests.model.state import FINISHED, Asked, Bounds, Phase, Stage, State

Property = Callable[[State, Rules, Bounds], bool]


def one_fence_one_claim(state: State, rules: Rules, bounds: Bounds) -> bool:
    """No two live claims of a job have the same fence."""
    fences = [(slot.job, rules.fence(slot)) for worker in state.workers for slot in worker
              if slot.phase in LIVE]  # fmt: skip
    return len(fences) == len(set(fences))


def no_effect_twice(state: State, rules: Rules, bounds: Bounds) -> bool:
    """No effect is written by two attempts."""
    return all(record.effects <= 1 for record in state.records)


def order_in_a_lane(state: State, rules: Rules, bounds: Bounds) -> bool:
    """No job has an effect or an end while an older one of its lane is unfinished."""
    open_lanes = set()
    for lane, record in zip(bounds.lanes, state.records, strict=True):
        acted = record.effects > 0 or record.stage is Stage.SUCCEEDED
        if acted and lane in open_lanes:
            return False
        if record.stage not in FINISHED:
            open_lanes.add(lane)
    return True


def accepted_is_on_disk(state: State, rules: Rules, bounds: Bounds) -> bool:
    """Whoever got a 202 has a record on a majority."""
    return all(
        state.log[0][job].stage is not Stage.ABSENT
        for job, client in enumerate(state.clients)
        if client.asked is Asked.ANSWERED
    )


def nobody_is_misled(state: State, rules: Rules, bounds: Bounds) -> bool:
    """No worker is told that it ended a job that another claim ended."""
    return all(slot.phase is not Phase.MISLED for worker in state.workers for slot in worker)


ALWAYS: tuple[Property, ...] = (
    one_fence_one_claim,
    no_effect_twice,
    order_in_a_lane,
    accepted_is_on_disk,
    nobody_is_misled,
)


def accepted_has_ended(state: State, rules: Rules, bounds: Bounds) -> bool:
    """All accepted jobs have ended, on a majority; must be reached from every state."""
    return all(
        state.log[0][job].stage in FINISHED
        for job, client in enumerate(state.clients)
        if client.asked is Asked.ANSWERED
    )
