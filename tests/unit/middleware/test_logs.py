import ast
import asyncio
import json
import logging
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import BaseModel, SecretStr

from keepsake.storage.secrecy import REDACTED, remember_secrets
from middleware import logs
from middleware.logs import Expected, GatheredLines, JsonLines, Repeated

ROOT = Path(__file__).parents[3]
PACKAGES = ("actors", "keepsake", "middleware", "web")
RESERVED = {"level", "logger", "event", "time"}


def formatted(**extra) -> dict[str, object]:
    record = logging.makeLogRecord({"msg": "event", "levelno": logging.INFO, **extra})
    return json.loads(JsonLines().format(record))


def passed_fields() -> set[str]:
    """The fields that our code passes to its log, also by way of a name or `**`."""
    fields: set[str] = set()
    for package in PACKAGES:
        for module in (ROOT / package).rglob("*.py"):
            tree = ast.parse(module.read_text())
            named = {
                node.targets[0].id: node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.keyword) and node.arg == "extra":
                    value = node.value
                    value = named.get(value.id) if isinstance(value, ast.Name) else value
                    if isinstance(value, ast.Dict):
                        fields |= {key.value for key in value.keys if isinstance(key, ast.Constant)}
    return fields


def test_every_field_that_is_passed_is_shown():
    fields = passed_fields()

    assert {"jobs", "code", "error", "job_id", "worker", "pid"} <= fields
    assert not fields & RESERVED
    for field in fields:
        assert formatted(**{field: "x1"})[field] == "x1"


def test_gathered_lines_are_those_of_single_records(capsys, monkeypatch):
    fields = {"request_id": "r1", "status": 202, "owner_hash": None, "text": "x" * 5_000}
    monkeypatch.setattr(logging.getLogger("gathered"), "level", logging.INFO)

    async def gather() -> str:
        lines = GatheredLines("gathered", "event")
        for number in range(2):
            lines.add({**fields, "n": number})
        early = capsys.readouterr().err
        lines.write()
        return early

    assert asyncio.run(gather()) == ""
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    single = formatted(name="gathered", levelname="INFO", **fields, n=0)
    assert {**first, "time": ""} == {**single, "time": ""}
    assert (first["n"], second["n"]) == (0, 1)


def test_gathered_lines_hold_no_secret(capsys, monkeypatch):
    class Own(BaseModel):
        secret: SecretStr = SecretStr("s3cr3t-of-this-process")

    remember_secrets(Own())
    monkeypatch.setattr(logging.getLogger("gathered"), "level", logging.INFO)

    async def gather() -> None:
        lines = GatheredLines("gathered", "event")
        lines.add({"request_id": "a s3cr3t-of-this-process b"})
        lines.write()

    asyncio.run(gather())

    assert json.loads(capsys.readouterr().err)["request_id"] == f"a {REDACTED} b"


def test_a_field_is_a_short_scalar_or_only_the_name_of_its_type():
    at = datetime(2026, 11, 1, tzinfo=UTC)
    line = formatted(text="x" * 5_000, turn={"user_query": "I live in Lisbon."}, n=1, ok=True,
                     none=None, at=at, error=ValueError("Lisbon"))  # fmt: skip

    assert line["text"] == "x" * 200
    assert (line["turn"], line["error"], line["at"]) == ("dict", "ValueError", at.isoformat())
    assert (line["n"], line["ok"], line["none"]) == (1, True, None)


@pytest.fixture
def told():
    """What a logger with the filter lets through."""
    records: list[logging.LogRecord] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler, log = Kept(), logging.getLogger("keepsake.repeated")
    handler.addFilter(Repeated())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield log, records
    log.removeHandler(handler)


def test_an_error_that_repeats_is_told_once_a_second_and_how_often_it_was_not(told, monkeypatch):
    log, records = told
    now = [100.0]
    monkeypatch.setattr(logs, "time", SimpleNamespace(monotonic=lambda: now[0]))

    for _ in range(1_000):
        log.error("socket.accept() out of system resource\nsocket: <%d>")
    log.warning("another")
    log.error("of a job", extra={"job_id": "job_1"})
    log.error("of a job", extra={"job_id": "job_2"})
    for _ in range(3):
        log.info("not rare")
    now[0] += 1.5
    log.error("socket.accept() out of system resource\nsocket: <%d>")

    events = [record.getMessage().split("\n")[0] for record in records]
    assert events.count("socket.accept() out of system resource") == 2
    assert (events.count("another"), events.count("of a job"), events.count("not rare")) == (
        1,
        2,
        3,
    )
    assert records[-1].suppressed == 999


def test_every_line_of_a_worker_is_json():
    run = subprocess.run(
        [sys.executable, "-m", "middleware.work", "no_such_module"], cwd=ROOT,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert run.returncode != 0
    assert any(re.search("booting up", line["event"]) for line in lines)
    assert any(line["level"] == "critical" or line["level"] == "error" for line in lines)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Worker with PID 7 exited unexpectedly (code 0). Shutting down...", False),
        ("Worker with PID 7 exited unexpectedly (code -9). Shutting down...", True),
        ("Message was skipped.", False),
    ],
)
def test_a_worker_that_ends_by_itself_is_no_news_and_one_that_is_killed_is(message, told):
    record = logging.makeLogRecord({"msg": message})

    assert Expected().filter(record) is told
