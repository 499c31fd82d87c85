"""The rules of the protocol that can be taken out, and the names of its steps."""

from typing import NamedTuple

from tests.model.state import NOBODY, Phase, Record, Slot

LIVE = (Phase.HELD, Phase.WRITING, Phase.DONE, Phase.ENDING)
"""A slot in these has a claim that it believes in."""


class Rules(NamedTuple):
    """The protocol, or the protocol without one of its rules.

    claim_id, token: what the writes of an attempt ask for; without both they only ask that the job
    runs. relay: whether there is one. head_as_read: a claim takes the job that was the head of its
    lane when it was read, not when it is written. told_by_claim: after a lost answer a worker knows
    its end by the claim id, not by the token.
    """

    claim_id: bool = True
    token: bool = True
    relay: bool = True
    head_as_read: bool = False
    told_by_claim: bool = True

    def fence(self, holder: Record | Slot) -> tuple[int, int]:
        """What a write of an attempt asks for."""
        return (holder.token if self.token else 0, holder.claim if self.claim_id else NOBODY)


class Step(NamedTuple):
    """A step by its name: who does what. job, worker, slot: -1 where it concerns none.

    fault: it takes one of the faults that may happen.
    """

    name: str
    job: int = -1
    worker: int = -1
    slot: int = -1
    fault: bool = False
