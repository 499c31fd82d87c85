"""Counters and histograms of a worker, and the port at which Prometheus reads them."""

import logging
import time
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIServer

from dramatiq import Broker, Middleware
from dramatiq.broker import MessageProxy
from prometheus_client import Counter, Gauge, Histogram, start_http_server
from pydantic import Field

from keepsake.storage.settings import Audience, Settings
from middleware import running

_log = logging.getLogger("keepsake.metrics")
_SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300, 900)
_STOP_SECONDS = 1.0

_ENDED = Counter("keepsake_attempts", "Attempts that ended", ["type", "outcome"])
_RUNNING = Gauge("keepsake_attempts_running", "Attempts that run now", ["type"])
_TOOK = Histogram("keepsake_attempt_seconds", "How long attempts ran", ["type"], buckets=_SECONDS)
_WAITED = Histogram(
    "keepsake_wait_seconds", "From when a job was due to its claim", ["type"], buckets=_SECONDS
)


class MetricsSettings(Settings):
    """Where a worker shows its metrics. Port 0 shows them nowhere."""

    audience = Audience.HOSTS

    metrics_port: int = Field(default=0, ge=0, le=65_535)
    """Where a worker shows its metrics to Prometheus; `0`: nowhere."""
    metrics_host: str = "127.0.0.1"
    """Where it listens for that."""


class Metrics(Middleware):
    """Counts what runs. A port that is taken is a warning: jobs matter more than their figures."""

    def __init__(self, settings: MetricsSettings | None = None) -> None:
        self._settings = settings or MetricsSettings()
        self._server: tuple[WSGIServer, Thread] | None = None

    def after_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Open the port, if there is to be one."""
        if not self._settings.metrics_port:
            return
        try:
            self._server = start_http_server(
                self._settings.metrics_port, self._settings.metrics_host
            )
        except OSError as error:
            _log.warning("metrics.no_port", extra={"error": error.strerror})

    def after_worker_shutdown(self, broker: Broker, worker: Any) -> None:
        """Close the port."""
        if self._server is not None:
            server, thread = self._server
            server.shutdown()
            server.server_close()
            thread.join(_STOP_SECONDS)

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """An attempt starts."""
        run = running.peek()
        if run is None:
            return
        job = run.attempt.claim.job
        waited = job.record["updated_at"] - job.record["run_at"]
        _WAITED.labels(job.type).observe(max(waited.total_seconds(), 0))
        _RUNNING.labels(job.type).inc()

    def after_process_message(
        self,
        broker: Broker,
        message: MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        """An attempt has ended."""
        run = running.peek()
        if run is None:
            return
        job_type = run.attempt.claim.job.type
        _RUNNING.labels(job_type).dec()
        _ENDED.labels(job_type, run.outcome).inc()
        _TOOK.labels(job_type).observe(time.monotonic() - run.started)
