"""What one process tells of itself: the one object that composition roots have."""

import asyncio
from collections.abc import Callable
from functools import cache

from pymongo import monitoring

from keepsake.telemetry.attempts import AttemptSpans
from keepsake.telemetry.log_records import LogRecords
from keepsake.telemetry.messages import Deliveries, Publishes
from keepsake.telemetry.mongodb import Commands
from keepsake.telemetry.providers import Providers, providers
from keepsake.telemetry.requests import Application, Requests, Scope
from keepsake.telemetry.signals import Signal
from middleware.broker import JobBroker
from middleware.logs import log_to
from middleware.notifier import Idempotency
from middleware.status import Status


class Telemetry:
    """Follows MongoDB's commands and the log from the start, and whatever it is shown."""

    def __init__(self, service: str, asked: frozenset[Signal]) -> None:
        self._providers = _followed(service, asked)
        if self._providers.logs is not None:
            log_to(LogRecords(self._providers.logs))

    def around(self, app: Application, route_of: Callable[[Scope], str | None]) -> Application:
        """A layer around an application, which also ends telemetry with it."""

        async def last() -> None:
            await asyncio.to_thread(self.close)

        return Requests(app, self._providers, route_of, last)

    def follow_publishes(self, broker: JobBroker) -> None:
        """Follow what a broker publishes."""
        broker.sending = Publishes(self._providers).sending

    def follow_worker(self, broker: JobBroker) -> None:
        """Follow what a worker's broker publishes and delivers, and the attempts within."""
        self.follow_publishes(broker)
        broker.add_middleware(Deliveries(self._providers, self.close), before=Idempotency)
        broker.add_middleware(AttemptSpans(self._providers), after=Status)

    def close(self) -> None:
        """Send what is left; for a few seconds at most."""
        self._providers.close()


@cache
def _followed(service: str, asked: frozenset[Signal]) -> Providers:
    """The providers of this process, once: a worker of other actors starts as `actors` before."""
    made = providers(service, asked)
    monitoring.register(Commands(made))
    return made
