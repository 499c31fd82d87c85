"""Dispatchers follow the log of changes, one at a time, and make up for its gaps."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from keepsake.memory.job_types import INGEST
from keepsake.parts import EVENT_SOURCES
from keepsake.storage import StorageError
from keepsake.webhooks import dispatcher as dispatching
from keepsake.webhooks.dispatcher import Dispatcher
from keepsake.webhooks.records import POSITION, NewWebhook
from keepsake.webhooks.sources import JOB_ENDED
from tests.factories import a_job
from tests.integration.actors.webhooks.conftest import TURN, URL

LOST = {"_data": "82" + "0" * 60}
"""A position that no log reaches back to."""


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

    enqueue(INGEST.name, TURN)
    database[POSITION].update_one({"_id": "position"}, {"$set": {"resume": LOST}}, upsert=True)

    eventually(lambda: receiver.events("job.ended"), within=30)
    drain()
    assert len(delivered()) == 1


def test_after_a_gap_what_follows_is_read_from_the_log_and_damaged_records_stop_nothing(
    webhooks, engine, database, delivered, monkeypatch
):
    monkeypatch.setattr(dispatching, "_LOOK_SECONDS", 0)
    webhook, _ = webhooks.create(NewWebhook("alice", URL, ["job.ended"]))
    dispatcher = Dispatcher(engine, EVENT_SOURCES)
    _at(database, dispatcher, webhook, resume=LOST)
    later = webhook["created_at"] + timedelta(seconds=1)
    ended = {"owner": "alice", "type": "x", "state": "succeeded", "ended_at": later}
    database["jobs"].insert_one({"_id": "job_damaged", **ended, "error": 7})
    database["jobs"].insert_one({"_id": "job_whole", **ended})

    assert dispatcher.run_once()

    assert [row["payload"]["data"]["job_id"] for row in delivered()] == ["job_whole"]
    position = database[POSITION].find_one()
    # The log may not reach back to where the webhook began, so that is no place to go on from.
    assert dispatcher._begin(position)["start_at_operation_time"] > webhook["since"]


@pytest.mark.parametrize(
    "faulty",
    [replace(JOB_ENDED, change={"$no_such_operator": 1}), replace(JOB_ENDED, stages=[{"$no": 1}])],
    ids=["log", "records"],
)
def test_what_mongodb_refuses_for_another_cause_is_no_gap(
    webhooks, engine, database, delivered, caplog, faulty, monkeypatch, eventually
):
    monkeypatch.setattr(dispatching, "_LOOK_SECONDS", 0.5)
    webhook, _ = webhooks.create(NewWebhook("alice", URL, ["job.ended"]))
    job = engine.acceptance.accept(a_job()).job
    dispatcher = Dispatcher(engine, [faulty])
    _at(database, dispatcher, webhook, begin=webhook["since"])
    before = database[POSITION].find_one({}, {"until": 0})

    engine.control.cancel("alice", job.id, by="alice")
    with pytest.raises(StorageError, match=r"MongoDB refused \(OperationFailure \d+\)"):
        dispatcher.run_once()

    assert "webhooks.gap" not in caplog.messages
    assert database[POSITION].find_one({}, {"until": 0}) == before
    _at(database, whole := Dispatcher(engine, [JOB_ENDED]), webhook, begin=webhook["since"])
    eventually(lambda: whole.run_once() and delivered(), within=30)
    assert [row["payload"]["data"]["job_id"] for row in delivered()] == [job.id]


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


def _at(database, dispatcher, webhook, **position):
    """It is this one's turn already, or another that follows might take it first."""
    until = webhook["created_at"] + timedelta(minutes=1)
    held = {"held_by": dispatcher._name, "at": webhook["created_at"], "until": until}
    whole = {"_id": "position", **held, **position}
    database[POSITION].replace_one({"_id": "position"}, whole, upsert=True)


def _took_over(database, dispatcher):
    database[POSITION].update_one({"_id": "position"}, {"$unset": {"until": ""}})
    return dispatcher._take_turn()
