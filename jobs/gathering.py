"""Calls of several threads share one round trip, without any waiting for another."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(slots=True, eq=False)
class _Call(Generic[Q, A]):
    """A question on its way. leads: its thread is to carry out the next round."""

    question: Q
    turn: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    answer: A | None = None
    error: Exception | None = None

    def settled(self) -> A:
        if self.error is not None:
            raise self.error
        return self.answer  # type: ignore[return-value]


class Gathering(Generic[Q, A]):
    """Who finds no round in flight carries one out at once; who comes meanwhile shares the next.

    So a lone question is not delayed, and the busier it is, the more of them share a round.

    ask_all: answers a round's questions, in their order; what it raises is raised to each.
    """

    def __init__(self, ask_all: Callable[[Sequence[Q]], Sequence[A]]) -> None:
        self._ask_all = ask_all
        self._lock = threading.Lock()
        self._waiting: list[_Call[Q, A]] = []
        self._in_flight = False

    def ask(self, question: Q) -> A:
        """The answer to a question. Blocks."""
        call: _Call[Q, A] = _Call(question)
        with self._lock:
            call.leads, self._in_flight = not self._in_flight, True
            self._waiting.append(call)
        if not call.leads:
            call.turn.wait()
        if call.leads:
            self._round()
        return call.settled()

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
                call.error = error
        finally:
            self._hand_over()
            for call in calls:
                call.turn.set()

    def _hand_over(self) -> None:
        with self._lock:
            self._in_flight = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].turn.set()
