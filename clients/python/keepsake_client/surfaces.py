"""One implementation of each call, for code that blocks and for code that awaits.

A call is written once, as a coroutine over a transport (`keepsake_client.transport`). A client that
blocks has a transport that never suspends, so its coroutines end at their first step: no event
loop, no thread, no generated copy. `Operation` and `Stream` say what a call is on either side, so
type checkers see `T` or a coroutine of `T`, with the names and defaults of its parameters.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")


class Blocking:
    """What is used by code that blocks: its calls return what they give."""


class Awaiting:
    """What is used by coroutines: its calls are awaited."""


class Call(Generic[P, T]):
    """A method that is written as a coroutine; its class says whether calls block."""

    def __init__(self, function: Callable[..., Any], blocking: Callable[..., Any]) -> None:
        self._function = function
        self._blocking = blocking
        self.__doc__ = function.__doc__

    def _bound(self, instance: object, owner: type | None) -> Any:
        """The function of the class's side; bound, unless the class itself is asked."""
        blocks = issubclass(owner or type(instance), Blocking)
        function: Any = self._blocking if blocks else self._function
        return function.__get__(instance, owner)


class Operation(Call[P, T]):
    """A call that gives one thing."""

    @overload
    def __get__(self, instance: Blocking, owner: type | None = None) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, instance: Awaiting, owner: type | None = None
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """The method of an instance."""
        return self._bound(instance, owner)


class Stream(Call[P, T]):
    """A call that gives things one after the other."""

    @overload
    def __get__(
        self, instance: Blocking, owner: type | None = None
    ) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(
        self, instance: Awaiting, owner: type | None = None
    ) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """The method of an instance."""
        return self._bound(instance, owner)


def operation(function: Callable[Concatenate[S, P], Coroutine[Any, Any, T]]) -> Operation[P, T]:
    """Make a coroutine function a call of both sides."""
    return Operation(function, ending(function))


def stream(function: Callable[Concatenate[S, P], AsyncIterator[T]]) -> Stream[P, T]:
    """Make an asynchronous generator function a call of both sides."""

    @wraps(function)
    def iterate(*args: Any, **kwargs: Any) -> Iterator[Any]:
        return _iterated(function(*args, **kwargs))

    return Stream(function, iterate)


def ending(function: Callable[..., Coroutine[Any, Any, T]]) -> Callable[..., T]:
    """The coroutine function as one that blocks."""

    @wraps(function)
    def end(*args: Any, **kwargs: Any) -> T:
        return ended(function(*args, **kwargs))

    return end


def ended(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives that never suspends.

    Raises:
        RuntimeError: It did suspend: its transport is not one that blocks.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        given: T = end.value
        return given
    coroutine.close()
    raise RuntimeError("a call that blocks may not suspend")


def _iterated(source: Any) -> Iterator[Any]:
    """The things of an asynchronous generator that never suspends; closed when it is left."""
    over = object()
    try:
        while (thing := ended(_following(source, over))) is not over:
            yield thing
    finally:
        ended(source.aclose())


async def _following(source: AsyncIterator[Any], over: object) -> Any:
    return await anext(source, over)
