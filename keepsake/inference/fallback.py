"""Several endpoints as one: the first that answers."""

import time
from typing import Any

import httpx

from keepsake.inference.client import Reply, call
from keepsake.inference.errors import ModelAway, ModelRefused
from keepsake.inference.settings import LlmSettings

_MOST_SECONDS = 90
"""For all endpoints together: an attempt at an ingest has 120, and the rules read within them."""


def first(client: httpx.Client, settings: LlmSettings, request: dict[str, Any]) -> Reply:
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
            return call(client, endpoint, request, min(settings.timeout_seconds, left))
        except ModelAway as error:
            away = error
        except ModelRefused as error:
            refused = error
    raise away or refused or ModelRefused("no endpoint is configured")
