"""Nothing of another owner's exists: every route that names a thing, walked."""

import pytest

from tests.integration.web import routes
from tests.integration.web.scoping import answers, questions

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
THINGS = ("job_id", "memory_id")
ROUTES = [
    (method, path)
    for method, path, _ in routes.ROUTES
    if any(f"{{{thing}}}" in path for thing in THINGS)
    and not path.startswith(("/v1/admin", "/v2/webhooks"))  # which have tests of their own
]
KEPT = (".jobs", ".dead_letters", ".memories", ".ledger")


@pytest.fixture
def things(alice, dead):
    """What alice has, and ids of the same form that nobody has."""
    job = alice.post("/v2/memory/ingest", json=TURN).json()
    dead(job)
    alice.post("/v1/memory/ingest", json=TURN)
    memory = alice.get("/v2/memory/memories", params={"user_id": "u1"}).json()["memories"][0]
    foreign = {"job_id": job["job_id"], "memory_id": memory["id"]}
    return foreign, {name: _unknown(value) for name, value in foreign.items()}


def _unknown(known: str) -> str:
    return f"{known[:16]}0000{known[20:]}"


@pytest.fixture
def bob(clients):
    client = clients("bob")
    client.get("/v1/jobs")  # his key and his rate are known to the process from now on
    return client


def test_anothers_and_what_is_not_there_cannot_be_told_apart(bob, things):
    foreign, unknown = (answers(bob, ROUTES, names) for names in things)

    assert len(foreign) > 15
    assert {route for route, answer in foreign.items() if answer[0] != 404} == set()
    assert foreign == unknown


def test_both_cost_the_same_questions_to_mongodb(bob, things, database):
    asked = [questions(database, bob, ROUTES, names, KEPT) for names in things]

    assert asked[0]
    assert asked[0] == asked[1]
