"""What happens is posted to webhooks: signed, once each, until a receiver takes it."""

import base64
import json
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from keepsake.jobs.states import State
from keepsake.jobs.vault import Vault
from keepsake.memory.job_types import INGEST
from keepsake.outbound.fetcher import FetchBounds, Fetcher
from keepsake.parts import EVENT_SOURCES, job_types
from keepsake.webhooks import delivery
from keepsake.webhooks import dispatcher as dispatching
from keepsake.webhooks.delivery import again_of, delivery_of
from keepsake.webhooks.dispatcher import Dispatcher
from keepsake.webhooks.job_types import DELIVER, DeliveryPayload
from keepsake.webhooks.records import POSITION, NewWebhook, Webhooks
from keepsake.webhooks.sources import TEST, Happened
from middleware.notifier import Notifier
from tests import tls_site

HOST = "hooks.example.org"
URL = f"https://{HOST}/keepsake"
TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


class Receiver:
    """A server of an owner's: it keeps what it took, and refuses for as long as it is told to."""

    def __init__(self) -> None:
        self.status, self.taken, self.refused = 204, [], 0
        self.asked = self.most_at_once = 0
        self._may_go_on, self._counting = threading.Event(), threading.Lock()
        self._may_go_on.set()

    def hold(self) -> None:
        """Answer nobody from now on."""
        self._may_go_on.clear()

    def go_on(self) -> None:
        """Answer those who wait."""
        self._may_go_on.set()

    def __call__(self, handler) -> None:
        with self._counting:
            self.asked += 1
            self.most_at_once = max(self.most_at_once, self.asked)
        self._may_go_on.wait(timeout=60)
        with self._counting:
            self.asked -= 1
        self._answer(handler)

    def _answer(self, handler) -> None:
        if self.status == 204:
            self.taken.append((dict(handler.headers), handler.body))
        else:
            self.refused += 1
        tls_site.page("", self.status)(handler)

    def events(self, name):
        """The data of what it took, of one event."""
        bodies = [json.loads(body) for _, body in self.taken]
        return [body["data"] for body in bodies if body["type"] == name]


@pytest.fixture(autouse=True)
def _vault(monkeypatch):
    monkeypatch.setenv("KEEPSAKE_SECRET_KEY", base64.b64encode(bytes(32)).decode())


@pytest.fixture
def receiver(broker, tmp_path, monkeypatch):
    with tls_site.serving(tls_site.certificate(tmp_path, HOST)) as serving:
        tls = ssl.create_default_context(cafile=tmp_path / "server.pem")
        fetcher = Fetcher(
            FetchBounds(seconds=30), resolver=lambda _: ["127.0.0.1"], allowed=lambda _: True,
            trusted=frozenset(), tls=tls, port=serving.server_port,
        )  # fmt: skip
        monkeypatch.setattr(delivery, "_fetcher", lambda _: fetcher)
        receiver = Receiver()
        serving.paths["/keepsake"] = receiver
        yield receiver


@pytest.fixture
def webhooks(database):
    return Webhooks(database)


@pytest.fixture
def subscribed(webhooks, receiver):
    """A webhook of alice's, and its secret."""

    def subscribe(*events, owner="alice"):
        webhook, secret = webhooks.create(NewWebhook(owner, URL, events))
        return webhook, secret.get_secret_value()

    return subscribe


@pytest.fixture
def delivered(engine, database):
    """The deliveries that were made jobs, of webhooks of this test: others may come late."""

    def find():
        whose = {"$in": database["webhooks"].distinct("_id")}
        return list(engine.records.jobs.find({"type": DELIVER.name, "payload.webhook_id": whose}))

    return find


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
    subscribed, receiver, enqueue, eventually, delivered, engine, broker, drain, look
):
    subscribed("job.ended")
    receiver.status = 500
    ids = [enqueue(INGEST.name, {**TURN, "user_query": f"I like tea {n}."}) for n in range(3)]

    def waiting():
        states = [row["state"] for row in delivered()]
        return states == [State.RETRYING] * 3 and delivered()

    rows = eventually(waiting, within=30)
    receiver.status = 204
    for row in rows:
        again = engine.control.retry("alice", row["_id"], by="alice")
        Notifier(broker, job_types()).notify(again)
    drain()

    assert receiver.refused >= 3
    assert sorted(data["job_id"] for data in receiver.events("job.ended")) == sorted(ids)
    names = [headers["webhook-id"] for headers, _ in receiver.taken]
    assert len(set(names)) == len(names) == 3
    ended = [look(row["_id"]) for row in rows]
    assert [(job.state, job.get("failures")) for job in ended] == [(State.SUCCEEDED, 0)] * 3


