"""Telemetry is asked for by OpenTelemetry's own variables; without them it costs nothing."""

import os
import subprocess
import sys

import pytest

from keepsake.launcher.process import free_port
from keepsake.telemetry.signals import Signal, asked_for, secrets

BASE = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}
ALL = frozenset(Signal)
LOADED = """
import logging, sys, threading
{imports}
from pymongo import monitoring
from keepsake.telemetry import begun
from middleware.logs import configure_logs

configure_logs()
print(begun("keepsake-web"))
heavy = ("opentelemetry.sdk", "opentelemetry.exporter", "google.protobuf", "requests")
print(*sorted(name for name in sys.modules if name.startswith(heavy) and sys.modules[name]))
print(*(thread.name for thread in threading.enumerate() if thread.name.startswith("Otel")))
print(len(monitoring._LISTENERS.command_listeners))
{after}
"""
AWAY = f"127.0.0.1:{free_port()}"
NOTHING = ["None", "", "", "0"]


def said(imports="", after="", **variables):
    """What a process prints of telemetry in it, and what it logs."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    run = subprocess.run(
        [sys.executable, "-c", LOADED.format(imports=imports, after=after)],
        env=plain | variables, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return run.stdout.splitlines(), run.stderr


def test_without_an_endpoint_neither_web_nor_a_worker_loads_anything_of_it():
    assert said("import actors, web.app") == (NOTHING, "")


def test_without_the_extra_an_endpoint_is_told_of_and_nothing_is_loaded():
    out, log = said("sys.modules['opentelemetry.sdk'] = None", **BASE)

    assert out == NOTHING
    assert "telemetry.not_installed" in log
    assert "keepsake-server[otel]" in log


def test_with_both_it_begins():
    out, log = said(**BASE)

    assert "Telemetry object" in out[0]
    assert "opentelemetry.sdk.trace" in out[1]
    assert "OtelBatchSpanRecordProcessor" in out[2]
    assert (out[3], log) == ("1", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"OTEL_BSP_MAX_QUEUE_SIZE": "-1"},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://[::1/in/k-4242/v1/traces"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_variable_that_is_wrong_costs_telemetry_and_nothing_else(wrong):
    out, log = said(**BASE, **wrong)

    assert (out[0], out[3]) == ("None", "0")
    assert "telemetry.not_begun" in log
    assert "ValueError" in log


def told(caplog):
    """What was logged of telemetry; other threads of the process have logs of their own."""
    return [record.message for record in caplog.records if record.name == "keepsake.telemetry"]


@pytest.mark.parametrize(
    ("variables", "signals"),
    [
        ({}, frozenset()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, frozenset()),
        (BASE, ALL),
        ({**BASE, "OTEL_SDK_DISABLED": "TRUE"}, frozenset()),
        ({**BASE, "OTEL_LOGS_EXPORTER": "none"}, ALL - {Signal.LOGS}),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c/t"}, frozenset({Signal.TRACES})),
        ({**BASE, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, ALL),
    ],
)
def test_a_signal_is_exported_that_has_an_endpoint(variables, signals, caplog):
    assert asked_for(variables) == signals
    assert told(caplog) == []


@pytest.mark.parametrize(
    "variables",
    [
        {**BASE, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"},
        {**BASE, "OTEL_TRACES_EXPORTER": "zipkin"},
    ],
)
def test_what_cannot_be_exported_as_asked_for_is_told_and_left_out(variables, caplog):
    assert asked_for(variables) == ALL - {Signal.TRACES}
    assert told(caplog) == ["telemetry.not_exported"]


def test_secrets_of_a_collector_are_known_so_that_no_log_has_them():
    told = {
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=abc%20def,tenant=t1",
        "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "api-key=ghi",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "https://us:pass@collector",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector/in/k-42/v1/traces?token=jkl",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "https://collector/v1/metrics",
    }
    known = set(secrets(told))

    assert {"abc def", "t1", "ghi", "https://us:pass@collector", "in/k-42", "token=jkl"} <= known
    assert not {"v1/metrics", "v1/traces"} & known


def test_a_collector_that_is_away_is_told_of_without_the_path_that_lets_us_in():
    _, log = said(
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{AWAY}/in/k-4242",
        OTEL_EXPORTER_OTLP_TIMEOUT="2",
        after="logging.getLogger('test').info('a line'); begun('keepsake-web').close()",
    )

    assert "telemetry.logs_away" in log
    assert "/[redacted]/v1/logs" in log
    assert "k-4242" not in log
