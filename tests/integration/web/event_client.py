"""Reads server-sent events as a browser does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from httpx import Client, Response

from tests.integration.web.documented import document


class Events:
    """The events of one connection, in order; `last_id` is what a reconnect would send."""

    def __init__(self, response: Response, last_id: str | None) -> None:
        self.response = response
        self.last_id = last_id
        self._lines = response.iter_lines() if response.status_code == 200 else iter(())

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        event, data = "message", []
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name == "event":
                event = value
            elif name == "data":
                data.append(value)
            elif name == "id":
                self.last_id = value
            elif not line and data:
                yield event, self._checked(json.loads("\n".join(data)))
                event, data = "message", []

    def _checked(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data of an event, held against the document."""
        url = self.response.request.url
        document(f"{url.scheme}://{url.netloc.decode()}").check_event(self.response, data)
        return data

    def until(self, wanted):
        """All events up to the first that fits."""
        events = []
        for event, data in self:
            events.append((event, data))
            if wanted(event, data):
                return events
        return events


@contextmanager
def connected(client: Client, url: str, last_id: str | None = None):
    headers = {"Last-Event-ID": last_id} if last_id else {}
    with client.stream("GET", url, headers=headers, timeout=30) as response:
        yield Events(response, last_id)
