"""What surrounds every attempt: the broker, the notifier and Dramatiq's middleware, in order.

`publishing_stack` is for a process that accepts jobs, `worker_stack` for one that runs them.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from middleware.broker import (
        ANY_LANE,
        QUEUE_ARGUMENTS,
        BrokerSettings,
        Condition,
        JobBroker,
        Undeliverable,
    )
    from middleware.logs import REQUEST_ID, JsonLines, configure_logs
    from middleware.management import BrokerQueue, Management, ManagementSettings
    from middleware.notifier import Notifier, overflow_actor
    from middleware.observation import MetricsSettings
    from middleware.running import Run, current_run
    from middleware.stack import Stack, publishing_stack, worker_stack

__all__ = [
    "ANY_LANE", "QUEUE_ARGUMENTS", "REQUEST_ID", "BrokerQueue", "BrokerSettings", "Condition",
    "JobBroker", "JsonLines", "Management", "ManagementSettings", "MetricsSettings", "Notifier",
    "Run", "Stack", "Undeliverable", "configure_logs", "current_run", "overflow_actor",
    "publishing_stack", "worker_stack",
]  # fmt: skip
_HOMES = {
    "broker": (
        "ANY_LANE", "QUEUE_ARGUMENTS", "BrokerSettings", "Condition", "JobBroker", "Undeliverable",
    ),
    "logs": ("REQUEST_ID", "JsonLines", "configure_logs"),
    "management": ("BrokerQueue", "Management", "ManagementSettings"),
    "notifier": ("Notifier", "overflow_actor"),
    "observation": ("MetricsSettings",),
    "running": ("Run", "current_run"),
    "stack": ("Stack", "publishing_stack", "worker_stack"),
}  # fmt: skip

__getattr__ = lazily(__name__, {name: module for module, names in _HOMES.items() for name in names})
