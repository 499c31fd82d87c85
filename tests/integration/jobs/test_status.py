"""How the end of an attempt is recorded, by the middleware over a real engine."""

import pytest

from keepsake.jobs.attempt import Attempt
from keepsake.jobs.states import State
from middleware import running
from middleware.status import Status
from tests.factories import a_job


@pytest.mark.parametrize("result", [2**70, object(), "\ud800"])
def test_a_result_that_cannot_be_stored_gives_the_job_up(engine, result):
    job = engine.acceptance.accept(a_job()).job
    run = running.begin(Attempt(engine.claims, engine.claims.claim(job.lane, "w"), 30))
    run.result = result

    Status(engine, None, "w").after_process_message(None, None)

    ended = engine.control.get("alice", job.id)
    assert (ended.state, ended.get("error")["kind"]) == (State.DEAD_LETTER, "permanent")
    assert ended.get("error")["message"] == "its result cannot be stored"
