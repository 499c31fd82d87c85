"""Nothing of another owner's exists: every route that names a thing, walked."""

import re
from typing import Any

import pytest

from tests.integration.web import routes

TURN = {"user_query": "I live in Lisbon.", "user_id": "u1"}
THINGS = ("job_id", "memory_id")
VARYING = {"x-request-id", "date", "ratelimit", "ratelimit-policy"}
BODIES: dict[str, Any] = {"PATCH": {"content": "I live in Lyon."}}
ROUTES = [
    (method, path)
    for method, path, _ in routes.ROUTES
    if any(f"{{{thing}}}" in path for thing in THINGS)
]
_KEPT = (".jobs", ".dead_letters", ".memories", ".ledger")
_UNASKED = {"getmore", "command"}
"""What runs beside requests: change streams, sessions."""


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
    foreign, unknown = (
        {f"{method} {path}": _answer(bob, method, path.format(**names)) for method, path in ROUTES}
        for names in things
    )

    assert len(foreign) > 15
    assert {route for route, answer in foreign.items() if answer[0] != 404} == set()
    assert foreign == unknown


def _answer(client, method: str, url: str) -> tuple[int, dict[str, str], Any]:
    params = {"user_id": "u1"} if "/memory/" in url else {}
    answer = client.request(method, url, json=BODIES.get(method), params=params)
    headers = {name: text for name, text in answer.headers.items() if name not in VARYING}
    return answer.status_code, headers, answer.json()


def test_both_cost_the_same_questions_to_mongodb(bob, things, database):
    asked = []
    for names in things:
        database.command("profile", 2)
        for method, path in ROUTES:
            _answer(bob, method, path.format(**names))
        database.command("profile", 0)
        rows = database["system.profile"].find().sort("ts", 1)
        asked.append([_shape(row) for row in rows if _is_asked(row)])
        database.drop_collection("system.profile")

    assert asked[0]
    assert asked[0] == asked[1]


def _is_asked(row: dict[str, Any]) -> bool:
    """Whether it was for the request itself: keys and rates are asked for now and then."""
    return row["op"] not in _UNASKED and row["ns"].endswith(_KEPT)


def _shape(row: dict[str, Any]) -> tuple[str, str, str]:
    """An operation without its values."""
    told = row["command"].get("filter") or row["command"].get("q") or {}
    return row["op"], row["ns"], re.sub(r"'[a-z_]+[0-9][0-9a-z_]+'", "ID", str(told))
