"""Several endpoints as one: the first that answers."""

from typing import Any

import httpx

from memory.errors import ModelAway, ModelRefused
from memory.llm.client import Reply, call
from memory.llm.settings import LlmSettings


def first(client: httpx.Client, settings: LlmSettings, request: dict[str, Any]) -> Reply:
    """Ask the endpoints in their order until one answers.

    Raises:
        ModelAway: None answered in time.
        ModelRefused: All refused.
    """
    refused: ModelRefused | None = None
    away: ModelAway | None = None
    for endpoint in settings.endpoints:
        try:
            return call(client, endpoint, request, settings.timeout_seconds)
        except ModelAway as error:
            away = error
        except ModelRefused as error:
            refused = error
    raise away or refused or ModelRefused("no endpoint is configured")
