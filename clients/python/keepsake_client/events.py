"""Streams of events: connected again wherever they break, nothing left out and nothing twice."""

import random
from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx
from httpx_sse import ServerSentEvent, SSEError
from pydantic import ValidationError

from keepsake_client.errors import UnexpectedAnswer
from keepsake_client.models.jobs import JobEvent
from keepsake_client.session import Request, Session

_SILENCE_SECONDS = 30
"""The service sends something every 15 seconds; a stream that is silent for longer is dead."""
_RECONNECT_SECONDS = 2.0
_NOTHING_MORE = 204
_FIELDS = {"snapshot": "job", "end": "job", "progress": "progress", "item": "item", "log": "log"}


class Position:
    """How far a stream was read: the last id, and what came after it."""

    def __init__(self, last_id: str) -> None:
        self.last_id = last_id
        self.pause_seconds = _RECONNECT_SECONDS
        self._after: set[tuple[str, str]] = set()

    def is_new(self, event: ServerSentEvent) -> bool:
        """Whether an event has not been seen; several may share one id, which the last carries."""
        if event.retry is not None:
            self.pause_seconds = event.retry / 1000
        content = (event.event, event.data)
        seen = content in self._after
        if event.id and event.id != self.last_id:
            self.last_id = event.id
            self._after.clear()
        else:
            self._after.add(content)
        return bool(event.data) and not seen


async def followed(
    session: Session, path: str, last_id: str = "", *, ends: bool
) -> AsyncGenerator[JobEvent, None]:
    """The events of a stream, from the one after `last_id` on; ends: it has an `end`.

    Raises:
        Problem: The service refuses to go on.
        ConnectionFailed: It cannot be reached any more.
    """
    position = Position(last_id)
    while True:
        headers = {"Accept": "text/event-stream"}
        if position.last_id:
            headers["Last-Event-ID"] = position.last_id
        request = Request(
            "GET", path, headers=headers, repeatable=True, wait_seconds=_SILENCE_SECONDS
        )
        response = await session.answer(request, stream=True)
        try:
            if response.status_code == _NOTHING_MORE:
                return
            async with aclosing(session.transport.events(response)) as events:
                async for sent in events:
                    if position.is_new(sent):
                        yield event_of(sent)
                    if ends and sent.event == "end":
                        return
        except httpx.RequestError:
            pass  # it broke: the next connection goes on where this one was
        except SSEError as error:
            raise UnexpectedAnswer(str(error)) from None
        finally:
            await session.transport.close(response)
        await session.transport.sleep(random.uniform(0, position.pause_seconds))  # noqa: S311


def event_of(sent: ServerSentEvent) -> JobEvent:
    """An event as it was sent, as a model.

    Raises:
        UnexpectedAnswer: It is none of this service's.
    """
    try:
        data = sent.json()
        fields = {"data": data, "kind": sent.event, "id": sent.id, "job_id": data.get("job_id")}
        if "jobs" in data:
            fields["jobs"] = data["jobs"]
        elif sent.event in _FIELDS:
            fields[_FIELDS[sent.event]] = data
        fields["status"] = data.get("status") if sent.event != "item" else None
        return JobEvent.model_validate(fields)
    except (ValueError, AttributeError, ValidationError):
        message = f"not an event of this service: {sent.event}"
    raise UnexpectedAnswer(message)
