"""Parser processes: as many as settings say, warm between scans, replaced when one dies or hangs.

A grammar is C code that reads a stranger's bytes, so it runs where a crash costs one file.
"""

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from pathlib import Path
from threading import Lock
from typing import Any

from keepsake.scanner.errors import ParserFailed
from keepsake.scanner.parse.frames import Packed, failed_blob, read_frame, write_frame
from keepsake.scanner.settings import ScannerSettings

_LIMITS = 6
"""All that a batch may lose, in times that one question may take."""
_SHARE = 4
_LEAST = 0.05
_ROOT = Path(__file__).parents[3]
_CHUNK_BYTES = 256 << 10
_CHUNK_FILES = 64
_CHUNKS_PER_PARSER = 4
"""How often a process is given something at least: the largest first, so that all end together."""
_DIED = "the parser crashed, ran out of memory or took too long"


class RetryBudget:
    """Threads may share it. What dies at once costs little; what hangs soon uses it up."""

    def __init__(self, limit_seconds: float) -> None:
        self.limit, self._left = limit_seconds, _LIMITS * limit_seconds
        self._lock = Lock()

    @property
    def share(self) -> float:
        """What another try of one file may take: at first the limit, then less and less."""
        return min(self.limit, self._left / _SHARE)

    @property
    def exhausted(self) -> bool:
        """Whether no other try is worth its time."""
        return self.share < _LEAST * self.limit

    def spend(self, seconds: float) -> None:
        """Count a try that failed."""
        with self._lock:
            self._left -= seconds


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes to parse as a language.

    name: that of the component that they may be. handwritten: they do not count as generated.
    """

    language: str
    source: bytes
    name: str = ""
    handwritten: bool = False


class ParserPool:
    """Threads may share it; the processes start with the first blobs."""

    def __init__(self, settings: ScannerSettings) -> None:
        self._settings = settings
        self._idle: queue.LifoQueue[_Parser] = queue.LifoQueue()
        for _ in range(settings.scan_parsers):
            self._idle.put(_Parser(settings))
        self._threads = ThreadPoolExecutor(settings.scan_parsers, "parsers")

    def parse(self, blobs: Sequence[Blob]) -> list[Packed]:
        """What is in the blobs, in their order; one that a parser died of has `failed`.

        Once the batch has lost too much time, the parser is not asked again which blob it was. All
        that were given to it together have then `failed`.
        """
        order = sorted(range(len(blobs)), key=lambda place: -len(blobs[place].source))
        share = sum(len(blob.source) for blob in blobs) // (
            _CHUNKS_PER_PARSER * self._settings.scan_parsers
        )
        chunks = _chunks([blobs[place] for place in order], min(share, _CHUNK_BYTES))
        retry_budget = RetryBudget(self._settings.scan_parser_timeout_seconds)
        records = chain.from_iterable(
            self._threads.map(lambda chunk: self._parsed(chunk, retry_budget), chunks)
        )
        return [record for _, record in sorted(zip(order, records, strict=True), key=itemgetter(0))]

    def close(self) -> None:
        """End the processes."""
        self._threads.shutdown()
        for _ in range(self._settings.scan_parsers):
            self._idle.get().stop()

    def _parsed(self, chunk: Sequence[Blob], retry_budget: RetryBudget) -> list[Packed]:
        parser = self._idle.get()
        try:
            return _parse_chunk(parser, chunk, retry_budget)
        finally:
            self._idle.put(parser)


class _Parser:
    """One child process, started when it is first needed."""

    def __init__(self, settings: ScannerSettings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def parse(self, blobs: Sequence[Blob], seconds: float) -> list[Packed]:
        """Ask the child.

        Raises:
            ParserFailed: It crashed, ran out of memory or took too long; the next call has another.
        """
        process = self._running()
        alarm = threading.Timer(seconds, process.kill)
        alarm.start()
        try:
            return self._answer(process, blobs)
        finally:
            alarm.cancel()

    def stop(self) -> None:
        """End the child, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe and not pipe.closed:
                _close(pipe)

    def _answer(self, process: "subprocess.Popen[bytes]", blobs: Sequence[Blob]) -> list[Packed]:
        if process.stdin is None or process.stdout is None:
            raise ParserFailed("the parser has no pipes")
        try:
            header = [
                [blob.language, len(blob.source), blob.name, blob.handwritten] for blob in blobs
            ]
            write_frame(process.stdin, header, b"".join(blob.source for blob in blobs))
            answer = read_frame(process.stdout)
        except BrokenPipeError:
            answer = None
        if answer is None:
            self.stop()
            raise ParserFailed("the parser ended before it answered")
        return list(_unpacked(*answer))

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self.stop()
            settings = self._settings
            limits = [settings.scan_parser_memory_mb, settings.scan_parser_timeout_seconds]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "keepsake.scanner.parse.worker", *map(str, limits)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
                env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
        return self._process


def _parse_chunk(parser: _Parser, chunk: Sequence[Blob], retry_budget: RetryBudget) -> list[Packed]:
    """Parse a chunk; when the parser dies of it, find out of which blob, while retries are left."""
    if (packed := _try(parser, chunk, retry_budget, retry_budget.limit)) is not None:
        return packed
    if len(chunk) == 1:
        return [failed_blob(_DIED)]
    return [_parse_alone(parser, blob, retry_budget) for blob in chunk]


def _parse_alone(parser: _Parser, blob: Blob, retry_budget: RetryBudget) -> Packed:
    if retry_budget.exhausted:
        return failed_blob("files that were parsed beside it took too long")
    packed = _try(parser, [blob], retry_budget, retry_budget.share)
    return packed[0] if packed else failed_blob(_DIED)


def _try(
    parser: _Parser, blobs: Sequence[Blob], retry_budget: RetryBudget, seconds: float
) -> list[Packed] | None:
    began = time.monotonic()
    try:
        return parser.parse(blobs, seconds)
    except ParserFailed:
        retry_budget.spend(time.monotonic() - began)
        return None


def _unpacked(header: Any, raw: bytes) -> Iterator[Packed]:
    position = 0
    for counts, fields, text in header:
        border, end = position + fields, position + fields + text
        yield Packed(counts, raw[position:border], raw[border:end])
        position = end


def _chunks(blobs: Sequence[Blob], most_bytes: int) -> list[Sequence[Blob]]:
    out: list[Sequence[Blob]] = []
    start = size = 0
    for position, blob in enumerate(blobs):
        if position > start and (
            size + len(blob.source) > most_bytes or position - start >= _CHUNK_FILES
        ):
            out.append(blobs[start:position])
            start, size = position, 0
        size += len(blob.source)
    return [*out, blobs[start:]] if start < len(blobs) else out


def _close(pipe: Any) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return
