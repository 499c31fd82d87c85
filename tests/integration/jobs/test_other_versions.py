"""Records of another version, or damaged ones: they are left alone and hold up nobody else."""

from datetime import UTC, datetime

import pytest

from keepsake.jobs.claim_batch import ClaimBatch, ClaimRequest
from keepsake.jobs.errors import JobError
from keepsake.jobs.known import SCHEMA
from keepsake.jobs.relay import Relay
from keepsake.jobs.sweeper import Sweeper
from keepsake.memory.job_types import MEMORY_QUEUE
from keepsake.parts import RECORD_SCHEMAS
from keepsake.storage import FormerRecords, refuse_former
from keepsake.storage.mongo import Unreadable
from tests.factories import a_job, claimed

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
OTHERS = {
    "a type that is not known": {"$set": {"type": "memory.future"}},
    "a later schema": {"$set": {"schema": SCHEMA + 1}},
    "a schema that is no number": {"$set": {"schema": "two"}},
    "a state that is not known": {"$set": {"state": "scheduled"}},
}
DAMAGED = {
    "no owner": {"$unset": {"owner": ""}},
    "a lane that is a number": {"$set": {"lane": 7}},
    "a time that is text": {"$set": {"run_at": "soon"}},
    "no place in its lane": {"$unset": {"accepted": ""}},
    "no attempts": {"$set": {"attempts": None}},
    "a state_history that is a number": {"$set": {"state_history": 7}},
    "a token that is text": {"$set": {"token": "one"}},
    "no limits": {"$unset": {"limits": ""}},
    "a state that is a number": {"$set": {"state": 7}},
}
ALL = OTHERS | DAMAGED
each_of_all = pytest.mark.parametrize("change", ALL.values(), ids=ALL)
foreign = pytest.mark.parametrize(
    "change", [OTHERS[name] for name in list(OTHERS)[:3]], ids=list(OTHERS)[:3]
)


@pytest.fixture
def foreign_job(engine):
    """Accepts a job and makes it one that this version cannot run; gives its record."""

    def accept(change, **given):
        job = engine.acceptance.accept(a_job(force=True, **given)).job
        engine.records.jobs.update_one({"_id": job.id}, change)
        return engine.records.jobs.find_one({"_id": job.id})

    return accept


@pytest.fixture
def unchanged(engine):
    return lambda before: engine.records.jobs.find_one({"_id": before["_id"]}) == before


@each_of_all
def test_nobody_claims_it_nor_a_younger_job_of_its_lane(engine, foreign_job, unchanged, change):
    before = foreign_job(change, lane="L")
    engine.acceptance.accept(a_job(lane="L", payload={"n": 1}))

    assert engine.claims.claim("L", "w1") is None
    assert unchanged(before)


@each_of_all
def test_a_round_with_it_claims_for_all_others(engine, foreign_job, unchanged, change):
    before = foreign_job(change, lane="L")
    engine.acceptance.accept(a_job(lane="L", payload={"n": 1}))
    other = engine.acceptance.accept(a_job(lane="M", payload={"n": 2})).job

    claims = ClaimBatch(engine.records).claim(
        [ClaimRequest(lane, "w1", notify_next=False) for lane in "LM"]
    )

    assert claims[0] is None
    assert claims[1].job.id == other.id
    assert unchanged(before)


@foreign
def test_a_job_of_several_lanes_waits_behind_it_and_changes_only_its_own(
    engine, foreign_job, unchanged, change
):
    before = foreign_job(change, lane="L")
    ours = engine.acceptance.accept(a_job(lane="M", payload={"n": 1})).job
    multi_lane = engine.acceptance.accept(
        a_job(lane="L", further_lanes=("M",), payload={"n": 2})
    ).job

    assert engine.claims.claim_multi_lane(multi_lane.id, "w1") is None
    assert unchanged(before)
    assert engine.control.get("alice", ours.id).get("notify_next")


@foreign
def test_a_job_of_several_lanes_that_is_anothers_is_not_claimed(
    engine, foreign_job, unchanged, change
):
    before = foreign_job(change, lane="L", further_lanes=("M",))

    assert engine.claims.claim_multi_lane(before["_id"], "w1") is None
    assert unchanged(before)


