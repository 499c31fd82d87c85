"""Messages that somebody else has put into a queue, and what real ones say."""

import json

import pika
import pytest

from keepsake.jobs.job import NewJob
from keepsake.memory.job_types import INGEST, MEMORY_QUEUE
from keepsake.webhooks.job_types import DELIVER
from middleware.broker import BrokerSettings
from middleware.notifier import message_arguments

FORGED = [
    {"kwargs": {}},
    {"kwargs": []},
    {"kwargs": None},
    {"kwargs": {"lane": {"$gt": ""}}},
    {"kwargs": {"lane": ["x"]}},
    {"kwargs": {"lane": 5, "job_id": 7}},
    {"kwargs": {"lane": None, "early": True}},
    {"kwargs": {"lane": "x", "early": True}},
    {"kwargs": {"lane": "x", "job_id": {"$gt": ""}, "early": True}},
    {"kwargs": {"multi_lane": True}},
    {"kwargs": {"multi_lane": True, "job_id": {"$gt": ""}}},
    {"kwargs": {"lane": "x" * 100_000}},
    {"args": [1, 2], "kwargs": {"lane": "x"}},
    {"options": {"traceparent": {"a": 1}}, "kwargs": {"lane": "x"}},
    {"options": None, "kwargs": {"lane": "x"}},
    {"actor_name": "scanner.scan", "kwargs": {"lane": "x"}},
    {"actor_name": "nobody", "kwargs": {"lane": "x"}},
    {"actor_name": {"a": 1}, "kwargs": {"job_id": "j", "lane": "x"}},
    {"queue_name": "another", "kwargs": {"job_id": "j", "lane": "x"}},
    {"message_id": 5, "kwargs": {"job_id": "j", "lane": "x"}},
    {"options": {"eta": {}, "throws": "x"}, "kwargs": {"job_id": "j", "lane": "x"}},
    {"kwargs": {"owner": "alice", "payload": {"user_query": "I live in Oslo.", "user_id": "u"}}},
]


def published(queue, forged):
    whole = {"queue_name": queue, "actor_name": INGEST.name, "args": [], "kwargs": {},
             "options": {}, "message_id": "forged", "message_timestamp": 0, **forged}  # fmt: skip
    with pika.BlockingConnection(BrokerSettings().parameters("forger")) as connection:
        connection.channel().basic_publish("", queue, json.dumps(whole).encode())


@pytest.mark.parametrize("queue", [MEMORY_QUEUE.name, f"{MEMORY_QUEUE.name}.overflow"])
def test_forged_messages_run_nothing_and_stop_nothing(enqueue, drain, look, engine, queue):
    for forged in FORGED:
        published(queue, forged)
        published(queue, forged)
    jobs = [enqueue(INGEST.name, {"user_query": f"I own {number} maps.", "user_id": f"u{number}"})
            for number in range(6)]  # fmt: skip

    drain()

    assert [look(job).state for job in jobs] == ["succeeded"] * 6
    # A delivery for a webhook of an earlier test may have come late.
    made = engine.records.jobs.count_documents({"type": {"$ne": DELIVER.name}})
    assert made == len(jobs)


def test_a_message_says_nothing_of_its_owner(engine):
    payload = {"user_query": "I live in Oslo.", "user_id": "carol"}
    job = engine.acceptance.accept(
        NewJob(type=INGEST.name, owner="alice", payload=payload, key="my-own-key")
    ).job

    said = json.dumps(message_arguments(job, notify_next=True))

    assert job.id in said
    assert not any(word in said for word in ("alice", "carol", "Oslo", "my-own-key"))
