"""A closed loop of HTTP requests: each connection sends its next one when the last is answered.

The same client for all sides. It is a bare asyncio protocol (about 30 µs of one core a request),
since the machine's cores are shared with what is measured; the share it took is in the result.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from keepsake.launcher import LOOPBACK

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Target:
    """A route that is measured."""

    name: str
    port: int
    path: str
    key: str = "none"

    def request(self, body: bytes) -> bytes:
        """One POST, as it goes over the wire."""
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self.key}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(slots=True)
class LoadResult:
    """The answers that one closed loop got."""

    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0
    client_share: float = 0
    """Cores that the client itself took."""

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return len(self.latencies_ms) / self.seconds


def drive(target: Target, bodies: Iterator[bytes], clients: int, seconds: float) -> LoadResult:
    """Keep `clients` requests in flight for some seconds.

    Raises:
        RuntimeError: An answer was not a 2xx: the figures would mean nothing.
    """
    run = LoadResult()
    began, cpu = time.perf_counter(), time.process_time()
    asyncio.run(_drive(target, bodies, clients, began + seconds, run))
    run.seconds = time.perf_counter() - began
    run.client_share = (time.process_time() - cpu) / run.seconds
    if bad := {code: count for code, count in run.statuses.items() if code // 100 != 2}:
        raise RuntimeError(f"{target.name} answered {bad}")
    return run


async def _drive(
    target: Target, bodies: Iterator[bytes], clients: int, until: float, run: LoadResult
) -> None:
    loop = asyncio.get_running_loop()
    over = [loop.create_future() for _ in range(clients)]
    for done in over:
        await loop.create_connection(
            lambda done=done: _Client(target, bodies, until, run, done),  # type: ignore[misc]
            LOOPBACK,
            target.port,
        )
    await asyncio.gather(*over)


class _Client(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(
        self,
        target: Target,
        bodies: Iterator[bytes],
        until: float,
        run: LoadResult,
        done: asyncio.Future[None],
    ) -> None:
        self._target = target
        self._bodies = bodies
        self._until = until
        self._run = run
        self._done = done
        self._buffer = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take an answer and send the next request, until the time is over."""
        self._buffer += data
        if not self._complete():
            return
        now = time.perf_counter()
        self._run.latencies_ms.append(1000 * (now - self._sent))
        self._run.statuses[int(self._buffer[9:12])] += 1
        self._buffer = b""
        if now < self._until:
            self._send()
        else:
            self._transport.close()
            self._done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell of a connection that the server closed."""
        if not self._done.done():
            self._done.set_exception(error or ConnectionError(f"{self._target.name} hung up"))

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._target.request(next(self._bodies)))

    def _complete(self) -> bool:
        end = self._buffer.find(_END)
        if end < 0:
            return False
        head = self._buffer[:end].lower()
        length = int(head.partition(_LENGTH)[2].partition(b"\r\n")[0])
        return len(self._buffer) >= end + len(_END) + length
