"""What errors say is not told: it may quote a user."""

import logging
from datetime import timedelta

import pytest
from opentelemetry import trace
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pymongo.monitoring import CommandFailedEvent, CommandStartedEvent

from keepsake.telemetry.log_records import LogRecords
from keepsake.telemetry.mongodb import Commands
from keepsake.telemetry.providers import Providers

PLACE = ("mongo1", 27_017)


@pytest.fixture
def spans():
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider, exporter


@pytest.fixture
def line():
    """What is told of a log record."""
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    handler = LogRecords(provider)
    handler.handleError = lambda _record: pytest.fail("it was not told")

    def tell(name, message, exc_info=None, **fields):
        record = logging.makeLogRecord({
            "name": name, "msg": message, "levelno": logging.ERROR, "exc_info": exc_info, **fields,
        })  # fmt: skip
        handler.handle(record)
        told = [each.log_record for each in exporter.get_finished_logs()]
        return told[0] if told else None

    return tell


def failed(commands, name, command, failure):
    started = CommandStartedEvent({name: command}, "keepsake", 7, PLACE, 7)
    commands.started(started)
    commands.failed(
        CommandFailedEvent(
            timedelta(microseconds=1_500), failure, name, 7, PLACE, 7, database_name="keepsake"
        )
    )


def test_a_command_that_failed_tells_its_code_alone(spans):
    provider, exporter = spans
    commands = Commands(Providers(provider, NoOpMeterProvider(), None))

    with trace.use_span(provider.get_tracer("test").start_span("request")):
        quoted = {"code": 11_000, "errmsg": 'dup key: { key_slot: "ursula" }'}
        failed(commands, "insert", "jobs", quoted)
        failed(commands, "ping", 1, {"errmsg": "ursula", "errtype": "NetworkTimeout"})
    insert, ping = exporter.get_finished_spans()

    assert insert.name == "insert jobs"
    assert dict(insert.attributes) == {
        "db.system.name": "mongodb", "db.operation.name": "insert", "db.collection.name": "jobs",
        "db.namespace": "keepsake", "server.address": "mongo1", "server.port": 27_017,
        "error.type": "11000",
    }  # fmt: skip
    assert insert.end_time - insert.start_time == 1_500_000
    assert (ping.name, ping.attributes["error.type"]) == ("ping", "NetworkTimeout")
    assert "ursula" not in insert.to_json() + ping.to_json()


def test_a_command_outside_of_requests_and_attempts_is_no_span(spans):
    provider, exporter = spans

    failed(Commands(Providers(provider, NoOpMeterProvider(), None)), "find", "jobs", {"code": 1})

    assert exporter.get_finished_spans() == ()


def test_a_line_tells_of_an_exception_its_class_and_places(line):
    try:
        int("ursula")
    except ValueError as error:
        raised = (ValueError, error, error.__traceback__)

    told = line("keepsake.web", "request.failed", raised, owner="ursula", request_id="ursula", n=1)

    assert told.body == "request.failed"
    assert told.severity_text == "ERROR" or told.severity_number.value == 17
    assert told.attributes["exception.type"] == "ValueError"
    assert "test_told.py" in told.attributes["traceback"][0]
    assert told.attributes["n"] == 1
    assert "ursula" not in str(told)


def test_what_the_export_itself_logs_is_not_sent(line):
    assert line("opentelemetry.exporter.otlp", "Failed to export") is None
