"""Writes the dead letter in the same step that ends the job."""

from typing import Any

from dramatiq import Broker, Middleware
from dramatiq.broker import MessageProxy

from keepsake.jobs.engine import Engine
from middleware import running
from middleware.running import GiveUp


class DeadLetters(Middleware):
    """Gives up a job when that was decided; if it cannot, the lease expires and it is retried."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def after_process_message(
        self,
        broker: Broker,
        message: MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        """Bury the job, unless its owner cancelled it meanwhile."""
        run = running.peek()
        if run is None or not isinstance(run.decision, GiveUp) or not run.claim_settlement():
            return
        claim = run.attempt.claim
        buried = self._engine.dead_letters.give_up(claim, run.decision.error)
        run.ended = buried or self._engine.claims.stop(claim)
