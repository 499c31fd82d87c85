from types import SimpleNamespace

from keepsake.jobs.job import Job
from keepsake.memory.job_types import INGEST
from keepsake.parts import job_types
from middleware import running
from middleware.running import Retry
from middleware.status import Retries


def test_what_is_raised_around_an_actor_is_a_failure_and_no_success():
    job = Job({"_id": "job_1", "type": INGEST.name, "limits": {"max_attempts": 8}})
    attempt = SimpleNamespace(claim=SimpleNamespace(attempt=1, job=job))
    run = running.begin(attempt)
    try:
        Retries(job_types()).after_process_message(None, None, exception=LookupError("no actor"))
    finally:
        running.end()

    assert isinstance(run.decision, Retry)
    assert run.decision.error["exception"] == "LookupError"
