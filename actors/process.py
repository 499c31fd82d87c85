"""The worker process's composition root: its stores, its broker, its settings."""

import sys
from functools import cache

import dramatiq
from pydantic import ValidationError

from jobs.engine import Engine
from middleware import logs, stack
from storage.mongo import Documents, connect


@cache
def database() -> Documents:
    """The process's connection, opened lazily."""
    return connect()


def start() -> None:
    """Set Dramatiq's broker; must run before any actor is declared.

    Raises:
        SystemExit: A setting is wrong; one line says which.
    """
    logs.configure()
    try:
        dramatiq.set_broker(stack.worker(Engine.over(database())).broker)
    except ValidationError as error:
        faults = "; ".join(
            f"KEEPSAKE_{str(f['loc'][0]).upper()}: {f['msg']}" for f in error.errors()
        )
        sys.exit(f"keepsake: {faults}")
