"""The worker process's composition root: its stores, its broker, its settings."""

from collections.abc import Mapping
from functools import cache

import dramatiq

from actors import registry
from keepsake.jobs.engine import Engine
from keepsake.jobs.policy import POLICIES, Policy
from keepsake.storage.mongo import Documents, connect
from middleware import logs, stack
from middleware.settings import WORKER, require


@cache
def database() -> Documents:
    """The process's connection, opened lazily."""
    return connect()


def start(policies: Mapping[str, Policy] = POLICIES) -> None:
    """Set Dramatiq's broker; must run before any actor is declared.

    policies: of the job types that this process knows.

    Raises:
        SystemExit: A setting is wrong, or a directory is open to others; one line says which.
    """
    logs.configure()
    require(WORKER)
    dramatiq.set_broker(stack.worker(Engine.over(database(), policies=policies)).broker)
    registry.serve_any_lane()
