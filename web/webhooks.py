"""`/v2/webhooks`: where Keepsake posts what happened, and how that went."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from keepsake.jobs import Engine, Job, NewJob, Wanted
from keepsake.outbound import Forbidden, OutboundSettings, destination, with_port
from keepsake.storage import Document, LengthFirst, each_readable, new_id
from keepsake.webhooks import (
    DELIVER,
    EVENT_ID_LABEL,
    EVENT_LABEL,
    LABEL,
    MOST,
    TEST,
    DeliveryPayload,
    Happened,
    NewWebhook,
    again_of,
    delivery_of,
)
from middleware.notifier import Notifier
from web.dependencies import Jobs, Notify, WebhookStore
from web.edge.auth import Caller
from web.edge.body_limits import BoundedRoute
from web.openapi.declared import fails
from web.pages import Paging
from web.problems import Problem, misfit

router = APIRouter(prefix="/v2/webhooks", tags=["webhooks"], route_class=BoundedRoute)
EventName = Literal["job.ended", "memory.changed", "index.published"]
WebhookId = Annotated[
    str, Path(max_length=100, description="The webhook's id", examples=["wh_01m86fbp9vvy47efjw"])
]
Url = Annotated[str, Field(min_length=9, max_length=2_000, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
Events = Annotated[list[EventName], Field(min_length=1, max_length=10), LengthFirst()]


class WebhookBody(BaseModel):
    """Where to post which events."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [{"url": "https://example.org/keepsake", "events": ["job.ended"]}]
        },
    )

    url: Url = Field(
        description="https on the usual port, at a public address; no redirect is followed",
        examples=["https://example.org/keepsake"],
    )
    events: Events = Field(description="Which events are posted", examples=[["job.ended"]])
    description: str = Field(default="", max_length=200, description="For its readers")


class WebhookChanges(BaseModel):
    """What to change of a webhook; what is not given stays."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    url: Url | None = Field(default=None, description="Where to post", examples=[None])
    events: Events | None = Field(default=None, description="Which events", examples=[None])
    description: str | None = Field(
        default=None, max_length=200, description="For its readers", examples=[None]
    )
    active: bool | None = Field(
        default=None, description="Whether it is posted to; false holds nothing back for later",
        examples=[True],
    )  # fmt: skip


class WebhookView(BaseModel):
    """A webhook, without its secret."""

    webhook_id: str = Field(description="Its id", examples=["wh_01m86fbp9vvy47efjw"])
    url: str = Field(description="Where it posts to", examples=["https://example.org/keepsake"])
    events: list[str] = Field(description="Which events", examples=[["job.ended"]])
    description: str = Field(description="For its readers", examples=["Our own"])
    active: bool = Field(description="Whether it is posted to")
    reason: str | None = Field(
        description="Why it is off, when Keepsake switched it off", examples=[None]
    )
    created_at: datetime

    @classmethod
    def of(cls, webhook: Document) -> "WebhookView":
        """The view of a stored webhook."""
        names = ("url", "events", "description", "active", "reason", "created_at")
        return cls(webhook_id=webhook["_id"], **{name: webhook[name] for name in names})


class WebhookWithSecret(WebhookView):
    """A webhook and its secret, which is shown this once."""

    secret: str = Field(
        description="Verifies `webhook-signature`, as Standard Webhooks has it",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )


class WebhookList(BaseModel):
    """The caller's webhooks, the oldest first."""

    webhooks: list[WebhookView] = Field(description="The webhooks")


class WebhookDeliveryView(BaseModel):
    """One event to one webhook: a job."""

    job_id: str = Field(description="The job that delivers it", examples=["job_01m86fbp9vvy47efjw"])
    event_id: str = Field(
        description="As in `webhook-id`, the same at every try", examples=["msg_2f1c8a9b"]
    )
    event: str = Field(description="What happened", examples=["job.ended"])
    status: str = Field(description="Where the job stands", examples=["succeeded"])
    answered: int | None = Field(
        description="The receiver's status, once it took it", examples=[204]
    )
    error: str | None = Field(description="Why the last try failed", examples=[None])
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> "WebhookDeliveryView":
        """The view of a delivery's job."""
        labels, error = job.record["labels"], job.get("error") or {}
        return cls(
            job_id=job.id, event_id=labels[EVENT_ID_LABEL], event=labels[EVENT_LABEL],
            status=str(job.state), answered=(job.get("result") or {}).get("answered"),
            error=error.get("message"), created_at=job.record["created_at"],
            ended_at=job.get("ended_at"),
        )  # fmt: skip


class WebhookDeliveryPage(BaseModel):
    """Some deliveries of a webhook, newest first; no token means that these were the last."""

    deliveries: list[WebhookDeliveryView] = Field(description="The deliveries")
    next_page_token: str | None


@router.post("", status_code=status.HTTP_201_CREATED, responses=fails(503, "vault-closed"))
def create(body: WebhookBody, caller: Caller, webhooks: WebhookStore) -> WebhookWithSecret:
    """Post what happens from now on; the secret that verifies it is shown this once."""
    _check(body.url)
    if len(webhooks.of(caller.owner)) == MOST:
        raise misfit("body", "", f"At most {MOST} webhooks are kept; delete one")
    new = NewWebhook(caller.owner, body.url, body.events, body.description)
    webhook, secret = webhooks.create(new)
    return _with_secret(webhook, secret.get_secret_value())


