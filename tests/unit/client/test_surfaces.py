"""One implementation, two sides: without a server, and with Python 3.10 too."""

import asyncio
from collections.abc import AsyncIterator
from inspect import iscoroutinefunction, signature

import pytest

from keepsake_client.client import AsyncKeepsake, ClientCalls, Keepsake
from keepsake_client.surfaces import Awaiting, Blocking, Call, ended, operation, stream

KEY = "ksk_0123"


class Counting:
    """Two calls."""

    def __init__(self) -> None:
        self.closed = False

    @operation
    async def double(self, number: int, *, plus: int = 0) -> int:
        """Twice a number."""
        return 2 * number + plus

    @stream
    async def count(self, end: int) -> AsyncIterator[int]:
        """Numbers from 0 on."""
        try:
            for number in range(end):
                yield number
        finally:
            self.closed = True


class BlockingCounting(Counting, Blocking):
    """They block."""


class AwaitingCounting(Counting, Awaiting):
    """They are awaited."""


def test_calls_of_the_blocking_side_return_what_they_give():
    assert BlockingCounting().double(2, plus=1) == 5
    assert list(BlockingCounting().count(3)) == [0, 1, 2]


def test_calls_of_the_other_side_are_awaited():
    async def used() -> tuple[int, list[int]]:
        return await AwaitingCounting().double(2), [n async for n in AwaitingCounting().count(3)]

    assert asyncio.run(used()) == (4, [0, 1, 2])


def test_what_is_left_early_is_closed():
    counting = BlockingCounting()

    for number in counting.count(3):
        if number == 1:
            break

    assert counting.closed


def test_a_call_keeps_its_signature_and_words():
    assert str(signature(BlockingCounting.double)) == "(self, number: int, *, plus: int = 0) -> int"
    assert BlockingCounting.double.__doc__ == "Twice a number."
    assert iscoroutinefunction(AwaitingCounting.double)


def test_a_call_that_blocks_may_not_suspend():
    async def suspends() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="may not suspend"):
        ended(suspends())


def surface(client: object) -> set[str]:
    """All that may be called on a client, by path."""
    paths = set()
    for name in (name for name in dir(client) if not name.startswith("_")):
        part = getattr(client, name)
        if callable(part):
            paths.add(name)
        else:
            paths |= {f"{name}.{inner}" for inner in dir(part) if not inner.startswith("_")}
    return paths


def test_both_clients_have_the_same_calls():
    blocking = surface(Keepsake("http://127.0.0.1:1", KEY))

    assert blocking == surface(AsyncKeepsake("http://127.0.0.1:1", KEY))
    assert {"memory.add", "code.scan", "jobs.undo", "admin.keys", "close"} <= blocking


def test_every_public_call_is_written_once():
    """A plain method of a client's side would be a second implementation."""
    for side in (Keepsake, AsyncKeepsake):
        own = {name for name in vars(side) if not name.startswith("__")}
        assert own == set()
    assert all(
        isinstance(call, Call)
        for name, call in vars(ClientCalls).items()
        if not name.startswith("_")
    )
