"""A client of Keepsake: `Keepsake` for code that blocks, `AsyncKeepsake` for coroutines.

The command line `keepsake` is here too, and needs none of the rest: names are loaded when they are
asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keepsake_client import models, problems
    from keepsake_client.admin_jobs import AdminJobFilter
    from keepsake_client.client import AsyncKeepsake, Keepsake
    from keepsake_client.errors import (
        ConnectionFailed,
        JobCancelled,
        JobFailed,
        KeepsakeError,
        Problem,
        UnexpectedAnswer,
        WaitTimeout,
    )
    from keepsake_client.handles import AsyncJob, Job
    from keepsake_client.jobs import JobFilter
    from keepsake_client.memory import Turn
    from keepsake_client.places import Place

__all__ = [
    "AdminJobFilter",
    "AsyncJob",
    "AsyncKeepsake",
    "ConnectionFailed",
    "Job",
    "JobCancelled",
    "JobFailed",
    "JobFilter",
    "Keepsake",
    "KeepsakeError",
    "Place",
    "Problem",
    "Turn",
    "UnexpectedAnswer",
    "WaitTimeout",
    "models",
    "problems",
]
_HOMES = {
    "admin_jobs": ("AdminJobFilter",),
    "client": ("AsyncKeepsake", "Keepsake"),
    "places": ("Place",),
    "errors": (
        "ConnectionFailed", "JobCancelled", "JobFailed", "KeepsakeError", "Problem",
        "UnexpectedAnswer", "WaitTimeout",
    ),
    "handles": ("AsyncJob", "Job"),
    "jobs": ("JobFilter",),
    "memory": ("Turn",),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    if name in {"models", "problems"}:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
