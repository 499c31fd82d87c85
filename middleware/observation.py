"""What is seen of attempts from outside: a log line for each, counters and histograms."""

import logging
import time
from collections.abc import Iterable
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIServer

from dramatiq import Broker
from prometheus_client import Counter, Gauge, Histogram, start_http_server
from pydantic import Field

from keepsake.jobs import Failure
from keepsake.storage import Audience, Settings
from middleware import counters
from middleware.diagnosis import described
from middleware.running import AttemptMiddleware, Run

_attempts = logging.getLogger("keepsake.attempts")


class AttemptLog(AttemptMiddleware):
    """Says what ran, for how long, and how it ended; of an unexpected error its type and places."""

    def __init__(self, worker: str) -> None:
        self._worker = worker

    def ended(self, run: Run) -> None:
        """Log the attempt."""
        about = self._about(run)
        elapsed_ms = round((time.monotonic() - run.started) * 1000, 1)
        _attempts.info(
            "attempt.ended", extra={**about, "outcome": run.outcome, "elapsed_ms": elapsed_ms}
        )
        if run.failure is not None and not isinstance(run.failure, Failure):
            error = described(run.failure)
            raised = {"error": error["exception"], "traceback": error["traceback"]}
            _attempts.error("attempt.failed", extra={**about, **raised})

    def _about(self, run: Run) -> dict[str, Any]:
        claim = run.attempt.claim
        return {
            "job_id": claim.job.id,
            "type": str(claim.job.type),
            "owner": claim.job.owner,
            "trace_id": claim.job.trace_id,
            "attempt": claim.attempt,
            "token": claim.token,
            "worker": self._worker,
        }


_log = logging.getLogger("keepsake.metrics")
_SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300, 900)
_STOP_SECONDS = 1.0

_OUTCOMES = ("succeeded", "retry", "outage", "dead_letter")
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


class Metrics(AttemptMiddleware):
    """Counts what runs. A port that is taken is a warning: jobs matter more than their figures."""

    def __init__(self, types: Iterable[str], settings: MetricsSettings | None = None) -> None:
        self._types = types
        self._settings = settings or MetricsSettings()
        self._server: tuple[WSGIServer, Thread] | None = None

    def after_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Open the port, if there is to be one, with all counters at 0."""
        counters.begin(self._types)
        for job_type in self._types:
            for outcome in _OUTCOMES:
                _ENDED.labels(job_type, outcome)
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

    def started(self, run: Run) -> None:
        """Count what runs, and how long it waited."""
        claim = run.attempt.claim
        _WAITED.labels(claim.job.type).observe(claim.waited_seconds)
        _RUNNING.labels(claim.job.type).inc()

    def ended(self, run: Run) -> None:
        """Count what ran, and how long."""
        job_type = run.attempt.claim.job.type
        _RUNNING.labels(job_type).dec()
        _ENDED.labels(job_type, run.outcome).inc()
        _TOOK.labels(job_type).observe(time.monotonic() - run.started)
