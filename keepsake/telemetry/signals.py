"""What OpenTelemetry's own variables ask for: https://opentelemetry.io/docs/specs/otel/protocol/exporter/."""

import logging
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from urllib.parse import unquote, urlsplit

_log = logging.getLogger("keepsake.telemetry")
_PROTOCOL = "http/protobuf"
_SECRET = ("HEADERS", "ENDPOINT")
_USUAL = re.compile(r"v1/(traces|metrics|logs)/?$")


class Signal(StrEnum):
    """What is exported by itself."""

    TRACES = "TRACES"
    METRICS = "METRICS"
    LOGS = "LOGS"


def asked_for(environment: Mapping[str, str]) -> frozenset[Signal]:
    """The signals to export: those with an endpoint. Without one nobody collects them.

    What cannot be exported as it is asked for is told, and left out: jobs matter more.
    """
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return frozenset()
    return frozenset(signal for signal in Signal if _is_asked_for(signal, environment))


def _is_asked_for(signal: Signal, environment: Mapping[str, str]) -> bool:
    exporter = environment.get(f"OTEL_{signal}_EXPORTER", "").strip().lower() or "otlp"
    if exporter == "none" or not _option(environment, signal, "ENDPOINT"):
        return False
    protocol = _option(environment, signal, "PROTOCOL") or _PROTOCOL
    if exporter == "otlp" and protocol == _PROTOCOL:
        return True
    about = {"signal": signal.lower(), "exporter": exporter, "protocol": protocol}
    _log.warning("telemetry.not_exported", extra={**about, "known": f"otlp, {_PROTOCOL}"})
    return False


def _option(environment: Mapping[str, str], signal: Signal, name: str) -> str:
    own = environment.get(f"OTEL_EXPORTER_OTLP_{signal}_{name}", "").strip()
    return own or environment.get(f"OTEL_EXPORTER_OTLP_{name}", "").strip()


def secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """What a collector lets us in by: values of headers, and of URLs password, path and query."""
    for name in _SECRET:
        for signal in ("", *(f"{signal}_" for signal in Signal)):
            value = environment.get(f"OTEL_EXPORTER_OTLP_{signal}{name}", "")
            if name == "ENDPOINT":
                yield from _of_url(value)
            else:
                pairs = (pair.partition("=") for pair in value.split(","))
                yield from (unquote(part.strip()) for _, _, part in pairs)


def _of_url(url: str) -> Iterator[str]:
    """Some collectors know who sends by a path of its own; what all have is no secret."""
    parts = urlsplit(url)
    yield from (url, _USUAL.sub("", parts.path).strip("/"), parts.query)
