"""A worker dies with -9, or is stopped past its lease, at every point of a job's life."""

import signal

import pytest

from middleware.faults import KILLS, LOST_ANSWERS, VARIABLE
from tests.faults.conftest import STEADY

TURN = {"user_query": "I live in Lisbon and I am allergic to peanuts.", "user_id": "u1"}
MEMORIES = 3


@pytest.fixture
def outcome(client, database, ended, record_property):
    """Follows jobs to their end and counts in the database what became of them."""

    def look(*jobs):
        done = ended(*jobs)
        ids = [job["job_id"] for job in jobs]
        lost = sum(job["status"] != "succeeded" for job in done)
        effects = database["memories"].count_documents({"provenance.job_id": {"$in": ids}})
        duplicated = effects - MEMORIES * len(jobs)
        recovered = database["jobs"].count_documents({"crashes": {"$gt": 0}})
        print(f"lost={lost} duplicated={duplicated} recovered={recovered}")
        assert (lost, duplicated) == (0, 0)
        return recovered

    return look


@pytest.mark.parametrize("point", [p for p in KILLS if p != "after_checkpoint"])
def test_a_worker_killed_anywhere_loses_and_repeats_nothing(
    client, fast_worker, eventually, outcome, point
):
    at_work = point in {"after_claim", "after_effect"}
    doomed = fast_worker(**({} if at_work else STEADY), **{VARIABLE: point})
    job = client.post("/v2/memory/ingest", json=TURN).json()
    eventually(lambda: not doomed.running, within=60)
    fast_worker(**STEADY)

    recovered = outcome(job)

    assert recovered == (1 if at_work else 0)


@pytest.mark.parametrize("point", [p for p in LOST_ANSWERS if p != "checkpoint_answer_lost"])
def test_a_lost_answer_of_the_database_loses_and_repeats_nothing(
    client, fast_worker, outcome, point
):
    fast_worker(**{VARIABLE: point})

    outcome(client.post("/v2/memory/ingest", json=TURN).json())


def test_a_worker_that_slept_past_its_lease_harms_nothing(
    client, fast_worker, database, outcome, eventually
):
    def asleep_in_a_job() -> bool:
        sleeper.signal(signal.SIGSTOP)
        if database["jobs"].count_documents({"state": "running"}):
            return True
        sleeper.signal(signal.SIGCONT)
        return False

    sleeper = fast_worker()
    jobs = [client.post("/v2/memory/ingest", json={**TURN, "user_id": f"u{n}"}).json()
            for n in range(40)]  # fmt: skip
    eventually(asleep_in_a_job, within=60)
    fast_worker()

    assert outcome(*jobs) >= 1

    sleeper.signal(signal.SIGCONT)
    outcome(*jobs)
    assert sleeper.running


@pytest.mark.drill
def test_workers_killed_again_and_again_under_load_lose_and_repeat_nothing(
    client, fast_worker, outcome, database, eventually
):
    def done() -> int:
        return database["jobs"].count_documents({"state": "succeeded"})

    jobs = [client.post("/v2/memory/ingest", json={**TURN, "user_id": f"u{n}"}).json()
            for n in range(120)]  # fmt: skip
    for goal in (10, 30, 50):
        doomed = fast_worker()
        eventually(lambda goal=goal: done() >= goal, within=30)
        doomed.kill()
    fast_worker()

    outcome(*jobs)


def test_a_shutdown_finishes_or_hands_back_what_runs(
    client, fast_worker, outcome, eventually, database
):
    leaving = fast_worker(**STEADY)
    jobs = [client.post("/v2/memory/ingest", json={**TURN, "user_id": f"u{n}"}).json()
            for n in range(60)]  # fmt: skip
    eventually(lambda: database["jobs"].count_documents({"state": "succeeded"}), within=60)
    leaving.stop(grace_seconds=60)
    assert leaving.exit_code == 0
    fast_worker(**STEADY)

    assert outcome(*jobs) == 0
