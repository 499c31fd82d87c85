"""Two versions of the type table side by side, and a rollback: real workers of each."""

from itertools import pairwise

import pytest

from keepsake.jobs.engine import Engine
from keepsake.jobs.job import NewJob
from keepsake.jobs.settings import JobSettings
from keepsake.jobs.states import ENDED, State
from keepsake.memory.job_types import INGEST, MEMORY_QUEUE
from middleware.stack import publishing_stack
from tests.faults.conftest import STEADY
from tests.faults.newer_types import FUTURE, NEWER

SOON = {"KEEPSAKE_NOTIFY_AGAIN_AFTER_MAX_SECONDS": "1"}


@pytest.fixture
def newer(database, empty_queues):
    """The newer version's engine, as its web process has it."""
    return Engine.over(database, NEWER, JobSettings(notify_again_after_seconds=1))


@pytest.fixture
def accept(newer):
    """Accepts a job of either type and notifies, as the newer version's web does."""
    publishing = publishing_stack(newer)

    def post(job_type, **payload):
        lane = payload.pop("lane", None)
        new = NewJob(type=job_type, owner="alice", payload=payload, lane=lane, force=True)
        job = newer.acceptance.accept(new).job
        publishing.notifier.notify(job)
        return job.id

    yield post
    publishing.broker.close()


@pytest.fixture
def older_worker(forked_worker):
    return lambda **more: forked_worker(
        "tests.faults.versions", PROBE_VERSION="older", **SOON, **more
    )


@pytest.fixture
def newer_worker(forked_worker):
    return lambda **more: forked_worker(
        "tests.faults.versions", PROBE_VERSION="newer", **SOON, **more
    )


def test_two_versions_side_by_side_run_all_jobs_once_and_in_order(
    accept, older_worker, newer_worker, newer, database, eventually
):
    lanes = {f"L{n}": [] for n in range(4)}
    older_worker(**STEADY)
    newer_worker(**STEADY)
    for number in range(24):
        job_type = FUTURE if number % 2 else INGEST.name
        for lane in list(lanes)[number // 2 % 4 :: 2]:
            lanes[lane].append(accept(job_type, lane=lane, n=number))
    every = [job_id for jobs in lanes.values() for job_id in jobs]

    eventually(
        lambda: newer.records.jobs.count_documents({"state": State.SUCCEEDED}) == len(every),
        within=90,
    )

    ran = list(database["probe"].find())
    effect = {row["job"]: row for row in ran}
    assert sorted(row["job"] for row in ran) == sorted(every)
    assert {row["version"] for row in ran if row["type"] == FUTURE} == {"newer"}
    for jobs in lanes.values():
        for former, following in pairwise(jobs):
            assert effect[former]["ended_at"] <= effect[following]["began_at"]
    assert newer.records.jobs.count_documents({"crashes": {"$gt": 0}}) == 0


def test_after_a_rollback_the_older_version_works_on_and_leaves_the_newer_ones_jobs(
    accept, older_worker, newer_worker, newer, engine, database, eventually
):
    first = newer_worker(KEEPSAKE_LEASE_SECONDS="3")
    held = accept(FUTURE, hang=True)
    eventually(lambda: database["probe"].count_documents({"job": held}), within=60)
    waiting = accept(FUTURE, lane="L")
    behind = accept(INGEST.name, lane="L")
    eventually(lambda: newer.control.get("alice", behind).state is State.SUCCEEDED, within=60)
    first.kill()
    left = accept(FUTURE, lane="M")
    younger = accept(INGEST.name, lane="M")
    before = newer.records.jobs.find_one({"_id": left})

    older_worker()
    ordinary = [accept(INGEST.name, n=n) for n in range(10)]
    for job_id in ordinary:
        eventually(
            lambda job_id=job_id: engine.control.get("alice", job_id).state in ENDED, within=60
        )
    differs = eventually(
        lambda: (counts := engine.overview.divergence()).lease_expired and counts, within=20
    )

    assert (differs.unknown, differs.lease_expired) == (1, 1)
    assert newer.records.jobs.find_one({"_id": left}) == before
    assert engine.control.get("alice", younger).state is State.PENDING
    assert engine.control.get("alice", held).state is State.RUNNING
    assert engine.overview.queue(MEMORY_QUEUE.name).waiting >= 2

    newer_worker()
    for job_id in (held, waiting, left, younger):
        eventually(
            lambda job_id=job_id: newer.control.get("alice", job_id).state is State.SUCCEEDED,
            within=60,
        )


def test_a_message_of_another_versions_actor_serves_its_lane(
    accept, older_worker, newer, database, eventually
):
    """The head of its lane is one that the older version could claim, but not by this message."""
    publishing = publishing_stack(newer)
    head = newer.acceptance.accept(
        NewJob(type=INGEST.name, owner="alice", payload={}, lane="L")
    ).job
    future = newer.acceptance.accept(
        NewJob(type=FUTURE, owner="alice", payload={"n": 1}, lane="L")
    ).job
    older_worker(**STEADY)
    for _ in range(5):
        publishing.notifier.notify(future)
    ended = eventually(
        lambda: (job := newer.control.get("alice", head.id)).state is State.SUCCEEDED and job,
        within=60,
    )
    publishing.broker.close()

    assert ended.get("result") == {"version": "older"}
    assert [row["job"] for row in database["probe"].find()] == [head.id]
