"""What something outside does to a job while it is away: it waits, and loses nothing."""

from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

import pytest
from bson import Timestamp

from keepsake.jobs.attempt import Attempt
from keepsake.jobs.errors import Outage
from keepsake.jobs.expressions import ATTEMPTS_KEPT
from keepsake.jobs.states import State
from keepsake.jobs.sweeper import Sweeper
from keepsake.parts import job_types
from keepsake.storage.mongo import StorageUnavailable
from middleware import running
from middleware.running import Retry
from middleware.status import Retries, Status
from tests.factories import a_job, claimed
from web.job_views.schemas import AttemptView, JobView

AWAY = {"kind": "outage", "type": "outage", "message": "the host does not answer", "attempt": 1}
BROKEN = {"kind": "transient", "type": "transient", "message": "broken", "attempt": 1}


def again(engine, job, error=AWAY, *, outage=True):
    """One try of a job that fails, and is due at once."""
    claim = engine.claims.claim(job.lane, "w")
    return engine.claims.retry(claim, error, 0, outage=outage)


def test_an_outage_burns_no_attempt_however_often_it_is_met(engine):
    job = engine.acceptance.accept(a_job()).job

    for _ in range(job_types()[job.type].limits.max_attempts + 3):
        met = again(engine, job)

    view = JobView.of(met)
    assert (view.status, view.attempt, met.get("failures")) == (State.RETRYING, 1, 0)
    assert (view.error.kind, view.error.message) == ("outage", "the host does not answer")
    assert engine.claims.claim(job.lane, "w").attempt == 1


def test_its_attempt_goes_on_in_one_row_of_the_history_that_counts_them(engine):
    job = engine.acceptance.accept(a_job()).job
    again(engine, job, BROKEN, outage=False)
    for _ in range(ATTEMPTS_KEPT + 5):
        met = again(engine, job)
    claim = engine.claims.claim(job.lane, "w")

    rows = [AttemptView.of(row, diagnosed=False) for row in met.get("attempts")]
    assert [(row.attempt, row.outcome, row.outages) for row in rows] == [
        (2, "outage", ATTEMPTS_KEPT + 5), (1, "failed", 0),
    ]  # fmt: skip
    assert [row.error.kind for row in rows] == ["outage", "transient"]
    ended = engine.claims.succeed(claim, None)
    assert [(row["outcome"], row.get("error")) for row in ended.get("attempts")][:1] == [
        ("succeeded", None)
    ]


def test_a_failure_after_outages_is_the_first(engine):
    job = engine.acceptance.accept(a_job()).job
    again(engine, job)
    failed = again(engine, job, BROKEN, outage=False)

    assert (failed.get("failures"), failed.get("outages")) == (1, 0)


def test_a_checkpoint_begins_the_waits_anew(engine):
    job = engine.acceptance.accept(a_job()).job
    again(engine, job)
    again(engine, job)
    claim = engine.claims.claim(job.lane, "w")
    assert claim.outages == 2

    engine.claims.save(claim, {"checkpoint": {"n": 1}})
    engine.claims.release(claim)

    assert engine.claims.claim(job.lane, "w").outages == 0


def test_a_job_whose_deadline_passes_is_a_timeout_that_names_the_outage(engine, eventually):
    job = engine.acceptance.accept(a_job(total_seconds=0.4)).job
    claim = engine.claims.claim(job.lane, "w")
    engine.claims.retry(claim, AWAY, 300, outage=True)

    eventually(Sweeper(engine.records, engine.dead_letters).run_once)

    letter = engine.records.database["dead_letters"].find_one({"_id": job.id})
    assert letter["error"]["kind"] == "timeout"
    assert letter["error"]["message"].endswith("during an outage: the host does not answer")
    assert (letter["failures"], letter["attempts"][0]["outages"]) == (0, 1)


def test_an_outage_past_every_backoff_is_notified_within_the_longest(engine):
    claim = claimed(engine)
    decide = Retries(job_types(), Random(1))
    claim.job.record["outages"] = 500
    run = running.Run(Attempt(engine.claims, claim, 30), 0, failure=Outage("away"))

    decision = decide.decide(run)

    assert isinstance(decision, Retry)
    assert decision.outage
    assert decision.delay_seconds <= job_types()[claim.job.type].limits.backoff_max_seconds


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (Outage("away"), ("outage", "outage", "away")),
        (StorageUnavailable("weaving: MongoDB does not answer"),
         ("outage", "database-away", "weaving: MongoDB does not answer")),
    ],
)  # fmt: skip
def test_the_last_attempt_is_no_last_one_in_an_outage(engine, failure, told):
    claim = claimed(engine)
    claim.job.record["failures"] = job_types()[claim.job.type].limits.max_attempts
    run = running.begin(Attempt(engine.claims, claim, 30))
    run.failure = failure
    run.decision = Retries(job_types()).decide(run)

    Status(engine, None, "w").after_process_message(None, None)

    job = engine.control.get("alice", claim.job.id)
    error = job.get("error")
    assert (job.state, run.outcome) == (State.RETRYING, "outage")
    assert (error["kind"], error["type"], error["message"]) == told


def test_what_the_host_asks_for_is_waited_for(engine):
    limits = job_types()["memory.ingest"].limits
    claim = claimed(engine)
    waits = []
    for asked in (None, 77, 9_999):
        run = running.Run(Attempt(engine.claims, claim, 30), 0, failure=Outage("busy", asked))
        waits.append(Retries(job_types(), Random(1)).decide(run).delay_seconds)

    assert waits[0] <= limits.backoff_base_seconds
    assert waits[1:] == [77, limits.backoff_max_seconds]


def test_who_may_be_overtaken_has_the_place_of_one_accepted_when_it_is_due(engine):
    accept = partial(_accept, engine)
    first = accept(1)
    before = accept(2)
    claim = engine.claims.claim("L", "w")
    engine.claims.retry(claim, AWAY, 60, outage=True, overtaken=True)
    meanwhile = accept(3)
    engine.control.retry("alice", first.id, by="alice")
    hour = datetime.now(UTC) + timedelta(hours=1)
    late = accept(4)
    engine.records.jobs.update_one({"_id": late.id}, {"$set": {"accepted": Timestamp(hour, 0)}})

    ran = []
    while (claim := engine.claims.claim("L", "w")) is not None:
        ran.append(claim.job.id)
        engine.claims.succeed(claim, None)

    assert ran == [before.id, meanwhile.id, first.id, late.id]


def _accept(engine, n):
    return engine.acceptance.accept(a_job(payload={"n": n}, lane="L")).job
