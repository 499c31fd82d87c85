"""One call for all who need it at the same time."""

import asyncio
from collections.abc import Callable

from fastapi.concurrency import run_in_threadpool


class SingleFlight:
    """Whoever asks while the call is in flight shares its outcome, be it an error.

    So an outage costs each request one timeout, not one for each that came before it.
    """

    def __init__(self) -> None:
        self._flight: asyncio.Future[None] | None = None

    async def share(self, call: Callable[[], None]) -> None:
        """Run a blocking call in a thread, unless it is running: then wait for it."""
        if self._flight is None:
            self._flight = asyncio.ensure_future(run_in_threadpool(call))
            self._flight.add_done_callback(self._landed)
        await asyncio.shield(self._flight)

    def _landed(self, _: asyncio.Future[None]) -> None:
        self._flight = None
