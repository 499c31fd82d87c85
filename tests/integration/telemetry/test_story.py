"""From a request to each attempt of its job, as a collector hears of it."""

import pytest

from tests.integration.telemetry.collector import values
from tests.integration.telemetry.conftest import CHOSEN, PASSWORD, SPAN, TRACE

pytestmark = pytest.mark.timeout(240)
SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
ERROR = 2
WEB, WORKER = "keepsake-web", "keepsake-worker"


def request_of(story, job):
    """The span of the request that made a job: what its record leads to."""
    _, trace, span, flags = job["trace"].split("-")
    assert flags == "01"
    (request,) = [each for each in story.collector.spans
                  if each.itself == (bytes.fromhex(trace), bytes.fromhex(span))]  # fmt: skip
    return request


def attempts_of(story, job):
    """The spans of its attempts, in order."""
    attempts = [each for each in story.collector.spans
                if each.it.name == "attempt memory.ingest"
                and each.about["keepsake.job.id"] == job["_id"]]  # fmt: skip
    return sorted(attempts, key=lambda each: each.about["keepsake.attempt.number"])


def within(story, span):
    return [each for each in story.collector.spans
            if each.it.trace_id == span.it.trace_id
            and each.it.parent_span_id == span.it.span_id]  # fmt: skip


def test_a_request_is_a_span_in_the_trace_of_its_client(story):
    request = request_of(story, story.jobs[0])

    assert (request.service, request.it.name) == (WEB, "POST /v2/memory/ingest")
    assert request.it.kind == SERVER
    assert request.it.trace_id == bytes.fromhex(TRACE)
    assert request.it.parent_span_id == bytes.fromhex(SPAN)
    assert request.about == {
        "http.request.method": "POST",
        "http.route": "/v2/memory/ingest",
        "http.response.status_code": 202,
        "network.protocol.version": "1.1",
        "url.scheme": "http",
    }


def test_the_record_and_the_message_are_written_within_the_request(story):
    request = request_of(story, story.jobs[0])
    inside = within(story, request)
    insert = next(each for each in inside if each.it.name == "insert jobs")
    publishes = [each for each in inside if each.it.kind == PRODUCER]

    assert insert.it.kind == CLIENT
    assert insert.about["db.system.name"] == "mongodb"
    assert insert.about["db.operation.name"] == "insert"
    assert insert.about["db.collection.name"] == "jobs"
    assert not any(name.startswith("db.query") for name in insert.about)
    assert {each.service for each in publishes} == {WEB, WORKER}  # the retry's is the relay's
    assert publishes[0].it.name == "publish keepsake.memory"
    assert publishes[0].about == {
        "messaging.system": "rabbitmq",
        "messaging.destination.name": "keepsake.memory",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.message.id": story.jobs[0]["_id"],
    }


def test_what_a_tool_asks_for_is_within_its_call(story):
    ingest = request_of(story, story.jobs[2])
    (call,) = [each for each in story.collector.spans if each.it.name == "POST /mcp"]

    assert ingest.it.trace_id == call.it.trace_id == bytes.fromhex(TRACE)
    assert ingest.it.parent_span_id == call.it.span_id
    assert not any("tools/call" in each.it.name for each in story.collector.spans)


def test_each_attempt_is_a_trace_of_its_own_that_is_linked_to_the_request(story):
    request = request_of(story, story.jobs[0])
    attempts = attempts_of(story, story.jobs[0])
    spans = {each.itself: each for each in story.collector.spans}

    assert [each.about["keepsake.attempt.outcome"] for each in attempts] == ["retry", "succeeded"]
    assert [each.about["keepsake.attempt.number"] for each in attempts] == [1, 2]
    assert [each.linked for each in attempts] == [[request.itself]] * 2
    assert len({each.it.trace_id for each in (request, *attempts)}) == 3
    for attempt in attempts:
        process = spans[attempt.it.trace_id, attempt.it.parent_span_id]
        (publish,) = process.linked
        assert process.it.kind == CONSUMER
        assert process.it.name == "process keepsake.memory"
        assert process.it.parent_span_id == b""
        assert spans[publish].it.kind == PRODUCER  # of any job of its lane


