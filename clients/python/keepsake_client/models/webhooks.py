"""Webhooks: where the service posts what happened."""

from datetime import datetime

from keepsake_client.models import Record


class Webhook(Record):
    """Where which events are posted. `reason` says why it is off, when the service did that."""

    webhook_id: str
    url: str
    events: list[str]
    description: str = ""
    active: bool = True
    reason: str | None = None
    created_at: datetime | None = None


class NewWebhook(Webhook):
    """A webhook with its secret, which verifies what is posted and is not shown again."""

    secret: str


class WebhookList(Record):
    """All webhooks."""

    webhooks: list[Webhook]


class WebhookDelivery(Record):
    """One event to one webhook: a job. `answered` is the receiver's status, once it took it."""

    job_id: str
    event_id: str
    event: str
    status: str
    answered: int | None = None
    error: str | None = None
    created_at: datetime | None = None
    ended_at: datetime | None = None


class WebhookDeliveryPage(Record):
    """Some deliveries, newest first."""

    deliveries: list[WebhookDelivery]
    next_page_token: str | None = None
