"""The job type of a delivery: one event to one webhook."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from keepsake.jobs import JobType, Limits, Priority, Queue

WEBHOOKS_QUEUE = Queue("keepsake.webhooks", overflow=True)


class DeliveryPayload(BaseModel):
    """What is posted to which webhook. `event_id` is the same at every try."""

    model_config = ConfigDict(hide_input_in_errors=True)

    webhook_id: str
    event_id: str
    event: str
    timestamp: str
    data: dict[str, Any]


DELIVER = JobType(
    name="webhooks.deliver",
    queue=WEBHOOKS_QUEUE,
    payload=DeliveryPayload,
    work="keepsake.webhooks.delivery:deliver",
    warm_up="keepsake.webhooks.delivery:warm_up",
    # A receiver that is away is tried for a day. Backoffs are no longer than those of other types:
    # the longest of all bounds how far ahead a time may be before a clock must have stepped back.
    limits=Limits(
        max_attempts=8, attempt_seconds=60, total_seconds=86_400, slice_seconds=30,
        backoff_base_seconds=5,
    ),
    scope="jobs",
    subjects=("data.user_id",),
    undo_hint="What was posted cannot be taken back.",
    shown=("webhook_id", "event_id", "event"),
    may_be_overtaken=True,
    priority=Priority.BULK,
)  # fmt: skip
