"""What happens is posted to webhooks: signed, once each, until a receiver takes it."""

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from keepsake.jobs.states import State
from keepsake.memory.job_types import INGEST
from keepsake.outbound.fetcher import Fetcher
from keepsake.webhooks import delivery
from keepsake.webhooks.delivery import delivery_of
from keepsake.webhooks.records import NewWebhook
from keepsake.webhooks.sources import TEST, Happened
from tests.integration.actors.webhooks.conftest import TURN, URL


def test_an_ended_job_and_a_changed_memory_are_posted_once_and_verified(
    subscribed, receiver, enqueue, eventually, drain
):
    _, secret = subscribed("job.ended", "memory.changed")

    job_id = enqueue(INGEST.name, TURN)
    eventually(lambda: len(receiver.taken) == 2, within=30)
    drain()

    verified = [Webhook(secret).verify(body, headers) for headers, body in receiver.taken]
    assert {event["type"] for event in verified} == {"job.ended", "memory.changed"}
    (ended,) = receiver.events("job.ended")
    assert (ended["job_id"], ended["status"], ended["type"]) == (
        job_id, "succeeded", INGEST.name,
    )  # fmt: skip
    (changed,) = receiver.events("memory.changed")
    assert changed["user_id"] == "u1"
    assert b"Lisbon" not in b"".join(body for _, body in receiver.taken)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(receiver.taken[0][1] + b" ", receiver.taken[0][0])


def test_another_owner_and_another_event_are_not_posted(
    subscribed, receiver, enqueue, eventually, delivered, drain
):
    subscribed("memory.changed")
    subscribed("job.ended", owner="bob")

    enqueue(INGEST.name, TURN)
    eventually(lambda: receiver.taken, within=30)
    drain()

    assert [row["owner"] for row in delivered()] == ["alice"]
    assert receiver.events("job.ended") == []


def test_a_receiver_that_fails_and_recovers_gets_each_event_once(
    subscribed, receiver, enqueue, eventually, delivered, hold, hurry, drain, look
):
    subscribed("job.ended")
    receiver.status = 500
    ids = [enqueue(INGEST.name, {**TURN, "user_query": f"I like tea {n}."}) for n in range(3)]

    rows = eventually(lambda: (found := delivered())[2:] and found, within=30)
    for row in rows:
        hold(row["_id"])
    receiver.status = 204
    for row in rows:
        hurry(row["_id"])
    drain()

    assert receiver.refused >= 3
    assert sorted(data["job_id"] for data in receiver.events("job.ended")) == sorted(ids)
    names = [headers["webhook-id"] for headers, _ in receiver.taken]
    assert len(set(names)) == len(names) == 3
    ended = [look(row["_id"]) for row in rows]
    assert [(job.state, job.get("failures")) for job in ended] == [(State.SUCCEEDED, 0)] * 3


def test_no_private_address_is_posted_to(webhooks, enqueue, monkeypatch, eventually, look, engine):
    fetcher = Fetcher(resolver=lambda _: ["10.0.0.8"], trusted=frozenset())
    monkeypatch.setattr(delivery, "_fetcher", lambda _: fetcher)
    webhook, _ = webhooks.create(NewWebhook("alice", URL, ["job.ended"]))
    new = delivery_of(webhook, Happened("test:2", "alice", TEST, webhook["created_at"], {}))

    job_id = enqueue(new.type, new.payload)

    job = eventually(lambda: (job := look(job_id)).state is State.DEAD_LETTER and job, within=30)
    assert job.get("error")["type"] == "forbidden"
