"""Webhooks: the service posts what happened to a server of one's own."""

from collections.abc import AsyncIterator, Sequence

from keepsake_client.models.webhooks import (
    NewWebhook,
    Webhook,
    WebhookDelivery,
    WebhookDeliveryPage,
    WebhookList,
)
from keepsake_client.session import Request, Resource, get, given, path
from keepsake_client.surfaces import Awaiting, Blocking, operation, stream

_WEBHOOKS = "/v2/webhooks"
_ONE = _WEBHOOKS + "/{}"


class WebhookCalls(Resource):
    """What can be asked of webhooks."""

    @operation
    async def create(
        self, url: str, events: Sequence[str], *, description: str | None = None
    ) -> NewWebhook:
        """Post what happens from now on to an https address; its secret is not shown again.

        events: `job.ended`, `memory.changed`, `index.published`.

        >>> made = client.webhooks.create("https://example.org/keepsake", ["job.ended"])
        >>> (made.active, made.secret[:6])
        (True, 'whsec_')
        """
        body = given(url=url, events=events, description=description)
        return await self._session.fetch(Request("POST", _WEBHOOKS, body=body), NewWebhook)

    @operation
    async def list(self) -> list[Webhook]:
        """All webhooks, the oldest first.

        >>> made = client.webhooks.create("https://example.org/keepsake", ["job.ended"])
        >>> made.webhook_id in [webhook.webhook_id for webhook in client.webhooks.list()]
        True
        """
        return (await self._session.fetch(get(_WEBHOOKS), WebhookList)).webhooks

    @operation
    async def get(self, webhook_id: str) -> Webhook:
        """One webhook.

        >>> made = client.webhooks.create("https://example.org/keepsake", ["job.ended"])
        >>> client.webhooks.get(made.webhook_id).events
        ['job.ended']
        """
        return await self._session.fetch(get(path(_ONE, webhook_id)), Webhook)

    @operation
    async def change(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        description: str | None = None,
        active: bool | None = None,
    ) -> Webhook:
        """Change where to post, which events, or whether at all; the rest stays.

        >>> made = client.webhooks.create("https://example.org/keepsake", ["job.ended"])
        >>> client.webhooks.change(made.webhook_id, active=False).active
        False
        """
        body = given(url=url, events=events, description=description, active=active)
        request = Request("PATCH", path(_ONE, webhook_id), body=body, repeatable=True)
        return await self._session.fetch(request, Webhook)

    @operation
    async def rotate(self, webhook_id: str) -> NewWebhook:
        """A new secret; for a day what is posted is signed with the old one too.

        >>> made = client.webhooks.create("https://example.org/keepsake", ["job.ended"])
        >>> client.webhooks.rotate(made.webhook_id).secret == made.secret
        False
        """
        return await self._session.fetch(
            Request("POST", path(_ONE + ":rotate", webhook_id)), NewWebhook
        )

    @operation
    async def test(self, webhook_id: str) -> WebhookDelivery:
        """Post the event `webhook.test`, to see whether the receiver takes it.

        >>> made = client.webhooks.create("https://example.org/keepsake", ["job.ended"])
        >>> client.webhooks.test(made.webhook_id).event
        'webhook.test'
        """
        return await self._session.fetch(
            Request("POST", path(_ONE + ":test", webhook_id)), WebhookDelivery
        )

    @operation
    async def delete(self, webhook_id: str) -> None:
        """End a webhook: what is not delivered yet is not posted.

        >>> made = client.webhooks.create("https://example.org/keepsake", ["job.ended"])
        >>> client.webhooks.delete(made.webhook_id)
        >>> made.webhook_id in [webhook.webhook_id for webhook in client.webhooks.list()]
        False
        """
        await self._session.answer(Request("DELETE", path(_ONE, webhook_id)))

    @stream
    async def deliveries(
        self, webhook_id: str, *, page_size: int | None = None
    ) -> AsyncIterator[WebhookDelivery]:
        """The deliveries of a webhook, newest first.

        >>> made = client.webhooks.create("https://example.org/keepsake", ["job.ended"])
        >>> sent = client.webhooks.test(made.webhook_id)
        >>> [each.event for each in client.webhooks.deliveries(made.webhook_id)]
        ['webhook.test']
        """
        request = get(path(_ONE + "/deliveries", webhook_id), given(page_size=page_size))
        async for page in self._session.pages(request, WebhookDeliveryPage):
            for delivery in page.deliveries:
                yield delivery

    @operation
    async def replay(self, webhook_id: str, job_id: str) -> WebhookDelivery:
        """Post an event once more, with the same `webhook-id`.

        >>> made = client.webhooks.create("https://example.org/keepsake", ["job.ended"])
        >>> sent = client.webhooks.test(made.webhook_id)
        >>> client.webhooks.replay(made.webhook_id, sent.job_id).event_id == sent.event_id
        True
        """
        template = _ONE + "/deliveries/{}:replay"
        return await self._session.fetch(
            Request("POST", path(template, webhook_id, job_id)), WebhookDelivery
        )


class Webhooks(WebhookCalls, Blocking):
    """Webhooks, for code that blocks."""


class AsyncWebhooks(WebhookCalls, Awaiting):
    """Webhooks, for coroutines."""
