"""Worker processes that end by themselves, and whose supervisor starts others in their place."""

import threading

import pytest

from keepsake.jobs.states import State
from tests.faults.conftest import STEADY

pytestmark = pytest.mark.drill
WORKERS = 2


class Supervisor(threading.Thread):
    """Starts a worker again whenever it has ended, until it is to stop; notes how each ended."""

    def __init__(self, start) -> None:
        super().__init__()
        self._start, self._leave, self.codes = start, threading.Event(), []

    def run(self) -> None:
        while not self._leave.is_set():
            worker = self._start()
            while worker.exit_code is None and not self._leave.wait(0.05):
                pass
            if worker.exit_code is not None:
                self.codes.append(worker.exit_code)

    def stop(self) -> None:
        self._leave.set()
        self.join()


@pytest.fixture
def supervised(forked_worker):
    """Keeps workers with some settings; how those have ended that did."""
    supervisors = []

    def keep(**environment):
        supervisors.extend(
            Supervisor(lambda: forked_worker("tests.faults.probes", **STEADY, **environment))
            for _ in range(WORKERS)
        )
        for supervisor in supervisors:
            supervisor.start()
        return lambda: [code for supervisor in supervisors for code in supervisor.codes]

    yield keep
    for supervisor in supervisors:
        supervisor.stop()


def harmed(job) -> bool:
    """Whether an attempt was burnt or a lease lost."""
    attempts = job.get("attempts")
    kinds = {row["outcome"] for row in attempts}
    counted = job.get("crashes") or job.get("failures")
    return bool(counted) or not kinds <= {"succeeded", "released"} or attempts[0]["attempt"] != 1


def test_workers_that_are_replaced_after_some_jobs_lose_none(supervised, post, job, database):
    ended = supervised(KEEPSAKE_WORKER_MAX_JOBS="4")

    done = []
    for _ in range(2):  # the first workers may have claimed all of a round at once
        posted = [post(do="slow_steps", times=2) for _ in range(20)]
        done += [job(job_id, State.SUCCEEDED, within=60) for job_id in posted]

    assert [each.id for each in done if harmed(each)] == []
    which = {"job": {"$in": [each.id for each in done]}}
    assert [row["times"] for row in database["probe"].find(which)] == [1] * 80
    workers = {row["worker"] for each in done for row in each.get("attempts")}
    assert len(workers) > WORKERS
    assert set(ended()) == {0}


def test_what_runs_too_long_for_a_worker_that_ends_is_handed_back(
    supervised, post, job, noted, database, eventually
):
    ended = supervised(KEEPSAKE_WORKER_MAX_MEMORY_MB="1", KEEPSAKE_WORKER_RECYCLE_SECONDS="0.5")
    long = post(do="slow_steps", times=25)
    noted(long, "step-0")
    short = [post(do="slow_steps", times=1) for _ in range(8)]  # whose end shows how large it is

    done = [job(job_id, State.SUCCEEDED, within=60) for job_id in (long, *short)]

    assert [each.id for each in done if harmed(each)] == []
    assert "released" in {row["outcome"] for row in done[0].get("attempts")}
    assert [row["times"] for row in database["probe"].find({"job": long})] == [1] * 25
    assert set(eventually(ended)) == {0}
    drains = [row["drain"] for row in database["workers"].find() if "drain" in row]
    assert {drain["by"] for drain in drains} <= {"itself"}