@router.get("")
def listed(caller: Caller, webhooks: WebhookStore) -> WebhookList:
    """The caller's webhooks, the oldest first."""
    return WebhookList(webhooks=[WebhookView.of(each) for each in webhooks.of(caller.owner)])


@router.get("/{webhook_id}")
def read(webhook_id: WebhookId, caller: Caller, webhooks: WebhookStore) -> WebhookView:
    """One webhook of the caller's."""
    return WebhookView.of(webhooks.get(caller.owner, webhook_id))


@router.patch("/{webhook_id}")
def change(
    webhook_id: WebhookId, body: WebhookChanges, caller: Caller, webhooks: WebhookStore
) -> WebhookView:
    """Change where to post, which events, or whether at all."""
    changes = body.model_dump(exclude_none=True)
    if body.url is not None:
        _check(body.url)
    if body.events is not None:
        changes["events"] = sorted(set(body.events))
    if body.active:
        changes["reason"] = None
    if not changes:
        return WebhookView.of(webhooks.get(caller.owner, webhook_id))
    return WebhookView.of(webhooks.change(caller.owner, webhook_id, changes))


@router.delete("/{webhook_id}", status_code=204)
def delete(webhook_id: WebhookId, caller: Caller, webhooks: WebhookStore) -> None:
    """End a webhook: what is not delivered yet is not posted."""
    webhooks.delete(caller.owner, webhook_id)


@router.post("/{webhook_id}:rotate", responses=fails(503, "vault-closed"))
def rotate_secret(
    webhook_id: WebhookId, caller: Caller, webhooks: WebhookStore
) -> WebhookWithSecret:
    """A new secret; for a day deliveries carry a signature with the old one too."""
    webhook, secret = webhooks.rotate(caller.owner, webhook_id)
    return _with_secret(webhook, secret.get_secret_value())


@router.post("/{webhook_id}:test", status_code=status.HTTP_201_CREATED)
def send_test(
    webhook_id: WebhookId, caller: Caller, webhooks: WebhookStore, jobs: Jobs, notify: Notify
) -> WebhookDeliveryView:
    """Post the event `webhook.test`, to see whether the receiver takes it."""
    webhook = webhooks.get(caller.owner, webhook_id)
    happened = Happened(f"{TEST}:{new_id('test')}", caller.owner, TEST, datetime.now(UTC), {})
    return _accepted(delivery_of(webhook, happened), jobs, notify)


@router.get("/{webhook_id}/deliveries")
def list_deliveries(
    webhook_id: WebhookId,
    caller: Caller,
    webhooks: WebhookStore,
    jobs: Jobs,
    pages: Paging,
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
    page_token: Annotated[str, Query(max_length=10_000)] = "",
) -> WebhookDeliveryPage:
    """The deliveries of a webhook, newest first."""
    webhooks.get(caller.owner, webhook_id)
    wanted = Wanted(types=frozenset({DELIVER.name}), labels=frozenset({f"{LABEL}:{webhook_id}"}))
    begin = pages.place(page_token, wanted)
    page = jobs.listing.page(caller.owner, wanted, begin, page_size)
    more = pages.token(page.following, wanted) if page.following else None
    shown = list(each_readable(WebhookDeliveryView.of, page.jobs))
    return WebhookDeliveryPage(deliveries=shown, next_page_token=more)


@router.post("/{webhook_id}/deliveries/{job_id}:replay", status_code=status.HTTP_201_CREATED)
def replay_delivery(
    webhook_id: WebhookId,
    job_id: Annotated[str, Path(max_length=100, description="The delivery's job")],
    caller: Caller,
    webhooks: WebhookStore,
    jobs: Jobs,
    notify: Notify,
) -> WebhookDeliveryView:
    """Post an event once more, with the same `webhook-id`."""
    webhook = webhooks.get(caller.owner, webhook_id)
    job = jobs.control.get(caller.owner, job_id)
    if job.record["type"] != DELIVER.name or job.record["labels"][LABEL] != webhook_id:
        raise Problem(404, "job-not-found", "This webhook has no such delivery.")
    payload = jobs.control.content(job.id)["payload"]
    return _accepted(again_of(webhook, DeliveryPayload(**payload)), jobs, notify)


def _check(url: str) -> None:
    """Refuse a link that none of ours may post to.

    Raises:
        Problem: 422, with the reason.
    """
    trusted = frozenset(map(with_port, OutboundSettings().link_hosts))
    try:
        destination(url, trusted)
    except Forbidden as error:
        raise misfit("body", "/url", str(error)) from error


def _with_secret(webhook: Document, secret: str) -> WebhookWithSecret:
    return WebhookWithSecret(**WebhookView.of(webhook).model_dump(), secret=secret)


def _accepted(new: NewJob, jobs: Engine, notify: Notifier) -> WebhookDeliveryView:
    job = jobs.acceptance.accept(new).job
    notify.notify_soon(job)
    return WebhookDeliveryView.of(job)
