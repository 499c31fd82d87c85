"""Claims the job before its actor runs, decides what becomes of a failure, records the end.

A failed attempt is tried again when its record says so: the waiting is MongoDB's.
"""

import logging
from collections.abc import Sequence
from functools import partial
from random import Random
from typing import Any

from dramatiq import Broker
from dramatiq.broker import MessageProxy
from dramatiq.middleware import SkipMessage

from keepsake.jobs import (
    UNSTORABLE,
    Attempt,
    CancelRequested,
    Claim,
    ClaimRequest,
    Engine,
    HandBack,
    Job,
    NotRecorded,
    Outage,
    PauseRequested,
    Permanent,
    Registry,
    TimeLimitReached,
    Transient,
    delay_seconds,
)
from keepsake.storage import Document, StorageError, StorageUnavailable
from middleware import running
from middleware.broker import JobBroker, RecordUnavailable
from middleware.claims_ahead import Answer, ClaimsAhead
from middleware.counters import CLAIMED, LEASES_LOST
from middleware.diagnosis import described, out_of_time
from middleware.early import EarlyNotifications
from middleware.notifier import Notifier, message_arguments
from middleware.running import AttemptMiddleware, GiveUp, Retry, Run
from middleware.work_queue import WorkQueue

_log = logging.getLogger("keepsake.attempts")
_UNSTORABLE = {"kind": "permanent", "type": "result-unstorable",
               "message": "its result cannot be stored"}  # fmt: skip
OUTAGES = (Outage, StorageUnavailable)
"""Failures of something outside; MongoDB is outside too."""


