"""Webhooks: what happened to jobs, memories and indexes is posted to their owner's servers.

- `records` keeps webhooks; their secrets are in the vault.
- `sources` says what happens: which collection changes, and what is told of it.
- `dispatcher` follows these changes and makes a job of each delivery.
- `delivery` does the job: it signs and posts, as Standard Webhooks has it.
"""

from typing import TYPE_CHECKING

from keepsake.facade import lazily

if TYPE_CHECKING:
    from keepsake.webhooks.delivery import (
        EVENT_ID_LABEL,
        EVENT_LABEL,
        LABEL,
        again_of,
        delivery_of,
    )
    from keepsake.webhooks.dispatcher import Dispatcher
    from keepsake.webhooks.job_types import DELIVER, DeliveryPayload
    from keepsake.webhooks.records import INDEXES, MOST, NewWebhook, NoSuchWebhook, Webhooks
    from keepsake.webhooks.sources import JOB_ENDED, TEST, EventSource, Happened

__all__ = [
    "DELIVER",
    "EVENT_ID_LABEL",
    "EVENT_LABEL",
    "INDEXES",
    "JOB_ENDED",
    "LABEL",
    "MOST",
    "TEST",
    "DeliveryPayload",
    "Dispatcher",
    "EventSource",
    "Happened",
    "NewWebhook",
    "NoSuchWebhook",
    "Webhooks",
    "again_of",
    "delivery_of",
]  # fmt: skip
_HOMES = {
    "delivery": ("EVENT_ID_LABEL", "EVENT_LABEL", "LABEL", "again_of", "delivery_of"),
    "dispatcher": ("Dispatcher",),
    "job_types": ("DELIVER", "DeliveryPayload"),
    "records": ("INDEXES", "MOST", "NewWebhook", "NoSuchWebhook", "Webhooks"),
    "sources": ("JOB_ENDED", "TEST", "Happened", "EventSource"),
}

__getattr__ = lazily(__name__, {name: module for module, names in _HOMES.items() for name in names})
