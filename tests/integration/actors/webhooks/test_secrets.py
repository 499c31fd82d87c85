"""A secret that was rotated is good for a day more."""

import json
from datetime import timedelta

from standardwebhooks import Webhook

from keepsake.jobs.vault import Vault
from keepsake.parts import job_types
from keepsake.webhooks import delivery
from keepsake.webhooks.delivery import again_of, delivery_of
from keepsake.webhooks.job_types import DeliveryPayload
from keepsake.webhooks.records import NewWebhook
from keepsake.webhooks.sources import TEST, Happened
from middleware.notifier import Notifier
from tests.integration.actors.webhooks.conftest import URL


def test_a_rotated_secret_and_the_one_before_both_verify(
    subscribed, receiver, webhooks, engine, broker, drain, database
):
    webhook, before = subscribed("job.ended")
    webhook, present = webhooks.rotate("alice", webhook["_id"])
    now = webhook["created_at"]
    new = delivery_of(webhook, Happened("test:1", "alice", TEST, now, {}))
    payload = DeliveryPayload(**new.payload)

    for each in (new, new, again_of(webhook, payload)):
        Notifier(broker, job_types()).notify(engine.acceptance.accept(each).job)
    drain()

    assert len(receiver.taken) == 2  # the same event once, and once more on request
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 1
    for headers, body in receiver.taken:
        Webhook(before).verify(body, headers)
        Webhook(present.get_secret_value()).verify(body, headers)
    kept = json.dumps(list(database["webhooks"].find()), default=str)
    assert before not in kept


def test_of_two_rotations_at_once_both_secrets_hold(webhooks, database, monkeypatch):
    webhook, _ = webhooks.create(NewWebhook("alice", URL, ["job.ended"]))
    sealed, shown = webhooks._sealed, []

    def meanwhile(owner):
        monkeypatch.setattr(webhooks, "_sealed", sealed)
        shown.append(webhooks.rotate(owner, webhook["_id"])[1])
        return sealed(owner)

    monkeypatch.setattr(webhooks, "_sealed", meanwhile)
    rotated, last = webhooks.rotate("alice", webhook["_id"])

    held = delivery._secrets(Vault(database), rotated)
    assert [secret.get_secret_value() for secret in held] == [
        secret.get_secret_value() for secret in (last, *shown)
    ]
    ends = {box["_id"]: box["expire_at"] for box in database["vault"].find()}
    kept = [ends[reference] - webhook["created_at"] for reference in rotated["secrets"]]
    assert kept[0] > timedelta(days=365) > timedelta(days=2) > kept[1]
