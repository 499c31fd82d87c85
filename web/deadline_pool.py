"""Blocking work for a client that waits, on threads of its own and within a time limit."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from web.problems import Problem

T = TypeVar("T")


class TooLate(Exception):
    """The client has its answer, a 504, so nothing more may be written."""


class Deadline:
    """A fence that falls when the client stops waiting: a transaction after it does not begin."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def assert_owned(self, session: object) -> None:
        """Let a transaction go on.

        Raises:
            TooLate: The client has its answer; the transaction is aborted.
        """
        if time.monotonic() >= self._until:
            raise TooLate


class DeadlinePool:
    """A thread pool whose calls are waited for no longer than their clients were promised.

    The wait for a thread counts. A call that has not begun by then never does; one that runs is
    left to its fence.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, name)

    async def run(self, seconds: float, call: Callable[[Deadline], T]) -> T:
        """What the call returns.

        Raises:
            Problem: 504, when the time is over first.
        """
        deadline = Deadline(seconds)
        future = self._pool.submit(copy_context().run, call, deadline)
        waiting = asyncio.wrap_future(future)
        done, _ = await asyncio.wait({waiting}, timeout=seconds)
        if not done:
            waiting.cancel()
            raise late(seconds)
        try:
            return waiting.result()
        except TooLate:
            raise late(seconds) from None

    def close(self) -> None:
        """Start nothing more; what runs is bounded by its own limits."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def late(seconds: float) -> Problem:
    """The answer to a client that has waited long enough."""
    detail = (
        f"Not done within {seconds:g} seconds; nothing is left half-written. Send it again: "
        "what was done before is not done twice."
    )
    return Problem(504, "timed-out", detail)
