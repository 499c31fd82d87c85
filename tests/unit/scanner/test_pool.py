"""Parsers that die or hang: a file costs a bounded time, and its neighbours are saved."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from keepsake.scanner.errors import ParserFailed
from keepsake.scanner.parse import pool
from keepsake.scanner.parse.frames import Packed, read_frame, write_frame
from keepsake.scanner.parse.pool import Blob, RetryBudget

ROOT = Path(__file__).parents[3]
HOSTILE = b"x = " + b"-" * 400_000 + b"\ny = 1\n"  # the grammar takes minutes
BAD, GOOD = Blob("python", b"bad"), Blob("python", b"good")


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 0.0

    monkeypatch.setattr(pool, "time", SimpleNamespace(monotonic=lambda: Clock.now))
    return Clock


@pytest.fixture
def parser(clock):
    """Hangs over each bad blob for as long as it may, or crashes at once."""

    class Parser:
        crashes = False
        asked = 0

        def parse(self, blobs, seconds):
            self.asked += 1
            if BAD in blobs:
                clock.now += 0.1 if self.crashes else seconds
                raise ParserFailed
            return [Packed({}, b"") for _ in blobs]

    return Parser()


def failed(records):
    return ["failed" in record.counts for record in records]


def test_the_neighbours_of_a_file_that_hangs_are_parsed(parser, clock):
    records = pool._parse_chunk(parser, [GOOD, BAD, GOOD], RetryBudget(20))

    assert failed(records) == [False, True, False]
    assert clock.now == 40


def test_many_files_that_hang_cost_a_batch_a_bounded_time(parser, clock):
    retry_budget = RetryBudget(20)

    for _ in range(4):
        assert all(failed(pool._parse_chunk(parser, [BAD] * 64, retry_budget)))

    assert clock.now < 4 * 20 + 6 * 20
    assert parser.asked < 32


def test_each_of_many_files_that_crash_at_once_is_found(parser):
    parser.crashes = True

    assert (
        failed(pool._parse_chunk(parser, [BAD, GOOD] * 32, RetryBudget(20))) == [True, False] * 32
    )


def worker(seconds):
    return subprocess.Popen(
        [sys.executable, "-m", "keepsake.scanner.parse.worker", "1024", str(seconds)], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_a_busy_parser_ends_by_itself_when_its_owner_is_gone():
    with worker(0.2) as process:
        write_frame(process.stdin, [["python", len(HOSTILE), "", False]], HOSTILE)

        assert process.wait(timeout=60) == -signal.SIGALRM


def test_the_time_of_a_parser_is_counted_anew_for_each_question():
    with worker(1.5) as process:
        began = time.monotonic()
        while time.monotonic() - began < 2:
            write_frame(process.stdin, [["text", 2, "", False]], b"x\n")
            assert read_frame(process.stdout)
        process.stdin.close()

        assert process.wait(timeout=60) == os.EX_OK
