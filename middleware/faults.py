"""Fault points: places where a test makes a worker die or lose an answer.

Named by KEEPSAKE_FAULT in the environment of a worker; without it none of this is in the stack,
so production pays nothing.
"""

import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dramatiq import Broker, Middleware
from dramatiq.broker import MessageProxy

from keepsake.jobs import BatchedClaims, Claim, ClaimRequest, Engine, Job, OnEnded
from keepsake.storage import StorageUnavailable
from middleware.running import AttemptMiddleware, Run

KILLS = (
    "before_claim", "after_claim", "after_effect", "after_checkpoint", "after_finalize",
    "before_ack",
)  # fmt: skip
LOST_ANSWERS = ("claim_answer_lost", "checkpoint_answer_lost", "finalize_answer_lost")
_DRAIN_SECONDS = 10.0
VARIABLE = "KEEPSAKE_FAULT"


class Fault:
    """One fault that strikes once."""

    def __init__(self, point: str) -> None:
        if point not in KILLS + LOST_ANSWERS:
            raise ValueError(f"{VARIABLE}: {point} is none of {', '.join(KILLS + LOST_ANSWERS)}")
        self._point = point

    @classmethod
    def from_environment(cls) -> "Fault | None":
        """The fault that a test asked for."""
        point = os.environ.get(VARIABLE)
        return cls(point) if point else None

    def strike(self, point: str) -> None:
        """Die here, or lose the answer to a write that has happened.

        Raises:
            StorageUnavailable: In place of the answer.
        """
        if point != self._point:
            return
        if point in KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        self._point = ""
        raise StorageUnavailable(point)

    def around(self, engine: Engine) -> Engine:
        """The engine with this fault in its writes."""
        return replace(engine, claims=FaultyClaims(engine, self))


class FaultyClaims(BatchedClaims):
    """Writes, and then perhaps loses the answer."""

    def __init__(self, engine: Engine, fault: Fault) -> None:
        super().__init__(engine.records)
        self._fault = fault

    def claim(
        self, lane: str, worker: str, *, notify_next: bool = False, early: bool = False
    ) -> Claim | None:
        """Claim, then strike."""
        claim = super().claim(lane, worker, notify_next=notify_next, early=early)
        self._fault.strike("claim_answer_lost")
        return claim

    def claim_all(self, requests: Sequence[ClaimRequest]) -> Sequence[Claim | None | Exception]:
        """Claim, then strike."""
        answers = super().claim_all(requests)
        if any(isinstance(answer, Claim) for answer in answers):
            self._fault.strike("claim_answer_lost")
        return answers

    def save(self, claim: Claim, changes: Any) -> Job:
        """Save, then strike."""
        saved = super().save(claim, changes)
        self._fault.strike("after_checkpoint")
        self._fault.strike("checkpoint_answer_lost")
        return saved

    def succeed_soon(self, claim: Claim, result: Any, then: OnEnded) -> None:
        """Finalize, then strike."""

        def struck(ended: Job | None | Exception) -> None:
            self._fault.strike("finalize_answer_lost")
            then(ended)

        super().succeed_soon(claim, result, struck)


class OuterFaults(Middleware):
    """Around the claim and the outcome."""

    def __init__(self, fault: Fault, engine: Engine) -> None:
        self._fault = fault
        self._engine = engine
        self._thread = threading.local()

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """Before the claim."""
        self._fault.strike("before_claim")

    def after_process_message(self, broker: Broker, message: MessageProxy, **_: Any) -> None:
        """After the outcome is recorded."""
        self._engine.claims.drain(_DRAIN_SECONDS)
        self._fault.strike("after_finalize")
        self._thread.ran = True

    def before_ack(self, broker: Broker, message: MessageProxy) -> None:
        """Before RabbitMQ hears that the message is done; not one that found nothing to run."""
        if getattr(self._thread, "ran", False):
            self._fault.strike("before_ack")


class InnerFaults(AttemptMiddleware):
    """Around the actor."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def started(self, run: Run) -> None:
        """After the claim, before the actor."""
        self._fault.strike("after_claim")

    def ended(self, run: Run) -> None:
        """After the actor's effects, before the outcome is recorded."""
        self._fault.strike("after_effect")