def test_an_attempt_tells_what_happened_in_it(story):
    first, second = attempts_of(story, story.jobs[0])
    last = attempts_of(story, story.jobs[1])[-1]

    assert next(iter(first.events)) == "claim"
    assert {"lease.renewed", "checkpoint"} <= first.events.keys()
    assert first.events["claim"]["keepsake.claim.token"] == 1
    assert first.events["retry"]["error.type"] == "internal"
    assert first.events["retry"]["keepsake.retry.delay"] > 0
    assert (first.it.status.code, first.it.status.message) == (ERROR, "")
    assert second.events.keys() - {"lease.renewed"} == {"claim"}
    assert second.it.status.code != ERROR
    assert last.events.keys() - {"lease.renewed"} == {"claim", "dead_letter"}
    assert last.about["keepsake.attempt.outcome"] == "dead_letter"


def test_an_attempts_commands_are_within_it_and_those_of_housekeeping_are_no_traces(story):
    second = attempts_of(story, story.jobs[0])[1]
    commands = [each for each in story.collector.spans if "db.system.name" in each.about]

    assert {each.about.get("db.collection.name") for each in within(story, second)} >= {"memories"}
    assert commands
    assert all(each.it.parent_span_id for each in commands)


def test_probes_are_measured_and_are_no_traces(story):
    names = {each.it.name for each in story.collector.spans}
    routes = {
        values(point.attributes).get("http.route")
        for point in points(story, "http.server.request.duration")
    }

    assert "GET /healthz" not in names
    assert {"/healthz", "/v2/memory/ingest"} <= routes


def points(story, name, service=WEB):
    return [point for each in story.collector.metrics
            if each.it.name == name and each.service == service
            for point in (each.it.histogram.data_points or each.it.sum.data_points)]  # fmt: skip


def test_durations_and_counts_are_told_of_web_and_worker(story):
    units = {(each.service, each.it.name): each.it.unit for each in story.collector.metrics}
    outcomes = {
        values(point.attributes)["keepsake.attempt.outcome"]: point.count
        for point in points(story, "keepsake.attempt.duration", WORKER)
    }

    assert units == {
        (WEB, "http.server.request.duration"): "s",
        (WEB, "db.client.operation.duration"): "s",
        (WEB, "messaging.client.sent.messages"): "{message}",
        (WEB, "messaging.client.operation.duration"): "s",
        (WORKER, "db.client.operation.duration"): "s",
        (WORKER, "messaging.client.sent.messages"): "{message}",
        (WORKER, "messaging.client.operation.duration"): "s",
        (WORKER, "messaging.process.duration"): "s",
        (WORKER, "keepsake.attempt.duration"): "s",
        (WORKER, "keepsake.attempt.running"): "{attempt}",
        (WORKER, "keepsake.job.wait.duration"): "s",
    }
    assert outcomes == {"retry": 2, "succeeded": 2, "dead_letter": 1}


def test_log_lines_are_told_with_the_attempt_that_they_belong_to(story):
    first = attempts_of(story, story.jobs[0])[0]
    lines = [each for each in story.collector.logs if each.it.trace_id == first.it.trace_id]
    ended, failed = (
        next(each for each in lines if each.it.body.string_value == f"attempt.{event}")
        for event in ("ended", "failed")
    )

    assert ended.service == WORKER
    assert ended.it.span_id == first.it.span_id
    assert ended.it.severity_text == "INFO"
    assert ended.about["job_id"] == story.jobs[0]["_id"]
    assert failed.about["error"] == "RuntimeError"
    assert any("failing.py" in place for place in failed.about["traceback"])


def test_processes_say_who_they_are(story):
    resources = [
        resource.resource for _, request in story.collector.requests
        for kind in ("resource_spans", "resource_metrics", "resource_logs")
        for resource in getattr(request, kind, ())
    ]  # fmt: skip
    told = [values(each.attributes) for each in resources]

    assert {each["service.namespace"] for each in told} == {"keepsake"}
    assert {each["deployment.environment.name"] for each in told} == {"test"}
    assert len({each["service.instance.id"] for each in told}) == 2
    assert {headers["Authorization"] for headers in story.collector.headers} == {
        f"Bearer {PASSWORD}"
    }


def test_nothing_is_told_of_what_owners_and_clients_chose(story):
    told = b"\n".join(story.collector.raw)
    secrets = [story.api_key, PASSWORD, *CHOSEN.values(), "quokkas", "wombats"]

    assert b"attempt memory.ingest" in told
    assert [secret for secret in secrets if secret.encode() in told] == []
    assert PASSWORD not in story.logged


def test_what_was_left_to_send_at_the_end_was_sent(story):
    assert "telemetry.not_sent" not in story.logged
    assert len(attempts_of(story, story.jobs[1])) == 2
