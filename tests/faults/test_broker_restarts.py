"""RabbitMQ goes away and comes back while workers are busy."""

from keepsake.jobs.states import State
from tests.faults.conftest import STEADY


def test_jobs_in_flight_survive_a_restart_of_rabbitmq(
    post, probes, job, rabbitmq, kept_queues, database
):
    probes(**STEADY)
    kept_queues()
    ids = [post(do="slow_steps") for _ in range(12)]

    rabbitmq.kill()
    rabbitmq.start()

    for job_id in ids:
        job(job_id, State.SUCCEEDED, within=60)
    times = [row["times"] for row in database["probe"].find({"job": {"$in": ids}})]
    duplicated = sum(times) - 5 * len(ids)
    print(f"lost=0 duplicated={duplicated} recovered=0")
    assert (len(times), duplicated) == (5 * len(ids), 0)
