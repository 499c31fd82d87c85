import socket

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from keepsake.access.keys import Role
from keepsake.launcher.process import LOOPBACK, free_port
from middleware.broker import BrokerSettings
from middleware.management import Management, ManagementSettings

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


def samples(text):
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_queues_as_they_stand(clients, alice):
    accepted = alice.post("/v2/memory/ingest", json=TURN)
    alice.get(accepted.json()["status_url"])

    shown = samples(clients("ops", role=Role.OPERATOR_READ_ONLY).get("/metrics").text)

    route = ("keepsake_http_seconds_count", "/v1/jobs/{job_id}", "200", "GET")
    assert shown[route] >= 1
    assert shown["keepsake_jobs_waiting", "keepsake.memory"] == 1
    assert shown["keepsake_jobs_running", "keepsake.memory"] == 0
    assert not [labels for labels in shown if accepted.json()["job_id"] in labels]


def test_queues_are_shown_as_rabbitmq_counts_them(clients, alice, eventually):
    operator = clients("ops", role=Role.OPERATOR_READ_ONLY)

    def shown(name, queue="keepsake.memory"):
        return samples(operator.get("/metrics").text).get((f"keepsake_rabbitmq_{name}", queue))

    alice.post("/v2/memory/ingest", json=TURN)
    eventually(lambda: (shown("ready") or 0) >= 1, within=30)
    eventually(lambda: (shown("unacked"), shown("consumers")) == (0, 0), within=30)
    assert shown("ready", "keepsake.memory.overflow") is not None  # other tests may have left some


def test_a_management_api_that_hangs_is_asked_once_and_holds_up_nobody_for_long(monkeypatch):
    monkeypatch.setattr("middleware.management._TIMEOUT_SECONDS", 0.1)
    with socket.create_server((LOOPBACK, 0)) as hanging:
        url = f"http://ops:secret@{LOOPBACK}:{hanging.getsockname()[1]}"
        settings = ManagementSettings(management_url=url)
        management = Management(settings, BrokerSettings())

        assert [dict(management.queues()) for _ in range(3)] == [{}, {}, {}]

        hanging.accept()[0].close()
        hanging.settimeout(0.1)
        with pytest.raises(TimeoutError):
            hanging.accept()


def test_metrics_are_for_operators(alice):
    assert alice.get("/metrics").status_code == 403


def test_a_worker_counts_its_attempts(alice, worker, eventually):
    port = free_port()
    worker(KEEPSAKE_METRICS_PORT=str(port))
    alice.post("/v2/memory/ingest", json=TURN)

    def counted():
        try:
            return samples(httpx.get(f"http://127.0.0.1:{port}/metrics").text)
        except httpx.ConnectError:
            return {}

    attempt = ("keepsake_attempts_total", "memory.ingest", "succeeded")
    shown = eventually(lambda: (now := counted()).get(attempt) and now, within=30)
    assert shown["keepsake_attempt_seconds_count", "memory.ingest"] == shown[attempt] == 1
    assert shown["keepsake_wait_seconds_count", "memory.ingest"] == 1


def test_a_metrics_port_that_is_taken_does_not_keep_a_worker_from_working(
    alice, worker, eventually, shared_web
):
    taken = shared_web.rsplit(":", 1)[1]
    worker(KEEPSAKE_METRICS_PORT=taken)
    job = alice.post("/v2/memory/ingest", json=TURN).json()

    done = lambda: alice.get(job["status_url"]).json()["status"] == "succeeded"  # noqa: E731
    eventually(done, within=30)
