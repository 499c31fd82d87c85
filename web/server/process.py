"""A web process: uvicorn on the master's socket, with a heartbeat from its event loop.

`python -m web.server.process SOCKET PIPE`, as the master runs it.
"""

import asyncio
import gc
import os
import signal
import socket
import sys
from contextlib import suppress

import uvicorn

from keepsake.heap import share_arenas
from middleware.logs import configure_logs
from web.server.master import ACCEPTED_AT_ONCE
from web.server.protocol import BoundedProtocol, Connections

_HEARTBEAT_SECONDS = 0.5
_QUEUED = 1_024
APPLICATION = "web.app:serve"


class Server(uvicorn.Server):
    """Uvicorn's server, which also sends heartbeats and looks after its connections."""

    def __init__(self, config: uvicorn.Config, pipe: int) -> None:
        super().__init__(config)
        self._pipe = pipe
        self._connections = Connections()
        self.server_state = self._connections
        os.set_blocking(pipe, False)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve, and to send heartbeats."""
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(_QUEUED)  # asyncio asked for no more than it takes at once
        self._heartbeat()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and answer what has come on those that are there."""
        self._connections.stopping = True
        await super().shutdown(sockets)

    def _heartbeat(self) -> None:
        """Tell the master that the event loop turns; stop when there is no master."""
        loop = asyncio.get_running_loop()
        try:
            with suppress(BlockingIOError):
                os.write(self._pipe, b".")
        except BrokenPipeError:
            signal.raise_signal(signal.SIGTERM)
            return
        self._connections.look(loop.time())
        loop.call_later(_HEARTBEAT_SECONDS, self._heartbeat)


def serve(application: str = APPLICATION, loop: str = "uvloop") -> None:
    """Serve on the socket that the command line names, until the master says stop."""
    configure_logs()
    share_arenas()
    listening, pipe = (int(number) for number in sys.argv[1:])
    config = uvicorn.Config(
        application,
        factory=True,
        http=BoundedProtocol,
        ws="none",
        loop=loop,
        lifespan="on",
        log_config=None,
        access_log=False,
        backlog=ACCEPTED_AT_ONCE,
    )
    gc.disable()  # next to nothing that is loaded goes again, and looking costs a seventh of it
    config.load()  # the application takes more than a second to load: not on the event loop
    gc.freeze()  # what stays for ever is not looked through again and again: a sixth of the CPU
    gc.enable()
    Server(config, pipe).run(sockets=[socket.socket(fileno=listening)])


if __name__ == "__main__":
    serve()
