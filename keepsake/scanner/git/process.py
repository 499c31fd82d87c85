"""One child process, bounded: its own process group, time, memory, file size and output.

A child that outlives this process would go on writing into a mirror, so a long one is started
`tethered`: its shell kills the group when the pipe to this process closes, whatever closed it.
"""

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Self

from keepsake.scanner.errors import HostTimeout, MirrorDamaged, TooLarge, TransientScanError

_CHUNK_BYTES = 1 << 16
_STDERR_BYTES = 1 << 14
_TICK_SECONDS = 0.5

_BOUNDED = 'ulimit -c 0; ulimit -v "$1" 2>/dev/null; ulimit -f "$2"; shift 2; exec "$@"'
_TETHERED = """\
ulimit -c 0; ulimit -v "$1" 2>/dev/null; ulimit -f "$2"; tether="$3"; shift 3
"$@" </dev/null & child=$!
( read -r _ <"/dev/fd/$tether"; kill -9 -- -$$ ) & watch=$!
wait "$child"; code=$?; kill "$watch"; exit "$code"
"""


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What one child may use."""

    seconds: float
    memory_mb: int
    file_mb: int = 0
    """The largest file it may write; 0: it may write none."""
    output_bytes: int = 64 << 20
    timeout_error: type[TransientScanError] = HostTimeout
    """What it means when its time is up."""


@dataclass(slots=True)
class GitProcess:
    """A started child; leaving the context kills what is left of its group."""

    argv: Sequence[str]
    env: Mapping[str, str]
    limits: ProcessLimits
    stdin: bytes = b""
    inherited: tuple[int, ...] = ()
    tethered: bool = False
    interactive: bool = False
    """`write`, `read_line` and `read_bytes` are used instead of `output`; its errors go nowhere."""
    cwd: str = "/"
    errors: bytearray = field(default_factory=bytearray)
    """The end of what it wrote to standard error: may hold anything, never shown to anyone."""
    _process: "subprocess.Popen[bytes] | None" = None
    _tether: int | None = None

    def __enter__(self) -> Self:
        """Start it."""
        limits = [str(self.limits.memory_mb * 1024), str(self.limits.file_mb * 2048)]
        inherited, script = self.inherited, _BOUNDED
        if self.tethered:
            ours, self._tether = os.pipe()
            inherited, script, limits = (*inherited, ours), _TETHERED, [*limits, str(ours)]
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", script, "sh", *limits, *self.argv],
                env=self.env,
                cwd=self.cwd,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if self.interactive else subprocess.PIPE,
                pass_fds=inherited,
                start_new_session=True,
            )
        finally:
            if self.tethered:
                os.close(ours)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Kill the group and collect the child."""
        process = self._running
        self.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()
        if self._tether is not None:
            os.close(self._tether)

    def output(self) -> Iterator[bytes]:
        """Its output in pieces; an empty piece at least twice a second while it is silent.

        Raises:
            TransientScanError: Its time is up.
            TooLarge: It writes more than it may.
        """
        deadline = time.monotonic() + self.limits.seconds
        read = 0
        with selectors.DefaultSelector() as ready:
            self._register(ready)
            while ready.get_map():
                if time.monotonic() > deadline:
                    raise self.limits.timeout_error(f"git took more than {self.limits.seconds:g} s")
                piece = self._read_ready(ready)
                read += len(piece)
                if read > self.limits.output_bytes:
                    raise TooLarge("the repository lists more than is allowed")
                yield piece

    def code(self) -> int:
        """Its exit code, once its output has ended."""
        return self._running.wait(timeout=self.limits.seconds)

    def write(self, data: bytes) -> None:
        """Write to a child that is interactive, whose `output` nobody reads.

        Raises:
            BrokenPipeError: It has ended.
        """
        pipe = self._running.stdin
        assert pipe is not None, "piped"  # noqa: S101
        pipe.write(data)
        pipe.flush()

    def read_line(self) -> bytes:
        """Its next line, whole.

        Raises:
            EOFError: It has ended, perhaps in the middle of the line.
        """
        line = self._read_output(lambda pipe: pipe.readline())
        if not line.endswith(b"\n"):
            raise EOFError
        return line

    def read_bytes(self, count: int) -> bytes:
        """So many of its next bytes.

        Raises:
            EOFError: It has ended.
        """
        return self._read_output(lambda pipe: pipe.read(count), count)

    def kill(self) -> None:
        """Kill it with its group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._running.pid, signal.SIGKILL)

    def _read_output(self, read: Callable[[IO[bytes]], bytes], least: int = 1) -> bytes:
        pipe = self._running.stdout
        assert pipe is not None, "piped"  # noqa: S101
        piece = read(pipe)
        if len(piece) < least:
            raise EOFError
        return piece

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None, "entered"  # noqa: S101
        return self._process

    def _register(self, ready: selectors.BaseSelector) -> None:
        process = self._running
        for pipe in (process.stdout, process.stderr):
            if pipe:
                os.set_blocking(pipe.fileno(), False)
                ready.register(pipe, selectors.EVENT_READ)
        if process.stdin and self.stdin:
            os.set_blocking(process.stdin.fileno(), False)
            ready.register(process.stdin, selectors.EVENT_WRITE, memoryview(self.stdin))
        elif process.stdin:
            process.stdin.close()

    def _read_ready(self, ready: selectors.BaseSelector) -> bytes:
        out = bytearray()
        for key, _ in ready.select(_TICK_SECONDS):
            if key.fileobj is self._running.stdin:
                self._feed(ready, key)
                continue
            piece = os.read(key.fd, _CHUNK_BYTES)
            if not piece:
                ready.unregister(key.fileobj)
            elif key.fileobj is self._running.stdout:
                out += piece
            else:
                self.errors += piece
                del self.errors[:-_STDERR_BYTES]
        return bytes(out)

    def _feed(self, ready: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        try:
            rest = key.data[os.write(key.fd, key.data[:_CHUNK_BYTES]) :]
        except BrokenPipeError:
            rest = b""
        if rest:
            ready.modify(key.fileobj, selectors.EVENT_WRITE, rest)
            return
        ready.unregister(key.fileobj)
        if self._running.stdin:
            with suppress(BrokenPipeError):
                self._running.stdin.close()


def run(child: GitProcess) -> tuple[int, bytes, bytes]:
    """Run a child to its end: exit code, output, the end of its standard error."""
    with child:
        out = b"".join(child.output())
        return child.code(), out, bytes(child.errors)


_NAMES_PER_QUERY = 256
"""Names in one question: few enough to fit a pipe, so that neither side waits for the other."""
_PATHS_PER_QUERY = 32
"""The same of names that hold a path."""


@dataclass(slots=True)
class Objects:
    """`git cat-file --batch-command`, started with the first question; for one thread at a time.

    start: makes the child. damaged: called when it died, gives the error. seconds: how long one
    question may take.
    """

    start: Callable[[], GitProcess]
    damaged: Callable[[], MirrorDamaged]
    seconds: float
    _child: GitProcess | None = field(default=None, init=False)

    def name(self, expression: str) -> str | None:
        """The id of what an expression such as `COMMIT^{tree}` means; None when it is not there."""
        return next((header[0] for header, _ in self._query("info", [expression])), None)

    def named(self, expressions: Sequence[str]) -> dict[str, str]:
        """By expression the id of what it means, of those that mean something."""
        named: dict[str, str] = {}
        for start in range(0, len(expressions), _PATHS_PER_QUERY):
            asked = expressions[start : start + _PATHS_PER_QUERY]
            for expression, (header, _) in zip(asked, self._answers("info", asked), strict=True):
                if not _is_missing(header):
                    named[expression] = header[0]
        return named

    def sizes(self, oids: Sequence[str]) -> dict[str, int]:
        """The bytes of each object that is there."""
        return {header[0]: int(header[2]) for header, _ in self._query("info", oids)}

    def contents(self, oids: Sequence[str]) -> dict[str, bytes]:
        """Each object that is there."""
        return {header[0]: content for header, content in self._query("contents", oids)}

    def close(self) -> None:
        """End the child, if there is one; the next question starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.__exit__(None, None, None)

    def _query(self, verb: str, names: Sequence[str]) -> Iterator[tuple[list[str], bytes]]:
        for start in range(0, len(names), _NAMES_PER_QUERY):
            for answer in self._answers(verb, names[start : start + _NAMES_PER_QUERY]):
                if not _is_missing(answer[0]):
                    yield answer

    def _answers(self, verb: str, names: Sequence[str]) -> list[tuple[list[str], bytes]]:
        """Of each name the words of the answer's first line, and the content of what is there.

        Raises:
            MirrorDamaged: The child died, or took too long.
        """
        child = self._running()
        alarm = threading.Timer(self.seconds, child.kill)
        alarm.start()
        try:
            child.write("".join(f"{verb} {name}\n" for name in names).encode() + b"flush\n")
            answers = [_answer(child, with_content=verb == "contents") for _ in names]
        except (BrokenPipeError, EOFError) as error:
            raise self.damaged() from error
        finally:
            alarm.cancel()
        return answers

    def _running(self) -> GitProcess:
        if self._child is None:
            self._child = self.start().__enter__()
        return self._child


def _answer(child: GitProcess, *, with_content: bool) -> tuple[list[str], bytes]:
    header = child.read_line().decode().split()
    if not with_content or _is_missing(header):
        return header, b""
    return header, child.read_bytes(int(header[2]) + 1)[:-1]


def _is_missing(header: list[str]) -> bool:
    return header[-1] == "missing"