def test_what_is_read_twice_is_delivered_once(
    subscribed, enqueue, eventually, delivered, engine, database, drain, receiver
):
    subscribed("job.ended", "memory.changed")
    enqueue(INGEST.name, TURN)
    eventually(lambda: len(delivered()) == 2, within=30)
    drain()

    dispatcher = Dispatcher(engine, EVENT_SOURCES)
    eventually(lambda: _took_over(database, dispatcher))
    dispatcher._make_up({})

    assert len(delivered()) == 2


def test_after_a_gap_in_the_log_what_records_say_is_delivered(
    subscribed, receiver, enqueue, eventually, delivered, database, drain
):
    subscribed("job.ended")
    lost = {"resume": {"_data": "82" + "0" * 60}}  # a position that no log reaches back to

    enqueue(INGEST.name, TURN)
    database[POSITION].update_one({"_id": "position"}, {"$set": lost}, upsert=True)

    eventually(lambda: receiver.events("job.ended"), within=30)
    drain()
    assert len(delivered()) == 1


def test_after_a_gap_what_follows_is_read_from_the_log_and_damaged_records_stop_nothing(
    webhooks, engine, database, delivered, monkeypatch
):
    monkeypatch.setattr(dispatching, "_LOOK_SECONDS", 0)
    webhook, _ = webhooks.create(NewWebhook("alice", URL, ["job.ended"]))
    dispatcher = Dispatcher(engine, EVENT_SOURCES)
    # It is this one's turn already, or another that follows might take it first.
    until = webhook["created_at"] + timedelta(minutes=1)
    held = {"held_by": dispatcher._name, "at": webhook["created_at"], "until": until}
    lost = {"_id": "position", **held, "resume": {"_data": "82" + "0" * 60}}
    database[POSITION].replace_one({"_id": "position"}, lost, upsert=True)
    later = webhook["created_at"] + timedelta(seconds=1)
    ended = {"owner": "alice", "type": "x", "state": "succeeded", "ended_at": later}
    database["jobs"].insert_one({"_id": "job_damaged", **ended, "error": 7})
    database["jobs"].insert_one({"_id": "job_whole", **ended})

    assert dispatcher.run_once()

    assert [row["payload"]["data"]["job_id"] for row in delivered()] == ["job_whole"]
    position = database[POSITION].find_one()
    # The log may not reach back to where the webhook began, so that is no place to go on from.
    assert dispatcher._begin(position)["start_at_operation_time"] > webhook["since"]


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


def test_of_several_dispatchers_one_works_and_each_event_is_delivered_once(
    subscribed, engine, database, delivered, monkeypatch, eventually
):
    """The worker of this process has one, too."""
    monkeypatch.setattr(dispatching, "_LOOK_SECONDS", 1)
    webhook, _ = subscribed("job.ended")
    later = webhook["created_at"] + timedelta(seconds=1)
    ended = {"owner": "alice", "type": "x", "state": "succeeded", "ended_at": later}
    database["jobs"].insert_many(
        {"_id": f"job_{n}", **ended, "state": "running"} for n in range(20)
    )
    dispatchers = [Dispatcher(engine, EVENT_SOURCES) for _ in range(2)]

    with ThreadPoolExecutor(2) as pool:
        turns = [pool.submit(dispatcher.run_once) for dispatcher in dispatchers]
        database["jobs"].update_many({"type": "x"}, {"$set": {"state": "succeeded"}})
        worked = [turn.result() for turn in turns]

    assert sum(worked) <= 1
    eventually(lambda: len(delivered()) >= 20, within=30)
    assert sorted(row["payload"]["data"]["job_id"] for row in delivered()) == sorted(
        f"job_{n}" for n in range(20)
    )


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


def test_no_private_address_is_posted_to(webhooks, enqueue, monkeypatch, eventually, look, engine):
    fetcher = Fetcher(resolver=lambda _: ["10.0.0.8"], trusted=frozenset())
    monkeypatch.setattr(delivery, "_fetcher", lambda _: fetcher)
    webhook, _ = webhooks.create(NewWebhook("alice", URL, ["job.ended"]))
    new = delivery_of(webhook, Happened("test:2", "alice", TEST, webhook["created_at"], {}))

    job_id = enqueue(new.type, new.payload)

    job = eventually(lambda: (job := look(job_id)).state is State.DEAD_LETTER and job, within=30)
    assert job.get("error")["type"] == "forbidden"


def _took_over(database, dispatcher):
    database[POSITION].update_one({"_id": "position"}, {"$unset": {"until": ""}})
    return dispatcher._take_turn()
