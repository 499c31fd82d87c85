"""Claims the job before its actor runs and records how the attempt ended."""

import logging
from functools import partial
from typing import Any

from dramatiq import Broker
from dramatiq.broker import MessageProxy
from dramatiq.middleware import SkipMessage

from keepsake.jobs import (
    UNSTORABLE,
    Attempt,
    CancelRequested,
    Claim,
    Engine,
    HandBack,
    Job,
    PauseRequested,
)
from keepsake.storage import StorageError
from middleware import running
from middleware.broker import RecordUnavailable
from middleware.notifier import Notifier, message_arguments
from middleware.running import AttemptMiddleware, GiveUp, Retry, Run

_log = logging.getLogger("keepsake.attempts")
_UNSTORABLE = {"kind": "permanent", "type": "result-unstorable",
               "message": "its result cannot be stored"}  # fmt: skip


class Status(AttemptMiddleware):
    """One message is one notification: nothing runs unless a claim is won.

    A success is written together with others', and the thread goes on meanwhile. Dramatiq swallows
    what an after-hook raises. If the outcome cannot be recorded, the lease expires and the sweeper
    takes the job back; so it does if the process dies first.
    """

    def __init__(self, engine: Engine, notifier: Notifier, worker: str) -> None:
        self._engine = engine
        self._notifier = notifier
        self._worker = worker

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """Claim the head of the message's lane, or skip the message.

        Raises:
            SkipMessage: There is nothing due, or the queue is paused; its resume notifies again.
            RecordUnavailable: MongoDB does not answer; the relay notifies again later.
        """
        try:
            if self._engine.types.front(message.queue_name) in self._engine.queues.known_paused:
                raise SkipMessage("the queue is paused")
            claim = self._claimed(message)
        except StorageError as error:
            raise RecordUnavailable("the job cannot be claimed") from error
        if claim is None:
            raise SkipMessage("nothing is due")
        limits = self._engine.types[claim.job.type].limits
        running.begin(Attempt(self._engine.claims, claim, limits.slice_seconds))

    def _claimed(self, message: MessageProxy) -> Claim | None:
        queue = self._engine.types.front(message.queue_name)
        if message.queue_name == queue:
            return self._claim(message.kwargs)
        return self._claim_in_turn(queue, message.kwargs)

    def _claim_in_turn(self, queue: str, arguments: dict[str, Any]) -> Claim | None:
        """Claim for the owner whose turn it is; if that is nobody's, the notification's own job.

        That job may have been claimed for another notification. Then this one serves any that
        waits, so that there are as many notifications as jobs.
        """
        scheduler, tried = self._engine.scheduler, {arguments["lane"]}
        chosen = scheduler.next(queue)
        claim = (
            chosen and self._claim(message_arguments(chosen, notify_next=False))
        ) or self._claim(arguments)
        while claim is None and (left := scheduler.any(queue, tried)) is not None:
            claim = self._claim(message_arguments(left, notify_next=False))
            tried.add(left.lane)
        return claim

    def _claim(self, arguments: dict[str, Any]) -> Claim | None:
        claims = self._engine.claims
        if arguments.get("multi_lane"):
            return claims.claim_multi_lane(arguments["job_id"], self._worker)
        return claims.claim(
            arguments["lane"], self._worker, notify_next=arguments.get("notify_next", False)
        )

    def ended(self, run: Run) -> None:
        """Record the outcome of the attempt."""
        running.end()
        if not run.claim_settlement():
            return  # its timeout is recorded
        if run.stop is None and run.decision is None:
            claim = run.attempt.claim
            self._engine.claims.succeed_soon(claim, run.result, partial(self._heard, run))
        else:
            self._heard(run, self.record(run))

    def _heard(self, run: Run, ended: Job | None | Exception) -> None:
        """Do what the end of an attempt asks for; None is the end of a stale attempt."""
        about = {"job_id": run.attempt.job_id}
        if isinstance(ended, UNSTORABLE):
            ended = self._given_up(run)
        if isinstance(ended, Exception):
            _log.warning("attempt.unrecorded", extra={**about, "outcome": type(ended).__name__})
        elif ended is not None:
            try:
                self._wake(run, ended)
            except StorageError:  # the relay notifies later
                _log.info("attempt.next_not_notified", extra=about)

    def _given_up(self, run: Run) -> Job | None | Exception:
        """The end of a job whose result cannot be stored: it would be the same again."""
        claim = run.attempt.claim
        try:
            error = {**_UNSTORABLE, "attempt": claim.attempt}
            return self._engine.dead_letters.give_up(claim, error)
        except StorageError as error:
            return error

    def record(self, run: Run) -> Job | None:
        """Write how an attempt that did not succeed ended; None when its claim is stale."""
        claim, claims = run.attempt.claim, self._engine.claims
        match run.decision:
            case Retry(error, delay_seconds, outage):
                overtaken = self._engine.types[claim.job.type].may_be_overtaken
                retried = claims.retry(
                    claim, error, delay_seconds, outage=outage, overtaken=overtaken
                )
                return retried or claims.stop(claim)
            case GiveUp(error):
                return self._engine.dead_letters.give_up(claim, error) or claims.stop(claim)
            case None:
                return self._record_stop(run)

    def _record_stop(self, run: Run) -> Job | None:
        claim, claims = run.attempt.claim, self._engine.claims
        match run.stop:
            case CancelRequested():
                return claims.stop(claim)
            case PauseRequested():
                return claims.suspend(claim)
            case HandBack():
                going_down = run.attempt.requested is HandBack
                return claims.release(claim, "released" if going_down else "continued")
            case _:
                return None

    def _wake(self, run: Run, ended: Job) -> None:
        """Notify of this job's next slice, or of the next job whose notification was used up."""
        notify_next = bool(ended.get("notify_next"))
        if isinstance(run.stop, HandBack):
            self._notifier.notify_soon(ended, notify_next=notify_next)
        elif notify_next:
            for waiting in self._engine.claims.waiting_behind(ended):
                self._notifier.notify_soon(waiting)
