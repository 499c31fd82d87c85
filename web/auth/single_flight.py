"""One piece of work for all who need it at the same time."""

import asyncio
from collections.abc import Callable, Coroutine

Work = Callable[[], Coroutine[None, None, None]]


class SingleFlight:
    """Whoever asks while the work is in flight shares its outcome, be it an error.

    So an outage costs each request one timeout, not one for each that came before it.
    """

    def __init__(self) -> None:
        self._flight: asyncio.Task[None] | None = None

    async def share(self, work: Work) -> None:
        """Do the work, unless it is being done: then wait for it. Never returns without waiting."""
        if self._flight is None:
            self._flight = asyncio.create_task(self._fly(work))
        await asyncio.shield(self._flight)

    async def _fly(self, work: Work) -> None:
        """Forget the flight before it is over: to wait for what is over lets no one else run."""
        try:
            await work()
        finally:
            self._flight = None
