"""The worker process's composition root: its services, its broker, its actors."""

import dramatiq

from actors.perform import declare
from keepsake.access import expiring
from keepsake.jobs import Engine, Registry, Resources
from keepsake.memory import recounting, sweeping
from keepsake.parts import EVENT_SOURCES, WORKER, declared_indexes, job_types, require
from keepsake.scanner import CodeUsage, dropping
from keepsake.storage import IndexUpkeep, connect
from keepsake.telemetry import begun
from keepsake.webhooks import Dispatcher
from middleware.logs import configure_logs
from middleware.stack import worker_stack

__all__ = ["job_types", "start"]


def start(types: Registry) -> Resources:
    """Set Dramatiq's broker and declare the actors of job types.

    Raises:
        SystemExit: A setting is wrong, or a directory is open to others; one line says which.
    """
    configure_logs()
    require(WORKER)
    telemetry = begun("keepsake-worker")
    resources = Resources(connect())
    upkeep = IndexUpkeep(resources.database, declared_indexes(types))
    engine = Engine.over(resources.database, types)
    dispatcher = Dispatcher(engine, EVENT_SOURCES)
    chores = {
        "uploads": sweeping(resources.database, engine.control),
        "usage": recounting(resources.database),
        "code_usage": CodeUsage(resources.database).recount_now_and_then,
        "mirrors": dropping(resources.database),
        "webhooks": dispatcher.run_once,
        "audit": expiring(resources.database),
    }
    stack = worker_stack(engine, upkeep, resources, chores)
    if telemetry is not None:
        telemetry.follow_worker(stack.broker)
    dispatcher.notify = stack.notifier.notify_soon
    dramatiq.set_broker(stack.broker)
    declare(types, resources)
    return resources
