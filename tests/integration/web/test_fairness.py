"""One owner's flood does not hold up another's jobs."""

import pytest

FLOOD = 60


def test_a_job_overtakes_another_owners_flood_that_was_accepted_before_it(
    clients, standing_worker, database, eventually
):
    alice, bob = clients("alice"), clients("bob")
    for number in range(FLOOD):
        turn = {"user_query": f"I have {number} cats.", "user_id": f"u{number}"}
        assert alice.post("/v2/memory/ingest", json=turn).status_code == 202
    assert bob.post("/v2/memory/ingest", json={"user_query": "I like tea."}).status_code == 202

    standing_worker()
    done = {"state": "succeeded"}
    eventually(lambda: database["jobs"].count_documents(done) == FLOOD + 1, within=90)

    (bobs,) = database["jobs"].find({"owner": "bob"})
    before = {"owner": "alice", "started_at": {"$lt": bobs["started_at"]}}
    assert database["jobs"].count_documents(before) <= FLOOD / 2


@pytest.mark.drill
def test_the_many_jobs_of_an_owner_take_turns_with_another_owners_flood(
    clients, standing_worker, database, eventually
):
    carol, dave = clients("carol"), clients("dave")
    for number in range(3 * FLOOD):
        turn = {"user_query": f"I have {number} cats.", "user_id": f"u{number}"}
        assert carol.post("/v2/memory/ingest", json=turn).status_code == 202
    for number in range(FLOOD // 2):
        turn = {"user_query": f"I have {number} dogs.", "user_id": f"u{number}"}
        assert dave.post("/v2/memory/ingest", json=turn).status_code == 202

    standing_worker()
    eventually(lambda: not database["jobs"].count_documents({"state": "pending"}), within=90)

    last = database["jobs"].find_one({"owner": "dave"}, sort=[("started_at", -1)])
    before = {"owner": "carol", "started_at": {"$lt": last["started_at"]}}
    assert database["jobs"].count_documents(before) <= FLOOD
