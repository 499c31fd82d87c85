"""The ordered list of middleware, the broker and the notifier, over one job engine.

Before-hooks run down the list, after-hooks up: the job's record wraps everything, the time limit
is innermost.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from uuid import uuid4

from dramatiq import Middleware

from keepsake.jobs import BatchedClaims, Engine, Resources, TimeLimitReached
from keepsake.storage import IndexUpkeep
from middleware.broker import BrokerSettings, JobBroker
from middleware.faults import Fault, InnerFaults, OuterFaults
from middleware.guards import Heartbeats, Timeouts
from middleware.health_reports import HealthReports
from middleware.housekeeping import Chore, Housekeeping
from middleware.notifier import Idempotency, Notifier
from middleware.observation import AttemptLog, Metrics
from middleware.recycling import Recycling
from middleware.running import Run
from middleware.status import Retries, Status
from middleware.warming import WarmStart
from middleware.worker_settings import WorkerSettings


@dataclass(frozen=True, slots=True)
class Stack:
    """A process's broker and notifier."""

    broker: JobBroker
    notifier: Notifier


def publishing_stack(engine: Engine, settings: BrokerSettings | None = None) -> Stack:
    """The stack of a process that only publishes, such as web."""
    broker = JobBroker(
        settings or BrokerSettings(), [Idempotency(engine)], name=f"keepsake-web@{_place()}"
    )
    return _declared(broker, engine)


def worker_stack(
    engine: Engine,
    upkeep: IndexUpkeep,
    resources: Resources,
    chores: Mapping[str, Chore] | None = None,
    settings: BrokerSettings | None = None,
) -> Stack:
    """The stack of a worker process.

    upkeep: what keeps the indexes of all parts as declared. resources: what jobs share, made warm
    before the first. chores: what housekeeping does besides.
    """
    name = worker_id()
    broker = JobBroker(settings or BrokerSettings(), [], name=f"keepsake-worker@{name}")
    stack = _declared(broker, engine)
    own = WorkerSettings()
    broker.add_middleware(WarmStart(engine.types, resources, own))
    for layer in layers(engine, stack.notifier, upkeep, name, own, chores or {}):
        broker.add_middleware(layer)
    return stack


def layers(
    engine: Engine,
    notifier: Notifier,
    upkeep: IndexUpkeep,
    name: str,
    settings: WorkerSettings,
    chores: Mapping[str, Chore],
) -> list[Middleware]:
    """What surrounds an attempt, outermost first."""
    engine = replace(engine, claims=BatchedClaims(engine.records))
    fault = Fault.from_environment()
    if fault is not None:
        engine = fault.around(engine)
    status = Status(engine, notifier, name)
    retries = Retries(engine.types)

    def fence_off(run: Run) -> None:
        """Record the timeout of an actor that cannot be interrupted."""
        if run.claim_settlement():
            run.stop = TimeLimitReached()
            run.decision = retries.decide(run)
            status.record(run)

    heartbeats = Heartbeats(engine, name, status.drain)
    ordered = [
        Idempotency(engine),  # no message without a record
        status,  # claims first, records last
        AttemptLog(name),
        Metrics(engine.types),
        heartbeats,  # from the claim to the outcome
        Recycling(heartbeats, engine.leases, name, settings),
        HealthReports(heartbeats, engine.settings.silence_seconds),
        retries,  # decides what status records
        Timeouts(fence_off),  # armed last, disarmed first
        Housekeeping(engine, notifier, upkeep, status.give_back, chores),
    ]
    return ordered if fault is None else [OuterFaults(fault, engine), *ordered, InnerFaults(fault)]


def worker_id() -> str:
    """A name for this process that no other ever has."""
    return f"{_place()}-{uuid4().hex[:8]}"


def _place() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _declared(broker: JobBroker, engine: Engine) -> Stack:
    for queue in engine.types.consumed:
        broker.declare_queue(queue)
    broker.short = frozenset(chain.from_iterable(engine.types.overflow.items()))
    return Stack(broker, Notifier(broker, engine.types))
