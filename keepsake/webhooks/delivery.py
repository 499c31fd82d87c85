"""Posts one event: signed as Standard Webhooks has it, tried until the receiver takes it.

The signature is of the id, the time of this try and the body (HMAC-SHA256), so a receiver refuses
what is old or changed, and knows what it has had by the id: standardwebhooks.com, version 1.
"""

import base64
import hashlib
import hmac
import json
import time
import zlib
from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr

from keepsake.jobs import (
    Attempt,
    CredentialGone,
    NewJob,
    Outage,
    Permanent,
    Resources,
    Vault,
    lane_name,
)
from keepsake.outbound import Answer, FetchBounds, Fetcher, Forbidden, Unreachable
from keepsake.storage import Document, new_id
from keepsake.webhooks.job_types import DELIVER, DeliveryPayload
from keepsake.webhooks.records import NoSuchWebhook, Webhooks
from keepsake.webhooks.sources import Happened

_PREFIX = "whsec_"
_GONE = 410
_SECONDS = 15.0
_AT_ONCE = 4
"""Deliveries to one webhook: a slow receiver holds no more threads of the workers."""
LABEL, EVENT_LABEL, EVENT_ID_LABEL = "webhook", "event", "event_id"
"""Of deliveries: the id of their webhook, what happened, and the `webhook-id`; lists show them."""


def delivery_of(webhook: Document, happened: Happened) -> NewJob:
    """The job that posts what happened to a webhook; the same however often it is asked for."""
    event_id = f"msg_{hashlib.sha256(happened.key.encode()).hexdigest()[:26]}"
    payload = DeliveryPayload(
        webhook_id=webhook["_id"], event_id=event_id, event=happened.event,
        timestamp=happened.at.isoformat(), data=happened.data,
    )  # fmt: skip
    return _job(webhook, payload, f"{webhook['_id']}:{event_id}")


def again_of(webhook: Document, payload: DeliveryPayload) -> NewJob:
    """A job that posts the event of a delivery once more."""
    return _job(webhook, payload, new_id("again"))


def _job(webhook: Document, payload: DeliveryPayload, key: str) -> NewJob:
    number = zlib.crc32(payload.event_id.encode()) % _AT_ONCE
    return NewJob(
        type=DELIVER.name, owner=webhook["owner"], payload=payload.model_dump(), key=key,
        labels={LABEL: webhook["_id"], EVENT_LABEL: payload.event,
                EVENT_ID_LABEL: payload.event_id},
        lane=lane_name(LABEL, webhook["_id"], str(number)),
    )  # fmt: skip


def deliver(attempt: Attempt, payload: DeliveryPayload, resources: Resources) -> dict[str, Any]:
    """Post an event.

    Raises:
        Outage: The receiver did not answer, or not with a status of 200 to 299.
        Permanent: It may not be asked, or it says that it is gone (410): the webhook is off then.
    """
    webhooks = resources.of(_webhooks)
    try:
        webhook = webhooks.get(attempt.owner, payload.webhook_id)
    except NoSuchWebhook:
        return {"answered": None, "reason": "the webhook was deleted"}
    if not webhook["active"]:
        return {"answered": None, "reason": "the webhook is off"}
    content = body_of(payload)
    secrets = _secrets(Vault(resources.database), webhook)
    headers = signed(payload.event_id, int(time.time()), content, secrets)
    answer = _posted(resources.of(_fetcher), webhook["url"], content, headers)
    if answer.status == _GONE:
        reason = "the receiver answered 410, so that it is off"
        webhooks.change(attempt.owner, payload.webhook_id, {"active": False, "reason": reason})
        raise Permanent(reason)
    if answer.status // 100 != 2:  # noqa: PLR2004 - the class of an HTTP status
        raise Outage(f"the receiver answered {answer.status}", answer.retry_after_seconds)
    return {"answered": answer.status}


def warm_up(resources: Resources) -> None:
    """Read the certificates of the authorities that receivers are known by."""
    resources.of(_fetcher)


def body_of(payload: DeliveryPayload) -> bytes:
    """What is posted; the same bytes at every try."""
    shown = {"type": payload.event, "timestamp": payload.timestamp, "data": payload.data}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def signed(
    event_id: str, now: int, content: bytes, secrets: Sequence[SecretStr]
) -> list[tuple[str, str]]:
    """The headers of a delivery, with a signature by each secret."""
    message = f"{event_id}.{now}.".encode() + content
    signatures = " ".join(f"v1,{_signature(secret, message)}" for secret in secrets)
    return [
        ("Content-Type", "application/json"),
        ("webhook-id", event_id),
        ("webhook-timestamp", str(now)),
        ("webhook-signature", signatures),
    ]


def _signature(secret: SecretStr, message: bytes) -> str:
    key = base64.b64decode(secret.get_secret_value().removeprefix(_PREFIX))
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def _posted(
    fetcher: Fetcher, url: str, content: bytes, headers: Sequence[tuple[str, str]]
) -> Answer:
    try:
        return fetcher.send(url, content, headers)
    except Forbidden as error:
        raise Permanent.of(error) from error
    except Unreachable as error:
        raise Outage.of(error) from error


def _secrets(vault: Vault, webhook: Document) -> list[SecretStr]:
    """The present secret, and the one before as long as it is kept."""
    present, *before = webhook["secrets"]
    secrets = [vault.reveal(webhook["owner"], present)]
    for reference in before:
        try:
            secrets.append(vault.reveal(webhook["owner"], reference))
        except CredentialGone:
            continue
    return secrets


def _webhooks(resources: Resources) -> Webhooks:
    return Webhooks(resources.database)


def _fetcher(resources: Resources) -> Fetcher:
    del resources
    return Fetcher(FetchBounds(seconds=_SECONDS))
