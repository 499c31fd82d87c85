"""OpenTelemetry: what web and workers do, as traces, metrics and logs sent by OTLP.

`begun` gives a process its `Telemetry` where the extra `otel` is installed and an `OTEL_…` variable
names an endpoint; else None, and nothing of OpenTelemetry's SDK is imported. Nothing that a user
said, no key, no owner and no id of a client's choosing is in what is sent.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.telemetry.beginning import begun
    from keepsake.telemetry.process import Telemetry

__all__ = ["Telemetry", "begun"]

__getattr__ = lazily(__name__, {"Telemetry": "process", "begun": "beginning"})
