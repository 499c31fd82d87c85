from datetime import UTC, datetime, timedelta

import pytest

from keepsake.jobs.errors import KeyMalformed, KeyReused
from tests.factories import a_job


def succeed(engine, job):
    engine.claims.succeed(engine.claims.claim(job.lane, "w"), None)


def give_up(engine, job):
    claim = engine.claims.claim(job.lane, "w")
    engine.dead_letters.give_up(claim, {"kind": "permanent", "message": "no"})


def cancel(engine, job):
    engine.control.cancel("alice", job.id, by="alice")


def run(engine, job):
    engine.claims.claim(job.lane, "w")


def wait(engine, job):
    pass


@pytest.mark.parametrize("became", [wait, run, succeed, give_up, cancel])
def test_a_given_key_stands_for_its_job_whatever_became_of_it(engine, became):
    first = engine.acceptance.accept(a_job(key="k1"))
    became(engine, first.job)

    second = engine.acceptance.accept(a_job(key="k1"))

    assert (second.job.id, second.created) == (first.job.id, False)


@pytest.mark.parametrize(
    ("became", "joins"),
    [(wait, True), (run, True), (succeed, True), (give_up, False), (cancel, False)],
)
def test_a_derived_key_joins_what_runs_or_went_well(engine, became, joins):
    first = engine.acceptance.accept(a_job())
    became(engine, first.job)

    second = engine.acceptance.accept(a_job())

    assert (second.job.id == first.job.id) is joins


def test_a_given_key_with_another_payload_is_refused(engine):
    first = engine.acceptance.accept(a_job(key="k1"))

    with pytest.raises(KeyReused) as refused:
        engine.acceptance.accept(a_job(key="k1", payload={"user_query": "other"}))

    assert refused.value.job_id == first.job.id


@pytest.mark.parametrize(
    "other", [{"owner": "bob"}, {"type": "memory.scrape"}, {"payload": {"x": 1}}, {"force": True}]
)
def test_another_owner_type_or_payload_or_force_makes_another_job(engine, other):
    first = engine.acceptance.accept(a_job())

    assert engine.acceptance.accept(a_job(**other)).job.id != first.job.id


@pytest.mark.parametrize("became", [wait, run, succeed])
@pytest.mark.parametrize("key", ["k1", None])
def test_after_its_window_a_key_is_free(engine, became, key):
    first = engine.acceptance.accept(a_job(key=key))
    became(engine, first.job)
    engine.records.jobs.update_one(
        {"_id": first.job.id, "key_slot_until": {"$exists": True}},
        {"$set": {"key_slot_until": datetime.now(UTC) - timedelta(seconds=1)}},
    )

    second = engine.acceptance.accept(a_job(key=key))

    derived_and_active = key is None and became is not succeed
    assert (second.job.id == first.job.id) is derived_and_active


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256])
def test_a_malformed_key_is_refused(engine, key):
    with pytest.raises(KeyMalformed):
        engine.acceptance.accept(a_job(key=key))