@each_of_all
def test_the_relay_notifies_all_others(engine, foreign_job, unchanged, change, monkeypatch):
    left = [foreign_job(change, payload={"n": n}) for n in range(3)]
    ours = engine.acceptance.accept(a_job()).job
    engine.records.jobs.update_many({}, {"$set": {"notify_at": LONG_AGO}})
    left = [engine.records.jobs.find_one({"_id": record["_id"]}) for record in left]
    notified = []
    monkeypatch.setattr("keepsake.jobs.relay.BATCH", 2)  # fewer than are another version's

    def notify(job, *, overflow, settled):
        notified.append((job.id, overflow))
        settled(True)

    Relay(engine.records, notify, lambda _: 0).run_once()

    assert set(notified) == {(ours.id, False)}
    assert all(map(unchanged, left))


def test_a_notification_that_fails_for_one_job_is_left_for_later(engine):
    ids = [engine.acceptance.accept(a_job(payload={"n": n})).job.id for n in range(3)]
    engine.records.jobs.update_many({}, {"$set": {"notify_at": LONG_AGO}})
    notified = []

    def notify(job, *, overflow, settled):
        if job.id == ids[0]:
            raise TypeError("its trace is no text")
        notified.append(job.id)
        settled(True)

    Relay(engine.records, notify, lambda _: 0).run_once()

    assert set(notified) == set(ids[1:])
    assert engine.records.jobs.find_one({"_id": ids[0]})["notify_at"] > LONG_AGO


@each_of_all
def test_the_sweeper_takes_back_all_others(engine, unchanged, change):
    lost = [claimed(engine, payload={"n": n}).job.id for n in range(2)]
    engine.records.jobs.update_many({}, {"$set": {"lease_expires_at": LONG_AGO}})
    engine.records.jobs.update_one({"_id": lost[0]}, change)
    before = engine.records.jobs.find_one({"_id": lost[0]})

    swept = Sweeper(engine.records, engine.dead_letters).run_once()

    assert [job.id for job in swept] == [lost[1]]
    assert unchanged(before)


@pytest.mark.parametrize(
    "change",
    [{"$unset": {"worker": ""}}, {"$set": {"lost_acks": "often"}}, {"$set": {"worker": {"n": 1}}}],
)
def test_a_worker_or_a_count_that_cannot_be_read_holds_up_no_other(engine, database, change):
    lost = [claimed(engine, payload={"n": n}).job.id for n in range(2)]
    engine.records.jobs.update_many({}, {"$set": {"lease_expires_at": LONG_AGO}})
    engine.records.jobs.update_one({"_id": lost[0]}, change)
    database["workers"].insert_one({"_id": "w1", "heartbeat_at": "now"})

    swept = Sweeper(engine.records, engine.dead_letters).run_once()

    assert lost[1] in [job.id for job in swept]


@foreign
def test_what_is_past_its_deadline_is_given_up_by_its_own_version(
    engine, foreign_job, unchanged, change
):
    before = foreign_job(change)
    ours = engine.acceptance.accept(a_job(payload={"n": 1})).job
    engine.records.jobs.update_many({}, {"$set": {"deadline_at": LONG_AGO}})
    before["deadline_at"] = LONG_AGO

    swept = Sweeper(engine.records, engine.dead_letters).run_once()

    assert [job.id for job in swept] == [ours.id]
    assert unchanged(before)


@foreign
def test_owners_who_wait_behind_have_their_turns_beside_it(engine, foreign_job, change):
    for number in range(40):
        foreign_job(change, owner=f"foreign-{number:02}", in_overflow=True)
    ours = [
        engine.acceptance.accept(a_job(owner=owner, in_overflow=True, force=True)).job.id
        for owner in ("zoe", "zachary")
    ]
    queue = MEMORY_QUEUE.name
    claims = [engine.scheduler.next(queue) or engine.scheduler.any(queue, ())
              for _ in range(6)]  # fmt: skip

    assert {job.id for job in claims if job} == set(ours)


def test_a_heartbeat_goes_on_for_all_whatever_one_of_them_was_asked(engine):
    ours = [claimed(engine, payload={"n": n}) for n in range(2)]
    engine.records.jobs.update_one({"_id": ours[0].job.id}, {"$set": {"control": "stop"}})

    held = engine.leases.renew(ours)

    assert {lease.claim_id for lease in held} == {claim.claim_id for claim in ours}


