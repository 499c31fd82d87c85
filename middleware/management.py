"""What RabbitMQ's management API says of the queues."""

import logging
import math
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import quote, unquote, urlsplit

import httpx
from pydantic import SecretStr

from keepsake.storage import Audience, Settings
from middleware.broker import BrokerSettings

_log = logging.getLogger("keepsake.management")
_FRESH_SECONDS = 2.0
_TIMEOUT_SECONDS = 2.0
"""The health of the service is asked meanwhile; figures that come later are of no use."""
_COLUMNS = "name,messages_ready,messages_unacknowledged,consumers"
_NOTHING: Mapping[str, "BrokerQueue"] = MappingProxyType({})


class ManagementSettings(Settings):
    """Where the management API is; the login stands in the URL."""

    management_url: Annotated[SecretStr | None, Audience.HOSTS] = None
    """RabbitMQ's management API, with the login in the URL: how many messages wait."""


@dataclass(frozen=True, slots=True)
class BrokerQueue:
    """A queue as RabbitMQ sees it; its figures are some seconds old."""

    ready: int
    unacked: int
    consumers: int


class Management:
    """Asks the management API; the login goes in a header, so no log shows it.

    One request for all queues, and none for two seconds after: RabbitMQ itself counts every five.
    """

    def __init__(self, settings: ManagementSettings, broker: BrokerSettings) -> None:
        url = urlsplit(
            settings.management_url.get_secret_value() if settings.management_url else ""
        )
        self._base_url = f"{url.scheme}://{url.hostname}:{url.port or 15672}" if url.netloc else ""
        self._login = (unquote(url.username or ""), unquote(url.password or ""))
        self._tls = ssl.create_default_context()
        path = urlsplit(broker.urls[0]).path
        self._vhost = quote(unquote(path[1:]) or "/", safe="")
        self._lock = threading.Lock()
        self._known = _NOTHING
        self._asked_at = -math.inf

    @property
    def configured(self) -> bool:
        """Whether there is an API to ask."""
        return bool(self._base_url)

    def queues(self) -> Mapping[str, BrokerQueue]:
        """All queues by name; empty when the API is not configured or does not say. Blocks."""
        if not self.configured:
            return _NOTHING
        with self._lock:
            if time.monotonic() - self._asked_at > _FRESH_SECONDS:
                self._known = self._ask()
                self._asked_at = time.monotonic()
            return self._known

    def _ask(self) -> Mapping[str, BrokerQueue]:
        try:
            answer = httpx.get(
                f"{self._base_url}/api/queues/{self._vhost}", params={"columns": _COLUMNS},
                auth=self._login, timeout=_TIMEOUT_SECONDS, verify=self._tls, trust_env=False,
            ).raise_for_status().json()  # fmt: skip
        except (httpx.HTTPError, ValueError) as error:
            _log.warning("management.unavailable", extra={"error": type(error).__name__})
            return _NOTHING
        return {queue["name"]: _counted(queue) for queue in answer}


def _counted(queue: Mapping[str, Any]) -> BrokerQueue:
    """A queue that was just made has no figures yet."""
    return BrokerQueue(
        int(queue.get("messages_ready", 0)),
        int(queue.get("messages_unacknowledged", 0)),
        int(queue.get("consumers", 0)),
    )
