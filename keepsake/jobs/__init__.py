"""The job record: accepted, claimed, fenced, retried, ended. Knows no HTTP and no broker.

A package that adds a job type needs `JobType`, `Queue`, `Limits`, `Attempt`, `Resources` and
`NewJob`; its tests need `keepsake.jobs.testing`.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.jobs.attempt import Attempt, Progress
    from keepsake.jobs.child import run_in_child
    from keepsake.jobs.engine import Engine
    from keepsake.jobs.job import Job, NewJob
    from keepsake.jobs.job_types import JobType, Limits, Queue, Registry, Undone
    from keepsake.jobs.resources import Resources

__all__ = [
    "Attempt", "Engine", "Job", "JobType", "Limits", "NewJob", "Progress", "Queue", "Registry",
    "Resources", "Undone", "run_in_child",
]  # fmt: skip
_HOMES = {
    "attempt": ("Attempt", "Progress"),
    "child": ("run_in_child",),
    "engine": ("Engine",),
    "job": ("Job", "NewJob"),
    "job_types": ("JobType", "Limits", "Queue", "Registry", "Undone"),
    "resources": ("Resources",),
}

__getattr__ = lazily(__name__, {name: module for module, names in _HOMES.items() for name in names})
