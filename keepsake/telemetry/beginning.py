"""Where telemetry begins, if it is asked for."""

import logging
import os
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pydantic import BaseModel, SecretStr

from keepsake.storage import remember_secrets
from keepsake.telemetry.signals import Signal, asked_for, secrets

if TYPE_CHECKING:
    from keepsake.telemetry.process import Telemetry

_log = logging.getLogger("keepsake.telemetry")
_NEEDED = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")
_EXTRA = "keepsake-server[otel]"


class _Secrets(BaseModel):
    held: tuple[SecretStr, ...]


def begun(service: str) -> "Telemetry | None":
    """Begin to tell what this process does; None if nobody asked for it, or it cannot be told.

    Called in the process itself, since a fork has no threads; after its log is configured, and
    before it connects to MongoDB.

    service: the service's name, if `OTEL_SERVICE_NAME` says no other.
    """
    asked = asked_for(os.environ)
    if not asked:
        return None
    if not all(map(_is_installed, _NEEDED)):
        _log.warning("telemetry.not_installed", extra={"needed": _EXTRA})
        return None
    try:
        remember_secrets(_Secrets(held=tuple(map(SecretStr, secrets(os.environ)))))
        return _made(service, asked)
    except Exception as error:  # noqa: BLE001 - a variable is wrong; jobs matter more
        _log.error("telemetry.not_begun", extra={"error": type(error).__name__})
        return None


def _made(service: str, asked: frozenset[Signal]) -> "Telemetry":
    """Loads the SDK, which takes a quarter of a second."""
    kind: Callable[[str, frozenset[Signal]], Telemetry]
    kind = import_module("keepsake.telemetry.process").Telemetry
    return kind(service, asked)


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