class Retries(AttemptMiddleware):
    """Turns a failure into a decision, which `Status` records: `Retry` or `GiveUp`."""

    def __init__(self, types: Registry, chance: Random | None = None) -> None:
        self._types = types
        self._chance = chance or Random()  # noqa: S311 - jitter is no secret

    def ended(self, run: Run) -> None:
        """Decide, if the attempt failed."""
        run.decision = self.decide(run)

    def decide(self, run: Run) -> Retry | GiveUp | None:
        """What becomes of an attempt: None when it did not fail."""
        if isinstance(run.stop, TimeLimitReached):
            error = out_of_time(run.stop, run.thread_id)
        elif run.failure is not None:
            error = described(run.failure)
        else:
            return None
        claim = run.attempt.claim
        error["attempt"] = claim.attempt
        if isinstance(run.failure, OUTAGES):
            return self._again(run, error, claim.outages + 1, outage=True)
        last = claim.attempt >= int(claim.job.record["limits"]["max_attempts"])
        if last or isinstance(run.failure, Permanent):
            return GiveUp(error)
        return self._again(run, error, claim.attempt, outage=False)

    def _again(self, run: Run, error: Document, tries: int, *, outage: bool) -> Retry:
        """Wait after some tries that failed in the same way."""
        asked = run.failure.retry_after_seconds if isinstance(run.failure, Transient) else None
        limits = self._types[run.attempt.claim.job.type].limits
        return Retry(error, delay_seconds(limits, tries, self._chance, asked), outage)


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
        self._ahead = ClaimsAhead(
            self._claim_all, self._request, self._hand_back, self._repeat,
            engine.settings.lease_seconds, frozenset(engine.types.overflow.values()),
        )  # fmt: skip

        self._early = EarlyNotifications(engine.claims.recorded, self._repeat)
        self._broker: JobBroker | None = None
        self._draining = False

    def before_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Hear of messages when they come, to claim for them ahead; say in which order they run."""
        if isinstance(broker, JobBroker):
            broker.delivered = self._ahead.delivered
            self._broker = broker
            worker.work_queue = WorkQueue(worker.worker_threads)

    def before_worker_shutdown(self, broker: Broker, worker: Any) -> None:
        """Hand back what was claimed and has not started."""
        self._ahead.close()

    def after_worker_shutdown(self, broker: Broker, worker: Any) -> None:
        """Wait until the last ends are written; what is not is repeated after its lease."""
        self._ahead.close()  # once more: a batch was perhaps in flight
        if not self._engine.claims.drain(self._engine.settings.stop_grace_seconds):
            _log.warning("attempt.unrecorded", extra={"worker": self._worker})

    def drain(self) -> None:
        """Claim nothing more: what was not started goes to others, what runs goes on."""
        self._draining = True
        if self._broker is not None:
            self._broker.draining = True
        self._ahead.close()

    def give_back(self) -> None:
        """Let other workers have what no thread of this one has come for."""
        self._ahead.give_back()

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """Claim the head of the message's lane, or skip the message.

        Raises:
            SkipMessage: There is nothing due, the queue is paused, whose resume notifies again, or
                this worker is drained and passes the notification on.
            RecordUnavailable: MongoDB does not answer; the relay notifies again later.
        """
        if self._draining:
            self._repeat(message)
            raise SkipMessage("the worker is drained")
        try:
            if self._engine.types.front(message.queue_name) in self._paused():
                raise SkipMessage("the queue is paused")
            claim = self._claimed(message)
        except NotRecorded:
            self._early.add(message)
            raise SkipMessage("its job is not recorded yet") from None
        except StorageError as error:
            raise RecordUnavailable("the job cannot be claimed") from error
        if claim is None:
            raise SkipMessage("nothing is due")
        limits = self._engine.types[claim.job.type].limits
        running.begin(Attempt(self._engine.claims, claim, limits.slice_seconds))

    def _paused(self) -> frozenset[str]:
        """The paused queues; the first message of a process asks MongoDB."""
        queues = self._engine.queues
        return queues.look() if queues.known_paused is None else queues.known_paused

    def _claimed(self, message: MessageProxy) -> Claim | None:
        queue = self._engine.types.front(message.queue_name)
        if message.queue_name == queue:
            return self._ahead.claim(message, partial(self._claim, message.kwargs))
        in_turn = self._ahead.claim(message, lambda: None)
        return in_turn or self._claim_in_turn(queue, message.kwargs)

    def _request(self, message: MessageProxy, ahead: bool) -> ClaimRequest | None:  # noqa: FBT001
        """What to ask for a message beside others; in an overflow queue, for whose turn it is."""
        queue, arguments = self._engine.types.front(message.queue_name), message.kwargs
        if self._draining or queue in self._paused():
            return None
        if message.queue_name != queue and (chosen := self._engine.scheduler.next(queue)):
            arguments = message_arguments(chosen, notify_next=False)
        if arguments.get("multi_lane") or "lane" not in arguments:
            return None
        notify_next, early = arguments.get("notify_next", False), arguments.get("early", False)
        return ClaimRequest(arguments["lane"], self._worker, notify_next, early, ahead)

    def _hand_back(self, claim: Claim) -> None:
        """Let another thread or worker run what was claimed ahead and did not start."""
        try:
            released = self._engine.claims.release(claim, "released")
        except StorageError:  # its lease ends
            _log.info("claims.not_handed_back", extra={"job_id": claim.job.id})
            return
        if released is not None:
            self._notifier.notify_soon(released)

    def _repeat(self, message: MessageProxy) -> None:
        _log.info("message.repeated", extra={"job_id": message.kwargs.get("job_id")})
        self._notifier.repeat(message)

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

    def _claim_all(self, requests: Sequence[ClaimRequest]) -> Sequence[Answer]:
        with CLAIMED.labels("batch").time():
            return self._engine.claims.claim_all(requests)

    def _claim(self, arguments: dict[str, Any]) -> Claim | None:
        claims = self._engine.claims
        with CLAIMED.labels("lone").time():
            if arguments.get("multi_lane"):
                return claims.claim_multi_lane(arguments["job_id"], self._worker)
            return claims.claim(
                arguments["lane"],
                self._worker,
                notify_next=arguments.get("notify_next", False),
                early=arguments.get("early", False),
            )

    def ended(self, run: Run) -> None:
        """Record the outcome of the attempt."""
        running.end()
        self._ahead.ended(run.attempt.claim)
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
        elif ended is None:
            LEASES_LOST.labels(run.attempt.claim.job.type).inc()
        else:
            try:
                self._wake(run, ended)
                for waiting in self._engine.claims.waiting_of(run.attempt.claim.job.owner):
                    self._notifier.notify_soon(waiting)
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
