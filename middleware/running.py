"""What each thread of this process runs, how it is interrupted, and what surrounds it."""

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dramatiq import Broker, Middleware
from dramatiq.broker import MessageProxy

from keepsake.jobs import Attempt, Stop
from keepsake.storage import Document


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after a delay; `outage`: the attempt goes on then, instead of being burnt."""

    error: Document
    delay_seconds: float
    outage: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Write the dead letter."""

    error: Document


@dataclass(slots=True)
class Run:
    """An attempt on its thread. Exactly one of result, failure and stop tells how it went.

    An interrupt reaches only the actor's own code: it is delivered while `open` is set, which
    `interruptible` guards, so none can land in Dramatiq's or the middleware's code, where it would
    kill the worker thread (dramatiq #445).
    """

    attempt: Attempt
    thread_id: int
    result: Any = None
    failure: Exception | None = None
    stop: Stop | None = None
    decision: Retry | GiveUp | None = None
    settled: bool = False
    done: bool = False
    started: float = field(default_factory=time.monotonic)
    _open: bool = False
    _interrupted: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def outcome(self) -> str:
        """How the attempt ended, in a word for logs and metrics."""
        if isinstance(self.decision, Retry):
            return "outage" if self.decision.outage else "retry"
        if isinstance(self.decision, GiveUp):
            return "dead_letter"
        return "succeeded" if self.stop is None else type(self.stop).__name__

    def interrupt(self, stop: type[Stop]) -> None:
        """Stop the actor now: Python code at its next bytecode, a system call when it returns."""
        self.attempt.request(stop)
        with self._lock:
            if self._open and not self._interrupted:
                self._interrupted = True
                _raise_in(self.thread_id, stop)

    def note_raised(self, exception: BaseException | None) -> None:
        """Take what was raised around the actor as its failure, if it has no other."""
        if exception is not None and self.stop is None and self.failure is None:
            self.failure = exception if isinstance(exception, Exception) else RuntimeError()

    def claim_settlement(self) -> bool:
        """Whether the caller is the one to record how the attempt ended."""
        with self._lock:
            first, self.settled = not self.settled, True
        return first

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """While the actor's own code runs."""
        with self._lock:
            self._open = True
        try:
            yield
        finally:
            self.close()

    def close(self) -> None:
        """No interrupt after this; one that is on its way is taken back.

        Only then: after a call without an exception the interpreter would look for one at every
        call of every thread, for ever, and under a profile function it would hang (CPython 3.11).
        """
        with self._lock:
            self._open = False
            if self._interrupted:
                _raise_in(self.thread_id, None)


class AttemptMiddleware(Middleware):
    """Surrounds attempts; a message that found nothing to run is none of its concern."""

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """Before the actor, if there is an attempt."""
        run = peek()
        if run is not None:
            self.started(run)

    def after_process_message(
        self,
        broker: Broker,
        message: MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        """After the actor, if there was an attempt."""
        run = peek()
        if run is not None:
            run.note_raised(exception)
            self.ended(run)

    def started(self, run: Run) -> None:
        """The claim is won, and the actor is about to run."""

    def ended(self, run: Run) -> None:
        """The actor has returned. What is raised here, Dramatiq logs and drops."""


_local = threading.local()


def begin(attempt: Attempt) -> Run:
    """Note that this thread runs an attempt."""
    _local.run = Run(attempt, threading.get_ident())
    return current_run()


def current_run() -> Run:
    """What this thread runs."""
    run: Run = _local.run
    return run


def peek() -> Run | None:
    """What this thread runs, if anything."""
    return getattr(_local, "run", None)


def end() -> Run | None:
    """Forget what this thread ran."""
    run = peek()
    _local.run = None
    return run


def _raise_in(thread_id: int, stop: type[Stop] | None) -> None:
    raised = ctypes.py_object(stop) if stop is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), raised)
