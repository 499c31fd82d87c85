"""From a posted turn to a memory that is found."""

import json

import pika
import pytest

from middleware.broker import BrokerSettings

TURN = {"user_query": "I live in Lisbon and I am allergic to peanuts.", "user_id": "u1"}


@pytest.fixture
def finished(eventually):
    def wait(client, job):
        def ended():
            now = client.get(job["status_url"]).json()
            return now if now["ended_at"] else None

        return eventually(ended, within=30)

    return wait


def test_an_accepted_turn_becomes_a_memory_that_is_found(alice, worker, finished):
    worker()

    accepted = alice.post("/v2/memory/ingest", json=TURN)

    job = accepted.json()
    assert accepted.status_code == 202
    assert accepted.headers["Location"] == job["status_url"] == f"/v1/jobs/{job['job_id']}"
    assert int(accepted.headers["Retry-After"]) >= 1
    assert (job["status"], job["attempt"], job["error"]) == ("pending", 0, None)
    done = finished(alice, job)
    assert (done["status"], done["attempt"]) == ("succeeded", 1)
    assert done["result"]["profile"]["weaver"] == {"succeeded": 2, "skipped": 0, "failed": 0}
    answer = alice.post("/v1/memory/search", json={"query": "peanut allergy", "user_id": "u1"})
    assert answer.json()["data"]["results"][0]["content"].endswith("allergic to peanuts.")


def test_v1_ingest_answers_with_xmems_envelope(alice):
    answer = alice.post("/v1/memory/ingest", json=TURN).json()

    assert set(answer) == {"status", "request_id", "data", "error", "elapsed_ms"}
    assert (answer["status"], answer["error"]) == ("ok", None)
    assert set(answer["data"]) == {
        "model", "classification", "profile", "temporal", "summary", "image",
    }  # fmt: skip
    assert answer["data"]["profile"]["operations"][0]["type"] == "ADD"


def test_memories_are_found_by_their_owner_and_user_only(alice, clients):
    alice.post("/v1/memory/ingest", json=TURN)
    question = {"query": "peanuts", "user_id": "u1"}

    assert alice.post("/v1/memory/search", json=question).json()["data"]["total"] == 3
    others = clients("bob").post("/v1/memory/search", json=question).json()
    assert others["data"] == {"results": [], "total": 0}
    another_user = alice.post("/v1/memory/search", json={**question, "user_id": "u2"}).json()
    assert another_user["data"]["total"] == 0


def test_anothers_job_and_an_unknown_one_look_the_same(alice, clients):
    job = alice.post("/v2/memory/ingest", json=TURN).json()

    others = clients("bob").get(job["status_url"])
    unknown = clients("bob").get("/v1/jobs/job_unknown")

    assert others.status_code == unknown.status_code == 404
    assert others.json() == unknown.json()
    assert others.headers["content-type"] == "application/problem+json"


def test_a_job_never_shows_its_payload(alice):
    job = alice.post("/v2/memory/ingest", json=TURN)

    assert "Lisbon" not in job.text
    assert "Lisbon" not in alice.get(job.json()["status_url"]).text


def test_the_same_key_gives_the_same_job(alice):
    headers = {"Idempotency-Key": "k1"}
    first = alice.post("/v2/memory/ingest", json=TURN, headers=headers)
    second = alice.post("/v2/memory/ingest", json=TURN, headers=headers)

    assert second.json()["job_id"] == first.json()["job_id"]
    assert second.headers["Idempotency-Replayed"] == "true"
    other = {**TURN, "user_query": "other"}
    refused = alice.post("/v2/memory/ingest", json=other, headers=headers)
    assert (refused.status_code, refused.json()["job_id"]) == (422, first.json()["job_id"])


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"user_query": ""}, "/user_query"),
        ({"user_query": "x" * 10_001}, "/user_query"),
        ({"agent_response": "x" * 10_001}, "/agent_response"),
        ({"user_id": "a b"}, "/user_id"),
        ({"session_datetime": "yesterday"}, "/session_datetime"),
        ({"effort_level": "max"}, "/effort_level"),
    ],
)
def test_a_bad_request_says_where_and_what(alice, fault, pointer):
    v2 = alice.post("/v2/memory/ingest", json={**TURN, **fault})

    assert (v2.status_code, v2.headers["content-type"]) == (422, "application/problem+json")
    assert v2.json()["errors"][0]["pointer"] == pointer
    assert "xxx" not in v2.text
    v1 = alice.post("/v1/memory/ingest", json={**TURN, **fault})
    assert (v1.status_code, v1.json()["status"]) == (422, "error")
    assert pointer in v1.json()["error"]


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc", "Bearer"])
def test_without_a_good_key_there_is_a_challenge(clients, header):
    client = clients(None)
    headers = {"Authorization": header} if header else {}

    for answer in (
        client.get("/v1/jobs/job_x", headers=headers),
        client.post("/v2/memory/ingest", json=TURN, headers=headers),
        client.post("/v1/memory/search", json={"query": "x"}, headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_readiness_names_each_part(alice, worker, eventually):
    assert alice.get("/healthz").json() == {"status": "ok"}
    without = alice.get("/readyz")
    assert (without.status_code, without.json()["status"]) == (200, "degraded")
    assert without.json()["workers"] == "none alive"

    worker()

    whole = {"status": "ready", "mongodb": "ok", "rabbitmq": "ok", "workers": "ok"}
    eventually(lambda: alice.get("/readyz").json() == whole, within=60)


def test_a_clients_trace_goes_from_the_request_to_the_message_and_the_attempts_log(
    alice, worker, finished, database
):
    process = worker()
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}

    job = alice.post("/v2/memory/ingest", json=TURN, headers=headers).json()

    assert finished(alice, job)["status"] == "succeeded"
    assert database["jobs"].find_one({"_id": job["job_id"]})["trace"].split("-")[1] == trace
    log = process.log.read_text().splitlines()
    (line,) = [line for line in log if "attempt.ended" in line]
    assert json.loads(line)["trace_id"] == trace


def test_the_message_shows_operators_what_it_is_and_nothing_private(alice, rabbitmq, eventually):
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        channel = connection.channel()
        channel.queue_purge("keepsake.memory")
        job = alice.post("/v2/memory/ingest", json=TURN).json()

        def taken():
            """Its message; those of tests before may come late."""
            method, *message = channel.basic_get("keepsake.memory", auto_ack=True)
            return message if method and message[0].message_id == job["job_id"] else None

        properties, body = eventually(taken)

    assert properties.type == "memory.ingest"
    assert (properties.app_id, properties.delivery_mode) == ("keepsake", 2)
    assert properties.timestamp
    assert not [word for word in ("Lisbon", "alice", "u1") if word.encode() in body]
