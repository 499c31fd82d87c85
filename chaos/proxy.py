"""A TCP proxy that adds latency, drops connections, and lets nothing through."""

import asyncio
import socket
import threading
from contextlib import suppress

from keepsake.launcher import LOOPBACK, free_port

_CHUNK = 65_536


class Proxy:
    """Passes a loopback port on to another, in a thread of its own."""

    def __init__(self, target_port: int) -> None:
        # Held from here on: a port that is only known to be free may be another's at the start.
        self._listener = socket.create_server((LOOPBACK, free_port()))
        self.port = int(self._listener.getsockname()[1])
        self.latency_seconds = 0.0
        self._target_port = target_port
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._whole, self._answering = asyncio.Event(), asyncio.Event()
        self._whole.set()
        self._answering.set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        opening = asyncio.start_server(self._accept, sock=self._listener)
        self._server = asyncio.run_coroutine_threadsafe(opening, self._loop).result()

    def stop(self) -> None:
        """Close everything."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()
        self._listener.close()

    def drop(self) -> None:
        """Cut all connections."""
        self._loop.call_soon_threadsafe(self._cut)

    def partition(self) -> None:
        """Let nothing through, either way, and close nothing: neither side is told."""
        self._loop.call_soon_threadsafe(self._whole.clear)

    def hold_answers(self) -> None:
        """Let through what clients send, and nothing that comes back."""
        self._loop.call_soon_threadsafe(self._answering.clear)

    def heal(self) -> None:
        """Let through what was held back, and all that comes."""
        self._loop.call_soon_threadsafe(self._whole.set)
        self._loop.call_soon_threadsafe(self._answering.set)

    def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        await self._whole.wait()
        try:
            there = await asyncio.open_connection(LOOPBACK, self._target_port)
        except OSError:
            self._forget(writer)
            return
        self._writers.add(there[1])
        ways = (reader, there[1], self._whole), (there[0], writer, self._answering)
        for source, sink, opened in ways:
            task = self._loop.create_task(self._pass_on(source, sink, opened))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, opened: asyncio.Event
    ) -> None:
        """Chunks leave `latency_seconds` after they came, so latency costs no bandwidth."""
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=256)
        delivery = self._loop.create_task(self._deliver(waiting, sink, opened))
        try:
            with suppress(OSError):
                while chunk := await source.read(_CHUNK):
                    await waiting.put((self._loop.time() + self.latency_seconds, chunk))
            await waiting.put((0.0, b""))
            await delivery
        finally:
            delivery.cancel()
            self._forget(sink)

    async def _deliver(
        self,
        waiting: asyncio.Queue[tuple[float, bytes]],
        sink: asyncio.StreamWriter,
        opened: asyncio.Event,
    ) -> None:
        while (item := await waiting.get())[1]:
            if (wait := item[0] - self._loop.time()) > 0:
                await asyncio.sleep(wait)
            await self._whole.wait()
            await opened.wait()
            with suppress(OSError):
                sink.write(item[1])
                await sink.drain()
        await self._whole.wait()

    def _forget(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        writer.close()
