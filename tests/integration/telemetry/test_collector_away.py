"""A collector that is absent, refuses or hangs costs what was to be told, and nothing else."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from keepsake.access.keys import KeyStore
from keepsake.launcher.process import LOOPBACK, free_port
from tests.conftest import ROOT

pytestmark = [pytest.mark.drill, pytest.mark.timeout(180)]
SOON = {
    "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_BLRP_SCHEDULE_DELAY": "100",
    "OTEL_METRIC_EXPORT_INTERVAL": "300", "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
}  # fmt: skip
SIGNALS = {"traces", "metrics", "logs"}
FLOOD = """
import logging, resource, time
from middleware.logs import configure_logs
from keepsake.telemetry import begun

configure_logs()
telemetry = begun("keepsake-web")
tracer, log = telemetry._providers.tracer, logging.getLogger("flood")

def told(times):
    for n in range(times):
        tracer.start_span("request", attributes={"of": "x" * 1_000}).end()
        log.info("line %d", n)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

warm = told(10_000)
grown = told(40_000) - warm
began = time.monotonic()
telemetry.close()
print(grown, time.monotonic() - began)
"""


class Server:
    """A collector that answers as it is told to; `None`: never."""

    def __init__(self, port: int) -> None:
        self.asked = Counter()
        self.status: int | None = 404
        self._hung = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.status
                outer.asked[status] += 1
                if status is None:
                    outer._hung.wait(60)
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Tests look at what came."""

        self.http = ThreadingHTTPServer((LOOPBACK, port), Handler)
        self.http.daemon_threads = True

    @contextmanager
    def serving(self):
        thread = threading.Thread(target=self.http.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self._hung.set()
            self.http.shutdown()
            self.http.server_close()
            thread.join()


def lines(log, event):
    logged = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line for line in logged if line["event"] == event]


def test_jobs_run_and_processes_stop_whatever_becomes_of_the_collector(
    with_indexes, worker, web_server, eventually
):
    port = free_port()
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{LOOPBACK}:{port}", **SOON}
    headers = {"Authorization": f"Bearer {KeyStore(with_indexes).create('alice')}"}
    web, base_url = web_server(**told)
    working = worker(**told)
    logs = (web.log, working.log)

    with httpx.Client(base_url=base_url, headers=headers, timeout=60) as client:

        def runs(words):
            turn = {"user_query": f"I live in {words}.", "user_id": "u1"}
            job = client.post("/v2/memory/ingest", json=turn).raise_for_status().json()
            ended = client.get(f"/v1/jobs/{job['job_id']}", params={"wait": 30}).json()
            assert ended["status"] == "succeeded"

        def told_of(event, times):
            names = [f"telemetry.{signal}_{event}" for signal in SIGNALS]
            counts = {len(lines(log, name)) for log in logs for name in names}
            return counts == {times}

        runs("Lisbon")
        eventually(lambda: told_of("away", 1), within=30)  # nobody listens there
        with Server(port).serving() as collector:
            for status in (404, 503, None):
                collector.status = status
                runs(f"Porto {status}")
                eventually(lambda at=status: collector.asked[at] > 6, within=30)
            assert told_of("away", 1)  # each signal once, not each try
            collector.status = 200
            runs("Braga")
            eventually(lambda: told_of("back", 1), within=30)
            collector.status = None
            runs("Faro")
            eventually(lambda: told_of("away", 2), within=30)
            for process in (web, working):
                os.kill(process.pid, signal.SIGTERM)
            for process in (web, working):
                process.wait(15)

    assert [process.exit_code for process in (web, working)] == [0, 0]
    for log in logs:
        assert '"logger": "opentelemetry' not in log.read_text()
        assert all(line["why"] for line in lines(log, "telemetry.logs_away"))


def test_what_waits_for_a_collector_that_hangs_is_bounded_and_so_is_the_end():
    with Server(free_port()).serving() as collector:
        collector.status = None
        endpoint = f"http://{LOOPBACK}:{collector.http.server_port}"
        run = subprocess.run(
            [sys.executable, "-c", FLOOD], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint},
        )  # fmt: skip
    grown_kb, closing_seconds = map(float, run.stdout.split())

    assert grown_kb < 10_000
    assert closing_seconds < 6
    assert run.stderr.count("telemetry.not_sent") == 1
