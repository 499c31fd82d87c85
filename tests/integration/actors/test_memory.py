from datetime import UTC, datetime, timedelta

import dramatiq
import pytest

from keepsake.inference import MINILM
from keepsake.jobs.states import State
from keepsake.memory.job_types import BATCH_INGEST, EMBED, INGEST, MEMORY_QUEUE, SCRAPE
from keepsake.parts import job_types
from middleware.broker import Undeliverable
from middleware.notifier import Notifier
from tests.factories import a_job

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


def test_a_turn_is_ingested(enqueue, drain, look):
    job = enqueue(INGEST.name, TURN)
    drain()
    assert look(job).get("result")["profile"]["weaver"]["succeeded"] == 1


def test_vectors_of_another_model_are_made_anew(enqueue, drain, look, database):
    enqueue(INGEST.name, TURN)
    drain()
    database["memories"].update_many({}, {"$set": {"embedded_by": "another", "schema": 3}})

    job = enqueue(EMBED.name, {"user_id": "u1", "model": MINILM.name})
    other = enqueue(EMBED.name, {"user_id": "u1", "model": "another"})
    drain()

    assert look(job).get("result") == {"embedded": 2}
    assert look(other).get("result") == {"embedded": 0}
    assert database["memories"].distinct("embedded_by") == [MINILM.name]


def test_a_turn_for_later_runs_when_it_is_due(enqueue, engine, look, eventually):
    job = enqueue(INGEST.name, TURN, run_at=datetime.now(UTC) + timedelta(hours=1))
    assert look(job).state is State.SCHEDULED

    engine.records.jobs.update_one({"_id": job}, [{"$set": {"run_at": "$$NOW"}}])
    due = look(job).get("run_at")
    eventually(lambda: look(job).state is State.SUCCEEDED, within=30)

    assert look(job).get("started_at") >= due
    states = [row["state"] for row in look(job, history=True).get("state_history")]
    assert states == ["scheduled", "pending", "running", "succeeded"]


def test_a_payload_that_does_not_fit_is_given_up_at_once_and_quotes_no_user(enqueue, drain, look):
    job = enqueue(INGEST.name, {"user_query": ["secret words"], "user_id": "u1"})
    drain()

    ended = look(job)
    assert (ended.state, ended.get("error")["kind"]) == (State.DEAD_LETTER, "permanent")
    assert ended.get("failures") == 1
    assert "secret words" not in ended.get("error")["message"]


@pytest.mark.parametrize(
    ("job_type", "payload"),
    [
        (INGEST.name, TURN),
        (BATCH_INGEST.name, {"items": [TURN, {"user_query": "I saw Ana today."}]}),
        (SCRAPE.name, {"transcript": "User: I live in Lisbon.\nUser: I left yesterday.",
                                 "user_id": "u1"}),
    ],
)  # fmt: skip
def test_what_has_no_time_of_its_own_was_said_when_its_job_was_accepted(
    enqueue, drain, look, database, job_type, payload
):
    job = enqueue(job_type, payload)
    drain()

    accepted = look(job).accepted_at
    assert abs(accepted - look(job).get("created_at")) < timedelta(minutes=1)
    documents = list(database["memories"].find({"provenance.job_id": job}))
    assert {document["kind"] for document in documents} == {"turn", "memory"}
    assert {
        moment for document in documents for moment in (document["said_at"], document["valid_from"])
    } == {accepted}


def test_a_job_in_the_overflow_runs_after_all_that_wait_ahead(engine, broker, drain, look):
    job = engine.acceptance.accept(a_job(payload=TURN)).job
    assert Notifier(broker, job_types()).notify(job, overflow=True)
    drain(within=10)

    assert look(job.id).state is State.SUCCEEDED
    ahead, behind = (broker.get_actor(name) for name in ("memory.ingest", "memory.ingest.overflow"))
    assert (ahead.queue_name, behind.queue_name) == (
        MEMORY_QUEUE.name,
        MEMORY_QUEUE.overflow_name,
    )
    assert behind.priority > ahead.priority


def test_turns_of_one_user_are_remembered_in_order(enqueue, drain, look, database):
    cities = ["Paris", "Berlin", "Rome", "Oslo", "Lima"]
    for city in cities:
        enqueue(INGEST.name, {**TURN, "user_query": f"I live in {city}."}, lane="u1")
    drain()

    valid = list(database["memories"].find({"domain": "profile", "valid_to": None}))
    assert [memory["content"] for memory in valid] == ["I live in Lima."]


def test_a_batch_of_several_users_comes_before_later_turns_of_each(enqueue, drain, database):
    users = ["u1", "u2", "u3"]
    said = [{**TURN, "user_query": "I live in Paris.", "user_id": user} for user in users]
    first = {**TURN, "user_query": "I live in Rome.", "user_id": "u2"}
    enqueue(INGEST.name, first, lane="u2")
    batch = {"items": said}
    enqueue(BATCH_INGEST.name, batch, lane="u1", further_lanes=("u2", "u3"))
    for user in users:
        later = {**TURN, "user_query": "I live in Berlin.", "user_id": user}
        enqueue(INGEST.name, later, lane=user)
    drain()

    lived = database["memories"].find({"domain": "profile"}).sort("valid_from", 1)
    homes = {user: [] for user in users}
    for memory in lived:
        homes[memory["user_id"]].append((memory["content"][10:-1], memory["valid_to"] is None))
    assert homes["u2"][-1] == ("Berlin", True)
    assert [home for home, _ in homes["u2"]] == ["Rome", "Paris", "Berlin"]
    assert all(homes[user] == [("Paris", False), ("Berlin", True)] for user in ("u1", "u3"))


def test_a_message_sent_by_hand_has_a_record_and_carries_no_payload(drain, database, broker):
    sent = broker.get_actor(INGEST.name).send(owner="alice", payload=TURN)
    drain()

    assert set(sent.kwargs) == {"job_id", "lane"}
    record = database["jobs"].find_one({"_id": sent.kwargs["job_id"]})
    assert (record["state"], record["owner"]) == ("succeeded", "alice")


@pytest.mark.parametrize("kwargs", [{}, {"owner": "alice"}, {"payload": {}}, {"nonsense": 1}])
def test_a_message_without_owner_and_payload_is_not_published(broker, kwargs):
    with pytest.raises(Undeliverable):
        broker.get_actor(INGEST.name).send(**kwargs)


def test_a_delay_is_refused_since_delays_wait_in_the_database(broker):
    actor = broker.get_actor(INGEST.name)

    with pytest.raises(Undeliverable):
        actor.send_with_options(kwargs={"owner": "alice", "payload": TURN}, delay=1000)


def test_the_actors_use_our_broker(broker):
    assert broker is dramatiq.get_broker()
    assert broker.get_declared_queues() == {
        "keepsake.memory", "keepsake.memory.overflow", "keepsake.scanner",
        "keepsake.webhooks", "keepsake.webhooks.overflow",
    }  # fmt: skip
