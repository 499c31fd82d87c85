"""A receiver that is slow, gone or off costs little."""

from keepsake.memory.job_types import INGEST
from keepsake.parts import EVENT_SOURCES
from keepsake.webhooks import delivery
from keepsake.webhooks import dispatcher as dispatching
from keepsake.webhooks.delivery import delivery_of
from keepsake.webhooks.dispatcher import Dispatcher
from keepsake.webhooks.job_types import DELIVER
from keepsake.webhooks.sources import Happened
from tests.integration.actors.webhooks.conftest import TURN


def test_what_happened_while_a_webhook_was_off_is_not_posted(
    subscribed, receiver, webhooks, enqueue, eventually, drain
):
    webhook, _ = subscribed("job.ended")
    webhooks.change("alice", webhook["_id"], {"active": False})
    enqueue(INGEST.name, TURN)
    drain()

    webhooks.change("alice", webhook["_id"], {"active": True})
    later = enqueue(INGEST.name, {**TURN, "user_query": "I like tea."})

    eventually(lambda: receiver.events("job.ended"), within=30)
    assert [data["job_id"] for data in receiver.events("job.ended")] == [later]


def test_a_receiver_that_is_gone_is_asked_no_more(
    subscribed, receiver, webhooks, enqueue, eventually
):
    webhook, _ = subscribed("job.ended")
    receiver.status = 410

    enqueue(INGEST.name, TURN)

    off = eventually(
        lambda: (now := webhooks.get("alice", webhook["_id"]))["active"] is False and now, within=30
    )
    assert "410" in off["reason"]


def test_a_receiver_is_left_alone_for_as_long_as_it_asks_up_to_the_longest_backoff(
    subscribed, receiver, enqueue, eventually, delivered
):
    subscribed("job.ended")

    for asked, least in (("200", 200), ("86400", DELIVER.limits.backoff_max_seconds)):
        receiver.status, receiver.headers = 429, {"Retry-After": asked}
        told = enqueue(INGEST.name, {**TURN, "user_query": f"I like tea {asked}."})
        waiting = eventually(
            lambda told=told: [row for row in delivered() if row["state"] == "retrying"
                               and row["payload"]["data"]["job_id"] == told], within=30,
        )  # fmt: skip
        wait = waiting[0]["run_at"] - waiting[0]["attempts"][-1]["started_at"]
        assert least <= wait.total_seconds() < least + 30


def test_a_slow_receiver_holds_few_threads(
    subscribed, receiver, enqueue, eventually, delivered, drain, monkeypatch
):
    monkeypatch.setattr(delivery, "_AT_ONCE", 1)
    subscribed("job.ended")
    receiver.hold()

    for number in range(6):  # the worker has four threads
        enqueue(INGEST.name, {**TURN, "user_query": f"I like tea {number}."})
    eventually(lambda: len(delivered()) == 6, within=60)
    receiver.go_on()
    drain()

    assert (receiver.most_at_once, len(receiver.taken)) == (1, 6)


def test_a_webhook_for_which_too_many_deliveries_wait_is_off(
    subscribed, webhooks, engine, monkeypatch, database
):
    monkeypatch.setattr(dispatching, "_MOST_WAITING", 3)
    webhook, _ = subscribed("job.ended")
    other, _ = subscribed("job.ended")
    dispatcher = Dispatcher(engine, EVENT_SOURCES)
    for number in range(4):
        happened = Happened(f"test:{number}", "alice", "job.ended", webhook["created_at"], {})
        engine.acceptance.accept(delivery_of(webhook, happened))

    dispatcher._deliver([Happened("test:5", "alice", "job.ended", other["created_at"], {})])

    off, on = webhooks.get("alice", webhook["_id"]), webhooks.get("alice", other["_id"])
    assert (off["active"], on["active"]) == (False, True)
    assert "3 deliveries waited" in off["reason"]
    wanted = {"type": DELIVER.name, "payload.webhook_id": other["_id"]}
    assert database["jobs"].count_documents(wanted) == 1
