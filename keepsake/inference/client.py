"""One call of one endpoint: within a time and a size, whatever the server does."""

import json
import time
from dataclasses import dataclass
from typing import Any

import httpx

from keepsake.inference.errors import ModelAway, ModelRefused
from keepsake.inference.settings import Endpoint
from keepsake.storage.redaction import redacted

_MOST_BYTES = 2 << 20
_BUSY = frozenset({408, 409, 425, 429})
_SERVER_ERRORS = 500
_ERRORS = 400


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote, without secrets that its server echoed, and what it took.

    `context` is what the request referred to by number, so that a kept reply means the same.
    `prices` are those of a million tokens read and written, at the endpoint that answered.
    """

    text: str
    model: str
    input_tokens: int
    output_tokens: int
    context: tuple[str, ...] = ()
    prices: tuple[float, float] | None = None


def call(
    client: httpx.Client, endpoint: Endpoint, request: dict[str, Any], timeout_seconds: float
) -> Reply:
    """Ask once.

    Raises:
        ModelAway: The server is not there, too slow, too busy, or does not speak the protocol.
        ModelRefused: It refuses this key, model or request.
    """
    key = endpoint.api_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"{str(endpoint.base_url).rstrip('/')}/chat/completions"
    body = {"model": endpoint.model, **request}
    try:
        with client.stream(
            "POST", url, json=body, headers=headers, timeout=timeout_seconds
        ) as response:
            _judge(response.status_code)
            raw = _read(response, time.monotonic() + timeout_seconds)
    except httpx.HTTPError as error:
        raise ModelAway(f"an endpoint did not answer ({type(error).__name__})") from None
    return _reply(raw, endpoint)


def _judge(status: int) -> None:
    if status in _BUSY or status >= _SERVER_ERRORS:
        raise ModelAway(f"an endpoint answered {status}")
    if status >= _ERRORS:
        raise ModelRefused(f"an endpoint answered {status}")


def _read(response: httpx.Response, until: float) -> bytes:
    """The body; a server that drips or floods is left."""
    parts, size = [], 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > _MOST_BYTES:
            raise ModelAway("an endpoint sent too much")
        if time.monotonic() > until:
            raise ModelAway("an endpoint was too slow")
    return b"".join(parts)


def _reply(raw: bytes, endpoint: Endpoint) -> Reply:
    try:
        body = json.loads(raw)
        text = body["choices"][0]["message"]["content"]
        used = body.get("usage") or {}
        counts = (int(used.get("prompt_tokens") or 0), int(used.get("completion_tokens") or 0))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise ModelAway("an endpoint does not speak the protocol") from None
    if isinstance(text, list):
        text = "".join(str(part.get("text", "")) for part in text if isinstance(part, dict))
    said = redacted(str(text or ""), endpoint.api_key)
    return Reply(said, endpoint.model, *counts, prices=endpoint.prices)