@pytest.mark.parametrize("act", ["cancel", "pause", "resume", "retry"])
def test_its_owner_cannot_change_a_job_of_a_later_schema_by_this_version(
    engine, foreign_job, unchanged, act
):
    before = foreign_job(OTHERS["a later schema"])

    with pytest.raises((Unreadable, JobError)) as refused:
        getattr(engine.control, act)("alice", before["_id"], by="alice")

    assert refused.type is Unreadable
    assert unchanged(before)


@foreign
def test_a_dead_letter_of_another_version_is_not_replayed(engine, database, change):
    claim = claimed(engine)
    engine.dead_letters.give_up(claim, {"kind": "permanent", "message": "no"})
    database["dead_letters"].update_one({}, change)

    with pytest.raises(Unreadable):
        engine.replays.replay("alice", claim.job.id, by="alice")

    assert database["dead_letters"].find_one()["status"] == "open"
    assert engine.records.jobs.count_documents({}) == 1


def test_a_job_that_holds_a_key_and_cannot_be_read_fails_its_own_request_alone(engine):
    held = engine.acceptance.accept(a_job(key="k1")).job
    engine.records.jobs.update_one({"_id": held.id}, {"$unset": {"idempotency": ""}})

    outcomes = engine.acceptance.accept_all([a_job(key="k1"), a_job(key="k2")])

    assert isinstance(outcomes[0], Unreadable)
    assert outcomes[1].created


@foreign
def test_operators_see_how_many_wait_for_another_version(engine, foreign_job, change):
    foreign_job(change)
    engine.acceptance.accept(a_job(payload={"n": 1}))

    assert engine.overview.divergence().unknown == 1


@foreign
def test_relay_and_sweeper_skip_any_number_of_them(engine, foreign_job, change):
    from keepsake.jobs.relay import due
    from keepsake.jobs.sweeper import overdue

    before = foreign_job(change)
    many = [{**before, "_id": f"job_{n:06}", "open_lane": f"l{n}"} for n in range(2_000)]
    for record in many:
        record.pop("key_slot", None)
    engine.records.jobs.insert_many(many)
    engine.records.jobs.update_many({}, {"$set": {"notify_at": LONG_AGO, "deadline_at": LONG_AGO}})

    for which in (due(MEMORY_QUEUE.name), overdue()):
        ours = engine.records.jobs.find({**engine.records.known.whole, **which})
        ours = ours.sort("notify_at", 1) if "notify_at" in which else ours
        stats = ours.explain()["executionStats"]
        assert (stats["totalDocsExamined"], stats["totalKeysExamined"] < 50) == (0, True)


def test_every_new_record_says_its_schema(engine, database):
    claim = claimed(engine)
    engine.acceptance.accept_all([a_job(payload={"n": n}) for n in range(3)])
    engine.dead_letters.give_up(claim, {"kind": "permanent", "message": "no"})

    for name in ("jobs", "dead_letters"):
        assert database[name].distinct("schema") == [SCHEMA]


FORMER = [{"$unset": {"schema": ""}}, {"$set": {"schema": SCHEMA - 1}}]


@pytest.mark.parametrize("change", FORMER)
def test_jobs_of_a_former_schema_are_not_run(engine, change):
    job = engine.acceptance.accept(a_job()).job
    engine.records.jobs.update_one({"_id": job.id}, change)

    assert engine.claims.claim(job.lane, "w1") is None


@pytest.mark.parametrize("unsaid", [True, False])
@pytest.mark.parametrize("name", RECORD_SCHEMAS)
def test_a_database_that_begins_with_former_records_is_refused_at_start(database, name, unsaid):
    schema = RECORD_SCHEMAS[name]
    former = {"$unset": {"schema": ""}} if unsaid else {"$set": {"schema": schema - 1}}
    refuse_former(database, RECORD_SCHEMAS)
    database[name].insert_one({"_id": "old", "repository": "old", "schema": schema})
    refuse_former(database, RECORD_SCHEMAS)
    database[name].update_one({}, former)
    database[name].insert_one({"_id": "new", "repository": "new", "schema": schema})

    with pytest.raises(FormerRecords, match=f"{name} .*KEEPSAKE_MONGO_DATABASE"):
        refuse_former(database, RECORD_SCHEMAS)
