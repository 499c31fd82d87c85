"""What RabbitMQ's management API says of a queue."""

import logging
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

import httpx
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from middleware.broker import BrokerSettings

_log = logging.getLogger("keepsake.management")


class ManagementSettings(BaseSettings):
    """Where the management API is; the login stands in the URL."""

    model_config = SettingsConfigDict(env_prefix="KEEPSAKE_", frozen=True)

    management_url: SecretStr | None = None
    management_timeout_seconds: float = Field(default=2, gt=0)


@dataclass(frozen=True, slots=True)
class BrokerQueue:
    """A queue as RabbitMQ sees it; its figures are some seconds old."""

    ready: int
    unacked: int
    consumers: int


class Management:
    """Asks the management API; the login goes in a header, so no log shows it."""

    def __init__(self, settings: ManagementSettings, broker: BrokerSettings) -> None:
        url = urlsplit(
            settings.management_url.get_secret_value() if settings.management_url else ""
        )
        self._base_url = f"{url.scheme}://{url.hostname}:{url.port or 15672}" if url.netloc else ""
        self._login = (unquote(url.username or ""), unquote(url.password or ""))
        self._timeout_seconds = settings.management_timeout_seconds
        path = urlsplit(broker.urls[0]).path
        self._vhost = quote(unquote(path[1:]) or "/", safe="")

    def queue(self, name: str) -> BrokerQueue | None:
        """One queue; None when the API is not configured or does not say."""
        if not self._base_url:
            return None
        try:
            answer = httpx.get(
                f"{self._base_url}/api/queues/{self._vhost}/{quote(name, safe='')}",
                auth=self._login, timeout=self._timeout_seconds,
            ).raise_for_status().json()  # fmt: skip
        except (httpx.HTTPError, ValueError) as error:
            _log.warning("management.unavailable", extra={"error": type(error).__name__})
            return None
        return BrokerQueue(
            int(answer.get("messages_ready", 0)),
            int(answer.get("messages_unacknowledged", 0)),
            int(answer.get("consumers", 0)),
        )
