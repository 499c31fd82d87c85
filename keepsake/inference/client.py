"""Calling language models: one endpoint within a time and a size, or the first that answers.

Exception
└── ModelError       a language model was of no use
    ├── ModelAway        no endpoint answered in time; worth another try
    ├── ModelRefused     every endpoint refused: the key or the request is wrong
    ├── ModelUnusable    the answer does not fit what was asked for, twice
    └── BudgetSpent      the calls or tokens allowed for a turn are used up
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from keepsake.inference.settings import Endpoint, LlmSettings
from keepsake.storage import encodable, redacted

if TYPE_CHECKING:
    import httpx

_MOST_BYTES = 2 << 20
_MOST_TOKENS = 1 << 31
_MOST_SECONDS = 90
"""For all endpoints together: an attempt at an ingest has 120, and the rules read within them."""
_BUSY = frozenset({408, 409, 425, 429})
_SERVER_ERRORS = 500
_ERRORS = 400


class ModelError(Exception):
    """A language model was of no use. The message holds no text of a user or a model."""


class ModelAway(ModelError):
    """No endpoint answered, or all were too slow or too busy."""


class ModelRefused(ModelError):
    """Every endpoint refused: a wrong key, model or request."""


class ModelUnusable(ModelError):
    """What came back does not fit what was asked for, even after its faults were named."""


class BudgetSpent(ModelError):
    """The calls, tokens or time allowed are used up."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls, tokens and their price in the currency of the settings."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0

    def plus(self, other: "Usage") -> "Usage":
        """Both together."""
        return Usage(
            self.calls + other.calls, self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens, self.cost + other.cost,
        )  # fmt: skip

    @classmethod
    def total(cls, reports: Iterable[Mapping[str, Any]]) -> "Usage":
        """All that reports show."""
        return reduce(cls.plus, (cls(**shown) for shown in reports), cls())

    @property
    def tokens(self) -> int:
        """In and out."""
        return self.input_tokens + self.output_tokens

    def shown(self) -> dict[str, Any]:
        """As it stands in a job's result; nothing when there was no call."""
        if not self.calls:
            return {}
        return {"calls": self.calls, "input_tokens": self.input_tokens,
                "output_tokens": self.output_tokens, "cost": round(self.cost, 6)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ModelReply:
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


def endpoints_client() -> "httpx.Client":
    """What endpoints are asked with: it follows nobody elsewhere. Threads may share it."""
    import httpx  # noqa: PLC0415 - 5 MB, for who has a language model

    return httpx.Client(follow_redirects=False, trust_env=False)


def ask_endpoint(
    client: "httpx.Client", endpoint: Endpoint, request: dict[str, Any], timeout_seconds: float
) -> ModelReply:
    """Ask once.

    Raises:
        ModelAway: The server is not there, too slow, too busy, or does not speak the protocol.
        ModelRefused: It refuses this key, model or request.
    """
    import httpx  # noqa: PLC0415 - as above

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


def _read(response: "httpx.Response", until: float) -> bytes:
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


def _reply(raw: bytes, endpoint: Endpoint) -> ModelReply:
    try:
        body = json.loads(raw)
        text = body["choices"][0]["message"]["content"]
        used = body.get("usage") or {}
        counts = (_tokens(used.get("prompt_tokens")), _tokens(used.get("completion_tokens")))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        raise ModelAway("an endpoint does not speak the protocol") from None
    if isinstance(text, list):
        text = "".join(str(part.get("text", "")) for part in text if isinstance(part, dict))
    said = redacted(encodable(str(text or "")), endpoint.api_key)
    return ModelReply(said, endpoint.model, *counts, prices=endpoint.prices)


def _tokens(told: Any) -> int:
    """How many an endpoint says there were: fewer than none would lengthen a turn's budget."""
    count = int(told or 0)
    if not 0 <= count <= _MOST_TOKENS:
        raise ValueError("no number of tokens")
    return count


def ask_endpoints(
    client: "httpx.Client", settings: LlmSettings, request: dict[str, Any]
) -> ModelReply:
    """Ask the endpoints in their order until one answers.

    Raises:
        ModelAway: None answered in time.
        ModelRefused: All refused.
    """
    refused: ModelRefused | None = None
    away: ModelAway | None = None
    until = time.monotonic() + _MOST_SECONDS
    for endpoint in settings.endpoints:
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            return ask_endpoint(client, endpoint, request, min(settings.timeout_seconds, left))
        except ModelAway as error:
            away = error
        except ModelRefused as error:
            refused = error
    raise away or refused or ModelRefused("no endpoint is configured")
