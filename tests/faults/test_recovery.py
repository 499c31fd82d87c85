"""How long a job stands still after its worker was killed, over twenty kills."""

import statistics

import pika
import pytest

from keepsake.jobs.relay import Relay
from keepsake.jobs.states import State
from keepsake.jobs.sweeper import Sweeper
from keepsake.memory.job_types import MEMORY_QUEUE
from middleware.broker import BrokerSettings
from tests.faults.conftest import FAST

KILLS = 20
AT_ONCE = 5
LEASE_SECONDS = float(FAST["KEEPSAKE_LEASE_SECONDS"])
SWEEP_SECONDS = float(FAST["KEEPSAKE_SWEEP_SECONDS"])


@pytest.mark.drill
@pytest.mark.timeout(400)
def test_every_killed_workers_job_runs_again(post, probes, job, database, eventually):
    def killed(ids) -> bool:
        return database["probe"].count_documents({"_id": {"$in": [f"{i}:died-1" for i in ids]}})

    waits = []
    for _ in range(KILLS // AT_ONCE):
        doomed = [probes(threads=1) for _ in range(AT_ONCE)]
        ids = [post(do="die", times=1) for _ in range(AT_ONCE)]
        eventually(lambda ids=ids: killed(ids) == AT_ONCE, within=60)
        survivor = probes()
        for job_id in ids:
            record = job(job_id, State.SUCCEEDED, within=60)
            died = database["probe"].find_one({"_id": f"{job_id}:died-1"})["at"]
            waits.append((record.get("attempts")[0]["started_at"] - died).total_seconds())
        survivor.kill()
        eventually(lambda doomed=doomed: not any(worker.running for worker in doomed), within=30)

    waits.sort()
    print(
        f"lost=0 duplicated=0 recovered={len(waits)}; crash to running again: "
        f"p50 {statistics.median(waits):.2f} s, p99 {waits[-1]:.2f} s, "
        f"lease {LEASE_SECONDS} s + sweep {SWEEP_SECONDS} s"
    )
    assert len(waits) == KILLS


def purged() -> int:
    """How many messages RabbitMQ just lost."""
    with pika.BlockingConnection(BrokerSettings().parameters("test")) as connection:
        return connection.channel().queue_purge(MEMORY_QUEUE.name).method.message_count


def test_a_notification_that_is_lost_after_a_job_was_taken_back_is_soon_repeated(
    post, probes, job, engine, eventually
):
    job_id = post(do="die", times=1)
    engine.records.jobs.update_one({"_id": job_id}, {"$set": {"notifications": 10}})
    doomed = probes(threads=1)

    def died():
        """Its relay notifies at once, should nobody have come."""
        waiting = {"_id": job_id, "state": State.PENDING}
        engine.records.jobs.update_one(waiting, {"$currentDate": {"notify_at": True}})
        return not doomed.running

    eventually(died, within=60)
    eventually(purged, within=30)
    eventually(Sweeper(engine.records, engine.dead_letters).run_once)

    def notify(*_, settled, **__):
        settled(True)

    assert Relay(engine.records, notify, lambda _queue: 0).run_once() == 1

    probes(threads=1)
    job(job_id, State.SUCCEEDED, within=45)  # to wait the longest it would be a minute
