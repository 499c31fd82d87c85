"""Requests and their answers: sent again where that is safe, turned into errors where not."""

import logging
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from keepsake_client.errors import ConnectionFailed, KeepsakeError, UnexpectedAnswer
from keepsake_client.problems import problem_of
from keepsake_client.transport import Transport, carry

M = TypeVar("M", bound=BaseModel)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 8.0
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NOT_MODIFIED = 304
_log = logging.getLogger("keepsake_client")


@dataclass(frozen=True)
class Request:
    """What is asked for. Parameters that are None are left out.

    repeatable: sent twice it does what it does once, so it is sent again when its answer is lost.
    wait_seconds: how long the service itself may wait before it answers.
    retry_seconds: for how long it is sent again; None as the client has it. file: its body.
    """

    method: str
    path: str
    params: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = False
    wait_seconds: float = 0
    retry_seconds: float | None = None
    file: Path | None = None


def get(path: str, params: Mapping[str, object] | None = None) -> Request:
    """A request that only reads."""
    return Request("GET", path, params or {}, repeatable=True)


def path(template: str, *parts: str) -> str:
    """A path with ids in it, each one segment whatever characters it has.

    Raises:
        ValueError: An id is empty or only dots: it would name another path.
    """
    if any(not part.strip(".") for part in parts):
        raise ValueError("an id may not be empty")
    return template.format(*(quote(part, safe="") for part in parts))


def given(**values: object) -> dict[str, object]:
    """The values that were given, as JSON and query strings have them."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if value is not None
    }


class Session:
    """What all resources of a client share."""

    def __init__(
        self, transport: Transport, base_url: str, *, timeout: float, retry_seconds: float
    ) -> None:
        self.transport = transport
        self.retry_seconds = retry_seconds
        self._base_url = base_url
        self._timeout = timeout

    async def answer(self, request: Request, *, stream: bool = False) -> httpx.Response:
        """A success, sooner or later.

        Raises:
            Problem: The service answers with one, and to ask again would not help.
            ConnectionFailed: It does not answer.
        """
        tries = Tries(self.retry_seconds, request)
        while isinstance(answered := await self._once(request, stream=stream), KeepsakeError):
            pause = tries.pause(answered)
            if pause is None:
                raise answered
            _log.info("sent again in %.1f s: %s", pause, answered)
            await self.transport.sleep(pause)
        return answered

    async def fetch(self, request: Request, model: type[M]) -> M:
        """The answer as a model.

        Raises:
            UnexpectedAnswer: It is none.
        """
        return parsed(model, (await self.answer(request)).content)

    async def pages(self, request: Request, model: type[M]) -> AsyncIterator[M]:
        """All pages of a list, asked for one by one."""
        token: object = ""
        while token is not None:
            params = {**request.params, **({"page_token": token} if token else {})}
            page = await self.fetch(get(request.path, params), model)
            yield page
            token = getattr(page, "next_page_token", None)

    async def lines(self, request: Request) -> AsyncGenerator[bytes, None]:
        """The lines of a stream.

        Raises:
            ConnectionFailed: It was cut off before its end.
        """
        response = await self.answer(request, stream=True)
        rest = b""
        try:
            async with aclosing(self.transport.chunks(response)) as chunks:
                async for chunk in chunks:
                    *whole, rest = (rest + chunk).split(b"\n")
                    for line in whole:
                        yield line
            if rest:
                yield rest
        except httpx.RequestError as error:
            failure = self._failed(error)
        else:
            return
        finally:
            await self.transport.close(response)
        raise failure

    async def _once(self, request: Request, *, stream: bool) -> httpx.Response | KeepsakeError:
        content = {} if request.body is None else {"json": request.body}
        sent = self.transport.request(
            request.method, request.path, self._timeout + request.wait_seconds,
            params=_queried(request.params), headers=dict(request.headers), **content,
        )  # fmt: skip
        if request.file is not None:
            carry(sent, request.file)
        try:
            response = await self.transport.send(sent, stream=stream)
            if response.is_success or response.status_code == _NOT_MODIFIED:
                return response
            await self.transport.read(response)
        except httpx.RequestError as error:
            return self._failed(error)
        return problem_of(
            response.status_code,
            _document(response),
            request_id=response.headers.get("x-request-id", ""),
            retry_after=_retry_after(response),
        )

    def _failed(self, error: httpx.RequestError) -> ConnectionFailed:
        message = f"no answer from {self._base_url}: {type(error).__name__}: {error}"
        return ConnectionFailed(message.rstrip(": "), untouched=isinstance(error, _UNSENT))


class Resource:
    """Some of the service's routes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __reduce__(self) -> Any:
        """A resource holds connections and a key: make a client in each process instead."""
        raise TypeError("a client's resources are not pickled; make a client in each process")


class Tries:
    """How long to wait before the next try: what the service asks for, and full jitter."""

    def __init__(self, seconds: float, request: Request) -> None:
        seconds = seconds if request.retry_seconds is None else request.retry_seconds
        self._until = time.monotonic() + seconds
        self._repeatable = request.repeatable
        self._count = 0

    def pause(self, failure: KeepsakeError) -> float | None:
        """Seconds; None when it is not to be sent again, or not within the time."""
        if not failure.passing or not (self._repeatable or failure.untouched):
            return None
        most = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._count)
        self._count += 1
        pause = (failure.retry_after or 0) + random.uniform(0, most)  # noqa: S311
        return pause if time.monotonic() + pause <= self._until else None


def parsed(model: type[M], content: bytes | str) -> M:
    """JSON of the service as a model.

    Raises:
        UnexpectedAnswer: It does not fit.
    """
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        misfit = _misfit(error)
    raise misfit


def fitting(model: type[M]) -> Callable[[object], M]:
    """What makes a model of a value, and raises as `parsed` does."""

    def fitted(value: object) -> M:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            misfit = _misfit(error)
        raise misfit

    return fitted


def _misfit(error: ValidationError) -> UnexpectedAnswer:
    """Where an answer does not fit, and why, but not what it says there."""
    fault = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(map(str, fault["loc"])) or "the answer"
    return UnexpectedAnswer(f"not an answer of this service: {where}: {fault['msg']}")


def _queried(params: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _document(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _retry_after(response: httpx.Response) -> float | None:
    """The header in seconds; a date, which only proxies send, counts as none."""
    said: str = response.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() else None
