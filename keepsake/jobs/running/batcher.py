"""Calls of several threads share one round trip, without any waiting for another."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


def _taken() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Call(Generic[Q, A]):
    """A question on its way. then: gets the answer, if its thread does not wait for it.

    leads: its thread is to carry out the next round.
    """

    question: Q
    then: Callable[[A | Exception], None] | None = None
    turn: threading.Lock = field(default_factory=_taken)
    leads: bool = False
    answer: A | Exception | None = None

    def settled(self) -> A:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[return-value]


class Batcher(Generic[Q, A]):
    """Who finds no round in flight carries one out at once; who comes meanwhile shares the next.

    So a lone question is not delayed, and the busier it is, the more of them share a round.

    ask_all: answers a round's questions, in their order; an answer that is an exception is raised
    to its caller, and what `ask_all` itself raises to each.
    """

    def __init__(self, ask_all: Callable[[Sequence[Q]], Sequence[A | Exception]]) -> None:
        self._ask_all = ask_all
        self._lock = threading.Lock()
        self._waiting: list[_Call[Q, A]] = []
        self._in_flight = False

    def submit(self, question: Q) -> A:
        """The answer to a question. Blocks."""
        call: _Call[Q, A] = _Call(question)
        self._join(call)
        if not call.leads:
            call.turn.acquire()
        if call.leads:
            self._round()
        return call.settled()

    def submit_nowait(self, question: Q, then: Callable[[A | Exception], None]) -> None:
        """Have a question answered; only who is to carry out the next round blocks.

        then: gets the answer, or what was raised; on the thread of a round, so it must not raise.
        """
        call: _Call[Q, A] = _Call(question, then)
        if not self._join(call):
            return
        if not call.leads:
            call.turn.acquire()
        self._round()

    def _join(self, call: _Call[Q, A]) -> bool:
        """Take part in the next round; whether as the first, which carries it out."""
        with self._lock:
            call.leads, self._in_flight = not self._in_flight, True
            self._waiting.append(call)
            return len(self._waiting) == 1

    def _round(self) -> None:
        """Answer all that waits, this thread's own question among it; then another leads."""
        with self._lock:
            calls, self._waiting = self._waiting, []
        try:
            answers = self._ask_all([call.question for call in calls])
            for call, answer in zip(calls, answers, strict=True):
                call.answer = answer
        except Exception as error:  # noqa: BLE001 - it is each caller's to handle
            for call in calls:
                call.answer = error
        finally:
            self._hand_over()
            for call in calls:
                call.turn.release()
                if call.then is not None:
                    call.then(call.answer)  # type: ignore[arg-type]

    def _hand_over(self) -> None:
        with self._lock:
            self._in_flight = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].turn.release()
