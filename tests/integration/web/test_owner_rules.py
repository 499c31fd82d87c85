"""An operator bounds an owner's running jobs, and sets their priority."""

import pytest

from keepsake.access.keys import Role

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
URL = "/v1/admin/owners/alice"


@pytest.fixture
def operator(clients):
    return clients("olga", role=Role.OPERATOR)


def test_a_rule_is_set_shown_lifted_and_written_down(operator, database):
    assert operator.get(URL).json()["max_running"] is None

    made = operator.put(URL, json={"max_running": 2, "priority": "bulk"}).json()

    assert (made["owner"], made["max_running"], made["priority"]) == ("alice", 2, "bulk")
    assert (made["by"], operator.get(URL).json()) == ("olga", made)
    lifted = operator.put(URL, json={}).json()
    assert (lifted["max_running"], lifted["priority"]) == (None, None)
    acts = [act["action"] for act in operator.get("/v1/admin/audit").json()["acts"]]
    assert acts.count("owner.set") == 2


def test_only_operators_see_and_set_it(clients, alice):
    observer = clients("oscar", role=Role.OPERATOR_READ_ONLY)

    assert [alice.get(URL).status_code, alice.put(URL, json={}).status_code] == [403, 403]
    assert [observer.get(URL).status_code, observer.put(URL, json={}).status_code] == [200, 403]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"max_running": 0}, "/max_running"),
        ({"max_running": 1_001}, "/max_running"),
        ({"max_running": True}, "/max_running"),
        ({"max_running": "2"}, "/max_running"),
        ({"priority": "urgent"}, "/priority"),
        ({"most": 1}, "/most"),
    ],
)
def test_what_is_no_rule_is_refused(operator, body, pointer):
    refused = operator.put(URL, json=body)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


def test_a_bounded_owners_jobs_run_few_at_a_time_and_all_end(
    operator, alice, worker, database, eventually
):
    operator.put(URL, json={"max_running": 1})
    for number in range(12):
        turn = {"user_query": f"I own {number} boats.", "user_id": f"u{number}"}
        assert alice.post("/v2/memory/ingest", json=turn).status_code == 202

    worker()
    done = {"state": "succeeded"}
    eventually(lambda: database["jobs"].count_documents(done) == 12, within=60)

    spans = sorted((job["started_at"], job["ended_at"]) for job in database["jobs"].find())
    assert [n for n in range(11) if spans[n + 1][0] < spans[n][1]] == []


def test_a_job_says_that_it_waits_for_its_owners_bound(operator, alice, engine):
    operator.put(URL, json={"max_running": 1})
    first, second = (
        alice.post("/v2/memory/ingest", json={"user_query": text, "user_id": text}).json()
        for text in ("one", "two")
    )
    engine.claims.claim(engine.records.jobs.find_one({"_id": first["job_id"]})["lane"], "w")

    waits = alice.get(f"{second['status_url']}/waits").json()["waits"]

    assert "owner-bound" in [wait["reason"] for wait in waits]
