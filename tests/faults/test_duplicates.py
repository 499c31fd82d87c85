"""The same message twice."""

from keepsake.jobs.engine import Engine
from keepsake.parts import job_types
from middleware.stack import publishing_stack
from tests.faults.conftest import STEADY

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}


def test_a_message_delivered_many_times_runs_once(client, database, fast_worker, ended):
    engine = Engine.over(database, job_types())
    publishing = publishing_stack(engine)
    posted = client.post("/v2/memory/ingest", json=TURN).json()
    job = engine.control.get("alice", posted["job_id"])
    for _ in range(9):
        assert publishing.notifier.notify(job)
    fast_worker(**STEADY)

    done = ended(posted)[0]

    publishing.broker.close()
    assert (done["status"], done["attempt"]) == ("succeeded", 1)
    assert engine.control.get("alice", posted["job_id"]).get("token") == 1
    assert database["memory_ledger"].count_documents({}) == 1
