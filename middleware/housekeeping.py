"""Runs the relay, the sweeper and the upkeep of indexes in threads of each worker process."""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from dramatiq import Broker, Middleware

from keepsake.jobs import ENDED, Engine, Relay, Rewinding, RollUp, Sweeper
from keepsake.storage import IndexUpkeep, StorageError, StorageUnavailable
from middleware.broker import JobBroker
from middleware.counters import SWEPT
from middleware.notifier import Notifier

_log = logging.getLogger("keepsake.housekeeping")
_STARTING_SECONDS = 10.0
Chore = Callable[[], bool]


def _ours(broker: Broker) -> JobBroker:
    if not isinstance(broker, JobBroker):
        raise TypeError("housekeeping needs a JobBroker")
    return broker


class Housekeeping(Middleware):
    """Any number may run at once: each step is a compare-and-set or a harmless notification.

    Threads, not Dramatiq forks: nobody restarts a fork that died. Several, since RabbitMQ may hang,
    which holds up the relay and must not hold up the sweeper.

    give_back: lets others have what this process holds and does not come to. chores: steps of the
    parts that jobs are for, each in a thread of its name; they say whether there is more to do.
    """

    def __init__(
        self,
        engine: Engine,
        notifier: Notifier,
        upkeep: IndexUpkeep,
        give_back: Callable[[], None],
        chores: Mapping[str, Chore],
    ) -> None:
        self._engine = engine
        self._notifier = notifier
        self._sweeper = Sweeper(engine.records, engine.dead_letters)
        self._rewinding = Rewinding(engine.records)
        self._roll_up = RollUp(engine.records)
        self._upkeep = upkeep
        self._give_back = give_back
        self._chores = chores
        self._stop = threading.Event()

    def before_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Begin when RabbitMQ is there: it may be starting, beside this worker."""
        _ours(broker).await_server(_STARTING_SECONDS)

    def after_worker_boot(self, broker: Broker, worker: Any) -> None:
        """Start the rounds."""
        broker = _ours(broker)
        self._stop.clear()
        relay = Relay(self._engine.records, self._notifier.notify_soon, broker.depth)
        self._start("sweeper", self.sweep)
        self._start("scheduled", self.enter)
        self._start("relay", partial(self.relay, relay))
        self._start("roll-up", self.count)
        self._start("giving back", self.give_back)
        for name, chore in self._chores.items():
            self._start(name, chore)
        self._upkeep.start()

    def before_worker_shutdown(self, broker: Broker, worker: Any) -> None:
        """End the rounds."""
        self._stop.set()
        self._upkeep.stop()

    def _start(self, name: str, step: Callable[[], bool]) -> None:
        threading.Thread(target=self._run, args=(step,), name=name, daemon=True).start()

    def _run(self, step: Callable[[], bool]) -> None:
        """Repeat a step: at once while it says that there is more, else after a pause."""
        more = False
        while not self._stop.wait(0 if more else self._pause_seconds()):
            more = False
            try:
                more = step()
            except StorageUnavailable:
                _log.warning("housekeeping.storage_away")
            except StorageError as error:
                _log.error("housekeeping.refused", extra={"error": str(error)})
            except Exception:  # noqa: BLE001 - the thread must outlive any fault
                _log.exception("housekeeping.failed")

    def give_back(self) -> bool:
        """Let others have what this process holds and does not come to."""
        self._give_back()
        return False

    def sweep(self) -> bool:
        """Take back or give up one batch, and notify of what may run now. Waits for no confirm.

        What a clock that stepped back left behind is left to the relay. Whether there is more to
        sweep is returned.
        """
        self._engine.queues.look()
        self._engine.records.owner_rules.look()
        if rewound := self._rewinding.run_once():
            _log.error("housekeeping.clock_stepped_back", extra={"jobs": rewound})
        for job in self._sweeper.run_once():
            SWEPT.labels(job.state).inc()
            _log.warning("sweeper.took_back", extra={"job_id": job.id, "state": job.state})
            due = self._engine.claims.waiting_behind(job) if job.state in ENDED else [job]
            for waiting in due:
                self._notifier.notify_soon(waiting)
        return self._sweeper.more

    def enter(self) -> bool:
        """Let in a batch of scheduled jobs, and make those of schedules; whether there is more."""
        for job in self._engine.scheduled.enter():
            self._notifier.notify_soon(job, overflow=job.in_overflow)
        for job in self._engine.schedules.start_due():
            self._notifier.notify_soon(job, notify_next=False)
        return self._engine.scheduled.more or self._engine.schedules.more

    def count(self) -> bool:
        """Count what waits and what happened, if it is this process' turn; there is no more."""
        self._roll_up.run_once()
        return False

    def relay(self, relay: Relay) -> bool:
        """One batch of notifications a queue; whether there is more."""
        relay.run_once(self._engine.queues.look())
        return relay.more

    def _pause_seconds(self) -> float:
        """Jitter keeps many processes from looking at the same moment."""
        return self._engine.settings.sweep_seconds * random.uniform(0.6, 1.0)  # noqa: S311
