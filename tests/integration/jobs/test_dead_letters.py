import pytest

from keepsake.jobs.errors import DeadLetterClosed, JobNotFound
from keepsake.jobs.states import State
from tests.factories import claimed

ERROR = {"kind": "permanent", "message": "cannot"}


@pytest.fixture
def dead(engine):
    claim = claimed(engine, labels={"app": "x"}, lane="L")
    engine.dead_letters.give_up(claim, ERROR)
    return claim.job.id


def test_a_dead_letter_keeps_what_a_replay_needs(engine, dead):
    letter = engine.replays.get("alice", dead)

    assert letter["payload"] == {"user_query": "I live in Paris"}
    assert (letter["status"], letter["error"]["kind"], letter["failures"]) == (
        "open",
        "permanent",
        1,
    )
    assert letter["attempts"][0]["outcome"] == "failed"
    assert letter["expire_at"] > letter["died_at"]


def test_a_replay_is_a_new_job_and_both_know_each_other(engine, dead):
    job = engine.replays.replay("alice", dead, by="alice")

    old = engine.control.get("alice", dead)
    assert job.get("lineage") == {"replay_of": dead}
    assert old.get("lineage") == {"replayed_as": job.id}
    assert engine.replays.get("alice", dead)["status"] == "replayed"
    assert engine.claims.claim("L", "w").job.get("payload") == {"user_query": "I live in Paris"}


@pytest.mark.parametrize("first", ["replay", "discard"])
@pytest.mark.parametrize("second", ["replay", "discard"])
def test_a_closed_letter_stays_closed(engine, dead, first, second):
    getattr(engine.replays, first)("alice", dead, by="alice")

    with pytest.raises(DeadLetterClosed):
        getattr(engine.replays, second)("alice", dead, by="alice")


def test_what_is_discarded_loses_its_payload_and_is_still_erased_with_its_user(engine):
    claim = claimed(engine, payload={"user_query": "I live in Paris", "user_id": "u1"})
    engine.dead_letters.give_up(claim, {"kind": "permanent", "type": "x", "message": "m"})

    engine.replays.discard("alice", claim.job.id, by="alice")

    letter, record = engine.replays.get("alice", claim.job.id), engine.records.jobs.find_one()
    assert letter["payload"] == record["payload"] == {"user_id": "u1"}
    assert engine.erasing.erase_about("alice", "u1") == {"jobs": 1, "dead_letters": 1}
    assert set(engine.erasing.count_about("alice", "u1").values()) == {0}


@pytest.mark.parametrize("call", ["replay", "discard"])
def test_anothers_letter_does_not_exist(engine, dead, call):
    with pytest.raises(JobNotFound):
        getattr(engine.replays, call)("bob", dead, by="bob")

    assert engine.control.get("alice", dead).state is State.DEAD_LETTER
